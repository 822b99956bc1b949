/*
 * sqlite_gaps - stretches of identities, in the order of their index (id,
 * survey, kind), of which no answer is kept. What lies in one is new, without a
 * look into the file; so it is with ids that rise, of a few sources at a time:
 *
 *	kept       a   b   c                       x   y
 *	gap                |<--------------------->|
 *	put d      a   b   c   d                   x   y
 *	gap                    |<----------------->|
 */
#ifndef NPSD_STORE_SQLITE_GAPS_H
#define NPSD_STORE_SQLITE_GAPS_H

#include "base/buf.h"
#include "nps/response.h"

enum { GAPS = 4 };

/* What a name belongs to; lent. */
struct identity {
	enum response_kind kind;
	const char *survey, *id;
};

struct gap_end {
	struct buf id, survey; /* with their NUL */
	enum response_kind kind;
};
struct gap {
	bool used;
	bool is_open; /* nothing is kept above `low` */
	struct gap_end low, high;
	unsigned long used_at;
};
struct gaps {
	struct gap items[GAPS];
	unsigned long uses;
};

/* False: it may be kept. */
bool gaps_hold(struct gaps *gaps, const struct identity *identity);
/* None is kept from `low` up to `high`, which is; NULL: none above at all. */
void gaps_learn(struct gaps *gaps, const struct identity *low,
	const struct identity *high);
/* One is kept from now on; false: it may have been before. If that is taken
 * back, no harm is done. */
bool gaps_put(struct gaps *gaps, const struct identity *identity);
/* Of what somebody else may have put. */
void gaps_forget(struct gaps *gaps);
void gaps_done(struct gaps *gaps);

#endif
