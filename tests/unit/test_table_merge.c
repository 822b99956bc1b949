/* Records that stand in a CSV file. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "conf/table_merge.h"
#include "conf_folder.h"

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

TestSuite(table_merge, .init = start, .fini = stop);

static void
append(struct buf *out, const struct conf_node *node)
{
	if (node->type == CONF_SCALAR) {
		buf_append_text(out, node->text);
		return;
	}
	for (size_t i = 0; i < node->count; i++) {
		buf_printf(out, "%s=", node->keys[i]->text);
		append(out, node->values[i]);
		buf_append_char(out, ';');
	}
}

Test(table_merge, rows_become_records)
{
	static const char *const heads[] = {"display", "name", NULL};
	static const char named[] = "owners: {file: o.csv}\n";
	static const struct {
		const char *yaml, *csv, *tree, *error;
	} cases[] = {
		{named,
			"name,display,email\nanna,\"Visser, "
			"A\",a@b.nl\n\njan,,\n",
			"owners=anna=name=Visser, A;email=a@b.nl;;jan=;;",
			NULL},
		{named,
			"\xEF\xBB\xBF"
			"email;name\r\na@b.nl;anna\r\n",
			"owners=anna=email=a@b.nl;;;", NULL},
		{named, "name,email\n", "owners=;", "it names nobody"},
		{named, "", "owners=;", "it names nobody"},
		{named, "\xEF\xBB\xBF", "owners=;", "it names nobody"},
		{named, "name,email\r\n,\r\n", "owners=;", "it names nobody"},
		{"owners: {anna: {email: x}}\n", "name\n",
			"owners=anna=email=x;;;", NULL},
		{"owners: {file: {email: x}}\n", "name\n",
			"owners=file=email=x;;;", NULL},
		{"a: 1\n", "", "a=1;", NULL},
		{named, "email\nx\n", NULL,
			"line 1 of the file: expected a "
			"column \"name\""},
		{named, "name,email\n,x\n", NULL,
			"line 2 of the file: the cell under \"name\" is empty"},
		{named, "name\na\nb\na\n", NULL,
			"line 4 of the file: the name stands there twice"},
		{named, "name,email\na,b,c\n", NULL, "more cells than columns"},
		{named, "name\n\"a\n", NULL, "line 2 of the file: "},
		{named, "name\n\xFF\n", NULL, "expected UTF-8"},
		{"owners: {file: o.csv, anna: {}}\n", "name\n", NULL,
			"nothing else may stand beside"},
		{"owners: {file: none.csv}\n", "", NULL, "none.csv: "},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct conf_errors *errors = conf_errors_new();
		struct conf_document *document = conf_document_read("npsd.yaml",
			cases[i].yaml, strlen(cases[i].yaml), errors);
		struct buf found = {0};

		conf_folder_write_text("o.csv", cases[i].csv);
		bool good = table_merge(document, "owners", heads, ".", errors);
		char *told = conf_errors_text(errors);

		append(&found, conf_document_root(document));
		buf_append(&found, "", 1);
		cr_expect_eq(good, cases[i].error == NULL, "%zu: %s", i, told);
		if (cases[i].tree)
			cr_expect_str_eq(found.data, cases[i].tree, "%zu: %s",
				i, found.data);
		if (cases[i].error)
			cr_expect_not_null(strstr(told, cases[i].error),
				"%zu: %s", i, told);
		free(told);
		buf_done(&found);
		conf_document_free(document);
		conf_errors_free(errors);
	}
}
