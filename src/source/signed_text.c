/* signed_text - what a sender signed, put together of parts of its request. */
#include "source/signed_text.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

static void
add(struct signed_text *text, enum signed_part_kind kind, const char *data,
	size_t length)
{
	text->parts = mem_grow(
		text->parts, text->count + 1, sizeof(struct signed_part));
	text->parts[text->count++] =
		(struct signed_part){kind, mem_copy(data, length)};
}

/* What stands in braces. */
static bool
add_named(struct signed_text *text, const char *data, size_t length)
{
	static const struct {
		const char *word; /* with a colon: a name follows */
		enum signed_part_kind kind;
	} words[] = {{"body", PART_BODY}, {"method", PART_METHOD},
		{"uri", PART_URI}, {"timestamp", PART_TIMESTAMP},
		{"header:", PART_HEADER}, {"field:", PART_FIELD}};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		size_t word = strlen(words[i].word);
		bool named = words[i].word[word - 1] == ':';

		if ((named ? length <= word : length != word) ||
			strncmp(data, words[i].word, word) != 0)
			continue;
		add(text, words[i].kind, data + word, length - word);
		return true;
	}
	return false;
}

struct signed_text *
signed_text_open(const char *text, struct err *err)
{
	struct signed_text *made = mem_new(1, sizeof(*made));

	while (*text != '\0') {
		size_t plain = strcspn(text, "{}");
		size_t inside;

		if (plain > 0)
			add(made, PART_TEXT, text, plain);
		text += plain;
		if (*text == '\0')
			break;
		inside = strcspn(text + 1, "{}");
		if (*text == '{' && text[1 + inside] == '}' &&
			add_named(made, text + 1, inside)) {
			text += inside + 2;
			continue;
		}
		err_set(err, "expected text with {body}, {method}, {uri}, "
			     "{header:NAME}, {field:NAME} or {timestamp} in "
			     "it");
		signed_text_close(made);
		return NULL;
	}
	return made;
}

void
signed_text_close(struct signed_text *text)
{
	if (text == NULL)
		return;
	for (size_t i = 0; i < text->count; i++)
		free(text->parts[i].text);
	free(text->parts);
	free(text);
}
