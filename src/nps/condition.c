/*
 * condition - one test of one value.
 */
#include "nps/condition.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/text.h"

static const char *const operators[] = {
	[COMPARE_LESS] = "<",
	[COMPARE_AT_MOST] = "<=",
	[COMPARE_MORE] = ">",
	[COMPARE_AT_LEAST] = ">=",
	[COMPARE_IS] = "=",
	[COMPARE_IS_NOT] = "!=",
};
enum { OPERATORS = sizeof(operators) / sizeof(operators[0]) };

/* A number is one as JSON writes it, under any locale. */
static bool
read_number(struct text text, double *number)
{
	text = text_trim(text);
	if (!text.length || !memchr("-0123456789", text.data[0], 11))
		return false;
	json_t *value = json_read(text.data, text.length, NULL);
	bool is_number = json_is_number(value);

	if (is_number)
		*number = json_number_value(value);
	json_decref(value);
	return is_number;
}

/* Reads an operator at the start: the longest that is there. */
static const char *
read_operator(const char *text, enum condition_compare *compare)
{
	size_t longest = 0;

	for (int i = 0; i < OPERATORS; i++) {
		size_t length = strlen(operators[i]);

		if (length <= longest || !text_starts(text, operators[i]))
			continue;
		longest = length;
		*compare = (enum condition_compare)i;
	}
	return longest ? text + longest : NULL;
}

/* "0-3", "-5--1", "0.5 - 2"; "2026-11" is none, since it goes down. */
static bool
read_range(const char *text, double *low, double *high)
{
	for (const char *dash = strchr(text, '-'); dash;
		dash = strchr(dash + 1, '-')) {
		struct text left = {text, (size_t)(dash - text)};

		if (read_number(left, low) &&
			read_number(text_of(dash + 1), high))
			return *low <= *high;
	}
	return false;
}

static bool
parse_value(struct condition *condition, struct err *err)
{
	const char *text = condition->text;
	const char *rest = read_operator(text, &condition->compare);

	if (rest) {
		condition->kind = CONDITION_COMPARE;
		if (read_number(text_of(rest), &condition->low))
			return true;
		return err_set(err, "a number is expected after %s",
			operators[condition->compare]);
	}
	if (read_range(text, &condition->low, &condition->high)) {
		condition->kind = CONDITION_RANGE;
		return true;
	}
	condition->kind = CONDITION_EQUAL;
	condition->is_number = read_number(text_of(text), &condition->low);
	return true;
}

bool
condition_parse(struct condition *condition, const char *text, bool quoted,
	struct err *err)
{
	*condition = (struct condition){.text = mem_strdup(text)};
	if (!quoted && !strcmp(text, "present"))
		condition->kind = CONDITION_PRESENT;
	else if (!quoted && !strcmp(text, "absent"))
		condition->kind = CONDITION_ABSENT;
	else if (!parse_value(condition, err)) {
		condition_done(condition);
		return false;
	}
	return true;
}

bool
condition_parse_contains(
	struct condition *condition, const char *word, struct err *err)
{
	*condition = (struct condition){.kind = CONDITION_CONTAINS};
	if (!*word)
		return err_set(err, "every text contains an empty word");
	condition->text = mem_strdup(word);
	text_lower(condition->text);
	return true;
}

void
condition_done(struct condition *condition)
{
	free(condition->text);
	*condition = (struct condition){0};
}

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool
starts_folded(const char *text, const char *word)
{
	for (; *word; word++, text++)
		if (lower(*text) != *word)
			return false;
	return true;
}

static bool
contains_folded(const char *text, const char *word)
{
	for (; *text; text++)
		if (starts_folded(text, word))
			return true;
	return false;
}

static bool
compare_holds(const struct condition *condition, double number)
{
	switch (condition->compare) {
	case COMPARE_LESS:
		return number < condition->low;
	case COMPARE_AT_MOST:
		return number <= condition->low;
	case COMPARE_MORE:
		return number > condition->low;
	case COMPARE_AT_LEAST:
		return number >= condition->low;
	case COMPARE_IS:
		return number == condition->low;
	case COMPARE_IS_NOT:
		break;
	}
	return number != condition->low;
}

static bool
number_holds(const struct condition *condition, double number)
{
	if (condition->kind == CONDITION_COMPARE)
		return compare_holds(condition, number);
	if (condition->kind == CONDITION_RANGE)
		return number >= condition->low && number <= condition->high;
	return condition->is_number && number == condition->low;
}

static bool
is_absent(const struct value *value)
{
	return value->type == VALUE_NONE ||
	       (value->type == VALUE_TEXT && !*value->text);
}

bool
condition_holds(const struct condition *condition, const struct value *value)
{
	if (condition->kind == CONDITION_ABSENT)
		return is_absent(value);
	if (condition->kind == CONDITION_PRESENT)
		return !is_absent(value);
	if (condition->kind == CONDITION_CONTAINS)
		return value->type == VALUE_TEXT &&
		       contains_folded(value->text, condition->text);
	switch (value->type) {
	case VALUE_TEXT:
		return !strcmp(value->text, condition->text);
	case VALUE_NUMBER:
		return number_holds(condition, value->number);
	case VALUE_BOOLEAN:
		return !strcmp(
			condition->text, value->boolean ? "true" : "false");
	case VALUE_NONE:
	case VALUE_OTHER:
		break;
	}
	return false;
}

/* The numbers for which a comparison holds, but for its own end. */
static bool
bounds(const struct condition *condition, double *low, double *high)
{
	*low = -INFINITY;
	*high = INFINITY;
	switch (condition->compare) {
	case COMPARE_LESS:
	case COMPARE_AT_MOST:
		*high = condition->low;
		return true;
	case COMPARE_MORE:
	case COMPARE_AT_LEAST:
		*low = condition->low;
		return true;
	case COMPARE_IS:
		*low = *high = condition->low;
		return true;
	case COMPARE_IS_NOT:
		break;
	}
	return false;
}

static bool
compare_implies(const struct condition *narrow, const struct condition *wide)
{
	double low, high, wide_low, wide_high;

	if (!bounds(narrow, &low, &high) ||
		!bounds(wide, &wide_low, &wide_high) || low < wide_low ||
		high > wide_high)
		return false;
	/* At an end that both have, the wide one must hold where the narrow
	 * one does. */
	return !compare_holds(narrow, narrow->low) ||
	       compare_holds(wide, narrow->low);
}

bool
condition_implies(const struct condition *narrow, const struct condition *wide)
{
	if (narrow->kind == wide->kind &&
		(narrow->text == NULL || wide->text == NULL ||
			!strcmp(narrow->text, wide->text)))
		return true;
	if (wide->kind == CONDITION_PRESENT)
		return narrow->kind != CONDITION_ABSENT && *narrow->text;
	if (narrow->kind != wide->kind)
		return false;
	if (wide->kind == CONDITION_CONTAINS)
		return strstr(narrow->text, wide->text) != NULL;
	return wide->kind == CONDITION_COMPARE && compare_implies(narrow, wide);
}

/* Whether a text can stand between commas without being taken for something
 * else. */
static bool
is_plain(const char *text)
{
	static const char extra[] = "_.@+/- ";
	size_t length = strlen(text);

	if (!length || text[0] == ' ' || text[length - 1] == ' ' ||
		!strcmp(text, "present") || !strcmp(text, "absent"))
		return false;
	for (; *text; text++) {
		bool letter = lower(*text) >= 'a' && lower(*text) <= 'z';
		bool digit = *text >= '0' && *text <= '9';

		if (!letter && !digit && !strchr(extra, *text))
			return false;
	}
	return true;
}

void
condition_describe(const struct condition *condition, struct buf *out)
{
	switch (condition->kind) {
	case CONDITION_PRESENT:
	case CONDITION_ABSENT:
		buf_append_text(out, condition->text);
		return;
	case CONDITION_COMPARE:
		buf_append_text(out, operators[condition->compare]);
		buf_append_char(out, ' ');
		text_append_double(out, condition->low);
		return;
	case CONDITION_EQUAL:
	case CONDITION_RANGE:
	case CONDITION_CONTAINS:
		break;
	}
	if (is_plain(condition->text))
		buf_append_text(out, condition->text);
	else
		json_append_string(
			out, condition->text, strlen(condition->text));
}
