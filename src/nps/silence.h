/*
 * silence - for a while, alerts about some answers are not sent: who asked for
 * it, why, which answers, until when; and what it makes of verdicts. Pure.
 *
 *	{"match":{"category":"detractor","segment.region":["NL","BE"]},
 *	 "rule":"unhappy", "for":"2h" | "until":"2026-11-21T18:00:00Z",
 *	 "why":"mail migration"}
 */
#ifndef NPSD_NPS_SILENCE_H
#define NPSD_NPS_SILENCE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/time.h"
#include "nps/field.h"
#include "nps/matcher.h"
#include "nps/rule.h"

enum {
	SILENCES_LIMIT = 100, /* in force at once */
	SILENCE_WHY_LIMIT_BYTES = 300,
	SILENCE_BY_LIMIT_BYTES = 100,
	SILENCE_MATCH_LIMIT_BYTES = 4096,
};
/* One that was forgotten is how alerts get lost. */
#define SILENCE_LONGEST_MS (31 * MS_PER_DAY)
#define SILENCE_SHORTEST_MS MS_PER_SECOND

struct silence {
	int64_t row; /* 0: not kept yet */
	char *rule;  /* of this one alone; NULL: of every rule */
	char *match; /* as asked for, a JSON text; NULL: every answer */
	struct matchers matchers; /* made of it */
	int64_t since_ms, until_ms;
	char *by; /* NULL: not known */
	char *why;
	json_t *warnings; /* of what was asked for; texts. NULL: none */
};

/* What is asked for, to hold from now on. NULL: the reason, and in *pointer the
 * member (RFC 6901) that it is about. */
struct silence *silence_read(const json_t *asked, int64_t now_ms,
	const char **pointer, struct err *err) must_check;
/* One that was kept: copies the texts; NULL where `match` cannot be read. */
struct silence *silence_restore(
	const struct silence *kept, struct err *err) must_check;
void silence_free(struct silence *silence);

/* Those in force; owned by whoever fills it. Zeroed it is empty. */
struct silences {
	struct silence **items;
	size_t count;
	bool ask_previous; /* some of them look at the previous answer */
};
/* Takes it. */
void silences_add(struct silences *silences, struct silence *silence);
/* Removes the one in that row, if it is there. */
void silences_remove(struct silences *silences, int64_t row);
void silences_done(struct silences *silences);

/* Of those that hold for a rule and an answer, the one that ends last; NULL:
 * none does. subject NULL: the answer is forgotten, and matches those alone
 * that ask for nothing of it. */
const struct silence *silences_find(const struct silences *silences,
	const char *rule, const struct subject *subject, int64_t now_ms);
/* Rules that fired are silenced, where one holds; verdicts lend it. */
void silences_decide(const struct silences *silences, const struct rules *rules,
	const struct subject *subject, int64_t now_ms,
	struct verdict *verdicts);

#endif
