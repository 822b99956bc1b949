/*
 * amended - what is told of an answer that says something else, or more, after
 * an alert of it has left: deliveries of cause "amend" to the actions of the
 * rule's on_amend. Store thread, inside the transaction.
 */
#ifndef NPSD_FLOW_AMENDED_H
#define NPSD_FLOW_AMENDED_H

#include <stdbool.h>

#include "base/err.h"
#include "flow/alerts.h"

/* Before the alerts themselves are brought up to date: what leaves only now says
 * it all anyway. Nothing is told where neither the score nor the comment is
 * another. */
bool amended_tell(struct keeping *keeping, const struct alerts_of *about,
	struct err *err) must_check;

#endif
