/*
 * span - how long a clock runs, as the configuration says it: "90m", "8h",
 * "2d", or by somebody's hours "8h", "1wd", "2wd4h".
 */
#ifndef NPSD_NPS_SPAN_H
#define NPSD_NPS_SPAN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/time.h"
#include "conf/setting.h"

/* What a span has at most: what is beyond is no deadline any more. */
enum { SPAN_WORKING_DAYS_LIMIT = 366 };
#define SPAN_LIMIT_MS (INT64_C(366) * MS_PER_DAY)

struct span {
	int64_t ms;	  /* of open time, where hours are named */
	int working_days; /* counted before ms */
	bool has_days;	  /* it was written with d, of 24 hours each */
};

/* False with a reason. With hours d is refused, since it is not said which a
 * day is meant: 1wd or 24h; without hours wd is. */
bool span_from_text(const char *text, bool with_hours, struct span *span,
	struct err *err) must_check;
/* The same for a row whose neighbour names the hours: span_read (a read of
 * SETTING_CUSTOM, over struct span) takes both, span_suits tells. */
bool span_read(struct setting_reader *reader, const struct conf_node *node,
	const char *path, void *where);
bool span_suits(
	const struct span *span, bool with_hours, struct err *err) must_check;
#define SPAN_SCHEMA                         \
	"{\"type\":\"string\",\"pattern\":" \
	"\"^([0-9]+wd)?([0-9]+(ms|[dhms]))*$\"}"
bool span_is_zero(const struct span *span);
/* "1wd4h", the shortest text that reads back. */
void span_to_text(const struct span *span, char out[TIME_TEXT_BYTES * 2]);

#endif
