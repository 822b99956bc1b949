/* redact - takes out of a text what tells who wrote it. */
#include "nps/redact.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "base/text.h"

enum { WORD_LEAST_BYTES = 3, IBAN_LEAST_BYTES = 15 };

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Code points above ASCII that are no letters, or letters of scripts that put
 * no blanks between words: a name may begin and end anywhere there. */
static bool
is_no_letter(uint32_t code)
{
	static const uint32_t ranges[][2] = {
		{0x80, 0xBF},	    /* signs of Latin 1 */
		{0xD7, 0xD7},	    /* times */
		{0xF7, 0xF7},	    /* divided by */
		{0x2000, 0x2BFF},   /* dashes, quotes, arrows, symbols */
		{0x2E80, 0xD7AF},   /* of China, Japan, Korea */
		{0xF900, 0xFAFF},   /* more of them */
		{0xFE00, 0xFE6F},   /* variants, small forms */
		{0xFF00, 0xFFFF},   /* wide and half forms */
		{0x1F000, 0x1FAFF}, /* pictures */
		{0x20000, 0x3FFFF}, /* the rest of China's */
	};

	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
		if (code >= ranges[i][0] && code <= ranges[i][1])
			return true;
	return false;
}

/* The sign there: how many bytes it has, and whether words are made of such. */
static size_t
sign_at(const char *at, bool *is_word)
{
	uint32_t code = 0;
	size_t length = text_sequence(at, strnlen(at, 4), &code);

	*is_word = code < 0x80 ? is_letter(*at) || is_digit(*at)
			       : !is_no_letter(code);
	return length > 0 ? length : 1;
}

static bool
is_word_at(const char *at)
{
	bool is_word;

	(void)sign_at(at, &is_word);
	return is_word;
}

/* ---- one kind each: how many bytes of it begin here; 0: none ---- */

static size_t
find_url(const char *at)
{
	static const char *const starts[] = {
		"http://", "https://", "www.", "mailto:", "tel:", NULL};

	for (const char *const *start = starts; *start != NULL; start++)
		if (strncasecmp(at, *start, strlen(*start)) == 0)
			return strcspn(at, " \t\r\n<>\"");
	return 0;
}

static size_t
find_mail(const char *at)
{
	size_t length = strcspn(at, " \t\r\n<>()[],;:\"'");
	const char *sign = memchr(at, '@', length);

	if (sign == NULL || sign == at || (size_t)(sign - at) + 1 == length)
		return 0;
	while (length > 0 && strchr(".!?", at[length - 1]) != NULL)
		length--;
	return length;
}

/* A separator inside a number, blanks and dashes of print among them. */
static size_t
separator(const char *at)
{
	static const char *const prints[] = {"\u00A0", "\u2009", "\u202F",
		"\u2010", "\u2011", "\u2012", "\u2013", NULL};

	for (const char *const *one = prints; *one != NULL; one++)
		if (strncmp(at, *one, strlen(*one)) == 0)
			return strlen(*one);
	return *at != '\0' && strchr(" -./()+", *at) != NULL ? 1 : 0;
}

static size_t
find_number(const char *at)
{
	size_t digits = 0, end = 0, i = 0, skip;

	for (; is_digit(at[i]) || (skip = separator(at + i)) > 0;) {
		if (!is_digit(at[i])) {
			i += skip;
			continue;
		}
		digits++;
		end = ++i;
	}
	return digits >= REDACT_DIGITS_LEAST ? end : 0;
}

/* "NL91 ABNA 0417 1643 00": two letters, two digits, groups. */
static size_t
find_iban(const char *at)
{
	size_t i = 4, count = 4, end = 0;

	if (!is_letter(at[0]) || !is_letter(at[1]) || !is_digit(at[2]) ||
		!is_digit(at[3]))
		return 0;
	for (;; i++) {
		if (is_letter(at[i]) || is_digit(at[i])) {
			count++;
			end = i + 1;
		} else if (at[i] != ' ' || !is_word_at(at + i + 1) ||
			   count >= 34) {
			break;
		}
	}
	/* A sentence that follows is no part of it: it needs digits too. */
	return count >= IBAN_LEAST_BYTES && is_digit(at[end - 1]) ? end : 0;
}

/* Small letters of ASCII and of Latin 1, whose second byte is one bit apart. */
static unsigned char
small(const char *text, size_t i)
{
	unsigned char c = (unsigned char)text[i];

	if (c >= 'A' && c <= 'Z')
		return (unsigned char)(c - 'A' + 'a');
	if (i > 0 && (unsigned char)text[i - 1] == 0xC3 && c >= 0x80 &&
		c <= 0x9E && c != 0x97)
		return c | 0x20;
	return c;
}

static bool
ends_in_word(const char *word, size_t length)
{
	size_t last = length - 1;

	while (last > 0 && ((unsigned char)word[last] & 0xC0) == 0x80)
		last--;
	return is_word_at(word + last);
}

static size_t
find_word(const char *at, const char *word)
{
	size_t length = strlen(word);

	for (size_t i = 0; i < length; i++)
		if (small(at, i) != small(word, i))
			return 0;
	/* One that ends in another sign ends there. */
	return length == 0 || !is_word_at(at + length) ||
			       !ends_in_word(word, length)
		       ? length
		       : 0;
}

/* Parts of names that are words of their own. */
static bool
is_particle(const char *part, size_t length)
{
	static const char *const particles[] = {"van", "von", "der", "den",
		"ter", "ten", "del", "della", "the", "and", "het", NULL};

	for (const char *const *one = particles; *one != NULL; one++)
		if (strlen(*one) == length &&
			strncasecmp(part, *one, length) == 0)
			return true;
	return false;
}

static size_t
find_part(const char *at, const char *name)
{
	size_t found = 0;

	while (*name != '\0' && found == 0) {
		size_t length = strcspn(name, " \t-");

		if (length >= WORD_LEAST_BYTES &&
			!(*name >= 'a' && *name <= 'z') &&
			!is_particle(name, length)) {
			char *part = mem_copy(name, length);

			found = find_word(at, part);
			free(part);
		}
		name += length;
		name += strspn(name, " \t-");
	}
	return found;
}

static size_t
find_own(const char *at, const char *const *own)
{
	size_t found = 0;

	for (; own != NULL && *own != NULL && found == 0; own++) {
		found = find_word(at, *own);
		if (found == 0)
			found = find_part(at, *own);
	}
	return found;
}

static size_t
longer(size_t a, size_t b)
{
	return a > b ? a : b;
}

/* The longest that begins at the start of a word. */
static size_t
find(const char *at, const char *const *own)
{
	size_t found = longer(find_url(at), find_mail(at));

	found = longer(found, find_own(at, own));
	found = longer(found, find_iban(at));
	if (is_digit(*at) || *at == '+' || *at == '(')
		found = longer(found, find_number(at));
	return found;
}

/* Inside a word a number may begin behind letters. */
static size_t
find_inside(const char *at, char before)
{
	return is_digit(*at) && !is_digit(before) ? find_number(at) : 0;
}

void
redact_append(struct buf *out, const char *text, const char *const *own,
	const char *mark)
{
	bool inside = false, is_word; /* a word */
	char before = '\0';

	while (*text != '\0') {
		size_t length = sign_at(text, &is_word);
		size_t found = inside && is_word ? find_inside(text, before)
						 : find(text, own);

		if (found > 0) {
			buf_append_text(out, mark);
			text += found;
			inside = false;
			continue;
		}
		inside = is_word;
		before = *text;
		buf_append(out, text, length);
		text += length;
	}
}
