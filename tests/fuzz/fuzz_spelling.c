/*
 * What lies in bodies and refused records, searched for somebody. The first line
 * is the address that is looked for. No way of reading makes a text longer; and
 * what is named in a text is named in it however we spell it.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/text.h"
#include "nps/spelling.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool holds)
{
	if (!holds)
		abort();
}

static void
check_as_json(const struct person *person, const char *text, size_t length)
{
	json_t *string = json_stringn_nocheck(text, length);
	char *written = json_dumps(string, JSON_ENCODE_ANY | JSON_ENSURE_ASCII);

	must(written != NULL &&
		spelling_names(person, written, strlen(written)));
	free(written);
	json_decref(string);
}

static void
check_as_quoted(const struct person *person, const char *text, size_t length)
{
	struct buf written = {0};

	for (size_t i = 0; i < length; i++) {
		buf_printf(&written, "=%02X", (unsigned char)text[i]);
		if (i % 20 == 19)
			buf_append_text(&written, "=\r\n");
	}
	must(spelling_names(person, written.data, written.length));
	buf_done(&written);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *bytes = (const char *)data;
	const char *end = size > 0 ? memchr(bytes, '\n', size) : NULL;
	size_t first = end != NULL ? (size_t)(end - bytes) : 0;
	const char *text = bytes + (end != NULL ? first + 1 : 0);
	size_t length = size - (size_t)(text - bytes);
	struct person person = {.words = NULL};
	char *who = mem_copy(bytes, first);

	if (text_is_utf8(who, strlen(who), NULL))
		person_add(&person, PERSON_EMAIL, who, NULL);
	free(who);
	for (int way = SPELLING_WORDS; way <= SPELLING_HTML; way++) {
		struct buf out = {0};

		spelling_undo(&out, (enum spelling)way, text, length);
		must(out.length <= length);
		buf_done(&out);
	}
	must(!person_is_named(&person, text, length) ||
		spelling_names(&person, text, length));
	if (person_is_named(&person, text, length) &&
		text_is_utf8(text, length, NULL)) {
		check_as_json(&person, text, length);
		check_as_quoted(&person, text, length);
	}
	person_done(&person);
	return 0;
}
