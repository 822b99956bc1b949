/*
 * command - command lines, their exit codes and what they say. Those that ask a
 * daemon are run against none.
 */
#include <criterion/criterion.h>
#include <criterion/redirect.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "conf_folder.h"
#include "top/command.h"

static struct conf_folder folder;

static void
enter(void)
{
	conf_folder_init(&folder);
	conf_folder_write_text("good.yaml", "server: {control: ./none.sock}\n");
	conf_folder_write_text("bad.yaml", "stoer: x\n");
}

static void
leave(void)
{
	conf_folder_done(&folder);
}

TestSuite(command, .init = enter, .fini = leave);

enum { WORDS_LIMIT = 8 };
#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

/* The exit code of a line of words. */
static int
run(const char *line)
{
	char *copy = strdup(line), *argv[WORDS_LIMIT + 1] = {NULL};
	int argc = 0, code;

	for (char *save = NULL, *word = strtok_r(copy, " ", &save);
		word != NULL && argc < WORDS_LIMIT;
		word = strtok_r(NULL, " ", &save))
		argv[argc++] = word;
	optind = 0; /* getopt begins anew */
	code = command_main(argc, argv);
	free(copy);
	return code;
}

struct line {
	const char *words;
	int code;
};

static const struct line lines[] = {
	{"npsd", COMMAND_USAGE},
	{"npsd --help", COMMAND_OK},
	{"npsd help", COMMAND_OK},
	{"npsd --version", COMMAND_OK},
	{"npsd version", COMMAND_OK},
	{"npsd version now", COMMAND_USAGE},
	{"npsd chek", COMMAND_USAGE},
	{"npsd check --help", COMMAND_OK},
	{"npsd check --config good.yaml", COMMAND_OK},
	{"npsd check --config bad.yaml", COMMAND_CONFIG},
	{"npsd check --config nothing.yaml", COMMAND_CONFIG},
	{"npsd check --config", COMMAND_USAGE},
	{"npsd check --colour", COMMAND_USAGE},
	{"npsd check good.yaml", COMMAND_USAGE},
	{"npsd check --json --config bad.yaml", COMMAND_CONFIG},
	{"npsd config --config good.yaml", COMMAND_OK},
	{"npsd config --config nothing.yaml", COMMAND_CONFIG},
	{"npsd config --json --config good.yaml", COMMAND_OK},
	{"npsd config schema", COMMAND_OK},
	{"npsd config manual", COMMAND_OK},
	{"npsd config poem", COMMAND_USAGE},
	{"npsd run --config bad.yaml", COMMAND_CONFIG},
	{"npsd run --log-level loud --config good.yaml", COMMAND_USAGE},
	{"npsd run --log-form poem --config good.yaml", COMMAND_USAGE},
	{"npsd status --config good.yaml", COMMAND_UNREACHABLE},
	{"npsd status --control ./none.sock", COMMAND_UNREACHABLE},
	{"npsd score --control ./none.sock", COMMAND_UNREACHABLE},
	{"npsd responses --control ./none.sock", COMMAND_UNREACHABLE},
	{"npsd rejected --control ./none.sock 1", COMMAND_UNREACHABLE},
	{"npsd deliveries --control ./none.sock", COMMAND_UNREACHABLE},
	{"npsd explain --control ./none.sock 1", COMMAND_UNREACHABLE},
	{"npsd explain", COMMAND_USAGE},
	{"npsd retry", COMMAND_USAGE},
	{"npsd retry --control ./none.sock 1 2", COMMAND_UNREACHABLE},
	{"npsd reload --control ./none.sock", COMMAND_UNREACHABLE},
	{"npsd status --server http://127.0.0.1:1 --token-file none",
		COMMAND_UNREACHABLE},
	{"npsd status --server not-a-url", COMMAND_UNREACHABLE},
};

Test(command, exit_codes)
{
	cr_assert_not_null(freopen("out", "w", stdout), "out");
	cr_assert_not_null(freopen("talk", "w", stderr), "talk");
	for (size_t i = 0; i < COUNT(lines); i++) {
		int code = run(lines[i].words);

		cr_assert_eq(
			code, lines[i].code, "%s: %d", lines[i].words, code);
	}
}

Test(command, tells_what_was_meant)
{
	cr_redirect_stderr();
	cr_assert_eq(run("npsd chek"), COMMAND_USAGE, "refused");
	fflush(stderr);
	cr_assert_stderr_eq_str("npsd: there is no command \"chek\"; did you "
				"mean \"check\"?; try npsd --help\n",
		"said");
}

Test(command, version_is_data)
{
	cr_redirect_stdout();
	cr_assert_eq(run("npsd version"), COMMAND_OK, "said");
	fflush(stdout);
	cr_assert_stdout_eq_str("npsd " PACKAGE_VERSION "\n", "on stdout");
}

Test(command, check_tells_in_json)
{
	cr_redirect_stdout();
	cr_assert_eq(run("npsd check --json --config good.yaml"), COMMAND_OK,
		"good");
	fflush(stdout);
	cr_assert_stdout_eq_str("{\"good\":true,\"problems\":[]}\n", "JSON");
}

/* ---- queries ---- */

Test(command, queries_are_encoded)
{
	struct buf path = {0};

	buf_append_text(&path, "/x");
	client_add_query(&path, "a", NULL);
	client_add_query(&path, "b", "1 2&3=\xc3\xa9");
	client_add_query(&path, "c", "");
	client_add_query(&path, "d", "a-b._~");
	cr_assert_str_eq(path.data, "/x?b=1%202%263%3D%C3%A9&c=&d=a-b._~", "%s",
		path.data);
	buf_done(&path);
}
