/*
 * command_import - brings answers from files to the running daemon, which is
 * the only one that writes: piece by piece, from where the answer before said
 * that reading stopped. What rows and lines are, the daemon knows.
 */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/text.h"
#include "base/time.h"
#include "top/command.h"
#include "top/import_file.h"
#include "top/import_progress.h"

enum {
	PIECE_LEAST_BYTES = 256 * 1024,
	PIECE_MOST_BYTES = 1024 * 1024,
	SHOWN_LIMIT = 20, /* refused records, of a file */
	ITEMS_LIMIT = 1000,
	BUSY_TRIES = 120,
	BUSY_PAUSE_S = 1,
};

enum { ACCEPTED, AMENDED, DUPLICATES, LATE, CONFLICTS, REJECTED, COUNTS };
static const char *const count_names[COUNTS] = {
	"accepted", "amended", "duplicates", "late", "conflicts", "rejected"};

/* One file on its way. */
struct importing {
	const struct command_options *options;
	const char *csv; /* the block as JSON, or NULL */
	struct import_file file;
	struct import_progress progress;
	struct buf head;   /* the header's bytes */
	char delimiter[2]; /* as it was found; "": not yet */
	bool started, skip, ended;
	int64_t at, line;
	size_t piece; /* bytes to send next */
	int64_t counts[COUNTS];
	json_t *items; /* refused ones */
	int shown;
};

/* ---- what is asked ---- */

static void
set_text(json_t *object, const char *name, const char *value)
{
	if (value != NULL)
		json_object_set_new(object, name, json_string(value));
}

static bool
add_column(json_t *columns, const char *text)
{
	const char *equals = strchr(text, '=');
	char *member;

	if (equals == NULL || equals == text || equals[1] == '\0') {
		fprintf(stderr,
			"npsd: --column is MEMBER=NAME, as in --column "
			"score=\"How likely?\"; this is %s\n",
			text);
		return false;
	}
	member = mem_copy(text, (size_t)(equals - text));
	json_object_set_new(columns, member, json_string(equals + 1));
	free(member);
	return true;
}

/* The options of a table as the block `csv:`; NULL in *csv where there are
 * none. False: one is no option. */
static bool
gather_csv(const struct command_options *options, char **csv)
{
	json_t *block = json_object(), *columns = json_object();
	bool good = true;

	set_text(block, "delimiter", options->delimiter);
	set_text(block, "encoding", options->encoding);
	set_text(block, "timezone", options->timezone);
	set_text(block, "date_format", options->date_format);
	if (options->no_header)
		json_object_set_new(block, "header", json_false());
	for (size_t i = 0; options->columns[i] != NULL; i++)
		good &= add_column(columns, options->columns[i]);
	if (json_object_size(columns) > 0)
		json_object_set(block, "columns", columns);
	*csv = good && json_object_size(block) > 0 ? json_text(block) : NULL;
	json_decref(columns);
	json_decref(block);
	return good;
}

static char *
make_path(const struct importing *importing, bool last)
{
	const struct command_options *options = importing->options;
	struct buf path = {0};

	buf_printf(&path, "/api/v1/import?format=%s&line=%lld&digest=%s",
		importing->file.is_csv ? "csv" : "jsonl",
		(long long)importing->line, importing->file.digest);
	client_add_query(&path, "label", importing->file.name);
	client_add_query(&path, "survey", options->survey);
	client_add_query(&path, "source", options->source);
	client_add_query(&path, "answered_at", options->answered_at);
	if (options->fire)
		buf_append_text(&path, "&fire=true");
	if (importing->file.is_csv) {
		client_add_query(&path, "csv", importing->csv);
		if (importing->delimiter[0] != '\0')
			client_add_query(
				&path, "delimiter", importing->delimiter);
		if (importing->started)
			buf_printf(&path, "&started=true&head=%zu",
				importing->head.length);
	}
	if (importing->skip)
		buf_append_text(&path, "&skip=true");
	if (last)
		buf_append_text(&path, "&last=true");
	return buf_take(&path);
}

/* ---- what is answered ---- */

static void
show_rejected(struct importing *importing, const json_t *item)
{
	const char *drawing = json_string_at(item, "drawing");

	if (importing->shown == SHOWN_LIMIT)
		return;
	import_progress_clear(&importing->progress);
	if (++importing->shown == SHOWN_LIMIT)
		fprintf(stderr, "(others are not shown: npsd rejected)\n");
	else if (drawing != NULL)
		fprintf(stderr, "%s:%lld: refused (%s)\n%s",
			importing->file.name,
			(long long)json_integer_value(
				json_object_get(item, "line")),
			json_string_at(item, "reason"), drawing);
	else
		fprintf(stderr,
			"%s:%lld: conflict: it is known under this revision "
			"with other content, which stands\n",
			importing->file.name,
			(long long)json_integer_value(
				json_object_get(item, "line")));
}

static int64_t
number_of(const json_t *object, const char *name)
{
	return json_integer_value(json_object_get(object, name));
}

/* Keeps the header, to be sent before every other piece. */
static void
keep_head(struct importing *importing, const char *bytes, const json_t *reply)
{
	int64_t head = number_of(reply, "head");
	const char *delimiter = json_string_at(reply, "delimiter");

	if (!importing->file.is_csv || importing->started ||
		number_of(reply, "used") == 0)
		return;
	importing->started = true;
	if (delimiter != NULL)
		importing->delimiter[0] = delimiter[0];
	/* Without a header there is nothing that rows need. */
	if (!importing->options->no_header && head > 0 &&
		head <= number_of(reply, "used"))
		buf_append(&importing->head, bytes, (size_t)head);
}

static void
take_reply(struct importing *importing, const json_t *reply)
{
	int64_t used = number_of(reply, "used");
	json_t *item;
	size_t i;

	importing->at += used;
	importing->line += number_of(reply, "lines");
	importing->skip = json_is_true(json_object_get(reply, "skip"));
	importing->ended = json_is_true(json_object_get(reply, "ended"));
	for (int c = 0; c < COUNTS; c++)
		importing->counts[c] += number_of(reply, count_names[c]);
	json_array_foreach(json_object_get(reply, "items"), i, item)
	{
		show_rejected(importing, item);
		if (json_array_size(importing->items) < ITEMS_LIMIT)
			json_array_append(importing->items, item);
	}
	/* A little more than what was used of it. */
	importing->piece = (size_t)used + (size_t)used / 4;
	if (importing->piece < PIECE_LEAST_BYTES)
		importing->piece = PIECE_LEAST_BYTES;
	if (importing->piece > PIECE_MOST_BYTES)
		importing->piece = PIECE_MOST_BYTES;
}

static int64_t
rows_of(const struct importing *importing)
{
	int64_t rows = 0;

	for (int c = 0; c < COUNTS; c++)
		rows += importing->counts[c];
	return rows;
}

/* ---- pieces ---- */

static void
tell_problem(struct importing *importing, int status, const json_t *reply)
{
	const char *detail = json_string_at(reply, "detail");

	import_progress_clear(&importing->progress);
	fprintf(stderr, "npsd: %s (%d)\n",
		detail != NULL ? detail : "the daemon refused", status);
}

/* Sends a piece until the daemon has room for it; the exit code. */
static int
send_piece(struct importing *importing, const char *path,
	const struct buf *bytes, json_t **reply)
{
	struct err err = {""};
	int status = 0;

	*reply = NULL;
	for (int i = 0; i < BUSY_TRIES; i++) {
		if (!client_send(importing->options, "POST", path, bytes->data,
			    bytes->length, &status, reply, &err)) {
			import_progress_clear(&importing->progress);
			fprintf(stderr, "npsd: %s\n", err.text);
			return COMMAND_UNREACHABLE;
		}
		if (status != 503)
			break;
		json_decref(*reply);
		*reply = NULL;
		sleep(BUSY_PAUSE_S);
	}
	if (status == 200)
		return COMMAND_OK;
	tell_problem(importing, status, *reply);
	json_decref(*reply);
	*reply = NULL;
	return status == 503   ? COMMAND_UNREACHABLE
	       : status == 400 ? COMMAND_USAGE
			       : COMMAND_NEGATIVE;
}

static bool
read_piece(struct importing *importing, struct buf *bytes, struct err *err)
{
	size_t length = 0;

	buf_clear(bytes);
	buf_append(bytes, importing->head.data, importing->head.length);
	buf_reserve(bytes, importing->piece);
	while (length < importing->piece) {
		ssize_t got = pread(importing->file.fd,
			bytes->data + bytes->length, importing->piece - length,
			importing->at + (int64_t)length);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return err_errno(err, "%s", importing->file.name);
		if (got == 0)
			break;
		bytes->length += (size_t)got;
		length += (size_t)got;
	}
	return length > 0 || err_set(err, "%s has become shorter meanwhile",
				     importing->file.name);
}

/* One piece there and back. */
static int
step(struct importing *importing, struct buf *bytes)
{
	struct err err = {""};
	json_t *reply;
	char *path;
	bool last;
	int code;

	if (!read_piece(importing, bytes, &err)) {
		import_progress_clear(&importing->progress);
		fprintf(stderr, "npsd: %s\n", err.text);
		return COMMAND_NEGATIVE;
	}
	last = importing->at +
		       (int64_t)(bytes->length - importing->head.length) >=
	       importing->file.size;
	path = make_path(importing, last);
	code = send_piece(importing, path, bytes, &reply);
	free(path);
	if (code != COMMAND_OK)
		return code;
	keep_head(importing, bytes->data, reply);
	take_reply(importing, reply);
	if (number_of(reply, "used") == 0 && !importing->ended) {
		fprintf(stderr,
			"npsd: %s: the daemon took nothing of line "
			"%lld\n",
			importing->file.name, (long long)importing->line + 1);
		code = COMMAND_NEGATIVE;
	}
	json_decref(reply);
	import_progress_tell(
		&importing->progress, importing->at, rows_of(importing));
	return code;
}

static int
pump(struct importing *importing)
{
	struct buf bytes = {0};
	int code = COMMAND_OK;

	importing->piece = PIECE_LEAST_BYTES;
	import_progress_start(&importing->progress, importing->file.name,
		importing->file.size);
	while (code == COMMAND_OK && !importing->ended &&
		importing->at < importing->file.size)
		code = step(importing, &bytes);
	import_progress_clear(&importing->progress);
	buf_done(&bytes);
	return code;
}

/* ---- the summary ---- */

static void
show_counts(const char *name, const int64_t *counts)
{
	int64_t rows = 0;

	for (int c = 0; c < COUNTS; c++)
		rows += counts[c];
	printf("%s: %lld %s:", name, (long long)rows,
		text_plural(rows, "record", "records"));
	for (int c = 0; c < COUNTS; c++)
		printf("%s %lld %s", c > 0 ? "," : "", (long long)counts[c],
			count_names[c]);
	putchar('\n');
}

static void
add_summary(const struct importing *importing, json_t *files)
{
	json_t *file = json_object();

	json_object_set_new(file, "file", json_string(importing->file.name));
	for (int c = 0; c < COUNTS; c++)
		json_object_set_new(file, count_names[c],
			json_integer(importing->counts[c]));
	json_object_set(file, "items", importing->items);
	json_array_append_new(files, file);
}

static int
import_one(const struct command_options *options, const char *csv,
	const char *name, json_t *files)
{
	struct importing importing = {.options = options, .csv = csv};
	struct err err = {""};
	int code;

	if (!import_file_open(&importing.file, name, options->format, &err)) {
		fprintf(stderr, "npsd: %s\n", err.text);
		return COMMAND_NEGATIVE;
	}
	importing.items = json_array();
	code = pump(&importing);
	if (options->json)
		add_summary(&importing, files);
	else
		show_counts(importing.file.name, importing.counts);
	if (code == COMMAND_UNREACHABLE)
		fprintf(stderr,
			"npsd: what was kept is kept: import the file again "
			"to go on\n");
	if (code == COMMAND_OK && (importing.counts[REJECTED] > 0 ||
					  importing.counts[CONFLICTS] > 0))
		code = COMMAND_NEGATIVE;
	json_decref(importing.items);
	buf_done(&importing.head);
	import_file_close(&importing.file);
	return code;
}

static bool
check_options(const struct command_options *options)
{
	static const char *const formats[] = {"csv", "jsonl", "json"};
	bool known = options->format == NULL;
	int64_t instant_ms;
	struct err err;

	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		known |= text_same(options->format, formats[i]);
	if (!known)
		fprintf(stderr, "npsd: --format is csv, jsonl or json\n");
	if (options->answered_at != NULL &&
		!time_from_rfc3339(options->answered_at,
			strlen(options->answered_at), &instant_ms, &err)) {
		fprintf(stderr, "npsd: --answered-at: %s\n", err.text);
		return false;
	}
	return known;
}

int
command_import(const struct command_options *options)
{
	json_t *files;
	char *csv = NULL;
	int worst = COMMAND_OK;

	if (!check_options(options) || !gather_csv(options, &csv))
		return COMMAND_USAGE;
	files = json_array();
	for (int i = 0; i < options->count; i++) {
		int code = import_one(options, csv, options->words[i], files);

		worst = code > worst ? code : worst;
		/* The next file would end in the same way. */
		if (code == COMMAND_UNREACHABLE || code == COMMAND_USAGE)
			break;
	}
	if (options->json)
		show_json(files);
	json_decref(files);
	free(csv);
	return worst;
}
