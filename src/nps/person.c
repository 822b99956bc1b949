/* person - who is to be forgotten. */
#include "nps/person.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

void
person_done(struct person *person)
{
	for (size_t i = 0; i < person->count; i++)
		free(person->words[i].text);
	free(person->words);
	*person = (struct person){.words = NULL};
}

/* ---- words ---- */

/* No locale is asked. */
static int
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : (unsigned char)c;
}

static bool
is_same_word(const char *a, const char *b)
{
	while (*a != '\0' && lower(*a) == lower(*b)) {
		a++;
		b++;
	}
	return *a == '\0' && *b == '\0';
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Digits, and what is put between them. */
static bool
is_number(const char *text)
{
	size_t digits = 0;

	for (; *text != '\0'; text++) {
		if (is_digit(*text))
			digits++;
		else if (strchr(" +-.()/", *text) == NULL)
			return false;
	}
	return digits >= PERSON_PHONE_DIGITS;
}

/* The same number, however it is written. */
static bool
is_same_number(const char *a, const char *b)
{
	if (!is_number(a) || !is_number(b))
		return false;
	for (;;) {
		while (*a != '\0' && !is_digit(*a))
			a++;
		while (*b != '\0' && !is_digit(*b))
			b++;
		if (*a != *b)
			return false;
		if (*a == '\0')
			return true;
		a++;
		b++;
	}
}

static bool
is_known(const struct person *person, enum person_word_kind kind,
	const char *text)
{
	for (size_t i = 0; i < person->count; i++)
		if (person->words[i].kind == kind &&
			strcmp(person->words[i].text, text) == 0)
			return true;
	return false;
}

static bool
is_long_enough(enum person_word_kind kind, const char *text)
{
	switch (kind) {
	case PERSON_EMAIL:
		return strlen(text) >= PERSON_EMAIL_LEAST &&
		       strchr(text, '@') != NULL;
	case PERSON_PHONE:
		return is_number(text);
	case PERSON_ASKED:
	case PERSON_KEY:
		break;
	}
	return text[0] != '\0';
}

bool
person_add(struct person *person, enum person_word_kind kind, const char *text,
	const char *mark)
{
	struct person_word *word;

	if (!is_long_enough(kind, text) || is_known(person, kind, text))
		return false;
	if (person->count == PERSON_WORDS_LIMIT) {
		person->full = true;
		return false;
	}
	person->words =
		mem_grow(person->words, person->count + 1, sizeof(*word));
	word = &person->words[person->count++];
	word->kind = kind;
	word->text = mem_strdup(text);
	word->mark[0] = '\0';
	if (mark != NULL)
		snprintf(word->mark, sizeof(word->mark), "%s", mark);
	else if (kind == PERSON_KEY)
		uuid_random(word->mark);
	return true;
}

const char *
person_mark(const struct person *person, const char *customer)
{
	for (size_t i = 0; customer != NULL && i < person->count; i++)
		if (person->words[i].kind == PERSON_KEY &&
			strcmp(person->words[i].text, customer) == 0)
			return person->words[i].mark;
	return NULL;
}

/* ---- whose an answer is ---- */

static const char *const members[] = {"id", "email", "phone"};
enum { MEMBER_ID, MEMBER_EMAIL, MEMBER_PHONE, MEMBERS };

/* NULL: it is not there, or no text. */
static const char *
member_of(const struct flat *record, int member)
{
	const struct flat *value =
		flat_member(flat_member(record, "customer"), members[member]);

	return value != NULL && value->type == JSON_STRING ? value->text : NULL;
}

static bool
is_asked(const struct person *person, const char *text)
{
	for (size_t i = 0; i < person->count; i++) {
		const struct person_word *word = &person->words[i];

		if (word->kind != PERSON_ASKED)
			continue;
		if (person->exact ? strcmp(word->text, text) == 0
				  : is_same_word(word->text, text) ||
					    is_same_number(word->text, text))
			return true;
	}
	return false;
}

bool
person_owns(const struct person *person, const char *customer,
	const struct flat *record)
{
	if (customer != NULL && (person_mark(person, customer) != NULL ||
					is_asked(person, customer)))
		return true;
	for (int i = 0; i < MEMBERS; i++) {
		const char *text = member_of(record, i);

		if (text != NULL && is_asked(person, text))
			return true;
	}
	return false;
}

/* Who gives nothing but an address is known by it in lower case. */
static bool
learn_key(struct person *person, const char *text)
{
	char *key = mem_strdup(text);
	bool is_new;

	for (char *at = key; *at != '\0'; at++)
		*at = (char)lower(*at);
	is_new = person_add(person, PERSON_KEY, key, NULL);
	free(key);
	return is_new;
}

bool
person_learn(
	struct person *person, const char *customer, const struct flat *record)
{
	const char *email = member_of(record, MEMBER_EMAIL);
	const char *phone = member_of(record, MEMBER_PHONE);
	bool is_new = customer != NULL &&
		      person_add(person, PERSON_KEY, customer, NULL);

	if (email != NULL && strlen(email) >= PERSON_EMAIL_LEAST) {
		is_new |= learn_key(person, email);
		is_new |= person_add(person, PERSON_EMAIL, email, NULL);
	}
	if (phone != NULL && is_number(phone)) {
		is_new |= person_add(person, PERSON_KEY, phone, NULL);
		is_new |= person_add(person, PERSON_PHONE, phone, NULL);
	}
	return is_new;
}

/* ---- texts ---- */

static bool
is_looked_for(const struct person_word *word)
{
	if (word->kind == PERSON_EMAIL || word->kind == PERSON_PHONE)
		return true;
	return strlen(word->text) >= PERSON_KEY_LEAST;
}

static bool
is_word_char(char c)
{
	return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'z') || c == '_';
}

static bool
is_one_of(char c, const char *signs)
{
	return c != '\0' && strchr(signs, c) != NULL;
}

/* "joanna@..." does not name anna@...; but the n of a JSON text's "\n" is no
 * letter before it, nor are two digits behind a percent sign. */
static bool
begins_word(const char *text, size_t at)
{
	if (at == 0)
		return true;
	if (at >= 2 && text[at - 2] == '\\' && is_one_of(text[at - 1], "nrtbf"))
		return true;
	if (at >= 3 && text[at - 3] == '%')
		return true;
	return !is_word_char(text[at - 1]) && !is_one_of(text[at - 1], ".-+");
}

/* A full stop ends a sentence, and begins the next part of a domain. */
static bool
ends_word(const char *text, size_t length, size_t at)
{
	if (at >= length)
		return true;
	if ((text[at] == '.' || text[at] == '-') && at + 1 < length)
		return !is_word_char(text[at + 1]);
	return !is_word_char(text[at]);
}

/* The length of what stands there of the word; 0: it does not. In addresses '@'
 * may be written as in a form, or as in careful JSON. */
static size_t
match_at(const char *word, const char *text, size_t left)
{
	static const char *const ats[] = {"@", "%40", "\\u0040"};
	size_t at = 0;

	for (; *word != '\0'; word++) {
		bool found = false;

		for (size_t i = 0; *word == '@' && !found && i < 3; i++) {
			size_t length = strlen(ats[i]);

			found = left - at >= length &&
				memcmp(text + at, ats[i], length) == 0;
			at += found ? length : 0;
		}
		if (*word == '@' && !found)
			return 0;
		if (*word == '@')
			continue;
		if (at == left || lower(text[at]) != lower(*word))
			return 0;
		at++;
	}
	return at;
}

/* Where the word stands at or behind *at, which is moved there; the length of
 * what stands there, 0: nowhere. */
static size_t
find_word(const char *word, const char *text, size_t length, size_t *at)
{
	int first = lower(word[0]);

	for (; *at < length; (*at)++) {
		size_t found;

		if (lower(text[*at]) != first)
			continue;
		found = match_at(word, text + *at, length - *at);
		if (found > 0)
			return found;
	}
	return 0;
}

static bool
names(const char *word, const char *text, size_t length)
{
	size_t at = 0, found;

	while ((found = find_word(word, text, length, &at)) > 0) {
		if (begins_word(text, at) &&
			ends_word(text, length, at + found))
			return true;
		at++;
	}
	return false;
}

bool
person_is_named(const struct person *person, const char *text, size_t length)
{
	for (size_t i = 0; text != NULL && i < person->count; i++)
		if (is_looked_for(&person->words[i]) &&
			names(person->words[i].text, text, length))
			return true;
	return false;
}

bool
person_may_stand_in(
	const struct person *person, const char *text, size_t length)
{
	/* JSON writes some signs otherwise. */
	bool escaped = memchr(text, '\\', length) != NULL;

	for (size_t i = 0; i < person->count; i++) {
		const struct person_word *word = &person->words[i];
		size_t at = 0;

		if (word->kind == PERSON_ASKED &&
			(escaped || is_number(word->text) ||
				find_word(word->text, text, length, &at) > 0))
			return true;
	}
	return false;
}

/* Each word is counted once, whatever it is to the person. */
static bool
stands_before(const struct person *person, size_t index)
{
	for (size_t i = 0; i < index; i++)
		if (is_looked_for(&person->words[i]) &&
			is_same_word(person->words[i].text,
				person->words[index].text))
			return true;
	return false;
}

size_t
person_count_in(const struct person *person, const char *bytes, size_t length,
	size_t upto)
{
	size_t count = 0;

	for (size_t i = 0; i < person->count; i++) {
		const char *word = person->words[i].text;
		size_t at = 0;

		if (!is_looked_for(&person->words[i]) ||
			stands_before(person, i))
			continue;
		while (find_word(word, bytes, length, &at) > 0 && at < upto) {
			count++;
			at++;
		}
	}
	return count;
}

size_t
person_longest(const struct person *person)
{
	size_t longest = 0;

	for (size_t i = 0; i < person->count; i++)
		if (is_looked_for(&person->words[i]) &&
			strlen(person->words[i].text) > longest)
			longest = strlen(person->words[i].text);
	return longest;
}
