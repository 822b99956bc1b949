/*
 * matcher - the native conditions of a rule's `match:`.
 *
 *	category: detractor              equal
 *	segment.region: [NL, BE]         any of
 *	account.value: ">=10000"         < <= > >= = != and a number
 *	score: 0-3                       a range, both ends in it
 *	customer.email: present          or absent
 *	comment: {contains: [cancel]}    any of these words, letters' case ignored
 *
 * A missing value matches nothing but `absent`; an empty text counts as absent
 * for present and absent. All matchers of a rule must hold. More in condition.h.
 */
#ifndef NPSD_NPS_MATCHER_H
#define NPSD_NPS_MATCHER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "conf/setting.h"
#include "nps/field.h"

struct matcher;
struct matchers {
	size_t count;
	struct matcher *items;
};

/* Reads the map under `match:`. A settings table's read(). */
bool matchers_read(struct setting_reader *reader, const struct conf_node *node,
	const char *path, void *where);
void matchers_done(void *where);

/* True if any looks at a field whose first part is `name`. */
bool matchers_ask(const struct matchers *matchers, const char *name);
/* The number of the first that fails, or matchers->count if all hold. */
size_t matchers_first_failed(
	const struct matchers *matchers, const struct subject *subject);
/*
 * For the search for rules that no answer reaches. matchers_scores: the scores
 * (bit 0 for 0, ... bit 10) that score and category leave, by themselves;
 * *others tells whether anything else is asked. matchers_imply: whether every
 * answer that `narrow` takes is taken by what `wide` asks beside score and
 * category.
 */
unsigned matchers_scores(const struct matchers *matchers, bool *others);
bool matchers_imply(const struct matchers *narrow, const struct matchers *wide);
/* "segment.region in [NL, BE]": for explain. No value of the answer's. */
void matcher_describe(
	const struct matchers *matchers, size_t number, struct buf *out);

#endif
