/*
 * sqlite_arrivals - which rows of answers came when, for the removal by age.
 * Those of a transaction come together and have rows that follow one another, so
 * that table arrival needs a row for all of them, where an index of answers
 * would need one each:
 *
 *	put, amend --> noted here --(before the commit)--> arrival
 *	                                                      |
 *	forgotten <--(each by its own time of arrival)-- a range that is old
 *
 * An amendment is a new arrival; the range it came in before passes over it.
 */
#ifndef NPSD_STORE_SQLITE_ARRIVALS_H
#define NPSD_STORE_SQLITE_ARRIVALS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "store/sql.h"

struct arrival {
	int64_t arrived_ms;
	int64_t first, last; /* rows of answers */
};

/* Those of the transaction. */
struct arrivals {
	struct arrival *items;
	size_t count, capacity;
	size_t mark_count; /* at the savepoint */
	int64_t mark_last; /* of the last one then */
};

void arrivals_add(struct arrivals *arrivals, int64_t arrived_ms, int64_t row);
void arrivals_mark(struct arrivals *arrivals);
void arrivals_back_to_mark(struct arrivals *arrivals);
/* At the end of a transaction, however it ended. */
void arrivals_clear(struct arrivals *arrivals);
void arrivals_done(struct arrivals *arrivals);
/* Writing them twice does no harm. */
bool arrivals_write(const struct arrivals *arrivals, struct sql *sql,
	struct err *err) must_check;

#endif
