/*
 * json_fast - a quick reader of the common JSON text.
 *
 * yajl cuts the text and jansson's values are built as it goes. What yajl sees
 * otherwise than json.c, or might, is not left to it: such a text is given up
 * as not sure, which costs time and nothing else. Taking what json.c refuses is
 * the one mistake to be made here; test_json.c looks for it.
 */
#include "base/json_fast.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <yajl/yajl_parse.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/text.h"

/* A tree that grows. Every value hangs in it from its start on. */
struct growth {
	const char *data;
	size_t length;
	json_t *root;
	json_t *open
		[JSON_DEPTH_LIMIT]; /* lent: the objects and arrays around */
	int depth;
	const char *key; /* of the next value, in the text */
	size_t key_length;
};

/* The callbacks of yajl end the parse by returning this. */
enum { NOT_SURE = 0, GO_ON = 1 };

/* A key that stands twice shows by an object that does not grow. */
static bool
set_member(struct growth *growth, json_t *object, json_t *value)
{
	size_t before = json_object_size(object);

	return !json_object_setn_new_nocheck(
		       object, growth->key, growth->key_length, value) &&
	       json_object_size(object) > before;
}

/* Takes the value. */
static int
add(struct growth *growth, json_t *value)
{
	if (!growth->depth) {
		growth->root = value;
		return GO_ON;
	}
	json_t *parent = growth->open[growth->depth - 1];

	if (json_is_object(parent))
		return set_member(growth, parent, value) ? GO_ON : NOT_SURE;
	return json_array_append_new(parent, value) ? NOT_SURE : GO_ON;
}

static int
add_open(struct growth *growth, json_t *value)
{
	if (growth->depth == JSON_DEPTH_LIMIT) {
		json_decref(value);
		return NOT_SURE;
	}
	int result = add(growth, value);

	growth->open[growth->depth++] = value;
	return result;
}

static int
on_null(void *context)
{
	return add(context, json_null());
}

static int
on_boolean(void *context, int value)
{
	return add(context, json_boolean(value));
}

/* Reals and what might not fit are for the strict reader. */
static int
on_number(void *context, const char *digits, size_t length)
{
	enum { DIGITS_THAT_FIT = 18 };
	bool negative = digits[0] == '-';
	json_int_t value = 0;

	if (length - negative > DIGITS_THAT_FIT)
		return NOT_SURE;
	for (size_t i = negative; i < length; i++) {
		if (digits[i] < '0' || digits[i] > '9')
			return NOT_SURE;
		value = value * 10 + (digits[i] - '0');
	}
	return add(context, json_integer(negative ? -value : value));
}

static int
on_string(void *context, const unsigned char *bytes, size_t length)
{
	return add(context, json_stringn_nocheck((const char *)bytes, length));
}

/* A key with an escape does not lie in the text but where yajl will write the
 * next such string. */
static int
on_key(void *context, const unsigned char *bytes, size_t length)
{
	struct growth *growth = context;
	uintptr_t offset = (uintptr_t)bytes - (uintptr_t)growth->data;

	if (offset >= growth->length || growth->length - offset < length)
		return NOT_SURE;
	growth->key = (const char *)bytes;
	growth->key_length = length;
	return GO_ON;
}

static int
on_object(void *context)
{
	return add_open(context, json_object());
}

static int
on_array(void *context)
{
	return add_open(context, json_array());
}

static int
on_end(void *context)
{
	struct growth *growth = context;

	growth->depth--;
	return GO_ON;
}

static bool
is_blank(const struct growth *growth, size_t from)
{
	for (size_t i = from; i < growth->length; i++)
		if (!strchr(" \t\r\n", growth->data[i]))
			return false;
	return true;
}

static void *
get_memory(void *context, size_t size)
{
	(void)context;
	return mem_grow(NULL, 1, size);
}

static void *
grow_memory(void *context, void *old, size_t size)
{
	(void)context;
	return mem_grow(old, 1, size);
}

static void
free_memory(void *context, void *old)
{
	(void)context;
	free(old);
}

/* A handle serves one text. Making and freeing it is a tenth of the time. */
static bool
parse(struct growth *growth)
{
	/* yajl does not look whether it got any. */
	yajl_alloc_funcs memory = {
		.malloc = get_memory,
		.realloc = grow_memory,
		.free = free_memory,
	};
	static const yajl_callbacks callbacks = {
		.yajl_null = on_null,
		.yajl_boolean = on_boolean,
		.yajl_number = on_number,
		.yajl_string = on_string,
		.yajl_start_map = on_object,
		.yajl_map_key = on_key,
		.yajl_end_map = on_end,
		.yajl_start_array = on_array,
		.yajl_end_array = on_end,
	};
	yajl_handle yajl = yajl_alloc(&callbacks, &memory, growth);

	/* The bytes of strings have been looked at; those after the value are
	 * looked at here, for yajl overlooks a string there that has no end. */
	yajl_config(yajl, yajl_dont_validate_strings, 1);
	yajl_config(yajl, yajl_allow_trailing_garbage, 1);
	bool good = yajl_parse(yajl, (const unsigned char *)growth->data,
			    growth->length) == yajl_status_ok;
	size_t end = yajl_get_bytes_consumed(yajl);

	yajl_free(yajl);
	return good && growth->root && !growth->depth && is_blank(growth, end);
}

/* yajl takes vertical tabs and form feeds for white space, and any half of a
 * surrogate pair. */
static bool
is_common(const char *data, size_t length)
{
	enum { LIMIT_BYTES = 16 * 1024 * 1024 };

	if (!length || length > LIMIT_BYTES || memchr(data, '\0', length) ||
		memchr(data, '\v', length) || memchr(data, '\f', length))
		return false;
	const char *escape = memchr(data, '\\', length);

	if (escape &&
		memmem(escape, length - (size_t)(escape - data), "\\u", 2))
		return false;
	return text_is_utf8(data, length, NULL);
}

json_t *
json_fast_read(const char *data, size_t length)
{
	struct growth growth = {.data = data, .length = length};

	if (!is_common(data, length))
		return NULL;
	if (parse(&growth))
		return growth.root;
	json_decref(growth.root);
	return NULL;
}
