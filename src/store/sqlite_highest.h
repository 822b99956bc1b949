/*
 * sqlite_highest - the highest identity of all kept answers, in the order of
 * their index: id, survey, kind. One above it is of no kept answer, which needs
 * no look into the file; so it is with ids that rise.
 */
#ifndef NPSD_STORE_SQLITE_HIGHEST_H
#define NPSD_STORE_SQLITE_HIGHEST_H

#include "base/buf.h"
#include "base/err.h"
#include "nps/response.h"
#include "store/sql.h"

struct highest {
	bool any;	       /* false: no answer is kept */
	struct buf id, survey; /* with their NUL */
	enum response_kind kind;
};

/* Reads it from the file. */
bool highest_load(
	struct highest *highest, struct sql *sql, struct err *err) must_check;
void highest_done(struct highest *highest);

/* False: it may be kept. */
bool highest_is_below(const struct highest *highest, enum response_kind kind,
	const char *survey, const char *id);
/* Of each answer that is put. What is taken back may leave it too high, so that
 * a few more are looked for. */
void highest_raise(struct highest *highest, enum response_kind kind,
	const char *survey, const char *id);

#endif
