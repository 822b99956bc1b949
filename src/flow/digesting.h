/*
 * digesting - digests on their way: when one falls due, what it tells is read,
 * put into words and into the queue. Loop thread.
 *
 *	tick    due?  --errand-->  sent for that time already?    (store thread)
 *	              --reader-->  figures, comments, follow-ups  (reader thread)
 *	        words, letters     (loop)
 *	              --job----->  letters and "sent" in one      (store thread)
 *	                           transaction
 *
 * What fell due while nothing ran is sent once, late; of several only the last.
 */
#ifndef NPSD_FLOW_DIGESTING_H
#define NPSD_FLOW_DIGESTING_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/metrics.h"
#include "base/time.h"
#include "conf/language.h"
#include "flow/keeper.h"
#include "flow/reader.h"
#include "nps/digest_plan.h"

enum {
	DIGEST_LATE_MS = 5 * 60 * 1000, /* after which it says that it is */
	DIGEST_RETRY_MS = 60 * 1000,	/* where it could not be made */
	/* Looked at least so often, as wall clocks are set. */
	DIGEST_LOOK_MS = 5 * 60 * 1000,
	DIGEST_MISSED_LIMIT = 1000, /* counted */
};

struct digesting_settings {
	struct keeper *keeper;
	struct reader *reader;
	const struct clock *clock;
	struct metrics *metrics;
	/* digesting_tick is to be called after so long, again or for the first
	 * time. */
	void (*wake_in)(int64_t delay_ms, void *context);
	void *context;
};

/* What is configured; lent until it is replaced. */
struct digest_plans {
	const struct digest_plan *const *items;
	size_t count;
	const struct languages *languages;
};

struct digesting;
struct digesting *digesting_new(const struct digesting_settings *settings);
/* Nothing may be under way: the reader and the keeper have stopped. */
void digesting_free(struct digesting *digesting);
void digesting_set(
	struct digesting *digesting, const struct digest_plans *plans);
void digesting_tick(struct digesting *digesting);
/* Nothing further is begun. */
void digesting_stop(struct digesting *digesting);

/* {"name","every","timezone","language","to","next_at"} of each. New. */
json_t *digesting_list(const struct digesting *digesting);
/* letters: [{"value","to","subject","text","html","digest"}], lent; NULL: err
 * says why there are none. */
typedef void (*digest_made_fn)(
	json_t *letters, const struct err *err, void *context);
/* Makes the one that would be due now, of the period before its last time, and,
 * if told so, puts it into the queue as an extra one. False: there is none of
 * that name, or it cannot be made now (err); on_made is not called. */
bool digesting_make(struct digesting *digesting, const char *name, bool send,
	digest_made_fn on_made, void *context, bool *unknown,
	struct err *err) must_check;

#endif
