/*
 * sqlite_gaps - stretches of identities of which no answer is kept.
 */
#include "store/sqlite_gaps.h"

#include <string.h>

static void
keep_text(struct buf *buf, const char *text)
{
	buf->length = 0;
	buf_append(buf, text, strlen(text) + 1);
}

static void
keep_end(struct gap_end *end, const struct identity *identity)
{
	keep_text(&end->id, identity->id);
	keep_text(&end->survey, identity->survey);
	end->kind = identity->kind;
}

static int
compare(const struct gap_end *end, const struct identity *identity)
{
	int order = strcmp(end->id.data, identity->id);

	if (order == 0)
		order = strcmp(end->survey.data, identity->survey);
	if (order == 0)
		order = (end->kind > identity->kind) -
			(end->kind < identity->kind);
	return order;
}

static bool
holds(const struct gap *gap, const struct identity *identity)
{
	return gap->used && compare(&gap->low, identity) < 0 &&
	       (gap->is_open || compare(&gap->high, identity) > 0);
}

bool
gaps_hold(struct gaps *gaps, const struct identity *identity)
{
	for (size_t i = 0; i < GAPS; i++) {
		if (!holds(&gaps->items[i], identity))
			continue;
		gaps->items[i].used_at = ++gaps->uses;
		return true;
	}
	return false;
}

void
gaps_learn(struct gaps *gaps, const struct identity *low,
	const struct identity *high)
{
	struct gap *gap = &gaps->items[0];

	for (size_t i = 1; i < GAPS; i++)
		if (gaps->items[i].used_at < gap->used_at)
			gap = &gaps->items[i];
	gap->used = true;
	gap->used_at = ++gaps->uses;
	gap->is_open = high == NULL;
	keep_end(&gap->low, low);
	if (high)
		keep_end(&gap->high, high);
}

bool
gaps_put(struct gaps *gaps, const struct identity *identity)
{
	bool held = false;

	for (size_t i = 0; i < GAPS; i++) {
		if (!holds(&gaps->items[i], identity))
			continue;
		keep_end(&gaps->items[i].low, identity);
		held = true;
	}
	return held;
}

void
gaps_forget(struct gaps *gaps)
{
	for (size_t i = 0; i < GAPS; i++)
		gaps->items[i].used = false;
}

void
gaps_done(struct gaps *gaps)
{
	for (size_t i = 0; i < GAPS; i++) {
		struct gap *gap = &gaps->items[i];

		buf_done(&gap->low.id);
		buf_done(&gap->low.survey);
		buf_done(&gap->high.id);
		buf_done(&gap->high.survey);
	}
}
