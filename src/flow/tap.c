/* tap - tells whoever listens what happens just now. */
#include "flow/tap.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/text.h"
#include "crypt/link_token.h"

const char *const tap_event_names[] = {
	[TAP_ANSWER] = "answer",
	[TAP_REJECTED] = "rejected",
	[TAP_DELIVERY] = "delivery",
	NULL,
};

struct tap_reader {
	struct tap *tap;
	struct tap_reader *next, **here;
	struct tap_filter filter; /* its texts are its own */
	tap_put_fn put;
	void *context;
	int lines;	 /* that it may get now */
	int64_t missed;	 /* since it was last told */
	int64_t told_us; /* when it got the last line */
};

struct tap {
	const struct clock *clock;
	struct tap_reader *readers;
	int count;
	struct buf line; /* the event that is told now; empty: not made yet */
	struct metric *listening, *missed;
};

struct tap *
tap_new(const struct clock *clock, struct metrics *metrics)
{
	static const char *const none[] = {NULL};
	struct tap *tap = mem_new(1, sizeof(*tap));

	tap->clock = clock;
	tap->listening = metric_at(
		metrics_family(metrics, METRIC_GAUGE, "npsd_tap_readers",
			"Who listens to events just now.", none, NULL),
		none);
	tap->missed = metric_at(
		metrics_family(metrics, METRIC_COUNTER, "npsd_tap_missed_total",
			"Events that somebody who listens did not get.", none,
			NULL),
		none);
	return tap;
}

void
tap_free(struct tap *tap)
{
	if (tap == NULL)
		return;
	while (tap->readers != NULL)
		tap_close(tap->readers);
	buf_done(&tap->line);
	free(tap);
}

bool
tap_is_open(const struct tap *tap)
{
	return tap != NULL && tap->readers != NULL;
}

/* ---- a reader's life ---- */

static void
each_text(struct tap_filter *filter, const char *(*change)(const char *))
{
	const char **texts[] = {&filter->survey, &filter->id, &filter->source,
		&filter->reason, &filter->rule, &filter->action};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		*texts[i] = change(*texts[i]);
}

static const char *
copied(const char *text)
{
	return mem_strdup(text);
}

static const char *
freed(const char *text)
{
	free((void *)(uintptr_t)text);
	return NULL;
}

struct tap_reader *
tap_open(struct tap *tap, const struct tap_filter *filter, tap_put_fn put,
	void *context)
{
	struct tap_reader *reader;

	if (tap->count == TAP_READERS_LIMIT)
		return NULL;
	reader = mem_new(1, sizeof(*reader));
	reader->tap = tap;
	reader->filter = *filter;
	each_text(&reader->filter, copied);
	reader->put = put;
	reader->context = context;
	reader->lines = TAP_LINES_AT_ONCE;
	reader->told_us = clock_monotonic_us(tap->clock);
	reader->next = tap->readers;
	reader->here = &tap->readers;
	if (reader->next != NULL)
		reader->next->here = &reader->next;
	tap->readers = reader;
	metric_set(tap->listening, ++tap->count);
	return reader;
}

void
tap_close(struct tap_reader *reader)
{
	if (reader == NULL)
		return;
	*reader->here = reader->next;
	if (reader->next != NULL)
		reader->next->here = reader->here;
	metric_set(reader->tap->listening, --reader->tap->count);
	each_text(&reader->filter, freed);
	free(reader);
}

/* ---- lines ---- */

static bool
put(struct tap_reader *reader, const char *line, size_t length)
{
	if (!reader->put(line, length, reader->context))
		return false;
	reader->told_us = clock_monotonic_us(reader->tap->clock);
	return true;
}

/* True once it knows of all that it missed. */
static bool
tell_missed(struct tap_reader *reader)
{
	char line[80];
	int length;

	if (reader->missed == 0)
		return true;
	length = snprintf(line, sizeof(line),
		"{\"event\":\"missed\",\"count\":%lld}\n",
		(long long)reader->missed);
	if (!put(reader, line, (size_t)length))
		return false;
	reader->missed = 0;
	return true;
}

static void
tell(struct tap_reader *reader, const struct buf *line)
{
	if (reader->lines > 0 && tell_missed(reader) &&
		put(reader, line->data, line->length)) {
		reader->lines--;
		return;
	}
	reader->missed++;
	metric_add(reader->tap->missed, 1);
}

static void
tell_text(struct tap_reader *reader, const char *event, const char *name,
	const char *value)
{
	json_t *object = json_pack("{s:s, s:s}", "event", event, name, value);
	char *text = json_text(object);
	struct buf line = {0};

	buf_append_text(&line, text);
	buf_append_char(&line, '\n');
	tell_missed(reader);
	(void)!put(reader, line.data, line.length);
	buf_done(&line);
	free(text);
	json_decref(object);
}

void
tap_tell_end(struct tap_reader *reader, const char *reason)
{
	tell_text(reader, "end", "reason", reason);
}

void
tap_tell_reload(struct tap *tap, const char *hash)
{
	for (struct tap_reader *reader = tap->readers; reader != NULL;
		reader = reader->next)
		tell_text(reader, "reload", "config_hash", hash);
}

void
tap_tick(struct tap *tap)
{
	static const char alive[] = "{\"event\":\"alive\"}\n";
	int64_t now_us = clock_monotonic_us(tap->clock);

	for (struct tap_reader *reader = tap->readers; reader != NULL;
		reader = reader->next) {
		reader->lines += TAP_LINES_PER_SECOND * TAP_TICK_MS / 1000;
		if (reader->lines > TAP_LINES_AT_ONCE)
			reader->lines = TAP_LINES_AT_ONCE;
		tell_missed(reader);
		if (now_us - reader->told_us >= TAP_ALIVE_MS * 1000LL)
			(void)!put(reader, alive, sizeof(alive) - 1);
	}
}

/* ---- what an event says ---- */

static void
add_text(struct buf *out, const char *name, const char *value)
{
	buf_printf(out, ",\"%s\":", name);
	if (value == NULL)
		buf_append_text(out, "null");
	else
		json_append_string(out, value, strlen(value));
}

static void
add_number(struct buf *out, const char *name, int64_t value)
{
	buf_printf(out, ",\"%s\":", name);
	buf_append_integer(out, value);
}

/* As everywhere, rows are texts; 0: none. */
static void
add_row(struct buf *out, const char *name, int64_t row)
{
	if (row > 0)
		buf_printf(out, ",\"%s\":\"%lld\"", name, (long long)row);
	else
		add_text(out, name, NULL);
}

static void
add_time(struct buf *out, const char *name, int64_t ms)
{
	char text[TIME_TEXT_BYTES];

	time_to_rfc3339(ms, text);
	add_text(out, name, text);
}

static void
begin(struct tap *tap, enum tap_event event)
{
	buf_printf(&tap->line, "{\"event\":\"%s\"", tap_event_names[event]);
	add_time(&tap->line, "at", clock_wall_ms(tap->clock));
}

static bool
wants(const char *asked, const char *value)
{
	return asked == NULL || (value != NULL && strcmp(asked, value) == 0);
}

/* ---- answers ---- */

char *
tap_note_rules(const struct rules *rules, const struct verdict *verdicts)
{
	struct buf note = {0};

	for (size_t i = 0; i < rules->count; i++) {
		enum verdict_end end = verdicts[i].end;

		if (end == VERDICT_FIRED || end == VERDICT_COOLDOWN ||
			end == VERDICT_SHADOW || end == VERDICT_SILENCED)
			buf_printf(&note, "%s %s\n", verdict_end_name(end),
				rules->items[i]->name);
	}
	return note.length > 0 ? buf_take(&note) : NULL;
}

/* One line of a note. */
struct noted {
	struct text verdict, rule;
};

/* Moves on; false: there are no more. */
static bool
next_noted(const char **note, struct noted *noted)
{
	const char *blank, *end;

	if (*note == NULL || **note == '\0')
		return false;
	blank = strchr(*note, ' ');
	end = strchr(blank, '\n');
	noted->verdict = (struct text){*note, (size_t)(blank - *note)};
	noted->rule = (struct text){blank + 1, (size_t)(end - blank - 1)};
	*note = end + 1;
	return true;
}

static bool
names_rule(const char *note, const char *rule)
{
	struct noted noted;

	while (next_noted(&note, &noted))
		if (strlen(rule) == noted.rule.length &&
			memcmp(rule, noted.rule.data, noted.rule.length) == 0)
			return true;
	return false;
}

/* "rules": those that fired; "quiet": those that something kept from it. */
static void
add_rules(struct buf *out, const char *note)
{
	struct buf quiet = {0};
	struct noted noted;

	buf_append_text(out, ",\"rules\":[");
	for (bool first = true; next_noted(&note, &noted);) {
		bool fired = noted.verdict.length == 5 &&
			     memcmp(noted.verdict.data, "fired", 5) == 0;
		struct buf *to = fired ? out : &quiet;

		if (fired ? !first : quiet.length > 0)
			buf_append_char(to, ',');
		first = first && !fired;
		if (!fired)
			buf_append_text(to, "{\"rule\":");
		json_append_string(to, noted.rule.data, noted.rule.length);
		if (fired)
			continue;
		buf_append_text(to, ",\"verdict\":");
		json_append_string(
			to, noted.verdict.data, noted.verdict.length);
		buf_append_char(to, '}');
	}
	buf_printf(
		out, "],\"quiet\":[%s]", quiet.data != NULL ? quiet.data : "");
	buf_done(&quiet);
}

static bool
passes_answer(const struct tap_filter *filter, const struct batch *batch,
	const struct response *response, const char *rules)
{
	return (filter->event < 0 || filter->event == TAP_ANSWER) &&
	       (filter->category < 0 ||
		       filter->category == (int)response->category) &&
	       wants(filter->survey, response->survey) &&
	       wants(filter->id, response->id) &&
	       wants(filter->source, batch_source(batch)) &&
	       (filter->rule == NULL || names_rule(rules, filter->rule)) &&
	       filter->reason == NULL && filter->action == NULL &&
	       filter->state < 0;
}

static void
write_answer(struct tap *tap, const struct batch *batch,
	const struct record *record, const struct response *response,
	const char *rules)
{
	struct buf *out = &tap->line;

	begin(tap, TAP_ANSWER);
	add_row(out, "row", record->row);
	add_text(out, "standing", standing_name(record->standing));
	add_text(out, "survey", response->survey);
	add_text(out, "id", response->id);
	add_number(out, "revision", response->revision);
	add_number(out, "score", response->score);
	add_text(out, "category", category_name(response->category));
	add_text(out, "source", batch_source(batch));
	add_text(out, "customer", response->customer);
	add_text(out, "account", response->account);
	add_rules(out, rules);
	buf_append_text(out, "}\n");
}

static void
tell_answer(struct tap *tap, const struct batch *batch,
	const struct record *record, const struct response *response,
	const char *rules)
{
	for (struct tap_reader *reader = tap->readers; reader != NULL;
		reader = reader->next) {
		if (!passes_answer(&reader->filter, batch, response, rules))
			continue;
		if (tap->line.length == 0)
			write_answer(tap, batch, record, response, rules);
		tell(reader, &tap->line);
	}
}

/* ---- rejected records ---- */

static bool
passes_rejected(
	const struct tap_filter *filter, const char *source, const char *reason)
{
	return (filter->event < 0 || filter->event == TAP_REJECTED) &&
	       wants(filter->source, source) && wants(filter->reason, reason) &&
	       filter->survey == NULL && filter->id == NULL &&
	       filter->category < 0 && filter->rule == NULL &&
	       filter->action == NULL && filter->state < 0;
}

static void
tell_rejected(
	struct tap *tap, const struct batch *batch, const struct record *record)
{
	const char *source = batch_source(batch);
	const char *reason = rejection_reason_name(record->rejection.reason);
	struct buf *out = &tap->line;

	for (struct tap_reader *reader = tap->readers; reader != NULL;
		reader = reader->next) {
		if (!passes_rejected(&reader->filter, source, reason))
			continue;
		if (out->length == 0) {
			begin(tap, TAP_REJECTED);
			add_row(out, "row", record->row);
			add_text(out, "source", source);
			add_text(out, "reason", reason);
			add_text(out, "text", record->rejection.text);
			buf_append_text(out, "}\n");
		}
		tell(reader, out);
	}
}

void
tap_tell_record(struct tap *tap, const struct batch *batch,
	const struct record *record, const struct response *response,
	const char *rules)
{
	if (!tap_is_open(tap))
		return;
	buf_clear(&tap->line);
	if (record->settled_rejected ||
		(response != NULL && record->standing == STANDING_CONFLICT))
		tell_rejected(tap, batch, record);
	else if (response != NULL && response->kind == RESPONSE_ANSWER &&
		 (record->standing == STANDING_NEW ||
			 record->standing == STANDING_AMENDS))
		tell_answer(tap, batch, record, response, rules);
}

/* ---- deliveries ---- */

static bool
passes_delivery(
	const struct tap_filter *filter, const struct tap_delivery *delivery)
{
	return (filter->event < 0 || filter->event == TAP_DELIVERY) &&
	       wants(filter->action, delivery->action) &&
	       wants(filter->rule, delivery->rule) &&
	       (filter->state < 0 || filter->state == (int)delivery->state) &&
	       filter->survey == NULL && filter->id == NULL &&
	       filter->category < 0 && filter->source == NULL &&
	       filter->reason == NULL;
}

/* It may quote what a receiver said, and that what it was sent. */
static void
add_reason(struct buf *out, const char *reason)
{
	char *text = reason != NULL ? mem_strdup(reason) : NULL;

	if (text != NULL)
		text[link_token_hide(text, strlen(text))] = '\0';
	add_text(out, "reason", text);
	free(text);
}

static void
write_delivery(struct tap *tap, const struct tap_delivery *delivery)
{
	struct buf *out = &tap->line;

	begin(tap, TAP_DELIVERY);
	add_row(out, "row", delivery->row);
	add_text(out, "action", delivery->action);
	add_text(out, "state", delivery_state_name(delivery->state));
	add_text(out, "rule", delivery->rule);
	add_row(out, "response", delivery->answer);
	add_number(out, "tries", delivery->tries);
	add_number(out, "status", delivery->status);
	if (delivery->state == DELIVERY_RETRYING)
		add_time(out, "due_at", delivery->due_ms);
	else
		add_text(out, "due_at", NULL);
	add_reason(out, delivery->reason);
	buf_append_text(out, "}\n");
}

void
tap_tell_delivery(struct tap *tap, const struct tap_delivery *delivery)
{
	if (!tap_is_open(tap))
		return;
	buf_clear(&tap->line);
	for (struct tap_reader *reader = tap->readers; reader != NULL;
		reader = reader->next) {
		if (!passes_delivery(&reader->filter, delivery))
			continue;
		if (tap->line.length == 0)
			write_delivery(tap, delivery);
		tell(reader, &tap->line);
	}
}
