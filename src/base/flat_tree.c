/* flat_tree - from a row of values to jansson's tree and back. */
#include "base/flat.h"

#include <string.h>

static json_t *
object_of(const struct flat *value)
{
	json_t *object = json_object();

	for (const struct flat *at = value + 1; at < value + value->span;
		at += at->span)
		json_object_setn_new_nocheck(
			object, at->key, at->key_length, flat_tree(at));
	return object;
}

static json_t *
array_of(const struct flat *value)
{
	json_t *array = json_array();

	for (const struct flat *at = value + 1; at < value + value->span;
		at += at->span)
		json_array_append_new(array, flat_tree(at));
	return array;
}

json_t *
flat_tree(const struct flat *value)
{
	switch (value->type) {
	case JSON_OBJECT:
		return object_of(value);
	case JSON_ARRAY:
		return array_of(value);
	case JSON_STRING:
		return json_stringn_nocheck(value->text, value->text_length);
	case JSON_INTEGER:
		return json_integer(value->integer);
	case JSON_REAL:
		return json_real(value->real);
	case JSON_TRUE:
		return json_true();
	case JSON_FALSE:
		return json_false();
	case JSON_NULL:
		break;
	}
	return json_null();
}

size_t
flat_measure(const json_t *tree, size_t *bytes)
{
	size_t count = 1, i;
	const char *key;
	json_t *lent, *member;

	/* jansson's iterators take no const value, and change none. */
	memcpy(&lent, &tree, sizeof(lent));
	if (json_is_string(tree))
		*bytes += json_string_length(tree) + 1;
	json_object_foreach(lent, key, member)
	{
		*bytes += strlen(key) + 1;
		count += flat_measure(member, bytes);
	}
	json_array_foreach(lent, i, member) count +=
		flat_measure(member, bytes);
	return count;
}

struct laying {
	struct flat *next;
	char *bytes;
};

static const char *
lay_text(struct laying *laying, const char *text, size_t length)
{
	char *copy = laying->bytes;

	memcpy(copy, text, length + 1);
	laying->bytes += length + 1;
	return copy;
}

static void
lay(struct laying *laying, const char *key, const json_t *tree)
{
	struct flat *value = laying->next++;
	size_t i;
	json_t *lent, *member;

	*value = (struct flat){.type = json_typeof(tree)};
	if (key) {
		value->key_length = (uint32_t)strlen(key);
		value->key = lay_text(laying, key, value->key_length);
	}
	if (json_is_string(tree)) {
		value->text_length = (uint32_t)json_string_length(tree);
		value->text = lay_text(
			laying, json_string_value(tree), value->text_length);
	} else if (json_is_integer(tree)) {
		value->integer = json_integer_value(tree);
	} else if (json_is_real(tree)) {
		value->real = json_real_value(tree);
	}
	memcpy(&lent, &tree, sizeof(lent));
	json_object_foreach(lent, key, member) lay(laying, key, member);
	json_array_foreach(lent, i, member) lay(laying, NULL, member);
	value->span = (uint32_t)(laying->next - value);
}

void
flat_lay(const json_t *tree, struct flat *values, char *bytes)
{
	struct laying laying = {values, bytes};

	lay(&laying, NULL, tree);
}
