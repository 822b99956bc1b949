/*
 * person - who is to be forgotten: the keys and addresses by which somebody is
 * known, which answers are theirs, and which texts name them. Pure.
 *
 *	asked     what the person is known by: an address, a number or a key
 *	key       keys of the answers that were found, and addresses and numbers
 *	          in them: who gives nothing else is the same customer
 *	email,    looked for in texts, whatever the case
 *	phone
 */
#ifndef NPSD_NPS_PERSON_H
#define NPSD_NPS_PERSON_H

#include <stdbool.h>
#include <stddef.h>

#include "base/flat.h"
#include "crypt/uuid.h"

enum {
	PERSON_WORDS_LIMIT = 200, /* more, and it is nobody */
	PERSON_WHO_LIMIT_BYTES = 512,
	PERSON_EMAIL_LEAST = 6, /* shorter ones are not looked for in texts */
	PERSON_PHONE_DIGITS = 7,
	PERSON_KEY_LEAST = 8,
};

/* Stored as these numbers: never renumber. */
enum person_word_kind {
	PERSON_ASKED = 0,
	PERSON_KEY = 1,
	PERSON_EMAIL = 2,
	PERSON_PHONE = 3,
};
struct person_word {
	enum person_word_kind kind;
	char *text;
	char mark[UUID_TEXT_BYTES]; /* of a key: what stands for it after */
};
struct person {
	struct person_word *words;
	size_t count;
	bool exact; /* asked for by a key, which is as it is written */
	bool full;  /* PERSON_WORDS_LIMIT was reached */
};

void person_done(struct person *person);
/* Copies; mark NULL: drawn for a key. False where it is known already, or is
 * too short to be told from others. */
bool person_add(struct person *person, enum person_word_kind kind,
	const char *text, const char *mark);
/* What a key is to be called; NULL: it is none of the person's. */
const char *person_mark(const struct person *person, const char *customer);

/* Whether an answer is the person's, by its customer's key and its record; both
 * may be NULL. */
bool person_owns(const struct person *person, const char *customer,
	const struct flat *record);
/* Adds what an answer of the person tells; true: something was new. */
bool person_learn(
	struct person *person, const char *customer, const struct flat *record);
/* Whether a text names the person, by an address, a number or a longer key, as
 * a word of its own. */
bool person_is_named(
	const struct person *person, const char *text, size_t length);
/* Whether what the person is asked for by may stand in a JSON text: false is
 * sure. */
bool person_may_stand_in(
	const struct person *person, const char *text, size_t length);
/* How often the words stand in bytes, whatever is around them; of those that
 * begin before `upto`. */
size_t person_count_in(const struct person *person, const char *bytes,
	size_t length, size_t upto);
/* The longest that is looked for. */
size_t person_longest(const struct person *person);

#endif
