/*
 * json_fast - a quick reader of the common JSON text.
 *
 * One pass, which looks at each byte once: grammar, UTF-8, escapes, depth and
 * jansson's values all at the same time. Reals, numbers that might not fit,
 * and whatever is wrong are given up as not sure, which costs time and nothing
 * else. Taking what json.c refuses is the one mistake to be made here;
 * test_json.c looks for it.
 */
#include "base/json_fast.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/text.h"

enum {
	LENGTH_LIMIT_BYTES = 16 * 1024 * 1024,
	DIGITS_THAT_FIT = 18,
	NO_CODE = 0x110000,
};

struct reading {
	const char *at, *end;
	int depth;
	struct buf unescaped; /* of the last string that had an escape */
};

static json_t *read_value(struct reading *reading);

static void
skip_blank(struct reading *reading)
{
	const char *at = reading->at;

	while (at < reading->end &&
		(*at == ' ' || *at == '\t' || *at == '\r' || *at == '\n'))
		at++;
	reading->at = at;
}

/* Skips the character if it is the next one. */
static bool
skip(struct reading *reading, char c)
{
	skip_blank(reading);
	if (reading->at == reading->end || *reading->at != c)
		return false;
	reading->at++;
	return true;
}

/* ---- strings ---- */

/*
 * Eight bytes at once: whether any of them ends a plain run, by being a quote,
 * a backslash, a control character or no ASCII. Subtracting one borrows into
 * the top bit of a byte that was zero; bytes above that one may be told
 * wrongly then, but only when there is one to find.
 */
static bool
has_special(const char *bytes)
{
	const uint64_t ones = UINT64_C(0x0101010101010101);
	const uint64_t tops = ones << 7;
	uint64_t word, quote, backslash;

	memcpy(&word, bytes, sizeof(word));
	quote = word ^ ones * '"';
	backslash = word ^ ones * '\\';
	return ((word | (word - ones * 0x20) | (quote - ones) |
			(backslash - ones)) &
		       tops) != 0;
}

/* The first byte that is no plain ASCII of a string. */
static const char *
plain_end(const char *at, const char *end)
{
	while (end - at >= 8 && !has_special(at))
		at += 8;
	while (at < end && (unsigned char)*at >= 0x20 &&
		(unsigned char)*at < 0x80 && *at != '"' && *at != '\\')
		at++;
	return at;
}

/* The length of the UTF-8 sequence here, 0 if it is none. The most common
 * ones of two and three bytes are known at a glance. */
static size_t
sequence_length(const char *at, const char *end)
{
	const unsigned char *bytes = (const unsigned char *)at;
	size_t left = (size_t)(end - at);

	if (left >= 2 && bytes[0] >= 0xC2 && bytes[0] <= 0xDF &&
		(bytes[1] & 0xC0) == 0x80)
		return 2;
	if (left >= 3 && bytes[0] >= 0xE1 && bytes[0] <= 0xEC &&
		(bytes[1] & 0xC0) == 0x80 && (bytes[2] & 0xC0) == 0x80)
		return 3;
	return text_sequence(at, left, NULL);
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* The value of the \uXXXX that is next, which is skipped; or NO_CODE. */
static uint32_t
read_hex(struct reading *reading)
{
	uint32_t code = 0;

	if (reading->end - reading->at < 6 || reading->at[0] != '\\' ||
		reading->at[1] != 'u')
		return NO_CODE;
	for (int i = 2; i < 6; i++) {
		int digit = hex_digit(reading->at[i]);

		if (digit < 0)
			return NO_CODE;
		code = code << 4 | (uint32_t)digit;
	}
	reading->at += 6;
	return code;
}

/* A NUL and half of a surrogate pair are NO_CODE. */
static uint32_t
read_code(struct reading *reading)
{
	uint32_t code = read_hex(reading);

	if (code == 0 || (code >= 0xDC00 && code <= 0xDFFF))
		return NO_CODE;
	if (code < 0xD800 || code > 0xDBFF)
		return code;
	uint32_t low = read_hex(reading);

	if (low < 0xDC00 || low > 0xDFFF)
		return NO_CODE;
	return 0x10000 + ((code - 0xD800) << 10 | (low - 0xDC00));
}

static void
append_code(struct buf *out, uint32_t code)
{
	char bytes[4];
	size_t more = code < 0x80      ? 0
		      : code < 0x800   ? 1
		      : code < 0x10000 ? 2
				       : 3;
	static const unsigned char lead[] = {0, 0xC0, 0xE0, 0xF0};

	for (size_t i = more; i > 0; i--, code >>= 6)
		bytes[i] = (char)(0x80 | (code & 0x3F));
	bytes[0] = (char)(lead[more] | code);
	buf_append(out, bytes, more + 1);
}

static bool
read_escape(struct reading *reading)
{
	static const char letters[] = "\"\\/bfnrt";
	static const char meant[] = "\"\\/\b\f\n\r\t";

	if (reading->end - reading->at < 2)
		return false;
	if (reading->at[1] == 'u') {
		uint32_t code = read_code(reading);

		if (code != NO_CODE)
			append_code(&reading->unescaped, code);
		return code != NO_CODE;
	}
	const char *letter =
		memchr(letters, reading->at[1], sizeof(letters) - 1);

	if (!letter)
		return false;
	buf_append_char(&reading->unescaped, meant[letter - letters]);
	reading->at += 2;
	return true;
}

/*
 * The string that starts here. Lent: it lies in the text, or where the next
 * one with an escape will be written.
 */
static bool
read_string(struct reading *reading, const char **data, size_t *length)
{
	const char *run = ++reading->at;
	bool escaped = false;

	for (;;) {
		reading->at = plain_end(reading->at, reading->end);
		if (reading->at == reading->end)
			return false;
		char c = *reading->at;

		if ((unsigned char)c >= 0x80) {
			size_t bytes =
				sequence_length(reading->at, reading->end);

			if (!bytes)
				return false;
			reading->at += bytes;
			continue;
		}
		if (c != '"' && c != '\\')
			return false; /* a control character */
		if (c == '\\' && !escaped)
			buf_clear(&reading->unescaped);
		escaped = escaped || c == '\\';
		if (escaped)
			buf_append(&reading->unescaped, run,
				(size_t)(reading->at - run));
		if (c == '"')
			break;
		if (!read_escape(reading))
			return false;
		run = reading->at;
	}
	*data = escaped ? reading->unescaped.data : run;
	*length = escaped ? reading->unescaped.length
			  : (size_t)(reading->at - run);
	reading->at++;
	return true;
}

static json_t *
read_text(struct reading *reading)
{
	const char *data;
	size_t length;

	if (!read_string(reading, &data, &length))
		return NULL;
	return json_stringn_nocheck(data, length);
}

/* ---- the other values ---- */

/* Reals and what might not fit are for the strict reader. */
static json_t *
read_number(struct reading *reading)
{
	bool negative = *reading->at == '-';
	const char *digits = reading->at + negative, *at = digits;
	json_int_t value = 0;

	while (at < reading->end && *at >= '0' && *at <= '9' &&
		at - digits < DIGITS_THAT_FIT)
		value = value * 10 + (*at++ - '0');
	if (at == digits || (*digits == '0' && at - digits > 1))
		return NULL;
	/* One more digit stands in the way of whatever may follow, too. */
	reading->at = at;
	return json_integer(negative ? -value : value);
}

static json_t *
read_word(struct reading *reading, const char *word, json_t *value)
{
	size_t length = strlen(word);

	if ((size_t)(reading->end - reading->at) < length ||
		memcmp(reading->at, word, length) != 0)
		return NULL;
	reading->at += length;
	return value;
}

/* A key that stands twice shows by an object that does not grow. */
static bool
read_member(struct reading *reading, json_t *object)
{
	const char *key;
	size_t length, before = json_object_size(object);
	struct buf own = {0};

	skip_blank(reading);
	if (reading->at == reading->end || *reading->at != '"' ||
		!read_string(reading, &key, &length) || !skip(reading, ':'))
		return false;
	if (key == reading->unescaped.data) { /* the value may have some too */
		buf_append(&own, key, length);
		key = own.data;
	}
	json_t *value = read_value(reading);
	bool good = value &&
		    !json_object_setn_new_nocheck(object, key, length, value) &&
		    json_object_size(object) > before;

	buf_done(&own);
	return good;
}

static json_t *
read_object(struct reading *reading)
{
	json_t *object = json_object();
	bool good = true;

	reading->at++;
	if (skip(reading, '}'))
		return object;
	do
		good = read_member(reading, object);
	while (good && skip(reading, ','));
	if (good && skip(reading, '}'))
		return object;
	json_decref(object);
	return NULL;
}

static json_t *
read_array(struct reading *reading)
{
	json_t *array = json_array(), *value;

	reading->at++;
	if (skip(reading, ']'))
		return array;
	do {
		value = read_value(reading);
		if (value)
			json_array_append_new(array, value);
	} while (value && skip(reading, ','));
	if (value && skip(reading, ']'))
		return array;
	json_decref(array);
	return NULL;
}

/* Goes no deeper than JSON_DEPTH_LIMIT. */
static json_t *
read_nested(struct reading *reading)
{
	json_t *value = NULL;

	if (reading->depth++ < JSON_DEPTH_LIMIT)
		value = *reading->at == '{' ? read_object(reading)
					    : read_array(reading);
	reading->depth--;
	return value;
}

/* NULL: not sure. */
static json_t *
read_value(struct reading *reading)
{
	skip_blank(reading);
	if (reading->at == reading->end)
		return NULL;
	switch (*reading->at) {
	case '"':
		return read_text(reading);
	case '{':
	case '[':
		return read_nested(reading);
	case 't':
		return read_word(reading, "true", json_true());
	case 'f':
		return read_word(reading, "false", json_false());
	case 'n':
		return read_word(reading, "null", json_null());
	default:
		return read_number(reading);
	}
}

json_t *
json_fast_read(const char *data, size_t length)
{
	struct reading reading = {.at = data, .end = data + length};

	if (!length || length > LENGTH_LIMIT_BYTES)
		return NULL;
	json_t *value = read_value(&reading);

	skip_blank(&reading);
	buf_done(&reading.unescaped);
	if (value && reading.at == reading.end)
		return value;
	json_decref(value);
	return NULL;
}
