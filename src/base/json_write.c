/*
 * json_write - the writer of JSON texts (json.h). Reading is json.c's.
 */
#include "base/json.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/memory.h"
#include "base/text.h"

static bool
is_plain(char c)
{
	return c >= 0x20 && c < 0x7F && c != '"' && c != '\\';
}

/* Most have nothing to escape. */
static bool
append_plain(struct buf *out, const char *data, size_t length)
{
	char *at;

	for (size_t i = 0; i < length; i++)
		if (!is_plain(data[i]))
			return false;
	buf_reserve(out, length + 2);
	at = out->data + out->length;
	at[0] = at[length + 1] = '"';
	at[length + 2] = '\0';
	if (length > 0)
		memcpy(at + 1, data, length);
	out->length += length + 2;
	return true;
}

void
json_append_string(struct buf *out, const char *data, size_t length)
{
	static const char named_ones[] = "\b\f\n\r\t\"\\";
	static const char letter[] = "bfnrt\"\\";

	if (append_plain(out, data, length))
		return;
	buf_reserve(out, length + 2);
	buf_append_char(out, '"');
	for (size_t i = 0; i < length;) {
		size_t run = i;
		uint32_t code;

		while (run < length && is_plain(data[run]))
			run++;
		buf_append(out, data + i, run - i);
		i = run;
		if (i == length)
			break;
		size_t bytes = text_sequence(data + i, length - i, &code);
		const char *named =
			bytes == 1 && code ? strchr(named_ones, data[i]) : NULL;

		if (!bytes)
			buf_append_text(out, "\xEF\xBF\xBD");
		else if (named)
			buf_append(out,
				(char[]){'\\', letter[named - named_ones]}, 2);
		else if (text_moves(code))
			buf_printf(out, "\\u%04x", (unsigned)code);
		else
			buf_append(out, data + i, bytes);
		i += bytes ? bytes : 1;
	}
	buf_append_char(out, '"');
}

void
json_append_real(struct buf *out, double value)
{
	size_t start = out->length;

	text_append_double(out, value);
	/* A real stays one when it is read again. */
	if (!strpbrk(out->data + start, ".e"))
		buf_append_text(out, ".0");
}

struct member {
	const char *key;
	const json_t *value;
};

static int
compare_members(const void *a, const void *b)
{
	const struct member *left = a;
	const struct member *right = b;

	return strcmp(left->key, right->key);
}

/* The members of an object, in the order of reading or of their keys' bytes;
 * the caller frees the array. */
static struct member *
members_of(const json_t *object, bool sorted)
{
	size_t count = json_object_size(object);
	struct member *members = mem_new(count, sizeof(*members));
	size_t i = 0;
	json_t *lent;

	/* jansson's iterators take no const object, and change none. */
	memcpy(&lent, &object, sizeof(lent));
	for (void *at = json_object_iter(lent); at && i < count;
		at = json_object_iter_next(lent, at)) {
		members[i].key = json_object_iter_key(at);
		members[i++].value = json_object_iter_value(at);
	}
	if (sorted)
		qsort(members, count, sizeof(*members), compare_members);
	return members;
}

static void append_value(struct buf *out, const json_t *value, bool sorted);

static void
append_object(struct buf *out, const json_t *object, bool sorted)
{
	size_t count = json_object_size(object);
	struct member *members = members_of(object, sorted);

	buf_append_char(out, '{');
	for (size_t i = 0; i < count; i++) {
		if (i)
			buf_append_char(out, ',');
		json_append_string(out, members[i].key, strlen(members[i].key));
		buf_append_char(out, ':');
		append_value(out, members[i].value, sorted);
	}
	buf_append_char(out, '}');
	free(members);
}

static void
append_array(struct buf *out, const json_t *array, bool sorted)
{
	buf_append_char(out, '[');
	for (size_t i = 0; i < json_array_size(array); i++) {
		if (i)
			buf_append_char(out, ',');
		append_value(out, json_array_get(array, i), sorted);
	}
	buf_append_char(out, ']');
}

static void
append_value(struct buf *out, const json_t *value, bool sorted)
{
	switch (json_typeof(value)) {
	case JSON_OBJECT:
		append_object(out, value, sorted);
		break;
	case JSON_ARRAY:
		append_array(out, value, sorted);
		break;
	case JSON_STRING:
		json_append_string(out, json_string_value(value),
			json_string_length(value));
		break;
	case JSON_INTEGER:
		buf_append_integer(out, json_integer_value(value));
		break;
	case JSON_REAL:
		json_append_real(out, json_real_value(value));
		break;
	case JSON_TRUE:
		buf_append_text(out, "true");
		break;
	case JSON_FALSE:
		buf_append_text(out, "false");
		break;
	case JSON_NULL:
		buf_append_text(out, "null");
		break;
	}
}

char *
json_text(const json_t *value)
{
	struct buf out = {0};

	append_value(&out, value, false);
	return buf_take(&out);
}

char *
json_canonical(const json_t *value)
{
	struct buf out = {0};

	append_value(&out, value, true);
	return buf_take(&out);
}

static int
on_dump(const char *bytes, size_t length, void *context)
{
	buf_append(context, bytes, length);
	return 0;
}

char *
json_text_with(const json_t *value, size_t flags)
{
	struct buf out = {0};

	(void)json_dump_callback(value, on_dump, &out, flags);
	buf_append(&out, "", 0);
	return buf_take(&out);
}
