/*
 * claimed - deliveries that this node holds. Owned by one thread at a time:
 * the store thread makes them, and hands them to the loop with a job.
 */
#ifndef NPSD_FLOW_CLAIMED_H
#define NPSD_FLOW_CLAIMED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/store.h"

enum { CLAIM_LEASE_MS = 15 * 60 * 1000 }; /* renewed while held */

struct policy_action;

/* A delivery that this node holds: in memory from claim to settlement. */
struct claimed {
	struct claimed *next;
	int64_t row;
	char id[DELIVERY_ID_BYTES];
	int64_t answer; /* its row, or 0 */
	const char *action, *recipient;
	const char *rule; /* "" where there is none */
	int64_t created_ms;
	int64_t first_try_ms; /* 0: this will be the first */
	int tries;	      /* made before */
	bool lease_ended;     /* it was claimed before, and that is over */
	const char *body;
	size_t body_length;
	/* Whose room it was taken from; NULL where it was asked for. */
	struct policy_action *room_of;
	char *later_body; /* one that came later, or NULL */
	char bytes[];	  /* of the texts and of the body */
};
/* Of a row that this node has claimed; body NULL: not rendered yet. */
struct claimed *claimed_new(const struct delivery_row *row);
/* Takes the body, which it did not have. */
void claimed_set_body(struct claimed *claimed, char *body, size_t length);
void claimed_free(struct claimed *claimed);
/* The list the other way round. */
struct claimed *claimed_reversed(struct claimed *list);

#endif
