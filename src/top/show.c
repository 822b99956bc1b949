/* show - what commands print. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/text.h"
#include "top/command.h"

enum { SHOW_COLUMNS_LIMIT = 16, SHOW_CELL_BYTES = 120 };

void
show_json(const json_t *value)
{
	char *text = json_text(value);

	puts(text);
	free(text);
}

char *
show_text(const json_t *value)
{
	struct buf out = {0};

	if (json_is_string(value)) {
		text_append_escaped(&out, json_string_value(value),
			json_string_length(value), SHOW_CELL_BYTES);
	} else if (json_is_null(value) || value == NULL) {
		buf_append_text(&out, "-");
	} else {
		char *text = json_text(value);

		text_append_escaped(&out, text, strlen(text), SHOW_CELL_BYTES);
		free(text);
	}
	if (out.length == 0)
		buf_append_text(&out, "-");
	return buf_take(&out);
}

/* Characters, as a terminal counts them for most scripts. */
static size_t
width(const char *text)
{
	size_t count = 0;

	for (; *text != '\0'; text++)
		count += ((unsigned char)*text & 0xC0) != 0x80;
	return count;
}

/* "a.b": the member b of the member a. */
static const json_t *
find_member(const json_t *row, const char *name)
{
	const char *dot = strchr(name, '.');
	const json_t *inner;
	char *first;

	if (dot == NULL)
		return json_object_get(row, name);
	first = mem_copy(name, (size_t)(dot - name));
	inner = json_object_get(row, first);
	free(first);
	return find_member(inner, dot + 1);
}

static char *
cell(const json_t *row, const char *column)
{
	const char *member = strchr(column, '=') + 1;

	return show_text(find_member(row, member));
}

static void
print_padded(const char *text, size_t to, bool last)
{
	fputs(text, stdout);
	if (last)
		putchar('\n');
	else
		printf("%*s", (int)(to - width(text) + 2), "");
}

/* A column whose title begins with '?' is shown where any row has it, and not 0.
 */
static bool
is_shown(const json_t *rows, const char *column)
{
	const json_t *row;
	size_t i;

	if (*column != '?')
		return true;
	json_array_foreach(rows, i, row)
	{
		const json_t *value = find_member(row, strchr(column, '=') + 1);

		if (value != NULL && !json_is_null(value) &&
			!(json_is_integer(value) &&
				json_integer_value(value) == 0))
			return true;
	}
	return false;
}

/* Those that are shown, without the sign; returns how many. */
static size_t
choose_columns(const json_t *rows, const char *const *all,
	const char *chosen[SHOW_COLUMNS_LIMIT])
{
	size_t count = 0;

	for (; *all != NULL && count < SHOW_COLUMNS_LIMIT; all++)
		if (is_shown(rows, *all))
			chosen[count++] = *all + (**all == '?');
	return count;
}

void
show_table(const json_t *rows, const char *const *all)
{
	const char *columns[SHOW_COLUMNS_LIMIT];
	size_t widths[SHOW_COLUMNS_LIMIT] = {0}, i;
	size_t count = choose_columns(rows, all, columns);
	json_t *row;

	for (size_t c = 0; c < count; c++)
		widths[c] = (size_t)(strchr(columns[c], '=') - columns[c]);
	json_array_foreach(rows, i, row) for (size_t c = 0; c < count; c++)
	{
		char *text = cell(row, columns[c]);

		if (width(text) > widths[c])
			widths[c] = width(text);
		free(text);
	}
	for (size_t c = 0; c < count; c++) {
		char *title = mem_copy(columns[c],
			(size_t)(strchr(columns[c], '=') - columns[c]));

		print_padded(title, widths[c], c + 1 == count);
		free(title);
	}
	json_array_foreach(rows, i, row) for (size_t c = 0; c < count; c++)
	{
		char *text = cell(row, columns[c]);

		print_padded(text, widths[c], c + 1 == count);
		free(text);
	}
}

/* ---- CSV ---- */

/* A cell that begins so is a formula to a spreadsheet, numbers but for. */
static bool
is_formula(const json_t *value, const char *text)
{
	return json_is_string(value) && *text != '\0' &&
	       strchr("=+-@\t\r", *text) != NULL;
}

static void
append_field(struct buf *out, const char *text, bool formula)
{
	if (!formula && strpbrk(text, ",\"\r\n") == NULL) {
		buf_append_text(out, text);
		return;
	}
	buf_append_text(out, formula ? "\"'" : "\"");
	for (; *text != '\0'; text++) {
		if (*text == '"')
			buf_append_char(out, '"');
		buf_append_char(out, *text);
	}
	buf_append_char(out, '"');
}

static void
append_cell(struct buf *out, const json_t *value)
{
	char *text;

	if (value == NULL || json_is_null(value))
		return;
	text = json_is_string(value) ? mem_strdup(json_string_value(value))
				     : json_text(value);
	append_field(out, text, is_formula(value, text));
	free(text);
}

void
show_csv_head(const char *const *columns)
{
	for (size_t c = 0; columns[c] != NULL; c++)
		printf("%s%s", c > 0 ? "," : "", strchr(columns[c], '=') + 1);
	printf("\r\n");
}

void
show_csv_rows(const json_t *rows, const char *const *columns)
{
	struct buf out = {0};
	json_t *row;
	size_t i;

	json_array_foreach(rows, i, row)
	{
		for (size_t c = 0; columns[c] != NULL; c++) {
			const char *member = strchr(columns[c], '=') + 1;

			if (c > 0)
				buf_append_char(&out, ',');
			append_cell(&out, find_member(row, member));
		}
		buf_append_text(&out, "\r\n");
	}
	if (out.length > 0)
		fputs(out.data, stdout);
	buf_done(&out);
}

void
show_csv(const json_t *rows, const char *const *columns)
{
	show_csv_head(columns);
	show_csv_rows(rows, columns);
}

/* "; silence 3 until 2026-11-21T18:00:00Z: mail migration" */
static void
print_silence(const json_t *verdict)
{
	char *silence = show_text(json_object_get(verdict, "silence"));
	char *until = show_text(json_object_get(verdict, "until"));
	char *why = show_text(json_object_get(verdict, "why"));

	printf(": silence %s until %s: %s", silence, until, why);
	free(silence);
	free(until);
	free(why);
}

void
show_verdicts(const json_t *verdicts)
{
	json_t *verdict;
	size_t i;

	json_array_foreach(verdicts, i, verdict)
	{
		const char *matcher = json_string_at(verdict, "matcher");
		const char *error = json_string_at(verdict, "when_failed");

		printf("  %-24s %s%s%s", json_string_at(verdict, "rule"),
			json_string_at(verdict, "verdict"),
			matcher != NULL ? ": " : "",
			matcher != NULL ? matcher : "");
		if (json_object_get(verdict, "silence") != NULL)
			print_silence(verdict);
		printf("%s%s\n", error != NULL ? "; when: failed: " : "",
			error != NULL ? error : "");
	}
}
