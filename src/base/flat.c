/*
 * flat - the reader.
 *
 * One pass, which looks at each byte once: grammar, UTF-8, escapes, depth and
 * keys that stand twice all at the same time. Taking what json.c refuses is
 * the one mistake to be made here; test_json.c and fuzz_json.c look for it.
 */
#include "base/flat.h"

#include <endian.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "base/json.h"
#include "base/text.h"

enum {
	LENGTH_LIMIT_BYTES = 16 * 1024 * 1024,
	DIGITS_THAT_FIT = 18, /* into 64 bits */
	DIGITS_EXACT = 15,    /* in a double */
	NO_CODE = 0x110000,
};

struct reading {
	char *at, *end;
	struct flat *next, *last; /* row of values: free; the end of the room */
	int depth;
};

static bool read_value(struct reading *reading, struct flat *value);

static inline void
skip_blank(struct reading *reading)
{
	if (reading->at<reading->end && * reading->at> ' ')
		return;
	while (reading->at < reading->end &&
		(*reading->at == ' ' || *reading->at == '\t' ||
			*reading->at == '\r' || *reading->at == '\n'))
		reading->at++;
}

/* Skips the character if it is the next one. */
static inline bool
skip(struct reading *reading, char c)
{
	if (reading->at < reading->end && *reading->at == c) {
		reading->at++;
		return true;
	}
	skip_blank(reading);
	if (reading->at == reading->end || *reading->at != c)
		return false;
	reading->at++;
	return true;
}

/* ---- strings ---- */

/*
 * Eight bytes at once: the top bit of the first of them that ends a plain run
 * (a quote, a backslash, a control character or no ASCII); 0 if none does.
 * Subtracting one borrows into the top bit of a byte that was zero; the bytes
 * behind that one may be told wrongly then, but only when there is one.
 */
static inline uint64_t
special_in(const char *bytes)
{
	const uint64_t ones = UINT64_C(0x0101010101010101);
	const uint64_t tops = ones << 7;
	uint64_t word, quote, backslash;

	memcpy(&word, bytes, sizeof(word));
	word = le64toh(word);
	quote = word ^ ones * '"';
	backslash = word ^ ones * '\\';
	return (word | (word - ones * 0x20) | (quote - ones) |
		       (backslash - ones)) &
	       tops;
}

#ifdef __SSE2__
/* The same for sixteen, a bit each. As a signed number, what is no ASCII is
 * less than a blank, as control characters are. */
static inline unsigned
special_in_16(const char *bytes)
{
	__m128i word = _mm_loadu_si128((const __m128i *)(const void *)bytes);
	__m128i ends = _mm_or_si128(_mm_cmpeq_epi8(word, _mm_set1_epi8('"')),
		_mm_cmpeq_epi8(word, _mm_set1_epi8('\\')));

	ends = _mm_or_si128(ends, _mm_cmplt_epi8(word, _mm_set1_epi8(' ')));
	return (unsigned)_mm_movemask_epi8(ends);
}
#endif

/* The first byte that is no plain ASCII of a string. */
static inline char *
plain_end(char *at, const char *end)
{
#ifdef __SSE2__
	for (; end - at >= 16; at += 16) {
		unsigned special = special_in_16(at);

		if (special)
			return at + __builtin_ctz(special);
	}
#endif
	for (; end - at >= 8; at += 8) {
		uint64_t special = special_in(at);

		if (special)
			return at + __builtin_ctzll(special) / 8;
	}
	while (at < end && (unsigned char)*at >= 0x20 &&
		(unsigned char)*at < 0x80 && *at != '"' && *at != '\\')
		at++;
	return at;
}

/* The length of the UTF-8 sequence here, 0 if it is none. The most common
 * ones of two and three bytes are known at a glance. */
static inline size_t
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

/* Behind the good characters that need no change: at a quote, a backslash, what
 * may not be there, or the end. */
static char *
run_end(char *at, const char *end)
{
	for (;;) {
		at = plain_end(at, end);
		while (at < end && (unsigned char)*at >= 0x80) {
			size_t length = sequence_length(at, end);

			if (!length)
				return at;
			at += length;
		}
		if (at == end || *at == '"' || *at == '\\' ||
			(unsigned char)*at < 0x20)
			return at;
	}
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
		int digit = text_hex_digit(reading->at[i]);

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

/* Writes it as UTF-8, which is shorter than its escape; returns its end. */
static char *
put_code(char *out, uint32_t code)
{
	static const unsigned char lead[] = {0, 0xC0, 0xE0, 0xF0};
	size_t more = code < 0x80      ? 0
		      : code < 0x800   ? 1
		      : code < 0x10000 ? 2
				       : 3;

	for (size_t i = more; i > 0; i--, code >>= 6)
		out[i] = (char)(0x80 | (code & 0x3F));
	out[0] = (char)(lead[more] | code);
	return out + more + 1;
}

/* Puts what the escape that is next means at *out. */
static bool
read_escape(struct reading *reading, char **out)
{
	static const char letters[] = "\"\\/bfnrt";
	static const char meant[] = "\"\\/\b\f\n\r\t";

	if (reading->end - reading->at < 2)
		return false;
	if (reading->at[1] == 'u') {
		uint32_t code = read_code(reading);

		if (code != NO_CODE)
			*out = put_code(*out, code);
		return code != NO_CODE;
	}
	const char *letter =
		memchr(letters, reading->at[1], sizeof(letters) - 1);

	if (!letter)
		return false;
	*(*out)++ = meant[letter - letters];
	reading->at += 2;
	return true;
}

/* The rest of a string from its first escape on; what is behind one moves up.
 * Returns the string's new end, NULL if it is none. */
static char *
read_escaped(struct reading *reading)
{
	char *out = reading->at;

	while (reading->at < reading->end && *reading->at == '\\') {
		if (!read_escape(reading, &out))
			return NULL;
		char *run = reading->at;

		reading->at = run_end(run, reading->end);
		memmove(out, run, (size_t)(reading->at - run));
		out += reading->at - run;
	}
	return out;
}

/* The string that starts here, in place and ended. */
static inline bool
read_string(struct reading *reading, const char **text, uint32_t *length)
{
	char *start = ++reading->at;
	char *end = reading->at = run_end(start, reading->end);

	if (end < reading->end && *end == '\\')
		end = read_escaped(reading);
	if (!end || reading->at == reading->end || *reading->at != '"')
		return false;
	reading->at++;
	*end = '\0';
	*text = start;
	*length = (uint32_t)(end - start);
	return true;
}

/* ---- the other values ---- */

/* Reads ".25" behind the whole part, whose digits are given. Fifteen digits and
 * the power of ten are exact as doubles, so that their quotient is the nearest
 * to the number. */
static bool
read_fraction(struct reading *reading, struct flat *value, int64_t whole,
	long digits, bool negative)
{
	static const double tens[] = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8,
		1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
	const char *start = ++reading->at;

	while (reading->at < reading->end && *reading->at >= '0' &&
		*reading->at <= '9' && digits++ < DIGITS_EXACT)
		whole = whole * 10 + (*reading->at++ - '0');
	if (reading->at == start || digits > DIGITS_EXACT)
		return false;
	value->type = JSON_REAL;
	value->real = (double)whole / tens[reading->at - start];
	if (negative)
		value->real = -value->real;
	return true;
}

/* Exponents, and what might not fit, are for the strict reader. */
static bool
read_number(struct reading *reading, struct flat *value)
{
	bool negative = *reading->at == '-';
	char *digits = reading->at + negative, *at = digits;
	int64_t whole = 0;

	while (at < reading->end && *at >= '0' && *at <= '9' &&
		at - digits < DIGITS_THAT_FIT)
		whole = whole * 10 + (*at++ - '0');
	if (at == digits || (*digits == '0' && at - digits > 1))
		return false;
	reading->at = at;
	if (at < reading->end && *at == '.')
		return read_fraction(
			reading, value, whole, at - digits, negative);
	/* One more digit or an exponent stands in the way of whatever may
	 * follow. */
	value->type = JSON_INTEGER;
	value->integer = negative ? -whole : whole;
	return true;
}

static bool
read_word(struct reading *reading, const char *word, struct flat *value,
	json_type type)
{
	size_t length = strlen(word);

	if ((size_t)(reading->end - reading->at) < length ||
		memcmp(reading->at, word, length) != 0)
		return false;
	reading->at += length;
	value->type = type;
	return true;
}

/* The members of an object, while it is read: which bits their keys have (most
 * keys have one of their own, and need not be compared), and how many. */
struct members {
	uint64_t bits;
	int count;
};

static inline uint64_t
key_bit(const struct flat *member)
{
	unsigned first = (unsigned char)member->key[0];

	return UINT64_C(1) << ((first + member->key_length * 7) & 63);
}

/* Whether a member before this one has the same key, or there are too many to
 * be compared with. */
static bool
stands_twice(struct members *members, const struct flat *object,
	const struct flat *member)
{
	uint64_t bit = key_bit(member);
	bool is_new = (members->bits & bit) == 0;

	members->bits |= bit;
	if (++members->count > FLAT_MEMBERS_LIMIT)
		return true;
	if (is_new)
		return false;
	for (const struct flat *at = object + 1; at < member; at += at->span)
		if (at->key_length == member->key_length &&
			!memcmp(at->key, member->key, at->key_length))
			return true;
	return false;
}

/* The next free value, or NULL. */
static inline struct flat *
take(struct reading *reading)
{
	return reading->next < reading->last ? reading->next++ : NULL;
}

static bool
read_member(struct reading *reading, const struct flat *object,
	struct members *members)
{
	struct flat *member = take(reading);

	skip_blank(reading);
	return member && reading->at < reading->end && *reading->at == '"' &&
	       read_string(reading, &member->key, &member->key_length) &&
	       !stands_twice(members, object, member) && skip(reading, ':') &&
	       read_value(reading, member);
}

static bool
read_element(struct reading *reading)
{
	struct flat *element = take(reading);

	if (!element)
		return false;
	element->key = NULL;
	element->key_length = 0;
	return read_value(reading, element);
}

static bool
read_nested(struct reading *reading, struct flat *value)
{
	bool is_object = *reading->at++ == '{', good = true;
	struct members members = {0};

	char end = is_object ? '}' : ']';

	value->type = is_object ? JSON_OBJECT : JSON_ARRAY;
	if (skip(reading, end))
		return true;
	do
		good = is_object ? read_member(reading, value, &members)
				 : read_element(reading);
	while (good && skip(reading, ','));
	return good && skip(reading, end);
}

/* Fills all but the key; what lies in it takes the values that follow. Goes no
 * deeper than JSON_DEPTH_LIMIT. */
static bool
read_value(struct reading *reading, struct flat *value)
{
	bool good;

	skip_blank(reading);
	if (reading->at == reading->end)
		return false;
	value->span = 1;
	switch (*reading->at) {
	case '"':
		value->type = JSON_STRING;
		return read_string(reading, &value->text, &value->text_length);
	case '{':
	case '[':
		good = reading->depth++ < JSON_DEPTH_LIMIT &&
		       read_nested(reading, value);
		reading->depth--;
		value->span = (uint32_t)(reading->next - value);
		return good;
	case 't':
		return read_word(reading, "true", value, JSON_TRUE);
	case 'f':
		return read_word(reading, "false", value, JSON_FALSE);
	case 'n':
		return read_word(reading, "null", value, JSON_NULL);
	default:
		return read_number(reading, value);
	}
}

size_t
flat_read(char *data, size_t length, struct flat *values, size_t room)
{
	struct reading reading = {.at = data,
		.end = data + length,
		.next = values,
		.last = values + room};

	if (!length || length > LENGTH_LIMIT_BYTES || !read_element(&reading))
		return 0;
	skip_blank(&reading);
	return reading.at == reading.end ? (size_t)(reading.next - values) : 0;
}

/* ---- what was read ---- */

const struct flat *
flat_member(const struct flat *object, const char *name)
{
	size_t length = strlen(name);

	if (!object || object->type != JSON_OBJECT)
		return NULL;
	for (const struct flat *at = object + 1; at < object + object->span;
		at += at->span)
		if (at->key_length == length && !memcmp(at->key, name, length))
			return at;
	return NULL;
}

bool
flat_is_missing(const struct flat *value)
{
	return !value || value->type == JSON_NULL;
}

bool
flat_is_number(const struct flat *value)
{
	return value &&
	       (value->type == JSON_INTEGER || value->type == JSON_REAL);
}

double
flat_number(const struct flat *value)
{
	return value->type == JSON_INTEGER ? (double)value->integer
					   : value->real;
}
