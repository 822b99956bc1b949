/*
 * keep - what is done for one record inside the transaction: look up its past,
 * decide, render, write. Store thread; the caller holds a savepoint.
 */
#ifndef NPSD_FLOW_KEEP_H
#define NPSD_FLOW_KEEP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/log.h"
#include "base/pulse.h"
#include "flow/job.h"
#include "flow/moves.h"
#include "flow/policy.h"
#include "flow/renderers.h"
#include "flow/verdict_texts.h"
#include "nps/rule.h"
#include "nps/silence.h"
#include "store/store.h"

enum { KEEP_REJECTED_LIMIT_BYTES = 8 * 1024 }; /* of a refused record */

struct watching;

/* What the store thread works with. */
struct keeping {
	struct store_writer *store;
	struct tally *tally;
	struct moves *moves;
	struct watching *watching;
	const struct policy *policy;
	struct judge *judge;
	struct renderers *renderers;
	struct verdict *verdicts; /* a place each rule */
	struct verdict_texts *verdict_texts;
	struct silences silences; /* in force; see flow/silencing.h */
	size_t silences_set;	  /* in this transaction: not in force yet */
	bool cooling_left;	  /* cooldowns to end; see flow/cooling.h */
	const char *node;
	uint8_t link_key[LINK_KEY_BYTES]; /* never changes once opened */
	struct pulse *pulse;		  /* beaten at each record */
	const struct clock *clock;
	int64_t now_ms;	       /* of this transaction */
	int64_t erased_ms;     /* when words of somebody went last; 0: never */
	json_t *figures_texts; /* survey -> the text of its figures */
	json_t *figures;       /* survey -> figures as of the last commit */
	json_t *rule_hits;     /* rule name -> fired, "!name" -> errors,
	                           * "=name" -> silenced: for the metrics, after
	                           * the commit */
	json_t *born_dead;     /* action -> deliveries that could not be made */
	json_t *folded;	       /* action -> alerts folded into a message */
	struct log_limit dead_limit;	   /* of lines on alerts born dead */
	struct log_limit storm_limit;	   /* of lines on storms */
	struct buf alert_text, alert_body; /* of the alert that is made now */
};

/* Keeps record `index` of the job. False: nothing of it may stay, and
 * keep_undo must follow the store's undo. Done again it starts anew. */
bool keep_record(struct keeping *keeping, struct keep_job *job, size_t index,
	struct err *err) must_check;
/* Takes back what keep_record left in memory; marks are those before it. */
void keep_undo(struct keeping *keeping, struct keep_job *job,
	const struct claimed *claimed_mark, size_t moves_mark,
	int64_t slots_mark);
/* Keeps the reason why a record was refused, with its bytes. */
bool keep_rejected(struct keeping *keeping, const struct batch *batch,
	struct record *record, const struct rejection *why,
	struct err *err) must_check;
#endif
