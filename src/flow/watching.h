/*
 * watching - looks at the counts for the watches, on the store thread.
 *
 * A look is a transaction of its own, at whole multiples of a watch's step
 * (an hour for 7d), by the wall clock: never per answer. It reads the sums that
 * stand in the tally, judges each slot (nps/watch.h), writes how it stands and
 * puts the deliveries that tell of it, so that a restart neither repeats nor
 * forgets an alarm.
 *
 * Answers of the past that were brought in leave a mark on their slots: what the
 * next look of each watch sees there holds, and is not told.
 */
#ifndef NPSD_FLOW_WATCHING_H
#define NPSD_FLOW_WATCHING_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/metrics.h"
#include "flow/keep.h"
#include "nps/watches.h"

#define WATCH_CAUSE "watch"

struct watching;

/* Reads how they stand. `before` (or NULL) is what a reload replaces. */
struct watching *watching_open(const struct watches *watches,
	const struct tally *tally, struct store_writer *store, int64_t now_ms,
	const struct watching *before, struct err *err) must_check;
void watching_free(struct watching *watching);

/* An answer was kept: in its transaction. */
bool watching_note(struct keeping *keeping, const char *source,
	const struct slots *slots, int64_t answered_ms, bool history,
	struct err *err) must_check;

/* When the next look is due; INT64_MAX: never. */
int64_t watching_next_ms(const struct watching *watching);
bool watching_is_due(const struct watching *watching, int64_t now_ms);
/* Inside a transaction, with the tally advanced to keeping->now_ms: the looks
 * that are due. After false, or a commit that failed, watching_lost. */
bool watching_look(struct keeping *keeping, struct err *err) must_check;
/* Each by name of the watch. */
struct watching_metrics {
	struct metric_family *looks, *alarms; /* counters */
	struct metric_family *firing, *rates; /* gauges */
};
/* After the commit: tells the metrics. True: there is something to send. */
bool watching_looked(
	struct watching *watching, const struct watching_metrics *metrics);
/* Nothing of the last transaction happened: how they stand is read again, and
 * looks come a little later. */
void watching_lost(struct keeping *keeping);

/* [{"name","kind","last_look","next_look","firing":[{...}],"slots":n}]. New. */
json_t *watching_json(
	const struct watching *watching, const struct tally *tally);

#endif
