/*
 * setting_manual - a table of settings as a list for a manual page (setting.h).
 *
 * The language is mdoc(7): text lines of at most 78 bytes, each sentence on a
 * line of its own, and nothing that a formatter could take for a request.
 */
#include "conf/setting.h"

#include <ctype.h>
#include <string.h>

#include "conf/setting_shape.h"
#include "conf/setting_value.h"

enum { LINE_LIMIT_BYTES = 78 };

static void describe_shape(const struct setting_shape *shape, struct buf *out);

static void
append_roff(struct buf *out, const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if (text[i] == '\\')
			buf_append_text(out, "\\e");
		else if (text[i] == '\n')
			buf_append_char(out, ' ');
		else
			buf_append_char(out, text[i]);
	}
}

/* One argument of a macro: in quotes, and never a macro or a delimiter. */
static void
append_argument(struct buf *out, const char *text)
{
	buf_append_text(out, " \"\\&");
	for (; *text; text++) {
		if (*text == '"')
			buf_append_text(out, "\\(dq");
		else
			append_roff(out, text, 1);
	}
	buf_append_char(out, '"');
}

static bool
ends_sentence(const char *word, size_t length)
{
	while (length > 0 && strchr(")\"'", word[length - 1]))
		length--;
	return length > 0 && strchr(".!?", word[length - 1]);
}

/* Running text, word by word; the last sentence gets its full stop. */
static void
append_text(struct buf *out, const char *text)
{
	size_t used = 0;
	bool ended = true;

	while (*(text += strspn(text, " \t\n"))) {
		size_t length = strcspn(text, " \t\n");
		const char *next =
			text + length + strspn(text + length, " \t\n");

		if (used > 0 && used + 1 + length > LINE_LIMIT_BYTES) {
			buf_append_char(out, '\n');
			used = 0;
		}
		if (used > 0) {
			buf_append_char(out, ' ');
			used++;
		} else if (*text == '.' || *text == '\'') {
			buf_append_text(out, "\\&");
		}
		append_roff(out, text, length);
		used += length;
		ended = ends_sentence(text, length);
		if (ended && islower((unsigned char)*next)) {
			buf_append_text(out, "\\&"); /* "e.g. a spool" */
		} else if (ended) {
			buf_append_char(out, '\n');
			used = 0;
		}
		text += length;
	}
	if (!ended)
		buf_append_text(out, ".\n");
}

static const char *
type_word(const struct setting *row)
{
	static const char *const words[] = {
		[SETTING_TEXT] = "text",
		[SETTING_INTEGER] = "number",
		[SETTING_NUMBER] = "number",
		[SETTING_BOOLEAN] = "true | false",
		[SETTING_DURATION] = "duration",
		[SETTING_RATE] = "rate",
		[SETTING_CHOICE] = "choice",
		[SETTING_TEXTS] = "text | list of texts",
		[SETTING_TEXT_MAP] = "map of texts",
		[SETTING_SECRET] = "secret",
		[SETTING_SECRET_MAP] = "map of secrets",
		[SETTING_RECORD] = "map",
		[SETTING_MAP] = "map by name",
		[SETTING_LIST] = "list",
		[SETTING_CUSTOM] = "value",
		[SETTING_NODE] = "value",
	};

	return row->unit ? row->unit : words[row->type];
}

static void
describe_choices(const struct setting *row, struct buf *out)
{
	if (row->type != SETTING_CHOICE)
		return;
	buf_append_text(out, "One of\n");
	for (size_t i = 0; row->choices[i]; i++) {
		buf_append_text(out, ".Cm");
		append_argument(out, row->choices[i]);
		buf_append_text(out, row->choices[i + 1] ? " ,\n" : " .\n");
	}
}

static void
describe_limits(const struct setting *row, struct buf *out)
{
	struct buf bounds = {0};

	if (setting_append_bounds(&bounds, row)) {
		bounds.data[0] = (char)toupper((unsigned char)bounds.data[0]);
		append_text(out, bounds.data);
	}
	buf_done(&bounds);
	if (row->required)
		buf_append_text(out, "Required.\n");
	if (row->fallback && *row->fallback) {
		buf_append_text(out, "The default is\n.Li");
		append_argument(out, row->fallback);
		buf_append_text(out, " .\n");
	}
}

static void
describe_row(const struct setting *row, struct buf *out)
{
	size_t before;

	buf_append_text(out, ".It Cm");
	append_argument(out, row->key);
	buf_append_text(out, " Ar");
	append_argument(out, type_word(row));
	buf_append_char(out, '\n');
	before = out->length;
	if (row->help)
		append_text(out, row->help);
	describe_choices(row, out);
	describe_limits(row, out);
	if (row->type == SETTING_RECORD || row->type == SETTING_MAP ||
		row->type == SETTING_LIST) {
		struct setting_shape shape = {
			.tables = {row->fields, NULL},
			.kinds = row->kinds,
		};

		describe_shape(&shape, out);
	}
	if (out->length == before)
		buf_append_text(out, "See the examples.\n");
}

static bool
has_visible(const struct setting_shape *shape)
{
	size_t at = 0;
	const struct setting *row;

	while ((row = setting_shape_next(shape, &at)) != NULL)
		if (!row->hidden)
			return true;
	return shape->kinds && shape->kinds[0];
}

static void
describe_kind(const struct setting_kind *kind, struct buf *out)
{
	struct setting_shape shape = setting_shape_of_table(kind->fields);

	buf_printf(out, ".It Cm %s : Li", setting_type_key);
	append_argument(out, kind->name);
	buf_append_char(out, '\n');
	if (kind->help)
		append_text(out, kind->help);
	if (has_visible(&shape))
		describe_shape(&shape, out);
	else if (!kind->help)
		buf_append_text(out, "There are no further settings.\n");
}

/* The kinds first, then what all of them have. */
static void
describe_shape(const struct setting_shape *shape, struct buf *out)
{
	size_t at = 0;
	const struct setting *row;

	if (!has_visible(shape))
		return;
	buf_append_text(out, ".Bl -tag -width Ds\n");
	for (size_t i = 0; shape->kinds && shape->kinds[i]; i++)
		describe_kind(shape->kinds[i], out);
	while ((row = setting_shape_next(shape, &at)) != NULL)
		if (!row->hidden)
			describe_row(row, out);
	buf_append_text(out, ".El\n");
}

void
setting_manual(const struct setting *table, struct buf *out)
{
	struct setting_shape shape = setting_shape_of_table(table);

	describe_shape(&shape, out);
}
