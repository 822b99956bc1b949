/* The rows as a JSON Schema. */
#include <criterion/criterion.h>
#include <jansson.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "conf/setting.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

TestSuite(setting_schema);

static const struct setting file_rows[] = {
	{"path", SETTING_TEXT, 0, .required = true, .low = 1, .high = 9},
	{.key = NULL},
};
static const struct setting common_rows[] = {
	{"timeout", SETTING_DURATION, 0, .fallback = "15s", .help = "Long."},
	{.key = NULL},
};
static const struct setting hook_rows[] = {{.key = NULL}};
static const struct setting_kind file_kind = {"file", file_rows, 1, "One."};
static const struct setting_kind hook_kind = {"hook", hook_rows, 1, NULL};
static const struct setting_kind *const kinds[] = {
	&file_kind, &hook_kind, NULL};
static const char *const choices[] = {"a", "b", NULL};
static const struct setting rows[] = {
	{"text", SETTING_TEXT, 0, .fallback = "x", .help = "A text."},
	{"integer", SETTING_INTEGER, 0, .low = 1, .high = 9, .fallback = "3"},
	{"number", SETTING_NUMBER, 0, .low = 0.5},
	{"boolean", SETTING_BOOLEAN, 0, .fallback = "true"},
	{"choice", SETTING_CHOICE, 0, .choices = choices, .fallback = "b"},
	{"texts", SETTING_TEXTS, 0, .fallback = "[a, \"1\"]"},
	{"pairs", SETTING_TEXT_MAP, 0, .help = "h"},
	{"secret", SETTING_SECRET, 0, .required = true},
	{"secrets", SETTING_SECRET_MAP, 0, .help = "h"},
	{"record", SETTING_RECORD, 0, .fields = common_rows},
	{"map", SETTING_MAP, 0, .fields = common_rows, .kinds = kinds},
	{"list", SETTING_LIST, 0, .fields = file_rows, .size = 8},
	{"custom", SETTING_CUSTOM, 0, .schema = "{\"type\":\"integer\"}"},
	{"bad", SETTING_CUSTOM, 0, .schema = "{"},
	{"node", SETTING_NODE, 0, .help = "h"},
	{.key = NULL},
};

#define ANY_SCALAR "\"type\":[\"string\",\"number\",\"boolean\"]"
#define DURATION                                                               \
	"\"anyOf\":[{\"type\":\"string\",\"pattern\":\"^(0|(?=[0-9])([0-9]+d)" \
	"?([0-9]+h)?([0-9]+m)?([0-9]+s)?([0-9]+ms)?)$\"},{\"const\":0}]"

Test(setting_schema, rows)
{
	static const struct {
		const char *key, *expected;
	} cases[] = {
		{"text", "{" ANY_SCALAR ",\"description\":\"A text.\","
			 "\"default\":\"x\"}"},
		{"integer", "{\"type\":\"integer\",\"minimum\":1,\"maximum\":9,"
			    "\"default\":3}"},
		{"number", "{\"type\":\"number\",\"minimum\":0.5}"},
		{"boolean", "{\"type\":\"boolean\",\"default\":true}"},
		{"choice", "{\"enum\":[\"a\",\"b\"],\"default\":\"b\"}"},
		{"texts", "{\"anyOf\":[{" ANY_SCALAR "},{\"type\":\"array\","
			  "\"items\":{" ANY_SCALAR "}}],\"default\":[\"a\","
			  "\"1\"]}"},
		{"pairs", "{\"type\":[\"object\",\"null\"],"
			  "\"additionalProperties\":{" ANY_SCALAR "},"
			  "\"description\":\"h\"}"},
		{"record",
			"{\"properties\":{\"timeout\":{" DURATION
			",\"description\":\"Long.\",\"default\":\"15s\"}},"
			"\"additionalProperties\":false,\"type\":[\"object\","
			"\"null\"]}"},
		{"list", "{\"type\":[\"array\",\"null\"],\"items\":{"
			 "\"properties\":{\"path\":{" ANY_SCALAR
			 ",\"minLength\":1,\"maxLength\":9}},"
			 "\"additionalProperties\":false,\"type\":\"object\","
			 "\"required\":[\"path\"]}}"},
		{"custom", "{\"type\":\"integer\"}"},
		{"bad", "{}"},
		{"node", "{\"description\":\"h\"}"},
	};
	struct buf out = {0};
	json_error_t error;

	setting_schema(rows, &out);
	json_t *schema = json_loads(out.data, JSON_REJECT_DUPLICATES, &error);
	json_t *properties = json_object_get(schema, "properties");

	cr_assert_not_null(schema, "%s: %s", error.text, out.data);
	cr_assert_str_eq(json_string_value(json_object_get(schema, "$schema")),
		"http://json-schema.org/draft-07/schema#");
	cr_assert_eq(json_array_size(json_object_get(schema, "required")), 1);
	cr_assert(
		json_is_false(json_object_get(schema, "additionalProperties")));
	for (size_t i = 0; i < COUNT(cases); i++) {
		char *found =
			json_dumps(json_object_get(properties, cases[i].key),
				JSON_COMPACT | JSON_REAL_PRECISION(15));

		cr_expect_str_eq(found, cases[i].expected, "%s: %s",
			cases[i].key, found);
		free(found);
	}
	json_t *map = json_object_get(properties, "map");
	json_t *one = json_object_get(
		json_object_get(map, "additionalProperties"), "oneOf");

	cr_assert_eq(json_array_size(one), 2);
	char *type = json_dumps(
		json_object_get(
			json_object_get(json_array_get(one, 0), "properties"),
			"type"),
		JSON_COMPACT);

	cr_assert_str_eq(type, "{\"const\":\"file\",\"description\":\"One.\"}");
	free(type);
	json_decref(schema);
	buf_done(&out);
}
