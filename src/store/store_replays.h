/*
 * store_replays - the verbs for answers that are judged anew. Part of store.h's
 * interface: the same rules hold.
 */
#ifndef NPSD_STORE_STORE_REPLAYS_H
#define NPSD_STORE_STORE_REPLAYS_H

#include "store/store.h"

/* Which answers a person means; what is 0, NULL or -1 does not matter. */
struct answer_choice {
	const char *survey, *id, *source;
	int category;
	int64_t since_ms; /* arrived */
};
/* Answers by the many: at most `limit` of those behind *row (0: from the first)
 * that are chosen and not forgotten, in rising order; rows has room for as many.
 * No invitations. Looks at a span of STORE_SPAN_ROWS rows, but not beyond `upto`;
 * *row then is the last one looked at, and *more false at the end. */
bool store_choose_answers(struct store_writer *store,
	const struct answer_choice *choice, int64_t upto, int64_t *row,
	int64_t *rows, int limit, int *count, bool *more,
	struct err *err) must_check;
/* The highest row of an answer or an invitation; 0: there is none. */
bool store_last_answer(
	struct store_writer *store, int64_t *row, struct err *err) must_check;

/* That an answer's verdicts are those of a replay; strings are lent. It is told
 * as long as the answer is of that revision. */
struct replayed_row {
	int64_t answer, revision, at_ms;
	const char *by;	  /* NULL: not known */
	const char *rule; /* which alone was judged anew; NULL: all were */
};
/* In place of an earlier one. */
bool store_put_replayed(struct store_writer *store,
	const struct replayed_row *row, struct err *err) must_check;

#endif
