/*
 * decide - what follows from an answer: a pure function of the answer, its
 * past, the rules and the time.
 *
 *	answer + past ---> standing ---> verdicts ---> wanted alerts ---> plan
 */
#ifndef NPSD_NPS_DECIDE_H
#define NPSD_NPS_DECIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nps/field.h"
#include "nps/response.h"
#include "nps/rule.h"

/* How an answer stands to what is known of its identity. Names are public. */
enum standing {
	STANDING_NEW,	    /* "accepted" */
	STANDING_AMENDS,    /* "amended": a higher revision */
	STANDING_DUPLICATE, /* "duplicate": equal revision and content, or known
	                     * only by the hash that outlives it */
	STANDING_LATE,	    /* "late": a lower revision: changes nothing */
	STANDING_CONFLICT,  /* "conflict": equal revision, other content */
};
const char *standing_name(enum standing standing);

/* What the store knows of the identity. */
struct earlier {
	bool known;
	bool forgotten; /* purged or erased: nothing but that it was there */
	int64_t revision;
	const struct response *response; /* as kept; NULL where forgotten */
};
/* by_arrival: the source said `revisions: arrival`: each later arrival of
 * other content amends, and takes the next revision (written to
 * *revision). */
enum standing decide_standing(const struct response *answer,
	const struct earlier *earlier, bool by_arrival, int64_t *revision);

/* Stored as these numbers: never renumber. */
enum delivery_state {
	DELIVERY_PENDING = 0,  /* never claimed: may still be changed */
	DELIVERY_CLAIMED = 1,  /* being sent, under a lease */
	DELIVERY_RETRYING = 2, /* was sent, will be again, unchanged */
	DELIVERY_DELIVERED = 3,
	DELIVERY_DEAD = 4,	/* given up, with its reason; replayable */
	DELIVERY_CANCELLED = 5, /* never claimed, no longer wanted */
	DELIVERY_FOLDED = 6,	/* told by another one: of a storm */
};
enum { DELIVERY_STATES = 7 };
const char *delivery_state_name(enum delivery_state state);
bool delivery_state_from_name(const char *name, enum delivery_state *state);
/* Whether one can stand so that was never claimed: pending, cancelled, folded. */
bool delivery_state_is_unsent(enum delivery_state state);

/* One alert that the rules want, for one receiver. */
struct wanted {
	const char *action;
	const char *recipient; /* "" where the action has only one */
	size_t rule;	       /* the first that asked */
	bool history;	       /* nothing may begin for it */
};
/* An answer of the past fires nothing: what fired is "history". */
void decide_history(const struct rules *rules, struct verdict *verdicts);
/* The actions that fired rules ask for, each once, the first rule owning it.
 * So are those of "history": an alert that waits for an earlier revision of the
 * answer is still wanted by them.
 * wanted has room for `limit`; recipient is "" and is filled in by the
 * caller. Returns how many. */
size_t decide_wanted(const struct rules *rules, const struct verdict *verdicts,
	struct wanted *wanted, size_t limit);

/* One alert that exists. */
struct existing {
	int64_t row;
	const char *action;
	const char *recipient;
	enum delivery_state state;
	bool was_claimed; /* bytes may have left; of a folded one, its
	                   * message's */
};
enum plan_step {
	PLAN_ADD,    /* wanted[at]: a new delivery */
	PLAN_RENDER, /* existing[at] is pending or folded and still wanted: a
	              * new body */
	PLAN_REVIVE, /* existing[at] was cancelled and is wanted again */
	PLAN_CANCEL, /* existing[at] is pending or folded, no longer wanted */
};
struct plan {
	enum plan_step step;
	size_t wanted;	 /* index, but for PLAN_CANCEL */
	size_t existing; /* index, but for PLAN_ADD */
};
/* Fills plan (room for wanted_count + existing_count) and returns how many
 * steps. What was ever claimed is never touched; for history nothing is added
 * or revived. */
size_t decide_plan(const struct wanted *wanted, size_t wanted_count,
	const struct existing *existing, size_t existing_count,
	struct plan *plan);

/* The id of a delivery: UUIDv5 over the JSON array
 * [cause, key, n, action, recipient]. */
enum { DELIVERY_ID_BYTES = 37 };
void delivery_id(const char *cause, const char *key, int n, const char *action,
	const char *recipient, char out[DELIVERY_ID_BYTES]);
/* The key of cause "alert": the JSON array [survey, id]; the caller frees. */
char *delivery_key_of_answer(const char *survey, const char *id);

/* The verdicts as the JSON text that explain reads:
 * [{"rule":"x","verdict":"no_match","matcher":"segment.region in [NL]"}...] */
char *verdicts_text(const struct rules *rules, const struct verdict *verdicts);

#endif
