/* Settings by tables: types, bounds, names, defaults, secrets (G01, G02, G07). */
#include <criterion/criterion.h>
#include <limits.h>
#include <locale.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "conf/node.h"
#include "conf/setting.h"
#include "conf_folder.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct conf_folder folder;

static void
start(void)
{
	conf_folder_init(&folder);
}

static void
stop(void)
{
	conf_folder_done(&folder);
}

TestSuite(setting, .init = start, .fini = stop);

struct door {
	char *lock;
	bool oak;
};
static const struct setting door_rows[] = {
	{"lock", SETTING_TEXT, offsetof(struct door, lock), .required = true},
	{"oak", SETTING_BOOLEAN, offsetof(struct door, oak),
		.fallback = "true"},
	{.key = NULL},
};

struct room {
	char *name;
	int64_t size;
};
static const struct setting room_rows[] = {
	{"name", SETTING_TEXT, offsetof(struct room, name), .required = true,
		.low = 1, .high = 10},
	{"size", SETTING_INTEGER, offsetof(struct room, size), .fallback = "7"},
	{.key = NULL},
};

/* Things of a kind: what all have, then what a kind adds. */
struct thing {
	int64_t weight;
};
struct ball {
	struct thing thing;
	double radius;
};
struct book {
	struct thing thing;
	char *title;
	char *code;
};
static const struct setting thing_rows[] = {
	{"weight", SETTING_INTEGER, offsetof(struct thing, weight),
		.fallback = "3"},
	{.key = NULL},
};
static const struct setting ball_rows[] = {
	{"radius", SETTING_NUMBER, offsetof(struct ball, radius),
		.required = true},
	{.key = NULL},
};
static const struct setting book_rows[] = {
	{"title", SETTING_TEXT, offsetof(struct book, title),
		.fallback = "none"},
	{"code", SETTING_SECRET, offsetof(struct book, code), .help = "h"},
	{.key = NULL},
};
static const struct setting_kind ball_kind = {
	"ball", ball_rows, sizeof(struct ball), "round"};
static const struct setting_kind book_kind = {
	"book", book_rows, sizeof(struct book), "flat"};
static const struct setting_kind *const thing_kinds[] = {
	&ball_kind, &book_kind, NULL};

struct house {
	char *text;
	int64_t integer;
	double number;
	bool boolean;
	int64_t duration_ms;
	int choice;
	struct setting_texts texts;
	struct setting_pairs pairs;
	char *secret;
	struct setting_pairs secrets;
	struct door door;
	struct setting_items things;
	struct setting_items rooms;
	char *custom;
	const struct conf_node *node;
	int checked;
	char *hidden;
	char *url;
};

static bool
read_custom(struct setting_reader *reader, const struct conf_node *node,
	const char *path, void *where)
{
	char **out = where;

	if (node->type != CONF_SCALAR)
		return conf_error(reader->errors, node, path, "custom trouble");
	*out = mem_printf("<%s>", node->text);
	return true;
}

static void
done_custom(void *where)
{
	char **text = where;

	free(*text);
}

static bool
check_door(struct setting_reader *reader, const struct conf_node *node,
	const char *path, void *where)
{
	const struct door *door = where;

	if (node && !door->oak)
		return conf_error(reader->errors, node, path, "not of oak");
	return true;
}

static const char *const colours[] = {"red", "green", "blue", NULL};

static const struct setting house_rows[] = {
	{"text", SETTING_TEXT, offsetof(struct house, text), .low = 1,
		.high = 8, .fallback = "dflt"},
	{"integer", SETTING_INTEGER, offsetof(struct house, integer), .low = -5,
		.high = 100, .fallback = "10"},
	{"number", SETTING_NUMBER, offsetof(struct house, number), .low = 0.5},
	{"boolean", SETTING_BOOLEAN, offsetof(struct house, boolean),
		.help = "h"},
	{"duration", SETTING_DURATION, offsetof(struct house, duration_ms),
		.low = 1000, .high = 3600000, .fallback = "90s"},
	{"colour", SETTING_CHOICE, offsetof(struct house, choice),
		.choices = colours, .fallback = "green"},
	{"texts", SETTING_TEXTS, offsetof(struct house, texts),
		.fallback = "[a, b]"},
	{"pairs", SETTING_TEXT_MAP, offsetof(struct house, pairs), .help = "h"},
	{"secret", SETTING_SECRET, offsetof(struct house, secret), .help = "h"},
	{"secrets", SETTING_SECRET_MAP, offsetof(struct house, secrets),
		.help = "h"},
	{"door", SETTING_RECORD, offsetof(struct house, door),
		.fields = door_rows, .read = check_door},
	{"things", SETTING_MAP, offsetof(struct house, things),
		.fields = thing_rows, .kinds = thing_kinds},
	{"rooms", SETTING_LIST, offsetof(struct house, rooms),
		.fields = room_rows, .size = sizeof(struct room),
		.fallback = "[{name: hall}]"},
	{"custom", SETTING_CUSTOM, offsetof(struct house, custom),
		.read = read_custom, .done = done_custom, .fallback = "dc"},
	{"node", SETTING_NODE, offsetof(struct house, node), .help = "h"},
	{"hidden", SETTING_TEXT, offsetof(struct house, hidden), .hidden = true,
		.fallback = ""},
	{"url", SETTING_TEXT, offsetof(struct house, url), .masked = true},
	{.key = NULL},
};

struct result {
	struct conf_errors *errors;
	struct conf_document *document;
	struct house house;
	bool ok;
	char *text;
};

static struct result
read_house_of(const char *yaml, bool offline)
{
	struct result result = {.errors = conf_errors_new()};
	struct setting_reader reader = {
		.errors = result.errors,
		.folder = folder.path,
		.offline = offline,
	};

	result.document =
		conf_document_read("h", yaml, strlen(yaml), result.errors);
	result.ok = setting_read(&reader, house_rows,
		conf_document_root(result.document), NULL, &result.house);
	result.text = conf_errors_text(result.errors);
	return result;
}

static struct result
read_house(const char *yaml)
{
	return read_house_of(yaml, false);
}

static void
result_done(struct result *result)
{
	setting_done(house_rows, &result->house);
	conf_document_free(result->document);
	conf_errors_free(result->errors);
	free(result->text);
}

Test(setting, defaults)
{
	static const char *const rows[] = {
		"", "things:\nrooms:\npairs:\ndoor:\n"};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct result result = read_house(rows[i]);
		const struct house *house = &result.house;

		cr_assert(result.ok, "%s", result.text);
		cr_assert_str_eq(result.text, "");
		cr_assert_str_eq(house->text, "dflt");
		cr_assert_eq(house->integer, 10);
		cr_assert_eq(house->number, 0.0);
		cr_assert_not(house->boolean);
		cr_assert_eq(house->duration_ms, 90000);
		cr_assert_eq(house->choice, 1);
		cr_assert_eq(house->texts.count, 2);
		cr_assert_str_eq(house->texts.items[1], "b");
		cr_assert_eq(house->pairs.count, 0);
		cr_assert_null(house->secret);
		/* a record that is missing has its defaults, needs nothing */
		cr_assert_null(house->door.lock);
		cr_assert(house->door.oak);
		cr_assert_eq(house->things.count, 0);
		cr_assert_eq(house->rooms.count, 1);
		const struct setting_item *hall = &house->rooms.items[0];

		cr_assert_str_eq(hall->name, "hall");
		cr_assert_null(hall->node);
		cr_assert_eq(((struct room *)hall->record)->size, 7);
		cr_assert_str_eq(house->custom, "<dc>");
		cr_assert_null(house->node);
		cr_assert_str_eq(house->hidden, "");
		result_done(&result);
	}
}

Test(setting, values)
{
	struct result result = read_house(
		"text: NO\ninteger: -5\nnumber: 2.50\nboolean: true\n"
		"duration: \"1m30s\"\ncolour: blue\ntexts: one\n"
		"pairs: {X-A: 1:30, b: \"\"}\n"
		"door: {lock: yale}\n"
		"things:\n  b.1: {type: ball, radius: 1e3}\n"
		"  \"book\": {weight: 5, type: \"book\", title: 010}\n"
		"rooms: [{name: x, size: 1}, {name: y}]\n"
		"custom: 5\nnode: {a: 1}\nhidden: h\nurl: http://u\n");
	const struct house *house = &result.house;

	cr_assert(result.ok, "%s", result.text);
	cr_assert_str_eq(result.text, "");
	cr_assert_str_eq(house->text, "NO");
	cr_assert_eq(house->integer, -5);
	cr_assert_eq(house->number, 2.5);
	cr_assert(house->boolean);
	cr_assert_eq(house->duration_ms, 90000);
	cr_assert_eq(house->choice, 2);
	cr_assert_eq(house->texts.count, 1);
	cr_assert_str_eq(house->texts.items[0], "one");
	cr_assert_eq(house->pairs.count, 2);
	cr_assert_str_eq(house->pairs.names[0], "X-A");
	cr_assert_str_eq(house->pairs.values[0], "1:30");
	cr_assert_str_eq(house->pairs.values[1], "");
	cr_assert_str_eq(house->door.lock, "yale");
	cr_assert(house->door.oak);
	cr_assert_eq(house->things.count, 2);
	const struct setting_item *ball = &house->things.items[0];
	const struct setting_item *book = &house->things.items[1];

	cr_assert_str_eq(ball->name, "b.1");
	cr_assert_eq(ball->kind, &ball_kind);
	cr_assert_eq(ball->node->line, 11);
	cr_assert_eq(((struct ball *)ball->record)->radius, 1000.0);
	cr_assert_eq(((struct ball *)ball->record)->thing.weight, 3);
	cr_assert_eq(((struct book *)book->record)->thing.weight, 5);
	cr_assert_str_eq(((struct book *)book->record)->title, "010");
	cr_assert_eq(house->rooms.count, 2);
	cr_assert_str_eq(house->rooms.items[1].name, "y");
	cr_assert_eq(((struct room *)house->rooms.items[1].record)->size, 7);
	cr_assert_str_eq(house->custom, "<5>");
	cr_assert_eq(house->node->count, 1);
	cr_assert_str_eq(house->hidden, "h");
	result_done(&result);
}

/* One fault each: all of the first line, so that it reads well. */
Test(setting, faults_G01_G02)
{
	static const struct {
		const char *yaml, *first;
	} rows[] = {
		/* G01: names */
		{"colur: red", "h:1:1: colur: unknown key \"colur\"; did you "
			       "mean \"colour\"?"},
		{"zzzzzz: 1", "h:1:1: zzzzzz: unknown key \"zzzzzz\"; expected "
			      "one of text, integer, number, boolean, "
			      "duration, colour, texts, pairs, secret, "
			      "secrets, door, things, ..."},
		{"hiddem: 1", "h:1:1: hiddem: unknown key \"hiddem\"; expected "
			      "one of text, integer, number, boolean, "
			      "duration, colour, texts, pairs, secret, "
			      "secrets, door, things, ..."},
		{"door: {lock: a, oka: true}",
			"h:1:17: door.oka: unknown key \"oka\"; did you mean "
			"\"oak\"?"},
		{"rooms: [{name: a}, {name: b, sise: 3}]",
			"h:1:30: rooms[1].sise: unknown key \"sise\"; did you "
			"mean \"size\"?"},
		{"things: {a: {type: ball, radius: 1, title: x}}",
			"h:1:37: things.a.title: unknown key \"title\"; it is "
			"a setting of type book, not of ball"},
		{"things: {a: {typ: ball}}",
			"h:1:13: things.a.type: required, but missing: "
			"expected ball or book"},
		{"things: {a: {type: bal}}",
			"h:1:20: things.a.type: found \"bal\", expected ball "
			"or book; did you mean \"ball\"?"},
		{"things: {a: {type: [ball]}}",
			"h:1:20: things.a.type: found a list, expected ball "
			"or book"},
		{"things: {a: {type: }}",
			"h:1:20: things.a.type: found nothing, expected ball "
			"or book"},
		{"things: {a: }", "h:1:13: things.a.type: required, but "
				  "missing: expected ball or book"},
		{"things: {a: ball}", "h:1:13: things.a: found \"ball\", "
				      "expected a map of settings"},
		{"things: {\"a b\": {type: book}}",
			"h:1:10: things.a b: found the name \"a b\", expected "
			"1 to 64 of the characters A-Z a-z 0-9 _ . -"},
		{"things: {\"\": {type: book}}",
			"h:1:10: things.: found the name \"\", expected 1 to "
			"64 of the characters A-Z a-z 0-9 _ . -"},
		{"things: [a]", "h:1:9: things: found a list, expected a map "
				"of names"},
		{"rooms: {name: a}", "h:1:8: rooms: found a map, expected a "
				     "list"},
		{"rooms: [{name: a}, {name: b}, {name: a}]",
			"h:1:38: rooms: the name \"a\" is given twice; the "
			"first stands at h:1"},
		{"rooms: [x]", "h:1:9: rooms[0]: found \"x\", expected a map "
			       "of settings"},
		{"rooms: [{size: 1}]",
			"h:1:9: rooms[0].name: required, but missing: "
			"expected a text, 1 to 10 bytes"},
		{"rooms: [ ~]", "h:1:10: rooms[0].name: required, but "
				"missing: expected a text, 1 to 10 bytes"},
		{"door: {oak: true}", "h:1:7: door.lock: required, but "
				      "missing: expected a text"},
		{"door: {lock: a, oak: false}", "h:1:7: door: not of oak"},
		{"door: open", "h:1:7: door: found \"open\", expected a map of "
			       "settings"},
		{"pairs: [a]", "h:1:8: pairs: found a list, expected a map of "
			       "texts"},
		{"pairs: {a: [b]}", "h:1:12: pairs.a: found a list, expected a "
				    "text"},
		{"pairs: {\"\": b}", "h:1:9: pairs.: a name is empty"},
		{"<<: {text: a}", "h:1:1: unknown key \"<<\": YAML merge keys "
				  "are not used here; write the keys out"},
		{"custom: [1]", "h:1:9: custom: custom trouble"},
		/* G02: texts and choices */
		{"text:", "h:1:6: text: found nothing, expected a text, 1 to "
			  "8 bytes; an empty one is \"\""},
		{"text: null", "h:1:7: text: found nothing, expected a text, "
			       "1 to 8 bytes; an empty one is \"\""},
		{"text: \"\"", "h:1:7: text: found a text of 0 bytes, expected "
			       "1 to 8 bytes"},
		{"text: 123456789", "h:1:7: text: found a text of 9 bytes, "
				    "expected 1 to 8 bytes"},
		{"text: [a]", "h:1:7: text: found a list, expected a text, 1 "
			      "to 8 bytes"},
		{"texts: {a: b}", "h:1:8: texts: found a map, expected a text "
				  "or a list of texts"},
		{"texts:", "h:1:7: texts: found nothing, expected a text or a "
			   "list of texts"},
		{"texts: [a, [b]]", "h:1:12: texts[1]: found a list, expected "
				    "a text"},
		{"colour: blu", "h:1:9: colour: found \"blu\", expected red, "
				"green or blue; did you mean \"blue\"?"},
		{"colour: \"\"", "h:1:9: colour: found \"\", expected red, "
				 "green or blue"},
		{"colour: {a: 1}", "h:1:9: colour: found a map, expected red, "
				   "green or blue"},
		/* numbers */
		{"integer: 010", "h:1:10: integer: found \"010\", expected a "
				 "whole number, -5 to 100; without zeros in "
				 "front it is 10"},
		{"integer: 1:30", "h:1:10: integer: found \"1:30\", expected a "
				  "whole number, -5 to 100"},
		{"integer: \"5\"", "h:1:10: integer: \"5\" is text; write 5"},
		{"integer: |\n  5", "h:1:10: integer: \"5\" is text; write 5"},
		{"integer: 5.0", "h:1:10: integer: found \"5.0\", expected a "
				 "whole number, -5 to 100"},
		{"integer: 0x10", "h:1:10: integer: found \"0x10\", expected a "
				  "whole number, -5 to 100"},
		{"integer: 1_0", "h:1:10: integer: found \"1_0\", expected a "
				 "whole number, -5 to 100"},
		{"integer: +5", "h:1:10: integer: found \"+5\", expected a "
				"whole number, -5 to 100"},
		{"integer: yes", "h:1:10: integer: found \"yes\", expected a "
				 "whole number, -5 to 100"},
		{"integer: 99999999999999999999",
			"h:1:10: integer: found \"99999999999999999999\", "
			"expected a whole number, -5 to 100"},
		{"integer: 101", "h:1:10: integer: found \"101\", expected -5 "
				 "to 100"},
		{"integer: -6", "h:1:10: integer: found \"-6\", expected -5 to "
				"100"},
		{"integer:", "h:1:9: integer: found nothing, expected a whole "
			     "number, -5 to 100"},
		{"number: 0.4", "h:1:9: number: found \"0.4\", expected at "
				"least 0.5"},
		{"number: \"1.5\"", "h:1:9: number: \"1.5\" is text; write "
				    "1.5"},
		{"number: 1,5", "h:1:9: number: found \"1,5\", expected a "
				"number, at least 0.5"},
		{"number: .5", "h:1:9: number: found \".5\", expected a "
			       "number, at least 0.5"},
		{"number: 1e999", "h:1:9: number: found \"1e999\", expected a "
				  "number, at least 0.5"},
		{"number: .inf", "h:1:9: number: found \".inf\", expected a "
				 "number, at least 0.5"},
		{"number: NaN", "h:1:9: number: found \"NaN\", expected a "
				"number, at least 0.5"},
		{"number: 007", "h:1:9: number: found \"007\", expected a "
				"number, at least 0.5; without zeros in front "
				"it is 7"},
		/* true and false only */
		{"boolean: yes", "h:1:10: boolean: found \"yes\", expected "
				 "true or false"},
		{"boolean: no", "h:1:10: boolean: found \"no\", expected true "
				"or false"},
		{"boolean: on", "h:1:10: boolean: found \"on\", expected true "
				"or false"},
		{"boolean: True", "h:1:10: boolean: found \"True\", expected "
				  "true or false"},
		{"boolean: 1", "h:1:10: boolean: found \"1\", expected true or "
			       "false"},
		{"boolean: \"true\"", "h:1:10: boolean: \"true\" is text; "
				      "write true"},
		{"boolean:", "h:1:9: boolean: found nothing, expected true or "
			     "false"},
		/* durations */
		{"duration: 30", "h:1:11: duration: found \"30\": a duration "
				 "wants a unit: ms, s, m, h or d"},
		{"duration: 5 s", "h:1:11: duration: found \"5 s\": a duration "
				  "wants a unit: ms, s, m, h or d"},
		{"duration: 1:30", "h:1:11: duration: found \"1:30\": a "
				   "duration wants a unit: ms, s, m, h or d"},
		{"duration: 999ms", "h:1:11: duration: found \"999ms\", "
				    "expected 1s to 1h"},
		{"duration: 61m", "h:1:11: duration: found \"61m\", expected "
				  "1s to 1h"},
		{"duration: [5s]", "h:1:11: duration: found a list, expected "
				   "a duration such as 90s, 15m, 48h or 7d"},
		{"[a]", "h:1:1: found a list, expected a map of settings"},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct result result = read_house(rows[i].yaml);
		size_t length = strcspn(result.text, "\n");
		bool partial = strncmp(rows[i].yaml, "<<", 2) == 0;

		cr_expect(partial || !result.ok, "%s", rows[i].yaml);
		cr_expect_eq(conf_errors_count(result.errors), 1, "%s: %s",
			rows[i].yaml, result.text);
		cr_expect(length == strlen(rows[i].first) &&
				  strncmp(result.text, rows[i].first, length) ==
					  0,
			"%s:\n%s\nexpected\n%s", rows[i].yaml, result.text,
			rows[i].first);
		result_done(&result);
	}
}

/* All at once, in the order of the file. */
Test(setting, all_at_once)
{
	struct result result = read_house("integer: x\n"
					  "rooms:\n"
					  "  - {name: a, size: \"5\"}\n"
					  "colou: 1\n"
					  "boolean: yes\n");

	cr_assert_not(result.ok);
	cr_assert_str_eq(result.text,
		"h:1:10: integer: found \"x\", expected a whole number, -5 to "
		"100\n"
		"   | integer: x\n"
		"   |          ^\n"
		"h:3:21: rooms[0].size: \"5\" is text; write 5\n"
		"   |   - {name: a, size: \"5\"}\n"
		"   |                     ^\n"
		"h:4:1: colou: unknown key \"colou\"; did you mean "
		"\"colour\"?\n"
		"   | colou: 1\n"
		"   | ^\n"
		"h:5:10: boolean: found \"yes\", expected true or false\n"
		"   | boolean: yes\n"
		"   |          ^\n",
		"%s", result.text);
	result_done(&result);
}

/* What a syntax error swallowed is not missing as well. */
Test(setting, partial)
{
	static const char *const rows[] = {
		"door: {oak: true, \"x",
		"door:\n  oak: true\n  <<: {lock: a}\n",
		"door:\n  oak: true\n  lock: *a\n",
		"things: {a: {weight: 1, type: *b}}",
		"rooms: [{size: 3, name: *b}]",
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct result result = read_house(rows[i]);

		cr_expect_eq(
			conf_errors_count(result.errors), 1, "%s", result.text);
		cr_expect_null(
			strstr(result.text, "missing"), "%s", result.text);
		result_done(&result);
	}
}

Test(setting, no_locale)
{
	const char *set = setlocale(LC_ALL, "de_DE.UTF-8");
	struct result result = read_house("number: 1.5\n");

	cr_assert(result.ok, "%s (%s)", result.text, set ? set : "no locale");
	cr_assert_eq(result.house.number, 1.5);
	result_done(&result);
	setlocale(LC_ALL, "C");
}

Test(setting, nothing_required_of_null)
{
	struct conf_errors *errors = conf_errors_new();
	struct setting_reader reader = {.errors = errors};
	struct door door = {0};

	cr_assert(setting_read(&reader, door_rows, NULL, "x", &door));
	cr_assert(door.oak);
	setting_done(door_rows, &door);
	conf_errors_free(errors);
}

static void
write_secrets(void)
{
	conf_folder_write_text("good", "hunter2\n");
	conf_folder_write_text("bare", "hunter2");
	conf_folder_write_text("dos", "hunter2\r\n");
	conf_folder_write_text("two", "hunter2\n\n");
	conf_folder_write_text("empty", "\n");
	conf_folder_write_text("open", "hunter2\n");
	conf_folder_write("nul", "hunter2\0x\n", 10);
	cr_assert_eq(chmod("open", 0644), 0);
	cr_assert_eq(mkfifo("pipe", 0600), 0);
	conf_folder_write_text("large", "");
	cr_assert_eq(truncate("large", 100000), 0);
	cr_assert_eq(mkdir("credentials", 0700), 0);
	conf_folder_write_text("credentials/c", "hunter2\n");
	cr_assert_eq(chmod("credentials/c", 0644), 0);
}

/* Where secrets are found, and that nothing tells them. */
Test(setting, secrets_G07)
{
	static const struct {
		const char *yaml, *value, *message;
	} rows[] = {
		{"secret: {file: good}", "hunter2", NULL},
		{"secret: {file: bare}", "hunter2", NULL},
		{"secret: {file: dos}", "hunter2", NULL},
		{"secret: {file: two}", "hunter2\n", NULL},
		{"secret: {env: NPSD_TEST_SECRET}", "hunter2", NULL},
		{"secret: {credential: c}", "hunter2", NULL},
		{"secret: {file: open}", "hunter2",
			"warning: secret.file: everybody on this machine can "
			"read "},
		{"secret: hunter2", "hunter2",
			"h:1:9: warning: secret: the secret itself stands "
			"here; keep it in a file that only the daemon can "
			"read, and write {file: PATH}\n"
			"   | secret: ********\n"
			"   |         ^\n"},
		{"secret: \"hunter2\"   # note", "hunter2",
			"\n   | secret: ********   # note\n"},
		{"{secret: hunter2, integer: x}", "hunter2",
			"h:1:28: integer: found \"x\", expected a whole "
			"number, "
			"-5 to 100\n"
			"   | {secret: ********, integer: x}\n"
			"   |                             ^\n"},
		{"secret: |\n  hunter2\ncolr: 1", "hunter2\n", "colr"},
		{"secret: {file: none}", NULL,
			"h:1:16: secret.file: cannot read the secret in "},
		{"secret: {file: empty}", NULL,
			"secret.file: the secret is empty"},
		{"secret: {file: nul}", NULL,
			"secret.file: the secret holds a NUL"},
		{"secret: {file: pipe}", NULL, "it is a pipe"},
		{"secret: {file: large}", NULL, "it is larger than 65536"},
		{"secret: {env: NPSD_TEST_NONE}", NULL,
			"secret.env: the environment variable NPSD_TEST_NONE "
			"is not set"},
		{"secret: {env: 'hunter2!'}", NULL,
			"expected the name of an environment variable"},
		{"secret: {credential: ../c}", NULL,
			"expected the name of a credential"},
		{"secret: {credential: none}", NULL, "cannot read the secret"},
		{"secret: \"\"", NULL, "secret: the secret is empty"},
		{"secret:", NULL, "secret: found nothing, expected a secret"},
		{"secret: [hunter2]", NULL,
			"secret: found a list, expected a secret: {file: "
			"PATH}, {credential: NAME} or {env: NAME}\n"
			"   | secret: [********]\n"},
		{"secret: {fiel: hunter2}", NULL,
			"exactly one of {file: PATH}, {credential: NAME}, "
			"{env: NAME}; did you mean \"file\"?"},
		{"secret: {hunter2}", NULL, "exactly one of"},
		{"secret: {hunter2: x}", NULL, "exactly one of"},
		{"secret: {file: good, env: hunter2}", NULL, "exactly one of"},
		{"secret: {file: [hunter2]}", NULL, "exactly one of"},
		{"secret: {file: }", NULL, "exactly one of"},
		{"secert: hunter2", NULL, "did you mean \"secret\"?"},
		{"apitoken: hunter2", NULL, "unknown key"},
		{"urls: hunter2", NULL, "did you mean \"url\"?"},
		{"url: [hunter2]", NULL, "url: found a list, expected a text"},
		{"url: \"hunter2\nx", NULL, "not closed"},
		{"secrets: hunter2", NULL, "expected a map of secrets"},
		{"secrets: [hunter2]", NULL, "expected a map of secrets"},
		{"secrets: {a: [hunter2]}", NULL, "secrets.a: found a list"},
	};

	write_secrets();
	cr_assert_eq(setenv("NPSD_TEST_SECRET", "hunter2", 1), 0);
	cr_assert_eq(setenv("CREDENTIALS_DIRECTORY", "credentials", 1), 0);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct result result = read_house(rows[i].yaml);

		/* row "url: ..." is broken before its key is known */
		if (strncmp(rows[i].yaml, "url: \"", 6) != 0)
			cr_expect_null(strstr(result.text, "hunter2"),
				"%s:\n%s", rows[i].yaml, result.text);
		if (rows[i].message)
			cr_expect_not_null(strstr(result.text, rows[i].message),
				"%s:\n%s", rows[i].yaml, result.text);
		else
			cr_expect_str_eq(result.text, "", "%s:\n%s",
				rows[i].yaml, result.text);
		if (rows[i].value)
			cr_expect_str_eq(result.house.secret, rows[i].value,
				"%s", rows[i].yaml);
		else
			cr_expect_null(result.house.secret, "%s", rows[i].yaml);
		result_done(&result);
	}
}

Test(setting, secrets_without_credentials)
{
	cr_assert_eq(unsetenv("CREDENTIALS_DIRECTORY"), 0);
	struct result result = read_house("secret: {credential: c}\n");

	cr_assert_not(result.ok);
	cr_assert_not_null(strstr(result.text, "$CREDENTIALS_DIRECTORY"));
	result_done(&result);
	result = read_house("secrets: {a: {env: NPSD_TEST_NONE}, b: x}\n");
	cr_assert_not(result.ok);
	cr_assert_eq(result.house.secrets.count, 1);
	cr_assert_str_eq(result.house.secrets.names[0], "b");
	result_done(&result);
}

/* `check` on another machine: what is not there is no error, what is bad is. */
Test(setting, secrets_offline)
{
	static const struct {
		const char *yaml, *value;
	} rows[] = {
		{"secret: {file: none}", ""},
		{"secret: {file: no/such/folder}", ""},
		{"secret: {credential: c}", ""},
		{"secret: {env: NPSD_TEST_NONE}", ""},
		{"secret: {file: good}", "hunter2"},
		{"secret: {file: empty}", NULL},
		{"secret: {file: pipe}", NULL},
		{"secret: {files: good}", NULL},
	};

	write_secrets();
	cr_assert_eq(unsetenv("CREDENTIALS_DIRECTORY"), 0);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct result result = read_house_of(rows[i].yaml, true);

		cr_expect_eq(result.ok, rows[i].value != NULL, "%s: %s",
			rows[i].yaml, result.text);
		if (rows[i].value)
			cr_expect_str_eq(result.house.secret, rows[i].value,
				"%s", rows[i].yaml);
		result_done(&result);
	}
}

/* ---- rates ---- */

static const struct setting rate_rows[] = {
	{"rate", SETTING_RATE, 0, .help = "So many."},
	{.key = NULL},
};

Test(setting, rates)
{
	static const struct {
		const char *yaml;
		int64_t count, per_ms; /* 0: refused */
	} rows[] = {
		{"rate: 200/m", 200, 60000},
		{"rate: 1/s", 1, 1000},
		{"rate: 50/h", 50, 3600000},
		{"rate: 1000000000/d", 1000000000, 86400000},
		{"rate: 1000000001/d", 0, 0},
		{"rate: 0/s", 0, 0},
		{"rate: -1/s", 0, 0},
		{"rate: 1.5/s", 0, 0},
		{"rate: 007/s", 0, 0},
		{"rate: 200", 0, 0},
		{"rate: 200/", 0, 0},
		{"rate: /m", 0, 0},
		{"rate: 200/min", 0, 0},
		{"rate: 200/M", 0, 0},
		{"rate: 200 / m", 0, 0},
		{"rate: 200/5m", 0, 0},
		{"rate: [200/m]", 0, 0},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct conf_errors *errors = conf_errors_new();
		struct setting_reader reader = {.errors = errors};
		struct setting_rate rate = {0, 0};
		struct conf_document *document = conf_document_read(
			"h", rows[i].yaml, strlen(rows[i].yaml), errors);
		bool good = setting_read(&reader, rate_rows,
			conf_document_root(document), NULL, &rate);
		char *text = conf_errors_text(errors);

		cr_expect_eq(
			good, rows[i].count > 0, "%s: %s", rows[i].yaml, text);
		cr_expect_eq(rate.count, rows[i].count, "%s", rows[i].yaml);
		cr_expect_eq(rate.per_ms, rows[i].per_ms, "%s", rows[i].yaml);
		cr_expect(good || strstr(text, "200/m, 50/h") != NULL, "%s: %s",
			rows[i].yaml, text);
		free(text);
		conf_document_free(document);
		conf_errors_free(errors);
	}
}
