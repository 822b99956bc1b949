/* A configuration file and what it includes (row G05 for what is no file). */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "conf/node.h"
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

TestSuite(document, .init = start, .fini = stop);

/* "key=value" of all top-level members; lists and maps by their members. */
static char *
summary(const struct conf_document *document)
{
	const struct conf_node *root = conf_document_root(document);
	struct buf out = {0};

	buf_append_text(&out, document ? "" : "none");
	for (size_t i = 0; root && i < root->count; i++) {
		const struct conf_node *value = root->values[i];

		buf_printf(&out, "%s=", root->keys[i]->text);
		for (size_t k = 0; k < value->count; k++)
			buf_printf(&out, "%s,",
				value->keys ? value->keys[k]->text
					    : value->values[k]->text);
		buf_printf(&out, "%s;", value->text ? value->text : "");
	}
	return buf_take(&out);
}

static void
expect(const char *path, const char *expected, const char *message)
{
	struct conf_errors *errors = conf_errors_new();
	struct conf_document *document = conf_document_load(path, errors);
	char *found = summary(document);

	conf_document_free(document);
	char *text = conf_errors_text(errors); /* without the document */

	cr_expect_str_eq(found, expected, "%s: %s (%s)", path, found, text);
	if (message)
		cr_expect_not_null(strstr(text, message), "%s: %s", path, text);
	else
		cr_expect_str_eq(text, "", "%s: %s", path, text);
	cr_expect_eq(
		conf_errors_count(errors) > 0, message != NULL, "%s", path);
	free(found);
	free(text);
	conf_errors_free(errors);
}

Test(document, includes)
{
	cr_assert_eq(mkdir("rules.d", 0700), 0);
	cr_assert_eq(mkdir("odd[x]*", 0700), 0);
	conf_folder_write_text("rules.d/b.yaml", "rules: [b]\n");
	conf_folder_write_text("rules.d/a.yaml",
		"rules: [a1, a2]\nowners: {x: 1}\nscore: 5\nempty:\n");
	conf_folder_write_text("rules.d/note.txt", "rules: [never]\n");
	conf_folder_write_text("rules.d/.hidden.yaml", "rules: [never]\n");
	conf_folder_write_text("empty.yaml", "# nothing\n");
	conf_folder_write_text("main.yaml",
		"include: [rules.d/*.yaml, empty.yaml, none/*.yaml]\n"
		"rules: [m]\nowners: {y: 2}\n");
	expect("main.yaml", "rules=m,a1,a2,b,;owners=y,x,;score=5;empty=;",
		NULL);
	/* the same by an absolute path, and from a folder of an odd name */
	char *path = mem_printf("%s/main.yaml", folder.path);

	expect(path, "rules=m,a1,a2,b,;owners=y,x,;score=5;empty=;", NULL);
	free(path);
	conf_folder_write_text("odd[x]*/main.yaml", "include: '*.yaml'\n");
	conf_folder_write_text("odd[x]*/other.yaml", "a: 1\n");
	expect("odd[x]*/main.yaml", "a=1;", NULL);
	/* named twice, taken once */
	conf_folder_write_text("twice.yaml",
		"include: [rules.d/b.yaml, rules.d/*.yaml, rules.d/b.yaml]\n");
	expect("twice.yaml", "rules=b,a1,a2,;owners=x,;score=5;empty=;", NULL);
	conf_folder_write_text("null.yaml", "include:\nrules:\na: 1\n");
	expect("null.yaml", "rules=;a=1;", NULL);
	conf_folder_write_text(
		"fill.yaml", "include: rules.d/b.yaml\nrules:\n");
	expect("fill.yaml", "rules=b,;", NULL);
}

Test(document, bad_includes)
{
	cr_assert_eq(mkdir("sub.yaml", 0700), 0);
	conf_folder_write_text("owners.yaml", "owners: {a: 1, b: 2}\n");
	conf_folder_write_text("scalar.yaml", "score: 1\n");
	conf_folder_write_text("nested.yaml", "x: 1\ninclude: owners.yaml\n");
	conf_folder_write_text("list.yaml", "- 1\n");
	conf_folder_write_text("bad.yaml", "y: 1\nx: [\n");
	static const struct {
		const char *yaml, *expected, *message;
	} rows[] = {
		{"include: none.yaml\na: 1\n", "a=1;",
			"m.yaml:1:10: include: cannot read none.yaml: No such "
			"file or directory\n"
			"   | include: none.yaml\n"},
		{"include: [sub.yaml]\n", "",
			"m.yaml:1:11: include[0]: cannot read sub.yaml: it is "
			"a folder, expected a regular file"},
		{"include: {a: 1}\n", "", "expected the path of a file"},
		{"include: ['']\n", "", "expected the path of a file"},
		{"include: owners.yaml\nowners: {c: 0, b: 9}\n",
			"owners=c,b,a,;",
			"owners.yaml:1:16: owners.b: given twice; the first "
			"stands at m.yaml:2"},
		{"include: owners.yaml\nowners: [x]\n", "owners=x,;",
			"owners.yaml:1:1: owners: is a map here and a list at "
			"m.yaml:2"},
		{"include: scalar.yaml\nscore: 2\n", "score=2;",
			"scalar.yaml:1:1: score: given twice; the first stands "
			"at m.yaml:2"},
		{"include: nested.yaml\n", "x=1;",
			"nested.yaml:2:1: include: an included file cannot "
			"include others"},
		{"include: list.yaml\na: 1\n", "a=1;",
			"list.yaml:1:1: expected a map of settings, found a "
			"list"},
		{"include: bad.yaml\na: 1\n", "a=1;y=1;x=;", "bad.yaml:3:1: "},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		conf_folder_write_text("m.yaml", rows[i].yaml);
		expect("m.yaml", rows[i].expected, rows[i].message);
	}
}

Test(document, too_many_includes)
{
	conf_folder_write_text("main.yaml", "include: '*.yaml'\n");
	for (int i = 0; i < CONF_FILES_LIMIT + 5; i++) {
		char name[32];

		(void)snprintf(name, sizeof(name), "x%03d.yaml", i);
		conf_folder_write_text(name, "");
	}
	expect("main.yaml", "",
		"x256.yaml is one file too many: 256 are the "
		"limit");
}

Test(document, no_files_G05)
{
	static const struct {
		const char *path, *message;
	} rows[] = {
		{"none.yaml", "cannot read none.yaml: No such file"},
		{"folder", "it is a folder, expected a regular file"},
		{"pipe", "it is a pipe, expected a regular file"},
		{"/dev/zero", "it is a device, expected a regular file"},
		{"large.yaml", "it is larger than 1048576 bytes"},
		{"/proc/self/mem", "cannot read /proc/self/mem: "},
		{"loop", "cannot read loop: Too many levels"},
		{"scalar.yaml", "scalar.yaml:1:1: expected a map of settings, "
				"found \"hello world\""},
		{"list.yaml", "expected a map of settings, found a list"},
		{"bom.yaml", "bom.yaml:1:1: found a byte order mark"},
	};

	cr_assert_eq(mkdir("folder", 0700), 0);
	cr_assert_eq(mkfifo("pipe", 0600), 0);
	cr_assert_eq(symlink("loop", "loop"), 0);
	conf_folder_write_text("large.yaml", "");
	cr_assert_eq(truncate("large.yaml", 100 * 1000 * 1000), 0);
	conf_folder_write_text("scalar.yaml", "hello world\n");
	conf_folder_write_text("list.yaml", "[1]\n");
	conf_folder_write_text("bom.yaml", "\xEF\xBB\xBF"
					   "a: 1\n");
	for (size_t i = 0; i < COUNT(rows); i++)
		expect(rows[i].path, "none", rows[i].message);
	conf_folder_write_text("empty.yaml", "");
	expect("empty.yaml", "", NULL);
	cr_assert_eq(symlink("empty.yaml", "link"), 0);
	expect("link", "", NULL);
}

/* What a broken file may hold is not missing. */
Test(document, partial)
{
	struct conf_errors *errors = conf_errors_new();

	conf_folder_write_text("broken.yaml", "\tx\n");
	conf_folder_write_text("main.yaml", "include: broken.yaml\na: 1\n");
	struct conf_document *document =
		conf_document_load("main.yaml", errors);

	cr_assert(conf_document_root(document)->partial);
	conf_document_free(document);
	conf_errors_free(errors);
}

/* Whoever tells of a line, before the settings are read: never its secrets. */
Test(document, hides_secrets_X02)
{
	struct conf_errors *errors = conf_errors_new();
	struct buf said = {0};

	conf_folder_write_text("main.yaml",
		"a: {b: odd, tokens: {x: {secret: canary1}}, secrets: "
		"[canary2, {file: canary3}], list: [{Password: canary4}]}\n");
	struct conf_document *document =
		conf_document_load("main.yaml", errors);
	const struct conf_node *a =
		conf_node_at(conf_document_root(document), "a");

	conf_error(errors, conf_node_at(a, "b"), "a.b", "wrong");
	conf_error(errors, conf_node_at(a, "list"), "a.list", "wrong");
	conf_errors_write(errors, &said);
	cr_expect_not_null(strstr(said.data, "b: odd"), "%s", said.data);
	cr_expect_null(strstr(said.data, "canary"), "%s", said.data);
	buf_done(&said);
	conf_document_free(document);
	conf_errors_free(errors);
}
