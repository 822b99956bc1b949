/* Presets: settings that came ready made, below a record's own. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "base/text.h"
#include "conf/data_folder.h"
#include "conf/preset.h"
#include "conf_folder.h"

static struct conf_folder folder;

static void
start(void)
{
	conf_folder_init(&folder);
	cr_assert_eq(mkdir("presets", 0700), 0);
	cr_assert_eq(mkdir("presets/sources", 0700), 0);
	cr_assert_eq(mkdir("presets/actions", 0700), 0);
	conf_folder_write_text("presets/sources/tool.yaml",
		"type: webhook\n"
		"verify:\n"
		"  hmac: sha256\n"
		"  signature: {header: X-Signature}\n"
		"map: {file: tool.jq}\n"
		"list: [1, 2]\n");
	conf_folder_write_text("presets/actions/tool.yaml", "method: PUT\n");
	conf_folder_write_text("presets/sources/chain.yaml", "preset: tool\n");
	conf_folder_write_text("presets/sources/broken.yaml", "a: [\n");
	conf_folder_write_text("presets/sources/list.yaml", "[1]\n");
	conf_folder_write_text("presets/sources/empty.yaml", "# nothing\n");
	conf_folder_write_text("presets/sources/twice.yaml", "a: 1\na: 2\n");
	/* of one that comes with npsd, too */
	conf_folder_write_text("presets/sources/delighted.yaml", "a: 1\n");
}

static void
stop(void)
{
	conf_folder_done(&folder);
}

TestSuite(preset, .init = start, .fini = stop);

/* {key=value,...} with maps and lists inside. */
static void
append(struct buf *out, const struct conf_node *node)
{
	if (node->type == CONF_SCALAR) {
		buf_append_text(out, node->text);
		return;
	}
	buf_append_char(out, node->keys ? '{' : '[');
	for (size_t i = 0; i < node->count; i++) {
		if (node->keys)
			buf_printf(out, "%s=", node->keys[i]->text);
		append(out, node->values[i]);
		buf_append_char(out, ',');
	}
	buf_append_char(out, node->keys ? '}' : ']');
}

static void
expect(const char *text, const char *tree, const char *error)
{
	struct conf_errors *errors = conf_errors_new();
	struct conf_document *document =
		conf_document_read("npsd.yaml", text, strlen(text), errors);
	struct buf found = {0};
	bool good;
	char *told;

	cr_assert_not_null(document, "%s", text);
	good = preset_merge(document, "sources", ".", errors);
	good &= preset_merge(document, "actions", ".", errors);
	append(&found, conf_document_root(document));
	conf_document_free(document);
	told = conf_errors_text(errors);
	if (tree)
		cr_expect_str_eq(found.data, tree, "%s: %s", text, found.data);
	if (error)
		cr_expect_not_null(strstr(told, error), "%s: %s", text, told);
	else
		cr_expect_str_eq(told, "", "%s: %s", text, told);
	cr_expect_eq(good, error == NULL, "%s", text);
	free(told);
	buf_done(&found);
	conf_errors_free(errors);
}

#define TOOL                                                                  \
	"type=webhook,verify={hmac=sha256,signature={header=X-Signature,},}," \
	"map={file=./presets/sources/tool.jq,},list=[1,2,],"

Test(preset, lies_below_the_own_keys)
{
	static const struct {
		const char *text, *tree;
	} rows[] = {
		{"sources: {a: {preset: tool}}",
			"{sources={a={preset=tool," TOOL "},},}"},
		/* Two records may name the same one. */
		{"sources: {a: {preset: tool}, b: {preset: tool}}",
			"{sources={a={preset=tool," TOOL
			"},b={preset=tool," TOOL "},},}"},
		/* Maps are merged; else the own value counts. */
		{"sources: {a: {preset: tool, list: [3], map: ., verify: "
		 "{secret: x, hmac: sha1, signature: {query: y}}}}",
			"{sources={a={preset=tool,list=[3,],map=.,verify={"
			"secret=x,hmac=sha1,signature={query=y,header=X-"
			"Signature,},},type=webhook,},},}"},
		/* A map that was left empty says nothing. */
		{"sources: {a: {preset: tool, verify: , type: webhook, map: ., "
		 "list: []}}",
			"{sources={a={preset=tool,verify={hmac=sha256,"
			"signature={header=X-Signature,},},type=webhook,map=.,"
			"list=[],},},}"},
		/* Sources and actions have their own. */
		{"actions: {a: {preset: tool, method: POST}, b: {preset: "
		 "tool}}",
			"{actions={a={preset=tool,method=POST,},b={preset=tool,"
			"method=PUT,},},}"},
		{"sources: {a: {preset: empty}}",
			"{sources={a={preset=empty,},},}"},
		{"sources: {a: {preset: delighted}}",
			"{sources={a={preset=delighted,a=1,},},}"},
		/* What is no record is told by others. */
		{"sources: {a: b}", "{sources={a=b,},}"},
		{"sources: [1]", "{sources=[1,],}"},
		{"[1]", "[1,]"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		expect(rows[i].text, rows[i].tree, NULL);
}

Test(preset, that_is_no_good_is_told)
{
	static const struct {
		const char *text, *error;
	} rows[] = {
		{"sources: {a: {preset: tol}}",
			"npsd.yaml:1:23: sources.a.preset: there is no preset "
			"\"tol\" in ./presets/sources; did you mean \"tool\"?"},
		{"sources: {a: {preset: mailman}}",
			"there is no preset \"mailman\" in ./presets/sources; "
			"there are broken, chain,"},
		{"sources: {a: {preset: ../actions/tool}}",
			"expected the name of a preset"},
		{"sources: {a: {preset: [tool]}}",
			"sources.a.preset: found a list, expected the name"},
		{"sources: {a: {preset: }}", "found nothing, expected the"},
		{"sources: {a: {type: file, preset: tool}}",
			"found \"file\", but the preset is for type webhook"},
		{"sources: {a: {preset: chain}}",
			"presets/sources/chain.yaml:1:1: sources.a.preset: a "
			"preset cannot build on another"},
		{"sources: {a: {preset: list}}",
			"presets/sources/list.yaml:1:1: expected a map of "
			"settings"},
		{"sources: {a: {preset: broken}}",
			"presets/sources/broken.yaml:2:1: "},
		{"sources: {a: {preset: twice}}",
			"presets/sources/twice.yaml:2:1: "},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		expect(rows[i].text, NULL, rows[i].error);
}

/* More files than a configuration may have. */
Test(preset, files_have_a_limit)
{
	struct buf text = {0};

	buf_append_text(&text, "sources:\n");
	for (int i = 0; i <= CONF_FILES_LIMIT; i++)
		buf_printf(&text, "  s%d: {preset: empty}\n", i);
	expect(text.data, NULL, "is one file too many: 256 are the limit");
	buf_done(&text);
}

/* Beside the configuration, in /etc, in the data folder, beside the program. */
Test(preset, folders_are_looked_through_in_order)
{
	struct setting_texts folders;

	data_folders("here", "presets/sources", &folders);
	cr_assert_eq(folders.count, 4, "four");
	cr_expect_str_eq(folders.items[0], "here/presets/sources", "first");
	cr_expect_str_eq(folders.items[1], "/etc/npsd/presets/sources", "etc");
	cr_expect(text_starts(folders.items[2], "/"), "the data folder");
	cr_expect_not_null(
		strstr(folders.items[3], "/../etc/presets/sources"), "built");
	setting_texts_done(&folders);
	data_folders(NULL, "presets/sources", &folders);
	cr_expect_eq(folders.count, 3, "three");
	cr_expect_str_eq(folders.items[0], "/etc/npsd/presets/sources", "etc");
	setting_texts_done(&folders);
}
