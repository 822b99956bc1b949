/* csv_settings - what has to be said of a table of answers. */
#include "nps/csv_settings.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/csv.h"
#include "base/date_format.h"
#include "base/memory.h"
#include "base/text.h"

static const char *const members[] = {"score", "id", "survey", "comment",
	"answered_at", "revision", "language", "contact_ok", "weight", "kind",
	NULL};
static const char *const groups[] = {
	"customer", "account", "segment", "answers", NULL};

char *
csv_member_name(const char *text, size_t length)
{
	const char *dot = memchr(text, '.', length);
	size_t head = dot != NULL ? (size_t)(dot - text) : length;
	const char *const *names = dot != NULL ? groups : members;

	if (memchr(text, '\0', length) != NULL)
		return NULL;
	for (; *names != NULL; names++) {
		if (strlen(*names) != head ||
			strncasecmp(*names, text, head) != 0)
			continue;
		if (dot == NULL)
			return mem_strdup(*names);
		if (head + 1 == length)
			return NULL;
		char *name =
			mem_printf("%s%.*s", *names, (int)(length - head), dot);

		/* Names of segments and answers are the user's own. */
		if (names == groups || names == groups + 1)
			text_lower(name);
		return name;
	}
	return NULL;
}

/* ---- single keys ---- */

static bool
read_delimiter(struct setting_reader *reader, const struct conf_node *node,
	const char *path, void *where)
{
	char *delimiter = where;
	char *text = NULL;
	bool good = setting_read_text(reader, node, path, &text);

	if (!good)
		return false;
	if (text_same(text, "tab"))
		*delimiter = '\t';
	else if (strlen(text) == 1 &&
		 (strchr(",;|:^~", *text) != NULL || *text == '\t'))
		*delimiter = *text;
	else
		good = conf_error(reader->errors, node, path,
			"expected one of \",\" \";\" \"|\" \":\" \"^\" \"~\" "
			"or "
			"the word tab");
	free(text);
	return good;
}

static bool
read_encoding(struct setting_reader *reader, const struct conf_node *node,
	const char *path, void *where)
{
	enum csv_encoding *encoding = where;
	char *text = NULL;
	bool good = setting_read_text(reader, node, path, &text);

	if (good && strcasecmp(text, "windows-1252") == 0)
		*encoding = CSV_WINDOWS_1252;
	else if (good && strcasecmp(text, "utf-8") == 0)
		*encoding = CSV_UTF_8;
	else if (good)
		good = conf_error(reader->errors, node, path,
			"expected utf-8 or windows-1252");
	free(text);
	return good;
}

static bool
read_timezone(struct setting_reader *reader, const struct conf_node *node,
	const char *path, void *where)
{
	struct zone **zone = where;
	char *text = NULL;
	struct err err;
	bool good = setting_read_text(reader, node, path, &text);

	if (good) {
		*zone = zone_open(text, &err);
		good = *zone != NULL ||
		       conf_error(reader->errors, node, path, "%s", err.text);
	}
	free(text);
	return good;
}

static void
timezone_done(void *where)
{
	struct zone **zone = where;

	zone_close(*zone);
	*zone = NULL;
}

static bool
read_date_format(struct setting_reader *reader, const struct conf_node *node,
	const char *path, void *where)
{
	struct err err;

	return date_format_check(*(char **)where, &err) ||
	       conf_error(reader->errors, node, path, "%s", err.text);
}

/* A name with a dot must be one of a group; any other name is kept. */
static bool
check_member(struct setting_reader *reader, const struct conf_node *node,
	const char *path, const char *name)
{
	char *known = csv_member_name(name, strlen(name));
	bool good = known != NULL || strchr(name, '.') == NULL;

	if (good && *name != '\0') {
		const char *as = known != NULL ? known : name;

		good = strcmp(as, name) == 0 ||
		       conf_error(reader->errors, node, path,
			       "the member is written \"%s\"", as);
	} else {
		good = conf_error(reader->errors, node, path,
			"\"%s\" is no member of an answer; a dot stands only "
			"behind customer, account, segment and answers",
			name);
	}
	free(known);
	return good;
}

static bool
read_columns(struct setting_reader *reader, const struct conf_node *node,
	const char *path, void *where)
{
	const struct setting_pairs *columns = where;
	bool good = true;

	for (size_t i = 0; i < columns->count; i++) {
		good &= check_member(reader, node, path, columns->names[i]);
		if (*columns->values[i] == '\0')
			good = conf_error(reader->errors, node, path,
				"the column of %s has no name",
				columns->names[i]);
	}
	return good;
}

const struct setting csv_settings[] = {
	{"delimiter", SETTING_CUSTOM, offsetof(struct csv_settings, delimiter),
		.read = read_delimiter, .schema = "{\"type\":\"string\"}",
		.help = "What stands between fields: , ; | : ^ ~ or tab. "
			"Found in the first row by default."},
	{"encoding", SETTING_CUSTOM, offsetof(struct csv_settings, encoding),
		.fallback = "utf-8", .read = read_encoding,
		.schema = "{\"enum\":[\"utf-8\",\"windows-1252\"]}",
		.help = "utf-8 or windows-1252, which older programs on "
			"Windows write."},
	{"header", SETTING_BOOLEAN, offsetof(struct csv_settings, header),
		.fallback = "true",
		.help = "Whether the first row names the columns. Without, "
			"columns have to be given by number."},
	{"columns", SETTING_TEXT_MAP, offsetof(struct csv_settings, columns),
		.read = read_columns,
		.help = "Which column holds what: a member of an answer such "
			"as score, comment or customer.email, and the "
			"column's name in the first row, or its number from "
			"1. Columns that bear a member's name need not be "
			"given; all others are left out."},
	{"timezone", SETTING_CUSTOM, offsetof(struct csv_settings, zone),
		.fallback = "UTC", .read = read_timezone, .done = timezone_done,
		.schema = "{\"type\":\"string\"}",
		.help = "The zone of dates without an offset, as in "
			"Europe/Amsterdam. A time that a change of clocks "
			"skips is taken as the instant after the gap, one "
			"that comes twice as the first."},
	{"date_format", SETTING_TEXT,
		offsetof(struct csv_settings, date_format), .low = 2,
		.high = DATE_FORMAT_LIMIT_BYTES, .read = read_date_format,
		.help = "How answered_at is written, as in \"%d-%m-%Y %H:%M\": "
			"%Y %y year, %m %b month, %d day, %H hour, %I %p hour "
			"of half a day, %M minute, %S second, %f fraction, %z "
			"offset, %a weekday, %s seconds since 1970, %F %T %R "
			"as in strftime(3). 2026-11-21 10:00 and its like by "
			"default."},
	{.key = NULL},
};

/* ---- all together ---- */

static bool
is_number(const char *text)
{
	int64_t number;

	return text_to_integer(text, 1, CSV_FIELDS_LIMIT, &number);
}

bool
csv_settings_check(const struct csv_settings *settings,
	const struct conf_node *node, const char *path,
	struct conf_errors *errors)
{
	const struct setting_pairs *columns = &settings->columns;
	const struct conf_node *at =
		node != NULL ? conf_node_at(node, "columns") : NULL;
	bool has_score = false, good = true;

	if (settings->header)
		return true;
	for (size_t i = 0; i < columns->count; i++) {
		has_score |= strcmp(columns->names[i], "score") == 0;
		if (!is_number(columns->values[i]))
			good = conf_error(errors, at, path,
				"without a header, the column of %s must be "
				"given by its number from 1",
				columns->names[i]);
	}
	if (!has_score)
		good = conf_error(errors, at != NULL ? at : node, path,
			"without a header, the column of score must be given "
			"by its number, as in columns: {score: 2}");
	return good;
}
