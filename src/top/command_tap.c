/* command_tap - what the daemon does, as it does it. */
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/text.h"
#include "base/time.h"
#include "loop/loop.h"
#include "top/command.h"

enum { TAP_COUNT_LIMIT = 1000000000 };

struct following {
	struct loop *loop;
	bool json;
	int64_t left; /* events until it ends; 0: no end */
	bool ended;   /* by --count, --for or Ctrl-C */
	bool refused; /* the daemon has said why it ends */
};

/* ---- as people read it ---- */

/* "17:03:21" of an instant. */
static void
print_time(const json_t *event)
{
	const char *at = json_string_at(event, "at");

	if (at != NULL && strlen(at) >= 19)
		printf("%.8s  ", at + 11);
}

static void
print_cell(const json_t *event, const char *name, int width)
{
	char *text = show_text(json_object_get(event, name));

	printf("%-*s  ", width, text);
	free(text);
}

/* " name value", where there is one. */
static void
print_named(const json_t *event, const char *name)
{
	const json_t *value = json_object_get(event, name);
	char *text;

	if (value == NULL || json_is_null(value))
		return;
	text = show_text(value);
	printf("  %s %s", name, text);
	free(text);
}

static void
print_rules(const json_t *event)
{
	const json_t *rules = json_object_get(event, "rules"), *one;
	size_t i;

	json_array_foreach(rules, i, one) printf(
		"%s%s", i == 0 ? "  fired " : ", ", json_string_value(one));
	json_array_foreach(json_object_get(event, "quiet"), i, one)
		printf("  (%s: %s)", json_string_at(one, "rule"),
			json_string_at(one, "verdict"));
}

static void
print_answer(const json_t *event)
{
	print_time(event);
	printf("answer     ");
	print_cell(event, "row", 6);
	print_cell(event, "category", 9);
	print_cell(event, "score", 2);
	print_cell(event, "survey", 12);
	print_cell(event, "customer", 1);
	if (strcmp(json_string_at(event, "standing"), "amended") == 0)
		printf("  amended");
	print_rules(event);
	putchar('\n');
}

static void
print_rejected(const json_t *event)
{
	print_time(event);
	printf("rejected   ");
	print_cell(event, "row", 6);
	print_cell(event, "reason", 9);
	print_cell(event, "source", 16);
	print_cell(event, "text", 1);
	putchar('\n');
}

static void
print_delivery(const json_t *event)
{
	const char *state = json_string_at(event, "state");

	print_time(event);
	printf("delivery   ");
	print_cell(event, "row", 6);
	print_cell(event, "state", 9);
	print_cell(event, "action", 16);
	print_named(event, "rule");
	print_named(event, "response");
	if (json_integer_value(json_object_get(event, "status")) > 0)
		print_named(event, "status");
	print_named(event, "due_at");
	if (state != NULL && strcmp(state, "delivered") != 0)
		print_named(event, "reason");
	putchar('\n');
}

/* ---- what comes ---- */

static void
stop(struct following *following)
{
	following->ended = true;
	loop_stop(following->loop);
}

static void
print_missed(int64_t count)
{
	printf("... %lld %s missed\n", (long long)count,
		text_plural(count, "event", "events"));
}

/* What is no event of the main job; true: it was one of these. */
static bool
hear_other(struct following *following, const char *event, const json_t *line)
{
	if (strcmp(event, "alive") == 0)
		return true;
	if (strcmp(event, "end") == 0) {
		fprintf(stderr, "npsd: %s\n", json_string_at(line, "reason"));
		following->refused = true;
		return true;
	}
	if (following->json)
		return false;
	if (strcmp(event, "missed") == 0)
		print_missed(
			json_integer_value(json_object_get(line, "count")));
	else if (strcmp(event, "reload") == 0)
		printf("... the configuration was reloaded (%s)\n",
			json_string_at(line, "config_hash"));
	else
		return false;
	return true;
}

static bool
is_counted(const char *event)
{
	return strcmp(event, "answer") == 0 || strcmp(event, "rejected") == 0 ||
	       strcmp(event, "delivery") == 0;
}

static void
show(const struct following *following, const char *event, const json_t *line)
{
	if (following->json)
		show_json(line);
	else if (strcmp(event, "answer") == 0)
		print_answer(line);
	else if (strcmp(event, "rejected") == 0)
		print_rejected(line);
	else if (strcmp(event, "delivery") == 0)
		print_delivery(line);
}

static void
on_line(const char *text, size_t length, void *context)
{
	struct following *following = context;
	struct json_fault fault;
	json_t *line =
		following->ended ? NULL : json_read(text, length, &fault);
	const char *event = json_string_at(line, "event");

	if (event != NULL && !hear_other(following, event, line)) {
		show(following, event, line);
		if (is_counted(event) && following->left > 0 &&
			--following->left == 0)
			stop(following);
	}
	json_decref(line);
	fflush(stdout);
	if (ferror(stdout))
		stop(following);
}

static void
on_enough(void *context)
{
	stop(context);
}

/* ---- asking ---- */

static bool
read_count(const char *text, int64_t *count)
{
	if (text == NULL || text_to_integer(text, 1, TAP_COUNT_LIMIT, count))
		return true;
	fprintf(stderr, "npsd: --count wants a number from 1, not \"%s\"\n",
		text);
	return false;
}

static bool
read_span(const char *text, int64_t *span_ms)
{
	struct err err;

	if (text == NULL)
		return true;
	if (duration_from_text(text, span_ms, &err) && *span_ms == 0)
		err_set(&err, "for no time at all nothing is heard");
	else if (*span_ms > 0)
		return true;
	fprintf(stderr, "npsd: --for: %s\n", err.text);
	return false;
}

static void
add_filters(struct buf *path, const struct command_options *options)
{
	client_add_query(path, "event", options->event);
	client_add_query(path, "survey", options->survey);
	client_add_query(path, "id", options->id);
	client_add_query(path, "category", options->category);
	client_add_query(path, "source", options->source);
	client_add_query(path, "reason", options->reason);
	client_add_query(path, "rule", options->rule);
	client_add_query(path, "action", options->action);
	client_add_query(path, "state", options->state);
}

static int
follow(const struct command_options *options, struct following *following,
	int64_t span_ms)
{
	struct client_follower follower = {on_line, following};
	struct loop_watch *interrupt =
		loop_signal_new(following->loop, SIGINT, on_enough, following);
	struct loop_watch *end =
		loop_signal_new(following->loop, SIGTERM, on_enough, following);
	struct loop_timer *timer =
		loop_timer_new(following->loop, on_enough, following);
	struct buf path = {0};
	int code;

	if (span_ms > 0)
		loop_timer_set(timer, span_ms);
	buf_append_text(&path, "/api/v1/events");
	add_filters(&path, options);
	code = client_follow(options, path.data, following->loop, &follower);
	buf_done(&path);
	loop_timer_free(timer);
	loop_watch_free(end);
	loop_watch_free(interrupt);
	return code;
}

int
command_tap(const struct command_options *options)
{
	struct following following = {.json = options->json};
	struct err err = {""};
	int64_t span_ms = 0;
	int code;

	if (!read_count(options->number, &following.left) ||
		!read_span(options->span, &span_ms))
		return COMMAND_USAGE;
	following.loop = loop_new(&err);
	if (following.loop == NULL) {
		fprintf(stderr, "npsd: %s\n", err.text);
		return COMMAND_NEGATIVE;
	}
	code = follow(options, &following, span_ms);
	loop_free(following.loop);
	if (following.ended)
		return COMMAND_OK;
	/* The answer has come to its end, and not by our will. */
	if (code == COMMAND_OK && !following.refused)
		fputs("npsd: the daemon has ended\n", stderr);
	return code == COMMAND_OK ? COMMAND_UNREACHABLE : code;
}
