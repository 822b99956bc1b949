/* Lines on stderr: three forms, no second line from outside (row X02's log). */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/log.h"
#include "base/text.h"
#include "base/time.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { READ_BYTES = 1 << 16 };

/* stderr while a test listens to it. */
struct ear {
	int old;
	int pipe[2];
};

static void
ear_open(struct ear *ear)
{
	cr_assert_eq(pipe(ear->pipe), 0, "no pipe");
	cr_assert_neq(fcntl(ear->pipe[0], F_SETFL, O_NONBLOCK), -1, "fcntl");
	ear->old = dup(STDERR_FILENO);
	cr_assert_eq(dup2(ear->pipe[1], STDERR_FILENO), STDERR_FILENO, "dup2");
}

/* What was written since; lent until the next call. */
static const char *
ear_hear(struct ear *ear)
{
	static char heard[READ_BYTES];
	ssize_t got = read(ear->pipe[0], heard, sizeof(heard) - 1);

	heard[got > 0 ? got : 0] = '\0';
	return heard;
}

static void
ear_close(struct ear *ear)
{
	dup2(ear->old, STDERR_FILENO);
	close(ear->old);
	close(ear->pipe[0]);
	close(ear->pipe[1]);
}

TestSuite(log);

Test(log, forms)
{
	static const struct {
		enum log_form form;
		enum log_level level;
		const char *line;
	} rows[] = {
		{LOG_FORM_PLAIN, LOG_LEVEL_ERROR, "npsd: error: rule 7\n"},
		{LOG_FORM_PLAIN, LOG_LEVEL_WARNING, "npsd: warning: rule 7\n"},
		{LOG_FORM_PLAIN, LOG_LEVEL_NOTICE, "npsd: notice: rule 7\n"},
		{LOG_FORM_PLAIN, LOG_LEVEL_INFO, "npsd: info: rule 7\n"},
		{LOG_FORM_PLAIN, LOG_LEVEL_DEBUG, "npsd: debug: rule 7\n"},
		{LOG_FORM_JOURNAL, LOG_LEVEL_ERROR, "<3>rule 7\n"},
		{LOG_FORM_JOURNAL, LOG_LEVEL_WARNING, "<4>rule 7\n"},
		{LOG_FORM_JOURNAL, LOG_LEVEL_NOTICE, "<5>rule 7\n"},
		{LOG_FORM_JOURNAL, LOG_LEVEL_INFO, "<6>rule 7\n"},
		{LOG_FORM_JOURNAL, LOG_LEVEL_DEBUG, "<7>rule 7\n"},
	};
	struct ear ear;

	ear_open(&ear);
	for (size_t i = 0; i < COUNT(rows); i++) {
		log_setup(LOG_LEVEL_DEBUG, rows[i].form);
		errno = ENOSPC;
		log_write(rows[i].level, "rule %d", 7);
		cr_assert_eq(errno, ENOSPC, "errno survives");
		const char *heard = ear_hear(&ear);

		cr_assert_str_eq(heard, rows[i].line, "row %zu: %s", i, heard);
	}
	ear_close(&ear);
}

Test(log, json_form)
{
	struct ear ear;
	int64_t written_ms;

	ear_open(&ear);
	log_setup(LOG_LEVEL_INFO, LOG_FORM_JSON);
	log_warning("a \"quote\"\n\\ \x1B[1m \xFF %s", "\xC3\xBC");
	const char *heard = ear_hear(&ear);
	size_t length = strlen(heard);

	cr_assert_eq(heard[length - 1], '\n', "ends its line");
	cr_assert_eq(strcspn(heard, "\n"), length - 1, "one line");
	cr_assert_null(strchr(heard, '\x1B'), "no escape character");
	json_t *line = json_read(heard, length, NULL);

	cr_assert_not_null(line, "JSON: %s", heard);
	cr_assert_eq(json_object_size(line), 3, "three members");
	cr_assert_str_eq(json_string_at(line, "level"), "warning", "level");
	cr_assert_str_eq(json_string_at(line, "message"),
		"a \"quote\"\n\\ \x1B[1m \xEF\xBF\xBD \xC3\xBC", "message");
	const char *time = json_string_at(line, "time");

	cr_assert(time_from_rfc3339(time, strlen(time), &written_ms, NULL),
		"%s", time);
	cr_assert_lt(
		llabs((long long)(clock_wall_ms(&clock_system) - written_ms)),
		60000, "now");
	json_decref(line);
	ear_close(&ear);
}

Test(log, levels)
{
	static const struct {
		const char *text;
		bool good;
		enum log_level level;
	} rows[] = {
		{"error", true, LOG_LEVEL_ERROR},
		{"warning", true, LOG_LEVEL_WARNING},
		{"notice", true, LOG_LEVEL_NOTICE},
		{"info", true, LOG_LEVEL_INFO},
		{"debug", true, LOG_LEVEL_DEBUG},
		{"Debug", false, LOG_LEVEL_ERROR},
		{"", false, LOG_LEVEL_ERROR},
		{"err", false, LOG_LEVEL_ERROR},
		{NULL, false, LOG_LEVEL_ERROR},
	};
	struct ear ear;

	ear_open(&ear);
	log_setup(LOG_LEVEL_INFO, LOG_FORM_PLAIN);
	for (size_t i = 0; i < COUNT(rows); i++) {
		enum log_level level = LOG_LEVEL_ERROR;

		cr_assert_eq(log_level_from_text(rows[i].text, &level),
			rows[i].good, "row %zu", i);
		if (!rows[i].good)
			continue;
		cr_assert_eq(level, rows[i].level, "row %zu", i);
		/* This level passes and none below it. */
		log_set_level(level);
		for (int tried = LOG_LEVEL_ERROR; tried <= LOG_LEVEL_DEBUG;
			tried++) {
			log_write((enum log_level)tried, "x");
			cr_assert_eq(*ear_hear(&ear) != '\0',
				tried <= (int)level, "%s, %d", rows[i].text,
				tried);
		}
	}
	ear_close(&ear);
}

Test(log, lines_are_cut_and_whole)
{
	static const enum log_form forms[] = {
		LOG_FORM_PLAIN, LOG_FORM_JOURNAL, LOG_FORM_JSON};
	static const char *const pieces[] = {"x", "\xE2\x82\xAC", "\n", "\xFF",
		"\xC2\x9B", "\xE2\x80\xAE", "\\", "\""};
	static char longer[20000];
	struct ear ear;

	ear_open(&ear);
	for (size_t f = 0; f < COUNT(forms); f++) {
		log_setup(LOG_LEVEL_INFO, forms[f]);
		for (size_t p = 0; p < COUNT(pieces); p++) {
			longer[0] = '\0';
			for (char *at = longer; at < longer + 19990;)
				at = stpcpy(at, pieces[p]);
			log_info("%s", longer);
			const char *heard = ear_hear(&ear);
			size_t length = strlen(heard);

			cr_assert_leq(length, 4096, "%zu/%zu: %zu bytes", f, p,
				length);
			cr_assert_gt(length, 1024, "%zu/%zu: %zu bytes", f, p,
				length);
			cr_assert_eq(strcspn(heard, "\n"), length - 1,
				"%zu/%zu: one line", f, p);
			cr_assert(text_is_utf8(heard, length, NULL),
				"%zu/%zu: UTF-8", f, p);
			cr_assert_not_null(
				strstr(heard, "..."), "%zu/%zu: marked", f, p);
			for (size_t i = 0; i + 1 < length; i++)
				cr_assert_geq((unsigned char)heard[i], 0x20,
					"%zu/%zu", f, p);
		}
	}
	ear_close(&ear);
}

enum { WRITERS = 4, LINES = 50 };

static void *
write_lines(void *context)
{
	const char *name = context;

	for (int i = 0; i < LINES; i++)
		log_info("%s%s%s%s", name, name, name, name);
	return NULL;
}

Test(log, threads_do_not_mix)
{
	static char names[WRITERS][33];
	pthread_t threads[WRITERS];
	struct ear ear;
	int counts[WRITERS] = {0};

	ear_open(&ear);
	log_setup(LOG_LEVEL_INFO, LOG_FORM_PLAIN);
	for (int i = 0; i < WRITERS; i++) {
		memset(names[i], 'a' + i, 32);
		cr_assert_eq(pthread_create(
				     &threads[i], NULL, write_lines, names[i]),
			0, "thread");
	}
	for (int i = 0; i < WRITERS; i++)
		pthread_join(threads[i], NULL);
	char *heard = strdup(ear_hear(&ear));
	char *rest = heard;

	for (char *line; (line = strsep(&rest, "\n")) && *line;) {
		cr_assert_eq(strlen(line), strlen("npsd: info: ") + 128,
			"whole line: %s", line);
		int who = line[strlen(line) - 1] - 'a';

		cr_assert(who >= 0 && who < WRITERS, "%s", line);
		cr_assert_eq(strspn(line + 12, names[who]), 128, "%s", line);
		counts[who]++;
	}
	for (int i = 0; i < WRITERS; i++)
		cr_assert_eq(counts[i], LINES, "writer %d: %d", i, counts[i]);
	free(heard);
	ear_close(&ear);
}

Test(log, limit)
{
	static const struct {
		int64_t now_us;
		bool passes;
		int64_t held;
	} rows[] = {
		{5, true, 0},
		{6, false, 0},
		{1004, false, 0},
		{1005, true, 2},
		{2004, false, 0},
		{9000, true, 1},
		{20000, true, 0},
	};
	struct log_limit limit = {0};

	for (size_t i = 0; i < COUNT(rows); i++) {
		int64_t held = -1;
		bool passes =
			log_limit_passes(&limit, rows[i].now_us, 1000, &held);

		cr_assert_eq(passes, rows[i].passes, "row %zu", i);
		if (passes)
			cr_assert_eq(held, rows[i].held, "row %zu", i);
	}
	/* A clock that starts at zero. */
	limit = (struct log_limit){0};
	cr_assert(log_limit_passes(&limit, 0, 1000, NULL), "first");
	cr_assert_not(log_limit_passes(&limit, 0, 1000, NULL), "second");
}
