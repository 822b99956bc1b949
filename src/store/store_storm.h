/*
 * store_storm - the verbs for storms: the windows that count alerts, and which
 * alerts were folded into which message; part of store.h's interface: the same
 * rules hold.
 *
 *	storm        (action, recipient) -> the window of late, its message
 *	delivery 17  cause "storm": the message
 *	delivery 16  FOLDED, into 17
 *	delivery 18  FOLDED, into 17
 */
#ifndef NPSD_STORE_STORE_STORM_H
#define NPSD_STORE_STORE_STORM_H

#include "nps/storm.h"
#include "store/store.h"

#define STORM_CAUSE "storm" /* of the delivery that tells of one */

/* The latest window of an action and a receiver. Texts are lent. */
struct storm_row {
	const char *action, *recipient;
	struct storm_window window;
	int64_t message; /* the delivery that tells of it; 0: none yet */
	/* Filled in by store_find_storm: the message was never claimed nor
	 * cancelled, so that more may be folded into it. */
	bool message_waits;
};

/* STORE_FOUND or STORE_NONE; all but action and recipient is filled in. */
enum store_found store_find_storm(struct store_writer *store,
	struct storm_row *storm, struct err *err) must_check;
/* Makes it, or puts it over the one before. */
bool store_put_storm(struct store_writer *store, const struct storm_row *storm,
	struct err *err) must_check;
/* Removes windows that ended before a time, at most `limit`; *removed says how
 * many. Their recipients may be personal. */
bool store_prune_storms(struct store_writer *store, int64_t before_ms,
	int limit, int *removed, struct err *err) must_check;

/* Into which message a delivery is folded, whatever was said before. */
bool store_put_folded(struct store_writer *store, int64_t delivery,
	int64_t message, struct err *err) must_check;
/* A pending delivery is due at that time, if it was to be sooner. */
bool store_put_off(struct store_writer *store, int64_t delivery, int64_t due_ms,
	struct err *err) must_check;
/* An alert that stands FOLDED in a message. */
struct folded_row {
	int64_t delivery, answer, created_ms;
	const char *rule;
};
/* At most n of a message with a row behind `after`, in the order of rows. */
bool store_each_folded(struct store_writer *store, int64_t message,
	int64_t after, int n,
	void (*on_folded)(const struct folded_row *folded, void *context),
	void *context, struct err *err) must_check;
/* How many stand FOLDED in a message. */
bool store_count_folded(struct store_writer *store, int64_t message,
	int64_t *count, struct err *err) must_check;
/* The message that a delivery was folded into; 0: it never was. */
bool store_message_of(struct store_writer *store, int64_t delivery,
	int64_t *message, struct err *err) must_check;

/* Reader: per action, how many stand folded in messages of the latest windows
 * that wait. Actions without any are not told. */
bool store_count_storms(struct store_reader *reader,
	void (*on_action)(const char *action, int64_t folded, void *context),
	void *context, struct err *err) must_check;

#endif
