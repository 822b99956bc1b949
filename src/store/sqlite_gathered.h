/*
 * sqlite_gathered - what a transaction adds for new answers, which waits until
 * there is enough to be written by one statement:
 *
 *	put_answer, put_delivery --> gathered --(16 answers)--> answer, delivery,
 *	                                |                       body
 *	                                '--(before any other statement, but
 *	                                    those that are aside)-->
 *
 * So no statement misses it, and the commit is the last of them. Where writing
 * several at once fails, nobody knows whose fault it was: the transaction is
 * taken back, and for a while each row is written by itself, so that the one
 * which cannot be written fails alone.
 */
#ifndef NPSD_STORE_SQLITE_GATHERED_H
#define NPSD_STORE_SQLITE_GATHERED_H

#include "store/sql_rows.h"

enum { GATHERED_APART_TRANSACTIONS = 1000 };

struct gathered {
	struct sql *sql; /* lent */
	struct sql_rows answers, deliveries, bodies;
	bool writing;
	bool lost; /* not all is written: only taking it back is left */
	int apart; /* transactions in which each row is written by itself */
};

/* Before the first transaction. */
void gathered_init(struct gathered *gathered, struct sql *sql);
void gathered_done(struct gathered *gathered);
void gathered_begin(struct gathered *gathered);

/* Whether rows may wait now. */
bool gathered_takes(const struct gathered *gathered);
/* Before the columns of one more answer, which nobody has kept, go to answers.
 */
bool gathered_make_room(struct gathered *gathered, struct err *err) must_check;
/* Whether a delivery of an answer of this transaction may wait: then its columns
 * and its body's go to deliveries and to bodies. */
bool gathered_takes_delivery(
	const struct gathered *gathered, const void *id, size_t length);
/* The only row of all: it is written at once, and fails for itself. *added
 * false: the statement let it be, because one was there. */
bool gathered_write_alone(struct gathered *gathered, struct sql_rows *row,
	bool *added, struct err *err) must_check;

/* Writes all that waits. After false all that follows fails, too, until
 * gathered_clear. */
bool gathered_write(struct gathered *gathered, struct err *err) must_check;
/* Forgets rows above these. */
void gathered_back_to(
	struct gathered *gathered, int64_t answer, int64_t delivery);
void gathered_clear(struct gathered *gathered);

#endif
