/*
 * Comments of customers, for people who should not see whose they are. The first
 * line is what is known of the person; of the rest no long number is left, no
 * address of mail, and nothing of that, wherever it stands alone.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "base/text.h"
#include "nps/redact.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool holds)
{
	if (!holds)
		abort();
}

static bool
is_among(char c, const char *set)
{
	return c == '\0' || strchr(set, c) != NULL;
}

static void
check_numbers(const char *text)
{
	for (; *text != '\0'; text++)
		must(strspn(text, "0123456789") < REDACT_DIGITS_LEAST);
}

/* "a@b", with letters or digits on both sides. */
static void
check_addresses(const char *text)
{
	static const char signs[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

	for (const char *at = text; (at = strchr(at, '@')) != NULL; at++)
		must(at == text || is_among(at[-1], "") ||
			strchr(signs, at[-1]) == NULL || at[1] == '\0' ||
			strchr(signs, at[1]) == NULL);
}

static void
check_own(const char *text, const char *own)
{
	static const char around[] = " \n.,;:!?\"'()";
	size_t length = strlen(own);

	if (length == 0 || strpbrk(own, "#@") != NULL || is_among(*own, around))
		return;
	for (const char *at = text; *at != '\0'; at++)
		if ((at == text || is_among(at[-1], around)) &&
			strncasecmp(at, own, length) == 0)
			must(!is_among(at[length], around));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = mem_copy(data, size);
	char *comment = text + strcspn(text, "\n");
	const char *own[2] = {text, NULL};
	struct buf out = {0};

	if (*comment == '\n')
		*comment++ = '\0';
	buf_append_text(&out, "");
	redact_append(&out, comment, own, "#");
	must(out.length == strlen(out.data));
	if (text_is_utf8(comment, strlen(comment), NULL) &&
		text_is_utf8(text, strlen(text), NULL))
		must(text_is_utf8(out.data, out.length, NULL));
	check_numbers(out.data);
	check_addresses(out.data);
	check_own(out.data, text);
	buf_done(&out);
	free(text);
	return 0;
}
