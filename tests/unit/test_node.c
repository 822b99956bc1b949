/* YAML as a tree, and all that libyaml would let through (rows G02-G05). */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/memory.h"
#include "conf/node.h"
#include "conf_folder.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define BYTES(literal) literal, sizeof(literal) - 1

TestSuite(node);

/* The tree in a short form: {key:value}, [item], 'quoted'. */
static void
append_tree(struct buf *out, const struct conf_node *node)
{
	if (node->type == CONF_SCALAR) {
		buf_printf(out, node->quoted ? "'%s'" : "%s", node->text);
		return;
	}
	buf_append_char(out, node->type == CONF_MAP ? '{' : '[');
	for (size_t i = 0; i < node->count; i++) {
		if (i > 0)
			buf_append_char(out, ',');
		if (node->keys)
			buf_printf(out, "%s:", node->keys[i]->text);
		append_tree(out, node->values[i]);
	}
	buf_append_char(out, node->type == CONF_MAP ? '}' : ']');
	if (node->partial)
		buf_append_char(out, '!');
}

static char *
tree_text(const char *data, size_t length, struct conf_errors *errors)
{
	struct conf_document *document =
		conf_document_read("t.yaml", data, length, errors);
	struct buf out = {0};

	buf_append_text(&out, document ? "" : "none");
	if (document)
		append_tree(&out, conf_document_root(document));
	conf_document_free(document);
	return buf_take(&out);
}

Test(node, good)
{
	static const struct {
		const char *yaml, *tree;
	} rows[] = {
		{"", "{}"},
		{"# nothing\n", "{}"},
		{"---\n...\n", "{}"},
		{"null\n", "{}"},
		{"a: 1\n", "{a:1}"},
		{"a: 1\r\nb: 2\r\n", "{a:1,b:2}"},
		{"a:\nb: ~\nc: \"\"\n", "{a:,b:~,c:''}"},
		{"a: yes\nb: 010\nc: 1:30\nd: 0x1F\ne: NO\n",
			"{a:yes,b:010,c:1:30,d:0x1F,e:NO}"},
		{"a: [1, {b: c}, 'd']\n", "{a:[1,{b:c},'d']}"},
		{"- 1\n- - 2\n", "[1,[2]]"},
		{"a: |\n  x\n  y\n", "{a:'x\ny\n'}"},
		{"a: >-\n  x\n  y\n", "{a:'x y'}"},
		{"\"a\": 'it''s'\n", "{a:'it's'}"},
		{"a: \"\\u00e9\\t\"\n", "{a:'\xC3\xA9\t'}"},
		{"a:\t1\n", "{a:1}"},
		{"%YAML 1.1\n---\na: 1\n", "{a:1}"},
		{"gr\xC3\xBC\xC3\x9F: \xF0\x9F\x98\x80\n",
			"{gr\xC3\xBC\xC3\x9F:\xF0\x9F\x98\x80}"},
		{"text", "text"},
		{"a: a&b *c !d\n", "{a:a&b *c !d}"},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct conf_errors *errors = conf_errors_new();
		char *tree =
			tree_text(rows[i].yaml, strlen(rows[i].yaml), errors);
		char *text = conf_errors_text(errors);

		cr_expect_str_eq(
			tree, rows[i].tree, "%s: %s", rows[i].yaml, tree);
		cr_expect_str_eq(text, "", "%s: %s", rows[i].yaml, text);
		free(tree);
		free(text);
		conf_errors_free(errors);
	}
}

/* What is refused, where, and what is left for the settings. */
Test(node, bad_G02_G03_G04)
{
	static const struct {
		const char *yaml;
		size_t length;
		const char *place, *message, *tree;
	} rows[] = {
		{BYTES("a: 1\nb: 2\na: 3\n"), "t.yaml:3:1: a: ",
			"given twice; the first stands at t.yaml:1",
			"{a:1,b:2}"},
		{BYTES("x: {a: 1, \"a\": 2}\n"),
			"t.yaml:1:11: x.a: ", "given twice", "{x:{a:1}}"},
		{BYTES("a: 1\n---\nb: 2\n"),
			"t.yaml:2:1: ", "second YAML document", "{a:1}"},
		{BYTES("a: !!int 5\n"), "t.yaml:1:4: a: ",
			"found the tag tag:yaml.org,2002:int", "{a:5}"},
		{BYTES("a: ! x\n"), "t.yaml:1:4: a: ", "found the tag !",
			"{a:x}"},
		{BYTES("a: !secret [x]\n"),
			"t.yaml:1:4: a: ", "found the tag !secret", "{a:[x]}"},
		{BYTES("a: &x 1\n"), "t.yaml:1:4: a: ", "found the anchor &x",
			"{a:1}"},
		{BYTES("a: &x [*x]\n"), "t.yaml:1:4: a: ", "found the alias *x",
			"{a:[]!}"},
		{BYTES("- *x\n"), "t.yaml:1:3: [0]: ", "found the alias *x",
			"[]!"},
		{BYTES("*x : 1\nb: 2\n"), "t.yaml:1:1: ", "found the alias *x",
			"{b:2}!"},
		{BYTES("a:\n  <<: {b: 1}\n  c: 2\n"),
			"t.yaml:2:3: a: ", "unknown key \"<<\"", "{a:{c:2}!}"},
		{BYTES("? [a]\n: 1\nb: 2\n"),
			"t.yaml:1:3: ", "a key must be a text", "{b:2}!"},
		{BYTES("a: \"x\\0y\"\n"), "t.yaml:1:4: a: ", "found a NUL",
			"{}!"},
		{BYTES("a: x\0y\n"), "t.yaml:1:5: ", "found a NUL", "none"},
		{BYTES("\xEF\xBB\xBF"
		       "a: 1\n"),
			"t.yaml:1:1: ", "byte order mark", "none"},
		{BYTES("\xFF\xFE"
		       "a\0"),
			"t.yaml:1:1: ", "UTF-16", "none"},
		{BYTES("a: \xE9\n"), "t.yaml:1:4: ", "0xE9, which is no UTF-8",
			"none"},
		{BYTES("b: 1\na: \xC0\xAF\n"), "t.yaml:2:4: ", "no UTF-8",
			"none"},
		{BYTES("a: 1\rb: 2\n"), "t.yaml:1:5: ", "carriage return",
			"none"},
		{BYTES("a: \x1B[2J\n"), "t.yaml:1:4: ", "control character",
			"none"},
		{BYTES("a: \xE2\x80\xA8\n"),
			"t.yaml:1:4: ", "control character", "none"},
		{BYTES("\xC3\xA9: \xC2\x85\n"),
			"t.yaml:1:4: ", "control character", "none"},
		{BYTES("a:\n\tb: 1\n"), "t.yaml:2:1: a: ",
			"found a tab, expected spaces", "{}!"},
		{BYTES("z: 1\na: b: c\n"), "t.yaml:2:5: ",
			"a \": \" cannot stand here", "{z:1,a:b}!"},
		{BYTES("a: [1, 2\nb: 3\n"), "t.yaml:2:2: ",
			"(while parsing a flow sequence from line 1 on)", NULL},
		{BYTES("a: \"x\nb: 1\n"),
			"t.yaml:3:1: a: ", "a quote is not closed", "{}!"},
		{BYTES("a: @x\n"), "t.yaml:1:4: a: ", "put it in quotes",
			"{}!"},
		{BYTES("a: %x\n"), "t.yaml:1:4: a: ", "put it in quotes",
			"{}!"},
		{BYTES("a:\n  - 1\n - 2\n"), "t.yaml:3:2: ", "expected", NULL},
		{BYTES("a: \"\\q\"\n"),
			"t.yaml:1:5: a: ", "unknown escape character", "{}!"},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct conf_errors *errors = conf_errors_new();
		char *tree = tree_text(rows[i].yaml, rows[i].length, errors);
		char *text = conf_errors_text(errors);

		cr_expect_gt(conf_errors_count(errors), 0, "%s", rows[i].yaml);
		cr_expect(strstr(text, rows[i].place) == text, "%s: %s",
			rows[i].yaml, text);
		cr_expect_not_null(strstr(text, rows[i].message), "%s: %s",
			rows[i].yaml, text);
		if (rows[i].tree)
			cr_expect_str_eq(tree, rows[i].tree, "%s: %s",
				rows[i].yaml, tree);
		free(tree);
		free(text);
		conf_errors_free(errors);
	}
}

static char *
repeat(const char *what, size_t times)
{
	struct buf out = {0};

	for (size_t i = 0; i < times; i++)
		buf_append_text(&out, what);
	return buf_take(&out);
}

static double
seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* libyaml alone takes more than ten seconds for some of these. */
Test(node, deep_G05)
{
	static const struct {
		const char *what;
		size_t times;
		const char *message;
	} rows[] = {
		{"[", 100000, "nested too deeply"},
		{"{a: ", 100000, "nested too deeply"},
		{"- ", 100000, "nested too deeply"},
		{"? ", 100000, "nested too deeply"},
		{"[[[]],", 100000, "nested too deeply"},
		{"[{a: ", 100000, "nested too deeply"},
		{"- [{", 100000, "did not find expected node content"},
		{"[", CONF_DEPTH_LIMIT + 1, "nested too deeply"},
		{"!t &a ", 100000, "found the"},
		{"a: ", 100000, "cannot stand here"},
		{":", 500000, "cannot stand here"},
		{": ", 200000, "expected a key here"},
		{"[a,b: c],", 100000, "expected nothing more here"},
		{"password: ", 100000, "cannot stand here"},
		{"x", CONF_FILE_LIMIT_BYTES + 1, "larger than 1048576 bytes"},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct conf_errors *errors = conf_errors_new();
		char *yaml = repeat(rows[i].what, rows[i].times);
		double start = seconds();
		char *tree = tree_text(yaml, strlen(yaml), errors);
		char *text = conf_errors_text(errors);
		double spent = seconds() - start;

		cr_expect_not_null(strstr(text, rows[i].message), "%s: %s",
			rows[i].what, text);
		cr_expect_lt(spent, 1.0, "%s: %f s", rows[i].what, spent);
		free(tree);
		free(text);
		free(yaml);
		conf_errors_free(errors);
	}
}

/* Size alone is no fault, and takes no more than its share of time. */
Test(node, large)
{
	struct conf_errors *errors = conf_errors_new();
	struct buf yaml = {0};

	for (int i = 0; yaml.length < 1000 * 1000; i++)
		buf_printf(&yaml, "k%d: 1\n", i);
	struct conf_document *document =
		conf_document_read("t", yaml.data, yaml.length, errors);

	cr_assert_eq(conf_errors_count(errors), 0);
	cr_assert_gt(conf_document_root(document)->count, 90000);
	conf_document_free(document);

	buf_clear(&yaml);
	while (yaml.length < 1000 * 1000)
		buf_append_text(&yaml, "k: 1\n");
	document = conf_document_read("t", yaml.data, yaml.length, errors);
	cr_assert_eq(conf_errors_count(errors), 199999);
	cr_assert_eq(conf_document_root(document)->count, 1);
	char *text = conf_errors_text(errors);

	cr_assert_not_null(strstr(text, "t:2:1: k: given twice"), "%s", text);
	cr_assert_not_null(strstr(text, "... and 199979 more\n"), "%s", text);
	free(text);
	conf_document_free(document);
	buf_done(&yaml);
	conf_errors_free(errors);
}

Test(node, depth_limit)
{
	struct conf_errors *errors = conf_errors_new();
	char *open = repeat("[", CONF_DEPTH_LIMIT);
	char *close = repeat("]", CONF_DEPTH_LIMIT);
	char *yaml = mem_printf("%s%s", open, close);
	char *tree = tree_text(yaml, strlen(yaml), errors);

	cr_assert_eq(conf_errors_count(errors), 0);
	cr_assert_str_eq(tree, yaml);
	free(open);
	free(close);
	free(yaml);
	free(tree);
	conf_errors_free(errors);
}

Test(node, places)
{
	static const char yaml[] = "a: \xC3\xA9\nb:\n  c: 'x'   # note\n";
	struct conf_errors *errors = conf_errors_new();
	struct conf_document *document =
		conf_document_read("f.yaml", yaml, strlen(yaml), errors);
	const struct conf_node *root = conf_document_root(document);
	const struct conf_node *c = conf_node_at(conf_node_at(root, "b"), "c");
	const struct conf_node *key =
		conf_node_key(conf_node_at(root, "b"), "c");

	cr_assert_str_eq(c->file, "f.yaml");
	cr_assert_eq(c->line, 3);
	cr_assert_eq(c->column, 6);
	cr_assert_eq(c->end_line, 3);
	cr_assert_eq(c->end_column, 9);
	cr_assert_eq(key->column, 3);
	cr_assert_eq(conf_node_at(root, "a")->end_column, 5);
	cr_assert_null(conf_node_at(root, "x"));
	cr_assert_null(conf_node_at(NULL, "x"));
	cr_assert_null(conf_node_at(c, "x"));
	cr_assert_null(conf_node_key(root, "x"));
	cr_assert(conf_node_is_null(NULL));
	cr_assert_not(conf_node_is_null(c));
	cr_assert_not(conf_node_is_null(root));
	conf_document_free(document);
	conf_errors_free(errors);
}

Test(node, long_key)
{
	struct conf_errors *errors = conf_errors_new();
	char *key = repeat("k", CONF_KEY_LIMIT_BYTES + 1);
	char *bad = mem_printf("%s: 1\n", key);
	char *good = mem_printf("%s: 1\n", key + 1);

	free(tree_text(good, strlen(good), errors));
	cr_assert_eq(conf_errors_count(errors), 0);
	free(tree_text(bad, strlen(bad), errors));
	cr_assert_eq(conf_errors_count(errors), 1);
	free(key);
	free(bad);
	free(good);
	conf_errors_free(errors);
}
