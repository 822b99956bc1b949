/* The effective configuration, as YAML that loads again, and as JSON. */
#include <criterion/criterion.h>
#include <jansson.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "conf/node.h"
#include "conf/setting.h"
#include "conf_folder.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

TestSuite(setting_print);

struct inner {
	char *path;
	int64_t wait_ms;
};
static const struct setting inner_rows[] = {
	{"path", SETTING_TEXT, offsetof(struct inner, path), .required = true},
	{"wait", SETTING_DURATION, offsetof(struct inner, wait_ms),
		.fallback = "90s"},
	{.key = NULL},
};

struct web {
	struct inner common;
	char *secret;
	bool sign;
};
static const struct setting web_rows[] = {
	{"secret", SETTING_SECRET, offsetof(struct web, secret), .help = "h"},
	{"sign", SETTING_BOOLEAN, offsetof(struct web, sign), .help = "h"},
	{.key = NULL},
};
static const struct setting_kind web_kind = {
	"web", web_rows, sizeof(struct web), "h"};
static const struct setting_kind *const kinds[] = {&web_kind, NULL};

struct all {
	char *text, *unset, *secret, *url, *when;
	int64_t integer, positive;
	double number;
	bool boolean;
	int choice;
	struct setting_texts texts;
	struct setting_pairs pairs, secrets;
	struct inner record, needed;
	struct inner plain_record, optional_record;
	struct setting_items map, list;
	char *custom;
	const struct conf_node *node;
	bool hidden;
};

static const struct setting plain_rows[] = {
	{"wait", SETTING_DURATION, offsetof(struct inner, wait_ms),
		.fallback = "1h"},
	{.key = NULL},
};
static const char *const choices[] = {"off", "low", NULL};

/* Keeps what it read as a short text, to be compared. */
static void
append_node(struct buf *out, const struct conf_node *node)
{
	if (node->type == CONF_SCALAR)
		buf_printf(out, "%s%s;", node->quoted ? "'" : "", node->text);
	for (size_t i = 0; i < node->count; i++) {
		buf_printf(out, "%s(", node->keys ? node->keys[i]->text : "-");
		append_node(out, node->values[i]);
		buf_append_char(out, ')');
	}
}

static bool
read_custom(struct setting_reader *reader, const struct conf_node *node,
	const char *path, void *where)
{
	char **out = where;
	struct buf text = {0};

	(void)reader, (void)path;
	buf_append_text(&text, "");
	append_node(&text, node);
	*out = buf_take(&text);
	return true;
}

static void
done_custom(void *where)
{
	char **text = where;

	free(*text);
}

static const struct setting rows[] = {
	{"text", SETTING_TEXT, offsetof(struct all, text),
		.fallback = "127.0.0.1:8677"},
	{"unset", SETTING_TEXT, offsetof(struct all, unset), .help = "h"},
	{"secret", SETTING_SECRET, offsetof(struct all, secret), .help = "h"},
	{"url", SETTING_TEXT, offsetof(struct all, url), .masked = true},
	{"when", SETTING_TEXT, offsetof(struct all, when), .help = "h"},
	{"integer", SETTING_INTEGER, offsetof(struct all, integer),
		.fallback = "-3"},
	{"positive", SETTING_INTEGER, offsetof(struct all, positive), .low = 1},
	{"number", SETTING_NUMBER, offsetof(struct all, number), .help = "h"},
	{"boolean", SETTING_BOOLEAN, offsetof(struct all, boolean),
		.help = "h"},
	{"choice", SETTING_CHOICE, offsetof(struct all, choice),
		.choices = choices},
	{"texts", SETTING_TEXTS, offsetof(struct all, texts),
		.fallback = "[24h, \"7, d\", no]"},
	{"pairs", SETTING_TEXT_MAP, offsetof(struct all, pairs), .help = "h"},
	{"secrets", SETTING_SECRET_MAP, offsetof(struct all, secrets),
		.help = "h"},
	{"record", SETTING_RECORD, offsetof(struct all, record),
		.fields = inner_rows},
	{"plain_record", SETTING_RECORD, offsetof(struct all, plain_record),
		.fields = plain_rows},
	{"optional_record", SETTING_RECORD,
		offsetof(struct all, optional_record), .optional = true,
		.fields = plain_rows},
	{"map", SETTING_MAP, offsetof(struct all, map), .fields = inner_rows,
		.kinds = kinds},
	{"list", SETTING_LIST, offsetof(struct all, list), .fields = inner_rows,
		.size = sizeof(struct inner)},
	{"custom", SETTING_CUSTOM, offsetof(struct all, custom),
		.read = read_custom, .done = done_custom},
	{"node", SETTING_NODE, offsetof(struct all, node), .help = "h"},
	{"hidden", SETTING_BOOLEAN, offsetof(struct all, hidden),
		.hidden = true},
	{.key = NULL},
};

static const char full[] =
	"text: \"null\"\n"
	"secret: hunter2\n"
	"url: hunter2\n"
	"when: |\n"
	"  .a\n"
	"    | test(\"\\\\\")\n"
	"integer: 12\n"
	"number: 1e3\n"
	"boolean: true\n"
	"choice: low\n"
	"texts: [\"a b\", \"c\\nd\", \"\\e[2J\\u202e\", '']\n"
	"pairs: {\"a: b\": yes, c: \"x\\ny\"}\n"
	"secrets: {a: hunter2, b: {file: /nowhere/b}, c: {env: C}}\n"
	"record: {path: /a}\n"
	"map:\n"
	"  one: {type: web, path: /b, secret: {file: /nowhere/s}, sign: true}\n"
	"  \"2\": {type: web, path: \"#c\", wait: 1m30s, secret: hunter2}\n"
	"list:\n"
	"  - path: \"\"\n"
	"  - {path: -, wait: 5s}\n"
	"custom: {a: [1, \"1\", {x: ~, y: [], z: {}}], password: hunter2,\n"
	"  secrets: [hunter2, {file: b}], t: {token: {header: X}}}\n"
	"node: [a, {b: c}]\n"
	"hidden: true\n";

static char *
print(const char *name, const char *yaml, bool as_json)
{
	struct conf_errors *errors = conf_errors_new();
	struct conf_document *document =
		conf_document_read(name, yaml, strlen(yaml), errors);
	struct buf out = {0};

	cr_assert_eq(conf_errors_count(errors), 0);
	(as_json ? setting_print_json : setting_print)(
		rows, conf_document_root(document), &out);
	conf_document_free(document);
	conf_errors_free(errors);
	return buf_take(&out);
}

Test(setting_print, defaults)
{
	char *text = print("d", "", false);

	cr_assert_str_eq(text,
		"text: \"127.0.0.1:8677\"  # default\n"
		"# unset: not set\n"
		"# secret: not set\n"
		"# url: not set\n"
		"# when: not set\n"
		"integer: -3  # default\n"
		"# positive: not set\n"
		"number: 0  # default\n"
		"boolean: false  # default\n"
		"choice: \"off\"  # default\n"
		"texts: [\"24h\", \"7, d\", \"no\"]  # default\n"
		"pairs: {}  # default\n"
		"secrets: {}  # default\n"
		"# record: not set\n"
		"plain_record:  # default\n"
		"  wait: 1h  # default\n"
		"# optional_record: not set\n"
		"map: {}  # default\n"
		"list: []  # default\n"
		"# custom: not set\n"
		"# node: not set\n",
		"%s", text);
	free(text);
}

Test(setting_print, full)
{
	char *text = print("f.yaml", full, false);

	cr_assert_str_eq(text,
		"text: \"null\"  # f.yaml:1\n"
		"# unset: not set\n"
		"secret: \"********\"  # f.yaml:2\n"
		"url: \"********\"  # f.yaml:3\n"
		"when: |  # f.yaml:4\n"
		"  .a\n"
		"    | test(\"\\\\\")\n"
		"integer: 12  # f.yaml:7\n"
		"# positive: not set\n"
		"number: 1e3  # f.yaml:8\n"
		"boolean: true  # f.yaml:9\n"
		"choice: low  # f.yaml:10\n"
		"texts: [\"a b\", \"c\\nd\", \"\\x1B[2J\\u202E\", \"\"]  "
		"# f.yaml:11\n"
		"pairs:  # f.yaml:12\n"
		"  \"a: b\": \"yes\"  # f.yaml:12\n"
		"  c: |-  # f.yaml:12\n"
		"    x\n"
		"    y\n"
		"secrets:  # f.yaml:13\n"
		"  a: \"********\"  # f.yaml:13\n"
		"  b:  # f.yaml:13\n"
		"    file: /nowhere/b  # f.yaml:13\n"
		"  c:  # f.yaml:13\n"
		"    env: C  # f.yaml:13\n"
		"record:  # f.yaml:14\n"
		"  path: /a  # f.yaml:14\n"
		"  wait: 90s  # default\n"
		"plain_record:  # default\n"
		"  wait: 1h  # default\n"
		"# optional_record: not set\n"
		"map:  # f.yaml:15\n"
		"  one:  # f.yaml:16\n"
		"    type: web  # f.yaml:16\n"
		"    path: /b  # f.yaml:16\n"
		"    wait: 90s  # default\n"
		"    secret:  # f.yaml:16\n"
		"      file: /nowhere/s  # f.yaml:16\n"
		"    sign: true  # f.yaml:16\n"
		"  \"2\":  # f.yaml:17\n"
		"    type: web  # f.yaml:17\n"
		"    path: \"#c\"  # f.yaml:17\n"
		"    wait: 1m30s  # f.yaml:17\n"
		"    secret: \"********\"  # f.yaml:17\n"
		"    sign: false  # default\n"
		"list:  # f.yaml:18\n"
		"  -  # f.yaml:19\n"
		"    path: \"\"  # f.yaml:19\n"
		"    wait: 90s  # default\n"
		"  -  # f.yaml:20\n"
		"    path: \"-\"  # f.yaml:20\n"
		"    wait: 5s  # f.yaml:20\n"
		"custom:  # f.yaml:21\n"
		"  a:  # f.yaml:21\n"
		"    - 1  # f.yaml:21\n"
		"    - \"1\"  # f.yaml:21\n"
		"    -  # f.yaml:21\n"
		"      x: ~  # f.yaml:21\n"
		"      \"y\": []  # f.yaml:21\n"
		"      z: {}  # f.yaml:21\n"
		"  password: \"********\"  # f.yaml:21\n"
		"  secrets:  # f.yaml:22\n"
		"    - \"********\"  # f.yaml:22\n"
		"    -  # f.yaml:22\n"
		"      file: b  # f.yaml:22\n"
		"  t:  # f.yaml:22\n"
		"    token:  # f.yaml:22\n"
		"      header: X  # f.yaml:22\n"
		"node:  # f.yaml:23\n"
		"  - a  # f.yaml:23\n"
		"  -  # f.yaml:23\n"
		"    b: c  # f.yaml:23\n"
		"hidden: true  # f.yaml:24\n",
		"%s", text);
	free(text);
}

static void
append_all(struct buf *out, const struct all *all)
{
	buf_printf(out, "%s|%s|%s|%lld|%lld|%g|%d|%d|%s|%d|",
		all->text ? all->text : "-", all->unset ? all->unset : "-",
		all->when ? all->when : "-", (long long)all->integer,
		(long long)all->positive, all->number, all->boolean,
		all->choice, all->custom ? all->custom : "-", all->hidden);
	for (size_t i = 0; i < all->texts.count; i++)
		buf_printf(out, "%s|", all->texts.items[i]);
	for (size_t i = 0; i < all->pairs.count; i++)
		buf_printf(out, "%s=%s|", all->pairs.names[i],
			all->pairs.values[i]);
	buf_printf(out, "%zu|%s|%lld|%lld|", all->secrets.count,
		all->record.path ? all->record.path : "-",
		(long long)all->record.wait_ms,
		(long long)all->plain_record.wait_ms);
	for (size_t i = 0; i < all->map.count; i++) {
		const struct web *web = all->map.items[i].record;

		buf_printf(out, "%s=%s,%lld,%d|", all->map.items[i].name,
			web->common.path, (long long)web->common.wait_ms,
			web->sign);
	}
	for (size_t i = 0; i < all->list.count; i++) {
		const struct inner *inner = all->list.items[i].record;

		buf_printf(out, "%s,%lld|", inner->path,
			(long long)inner->wait_ms);
	}
	if (all->node)
		append_node(out, all->node);
}

/* What it comes down to, but for the secrets. */
static char *
effect(const char *yaml)
{
	struct conf_errors *errors = conf_errors_new();
	struct setting_reader reader = {.errors = errors, .offline = true};
	struct conf_document *document =
		conf_document_read("e", yaml, strlen(yaml), errors);
	struct all all = {0};
	struct buf out = {0};
	bool ok = setting_read(
		&reader, rows, conf_document_root(document), NULL, &all);
	char *text = conf_errors_text(errors);

	cr_assert(ok, "%s in:\n%s", text, yaml);
	append_all(&out, &all);
	setting_done(rows, &all);
	conf_document_free(document);
	conf_errors_free(errors);
	free(text);
	return buf_take(&out);
}

Test(setting_print, loads_again)
{
	static const char *const yamls[] = {"", full, "record:\nmap:\nlist:\n",
		"list: [{path: x}]\nmap: {}\ntexts: []\n",
		"texts: one\nwhen: \"\\n lead\"\n",
		"when: \"a\\n\\n\"\ntext: \"x \\n y\\r\\n\"\n",
		"when: \"a\\n b \\n\\nc\"\ntext: \"\\uFEFF\\u0085\\x7f\"\n",
		"custom: \"a\\nb\"\n", "custom: >-\n  a\n\n  b: c\n",
		"custom: {? \"long \\\n  key: \" : x, on: off, \"null\": ~}\n",
		"text: \xF0\x9F\x98\x80 \xC3\xA9\n"};

	for (size_t i = 0; i < COUNT(yamls); i++) {
		char *once = print("x\ny # z.yaml", yamls[i], false);
		char *twice = print("x\ny # z.yaml", once, false);
		char *before = effect(yamls[i]);
		char *after = effect(once);

		/* a secret in a custom node is masked */
		if (yamls[i] != full)
			cr_expect_str_eq(
				after, before, "%s\n%s", yamls[i], once);
		cr_expect_null(strstr(once, "hunter2"), "%s", once);
		char *again = effect(twice);

		cr_expect_str_eq(after, again, "%s\n%s", once, twice);
		free(again);
		free(once);
		free(twice);
		free(before);
		free(after);
	}
}

/* As above with everything but the masked values. */
Test(setting_print, full_loads_again)
{
	char *yaml = mem_strdup(full);
	char *secret;

	while ((secret = strstr(yaml, "password: hunter2")) ||
		(secret = strstr(yaml, "[hunter2, ")))
		memmove(strstr(secret, "hunter2"), "\"*****\"", 7);
	char *once = print("f", yaml, false);
	char *before = effect(yaml);
	char *after = effect(once);
	char *stars;

	while ((stars = strstr(after, "********")))
		memmove(stars + 5, stars + 8, strlen(stars + 8) + 1);
	cr_assert_str_eq(after, before, "%s", once);
	free(yaml);
	free(once);
	free(before);
	free(after);
}

Test(setting_print, json)
{
	static const struct {
		const char *path, *expected;
	} cases[] = {
		{"text", "{\"value\":\"null\",\"origin\":\"f.yaml:1\"}"},
		{"unset", "{\"value\":null,\"origin\":\"default\"}"},
		{"secret", "{\"value\":\"********\",\"origin\":\"f.yaml:2\"}"},
		{"url", "{\"value\":\"********\",\"origin\":\"f.yaml:3\"}"},
		{"integer", "{\"value\":12,\"origin\":\"f.yaml:7\"}"},
		{"positive", "{\"value\":null,\"origin\":\"default\"}"},
		{"number", "{\"value\":1000.0,\"origin\":\"f.yaml:8\"}"},
		{"boolean", "{\"value\":true,\"origin\":\"f.yaml:9\"}"},
		{"optional_record", "{\"value\":null,\"origin\":\"default\"}"},
		{"plain_record",
			"{\"value\":{\"wait\":{\"value\":\"1h\",\"origin\":"
			"\"default\"}},\"origin\":\"default\"}"},
		{"secrets", "{\"value\":{\"a\":\"********\",\"b\":{\"file\":"
			    "\"/nowhere/b\"},\"c\":{\"env\":\"C\"}},\"origin\":"
			    "\"f.yaml:13\"}"},
		{"node", "{\"value\":[\"a\",{\"b\":\"c\"}],\"origin\":"
			 "\"f.yaml:23\"}"},
	};
	char *text = print("f.yaml", full, true);
	json_error_t error;
	json_t *json = json_loads(text, JSON_REJECT_DUPLICATES, &error);

	cr_assert_not_null(json, "%s: %s", error.text, text);
	for (size_t i = 0; i < COUNT(cases); i++) {
		char *found = json_dumps(
			json_object_get(json, cases[i].path), JSON_COMPACT);

		cr_expect_str_eq(found, cases[i].expected, "%s: %s",
			cases[i].path, found);
		free(found);
	}
	json_t *two = json_object_get(
		json_object_get(json_object_get(json, "map"), "value"), "2");

	cr_assert_str_eq(
		json_string_value(json_object_get(two, "origin")), "f.yaml:17");
	two = json_object_get(two, "value");
	char *found = json_dumps(json_object_get(two, "type"), JSON_COMPACT);

	cr_assert_str_eq(found, "{\"value\":\"web\",\"origin\":\"f.yaml:17\"}");
	free(found);
	cr_assert_null(strstr(text, "hunter2"), "%s", text);
	json_decref(json);
	free(text);
	text = print("\xFF", "text: a", true);
	cr_assert_not_null(strstr(text, "\"?:1\""), "%s", text);
	free(text);
}
