/*
 * keeper - the store thread: takes what waits, decides, writes, commits once,
 * hands everything back.
 *
 *	loop                     store thread
 *	----                     ------------
 *	keeper_submit  --inbox-->  begin
 *	                             each answer: savepoint, past, decide,
 *	                             render, write, keep
 *	                             claims, settlements, errands
 *	                           commit (one sync for all)
 *	job->done  <--eventfd--    hand back, then move the tally
 *
 * The keeper owns the only writing connection, the tally, the compiled rules
 * and the renderers. A job is owned by the keeper from submit until its done()
 * is called on the loop thread.
 */
#ifndef NPSD_FLOW_KEEPER_H
#define NPSD_FLOW_KEEPER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/metrics.h"
#include "base/time.h"
#include "flow/job.h"
#include "flow/policy.h"
#include "store/store.h"

enum {
	/* Memory that waiting answers may hold; past it sources pause. */
	KEEPER_INBOX_BYTES = 8 * 1024 * 1024,
	KEEPER_COMMIT_RECORDS = 1000, /* most answers of one commit */
	/* Jobs after which the store thread is given what has gathered though
	 * the turn goes on: it begins on them while the loop reads the rest,
	 * and a disk that is slow gathers the rest by itself. */
	KEEPER_GATHER_JOBS = 8,
};

struct keeper;

struct keeper_settings {
	const struct store_settings *store;
	const struct clock *clock;
	struct metrics *metrics;
	struct policy *policy; /* lent until replaced */
	/* On the loop thread, after a batch of jobs came back: waiting alerts may
	 * be due; room may be free. */
	void (*on_turn)(void *context);
	/* On the loop thread, at the first job that waits for company:
	 * keeper_flush is to be called when the loop's turn is over, so that
	 * what a turn brings shares commits. NULL: each job goes at once. */
	void (*on_gather)(void *context);
	/* On the loop thread, from keeper_open: a long step of it gets on. */
	void (*on_progress)(void *context);
	/* The store is broken and the thread has stopped: the process must end. */
	void (*on_broken)(const char *reason, void *context);
	void *context;
};

/* Opens the store, brings back what this node held, loads the tally, compiles
 * the policy. No thread yet. */
struct keeper *keeper_open(
	const struct keeper_settings *settings, struct err *err) must_check;
/* Starts the store thread. Without it keeper_step does the work. */
bool keeper_start(struct keeper *keeper, struct err *err) must_check;
/* Works off what waits, stops the thread, hands the last jobs back; what is
 * submitted meanwhile or afterwards comes back undone. */
void keeper_stop(struct keeper *keeper);
void keeper_close(struct keeper *keeper);

/* Any thread. When something of a follow-up falls due next, as of the last
 * commit; INT64_MAX: nothing. */
int64_t keeper_next_due(const struct keeper *keeper);

/* Any thread. Silences in force. */
int keeper_silences(const struct keeper *keeper);
/* Any thread. How many were ended before their time, since the start: what
 * waited for them is due. */
int keeper_silences_cut(const struct keeper *keeper);

/* When the watches look next; INT64_MAX: never. Without a thread only. */
int64_t keeper_next_look_ms(const struct keeper *keeper);
/* Without a thread (tests, tools): does all that waits now, what failed before
 * once more, and hands it back before it returns. */
void keeper_step(struct keeper *keeper);

/* The loop's side: an fd to watch, and what to call when it is readable. */
int keeper_fd(const struct keeper *keeper);
void keeper_collect(struct keeper *keeper);

/* Loop thread. Always taken; weight is counted as long as it waits. Whoever can
 * wait asks keeper_is_full first. */
void keeper_submit(struct keeper *keeper, struct job *job, size_t weight);
/* Loop thread. Hands over what a turn of the loop has gathered. */
void keeper_flush(struct keeper *keeper);
size_t keeper_depth(const struct keeper *keeper);
/* True while KEEPER_INBOX_BYTES or more wait. */
bool keeper_is_full(const struct keeper *keeper);
/* True from a transaction that failed until the next one that writes succeeds
 * (any thread). */
bool keeper_is_failing(const struct keeper *keeper);
/* Jobs submitted and not yet handed back. */
size_t keeper_under_way(const struct keeper *keeper);
/* Any thread. Asks an idle store thread for a sign of life. */
void keeper_wake(struct keeper *keeper);
/* Monotonic time of the store thread's last sign of life (any thread): at each
 * job, record and long statement that gets on. */
int64_t keeper_alive_us(const struct keeper *keeper);
/* Takes back a backup under way; later ones fail at once. The daemon is about to
 * stop. */
void keeper_stop_backup(struct keeper *keeper);
/* As of the last round of the store thread (any thread). */
void keeper_watch_store(const struct keeper *keeper, struct store_watch *watch);
/* What tokens of links are signed with (any thread); LINK_KEY_BYTES, lent. */
const uint8_t *keeper_link_key(const struct keeper *keeper);
/* For the reader of a store that lives in memory: nothing else may use it. */
struct store_writer *keeper_store(const struct keeper *keeper);
/* Places kept of a source; before keeper_start only. */
bool keeper_each_place(struct keeper *keeper, const char *source,
	void (*on_place)(const char *key, const char *place, void *context),
	void *context, struct err *err) must_check;
/* How lanes stand; before keeper_start only. */
bool keeper_each_lane(struct keeper *keeper,
	void (*on_lane)(const struct lane_row *lane, void *context),
	void *context, struct err *err) must_check;

#endif
