/* command_ask - the commands that ask the running daemon. */
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/text.h"
#include "nps/response.h"
#include "top/command.h"
#include "top/list.h"

enum { ASK_DRAW_WIDTH = 76, ASK_DETAIL_BYTES = 400 };

static const char *
text_of_member(const json_t *object, const char *name)
{
	const char *text = json_string_at(object, name);

	return text != NULL ? text : "-";
}

/* ---- status ---- */

static void
show_check(const json_t *check)
{
	const char *subject = json_string_at(check, "subject");
	const char *detail = text_of_member(check, "detail");
	struct buf line = {0};

	text_append_escaped(&line, detail, strlen(detail), ASK_DETAIL_BYTES);
	printf("\nATTENTION %s%s%s: %s\n  %s\n", text_of_member(check, "name"),
		subject != NULL ? " " : "", subject != NULL ? subject : "",
		line.data != NULL ? line.data : "",
		text_of_member(check, "mend"));
	buf_done(&line);
}

static void
show_checks(const json_t *checks)
{
	json_t *check;
	size_t i;

	json_array_foreach(checks, i, check)
	{
		if (!json_is_true(json_object_get(check, "good")))
			show_check(check);
	}
}

static void
show_counts(const json_t *follow_ups)
{
	printf("\nfollow-ups: %lld open, %lld contacted, %lld overdue\n",
		(long long)json_integer_value(
			json_object_get(follow_ups, "open")),
		(long long)json_integer_value(
			json_object_get(follow_ups, "contacted")),
		(long long)json_integer_value(
			json_object_get(follow_ups, "overdue")));
}

/* Told only where there are some: that nothing is sent must not be
 * overlooked. */
static void
show_silences(const json_t *status)
{
	long long count = (long long)json_integer_value(
		json_object_get(status, "silences"));

	if (count > 0)
		printf("silences: %lld in force (npsd silence)\n", count);
}

static bool
checks_good(const json_t *checks)
{
	json_t *check;
	size_t i;

	json_array_foreach(
		checks, i, check) if (!json_is_true(json_object_get(check,
					      "good"))) return false;
	return true;
}

int
command_status(const struct command_options *options)
{
	static const char *const sources[] = {"SOURCE=source",
		"HEALTHY=healthy", "BYTES BEHIND=behind_bytes",
		"LAST ANSWER=last_response", "REJECTED=rejected", NULL};
	static const char *const actions[] = {"ACTION=action", "STATE=state",
		"IN FLIGHT=in_flight", "WAITING=waiting", "?FOLDED=folded",
		"DEAD=dead", "OLDEST=oldest", NULL};
	json_t *status;
	int code = client_get(options, "GET", "/api/v1/status", &status);
	bool good;

	if (code != COMMAND_OK)
		return code;
	good = checks_good(json_object_get(status, "checks"));
	if (options->json) {
		show_json(status);
	} else {
		printf("npsd %s, up since %s, configuration %s (%s)\n\n",
			text_of_member(status, "version"),
			text_of_member(status, "started_at"),
			text_of_member(status, "config"),
			text_of_member(status, "config_hash"));
		show_table(json_object_get(status, "sources"), sources);
		putchar('\n');
		show_table(json_object_get(status, "actions"), actions);
		show_counts(json_object_get(status, "follow_ups"));
		show_silences(status);
		show_checks(json_object_get(status, "checks"));
	}
	json_decref(status);
	return good ? COMMAND_OK : COMMAND_NEGATIVE;
}

/* ---- score ---- */

static long long
number_of(const json_t *object, const char *name)
{
	return (long long)json_integer_value(json_object_get(object, name));
}

static void
print_figures(const char *name, const json_t *figures)
{
	long long answers = number_of(figures, "responses");
	long long promoters = number_of(figures, "promoters");
	long long passives = number_of(figures, "passives");
	long long detractors = number_of(figures, "detractors");

	if (!json_is_number(json_object_get(figures, "nps"))) {
		printf("%-24s no answers\n", name);
		return;
	}
	printf("%-24s NPS %6.1f   95%% %6.1f to %5.1f   %-11s  %lld %s: "
	       "%lld %s, %lld %s, %lld %s\n",
		name, json_number_value(json_object_get(figures, "nps")),
		json_number_value(json_object_get(figures, "low")),
		json_number_value(json_object_get(figures, "high")),
		text_of_member(figures, "band"), answers,
		text_plural(answers, "answer", "answers"), promoters,
		text_plural(promoters, "promoter", "promoters"), passives,
		text_plural(passives, "passive", "passives"), detractors,
		text_plural(detractors, "detractor", "detractors"));
}

/* What changed since the window before, where it is more than chance. */
static void
print_change(const json_t *figures)
{
	const json_t *change = json_object_get(figures, "change");
	const json_t *mix = json_object_get(figures, "mix");
	double points = json_number_value(json_object_get(change, "points"));

	if (!json_is_true(json_object_get(change, "significant")))
		return;
	printf("%-24s %s %.1f from %.1f in the window before, give or take "
	       "%.1f",
		"", points < 0 ? "down" : "up", fabs(points),
		json_number_value(json_object_get(
			json_object_get(figures, "previous"), "nps")),
		json_number_value(json_object_get(change, "margin")));
	if (json_is_string(json_object_get(mix, "lost")))
		printf("; %s lost most, %s gained most",
			text_of_member(mix, "lost"),
			text_of_member(mix, "gained"));
	printf("\n");
}

static void
print_rate(const json_t *figures)
{
	const json_t *rate = json_object_get(figures, "response_rate");

	if (json_is_number(rate))
		printf("%-24s %lld %s, %.1f %% answered\n", "",
			number_of(figures, "invitations"),
			text_plural(number_of(figures, "invitations"),
				"invitation", "invitations"),
			100 * json_number_value(rate));
}

static void
print_score(const char *name, const json_t *figures)
{
	print_figures(name, figures);
	print_change(figures);
	print_rate(figures);
}

/* The total in a row without a value, then the groups. */
static void
show_score_csv(const json_t *score)
{
	static const char *const columns[] = {"SEGMENT=segment", "VALUE=value",
		"RESPONSES=responses", "PROMOTERS=promoters",
		"PASSIVES=passives", "DETRACTORS=detractors", "NPS=nps",
		"MARGIN=margin", "LOW=low", "HIGH=high", "BAND=band", NULL};
	json_t *rows = json_array();

	json_array_append(rows, json_object_get(score, "total"));
	json_array_extend(rows, json_object_get(score, "groups"));
	show_csv(rows, columns);
	json_decref(rows);
}

int
command_score(const struct command_options *options)
{
	struct buf path = {0};
	json_t *score, *group;
	size_t i;
	int code;

	buf_append_text(&path, "/api/v1/score");
	client_add_query(&path, "survey", options->survey);
	client_add_query(&path, "window", options->window);
	client_add_query(&path, "segment", options->segment);
	client_add_query(&path, "compare", "previous");
	code = client_get(options, "GET", path.data, &score);
	buf_done(&path);
	if (code != COMMAND_OK)
		return code;
	if (options->json) {
		show_json(score);
	} else if (options->csv) {
		show_score_csv(score);
	} else {
		printf("%s, window %s, at %s\n\n",
			options->survey != NULL ? options->survey
						: "all surveys",
			text_of_member(score, "window"),
			text_of_member(score, "computed_at"));
		print_score("total", json_object_get(score, "total"));
		json_array_foreach(json_object_get(score, "groups"), i, group)
		{
			char *value =
				show_text(json_object_get(group, "value"));

			print_score(value, group);
			free(value);
		}
	}
	json_decref(score);
	return COMMAND_OK;
}

/* ---- lists ---- */

static int
get_row(const struct command_options *options, const char *route, json_t **row)
{
	char *path = mem_printf("%s/%s", route, options->words[0]);
	char *missing = mem_printf("there is no row %s", options->words[0]);
	int code = client_get_row(options, path, missing, row);

	free(path);
	free(missing);
	return code;
}

int
command_responses(const struct command_options *options)
{
	static const char *const columns[] = {"ROW=row", "SURVEY=survey",
		"ID=id", "REVISION=revision", "SCORE=score",
		"CATEGORY=category", "ANSWERED=answered_at", "SOURCE=source",
		NULL};
	static const char *const cells[] = {"=row", "=survey", "=id",
		"=revision", "=score", "=category", "=answered_at",
		"=arrived_at", "=source", "=customer", "=account",
		"=response.comment", "=response", NULL};

	return list_show(
		options, "/api/v1/responses", options->csv ? cells : columns);
}

/* One member a line, the body last and as it is. */
static void
show_members(const json_t *row)
{
	const char *name;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)row, name, value)
	{
		char *text;

		if (strcmp(name, "body") == 0 || strcmp(name, "attempts") == 0)
			continue;
		text = show_text(value);
		printf("%-14s %s\n", name, text);
		free(text);
	}
}

static void
show_body(const json_t *row)
{
	const json_t *body = json_object_get(row, "body");
	struct buf out = {0};
	const char *at, *end;

	if (!json_is_string(body))
		return;
	at = json_string_value(body);
	end = at + json_string_length(body);
	while (at < end) {
		const char *line = memchr(at, '\n', (size_t)(end - at));
		size_t length = (size_t)((line != NULL ? line : end) - at);

		if (length > 0 && at[length - 1] == '\r')
			length--;
		text_append_escaped(&out, at, length, SIZE_MAX);
		buf_append_char(&out, '\n');
		at = line != NULL ? line + 1 : end;
	}
	printf("\n%s", out.data);
	buf_done(&out);
}

int
command_deliveries(const struct command_options *options)
{
	static const char *const columns[] = {"ROW=row", "ACTION=action",
		"STATE=state", "TRIES=tries", "STATUS=status", "RULE=rule",
		"RESPONSE=response", "CREATED=created_at", "DUE=due_at",
		"?STORM=storm.row", "REASON=reason", NULL};
	static const char *const tries[] = {"TRY=n", "AT=at", "OUTCOME=outcome",
		"STATUS=status", "REASON=reason", NULL};
	json_t *row;
	int code;

	if (options->count == 0)
		return list_show(options, "/api/v1/deliveries", columns);
	code = get_row(options, "/api/v1/deliveries", &row);
	if (code != COMMAND_OK)
		return code;
	if (options->json) {
		show_json(row);
	} else {
		show_members(row);
		putchar('\n');
		show_table(json_object_get(row, "attempts"), tries);
		show_body(row);
	}
	json_decref(row);
	return COMMAND_OK;
}

static void
draw_rejected(const json_t *row)
{
	struct rejection why = {.reason = REJECTED_JSON};
	const char *bytes = json_string_at(row, "bytes");
	const json_t *offset = json_object_get(row, "offset");
	struct buf out = {0};

	if (bytes == NULL)
		return;
	snprintf(why.pointer, sizeof(why.pointer), "%s",
		json_string_at(row, "pointer") != NULL
			? json_string_at(row, "pointer")
			: "");
	snprintf(why.text, sizeof(why.text), "%s", text_of_member(row, "text"));
	why.offset_known = json_is_integer(offset);
	why.offset = (size_t)json_integer_value(offset);
	rejection_draw(&why, bytes, strlen(bytes), ASK_DRAW_WIDTH, &out);
	printf("\n%s\n", out.data != NULL ? out.data : "");
	buf_done(&out);
}

int
command_rejected(const struct command_options *options)
{
	static const char *const columns[] = {"ROW=row", "SOURCE=source",
		"PLACE=place", "REASON=reason", "WHY=text",
		"ARRIVED=arrived_at", NULL};
	json_t *row;
	int code;

	if (options->count == 0)
		return list_show(options, "/api/v1/rejected", columns);
	code = get_row(options, "/api/v1/rejected", &row);
	if (code != COMMAND_OK)
		return code;
	if (options->json) {
		show_json(row);
	} else {
		char *place = show_text(json_object_get(row, "place"));

		printf("%s, %s, refused at %s: %s\n",
			text_of_member(row, "source"), place,
			text_of_member(row, "arrived_at"),
			text_of_member(row, "reason"));
		free(place);
		draw_rejected(row);
	}
	json_decref(row);
	return COMMAND_OK;
}

/* ---- explain ---- */

static void
show_replayed(const json_t *replayed)
{
	const char *rule = json_string_at(replayed, "rule");

	if (!json_is_object(replayed))
		return;
	printf("judged anew by a replay at %s, by %s%s%s%s\n",
		text_of_member(replayed, "at"), text_of_member(replayed, "by"),
		rule != NULL ? ": rule " : "", rule != NULL ? rule : "",
		rule != NULL ? " alone" : "");
}

static void
show_explained(const json_t *explained)
{
	static const char *const deliveries[] = {"ROW=row", "ACTION=action",
		"RULE=rule", "STATE=state", "TRIES=tries", "STATUS=status",
		"SETTLED=settled_at", "?STORM=storm.row",
		"?ITS STATE=storm.state", "REASON=reason", NULL};
	const json_t *past = json_object_get(explained, "past");
	char *id = show_text(json_object_get(explained, "id"));
	char *survey = show_text(json_object_get(explained, "survey"));
	const json_t *one;
	size_t i;

	printf("answer %s (%s, survey %s), revision %lld, score %lld: %s\n"
	       "answered %s, arrived %s by source %s\n",
		text_of_member(explained, "row"), id, survey,
		(long long)json_integer_value(
			json_object_get(explained, "revision")),
		(long long)json_integer_value(
			json_object_get(explained, "score")),
		text_of_member(explained, "category"),
		text_of_member(explained, "answered_at"),
		text_of_member(explained, "arrived_at"),
		text_of_member(explained, "source"));
	free(id);
	free(survey);
	if (json_array_size(past) > 0)
		printf("amended %zu %s\n", json_array_size(past),
			text_plural((int64_t)json_array_size(past), "time",
				"times"));
	show_replayed(json_object_get(explained, "replayed"));
	printf("\nrules (%s):\n", text_of_member(explained, "rules_hash"));
	show_verdicts(json_object_get(explained, "verdicts"));
	printf("\ndeliveries:\n");
	if (json_array_size(json_object_get(explained, "deliveries")) > 0)
		show_table(
			json_object_get(explained, "deliveries"), deliveries);
	else
		puts("  none");
	json_array_foreach(json_object_get(explained, "follow_ups"), i, one)
	{
		printf("\n");
		show_follow_up(one);
	}
}

/* A row, or an id that is looked up first. */
static int
find_row(const struct command_options *options, char **row)
{
	struct buf path = {0};
	const char *word = options->words[0];
	int64_t number;
	json_t *page = NULL;
	const char *found;
	int code;

	if (options->survey == NULL &&
		text_to_integer(word, 1, INT64_MAX, &number)) {
		*row = mem_strdup(word);
		return COMMAND_OK;
	}
	buf_append_text(&path, "/api/v1/responses?limit=1");
	client_add_query(&path, "survey", options->survey);
	client_add_query(&path, "id", word);
	code = client_get(options, "GET", path.data, &page);
	buf_done(&path);
	if (code != COMMAND_OK)
		return code;
	found = json_string_at(
		json_array_get(json_object_get(page, "items"), 0), "row");
	*row = mem_strdup(found);
	json_decref(page);
	if (*row != NULL)
		return COMMAND_OK;
	fputs("npsd: no answer has this id\n", stderr);
	return COMMAND_NEGATIVE;
}

int
command_explain(const struct command_options *options)
{
	char *row = NULL, *path, *missing;
	json_t *explained;
	int code;

	if (strcmp(options->words[0], "-") == 0)
		return command_explain_supposed(options);
	code = find_row(options, &row);
	if (code != COMMAND_OK)
		return code;
	path = mem_printf("/api/v1/responses/%s/explain", row);
	missing = mem_printf("there is no row %s%s", row,
		options->survey == NULL
			? "; if that is the answer's id, add --survey NAME"
			: "");
	code = client_get_row(options, path, missing, &explained);
	free(missing);
	free(path);
	free(row);
	if (code != COMMAND_OK)
		return code;
	if (options->json)
		show_json(explained);
	else
		show_explained(explained);
	json_decref(explained);
	return COMMAND_OK;
}
