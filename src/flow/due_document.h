/*
 * due_document - what payloads and messages see of a follow-up's step: the
 * alert document of its last answer, with .owner and .follow_up, and
 *
 *	"due":{"step":"remind|forgotten|try_again|escalate","level":1,
 *	       "clock":"contact|resolve","at":"...","deadline":"...",
 *	       "contact_by":"...","resolve_by":"...","overdue":"4h"|null,
 *	       "late":false}
 *
 * with times by the zone given (policy_zone). Store thread.
 */
#ifndef NPSD_FLOW_DUE_DOCUMENT_H
#define NPSD_FLOW_DUE_DOCUMENT_H

#include <jansson.h>
#include <stdbool.h>

#include "flow/keep.h"
#include "nps/follow_up.h"

/* A step that was fired. */
struct due_step {
	struct follow_up_due due;
	struct follow_up_change change; /* what is kept as its event */
	bool late;			/* sent long after it was due */
};

/* Without the step; new. Of a follow-up whose answer is forgotten the response
 * has its survey alone. NULL: the store failed. */
json_t *due_document(struct keeping *keeping, const struct follow_up *follow_up,
	struct err *err) must_check;
/* Adds the step, over an earlier one. */
void due_document_step(json_t *document, const struct follow_up *follow_up,
	const struct follow_up_terms *terms, const struct zone *zone,
	const struct due_step *step, int64_t now_ms);
/* The language of the owner, or "". Lent by the document. */
const char *due_document_language(const json_t *document);

#endif
