/* The action log: whole lines, rotation, full disks, slow readers. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../support/action_case.h"
#include "base/memory.h"
#include "conf_folder.h"

static struct conf_folder folder;

static void
init(void)
{
	conf_folder_init(&folder);
}

static void
done(void)
{
	conf_folder_done(&folder);
}

TestSuite(action_log, .init = init, .fini = done);

static struct buf
read_all(const char *path)
{
	struct buf out = {0};
	char bytes[65536];
	FILE *file = fopen(path, "r");
	size_t length;

	buf_append_text(&out, "");
	while (file != NULL &&
		(length = fread(bytes, 1, sizeof(bytes), file)) > 0)
		buf_append(&out, bytes, length);
	if (file != NULL)
		fclose(file);
	return out;
}

static void
check_file(const char *path, const char *expected)
{
	struct buf text = read_all(path);

	cr_assert_str_eq(text.data, expected, "%s: %s", path, text.data);
	buf_done(&text);
}

static struct outcome
write_line(struct action_case *it, const char *line)
{
	struct buf body = {0};

	buf_append_text(&body, line);
	struct outcome outcome = action_case_send(it, &body, "", 1);

	buf_done(&body);
	return outcome;
}

Test(action_log, a_body_is_one_line)
{
	struct action_case it;
	struct buf body = {0};
	struct err err;
	json_t *document = action_case_document(
		"{\"a\":\"x\\n\\u2028\\u0001y\",\"b\":[1,null]}");

	action_case_init(&it);
	action_case_open(&it, &action_log, "path: out");
	cr_assert(action_case_render(&it, document, "", &body, &err), "render");
	cr_assert_eq(
		strcspn(body.data, "\n"), body.length - 1, "%s", body.data);
	cr_assert_not_null(
		strstr(body.data, "\"b\":[1,null]}"), "%s", body.data);
	json_decref(document);
	buf_done(&body);
	action_case_done(&it);
}

#define TOKEN                                                              \
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_" \
	"ABCDEFGHIJKL"

/* Whatever an answer brings along that looks like a link of ours. */
Test(action_log, tokens_are_left_out)
{
	struct action_case it;
	struct buf body = {0};
	struct err err;
	json_t *document = action_case_document(
		"{\"response\":{\"links\":{\"page\":\"https://x.example/f/a\"},"
		"\"comment\":\"/f/ \\\"links\\\":{\\\"page\\\":\\\"/f/\"},"
		"\"follow_up\":{\"links\":{\"page\":\"https://n.example/"
		"f/" TOKEN "\"}},\"more\":\"/f/" TOKEN "x /f/" TOKEN "\"}");

	action_case_init(&it);
	action_case_open(&it, &action_log, "path: out");
	cr_assert(action_case_render(&it, document, "", &body, &err), "render");
	cr_assert_eq(strlen(body.data), body.length, "its length");
	cr_assert_not_null(
		strstr(body.data,
			"{\"page\":\"https://x.example/f/a\"},\"comment\":\"/f/"
			" "
			"\\\"links\\\":{\\\"page\\\":\\\"/f/\"},\"follow_up\":{"
			"\"links\":{\"page\":\"https://n.example/f/\"}},"
			"\"more\":\"/f/x /f/\"}"),
		"%s", body.data);
	json_decref(document);
	buf_done(&body);
	action_case_done(&it);
}

Test(action_log, lines_and_rotation)
{
	struct action_case it;
	struct stat status;

	action_case_init(&it);
	action_case_open(&it, &action_log, "path: out");
	cr_assert_eq(write_line(&it, "1\n").end, OUTCOME_DELIVERED, "1");
	cr_assert_eq(write_line(&it, "2\n").end, OUTCOME_DELIVERED, "2");
	check_file("out", "1\n2\n");
	cr_assert_eq(stat("out", &status), 0, "out");
	cr_assert_eq(status.st_mode & 07, 0, "others can read it");

	rename("out", "out.1");
	cr_assert_eq(write_line(&it, "3\n").end, OUTCOME_DELIVERED, "3");
	check_file("out", "3\n");
	remove("out");
	cr_assert_eq(write_line(&it, "4\n").end, OUTCOME_DELIVERED, "4");
	check_file("out", "4\n");
	check_file("out.1", "1\n2\n");
	action_case_done(&it);
}

/* In a folder that is missing, nothing else would go better: hold. */
Test(action_log, no_folder)
{
	struct action_case it;

	action_case_init(&it);
	action_case_open(&it, &action_log, "path: none/private");
	struct outcome outcome = write_line(&it, "1\n");

	cr_assert_eq(outcome.end, OUTCOME_ENDPOINT_DOWN, "%s", outcome.reason);
	cr_assert_not_null(
		strstr(outcome.reason, "No such file"), "%s", outcome.reason);
	mkdir("none", 0700);
	cr_assert_eq(write_line(&it, "1\n").end, OUTCOME_DELIVERED, "made");
	check_file("none/private", "1\n");
	action_case_done(&it);
}

/* A full disk: the part of a line that went is taken back. */
Test(action_log, a_full_disk)
{
	struct action_case it;
	struct rlimit limit = {4, 4}, before;

	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &before);
	limit.rlim_max = before.rlim_max;
	action_case_init(&it);
	action_case_open(&it, &action_log, "path: out");
	cr_assert_eq(write_line(&it, "1\n").end, OUTCOME_DELIVERED, "1");
	setrlimit(RLIMIT_FSIZE, &limit);
	struct outcome outcome = write_line(&it, "22222222\n");

	setrlimit(RLIMIT_FSIZE, &before);
	cr_assert_eq(outcome.end, OUTCOME_TRY_LATER, "%s", outcome.reason);
	check_file("out", "1\n");
	cr_assert_eq(write_line(&it, "3\n").end, OUTCOME_DELIVERED, "3");
	check_file("out", "1\n3\n");

	action_case_done(&it);
	action_case_init(&it);
	action_case_open(&it, &action_log, "path: /dev/full");
	outcome = write_line(&it, "1\n");
	cr_assert_eq(outcome.end, OUTCOME_TRY_LATER, "%s", outcome.reason);
	cr_assert_not_null(
		strstr(outcome.reason, "No space"), "%s", outcome.reason);
	action_case_done(&it);
}

/* A pipe whose reader has gone to sleep never stops the loop; a line that was
 * torn is ended before the next. */
Test(action_log, a_slow_reader)
{
	struct action_case it;
	struct outcome outcome;
	struct buf big = {0};
	char bytes[1 << 17];
	int fd;

	signal(SIGPIPE, SIG_IGN);
	cr_assert_eq(mkfifo("pipe", 0600), 0, "mkfifo");
	action_case_init(&it);
	action_case_open(&it, &action_log, "path: pipe");
	outcome = write_line(&it, "1\n");
	cr_assert_eq(outcome.end, OUTCOME_ENDPOINT_DOWN, "no reader: %s",
		outcome.reason);

	fd = open("pipe", O_RDONLY | O_NONBLOCK);
	cr_assert_eq(write_line(&it, "2\n").end, OUTCOME_DELIVERED, "2");
	cr_assert_eq(read(fd, bytes, sizeof(bytes)), 2, "2 bytes");
	for (int i = 0; i < 100000; i++)
		buf_append_char(&big, 'x');
	buf_append_char(&big, '\n');
	outcome = write_line(&it, big.data);
	cr_assert_eq(outcome.end, OUTCOME_TRY_LATER, "%s", outcome.reason);
	while (read(fd, bytes, sizeof(bytes)) > 0)
		continue;
	cr_assert_eq(write_line(&it, "3\n").end, OUTCOME_DELIVERED, "3");
	cr_assert_eq(read(fd, bytes, sizeof(bytes)), 3, "the end and a line");
	cr_assert_eq(memcmp(bytes, "\n3\n", 3), 0, "%.3s", bytes);
	close(fd);
	buf_done(&big);
	action_case_done(&it);
}

Test(action_log, standard_output)
{
	struct action_case it;
	int out = dup(STDOUT_FILENO);
	int file = open("stdout", O_RDWR | O_CREAT | O_APPEND, 0600);

	action_case_init(&it);
	action_case_open(&it, &action_log, "retry: {first: 1s}");
	dup2(file, STDOUT_FILENO);
	struct outcome outcome = write_line(&it, "1\n");

	dup2(out, STDOUT_FILENO);
	cr_assert_eq(outcome.end, OUTCOME_DELIVERED, "%s", outcome.reason);
	check_file("stdout", "1\n");
	close(file);
	close(out);
	action_case_done(&it);
}
