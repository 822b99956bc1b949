/* spelling - words as they are read. */
#include "nps/spelling.h"

#include <string.h>
#include <strings.h>

#include "crypt/digest.h"

enum {
	LINE_LEAST = 16,   /* a shorter line may be a word */
	ENTITY_LIMIT = 10, /* the longest that is known */
	CODE_LIMIT = 0x10ffff,
	MIME_LINE_LIMIT = 76,
};

static int
hex_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* -1: there are no such digits. */
static long
hex_at(const char *bytes, size_t left, size_t digits)
{
	long value = 0;

	if (left < digits)
		return -1;
	for (size_t i = 0; i < digits; i++) {
		if (hex_of(bytes[i]) < 0)
			return -1;
		value = value * 16 + hex_of(bytes[i]);
	}
	return value;
}

static void
append_code(struct buf *out, long code)
{
	if (code < 0x80) {
		buf_append_char(out, (char)code);
		return;
	}
	if (code < 0x800) {
		buf_append_char(out, (char)(0xc0 | code >> 6));
	} else {
		if (code < 0x10000) {
			buf_append_char(out, (char)(0xe0 | code >> 12));
		} else {
			buf_append_char(out, (char)(0xf0 | code >> 18));
			buf_append_char(out, (char)(0x80 | (code >> 12 & 63)));
		}
		buf_append_char(out, (char)(0x80 | (code >> 6 & 63)));
	}
	buf_append_char(out, (char)(0x80 | (code & 63)));
}

/* ---- one after the other: each returns what it took, 0: it is none ---- */

static size_t
undo_quoted(struct buf *out, const char *at, size_t left)
{
	long value;
	size_t blanks = 1;

	if (*at != '=')
		return 0;
	value = hex_at(at + 1, left - 1, 2);
	if (value >= 0) {
		buf_append_char(out, (char)value);
		return 3;
	}
	/* A line that goes on. */
	while (blanks < left && (at[blanks] == ' ' || at[blanks] == '\t'))
		blanks++;
	if (blanks < left && at[blanks] == '\r')
		blanks++;
	return blanks < left && at[blanks] == '\n' ? blanks + 1 : 0;
}

static size_t
undo_form(struct buf *out, const char *at, size_t left)
{
	long value = *at == '%' ? hex_at(at + 1, left - 1, 2) : -1;

	if (value < 0)
		return 0;
	buf_append_char(out, (char)value);
	return 3;
}

static size_t
undo_json_code(struct buf *out, const char *at, size_t left)
{
	long high = hex_at(at + 2, left - 2, 4), low = -1;

	if (high < 0)
		return 0;
	if (high >= 0xd800 && high < 0xdc00 && left >= 12 && at[6] == '\\' &&
		at[7] == 'u')
		low = hex_at(at + 8, left - 8, 4);
	if (low >= 0xdc00 && low < 0xe000) {
		append_code(out,
			0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00));
		return 12;
	}
	append_code(out, high);
	return 6;
}

static size_t
undo_json(struct buf *out, const char *at, size_t left)
{
	static const char names[] = "\"\\/nrtbf", signs[] = "\"\\/\n\r\t\b\f";
	const char *name;

	if (*at != '\\' || left < 2)
		return 0;
	if (at[1] == 'u')
		return undo_json_code(out, at, left);
	name = at[1] != '\0' ? strchr(names, at[1]) : NULL;
	if (name == NULL)
		return 0;
	buf_append_char(out, signs[name - names]);
	return 2;
}

/* "&#39;" or "&#x27;": the digits between. -1: none. */
static long
number_between(const char *digits, size_t length)
{
	bool hex = length > 1 && (*digits == 'x' || *digits == 'X');
	long value = 0;

	for (size_t i = hex; i < length; i++) {
		int digit = hex_of(digits[i]);

		if (digit < 0 || (!hex && digit > 9))
			return -1;
		value = value * (hex ? 16 : 10) + digit;
		if (value > CODE_LIMIT)
			return -1;
	}
	return length > 0 ? value : -1;
}

static size_t
undo_html(struct buf *out, const char *at, size_t left)
{
	static const struct {
		const char *name;
		char sign;
	} entities[] = {{"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'},
		{"apos", '\''}, {"commat", '@'}, {"period", '.'}};
	const char *end;
	size_t length;
	long code;

	if (*at != '&')
		return 0;
	end = memchr(at, ';', left < ENTITY_LIMIT ? left : ENTITY_LIMIT);
	if (end == NULL)
		return 0;
	length = (size_t)(end - at) - 1;
	code = at[1] == '#' ? number_between(at + 2, length - 1) : -1;
	for (size_t i = 0; code < 0 && i < sizeof(entities) / sizeof(*entities);
		i++)
		if (strlen(entities[i].name) == length &&
			memcmp(at + 1, entities[i].name, length) == 0)
			code = entities[i].sign;
	if (code < 0)
		return 0;
	append_code(out, code);
	return length + 2;
}

/* ---- mails ---- */

static bool
append_base64(struct buf *out, const char *text, size_t length)
{
	struct buf bytes = {0};
	bool good = base64_decode(text, length, &bytes, NULL);

	if (good && bytes.length > 0)
		buf_append(out, bytes.data, bytes.length);
	buf_done(&bytes);
	return good;
}

static void
append_q(struct buf *out, const char *text, size_t length)
{
	for (size_t at = 0; at < length;) {
		size_t took = undo_quoted(out, text + at, length - at);

		if (took == 0)
			buf_append_char(out, text[at] == '_' ? ' ' : text[at]);
		at += took > 0 ? took : 1;
	}
}

/* The length of an encoded word; *text and *count are what is coded in it. */
static size_t
word_at(const char *at, size_t left, char *how, const char **text,
	size_t *count)
{
	const char *kind, *end = at + left;

	if (left < 8 || at[0] != '=' || at[1] != '?')
		return 0;
	if (left > MIME_LINE_LIMIT + 2) {
		left = MIME_LINE_LIMIT + 2;
		end = at + left;
	}
	kind = memchr(at + 2, '?', left - 2);
	if (kind == NULL || end - kind < 5 || kind[2] != '?')
		return 0;
	*how = kind[1];
	*text = kind + 3;
	for (const char *c = *text; c + 1 < end; c++)
		if (c[0] == '?' && c[1] == '=') {
			*count = (size_t)(c - *text);
			return (size_t)(c - at) + 2;
		}
	return 0;
}

static size_t
blanks_at(const char *at, size_t left)
{
	size_t count = 0;

	while (count < left && strchr(" \t\r\n", at[count]) != NULL &&
		at[count] != '\0')
		count++;
	return count;
}

/* With the blanks between it and another one, which are none. */
static size_t
undo_word(struct buf *out, const char *at, size_t left)
{
	const char *text, *next;
	size_t count, took, blanks, next_count;
	char how, next_how;

	took = word_at(at, left, &how, &text, &count);
	if (took == 0)
		return 0;
	if (how == 'Q' || how == 'q')
		append_q(out, text, count);
	else if ((how != 'B' && how != 'b') || !append_base64(out, text, count))
		return 0;
	blanks = blanks_at(at + took, left - took);
	if (word_at(at + took + blanks, left - took - blanks, &next_how, &next,
		    &next_count) > 0)
		took += blanks;
	return took;
}

static bool
is_base64(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
	       (c >= 'a' && c <= 'z') || c == '+' || c == '/' || c == '=';
}

/* Of its signs, and with the end of its line. */
static size_t
line_at(const char *at, size_t left, size_t *signs)
{
	size_t length = 0;

	while (length < left && is_base64(at[length]))
		length++;
	*signs = length;
	if (length < left && at[length] == '\r')
		length++;
	if (length == left)
		return length;
	return at[length] == '\n' ? length + 1 : 0;
}

/* Lines of nothing else, the first of which is no word. */
static size_t
undo_lines(struct buf *out, const char *at, size_t left)
{
	struct buf text = {0};
	size_t took = 0, line, signs;

	while ((line = line_at(at + took, left - took, &signs)) > 0 &&
		signs > 0 && (took > 0 || signs >= LINE_LEAST)) {
		buf_append(&text, at + took, signs);
		took += line;
	}
	if (took > 0 && !append_base64(out, text.data, text.length))
		took = 0;
	buf_done(&text);
	return took;
}

/* ---- all of a text ---- */

/* What stands in every text that is written so. */
static const char marks[] = {
	[SPELLING_WORDS] = '=',
	[SPELLING_BASE64] = '\n',
	[SPELLING_QUOTED] = '=',
	[SPELLING_JSON] = '\\',
	[SPELLING_FORM] = '%',
	[SPELLING_HTML] = '&',
};

void
spelling_undo(struct buf *out, enum spelling spelling, const char *bytes,
	size_t length)
{
	static size_t (*const undo[])(
		struct buf * out, const char *at, size_t left) = {
		[SPELLING_WORDS] = undo_word,
		[SPELLING_BASE64] = undo_lines,
		[SPELLING_QUOTED] = undo_quoted,
		[SPELLING_JSON] = undo_json,
		[SPELLING_FORM] = undo_form,
		[SPELLING_HTML] = undo_html,
	};

	for (size_t at = 0; at < length;) {
		bool begins = at == 0 || bytes[at - 1] == '\n';
		size_t took =
			spelling != SPELLING_BASE64 || begins
				? undo[spelling](out, bytes + at, length - at)
				: 0;

		if (took == 0)
			buf_append_char(out, bytes[at]);
		at += took > 0 ? took : 1;
	}
}

/* Each on top of the ones before: a mail of HTML, a page in a JSON text. */
static bool
names_read_as(const struct person *person, const enum spelling *ways,
	size_t count, const char *bytes, size_t length)
{
	struct buf text = {0};
	bool names = false;

	for (size_t i = 0; i < count && !names; i++) {
		struct buf read = {0};

		if (memchr(bytes, marks[ways[i]], length) == NULL)
			continue;
		spelling_undo(&read, ways[i], bytes, length);
		if (read.length < length)
			names = person_is_named(person, read.data, read.length);
		buf_done(&text);
		text = read;
		bytes = text.data;
		length = text.length;
		if (length == 0)
			break;
	}
	buf_done(&text);
	return names;
}

bool
spelling_names(const struct person *person, const char *bytes, size_t length)
{
	static const enum spelling mail[] = {SPELLING_WORDS, SPELLING_BASE64,
		SPELLING_QUOTED, SPELLING_JSON, SPELLING_HTML, SPELLING_FORM};
	static const enum spelling other[] = {
		SPELLING_JSON, SPELLING_HTML, SPELLING_FORM};

	if (bytes == NULL || length == 0)
		return false;
	return person_is_named(person, bytes, length) ||
	       names_read_as(person, other, sizeof(other) / sizeof(*other),
		       bytes, length) ||
	       names_read_as(person, mail, sizeof(mail) / sizeof(*mail), bytes,
		       length);
}
