/*
 * digest_gather - reads what a digest tells of from the store, a piece at a
 * time, so that other questions come between.
 */
#ifndef NPSD_FLOW_DIGEST_GATHER_H
#define NPSD_FLOW_DIGEST_GATHER_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "flow/reader.h"
#include "nps/digest_report.h"

enum {
	DIGEST_GATHER_COMMENTS = 500,	 /* looked at, the newest */
	DIGEST_GATHER_PAGES = 50,	 /* of answers, to find them in */
	DIGEST_GATHER_FOLLOW_UPS = 2000, /* unfinished ones, the newest */
	DIGEST_GATHER_ACCOUNTS = 100,	 /* of them at a time */
};

/* Counts of one survey, or of one value of the segment in it. */
struct digest_cell {
	char *survey;
	char *value; /* NULL: the survey as a whole */
	struct counts now, then;
	int64_t earlier;
};

struct digest_gathered {
	struct digest_cell *cells;
	size_t cell_count;
	/* {"score","answered_ms","survey","value","text"}, newest first. */
	json_t *comments;
	/* Unfinished ones: {"survey","value","overdue","account","worth"}. */
	json_t *follow_ups;
	bool any_follow_up;
	json_t *reasons; /* {"survey","reason"} of those closed in the period */
	struct recovery_figures recovery;
	bool has_recovery;
};

struct digest_wish {
	const char *survey, *by; /* or NULL; copied */
	const char *mark;	 /* in place of personal data; copied */
	bool comments;
	int64_t now_ms;
	struct schedule_period period, before, earlier[DIGEST_EARLIER];
};

/* Loop thread. gathered is lent for the call; NULL: err says why. */
typedef void (*digest_gathered_fn)(const struct digest_gathered *gathered,
	const struct err *err, void *context);
/* Loop thread. False: too many questions wait; on_done is not called. */
bool digest_gather(struct reader *reader, const struct digest_wish *wish,
	digest_gathered_fn on_done, void *context) must_check;

#endif
