/*
 * json - the strict reader of JSON texts. Writing is json_write.c's.
 *
 * What json_fast.c is sure of needs no more. Any other text is looked over once
 * before jansson builds anything: that settles what jansson leaves open (depth,
 * numbers too small for a double) or reports loosely (what is wrong inside a
 * string, and where). Reasons never quote a value, since they go to logs; they
 * quote a key at most.
 */
#include "base/json.h"

#include <assert.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/json_fast.h"
#include "base/text.h"

enum { NO_HEX = 0x110000 };

/* A look over a text, token by token. */
struct scan {
	const char *data;
	size_t length;
	size_t at;     /* where the next token is looked for */
	size_t start;  /* of the token found last */
	size_t before; /* start of the one before it; `start` if none */
	int depth;
};

/* Always false. Line and column are found only now that they are wanted. */
static bool
fault_at(struct json_fault *fault, const char *data, size_t offset,
	const char *reason)
{
	fault->offset = offset;
	fault->line = 1;
	fault->column = 1;
	for (size_t i = 0; i < offset; i++) {
		if (data[i] == '\n') {
			fault->line++;
			fault->column = 1;
		} else if (((unsigned char)data[i] & 0xC0) != 0x80) {
			fault->column++;
		}
	}
	(void)snprintf(fault->reason, sizeof(fault->reason), "%s", reason);
	return false;
}

/* The value of the \uXXXX at `at`, NO_HEX if none is there. */
static uint32_t
hex_escape(const struct scan *scan, size_t at)
{
	uint32_t value = 0;

	if (scan->length - at < 6 || scan->data[at] != '\\' ||
		scan->data[at + 1] != 'u')
		return NO_HEX;
	for (size_t i = at + 2; i < at + 6; i++) {
		int digit = text_hex_digit(scan->data[i]);

		if (digit < 0)
			return NO_HEX;
		value = value << 4 | (uint32_t)digit;
	}
	return value;
}

/* Moves over the escape at scan->at. */
static bool
scan_escape(struct scan *scan, struct json_fault *fault)
{
	size_t at = scan->at;
	const char *reason = NULL;

	if (at + 1 < scan->length && scan->data[at + 1] != 'u') {
		scan->at += 2;
		if (scan->data[at + 1] &&
			strchr("\"\\/bfnrt", scan->data[at + 1]))
			return true;
		return fault_at(fault, scan->data, at, "unknown escape");
	}
	uint32_t code = hex_escape(scan, at);

	scan->at += 6;
	if (code == NO_HEX) {
		reason = "incomplete escape";
	} else if (code == 0) {
		reason = "a NUL character in a string";
	} else if (code >= 0xD800 && code <= 0xDBFF) {
		uint32_t low = hex_escape(scan, scan->at);

		if (low < 0xDC00 || low > 0xDFFF)
			reason = "half of a surrogate pair";
		scan->at += 6;
	} else if (code >= 0xDC00 && code <= 0xDFFF) {
		reason = "half of a surrogate pair";
	}
	return !reason || fault_at(fault, scan->data, at, reason);
}

/* Moves over the string that starts at scan->at. */
static bool
scan_string(struct scan *scan, struct json_fault *fault)
{
	scan->at++;
	while (scan->at < scan->length) {
		char c = scan->data[scan->at];

		if (c == '\\') {
			if (!scan_escape(scan, fault))
				return false;
			continue;
		}
		if ((unsigned char)c < 0x20)
			return fault_at(fault, scan->data, scan->at,
				"a raw control character in a string");
		scan->at++;
		if (c == '"')
			return true;
	}
	return fault_at(
		fault, scan->data, scan->start, "a string that does not end");
}

static size_t
count_digits(const char *data, size_t length)
{
	size_t i = 0;

	while (i < length && data[i] >= '0' && data[i] <= '9')
		i++;
	return i;
}

/* Whether the bytes are a number as RFC 8259 section 6 writes it. */
static bool
is_number(const char *data, size_t length)
{
	size_t i = length && data[0] == '-' ? 1 : 0;
	size_t digits = count_digits(data + i, length - i);

	if (!digits || (digits > 1 && data[i] == '0'))
		return false;
	i += digits;
	if (i < length && data[i] == '.') {
		digits = count_digits(data + i + 1, length - i - 1);
		if (!digits)
			return false;
		i += digits + 1;
	}
	if (i < length && (data[i] == 'e' || data[i] == 'E')) {
		i++;
		if (i < length && (data[i] == '+' || data[i] == '-'))
			i++;
		digits = count_digits(data + i, length - i);
		if (!digits)
			return false;
		i += digits;
	}
	return i == length;
}

/* The exponent of a number's text after its 'e', kept within bounds. */
static long
read_exponent(const char *data, size_t length)
{
	enum { ENOUGH = 1000000000 };
	bool negative = length && data[0] == '-';
	long value = 0;

	for (size_t i = 0; i < length; i++)
		if (data[i] >= '0' && data[i] <= '9' && value < ENOUGH)
			value = value * 10 + (data[i] - '0');
	return negative ? -value : value;
}

/*
 * Whether a number other than zero is so near to zero that a double would make
 * it zero. The decimal place of its first significant digit tells.
 */
static bool
is_lost_in_zero(const char *data, size_t length)
{
	enum { LEAST_PLACE = -323 };
	long place = 0;
	long exponent = 0;
	size_t i = data[0] == '-' ? 1 : 0;

	if (data[i] != '0') {
		place = (long)count_digits(data + i, length - i) - 1;
	} else {
		for (i++; i < length && (data[i] == '0' || data[i] == '.'); i++)
			if (data[i] == '0')
				place--;
		if (i == length || data[i] == 'e' || data[i] == 'E')
			return false; /* zero itself */
		place--;
	}
	while (i < length && data[i] != 'e' && data[i] != 'E')
		i++;
	if (i < length)
		exponent = read_exponent(data + i + 1, length - i - 1);
	return place + exponent < LEAST_PLACE;
}

/* Moves over a number, a literal, or a run of what is neither. */
static bool
scan_word(struct scan *scan, struct json_fault *fault)
{
	const char *word = scan->data + scan->at;
	size_t length = 0;
	bool may_be_tiny = false;

	while (scan->at + length < scan->length &&
		!strchr(" \t\r\n[]{}:,\"", word[length])) {
		if (word[length] == 'e' || word[length] == 'E' || length > 300)
			may_be_tiny = true;
		length++;
	}
	scan->at += length;
	if (may_be_tiny && is_number(word, length) &&
		is_lost_in_zero(word, length))
		return fault_at(fault, scan->data, scan->start,
			"a number too small to be kept");
	return true;
}

/* Moves over the next token that starts before `end`. *found tells whether
 * there is one; false is a fault. */
static bool
scan_token(struct scan *scan, size_t end, bool *found, struct json_fault *fault)
{
	while (scan->at < end && strchr(" \t\r\n", scan->data[scan->at]))
		scan->at++;
	*found = scan->at < end;
	if (!*found)
		return true;
	scan->before = scan->start;
	scan->start = scan->at;
	switch (scan->data[scan->at]) {
	case '"':
		return scan_string(scan, fault);
	case '[':
	case '{':
		if (++scan->depth > JSON_DEPTH_LIMIT) {
			char reason[JSON_REASON_BYTES];

			(void)snprintf(reason, sizeof(reason),
				"nested deeper than %d levels",
				JSON_DEPTH_LIMIT);
			return fault_at(fault, scan->data, scan->at, reason);
		}
		scan->at++;
		return true;
	case ']':
	case '}':
		scan->depth--;
		scan->at++;
		return true;
	case ':':
	case ',':
		scan->at++;
		return true;
	default:
		return scan_word(scan, fault);
	}
}

/* What no grammar is needed for. */
static bool
look_over(const char *data, size_t length, struct json_fault *fault)
{
	size_t at = 0;
	const char *nul = length ? memchr(data, '\0', length) : NULL;

	if (!text_is_utf8(data, length, &at))
		return fault_at(fault, data, at, "invalid UTF-8");
	if (nul)
		return fault_at(
			fault, data, (size_t)(nul - data), "a NUL byte");
	if (length > INT_MAX) /* jansson counts in int */
		return fault_at(fault, data, 0, "the text is too long");
	if (length >= 3 && !memcmp(data, "\xEF\xBB\xBF", 3))
		return fault_at(
			fault, data, 0, "a byte order mark before the text");

	struct scan scan = {.data = data, .length = length};
	bool found = true;
	bool any = false;

	while (found) {
		if (!scan_token(&scan, length, &found, fault))
			return false;
		any = any || found;
	}
	if (!any)
		return fault_at(fault, data, 0, "the text is empty");
	return true;
}

/* Why the bare word at the scan's last token is none; NULL if it is fine. */
static const char *
describe_word(const struct scan *scan)
{
	const char *word = scan->data + scan->start;
	size_t length = scan->at - scan->start;
	struct text text = {word, length};

	if (strchr("[]{}:,\"", word[0]) || text_equal(text, "true") ||
		text_equal(text, "false") || text_equal(text, "null") ||
		is_number(word, length))
		return NULL;
	if (word[0] == '\'')
		return "a single quote; strings stand in double quotes";
	if (word[0] == '/' || word[0] == '#')
		return "a comment; JSON has none";
	if (text_equal(text, "NaN") || text_equal(text, "Infinity") ||
		text_equal(text, "-Infinity"))
		return "NaN and Infinity are not JSON numbers";
	if (strchr("+-.0123456789", word[0]))
		return "not a number as JSON writes it";
	return "a bare word that is not true, false or null";
}

/* What jansson wanted to see at the scan's last token. */
static const char *
describe_grammar(const struct scan *scan, const char *text)
{
	char c = scan->data[scan->start];

	if ((c == ']' || c == '}') && scan->data[scan->before] == ',')
		return "a comma before a closing bracket";
	if (text_starts(text, "string or '}' expected"))
		return "a key in double quotes is expected";
	if (text_starts(text, "':' expected"))
		return "a colon is expected after the key";
	if (text_starts(text, "'}' expected"))
		return "a comma or } is expected";
	if (text_starts(text, "']' expected"))
		return "a comma or ] is expected";
	return "a value is expected";
}

/* Says in our words, and at the token itself, what jansson found. */
static void
explain(const char *data, size_t length, const json_error_t *error,
	struct json_fault *fault)
{
	struct scan scan = {.data = data, .length = length};
	size_t end = error->position > 0 ? (size_t)error->position : 0;
	enum json_error_code code = json_error_code(error);
	const char *why;
	bool found = true;

	while (found && scan_token(&scan, end, &found, fault))
		;
	if (code == json_error_duplicate_key) {
		/* Not which: a name may be a customer's, and reasons are
		 * logged. */
		why = "a key stands twice";
	} else if (code == json_error_premature_end_of_input) {
		scan.start = length;
		why = "the text ends too early";
	} else if (code == json_error_numeric_overflow) {
		why = "a number too large to be kept";
	} else if (code == json_error_end_of_input_expected &&
		   scan.start > scan.before) {
		why = "something follows the text";
	} else if ((why = describe_word(&scan))) {
		; /* a wrong word is the cause, whatever stands around it */
	} else {
		why = describe_grammar(&scan, error->text);
	}
	fault_at(fault, data, scan.start, why);
}

json_t *
json_read_strictly(const char *data, size_t length, struct json_fault *fault)
{
	struct json_fault unwanted;
	json_error_t error;

	if (!fault)
		fault = &unwanted;
	if (!look_over(data, length, fault))
		return NULL;
	json_t *value = json_loadb(
		data, length, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);

	if (!value)
		explain(data, length, &error, fault);
	return value;
}

json_t *
json_read(const char *data, size_t length, struct json_fault *fault)
{
	json_t *value = json_fast_read(data, length);

	return value ? value : json_read_strictly(data, length, fault);
}

json_t *
json_written(const struct buf *text)
{
	struct json_fault fault;
	json_t *value = json_read(text->data, text->length, &fault);

	assert(value);
	return value;
}

const char *
json_string_at(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}
