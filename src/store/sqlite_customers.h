/*
 * sqlite_customers - finds what a customer answered before. Its index in the
 * file (table seen) is in random order: filled answer by answer it would cost a
 * page of the WAL for each. So the newest answers stand in memory and move to
 * the file in sorted runs, a slice a commit:
 *
 *	put --> fresh --(full)--> run, sorted --(slices)--> seen
 *	                                                     ^
 *	amend, forget: write there at once ------------------'
 *
 * meta (seen_row) tells up to which row seen is complete: what is above is read
 * back at the start. Slices written twice do no harm.
 */
#ifndef NPSD_STORE_SQLITE_CUSTOMERS_H
#define NPSD_STORE_SQLITE_CUSTOMERS_H

#include "nps/field.h"
#include "store/recent.h"
#include "store/sql.h"
#include "store/store.h"

struct customers {
	struct sql *sql; /* lent */
	uint64_t key;	 /* of the hash; the store's own */
	struct recent *fresh;
	struct recent *run;    /* NULL: none under way */
	uint32_t *order;       /* of the run */
	size_t merged;	       /* of the run */
	int64_t run_upto;      /* seen_row when the run is through */
	size_t fresh_at_merge; /* entries when a slice was last written */
	bool is_tangled; /* since the mark, so that undoing needs a reload */
};

/* Reads back what is not in seen. */
bool customers_load(struct customers *customers, struct err *err) must_check;
void customers_done(struct customers *customers);

/* written: the rows of answers up to it are known to be in their table. */
enum store_found customers_find(struct customers *customers, const char *survey,
	const char *customer, int64_t before_ms, int64_t except,
	int64_t written, struct previous *previous, struct err *err);
/* A new answer's; before its row is written. */
bool customers_put(struct customers *customers, const struct answer_row *answer,
	struct err *err) must_check;
/* Before the row is changed or emptied. */
bool customers_take_out(
	struct customers *customers, int64_t row, struct err *err) must_check;
/* After it was changed: straight to the file. */
bool customers_put_changed(
	struct customers *customers, int64_t row, struct err *err) must_check;
/* Before each commit: writes a slice. */
bool customers_merge(struct customers *customers, int64_t last_row,
	struct err *err) must_check;

/* At a savepoint. */
void customers_mark(struct customers *customers);
/* Rows above `last_row` were taken back to the mark. After a whole transaction
 * was: customers_load. */
bool customers_back_to(struct customers *customers, int64_t last_row,
	struct err *err) must_check;

#endif
