/* test_case - reads a test of the configuration and holds it against a trial. */
#include "top/test_case.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/text.h"
#include "conf/node_json.h"
#include "expr/expr.h"

enum { TEST_TEXT_LIMIT_BYTES = 64 * 1024 };

/* What one action is to send. */
struct sent {
	struct setting_texts contains;
	char *holds; /* jq, or NULL */
};

struct expected {
	char *category, *rejected;
	struct setting_texts rules, actions, to;
	struct setting_items sends;
};

struct test_case {
	char *name, *survey, *at;
	const struct conf_node *answer;
	struct {
		int64_t score;
		char *answered_at;
	} previous;
	struct expected expect;
};

#define IN(type, member) offsetof(struct type, member)

static const struct setting sent_settings[] = {
	{"contains", SETTING_TEXTS, IN(sent, contains), .low = 1,
		.high = TEST_TEXT_LIMIT_BYTES,
		.help = "Texts that stand in what is sent."},
	{"holds", SETTING_TEXT, IN(sent, holds), .low = 1,
		.high = TEST_TEXT_LIMIT_BYTES,
		.help = "A jq expression over what is sent (the JSON value, or "
			"the text where it is none) that gives true."},
	{.key = NULL},
};

static const struct setting expect_settings[] = {
	{"category", SETTING_TEXT, IN(expected, category), .low = 1, .high = 16,
		.help = "The class."},
	{"rejected", SETTING_TEXT, IN(expected, rejected), .low = 1, .high = 16,
		.help = "The reason why the answer is refused, as npsd "
			"rejected names it."},
	{"rules", SETTING_TEXTS, IN(expected, rules),
		.help = "The rules that fire, in order; [] is none."},
	{"actions", SETTING_TEXTS, IN(expected, actions),
		.help = "The actions that are taken, each once; [] is none."},
	{"to", SETTING_TEXTS, IN(expected, to),
		.help = "All receivers, each once."},
	{"sends", SETTING_MAP, IN(expected, sends), .fields = sent_settings,
		.size = sizeof(struct sent),
		.help = "What an action sends, by the action's name."},
	{.key = NULL},
};

#define IN_PREVIOUS(member) \
	(IN(test_case, previous.member) - IN(test_case, previous))
static const struct setting previous_settings[] = {
	{"score", SETTING_INTEGER, IN_PREVIOUS(score), .required = true,
		.low = SCORE_LOW, .high = SCORE_HIGH, .help = "What it gave."},
	{"answered_at", SETTING_TEXT, IN_PREVIOUS(answered_at), .low = 1,
		.high = 64, .help = "When; default is a day before."},
	{.key = NULL},
};

static const struct setting case_settings[] = {
	{"name", SETTING_TEXT, IN(test_case, name), .required = true, .low = 1,
		.high = 200, .help = "What it shows."},
	{"at", SETTING_TEXT, IN(test_case, at), .low = 1, .high = 64,
		.help = "When the answer arrives (RFC 3339); default is now."},
	{"survey", SETTING_TEXT, IN(test_case, survey), .fallback = "test",
		.low = 1, .high = RESPONSE_NAME_LIMIT_BYTES,
		.help = "Its survey where it names none."},
	{"answer", SETTING_NODE, IN(test_case, answer), .required = true,
		.help = "The answer in npsd's format, as a map or as JSON "
			"text. Plain numbers, true, false and null are those; "
			"all else is text."},
	{"previous", SETTING_RECORD, IN(test_case, previous),
		.fields = previous_settings,
		.help = "The customer's answer before this one."},
	{"expect", SETTING_RECORD, IN(test_case, expect),
		.fields = expect_settings,
		.help = "What follows. What is not named is not looked at."},
	{.key = NULL},
};

const struct setting test_file_settings[] = {
	{"tests", SETTING_LIST, IN(test_file, tests), .fields = case_settings,
		.size = sizeof(struct test_case), .required = true,
		.help = "The tests."},
	{.key = NULL},
};

/* ---- running one ---- */

/* A test under way. */
struct run {
	const struct test_case *test;
	const struct conf_node *node; /* of the test */
	const json_t *result;
	json_t *wrong;
};

static void
say(struct run *run, char *sentence)
{
	json_array_append_new(run->wrong, json_string(sentence));
	free(sentence);
}

static bool
is_expected(const struct run *run, const char *key)
{
	return conf_node_at(conf_node_at(run->node, "expect"), key) != NULL;
}

static void
compare_text(struct run *run, const char *what, const char *expected,
	const char *got)
{
	if (expected == NULL || (got != NULL && strcmp(expected, got) == 0))
		return;
	say(run, mem_printf("%s: expected %s, got %s", what, expected,
			 got != NULL ? got : "none"));
}

/* Values of one member of the alerts, each once, in order. */
static json_t *
members_of(const json_t *alerts, const char *member)
{
	json_t *out = json_array(), *seen = json_object(), *alert;
	size_t i;

	json_array_foreach(alerts, i, alert)
	{
		const char *text = json_string_at(alert, member);

		if (json_object_get(seen, text) != NULL)
			continue;
		json_object_set_new(seen, text, json_true());
		json_array_append_new(out, json_string(text));
	}
	json_decref(seen);
	return out;
}

static json_t *
texts_json(const struct setting_texts *texts)
{
	json_t *out = json_array();

	for (size_t i = 0; i < texts->count; i++)
		json_array_append_new(out, json_string(texts->items[i]));
	return out;
}

/* Takes `got`. */
static void
compare_lists(struct run *run, const char *key,
	const struct setting_texts *expected, json_t *got)
{
	json_t *wanted = texts_json(expected);

	if (is_expected(run, key) && !json_equal(wanted, got)) {
		char *left = json_text(wanted), *right = json_text(got);

		say(run, mem_printf(
				 "%s: expected %s, got %s", key, left, right));
		free(left);
		free(right);
	}
	json_decref(wanted);
	json_decref(got);
}

static json_t *
value_of(const char *body)
{
	struct json_fault fault;
	json_t *value = json_read(body, strlen(body), &fault);

	return value != NULL ? value : json_string(body);
}

static void
ask_body(struct run *run, const char *action, const char *holds,
	const char *body)
{
	struct expr_set *set = expr_set_new();
	json_t *value = value_of(body);
	struct expr_input *input = expr_input_new(value);
	struct err err = {""};
	bool yes = false;

	(void)expr_set_add(set, "holds", holds);
	if (!expr_set_compile(set, NULL, NULL))
		say(run, mem_printf("%s: holds: is no jq expression", action));
	else if (expr_run_boolean(set, 0, input, &yes, &err) != EXPR_OK)
		say(run, mem_printf("%s: %s", action, err.text));
	else if (!yes)
		say(run, mem_printf("%s: %s is false", action, holds));
	expr_input_free(input);
	json_decref(value);
	expr_set_free(set);
}

/* A mail with its quoted-printable parts (RFC 2045, 6.7) undone, so that a text
 * is found across the ends of lines. */
static char *
unquote(const char *body)
{
	struct buf out = {0};

	for (const char *at = body; *at != '\0'; at++) {
		unsigned int code;

		if (strncmp(at, "=\r\n", 3) == 0) {
			at += 2;
		} else if (*at == '=' &&
			   strspn(at + 1, "0123456789ABCDEF") >= 2 &&
			   sscanf(at + 1, "%2X", &code) == 1 && code != 0) {
			buf_append(&out, &(char){(char)code}, 1);
			at += 2;
		} else {
			buf_append(&out, at, 1);
		}
	}
	buf_append(&out, "", 1);
	return out.data;
}

static void
compare_body(struct run *run, const char *action, const struct sent *sent,
	const json_t *alert)
{
	const char *body = json_string_at(alert, "body");
	bool is_mail = strcmp(json_string_at(alert, "type"), "email") == 0;
	char *plain = is_mail ? unquote(body) : mem_strdup(body);

	for (size_t i = 0; i < sent->contains.count; i++)
		if (strstr(plain, sent->contains.items[i]) == NULL)
			say(run,
				mem_printf("%s: \"%s\" is not in what it sends",
					action, sent->contains.items[i]));
	if (sent->holds != NULL)
		ask_body(run, action, sent->holds, plain);
	free(plain);
}

static void
compare_sent(struct run *run, const struct setting_item *item)
{
	json_t *alert;
	bool found = false;
	size_t i;

	json_array_foreach(json_object_get(run->result, "alerts"), i, alert)
	{
		const char *body = json_string_at(alert, "body");

		if (strcmp(json_string_at(alert, "action"), item->name) != 0)
			continue;
		found = true;
		if (body != NULL)
			compare_body(run, item->name, item->record, alert);
		else
			say(run,
				mem_printf("%s: cannot be made: %s", item->name,
					json_string_at(alert, "reason")));
	}
	if (!found)
		say(run, mem_printf("%s: sends nothing", item->name));
}

static void
compare(struct run *run)
{
	const struct expected *expect = &run->test->expect;
	const json_t *answer = json_object_get(run->result, "answer");
	const json_t *alerts = json_object_get(run->result, "alerts");
	const json_t *refused = json_object_get(run->result, "rejected");

	if (expect->rejected != NULL || refused == NULL) {
		compare_text(run, "rejected", expect->rejected,
			json_string_at(refused, "reason"));
	} else {
		say(run, mem_printf("the answer is refused: %s",
				 json_string_at(refused, "text")));
		return;
	}
	compare_text(run, "category", expect->category,
		json_string_at(answer, "category"));
	compare_lists(run, "rules", &expect->rules,
		json_deep_copy(json_object_get(run->result, "rules")));
	compare_lists(
		run, "actions", &expect->actions, members_of(alerts, "action"));
	compare_lists(run, "to", &expect->to, members_of(alerts, "recipient"));
	for (size_t i = 0; i < expect->sends.count; i++)
		compare_sent(run, &expect->sends.items[i]);
}

static bool
read_time(struct run *run, const char *text, int64_t *time_ms)
{
	struct err err;

	if (text == NULL ||
		time_from_rfc3339(text, strlen(text), time_ms, &err))
		return true;
	say(run, mem_printf("%s: %s", text, err.text));
	return false;
}

static bool
read_previous(struct run *run, int64_t now_ms, struct previous *previous)
{
	const struct test_case *test = run->test;

	if (conf_node_is_null(conf_node_at(run->node, "previous")))
		return true;
	previous->known = true;
	previous->score = (int)test->previous.score;
	previous->category = category_of(previous->score);
	previous->answered_ms = now_ms - MS_PER_DAY;
	return read_time(
		run, test->previous.answered_at, &previous->answered_ms);
}

static char *
record_of(const struct conf_node *node)
{
	json_t *value;
	char *text;

	if (node->type == CONF_SCALAR)
		return mem_strdup(node->text);
	value = conf_node_json(node);
	text = json_text(value);
	json_decref(value);
	return text;
}

json_t *
test_case_run(
	const struct setting_item *item, struct trial *trial, int64_t now_ms)
{
	const struct test_case *test = item->record;
	struct run run = {test, item->node, NULL, json_array()};
	struct trial_answer answer = {.survey = test->survey, .now_ms = now_ms};
	char *bytes = record_of(test->answer);
	json_t *result = NULL;

	answer.bytes = bytes;
	answer.length = strlen(bytes);
	if (read_time(&run, test->at, &answer.now_ms) &&
		read_previous(&run, answer.now_ms, &answer.previous)) {
		result = trial_run(trial, &answer);
		run.result = result;
		compare(&run);
	}
	json_decref(result);
	free(bytes);
	return run.wrong;
}
