/* The rows as a list of a manual page that mandoc finds nothing wrong with. */
#include <criterion/criterion.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "conf/setting.h"
#include "conf_folder.h"

TestSuite(setting_manual);

static const struct setting none_rows[] = {{.key = NULL}};
static const struct setting secret_only_rows[] = {
	{"trap", SETTING_TEXT, 0, .hidden = true},
	{.key = NULL},
};
static const struct setting file_rows[] = {
	{"path", SETTING_TEXT, 0, .required = true, .low = 1, .high = 4096,
		.help = "The file. 'Quotes' and a \\ are fine, as is .Dq at "
			"the end of this sentence, which is much longer than "
			"one line of the manual page may be"},
	{.key = NULL},
};
static const struct setting common_rows[] = {
	{"timeout", SETTING_DURATION, 0, .fallback = "15s", .low = 1,
		.help = "How long to wait. Then what? It is over!"},
	{.key = NULL},
};
static const struct setting_kind file_kind = {
	"file", file_rows, 1, "Follows one file, e.g. a spool."};
static const struct setting_kind none_kind = {"none", none_rows, 1, NULL};
static const struct setting_kind No_kind = {
	"No", secret_only_rows, 1, ".starts with a dot"};
static const struct setting_kind *const kinds[] = {
	&file_kind, &none_kind, &No_kind, NULL};
static const char *const choices[] = {"off", "Sh", "\"x\\y\"", NULL};

static const struct setting rows[] = {
	{"store", SETTING_TEXT, 0, .fallback = "sqlite:/var/lib/npsd/npsd.db",
		.help = "Where all is kept."},
	{"trap", SETTING_TEXT, 0, .hidden = true, .help = "Never shown."},
	{"mode", SETTING_CHOICE, 0, .choices = choices, .fallback = "\"off\"",
		.help = "Which?"},
	{"factor", SETTING_NUMBER, 0, .low = 0.5, .high = 3, .unit = "factor",
		.help = "'starts with a quote"},
	{"An", SETTING_INTEGER, 0, .low = 1, .help = "Named like a macro."},
	{"list", SETTING_TEXTS, 0, .fallback = "[24h, 7d]", .help = "Many."},
	{"secret", SETTING_SECRET, 0, .required = true},
	{"bare", SETTING_NODE, 0, .help = NULL, .required = false},
	{"empty", SETTING_RECORD, 0, .fields = none_rows},
	{"sources", SETTING_MAP, 0, .fields = common_rows, .kinds = kinds,
		.required = true, .help = "What is listened to."},
	{"rules", SETTING_LIST, 0, .fields = file_rows, .size = 8},
	{.key = NULL},
};

Test(setting_manual, text)
{
	static const struct setting few[] = {
		{"store", SETTING_TEXT, 0, .fallback = "a\\b\"c\"",
			.help = "One. Two\nlines."},
		{"rate", SETTING_INTEGER, 0, .low = 1, .high = 9,
			.unit = "count", .required = true},
		{"mode", SETTING_CHOICE, 0, .choices = choices},
		{"all", SETTING_MAP, 0, .kinds = kinds, .help = "All."},
		{.key = NULL},
	};
	struct buf out = {0};

	setting_manual(few, &out);
	cr_assert_str_eq(out.data,
		".Bl -tag -width Ds\n"
		".It Cm \"\\&store\" Ar \"\\&text\"\n"
		"One.\n"
		"Two lines.\n"
		"The default is\n"
		".Li \"\\&a\\eb\\(dqc\\(dq\" .\n"
		".It Cm \"\\&rate\" Ar \"\\&count\"\n"
		"1 to 9.\n"
		"Required.\n"
		".It Cm \"\\&mode\" Ar \"\\&choice\"\n"
		"One of\n"
		".Cm \"\\&off\" ,\n"
		".Cm \"\\&Sh\" ,\n"
		".Cm \"\\&\\(dqx\\ey\\(dq\" .\n"
		".It Cm \"\\&all\" Ar \"\\&map by name\"\n"
		"All.\n"
		".Bl -tag -width Ds\n"
		".It Cm type : Li \"\\&file\"\n"
		"Follows one file, e.g.\\& a spool.\n"
		".Bl -tag -width Ds\n"
		".It Cm \"\\&path\" Ar \"\\&text\"\n"
		"The file.\n"
		"\\&'Quotes' and a \\e are fine, as is .Dq at the end of this "
		"sentence, which is\n"
		"much longer than one line of the manual page may be.\n"
		"1 to 4096 bytes.\n"
		"Required.\n"
		".El\n"
		".It Cm type : Li \"\\&none\"\n"
		"There are no further settings.\n"
		".It Cm type : Li \"\\&No\"\n"
		"\\&.starts with a dot.\n"
		".El\n"
		".El\n",
		"%s", out.data);
	cr_assert_null(strstr(out.data, "trap"));
	buf_done(&out);
}

/* The output of mandoc is compared with that of a page without the list. */
Test(setting_manual, lint)
{
	static const char head[] = ".Dd November 21, 2026\n"
				   ".Dt NPSD.YAML 5\n"
				   ".Os\n"
				   ".Sh NAME\n"
				   ".Nm npsd.yaml\n"
				   ".Nd the settings\n"
				   ".Sh DESCRIPTION\n";
	struct conf_folder folder;
	struct buf page = {0};
	char found[4096];

	if (system("command -v mandoc >/dev/null 2>&1") != 0)
		return; /* the build checks its manuals where there is one */
	conf_folder_init(&folder);
	buf_append_text(&page, head);
	setting_manual(rows, &page);
	conf_folder_write("page.5", page.data, page.length);
	FILE *lint = popen("mandoc -T lint -W all page.5", "r");

	cr_assert_not_null(lint);
	size_t length = fread(found, 1, sizeof(found) - 1, lint);

	found[length] = '\0';
	pclose(lint);
	cr_expect_str_eq(found, "", "%s\n%s", found, page.data);
	buf_done(&page);
	conf_folder_done(&folder);
}
