/*
 * sameness - whether two responses say the same (response_same_content).
 */
#include <stdint.h>
#include <string.h>

#include "base/text.h"
#include "nps/response.h"

/* What is compared as a value of the response, not as JSON. */
static const char *const typed[] = {"kind", "id", "survey", "revision", "score",
	"answered_at", "contact_ok", NULL};

static bool
is_typed(const char *name)
{
	for (const char *const *one = typed; *one; one++)
		if (!strcmp(name, *one))
			return true;
	return false;
}

/* 2^63, the first double past the range of int64_t; -2^63 is in it. */
static const double past_int64 = 9223372036854775808.0;

/* Exactly equal: no integer is rounded on the way. */
static bool
same_mixed(int64_t integer, double real)
{
	return real >= -past_int64 && real < past_int64 &&
	       (int64_t)real == integer && (double)(int64_t)real == real;
}

static bool
same_number(const json_t *a, const json_t *b)
{
	if (json_is_integer(a) && json_is_integer(b))
		return json_integer_value(a) == json_integer_value(b);
	if (json_is_integer(a))
		return same_mixed(json_integer_value(a), json_real_value(b));
	if (json_is_integer(b))
		return same_mixed(json_integer_value(b), json_real_value(a));
	return !(json_real_value(a) < json_real_value(b)) &&
	       !(json_real_value(a) > json_real_value(b));
}

static bool same_value(const json_t *a, const json_t *b);

static bool
same_array(const json_t *a, const json_t *b)
{
	size_t count = json_array_size(a);

	if (count != json_array_size(b))
		return false;
	for (size_t i = 0; i < count; i++)
		if (!same_value(json_array_get(a, i), json_array_get(b, i)))
			return false;
	return true;
}

/* How many members of a, but for the typed ones where `top`, have the same
 * value in b; -1 if one has not. */
static long
count_same(const json_t *a, const json_t *b, bool top)
{
	json_t *lent;
	long count = 0;

	/* jansson's iterators take no const object, and change none. */
	memcpy(&lent, &a, sizeof(lent));
	for (void *at = json_object_iter(lent); at;
		at = json_object_iter_next(lent, at)) {
		const char *name = json_object_iter_key(at);
		const json_t *other;

		if (top && is_typed(name))
			continue;
		other = json_object_get(b, name);
		if (!other || !same_value(json_object_iter_value(at), other))
			return -1;
		count++;
	}
	return count;
}

static bool
same_object(const json_t *a, const json_t *b)
{
	return json_object_size(a) == json_object_size(b) &&
	       count_same(a, b, false) >= 0;
}

static bool
same_value(const json_t *a, const json_t *b)
{
	if (json_is_number(a) && json_is_number(b))
		return same_number(a, b);
	if (json_typeof(a) != json_typeof(b))
		return false;
	if (json_is_object(a))
		return same_object(a, b);
	if (json_is_array(a))
		return same_array(a, b);
	return json_equal(a, b); /* text, true, false, null */
}

/* The members beside the typed ones. */
static bool
same_rest(const struct response *a, const struct response *b)
{
	json_t *left = response_tree(a), *right = response_tree(b);
	long count = count_same(left, right, true);
	bool same = count >= 0 && count == count_same(right, left, true);

	json_decref(left);
	json_decref(right);
	return same;
}

static bool
says_contact(const struct response *response)
{
	const struct flat *said = flat_member(response->record, "contact_ok");

	return said && (said->type == JSON_TRUE || said->type == JSON_FALSE);
}

/* Who says nothing of contact says what anybody else says who does not, also
 * after privacy.contact_default was changed. */
static bool
same_contact(const struct response *a, const struct response *b)
{
	return a->contact_ok == b->contact_ok ||
	       (!says_contact(a) && !says_contact(b));
}

bool
response_same_content(const struct response *a, const struct response *b)
{
	if (a->content_length == b->content_length &&
		!memcmp(a->content, b->content, a->content_length))
		return true;
	return a->kind == b->kind && text_same(a->id, b->id) &&
	       text_same(a->survey, b->survey) && a->score == b->score &&
	       (a->answered_missing || b->answered_missing ||
		       a->answered_ms == b->answered_ms) &&
	       same_contact(a, b) && same_rest(a, b);
}
