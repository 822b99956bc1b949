/* What a person reads when a configuration is wrong. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "conf/node.h"
#include "conf_folder.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

TestSuite(conf_errors);

static struct conf_document *
load(const char *yaml, struct conf_errors *errors)
{
	struct conf_document *document =
		conf_document_read("n.yaml", yaml, strlen(yaml), errors);

	cr_assert_eq(conf_errors_count(errors), 0, "%s", yaml);
	return document;
}

static const struct conf_node *
at(const struct conf_document *document, const char *key)
{
	const struct conf_node *node =
		conf_node_at(conf_document_root(document), key);

	cr_assert_not_null(node, "%s", key);
	return node;
}

static void
expect_text(const struct conf_errors *errors, const char *expected)
{
	char *text = conf_errors_text(errors);

	cr_expect_str_eq(text, expected, "%s", text);
	free(text);
}

/* Errors before warnings, then as they stand in the file. */
Test(conf_errors, form_and_order)
{
	struct conf_errors *errors = conf_errors_new();
	struct conf_document *document =
		load("a: 1\nb:  two\nc: \"\\x41\"\n", errors);

	conf_warning(errors, at(document, "a"), "a", "careful with %d", 1);
	cr_assert_not(
		conf_error(errors, at(document, "c"), "c", "bad %s", "c"));
	cr_assert_not(conf_error(errors, at(document, "b"), "b", "bad b"));
	cr_assert_not(conf_error(errors, NULL, NULL, "nowhere"));
	cr_assert_not(conf_error(errors, NULL, "x.y", "no place"));
	cr_assert_eq(conf_errors_count(errors), 4);
	cr_assert_eq(conf_warnings_count(errors), 1);
	expect_text(errors, "nowhere\n"
			    "x.y: no place\n"
			    "n.yaml:2:5: b: bad b\n"
			    "   | b:  two\n"
			    "   |     ^\n"
			    "n.yaml:3:4: c: bad c\n"
			    "   | c: \"\\\\x41\"\n"
			    "   |    ^\n"
			    "n.yaml:1:4: warning: a: careful with 1\n"
			    "   | a: 1\n"
			    "   |    ^\n");
	conf_document_free(document);
	conf_errors_free(errors);
}

/* Nothing in a file or a message moves a terminal. */
Test(conf_errors, escaped)
{
	struct conf_errors *errors = conf_errors_new();
	struct conf_document *document =
		load("t\tb: \xC3\xA9\xE2\x80\xAE x\n", errors);

	conf_error(errors, at(document, "t\tb"), "t\tb", "found \"\x1B[2J\n\"");
	expect_text(errors, "n.yaml:1:6: t\\x09b: found \"\\x1b[2J\\x0a\"\n"
			    "   | t\\x09b: \xC3\xA9\\u{202e} x\n"
			    "   |         ^\n");
	conf_document_free(document);
	conf_errors_free(errors);
}

/* A long line is shown around its column. */
Test(conf_errors, long_line)
{
	static const struct {
		int before, behind;
	} rows[] = {{0, 500}, {60, 60}, {500, 500}, {500, 0}, {20, 95},
		{20, 300}, {300, 20}};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct conf_errors *errors = conf_errors_new();
		char *yaml = mem_printf("[\"%*s\", x, \"%*s\"]", rows[i].before,
			"", rows[i].behind, "");
		struct conf_document *document = load(yaml, errors);
		const struct conf_node *root = conf_document_root(document);

		conf_error(errors, root->values[1], NULL, "here");
		char *text = conf_errors_text(errors);
		char *line = strchr(text, '\n') + 1;
		char *mark = strchr(line, '\n') + 1;

		cr_expect_leq(mark - line - 6, 120, "%zu: %s", i, text);
		cr_expect_eq(line[strcspn(mark, "^")], 'x', "%zu: %s", i, text);
		free(text);
		free(yaml);
		conf_document_free(document);
		conf_errors_free(errors);
	}
}

/* The caret goes to a byte of the value, where that stands on one line. */
Test(conf_errors, inside)
{
	static const struct {
		const char *yaml;
		size_t offset;
		int line, column;
	} rows[] = {
		{"a: one two\n", 4, 1, 8},
		{"a: one two\n", 7, 1, 11},
		{"a: \xC3\xA9\xC3\xA9x\n", 4, 1, 6},
		{"a: \"one two\"\n", 4, 1, 9},
		{"a: 'it''s x'\n", 5, 1, 11},
		{"a: \"\\tx\\u00e9y\\x41z\"\n", 1, 1, 7},
		{"a: \"\\tx\\u00e9y\\x41z\"\n", 4, 1, 14},
		{"a: \"\\tx\\u00e9y\\x41z\"\n", 6, 1, 19},
		{"a: \"\\Lx\"\n", 3, 1, 7},
		{"a: |\n  one\n  two x\n", 8, 3, 7},
		{"a: |-\n    one\n\n      two\n", 7, 4, 7},
		{"a: |  # note\r\n  one\r\n  two\r\n", 4, 3, 3},
		/* elsewhere it stays at the start */
		{"a: >\n  one\n  two x\n", 4, 1, 4},
		{"a: one\n  two x\n", 4, 1, 4},
		{"a: \"one\n  two x\"\n", 5, 1, 4},
		{"a: one\n", 99, 1, 4},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct conf_errors *errors = conf_errors_new();
		struct conf_document *document = load(rows[i].yaml, errors);
		char *place = mem_printf(
			"n.yaml:%d:%d: p: x\n", rows[i].line, rows[i].column);

		cr_assert_not(conf_error_inside(errors, at(document, "a"),
			rows[i].offset, "p", "%s", "x"));
		char *text = conf_errors_text(errors);

		cr_expect(strncmp(text, place, strlen(place)) == 0,
			"%zu: %s expected %s", i, text, place);
		free(text);
		free(place);
		conf_document_free(document);
		conf_errors_free(errors);
	}
}

/* At most twenty are shown, the rest is counted. */
Test(conf_errors, many)
{
	static const int counts[] = {20, 21, 1500};

	for (size_t i = 0; i < COUNT(counts); i++) {
		struct conf_errors *errors = conf_errors_new();

		for (int k = 0; k < counts[i]; k++)
			conf_error(errors, NULL, NULL, "error %d", k);
		conf_warning(errors, NULL, NULL, "warning");
		char *text = conf_errors_text(errors);
		char *rest = mem_printf(
			"error 19\n... and %d more\n", counts[i] - 20 + 1);

		cr_expect_not_null(strstr(text, rest), "%s", text);
		cr_expect_eq(conf_errors_count(errors), (size_t)counts[i]);
		free(rest);
		free(text);
		conf_errors_free(errors);
	}
}

/* A line that YAML cannot read may hold a secret all the same. */
Test(conf_errors, broken_secret_G07)
{
	static const char *const rows[] = {
		"password: \"hunter2\nx: 1\n",
		"password: \"hunter2\n",
		"a: {secret: hunter2, b: [}\n",
		"ops_token: @hunter2\n",
		"smtp: {user: u, Password: hunter2, x: y: z}\n",
		"bearer: hunter2: x\n",
		"secret: &a hunter2\n",
		"secret: !x hunter2\n",
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct conf_errors *errors = conf_errors_new();
		struct conf_document *document = conf_document_read(
			"n.yaml", rows[i], strlen(rows[i]), errors);
		char *text = conf_errors_text(errors);

		cr_expect_gt(conf_errors_count(errors), 0, "%s", rows[i]);
		cr_expect_null(strstr(text, "hunter2"), "%s", text);
		free(text);
		conf_document_free(document);
		conf_errors_free(errors);
	}
}

Test(conf_errors, json)
{
	struct conf_errors *errors = conf_errors_new();
	struct conf_document *document = load("a: 1\n", errors);
	struct buf out = {0};

	conf_errors_write_json(errors, &out);
	cr_assert_str_eq(out.data, "[]");
	buf_clear(&out);
	conf_warning(errors, at(document, "a"), NULL, "old");
	conf_error(errors, at(document, "a"), "a", "bad \"%s\"", "\xC3\xA9");
	conf_error(errors, NULL, NULL, "no UTF-8: %s", "\xFF");
	conf_errors_write_json(errors, &out);
	cr_assert_str_eq(out.data,
		"[{\"severity\":\"error\",\"file\":null,\"line\":null,"
		"\"column\":null,\"path\":null,\"message\":\"no UTF-8: "
		"\\\\xff\"},"
		"{\"severity\":\"error\",\"file\":\"n.yaml\",\"line\":1,"
		"\"column\":4,\"path\":\"a\","
		"\"message\":\"bad \\\"\xC3\xA9\\\"\"},"
		"{\"severity\":\"warning\",\"file\":\"n.yaml\",\"line\":1,"
		"\"column\":4,\"path\":null,\"message\":\"old\"}]");
	buf_done(&out);
	conf_document_free(document);
	conf_errors_free(errors);
}
