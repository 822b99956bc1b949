/*
 * yaml_text - texts as YAML scalars (yaml_text.h).
 */
#include "conf/yaml_text.h"

#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"

#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

/* Plain words that one YAML reader or another takes for something else. */
static const char *const loaded[] = {
	"null", "true", "false", "yes", "no", "on", "off", "y", "n", NULL};

static bool
is_plain(const char *text)
{
	if (!*text || !strchr(LETTERS "/_", *text) ||
		strspn(text, LETTERS "0123456789_./@+-") != strlen(text))
		return false;
	for (const char *const *word = loaded; *word; word++)
		if (strcasecmp(text, *word) == 0)
			return false;
	return true;
}

static void
append_escape(struct buf *out, const char *data, size_t bytes, uint32_t code)
{
	if (code == '"' || code == '\\')
		buf_printf(out, "\\%c", (char)code);
	else if (code == '\n')
		buf_append_text(out, "\\n");
	else if (code == '\t')
		buf_append_text(out, "\\t");
	else if (code < 0x20 || code == 0x7F)
		buf_printf(out, "\\x%02X", (unsigned)code);
	else if (text_moves(code) || code == 0xFEFF || code >= 0xFFF0)
		buf_printf(out, code > 0xFFFF ? "\\U%08X" : "\\u%04X",
			(unsigned)code);
	else
		buf_append(out, data, bytes);
}

void
yaml_append_text(struct buf *out, const char *text)
{
	size_t length = strlen(text);

	if (is_plain(text)) {
		buf_append_text(out, text);
		return;
	}
	buf_append_char(out, '"');
	for (size_t i = 0; i < length;) {
		uint32_t code = 0;
		size_t bytes = text_sequence(text + i, length - i, &code);

		if (bytes == 0) { /* no text of a file: nothing to keep */
			bytes = 1;
			code = 0xFFFD;
		}
		append_escape(out, text + i, bytes, code);
		i += bytes;
	}
	buf_append_char(out, '"');
}

bool
yaml_fits_block(const char *text)
{
	size_t length = strlen(text);

	if (!strchr(text, '\n') || strchr(" \t\n", *text) ||
		(length > 1 && text[length - 1] == '\n' &&
			text[length - 2] == '\n'))
		return false;
	for (size_t i = 0; i < length;) {
		uint32_t code = 0;
		size_t bytes = text_sequence(text + i, length - i, &code);

		if (bytes == 0 || (code != '\n' && text_moves(code)) ||
			code == 0xFEFF || code == 0xFFFE || code == 0xFFFF)
			return false;
		i += bytes;
	}
	return true;
}

const char *
yaml_block_head(const char *text)
{
	return text[strlen(text) - 1] == '\n' ? "|" : "|-";
}

void
yaml_append_block(struct buf *out, const char *text, int indent)
{
	while (*text) {
		size_t length = strcspn(text, "\n");

		if (length > 0)
			buf_printf(out, "%*s", indent, "");
		buf_append(out, text, length);
		buf_append_char(out, '\n');
		text += length;
		if (*text)
			text++;
	}
}
