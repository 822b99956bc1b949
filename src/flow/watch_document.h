/*
 * watch_document - what a message of a watch sees, and what its list shows.
 */
#ifndef NPSD_FLOW_WATCH_DOCUMENT_H
#define NPSD_FLOW_WATCH_DOCUMENT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "nps/tally.h"
#include "nps/watches.h"

/* What it is about, and what was seen. */
struct watch_sight {
	const struct watch *watch;
	const char *survey, *value;    /* NULL of a source */
	const struct watch_view *view; /* NULL of a source */
	int64_t since_ms;	       /* the alarm */
	int64_t last_ms;	       /* of a source: its last answer */
	bool recovered;
};
/* The document: what an alert's has, null, and "watch". tally: for "nps". New. */
json_t *watch_document(
	const struct watch_sight *sight, const struct tally *tally);

#endif
