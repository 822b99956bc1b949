/*
 * text - small questions about strings and bytes that came from outside.
 */
#include "base/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

struct text
text_of(const char *string)
{
	if (!string)
		return (struct text){"", 0};
	return (struct text){string, strlen(string)};
}

bool
text_equal(struct text a, const char *b)
{
	struct text other = text_of(b);

	return a.length == other.length &&
	       (!a.length || !memcmp(a.data, other.data, a.length));
}

bool
text_same(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

bool
text_starts(const char *string, const char *prefix)
{
	return !strncmp(string, prefix, strlen(prefix));
}

const char *
text_plural(int64_t count, const char *one, const char *other)
{
	return count == 1 ? one : other;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct text
text_trim(struct text text)
{
	while (text.length && is_blank(text.data[0])) {
		text.data++;
		text.length--;
	}
	while (text.length && is_blank(text.data[text.length - 1]))
		text.length--;
	return text;
}

static bool
is_continuation(char c)
{
	return ((unsigned char)c & 0xC0) == 0x80;
}

/* Bytes that the lead byte announces (RFC 3629 section 3); 0 if it cannot
 * lead. */
static size_t
sequence_length(unsigned char lead)
{
	if (lead < 0x80)
		return 1;
	if (lead >= 0xC2 && lead <= 0xDF)
		return 2;
	if (lead >= 0xE0 && lead <= 0xEF)
		return 3;
	if (lead >= 0xF0 && lead <= 0xF4)
		return 4;
	return 0;
}

size_t
text_sequence(const char *data, size_t length, uint32_t *code)
{
	/* The least code point that a sequence of so many bytes may carry. */
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};

	if (!length)
		return 0;
	unsigned char lead = (unsigned char)data[0];
	size_t bytes = sequence_length(lead);

	if (!bytes || bytes > length)
		return 0;
	uint32_t value = bytes == 1 ? lead : lead & (0x7FU >> bytes);

	for (size_t i = 1; i < bytes; i++) {
		if (!is_continuation(data[i]))
			return 0;
		value = value << 6 | ((unsigned char)data[i] & 0x3F);
	}
	if (value < least[bytes] || value > 0x10FFFF ||
		(value >= 0xD800 && value <= 0xDFFF))
		return 0;
	if (code)
		*code = value;
	return bytes;
}

/* How many ASCII bytes the run starts with, eight at a time. */
static size_t
ascii_run(const char *data, size_t length)
{
	size_t i = 0;
	uint64_t word;

	for (; i + sizeof(word) <= length; i += sizeof(word)) {
		memcpy(&word, data + i, sizeof(word));
		if (word & UINT64_C(0x8080808080808080))
			break;
	}
	while (i < length && (unsigned char)data[i] < 0x80)
		i++;
	return i;
}

bool
text_is_utf8(const char *data, size_t length, size_t *at)
{
	size_t i = 0;

	while (i < length) {
		i += ascii_run(data + i, length - i);
		if (i == length)
			break;
		size_t bytes = text_sequence(data + i, length - i, NULL);

		if (!bytes) {
			if (at)
				*at = i;
			return false;
		}
		i += bytes;
	}
	return true;
}

bool
text_moves(uint32_t code)
{
	return code < 0x20 || (code >= 0x7F && code <= 0x9F) ||
	       code == 0x061C || code == 0x200E || code == 0x200F ||
	       (code >= 0x2028 && code <= 0x202E) ||
	       (code >= 0x2066 && code <= 0x2069);
}

size_t
text_cut(const char *data, size_t length, size_t limit)
{
	if (limit >= length)
		return length;

	size_t start = limit;

	while (start && limit - start < 3 && is_continuation(data[start]))
		start--;
	/* Only a whole sequence that the limit would cut is left out. */
	if (start + text_sequence(data + start, length - start, NULL) > limit)
		return start;
	return limit;
}

bool
text_to_integer(const char *string, int64_t low, int64_t high, int64_t *value)
{
	bool negative = string[0] == '-';
	const char *digit = string + negative;
	int64_t sum = 0;

	if (!*digit || (digit[0] == '0' && (digit[1] || negative)))
		return false;
	/* Summed below zero, where there is room for one more. */
	for (; *digit; digit++) {
		if (*digit < '0' || *digit > '9')
			return false;
		if (__builtin_mul_overflow(sum, 10, &sum) ||
			__builtin_sub_overflow(sum, *digit - '0', &sum))
			return false;
	}
	if (!negative && __builtin_sub_overflow(0, sum, &sum))
		return false;
	if (sum < low || sum > high)
		return false;
	*value = sum;
	return true;
}

/* Of whole tenths below this the nearest double is told by these alone. */
#define TENTHS_LIMIT 1e9

/* A number of whole tenths, as most figures are. */
static bool
append_tenths(struct buf *out, double value)
{
	double size = value < 0 ? -value : value;
	int64_t tenths;

	if (!(size < TENTHS_LIMIT / 10) || (size == 0 && signbit(value)))
		return false;
	tenths = (int64_t)(size * 10 + 0.5);
	if ((double)tenths / 10 != size)
		return false;
	if (value < 0)
		buf_append_char(out, '-');
	buf_append_integer(out, tenths / 10);
	if (tenths % 10 != 0)
		buf_append(out, (char[]){'.', (char)('0' + tenths % 10)}, 2);
	return true;
}

void
text_append_double(struct buf *out, double value)
{
	char digits[48];

	if (append_tenths(out, value))
		return;
	for (int precision = 15; precision <= 17; precision++) {
		(void)snprintf(
			digits, sizeof(digits), "%.*g", precision, value);
		if (precision == 17 || strtod(digits, NULL) == value)
			break;
	}
	/* What is no part of a number is the locale's decimal point, of one
	 * byte or of several. */
	for (const char *c = digits; *c; c++) {
		if (strchr("0123456789+-e", *c))
			buf_append_char(out, *c);
		else if (c == digits || strchr("0123456789", c[-1]))
			buf_append_char(out, '.');
	}
}

void
text_lower(char *string)
{
	for (; *string; string++)
		if (*string >= 'A' && *string <= 'Z')
			*string = (char)(*string - 'A' + 'a');
}

static size_t
least_of(size_t a, size_t b)
{
	return a < b ? a : b;
}

/*
 * One row of the table of distances: rows[0] is filled from rows[1], the row
 * above it, and rows[2], the one above that.
 */
static void
distance_row(size_t *const rows[3], size_t i, const char *a, const char *b,
	size_t width)
{
	rows[0][0] = i;
	for (size_t j = 1; j <= width; j++) {
		size_t cost = a[i - 1] == b[j - 1] ? 0 : 1;
		size_t value = least_of(rows[1][j], rows[0][j - 1]) + 1;

		value = least_of(value, rows[1][j - 1] + cost);
		if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			a[i - 2] == b[j - 1])
			value = least_of(value, rows[2][j - 2] + 1);
		rows[0][j] = value;
	}
}

size_t
text_distance(const char *a, const char *b, size_t limit)
{
	size_t height = strlen(a);
	size_t width = strlen(b);

	if (height > width + limit || width > height + limit)
		return limit + 1;

	size_t *table = mem_new(width + 1, 3 * sizeof(*table));
	size_t *rows[3] = {table, table + width + 1, table + 2 * (width + 1)};

	for (size_t j = 0; j <= width; j++)
		rows[0][j] = j;
	for (size_t i = 1; i <= height; i++) {
		size_t *oldest = rows[2];

		rows[2] = rows[1];
		rows[1] = rows[0];
		rows[0] = oldest;
		distance_row(rows, i, a, b, width);
	}
	size_t distance = least_of(rows[0][width], limit + 1);

	free(table);
	return distance;
}

const char *
text_nearest(const char *word, const char *const *candidates)
{
	size_t limit = strlen(word) / 3;
	const char *nearest = NULL;

	if (!limit)
		limit = 1;
	for (; *candidates; candidates++) {
		size_t distance = text_distance(word, *candidates, limit);

		if (distance > limit)
			continue;
		nearest = *candidates;
		if (!distance)
			break;
		limit = distance - 1; /* only a nearer one is better */
	}
	return nearest;
}

void
text_append_escaped(
	struct buf *out, const char *data, size_t length, size_t limit)
{
	size_t end = text_cut(data, length, limit);

	for (size_t i = 0; i < end;) {
		uint32_t code = 0;
		size_t bytes = text_sequence(data + i, end - i, &code);

		if (!bytes || (bytes == 1 && text_moves(code)))
			buf_printf(out, "\\x%02x", (unsigned char)data[i]);
		else if (text_moves(code))
			buf_printf(out, "\\u{%04x}", (unsigned)code);
		else if (code == '\\')
			buf_append(out, "\\\\", 2);
		else
			buf_append(out, data + i, bytes);
		i += bytes ? bytes : 1;
	}
	if (end < length)
		buf_append_text(out, "...");
}

const char *
text_html_entity(uint32_t code)
{
	switch (code) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return NULL;
	}
}

int
text_hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

size_t
text_percent_decode(char *text, size_t length, bool plus_is_blank)
{
	size_t to = 0;

	for (size_t from = 0; from < length; from++) {
		char c = text[from];
		int high = -1, low = -1;

		if (c == '%' && from + 2 < length) {
			high = text_hex_digit(text[from + 1]);
			low = text_hex_digit(text[from + 2]);
		}
		if (high >= 0 && low >= 0) {
			c = (char)(high * 16 + low);
			from += 2;
		} else if (c == '+' && plus_is_blank) {
			c = ' ';
		}
		text[to++] = c;
	}
	return to;
}
