/*
 * keeper_private - what the files of the keeper share: keeper.c (its life, the
 * loop's side), keeper_round.c (the thread: what waits, backups, old rows),
 * keeper_transact.c (one transaction and its ends), keeper_sync.c (the sync of
 * what was committed ahead), keeper_chain.c (batches that follow one another),
 * keeper_own.c (transactions that no job asks for), keeper_policy.c (what is
 * compiled for the store thread).
 */
#ifndef NPSD_FLOW_KEEPER_PRIVATE_H
#define NPSD_FLOW_KEEPER_PRIVATE_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/inbox.h"
#include "base/log.h"
#include "base/wall_jump.h"
#include "flow/backup.h"
#include "flow/keep.h"
#include "flow/keeper.h"
#include "flow/watching.h"

/* What was committed and is to be synced. */
struct sync_round {
	struct inbox_item item;	 /* first */
	struct inbox_item *jobs; /* to hand back then */
	int64_t began_us;	 /* their transaction */
	bool good;
	struct err err;
};

struct keeper {
	struct inbox *in;	      /* to the store thread */
	struct inbox *out;	      /* back to the loop */
	struct inbox *ahead, *synced; /* to the sync thread and back */
	pthread_t thread, sync_thread;
	bool threaded;
	atomic_bool sync_ends;
	atomic_llong sync_since_us; /* of the sync under way, or 0 */
	atomic_bool stopping;
	struct pulse pulse;
	atomic_bool broken;  /* the store cannot be used any more */
	atomic_bool failing; /* the last transaction that writes failed */
	atomic_bool stop_backup;
	atomic_llong wal_bytes, foreign; /* store_watch */
	atomic_llong next_due_ms;	 /* of follow-ups */
	atomic_int silences;		 /* in force */
	atomic_int silences_cut;	 /* ended before their time, ever */
	struct job nudge; /* makes the loop look for deliveries */
	atomic_bool nudged;
	struct job alarm; /* tells the loop of broken where no job does */

	/* the store thread's */
	struct keeping keeping;
	struct policy *policy;
	bool follows; /* some rule of it opens follow-ups */
	struct store_writer *store;
	struct sync_round round; /* the sync thread's while runs_ahead */
	bool runs_ahead;
	struct inbox_item *deferred; /* settlements of a failed commit */
	json_t *cut;	     /* places whose last batch was not kept -> true */
	int64_t maintain_ms; /* when next */
	int64_t cooling_us;  /* not before: it failed */
	struct wall_jump jump;
	struct wall_hold hold;
	int64_t shift_ms;	   /* by which due times have yet to be moved */
	struct backup_job *backup; /* being copied, or NULL */
	bool wal_told;		   /* that it is long */
	struct log_limit failure_limit, silences_limit, erasing_limit;
	struct erasing *erasing;

	/* the loop's */
	size_t under_way;
	struct backup_job *comparing; /* submitted and not back, or NULL */
	struct inbox_item *gathered, **gathered_end; /* of this turn */
	size_t gathered_weight, gathered_jobs;
	struct keeper_settings settings;
	struct metric *commit_seconds, *commit_batch;
	struct metric_family *rule_matches, *rule_errors, *rule_silenced,
		*folded;
	struct metric *silences_gauge, *erasing_gauge;
	struct watching_metrics watches;
};

static inline struct job *
job_of(struct inbox_item *item)
{
	return (struct job *)item;
}

/* keeper_policy.c */
/* Compiles it for this thread and works by it from now on. False: by the old
 * one. */
bool keeper_use_policy(struct keeper *keeper, struct policy *policy,
	struct err *err) must_check;
void keeper_run_policy(struct keeper *keeper, struct policy_job *job);
/* Frees what was compiled. */
void keeper_drop_policy(struct keeper *keeper);

/* keeper_chain.c */
/* Hands back those that lie behind a batch that was not kept; the others are
 * left. */
struct inbox_item *keeper_without_cut_off(
	struct keeper *keeper, struct inbox_item *list);
/* They are not kept: takes back what they counted on, and cuts off what lies
 * behind them. */
void keeper_fail_jobs(
	struct keeper *keeper, struct inbox_item *list, const struct err *err);

/* keeper_transact.c */
/* The tally's windows move on to now. */
void keeper_advance(struct keeper *keeper);
/* Notes by how much the wall clock was set; before a transaction. */
void keeper_look_at_clock(struct keeper *keeper);
/* Inside a transaction: what waits keeps its distance in time. */
bool keeper_follow_clock(struct keeper *keeper, struct err *err) must_check;
/* Does the jobs in one transaction, and hands them back. */
void keeper_transact(struct keeper *keeper, struct inbox_item *list);
/* After a commit: what it counted is told, and counts. */
void keeper_succeeded(struct keeper *keeper, size_t records);
void keeper_tell_born_dead(struct keeper *keeper);
/* What a transaction counted that did not happen. */
void keeper_forget_counts(struct keeper *keeper);

/* keeper_sync.c */
bool keeper_sync_open(struct keeper *keeper, struct err *err) must_check;
void keeper_sync_close(struct keeper *keeper);
bool keeper_sync_start(struct keeper *keeper, struct err *err) must_check;
/* Nothing is under way. */
void keeper_sync_stop(struct keeper *keeper);
/* Any thread: a transaction has ended, and is durable. */
void keeper_observe_commit(struct keeper *keeper, int64_t began_us);
/* The store thread. What was committed ahead is durable, or the store broken. */
bool keeper_await_sync(struct keeper *keeper, struct err *err) must_check;
/* Notices, without waiting, that a sync failed. */
void keeper_look_after_sync(struct keeper *keeper);
/* Behind all that was committed ahead. */
bool keeper_commit(struct keeper *keeper, struct err *err) must_check;
/* *ahead: the jobs are to be given to keeper_hand_ahead, which hands them back
 * once they are durable; else they are so now. */
bool keeper_commit_jobs(
	struct keeper *keeper, bool *ahead, struct err *err) must_check;
void keeper_hand_ahead(
	struct keeper *keeper, struct inbox_item *list, int64_t began_us);

/* keeper_erase.c */
struct erasing_job;
void keeper_run_erase(struct keeper *keeper, struct erasing_job *job);
/* A slice of an erasure, if it is time. */
void keeper_erase(struct keeper *keeper);
/* How long the thread may sleep for its sake. */
int keeper_erase_wait_ms(const struct keeper *keeper, int longest_ms);
/* Dry ones come back undone. */
void keeper_drop_erasing(struct keeper *keeper);

/* How many are in force is told to whoever asks. */
void keeper_tell_silences(struct keeper *keeper);

/* keeper_own.c */
/* Deliveries may be due: the loop is to look, once. */
void keeper_nudge(struct keeper *keeper);
/* After a rollback: where the store is broken, the loop is told, if no job that
 * is handed back tells it. */
void keeper_note_broken(struct keeper *keeper, const struct err *err);
/* Ends silences whose time is over. */
void keeper_end_silences(struct keeper *keeper);
/* A slice of the cooldowns that are yet to end. */
void keeper_go_on_cooling(struct keeper *keeper);
/* The looks of watches, where they are due. */
void keeper_look(struct keeper *keeper);

/* keeper_round.c */
/* All that waits, with what failed before. */
void keeper_work(struct keeper *keeper, struct inbox_item *list);
/* A slice of the backup under way, if there is one and it is time. */
void keeper_step_backup(struct keeper *keeper);
/* A slice of what grows old, if it is time. */
void keeper_maintain(struct keeper *keeper);
/* The thread, until the keeper is stopping and nothing is left. */
void *keeper_thread(void *keeper);

#endif
