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
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (unsigned char)c >= 0x80;
}

static bool
is_word(char c)
{
	return is_letter(c) || is_digit(c);
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

/* A separator inside a number; a no-break space has two bytes. */
static size_t
separator(const char *at)
{
	if (strncmp(at, "\xC2\xA0", 2) == 0)
		return 2;
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
		if (is_word(at[i]) && (unsigned char)at[i] < 0x80) {
			count++;
			end = i + 1;
		} else if (at[i] != ' ' || !is_word(at[i + 1]) || count >= 34) {
			break;
		}
	}
	/* A sentence that follows is no part of it: it needs digits too. */
	return count >= IBAN_LEAST_BYTES && is_digit(at[end - 1]) ? end : 0;
}

static size_t
find_word(const char *at, const char *word)
{
	size_t length = strlen(word);

	if (length == 0 || strncasecmp(at, word, length) != 0 ||
		is_word(at[length]))
		return 0;
	return length;
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
find(const char *at, const char *const *own)
{
	size_t found = find_url(at);

	if (found == 0)
		found = find_mail(at);
	if (found == 0)
		found = find_own(at, own);
	if (found == 0)
		found = find_iban(at);
	if (found == 0 && (is_digit(*at) || *at == '+' || *at == '('))
		found = find_number(at);
	return found;
}

void
redact_append(struct buf *out, const char *text, const char *const *own,
	const char *mark)
{
	bool inside = false; /* a word */

	while (*text != '\0') {
		size_t found = inside ? 0 : find(text, own);

		if (found > 0) {
			buf_append_text(out, mark);
			text += found;
			inside = false;
			continue;
		}
		inside = is_word(*text);
		buf_append_char(out, *text++);
	}
}
