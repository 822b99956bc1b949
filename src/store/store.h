/*
 * store - what must outlive the process: answers, deliveries, counts, places.
 *
 * A kind of store is one const struct of functions (struct store_kind); callers
 * use the verbs below. A store_writer belongs to the store thread and is the
 * only thing that writes; a store_reader belongs to the reader thread and sees
 * what was committed.
 *
 *	begin
 *	  savepoint  find_answer  put_answer  put_delivery ... keep   (or undo)
 *	  savepoint  ...                                       keep
 *	  put_place
 *	commit          <- durable on disk when it returns true
 *
 * Whoever has other work while the disk syncs says commit_ahead instead, and
 * another thread sync; what was committed ahead is seen by readers before it is
 * durable, so nothing that leaves the process may rest on it until then.
 *
 * A verb that returns false left a reason. After false from begin, commit or
 * any verb outside a savepoint, the transaction is to be rolled back;
 * store_is_broken then says whether the store can be used at all: a sync that
 * failed is never tried again (the process must end and start from the file).
 */
#ifndef NPSD_STORE_STORE_H
#define NPSD_STORE_STORE_H

#include <jansson.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "crypt/link_token.h"
#include "nps/decide.h"
#include "nps/figures.h"
#include "nps/response.h"
#include "nps/tally.h"

struct store_kind;

/* ---- rows: strings are lent by whoever fills the struct ---- */

/* An answer as it is kept. row is the arrival number: rising, never reused. */
struct answer_row {
	int64_t row;
	enum response_kind kind;
	const char *survey, *id;
	int64_t revision;
	const char *source;
	int score; /* -1 of an invitation */
	enum category category;
	int64_t answered_ms, arrived_ms;
	const char *customer, *account; /* keys or NULL */
	struct slots slots;
	const char *verdicts; /* JSON text, or NULL */
	const char *rules_hash;
	const char *content; /* NULL once forgotten */
	size_t content_length;
};

/* A record that was refused, or a conflict's second content. */
struct rejected_row {
	int64_t row;
	const char *source;
	const char *place; /* "responses.jsonl:17", "request" ... */
	enum rejection_reason reason;
	const char *pointer;
	int64_t offset; /* -1: not known */
	const char *text;
	int64_t arrived_ms;
	const char *bytes;   /* as they came, capped by the caller */
	size_t length;	     /* kept */
	int64_t full_length; /* as it came */
};

struct delivery_row {
	int64_t row;
	const char *id;	   /* UUID text; unique */
	const char *cause; /* "alert" ... */
	int64_t answer;	   /* its row, or 0 */
	const char *rule;
	const char *action;
	const char *recipient;
	enum delivery_state state;
	bool was_claimed; /* bytes may have left: its body is frozen */
	int64_t created_ms;
	int64_t due_ms;	      /* of pending and retrying */
	int64_t first_try_ms; /* where its give-up clock began; 0: not yet */
	int64_t settled_ms;   /* of delivered, dead, cancelled */
	int tries;
	int status;	    /* of the last try: HTTP or SMTP code, or 0 */
	const char *reason; /* of the last try that failed, or of its death */
	const char *body;   /* exactly what is sent; NULL: not rendered yet */
	size_t body_length;
	int64_t lease_ms; /* of claimed: until when */
	const char *node;
	/* Told by store_each_alert of one that ever was FOLDED: the message
	 * that told of it, and how that stands. While it is, was_claimed is the
	 * message's. 0: there is none, or it was purged. */
	int64_t message;
	enum delivery_state message_state;
};

/* How one try ended, and what is to become of the delivery. */
struct settlement {
	int64_t delivery;
	/* DELIVERED, DEAD, RETRYING; CANCELLED: nothing is left to send. */
	enum delivery_state state;
	bool counts_as_try;    /* false: given back unsent */
	int64_t at_ms, due_ms; /* due: of RETRYING */
	const char *outcome;   /* "delivered" "try_later" "give_up"
	                        * "endpoint_down" "unsent" */
	int status;
	const char *reason;
};

/* How an action's lane stands: what must outlive the process. */
struct lane_row {
	const char *action;
	int state;	    /* enum lane_state of flow/lane.h */
	int failures;	    /* in a row */
	int64_t since_ms;   /* in this state */
	int64_t pause_ms;   /* the last pause between probes */
	int64_t until_ms;   /* the next probe; 0: none */
	const char *reason; /* or NULL */
	int64_t paused_ms;  /* when a person paused it; 0: it is not paused */
	const char *paused_by, *paused_why; /* or NULL */
	int64_t failing_ms; /* since when it has been failing; 0: it is not */
	int64_t told_ms;    /* when on_failure was told of that; 0: not yet */
};

/* How a watch stands for one slot (struct watch_stand). watch "": answers of the
 * past were brought into the slot (seen_ms); slot 0: the watch as a whole. */
struct watch_row {
	const char *watch;
	int64_t slot;
	int64_t since_ms, alarm_ms;
	bool quiet;
	double level;
	int64_t seen_ms; /* of a source that is watched: its last answer */
};

/* Which deliveries a person means; what is 0 or NULL does not matter. */
struct delivery_choice {
	unsigned states; /* 1 << DELIVERY_...: any of these */
	const char *action, *rule;
	const char *reason; /* a part of it */
	int status;
	int64_t answer;
	int64_t storm;	  /* folded into that delivery */
	int64_t since_ms; /* created */
};

/* ---- the writer ---- */

struct store_writer;

struct store_settings {
	const char *where; /* "sqlite:PATH" or "memory:" */
	const char *node;  /* this node's name */
	/* Of a reader of "memory:": the open writer that it reads beside, and is
	 * closed before. Else not looked at. */
	struct store_writer *writer;
	/* Called now and then while a long statement gets on, by the thread that
	 * asked for it; NULL: nobody wants to know. */
	void (*on_progress)(void *context);
	void *context;
	/* Past this size of the WAL nothing is written until its readers let
	 * go; 0: STORE_WAL_LIMIT_BYTES. */
	int64_t wal_limit_bytes;
};
/* A WAL that a foreign reader keeps from being moved grows up to here; past
 * STORE_WAL_LONG_BYTES something is wrong. */
#define STORE_WAL_LIMIT_BYTES (INT64_C(1024) * 1024 * 1024)
#define STORE_WAL_LONG_BYTES (INT64_C(64) * 1024 * 1024)

/* Opens and, if it is new, makes it; brings an older schema up to date, one
 * transaction a version. Refuses a newer one, a damaged or foreign file, one
 * that lacks commits, and a second writer. */
struct store_writer *store_open(
	const struct store_settings *settings, struct err *err) must_check;
void store_close(struct store_writer *store);
bool store_is_broken(const struct store_writer *store);

bool store_begin(struct store_writer *store, struct err *err) must_check;
/* The commit writes whatever was done: that it succeeds proves that it can. */
void store_touch(struct store_writer *store);
bool store_commit(struct store_writer *store, struct err *err) must_check;
/* Commits, but durable is it once a store_sync that began after this returned
 * true has returned true, or the next store_commit. Not before the last
 * store_sync has returned. */
bool store_commit_ahead(struct store_writer *store, struct err *err) must_check;
/* Any one thread, while the store thread is at the next transaction; not beside
 * store_commit. After false the store is broken. */
bool store_sync(struct store_writer *store, struct err *err) must_check;
void store_rollback(struct store_writer *store);
/* One level of savepoint inside the transaction. After an error that took the
 * whole transaction back (a full disk) it fails, as does all that writes. */
bool store_savepoint(struct store_writer *store, struct err *err) must_check;
bool store_keep(struct store_writer *store, struct err *err) must_check;
void store_undo(struct store_writer *store);

/* Answers. on_found-style verbs lend what they pass for the call only. */
enum store_found { STORE_ERROR, STORE_NONE, STORE_FOUND, STORE_FORGOTTEN };
/* The newest revision kept of an identity. */
enum store_found store_find_answer(struct store_writer *store,
	enum response_kind kind, const char *survey, const char *id,
	void (*on_found)(const struct answer_row *answer, void *context),
	void *context, struct err *err) must_check;
/* The newest revision of the answer in a row; on_found is not called where it
 * is forgotten. */
enum store_found store_get_answer(struct store_writer *store, int64_t row,
	void (*on_found)(const struct answer_row *answer, void *context),
	void *context, struct err *err) must_check;
/* When the first revision of the answer in a row arrived. */
bool store_first_arrival(struct store_writer *store, int64_t row,
	int64_t *arrived_ms, struct err *err) must_check;
/* The customer's newest answer to the survey with answered_ms before
 * `before_ms` (or equal to it in an earlier row), other than row `except`. */
enum store_found store_find_previous(struct store_writer *store,
	const char *survey, const char *customer, int64_t before_ms,
	int64_t except, struct previous *previous, struct err *err) must_check;
/* row is filled in. */
bool store_put_answer(struct store_writer *store, struct answer_row *answer,
	struct err *err) must_check;
/* Puts the new revision into `answer->row`; what stood there moves to the
 * answer's history. */
bool store_amend_answer(struct store_writer *store,
	const struct answer_row *answer, struct err *err) must_check;
bool store_put_rejected(struct store_writer *store,
	struct rejected_row *rejected, struct err *err) must_check;

/* What changes in one bucket of one slot. */
struct count_change {
	enum bucket_width width;
	int64_t bucket;
	int64_t slot;
	struct counts delta;
};

/* Counts. */
bool store_put_slot(struct store_writer *store, int64_t id, const char *survey,
	const char *segment, const char *value, struct err *err) must_check;
bool store_each_slot(struct store_writer *store,
	void (*on_slot)(int64_t id, const char *survey, const char *segment,
		const char *value, void *context),
	void *context, struct err *err) must_check;
/* Quickest in the order of width, bucket, slot. */
bool store_add_counts(struct store_writer *store,
	const struct count_change *changes, size_t count,
	struct err *err) must_check;
bool store_sum_buckets(struct store_writer *store, enum bucket_width width,
	int64_t after, int64_t upto,
	void (*on_sum)(
		int64_t slot, const struct counts *counts, void *context),
	void *context, struct err *err) must_check;
/* Removes minute buckets with a number below `before`, at most `limit` rows;
 * *removed says how many. */
bool store_prune_buckets(struct store_writer *store, enum bucket_width width,
	int64_t before, int limit, int *removed, struct err *err) must_check;

/* Where a source stands: opaque bytes under (source, key). NULL bytes remove
 * it. */
bool store_put_place(struct store_writer *store, const char *source,
	const char *key, const char *place, struct err *err) must_check;
bool store_each_place(struct store_writer *store, const char *source,
	void (*on_place)(const char *key, const char *place, void *context),
	void *context, struct err *err) must_check;

/* Deliveries. */
/* The alerts (cause "alert") of an answer, as they were put; all but the body
 * is filled. */
bool store_each_alert(struct store_writer *store, int64_t answer,
	void (*on_alert)(const struct delivery_row *delivery, void *context),
	void *context, struct err *err) must_check;
/* row is filled in. A delivery whose id exists is left as it is: row 0. One put
 * as CLAIMED (body, lease_ms and node set) need not be claimed again. */
bool store_put_delivery(struct store_writer *store,
	struct delivery_row *delivery, struct err *err) must_check;
/* Of one never claimed: new rule, body, state PENDING and due_ms (PLAN_RENDER,
 * PLAN_REVIVE), or FOLDED, or state CANCELLED with a reason and settled_ms (its
 * body goes). False if it was claimed, or is neither pending, folded nor
 * cancelled. */
bool store_change_delivery(struct store_writer *store,
	const struct delivery_row *delivery, struct err *err) must_check;
/*
 * Claims at most n deliveries of an action that are due, oldest due first, for
 * `node` until now + lease_ms: PENDING and RETRYING with due_ms <= now, and
 * CLAIMED ones whose lease is over. Each is passed as it stood until then, with
 * its body, which may be NULL: then store_set_body must follow before the commit (it may be called
 * from on_claimed). *next_due_ms gets the time of the next one that is not due
 * yet, the end of another node's lease included, or INT64_MAX.
 */
bool store_claim(struct store_writer *store, const char *node, int64_t lease_ms,
	const char *action, int64_t now_ms, int n,
	void (*on_claimed)(const struct delivery_row *delivery, void *context),
	void *context, int64_t *next_due_ms, struct err *err) must_check;
/* Of one that has no body yet; false where it has: one id, one body. */
bool store_set_body(struct store_writer *store, int64_t delivery,
	const char *body, size_t length, struct err *err) must_check;
/* Prolongs what the node holds of an action. */
bool store_renew(struct store_writer *store, const char *node,
	const char *action, int64_t until_ms, struct err *err) must_check;
/* What the node held when it ended: due at once again (start of the daemon). */
bool store_reclaim(struct store_writer *store, const char *node, int64_t now_ms,
	struct err *err) must_check;
/* Only a CLAIMED delivery is settled; the try is kept in its history (but for
 * outcome "unsent"). *held false: it was not claimed any more, nothing
 * changed. */
bool store_settle(struct store_writer *store,
	const struct settlement *settlement, bool *held,
	struct err *err) must_check;
/* A dead, cancelled or folded delivery is due now again, with a fresh give-up clock:
 * RETRYING with its frozen body, or, where it was never claimed, PENDING
 * without one, to be rendered by the claim. *changed false: there is none
 * such. */
bool store_retry(struct store_writer *store, int64_t delivery, int64_t now_ms,
	bool *changed, struct err *err) must_check;
/* The earliest due_ms of an action's PENDING and RETRYING deliveries,
 * INT64_MAX: none. */
bool store_next_due(struct store_writer *store, const char *action,
	int64_t *due_ms, struct err *err) must_check;

/* Deliveries by the many. Looks at a span of rows behind *row (0: from the
 * first), but not beyond `upto` (0: to the last); *row then is the last one
 * looked at, and *more false at the end. Fills rows, room for
 * STORE_SPAN_ROWS, in rising order. */
enum { STORE_SPAN_ROWS = 2000 };
bool store_choose_deliveries(struct store_writer *store,
	const struct delivery_choice *choice, int64_t upto, int64_t *row,
	int64_t *rows, int *count, bool *more, struct err *err) must_check;
/* Cancels one that is pending or retrying, by a person's will: no amendment
 * revives it, store_retry does. *changed false: there is none such. */
bool store_cancel(struct store_writer *store, int64_t delivery, int64_t now_ms,
	const char *reason, bool *changed, struct err *err) must_check;
/* How many of an action wait (pending, claimed, retrying) and are dead. */
bool store_count_deliveries(struct store_writer *store, const char *action,
	int64_t *waiting, int64_t *dead, struct err *err) must_check;
/* The wall clock was set by so much: due times, leases and give-up clocks of
 * what waits move with it, so that pauses keep their length. */
bool store_shift_due(
	struct store_writer *store, int64_t by_ms, struct err *err) must_check;
/* What an action tries again by `upto_ms` (RETRYING) is due now. */
bool store_hasten(struct store_writer *store, const char *action,
	int64_t upto_ms, int64_t now_ms, struct err *err) must_check;
/* Removes settled deliveries that belong to no answer (drills, notices). */
bool store_purge_deliveries(struct store_writer *store, int64_t before_ms,
	int limit, int *removed, struct err *err) must_check;

/* Lanes: put makes the action's row or replaces it. */
bool store_put_lane(struct store_writer *store, const struct lane_row *lane,
	struct err *err) must_check;
bool store_each_lane(struct store_writer *store,
	void (*on_lane)(const struct lane_row *lane, void *context),
	void *context, struct err *err) must_check;

/* The key of the tokens in links (crypt/link_token.h): drawn at the first call
 * in a store's life, the same ever after, in backups too. Inside a
 * transaction. */
bool store_link_key(struct store_writer *store, uint8_t key[LINK_KEY_BYTES],
	struct err *err) must_check;

/* Watches: put makes the row of (watch, slot) or replaces it; with all zero
 * behind these it removes it. */
bool store_put_watch(struct store_writer *store, const struct watch_row *row,
	struct err *err) must_check;
/* By watch and slot. */
bool store_each_watch(struct store_writer *store,
	void (*on_watch)(const struct watch_row *row, void *context),
	void *context, struct err *err) must_check;

/* Forgets answers that arrived before `before_ms` and have no delivery
 * waiting (pending, claimed or retrying) and no unfinished follow-up: id,
 * content, keys, history, deliveries and the follow-ups they opened go; a keyed hash of the identity stays, so that a resent answer is
 * STORE_FORGOTTEN. Buckets stay, and so does a bare row (survey, score,
 * category, times, slots), for store_recount. At most `limit` rows. */
bool store_purge_answers(struct store_writer *store, int64_t before_ms,
	int limit, int *removed, struct err *err) must_check;
bool store_purge_rejected(struct store_writer *store, int64_t before_ms,
	int limit, int *removed, struct err *err) must_check;
/* Between transactions: moves the WAL into the file as far as readers allow;
 * truncate also empties it, and fails if a reader does not let go. The writer
 * does the first by itself from time to time. */
bool store_checkpoint(
	struct store_writer *store, bool truncate, struct err *err) must_check;

/* What upper floors watch; costs nothing. */
struct store_watch {
	int64_t wal_bytes; /* in use */
	int64_t foreign;   /* times another program wrote or checkpointed */
};
void store_watch(const struct store_writer *store, struct store_watch *watch);

/* ---- backup and restore ---- */

/* What a database holds, and up to which commit. */
struct store_books {
	int64_t change;
	int64_t answers, deliveries, rejected;
	int64_t bytes;
};

/*
 * A copy of the store into a file of its own, while the store is at work: a few
 * pages at a time between transactions, which go along. It holds no snapshot,
 * so the WAL moves on as ever.
 */
struct store_backup;
/* Store thread. path: absolute; something there is replaced only if it is an
 * older backup and replace says so. */
struct store_backup *store_backup_start(struct store_writer *store,
	const char *path, bool replace, int64_t now_ms,
	struct err *err) must_check;
/* Store thread, between transactions. *left 0: all is copied. */
bool store_backup_copy(struct store_backup *backup, int pages, int64_t *left,
	int64_t *total, struct err *err) must_check;
/* Any one thread, when all is copied: marks the copy as a backup, compares its
 * tables, indexes and numbers, syncs it, puts it in its place. Takes seconds;
 * gives up soon after *stop is true. */
bool store_backup_end(struct store_backup *backup, const atomic_bool *stop,
	struct store_books *books, struct err *err) must_check;
/* Removes what is not finished. Until all is copied: store thread. */
void store_backup_free(struct store_backup *backup);

struct store_restored {
	struct store_books books;
	int64_t made_ms; /* of a backup: when; else 0 */
	char *aside;	 /* where the store from before lies now; or NULL */
};
/* While no daemon runs: makes `from` (a backup, or a copy of a store) the
 * store; what was there before is moved aside. Where `from` is the store's own
 * file it is checked and accepted as it is. restored->aside is the caller's to
 * free, also after false. */
bool store_restore(const struct store_settings *settings, const char *from,
	struct store_restored *restored, struct err *err) must_check;

/* ---- the reader ---- */

struct store_reader;
struct store_reader *store_reader_open(
	const struct store_settings *settings, struct err *err) must_check;
void store_reader_close(struct store_reader *reader);
/* True once reading has found damage: what it tells may lack something. */
bool store_reader_is_broken(const struct store_reader *reader);

enum store_list {
	STORE_RESPONSES,
	STORE_DELIVERIES,
	STORE_REJECTED,
	STORE_FOLLOW_UPS,
	STORE_SILENCES, /* see store_silences.h */
	STORE_ERASURES, /* see store_erasures.h */
};
struct store_filter {
	const char *survey, *id, *source, *action, *rule, *reason; /* or NULL */
	const char *owner; /* of follow-ups; or NULL */
	/* Follow-ups that were overdue at that time; 0: any. */
	int64_t overdue_ms;
	int category;	    /* -1: any */
	int state;	    /* -1: any */
	int64_t storm;	    /* deliveries folded into that one; 0: any */
	int64_t since_ms;   /* 0: from the start */
	int64_t row;	    /* 0: any; else this one only */
	int64_t before_row; /* 0: newest first from the end; the cursor */
	int limit;
};
enum { STORE_LIST_LIMIT = 1000 };
/* Rows as JSON objects, newest first, with names as the API shows them; *next
 * is the cursor for the following page, or 0. A page may be shorter than asked
 * (even empty) and still have a next one: looking ends after about a second.
 * since_ms: arrived, of deliveries created, of follow-ups opened, of silences
 * begun. Deliveries
 * come without body but with "body_bytes"; one asked by row has "body" and
 * "attempts", a follow-up asked by row "events". `reason` is that of rejected
 * records and of closed follow-ups, `state` of deliveries and follow-ups; of
 * silences 0 is one whose end is not noted, 1 one that ended. */
json_t *store_list_rows(struct store_reader *reader, enum store_list list,
	const struct store_filter *filter, int64_t *next,
	struct err *err) must_check;
/* All that explains one answer: its row with verdicts, earlier revisions,
 * deliveries with their attempts. NULL with an empty err->text: no such row. */
json_t *store_explain(
	struct store_reader *reader, int64_t row, struct err *err) must_check;
/* An answer of a customer who is known by a key. */
struct customer_answer {
	int64_t row, answered_ms;
	const char *survey, *customer;
	enum category category;
};
/* Those in a span of rows below *row (0: from the newest), newest first; *row then is the lowest that was looked at, and *more false at the end.
 * Forgotten answers have no customer. */
enum { STORE_CUSTOMERS_SPAN_ROWS = 20000 };
bool store_each_customer_answer(struct store_reader *reader, int64_t *row,
	bool *more,
	void (*on_answer)(const struct customer_answer *answer, void *context),
	void *context, struct err *err) must_check;
/* What was counted in buckets with numbers in (after, upto], by slot, in the
 * order of slots' ids. */
bool store_read_counts(struct store_reader *reader, enum bucket_width width,
	int64_t after, int64_t upto,
	void (*on_count)(const char *survey, const char *segment,
		const char *value, const struct counts *counts, void *context),
	void *context, struct err *err) must_check;
/* Row of an identity (an answer's before an invitation's; the newest of any
 * survey where survey is NULL), 0: none, -1: error. */
int64_t store_row_of(struct store_reader *reader, const char *survey,
	const char *id, struct err *err);
/* Per action: how many wait (pending, claimed, retrying), are dead, and since
 * when the oldest waits (created_ms; 0 where none does). */
bool store_backlog(struct store_reader *reader,
	void (*on_action)(const char *action, int64_t waiting, int64_t dead,
		int64_t oldest_ms, void *context),
	void *context, struct err *err) must_check;
/* Recounts answers and invitations from the rows, forgotten ones included, by
 * survey, with
 * answered buckets in (after, upto]: for proofs that the counts are right. */
bool store_recount(struct store_reader *reader, enum bucket_width width,
	int64_t after, int64_t upto,
	void (*on_survey)(
		const char *survey, const struct counts *counts, void *context),
	void *context, struct err *err) must_check;

#endif
