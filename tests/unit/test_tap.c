/* Who listens: what passes which filter, what is missed and told. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/metrics.h"
#include "crypt/link_token.h"
#include "flow/tap.h"

TestSuite(tap, .timeout = 60);

/* A reader that takes lines while it has room. */
struct ear {
	int room;
	int lines, missed;
	struct buf text;
};

static bool
on_line(const char *line, size_t length, void *context)
{
	struct ear *ear = context;
	int missed = 0;

	if (ear->room == 0)
		return false;
	ear->room--;
	ear->lines++;
	buf_append(&ear->text, line, length);
	if (sscanf(line, "{\"event\":\"missed\",\"count\":%d}", &missed) == 1)
		ear->missed += missed;
	return true;
}

/* A tap with one ear, and an answer to tell it of. */
struct listening {
	struct clock_set clock;
	struct metrics *metrics;
	struct tap *tap;
	struct ear ear;
	struct source source;
	struct batch batch;
	struct record record;
	struct response *response;
};

static struct response *
an_answer(const char *text)
{
	struct response_defaults defaults = {
		.survey = "s", .now_ms = 1795255200000, .contact_ok = true};
	struct rejection why;
	struct response *response =
		response_decode(text, strlen(text), &defaults, &why);

	cr_assert_not_null(response, "%s", why.text);
	return response;
}

static void
set_up(struct listening *at)
{
	*at = (struct listening){.ear = {.room = 1000000}};
	clock_set_init(&at->clock, 1795255200000);
	at->metrics = metrics_new();
	at->tap = tap_new(&at->clock.clock, at->metrics);
	at->source.name = "spool";
	at->batch.source = &at->source;
	at->record.row = 7;
	at->response = an_answer("{\"id\":\"r-1\",\"score\":3,\"customer\":{"
				 "\"id\":\"c-1\"}}");
}

static void
take_down(struct listening *at)
{
	response_free(at->response);
	tap_free(at->tap);
	metrics_free(at->metrics);
	buf_done(&at->ear.text);
}

static const struct tap_filter everything = {
	.category = -1, .state = -1, .event = -1};

static void
tell_all(struct listening *at)
{
	struct record refused = {.row = 8,
		.settled_rejected = true,
		.rejection = {.reason = REJECTED_SCORE, .text = "a score"}};
	struct tap_delivery delivery = {
		.row = 9,
		.answer = 7,
		.action = "crm",
		.rule = "det",
		.state = DELIVERY_RETRYING,
		.tries = 1,
		.status = 503,
		.due_ms = 1795255200000,
		.reason = "crm answered 503",
	};

	tap_tell_record(at->tap, &at->batch, &at->record, at->response,
		"fired det\nsilenced other\n");
	tap_tell_record(at->tap, &at->batch, &refused, NULL, NULL);
	tap_tell_delivery(at->tap, &delivery);
}

static const struct {
	const char *name;
	struct tap_filter filter;
	const char *told; /* events, each with a blank */
} filters[] = {
	{"nothing asked", {.category = -1, .state = -1, .event = -1},
		"answer rejected delivery "},
	{"an event", {.category = -1, .state = -1, .event = TAP_REJECTED},
		"rejected "},
	{"a survey", {.survey = "s", .category = -1, .state = -1, .event = -1},
		"answer "},
	{"another survey",
		{.survey = "t", .category = -1, .state = -1, .event = -1}, ""},
	{"a class", {.category = CATEGORY_DETRACTOR, .state = -1, .event = -1},
		"answer "},
	{"another class",
		{.category = CATEGORY_PASSIVE, .state = -1, .event = -1}, ""},
	{"an id", {.id = "r-1", .category = -1, .state = -1, .event = -1},
		"answer "},
	{"a source",
		{.source = "spool", .category = -1, .state = -1, .event = -1},
		"answer rejected "},
	{"another source",
		{.source = "x", .category = -1, .state = -1, .event = -1}, ""},
	{"a reason",
		{.reason = "score", .category = -1, .state = -1, .event = -1},
		"rejected "},
	{"a rule", {.rule = "det", .category = -1, .state = -1, .event = -1},
		"answer delivery "},
	{"a rule that was kept quiet",
		{.rule = "other", .category = -1, .state = -1, .event = -1},
		"answer "},
	{"the beginning of a rule",
		{.rule = "de", .category = -1, .state = -1, .event = -1}, ""},
	{"an action",
		{.action = "crm", .category = -1, .state = -1, .event = -1},
		"delivery "},
	{"a state", {.category = -1, .state = DELIVERY_RETRYING, .event = -1},
		"delivery "},
	{"another state", {.category = -1, .state = DELIVERY_DEAD, .event = -1},
		""},
};

static void
events_of(const struct buf *text, struct buf *out)
{
	const char *at = text->data;
	static const char start[] = "{\"event\":\"";

	buf_append_text(out, "");
	while (at != NULL && (at = strstr(at, start)) != NULL) {
		at += sizeof(start) - 1;
		buf_append(out, at, strcspn(at, "\""));
		buf_append_char(out, ' ');
	}
}

Test(tap, tells_what_passes_the_filter)
{
	for (size_t i = 0; i < sizeof(filters) / sizeof(filters[0]); i++) {
		struct listening at;
		struct buf told = {0};

		set_up(&at);
		cr_assert_not_null(
			tap_open(at.tap, &filters[i].filter, on_line, &at.ear),
			"a place");
		tell_all(&at);
		events_of(&at.ear.text, &told);
		cr_expect_str_eq(told.data, filters[i].told, "%s: %s",
			filters[i].name, told.data);
		buf_done(&told);
		take_down(&at);
	}
}

Test(tap, an_event_says_what_happened)
{
	static const char *const said[] = {
		"\"row\":\"7\",\"standing\":\"accepted\",\"survey\":\"s\","
		"\"id\":\"r-1\",\"revision\":0,\"score\":3,"
		"\"category\":\"detractor\",\"source\":\"spool\","
		"\"customer\":\"c-1\",\"account\":null,\"rules\":[\"det\"],"
		"\"quiet\":[{\"rule\":\"other\",\"verdict\":\"silenced\"}]}\n",
		"\"row\":\"8\",\"source\":\"spool\",\"reason\":\"score\","
		"\"text\":\"a score\"}\n",
		"\"row\":\"9\",\"action\":\"crm\",\"state\":\"retrying\","
		"\"rule\":\"det\",\"response\":\"7\",\"tries\":1,"
		"\"status\":503,\"due_at\":\"2026-11-21T10:00:00Z\","
		"\"reason\":\"crm answered 503\"}\n",
	};
	struct listening at;

	set_up(&at);
	cr_assert_not_null(
		tap_open(at.tap, &everything, on_line, &at.ear), "a place");
	tell_all(&at);
	for (size_t i = 0; i < sizeof(said) / sizeof(said[0]); i++)
		cr_expect_not_null(strstr(at.ear.text.data, said[i]),
			"%s is not in %s", said[i], at.ear.text.data);
	take_down(&at);
}

Test(tap, duplicates_and_invitations_are_no_events)
{
	struct listening at;
	struct response *invitation =
		an_answer("{\"kind\":\"invitation\",\"id\":\"i\"}");

	set_up(&at);
	cr_assert_not_null(
		tap_open(at.tap, &everything, on_line, &at.ear), "a place");
	tap_tell_record(at.tap, &at.batch, &at.record, invitation, NULL);
	at.record.standing = STANDING_DUPLICATE;
	tap_tell_record(at.tap, &at.batch, &at.record, at.response, NULL);
	at.record.standing = STANDING_LATE;
	tap_tell_record(at.tap, &at.batch, &at.record, at.response, NULL);
	cr_expect_eq(at.ear.lines, 0, "%d lines", at.ear.lines);
	response_free(invitation);
	take_down(&at);
}

Test(tap, no_link_token_is_told)
{
	struct listening at;
	uint8_t key[LINK_KEY_BYTES] = {1};
	char token[LINK_TOKEN_LENGTH + 1], reason[200];
	struct tap_delivery delivery = {
		.row = 1, .action = "a", .state = DELIVERY_DEAD};

	set_up(&at);
	link_token_write(key, 1, "anna", 1795255200000, token);
	snprintf(reason, sizeof(reason), "said: see /f/%s", token);
	delivery.reason = reason;
	cr_assert_not_null(
		tap_open(at.tap, &everything, on_line, &at.ear), "a place");
	tap_tell_delivery(at.tap, &delivery);
	cr_expect_eq(at.ear.lines, 1, "it was told");
	cr_expect_null(strstr(at.ear.text.data, token), "%s", at.ear.text.data);
	take_down(&at);
}

Test(tap, what_a_slow_reader_misses_is_told_once)
{
	struct listening at;

	set_up(&at);
	cr_expect_not(tap_is_open(at.tap), "nobody listens");
	cr_expect_not(tap_is_open(NULL), "nobody can");
	cr_assert_not_null(
		tap_open(at.tap, &everything, on_line, &at.ear), "a place");
	cr_expect(tap_is_open(at.tap), "somebody listens");
	at.ear.room = 2;
	for (int i = 0; i < 10; i++)
		tap_tell_record(
			at.tap, &at.batch, &at.record, at.response, NULL);
	cr_expect_eq(at.ear.lines, 2, "%d lines", at.ear.lines);
	tap_tick(at.tap);
	cr_expect_eq(at.ear.lines, 2, "there was no room to tell it");
	at.ear.room = 2;
	tap_tick(at.tap);
	tap_tick(at.tap);
	cr_expect_eq(at.ear.missed, 8, "%d missed", at.ear.missed);
	cr_expect_eq(at.ear.lines, 3, "told once");
	/* Faster than a reader may ask for. */
	at.ear = (struct ear){.room = 1000000, .text = at.ear.text};
	for (int i = 0; i < 3 * TAP_LINES_AT_ONCE; i++)
		tap_tell_record(
			at.tap, &at.batch, &at.record, at.response, NULL);
	tap_tick(at.tap);
	cr_expect_eq(at.ear.lines - 1 + at.ear.missed, 3 * TAP_LINES_AT_ONCE,
		"%d lines, %d missed", at.ear.lines, at.ear.missed);
	cr_expect_leq(
		at.ear.lines, TAP_LINES_AT_ONCE + 1, "%d lines", at.ear.lines);
	take_down(&at);
}

Test(tap, signs_of_life_ends_and_reloads)
{
	struct listening at;
	struct tap_reader *reader;

	set_up(&at);
	reader = tap_open(at.tap, &everything, on_line, &at.ear);
	cr_assert_not_null(reader, "a place");
	tap_tick(at.tap);
	cr_expect_eq(at.ear.lines, 0, "nothing to say yet");
	clock_set_advance(&at.clock, TAP_ALIVE_MS);
	tap_tick(at.tap);
	tap_tick(at.tap);
	cr_expect_eq(at.ear.lines, 1, "one sign of life");
	tap_tell_reload(at.tap, "abc");
	tap_tell_end(reader, "enough");
	cr_expect_str_eq(at.ear.text.data,
		"{\"event\":\"alive\"}\n"
		"{\"event\":\"reload\",\"config_hash\":\"abc\"}\n"
		"{\"event\":\"end\",\"reason\":\"enough\"}\n",
		"%s", at.ear.text.data);
	take_down(&at);
}

Test(tap, as_many_as_may_listen)
{
	struct listening at;
	struct tap_reader *first;

	set_up(&at);
	first = tap_open(at.tap, &everything, on_line, &at.ear);
	for (int i = 1; i < TAP_READERS_LIMIT; i++)
		cr_assert_not_null(
			tap_open(at.tap, &everything, on_line, &at.ear),
			"place %d", i);
	cr_expect_null(tap_open(at.tap, &everything, on_line, &at.ear),
		"one too many");
	tap_close(first);
	cr_expect_not_null(
		tap_open(at.tap, &everything, on_line, &at.ear), "room again");
	take_down(&at);
}
