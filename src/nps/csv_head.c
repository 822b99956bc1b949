/* csv_head - the start of a table. */
#include "nps/csv_head.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "base/text.h"
#include "base/windows_1252.h"
#include "nps/rejection.h"

static const char candidates[] = ",;\t|";
enum { NAMES_SHOWN = 6 };

/* What all the functions below work on. */
struct work {
	struct csv_head *head;
	const struct csv_settings *settings;
	const char *data; /* where the first row begins */
	size_t length;
	bool last;
	struct csv_row row;
	struct rejection *why;
};

bool
csv_head_text(const struct csv_settings *settings, const char *data,
	const struct csv_field *field, struct buf *out, size_t *at)
{
	struct buf raw = {0};
	bool good;

	if (settings->encoding == CSV_WINDOWS_1252) {
		csv_field_append(field, data, &raw);
		good = windows_1252_append(out, raw.data, raw.length, at);
		buf_done(&raw);
		return good;
	}
	good = text_is_utf8(data + field->at, field->length, at);
	if (good)
		csv_field_append(field, data, out);
	return good;
}

void
csv_head_done(struct csv_head *head)
{
	for (size_t i = 0; i < head->count; i++) {
		free(head->columns[i].group);
		free(head->columns[i].name);
	}
	free(head->columns);
	*head = (struct csv_head){0};
}

/* ---- columns ---- */

static int
group_order(const struct csv_column *column)
{
	return column->group == NULL ? -1 : column->group[1];
}

/* Behind the last of its group. */
static void
add_column(struct csv_head *head, const char *member, size_t field)
{
	const char *dot = strchr(member, '.');
	struct csv_column column = {.field = field};
	size_t at = head->count;

	column.group =
		dot != NULL ? mem_copy(member, (size_t)(dot - member)) : NULL;
	column.name = mem_strdup(dot != NULL ? dot + 1 : member);
	column.kind = csv_value_kind_of(column.group, column.name);
	head->columns = mem_grow(
		head->columns, head->count + 1, sizeof(struct csv_column));
	while (at > 0 &&
		group_order(&head->columns[at - 1]) > group_order(&column)) {
		head->columns[at] = head->columns[at - 1];
		at--;
	}
	head->columns[at] = column;
	head->count++;
}

static bool
has_member(const struct csv_head *head, const char *member)
{
	for (size_t i = 0; i < head->count; i++) {
		const struct csv_column *column = &head->columns[i];
		size_t length = column->group ? strlen(column->group) + 1 : 0;

		if (length == 0 ? strcmp(column->name, member) == 0
				: strncmp(column->group, member, length - 1) ==
						  0 &&
					  member[length - 1] == '.' &&
					  strcmp(column->name,
						  member + length) == 0)
			return true;
	}
	return false;
}

/* The header's name of a field; the caller frees it. */
static char *
name_of(const struct work *work, size_t field)
{
	struct buf out = {0};
	size_t at;

	if (!csv_head_text(work->settings, work->data, &work->row.fields[field],
		    &out, &at))
		buf_clear(&out);
	buf_append_text(&out, "");
	return buf_take(&out);
}

static void
append_names(const struct work *work, struct buf *out)
{
	for (size_t i = 0; i < work->row.count; i++) {
		char *name;

		if (i == NAMES_SHOWN) {
			buf_append_text(out, " ...");
			return;
		}
		name = name_of(work, i);
		buf_printf(out, "%s\"%.*s\"", i > 0 ? ", " : "",
			(int)text_cut(name, strlen(name), 30), name);
		free(name);
	}
}

/* Where the column of a member is: by name, however its letters are, or by
 * number. */
static bool
find_column(struct work *work, const char *member, const char *wanted,
	size_t *field)
{
	size_t found = 0;
	int64_t number;
	struct buf names = {0};

	for (size_t i = 0; work->settings->header && i < work->row.count; i++) {
		char *name = name_of(work, i);

		if (strcasecmp(name, wanted) == 0 && found++ == 0)
			*field = i;
		free(name);
	}
	if (found == 1)
		return true;
	if (found > 1)
		return rejection_fill(work->why, REJECTED_CSV, NULL, NULL,
			"%zu columns have the name that columns gives for %s: "
			"give its number, from 1",
			found, member);
	if (text_to_integer(wanted, 1, CSV_FIELDS_LIMIT, &number) &&
		(!work->settings->header ||
			number <= (int64_t)work->row.count)) {
		*field = (size_t)number - 1;
		return true;
	}
	append_names(work, &names);
	rejection_fill(work->why, REJECTED_CSV, NULL, NULL,
		"no column has the name that columns gives for %s; there are "
		"%s",
		member, names.data);
	buf_done(&names);
	return false;
}

static bool
take_given(struct work *work)
{
	const struct setting_pairs *columns = &work->settings->columns;

	for (size_t i = 0; i < columns->count; i++) {
		size_t field = 0;

		if (!find_column(work, columns->names[i], columns->values[i],
			    &field))
			return false;
		add_column(work->head, columns->names[i], field);
	}
	return true;
}

/* Columns that bear a member's own name. */
static void
take_named(struct work *work)
{
	for (size_t i = 0; work->settings->header && i < work->row.count; i++) {
		char *name = name_of(work, i);
		char *member = csv_member_name(name, strlen(name));

		if (member != NULL && !has_member(work->head, member))
			add_column(work->head, member, i);
		free(member);
		free(name);
	}
}

static bool
find_columns(struct work *work)
{
	struct buf names = {0};

	csv_head_done(work->head);
	if (!take_given(work))
		return false;
	take_named(work);
	if (has_member(work->head, "score"))
		return true;
	append_names(work, &names);
	rejection_fill(work->why, REJECTED_CSV, NULL, NULL,
		"no column is called score: say which it is, as in columns: "
		"{score: NAME}; there are %s",
		names.data);
	buf_done(&names);
	return false;
}

/* ---- the delimiter ---- */

static enum csv_end
read_first(struct work *work, char delimiter)
{
	if (work->length == 0)
		return CSV_MORE;
	return csv_row_read(&work->row, delimiter, work->data, work->length,
		work->last, RESPONSE_LIMIT_BYTES);
}

/* Without a header: whether a score stands where it ought to. */
static bool
has_score(const struct work *work)
{
	for (size_t i = 0; i < work->head->count; i++) {
		const struct csv_column *column = &work->head->columns[i];
		const struct csv_field *field;

		if (column->group != NULL || strcmp(column->name, "score") != 0)
			continue;
		if (column->field >= work->row.count)
			return false;
		field = &work->row.fields[column->field];
		return field->length > 0 && field->length <= 4 &&
		       work->data[field->at] >= '0' &&
		       work->data[field->at] <= '9';
	}
	return false;
}

/* How well the first row reads by a delimiter: columns that can be found count
 * before the number of fields. */
static size_t
judge_delimiter(struct work *work, char delimiter)
{
	size_t score;
	struct rejection unused, *why = work->why;

	if (read_first(work, delimiter) != CSV_ROW)
		return 0;
	work->why = &unused;
	score = work->row.count;
	if (find_columns(work) && (work->settings->header || has_score(work)))
		score += CSV_FIELDS_LIMIT;
	csv_head_done(work->head);
	work->why = why;
	return score;
}

static char
find_delimiter(struct work *work)
{
	char best = candidates[0];
	size_t most = 0;

	if (work->settings->delimiter != '\0')
		return work->settings->delimiter;
	for (const char *c = candidates; *c != '\0'; c++) {
		size_t score = judge_delimiter(work, *c);

		if (score > most) {
			most = score;
			best = *c;
		}
	}
	return best;
}

/* ---- the start ---- */

static bool
skip(struct work *work, size_t length, int64_t lines)
{
	work->data += length;
	work->length -= length;
	work->head->length += length;
	work->head->lines += lines;
	return true;
}

/* A byte order mark; false: it tells of UTF-16. */
static bool
skip_mark(struct work *work)
{
	if (work->length >= 3 && memcmp(work->data, "\xEF\xBB\xBF", 3) == 0)
		return skip(work, 3, 0);
	if (work->length >= 2 &&
		(memcmp(work->data, "\xFF\xFE", 2) == 0 ||
			memcmp(work->data, "\xFE\xFF", 2) == 0))
		return rejection_fill(work->why, REJECTED_ENCODING, NULL, NULL,
			"this is UTF-16: save the file as CSV in UTF-8");
	return true;
}

/* "sep=;", by which spreadsheets tell each other the delimiter. */
static void
skip_hint(struct work *work, char *delimiter)
{
	size_t end = 5;

	if (work->length < 6 || memcmp(work->data, "sep=", 4) != 0)
		return;
	end += work->data[end] == '\r';
	if (end < work->length && work->data[end] == '\n') {
		*delimiter = work->data[4];
		skip(work, end + 1, 1);
	}
}

static void
skip_blank_lines(struct work *work)
{
	while (work->length > 0 &&
		(work->data[0] == '\n' || work->data[0] == '\r')) {
		bool pair = work->length > 1 && work->data[0] == '\r' &&
			    work->data[1] == '\n';

		skip(work, pair ? 2 : 1, 1);
	}
}

static enum csv_start
read_columns(struct work *work, char hint)
{
	struct csv_head *head = work->head;
	struct csv_head before = *head;
	char delimiter = hint != '\0' && work->settings->delimiter == '\0'
				 ? hint
				 : find_delimiter(work);

	bool needed = work->settings->header ||
		      (hint == '\0' && work->settings->delimiter == '\0');
	enum csv_end end = needed ? read_first(work, delimiter) : CSV_ROW;

	/* Columns by number: whatever the first row is. */
	if (!work->settings->header && end != CSV_MORE)
		end = CSV_ROW;
	switch (end) {
	case CSV_ROW:
		break;
	case CSV_MORE:
		return CSV_START_MORE;
	case CSV_FAULT:
		rejection_fill(work->why, REJECTED_CSV, NULL, NULL,
			"the first row cannot be read: %s", work->row.fault);
		return CSV_START_REFUSED;
	case CSV_TOO_LONG:
		rejection_fill(work->why, REJECTED_TOO_LONG, NULL, NULL,
			"the first row has more than %d bytes",
			RESPONSE_LIMIT_BYTES);
		return CSV_START_REFUSED;
	}
	if (!find_columns(work))
		return CSV_START_REFUSED;
	head->delimiter = delimiter;
	head->length = before.length;
	head->lines = before.lines;
	if (work->settings->header) {
		head->length += work->row.next;
		head->lines += work->row.lines;
		head->width = work->row.count;
	}
	return CSV_STARTED;
}

enum csv_start
csv_head_read(struct csv_head *head, const struct csv_settings *settings,
	const char *data, size_t length, bool last, struct rejection *why)
{
	struct work work = {.head = head,
		.settings = settings,
		.data = data,
		.length = length,
		.last = last,
		.why = why};
	char hint = '\0';
	enum csv_start result;

	*why = (struct rejection){.reason = REJECTED_CSV};
	/* Enough for all that may stand before the first row. */
	if (!last && length < 16)
		return CSV_START_MORE;
	if (!skip_mark(&work))
		return CSV_START_REFUSED;
	skip_hint(&work, &hint);
	skip_blank_lines(&work);
	if (work.length == 0 && last) {
		head->delimiter = candidates[0];
		return CSV_STARTED;
	}
	result = read_columns(&work, hint);
	if (result == CSV_START_MORE)
		csv_head_done(head);
	csv_row_done(&work.row);
	return result;
}
