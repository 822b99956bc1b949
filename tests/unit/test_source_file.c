/*
 * Answers out of files that grow: FAULTS rows S01-S10, S12, S14-S17. The real
 * loop and real files; the host of source_case settles.
 */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/memory.h"
#include "source/place.h"
#include "../support/source_case.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
/* Short times, so that nothing is waited for long. */
#define TIMES ", rescan: 20ms, quiet: 60ms, forget: 1h}"
#define PLAIN "{path: FOLDER/r.jsonl" TIMES
#define GLOB "{path: \"FOLDER/*.jsonl\"" TIMES

TestSuite(source_file, .timeout = 120);

static void
start(struct source_case *it, const char *yaml)
{
	source_case_init(it, &source_file);
	source_case_open(it, yaml);
}

static void
restart(struct source_case *it, const char *yaml)
{
	source_case_close(it);
	source_case_open(it, yaml);
}

/* The text of all that was kept, each with a ';'. */
static char *
all_text(const struct source_case *it)
{
	struct buf out = {0};

	buf_append_text(&out, "");
	for (size_t i = 0; i < it->kept_count; i++)
		buf_printf(&out, "%s;", it->kept[i].text);
	return buf_take(&out);
}

static void
assert_kept(struct source_case *it, size_t records, const char *wanted)
{
	char *text;

	source_case_expect(it, records);
	text = all_text(it);
	cr_assert_str_eq(text, wanted, "kept: %s", text);
	free(text);
}

static struct place
only_place(const struct source_case *it)
{
	struct place place = {0};
	const char *key;
	json_t *text;

	cr_assert_eq(json_object_size(it->places), 1, "one place");
	json_object_foreach(it->places, key, text)
		cr_assert(place_read(json_string_value(text), &place, NULL),
			"%s", json_string_value(text));
	return place;
}

/* Lines {"n":FIRST} ... in one write. */
static void
append_lines(const char *name, int first, int count)
{
	struct buf out = {0};

	for (int i = first; i < first + count; i++)
		buf_printf(&out, "{\"n\":%d}\n", i);
	append_file(name, out.data, out.length);
	buf_done(&out);
}

/* Every n from 0 once, and in order if in_order. */
static void
assert_numbers(const struct source_case *it, int count, bool in_order)
{
	char *seen = mem_new((size_t)count, 1);

	cr_assert_eq(it->kept_count, (size_t)count, "%zu of %d", it->kept_count,
		count);
	for (size_t i = 0; i < it->kept_count; i++) {
		int n = -1;

		cr_assert_eq(sscanf(it->kept[i].text, "{\"n\":%d}", &n), 1,
			"%s", it->kept[i].text);
		cr_assert(n >= 0 && n < count && !seen[n], "%d twice", n);
		cr_assert(!in_order || n == (int)i, "%d came as %zu", n, i);
		seen[n] = 1;
	}
	free(seen);
}

Test(source_file, settings)
{
	static const struct {
		const char *yaml;
		const char *error; /* NULL: good */
	} rows[] = {
		{"{path: /var/spool/x.jsonl}", NULL},
		{"{path: /var/spool/*.jsonl, survey: nps}", NULL},
		{"{path: /x, revisions: arrival}", NULL},
		{"{path: /x, revisions: number}", NULL},
		{"{path: /x, revisions: never}", "number or arrival"},
		{"{path: x.jsonl}", "path from the root"},
		{"{path: /var/spool/}", "type: directory"},
		{"{}", "path"},
		{"{path: /x, pth: /y}", "pth"},
	};
	struct source_case it;

	source_case_init(&it, &source_file);
	for (size_t i = 0; i < COUNT(rows); i++) {
		char *errors = source_case_check(&it, rows[i].yaml);

		if (rows[i].error == NULL)
			cr_assert_str_eq(errors, "", "%s", errors);
		else
			cr_assert(strstr(errors, rows[i].error), "%s: %s",
				rows[i].yaml, errors);
		free(errors);
	}
	source_case_done(&it);
}

Test(source_file, reads_what_is_there_and_what_comes)
{
	struct source_case it;
	struct place place;

	source_case_init(&it, &source_file);
	write_text("r.jsonl", "\xEF\xBB\xBF{\"a\":1}\r\n\n{\"a\":2}\n{\"a\"");
	source_case_open(&it, PLAIN);
	assert_kept(&it, 2, "{\"a\":1};{\"a\":2};");
	cr_assert_eq(it.kept[0].line, 1, "line");
	cr_assert_eq(it.kept[1].line, 3, "line");
	cr_assert_str_eq(it.kept[0].label, "r.jsonl", "label");
	source_case_until(&it, it.behind == 4);
	/* the rest of the half line, after a restart (S07) */
	place = only_place(&it);
	cr_assert_eq(place.offset, 3 + 9 + 1 + 8, "%d", (int)place.offset);
	cr_assert_eq(place.line, 3, "line");
	place_done(&place);
	restart(&it, PLAIN);
	append_text("r.jsonl", ":3");
	source_case_run(&it, 50);
	append_text("r.jsonl", "}\n");
	assert_kept(&it, 3, "{\"a\":1};{\"a\":2};{\"a\":3};");
	cr_assert_eq(it.kept[2].line, 4, "line");
	cr_assert(it.good, "%s", it.reason);
	source_case_until(&it, it.behind == 0);
	source_case_done(&it);
}

Test(source_file, waits_for_a_file_that_is_missing)
{
	struct source_case it;

	start(&it, GLOB);
	source_case_run(&it, 60);
	cr_assert(it.good, "%s", it.reason);
	append_text("a.jsonl", "1\n");
	append_text("b.txt", "no\n");
	assert_kept(&it, 1, "1;");
	append_text("b.jsonl", "2\n");
	assert_kept(&it, 2, "1;2;");
	source_case_done(&it);
}

Test(source_file, ids_come_from_generation_and_offset)
{
	struct source_case it;
	char *first, *second;

	start(&it, PLAIN);
	append_text("r.jsonl", "{}\n{\"x\":1}\n");
	source_case_expect(&it, 2);
	cr_assert(strncmp(it.kept[0].id_name, "spool\n", 6) == 0, "%s",
		it.kept[0].id_name);
	cr_assert_eq(strlen(it.kept[0].id_name), 6 + 36 + 1 + 1, "%s",
		it.kept[0].id_name);
	cr_assert_str_eq(it.kept[1].id_name + 6 + 36, "\n3", "the offset");
	cr_assert(strncmp(it.kept[0].id_name, it.kept[1].id_name, 42) == 0,
		"one generation");
	first = mem_strdup(it.kept[0].id_name);
	/* the same after a restart, another after a truncation */
	restart(&it, PLAIN);
	append_text("r.jsonl", "{}\n");
	source_case_expect(&it, 3);
	cr_assert(strncmp(first, it.kept[2].id_name, 42) == 0, "restart");
	cr_assert_eq(truncate("r.jsonl", 0), 0, "truncate");
	append_text("r.jsonl", "{}\n");
	source_case_expect(&it, 4);
	second = it.kept[3].id_name;
	cr_assert(strncmp(first, second, 42) != 0, "a new generation");
	cr_assert_str_eq(second + 6 + 36, "\n0", "from the first byte");
	free(first);
	source_case_done(&it);
}

Test(source_file, batches_are_bounded_and_pipelined)
{
	struct source_case it;

	source_case_init(&it, &source_file);
	append_lines("r.jsonl", 0, 3000);
	it.by_hand = true;
	source_case_open(&it, PLAIN);
	source_case_until(&it, it.held_count == 2);
	source_case_run(&it, 50);
	cr_assert_eq(it.held_count, 2, "two under way, not %zu", it.held_count);
	cr_assert_eq(it.held[0]->count, SOURCE_BATCH_RECORDS, "full");
	cr_assert_not(it.held[0]->follows, "the first follows none");
	cr_assert(it.held[1]->follows, "the second follows");
	it.by_hand = false;
	source_case_expect(&it, 3000);
	assert_numbers(&it, 3000, true);
	source_case_done(&it);
}

Test(source_file, a_full_inbox_is_waited_for)
{
	struct source_case it;

	source_case_init(&it, &source_file);
	append_lines("a.jsonl", 0, 1200);
	append_lines("b.jsonl", 1200, 1200);
	it.full = true;
	source_case_open(&it, GLOB);
	source_case_until(&it, it.waits_for_room);
	source_case_run(&it, 60);
	cr_assert_eq(it.offers, 0, "nothing was taken");
	source_case_room(&it);
	source_case_expect(&it, 2400);
	assert_numbers(&it, 2400, false);
	/* again, in the middle */
	it.full = true;
	append_lines("b.jsonl", 2400, 1);
	source_case_until(&it, it.waits_for_room);
	source_case_room(&it);
	source_case_expect(&it, 2401);
	source_case_done(&it);
}

Test(source_file, what_was_not_kept_is_offered_again_in_order)
{
	struct source_case it;

	source_case_init(&it, &source_file);
	append_lines("r.jsonl", 0, 2100);
	it.by_hand = true;
	source_case_open(&it, PLAIN);
	source_case_until(&it, it.held_count == 2);
	/* the first fails, the second would have been good */
	it.broken = true;
	source_case_settle(&it, 1);
	source_case_run(&it, 30);
	cr_assert_eq(it.held_count, 1, "nothing new before all are back");
	source_case_settle(&it, 1);
	it.broken = false;
	source_case_until(&it, it.held_count == 2);
	cr_assert_not(it.held[0]->follows, "the first again");
	it.by_hand = false;
	source_case_expect(&it, 2100);
	assert_numbers(&it, 2100, true);
	source_case_done(&it);
}

Test(source_file, closes_with_batches_under_way)
{
	struct source_case it;

	source_case_init(&it, &source_file);
	append_lines("r.jsonl", 0, 3000);
	it.by_hand = true;
	source_case_open(&it, PLAIN);
	source_case_until(&it, it.held_count == 2);
	it.kind->close(it.source);
	cr_assert_eq(it.closed, 0, "batches are under way");
	source_case_settle(&it, 1);
	cr_assert_eq(it.closed, 0, "one is");
	source_case_settle(&it, 1);
	cr_assert_eq(it.closed, 1, "closed");
	/* the next run goes on behind them */
	it.by_hand = false;
	source_case_open(&it, PLAIN);
	source_case_expect(&it, 3000);
	assert_numbers(&it, 3000, true);
	/* and what was killed is read again */
	append_lines("r.jsonl", 3000, 1000);
	it.by_hand = true;
	source_case_until(&it, it.held_count == 2);
	source_case_kill(&it);
	it.by_hand = false;
	source_case_open(&it, PLAIN);
	source_case_expect(&it, 4000);
	assert_numbers(&it, 4000, true);
	source_case_done(&it);
}

/* S01 */
Test(source_file, rotation_by_renaming_loses_nothing)
{
	struct source_case it;
	int n = 0;

	start(&it, PLAIN);
	for (int i = 0; i < 300; i++) {
		char name[32];

		append_lines("r.jsonl", n, 7);
		n += 7;
		source_case_turn(&it);
		snprintf(name, sizeof(name), "r.jsonl.%d", i + 1);
		/* the writer goes on in the renamed file for a moment */
		int fd = open("r.jsonl", O_WRONLY | O_APPEND);

		cr_assert_eq(rename("r.jsonl", name), 0, "rename");
		if (i % 3 == 0)
			source_case_turn(&it);
		dprintf(fd, "{\"n\":%d}\n", n++);
		close(fd);
		if (i % 5 == 0)
			source_case_turn(&it);
	}
	source_case_until(&it, it.counted >= (size_t)n);
	source_case_run(&it, 300);
	assert_numbers(&it, n, false);
	cr_assert(it.good, "%s", it.reason);
	source_case_done(&it);
}

static int
open_files(void)
{
	int count = 0;

	for (int fd = 3; fd < 1024; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

/* S01, S16 */
Test(source_file, rotated_and_deleted_files_are_let_go)
{
	struct source_case it;
	int before;

	start(&it, PLAIN);
	append_lines("r.jsonl", 0, 1);
	source_case_expect(&it, 1);
	before = open_files();
	for (int i = 1; i < 40; i++) {
		char name[32];

		snprintf(name, sizeof(name), "r.jsonl.%d", i);
		rename("r.jsonl", name);
		append_lines("r.jsonl", i, 1);
		source_case_until(&it, it.counted == (size_t)i + 1);
		if (i % 2 == 0)
			unlink(name);
	}
	source_case_until(&it, open_files() <= before);
	/* a late line in a rotated file is still found */
	append_lines("r.jsonl.39", 40, 1);
	source_case_expect(&it, 41);
	/* deleted while it was read (S16) */
	append_lines("r.jsonl", 41, 5000);
	it.by_hand = true;
	source_case_until(&it, it.held_count == 2);
	unlink("r.jsonl");
	it.by_hand = false;
	source_case_expect(&it, 5041);
	assert_numbers(&it, 5041, true);
	source_case_until(&it, open_files() < before);
	source_case_done(&it);
}

/* S02 */
Test(source_file, rotations_while_it_was_stopped)
{
	static const struct timespec old[2] = {
		{1795255200, 0}, {1700000000, 0}};
	struct source_case it;

	start(&it, PLAIN);
	/* history: it was there before the source ever was */
	append_text("r.jsonl.3", "history\n");
	utimensat(AT_FDCWD, "r.jsonl.3", old, 0);
	source_case_close(&it);
	json_object_clear(it.places);
	source_case_open(&it, PLAIN);
	append_lines("r.jsonl", 0, 10);
	source_case_expect(&it, 10);
	it.by_hand = true;
	append_lines("r.jsonl", 10, 10);
	source_case_until(&it, it.held_count > 0);
	source_case_kill(&it);
	it.by_hand = false;
	/* three rotations, the oldest of them also compressed */
	rename("r.jsonl", "r.jsonl.2");
	append_lines("r.jsonl", 20, 5);
	rename("r.jsonl.2", "r-20261121.jsonl");
	rename("r.jsonl", "r.jsonl.1");
	append_lines("r.jsonl", 25, 5);
	append_text("r.jsonl.2.gz", "compressed\n");
	/* mtimes are coarse: make the order plain */
	for (int i = 0; i < 3; i++) {
		static const char *const names[] = {
			"r-20261121.jsonl", "r.jsonl.1", "r.jsonl"};
		struct timespec times[2];

		clock_gettime(CLOCK_REALTIME, &times[0]);
		times[0].tv_sec += i + 1;
		times[1] = times[0];
		utimensat(AT_FDCWD, names[i], times, 0);
	}
	source_case_open(&it, PLAIN);
	source_case_expect(&it, 30);
	assert_numbers(&it, 30, true);
	/* and nothing twice the next time */
	restart(&it, PLAIN);
	source_case_run(&it, 100);
	cr_assert_eq(it.counted, 30, "%zu", it.counted);
	source_case_done(&it);
}

/* Rotations that nobody saw happen: between two looks. */
Test(source_file, a_file_that_came_and_rotated_between_two_looks)
{
	struct source_case it;

	start(&it, PLAIN);
	append_lines("r.jsonl", 0, 1);
	source_case_expect(&it, 1);
	rename("r.jsonl", "r.jsonl.2");
	append_lines("r.jsonl", 1, 3);
	rename("r.jsonl", "r.jsonl.1");
	append_lines("r.jsonl", 4, 1);
	source_case_expect(&it, 5);
	assert_numbers(&it, 5, false);
	source_case_done(&it);
}

static void
append_wide(const char *name, int first, int count)
{
	for (int i = first; i < first + count; i++) {
		char line[200];

		snprintf(line, sizeof(line), "{\"n\":%d}%150s\n", i, "");
		append_text(name, line);
	}
}

/* S03 */
Test(source_file, copytruncate_begins_anew_and_tells)
{
	struct source_case it;
	char *text;

	start(&it, PLAIN);
	append_wide("r.jsonl", 0, 20);
	source_case_expect(&it, 20);
	text = file_text("r.jsonl");
	write_text("r.jsonl.1", text);
	free(text);
	cr_assert_eq(truncate("r.jsonl", 0), 0, "truncate");
	source_case_until(&it, it.bad_news > 0);
	append_wide("r.jsonl", 20, 2);
	source_case_expect(&it, 22);
	for (size_t i = 0; i < 22; i++) {
		int n = -1;

		sscanf(it.kept[i].text, "{\"n\":%d}", &n);
		cr_assert_eq(n, (int)i, "the copy is no source: %s",
			it.kept[i].text);
	}
	cr_assert_eq(it.bad_news, 1, "told %d times", it.bad_news);
	cr_assert_eq(it.losses, 1, "counted %d times", it.losses);
	source_case_until(&it, it.good);
	/* nor is it one after a restart */
	restart(&it, PLAIN);
	source_case_run(&it, 80);
	cr_assert_eq(it.counted, 22, "%zu", it.counted);
	source_case_done(&it);
}

/* S04, running and stopped */
Test(source_file, truncated_and_grown_past_the_old_offset)
{
	for (int stopped = 0; stopped < 2; stopped++) {
		struct source_case it;

		start(&it, PLAIN);
		append_lines("r.jsonl", 0, 3);
		source_case_expect(&it, 3);
		if (stopped)
			source_case_close(&it);
		write_text("r.jsonl", "");
		append_lines("r.jsonl", 3, 100);
		if (stopped)
			source_case_open(&it, PLAIN);
		source_case_expect(&it, 103);
		assert_numbers(&it, 103, true);
		/* what was not read between the two looks: nobody knows */
		cr_assert_eq(it.losses, 1, "counted %d times", it.losses);
		cr_assert_eq(it.bad_news, 1, "told %d times", it.bad_news);
		source_case_done(&it);
	}
}

/* S05: the inode is given out again at once. */
Test(source_file, another_file_under_the_same_inode)
{
	for (int stopped = 0; stopped < 2; stopped++) {
		struct source_case it;
		struct stat before, after;

		start(&it, PLAIN);
		append_lines("r.jsonl", 0, 5);
		source_case_expect(&it, 5);
		stat("r.jsonl", &before);
		if (stopped)
			source_case_close(&it);
		unlink("r.jsonl");
		if (!stopped)
			source_case_run(&it, 250); /* and it is closed */
		/* the same size, other content */
		append_text("r.jsonl",
			"{\"n\":9}\n{\"n\":8}\n{\"n\":7}\n{\"n\":6}\n"
			"{\"n\":5}\n");
		stat("r.jsonl", &after);
		if (stopped)
			source_case_open(&it, PLAIN);
		source_case_expect(&it, 10);
		assert_numbers(&it, 10, false);
		if (before.st_ino != after.st_ino)
			cr_log_info("the inode was not given out again");
		source_case_done(&it);
	}
}

/* S03, S05: the inode of a rotated file that was read and removed is given to
 * the new one. That is no loss. */
Test(source_file, rotation_over_a_reused_inode_is_no_loss)
{
	struct source_case it;
	struct stat before, after;

	start(&it, PLAIN);
	append_lines("r.jsonl", 0, 5);
	source_case_expect(&it, 5);
	stat("r.jsonl", &before);
	rename("r.jsonl", "r.jsonl.1");
	append_lines("r.jsonl", 5, 5);
	source_case_expect(&it, 10);
	source_case_run(&it, 250); /* the first is closed */
	unlink("r.jsonl.1");
	rename("r.jsonl", "r.jsonl.1");
	append_lines("r.jsonl", 10, 5);
	stat("r.jsonl", &after);
	source_case_expect(&it, 15);
	assert_numbers(&it, 15, false);
	cr_assert_eq(it.losses, 0, "counted %d times", it.losses);
	if (before.st_ino != after.st_ino)
		cr_log_info("the inode was not given out again");
	source_case_done(&it);
}

/* S06 */
Test(source_file, tiny_files_with_equal_heads)
{
	struct source_case it;
	size_t records = 0;

	source_case_init(&it, &source_file);
	for (int i = 0; i < 60; i++) {
		char name[32];

		snprintf(name, sizeof(name), "%02d.jsonl", i);
		write_text(name, "");
		for (int j = 0; j < i; j++)
			append_text(name, "{\"s\":1}\n");
		records += (size_t)i;
	}
	source_case_open(&it, GLOB);
	source_case_expect(&it, records);
	restart(&it, GLOB);
	source_case_run(&it, 80);
	cr_assert_eq(it.counted, records, "again: %zu", it.counted);
	for (int i = 0; i < 60; i++) {
		char name[32];

		snprintf(name, sizeof(name), "%02d.jsonl", i);
		append_text(name, "{\"s\":1}\n");
	}
	source_case_expect(&it, records + 60);
	source_case_done(&it);
}

/* S08 */
Test(source_file, a_last_line_without_its_end)
{
	static const struct {
		const char *last;
		int records; /* after the first line */
		bool refused;
	} rows[] = {
		{"{\"a\":2}", 1, false},
		{"{\"a\":", 1, true},
		{"[1]", 1, true},
		{"  ", 0, false},
		{"", 0, false},
	};

	for (size_t i = 0; i < COUNT(rows) * 2; i++) {
		size_t row = i / 2;
		bool deleted = i % 2 == 1;
		struct source_case it;
		size_t wanted = 1 + (size_t)rows[row].records;

		start(&it, PLAIN);
		append_text("r.jsonl", "{\"a\":1}\n");
		append_text("r.jsonl", rows[row].last);
		source_case_expect(&it, 1);
		source_case_run(&it, 100);
		cr_assert_eq(it.counted, 1, "the live file waits");
		if (deleted)
			unlink("r.jsonl");
		else
			rename("r.jsonl", "r.jsonl.1");
		write_text("r.jsonl", "");
		source_case_until(&it, it.counted == wanted);
		source_case_run(&it, wanted == 1 ? 350 : 80);
		cr_assert_eq(
			it.counted, wanted, "row %zu: %zu", row, it.counted);
		if (rows[row].records == 1) {
			cr_assert_eq(it.kept[1].refused, rows[row].refused,
				"row %zu", row);
			cr_assert_str_eq(
				it.kept[1].text, rows[row].last, "text");
		}
		if (rows[row].refused)
			cr_assert_eq(it.kept[1].reason, REJECTED_INCOMPLETE,
				"row %zu", row);
		/* and it is not read again */
		restart(&it, PLAIN);
		source_case_run(&it, 100);
		cr_assert_eq(it.counted, wanted, "row %zu again", row);
		source_case_done(&it);
	}
}

/* S09 */
Test(source_file, lines_that_are_too_long)
{
	static const size_t sizes[] = {RESPONSE_LIMIT_BYTES,
		RESPONSE_LIMIT_BYTES + 1, RESPONSE_LIMIT_BYTES + 100,
		SOURCE_BATCH_BYTES, 1024 * 1024, 64 * 1024 * 1024};
	size_t records = 0;
	struct source_case it;

	start(&it, PLAIN);
	for (size_t i = 0; i < COUNT(sizes); i++) {
		char *line = mem_new(sizes[i] + 3, 1);
		const struct kept_record *kept;

		memset(line, 'x', sizes[i]);
		memcpy(line + sizes[i], "\n1\n", 3);
		append_file("r.jsonl", line, sizes[i] + 3);
		source_case_expect(&it, records += 2);
		kept = &it.kept[records - 2];
		cr_assert_eq(kept->refused, i > 0, "%zu", sizes[i]);
		if (i > 0) {
			cr_assert_eq(kept->reason, REJECTED_TOO_LONG, "why");
			cr_assert_eq(kept->full_length, sizes[i], "%zu is %zu",
				sizes[i], kept->full_length);
			cr_assert_leq(
				strlen(kept->text), 8 * 1024, "its start");
			cr_assert_geq(strlen(kept->text), 1024, "its start");
		}
		cr_assert_eq(kept->line, (int64_t)records - 1, "line");
		cr_assert_str_eq(kept[1].text, "1", "the next one works");
		cr_assert_eq(kept[1].line, (int64_t)records, "line");
		free(line);
	}
	cr_assert_lt(it.most_held_bytes, 4 * 1024 * 1024, "memory: %zu",
		it.most_held_bytes);
	source_case_done(&it);
}

/* S09: its end comes late, in pieces, and after a restart. */
Test(source_file, an_endless_line)
{
	static char piece[300000];
	struct source_case it;

	memset(piece, 'x', sizeof(piece));
	start(&it, PLAIN);
	append_text("r.jsonl", "1\n");
	for (int i = 0; i < 20; i++) {
		append_file("r.jsonl", piece, sizeof(piece));
		source_case_turn(&it);
		if (i == 10)
			restart(&it, PLAIN);
	}
	source_case_run(&it, 50);
	cr_assert_eq(it.counted, 1, "not ended yet");
	append_text("r.jsonl", "\n2\n");
	source_case_expect(&it, 3);
	cr_assert_eq(it.kept[1].full_length, 20 * sizeof(piece), "%zu",
		it.kept[1].full_length);
	cr_assert_eq(it.kept[1].line, 2, "line");
	cr_assert_str_eq(it.kept[2].text, "2", "next");
	/* one that never ends is booked when its file rotates */
	append_file("r.jsonl", piece, sizeof(piece));
	source_case_run(&it, 30);
	rename("r.jsonl", "r.jsonl.1");
	append_text("r.jsonl", "3\n");
	source_case_expect(&it, 4);
	source_case_until(&it, it.counted == 5);
	cr_assert_eq(it.kept[4].reason, REJECTED_TOO_LONG, "reason");
	source_case_done(&it);
}

/* S10 */
Test(source_file, nul_bytes_and_holes)
{
	struct source_case it;

	start(&it, PLAIN);
	append_file("r.jsonl", "{\"a\":\0}\n1\n", 10);
	source_case_expect(&it, 2);
	cr_assert_str_eq(it.kept[1].text, "1", "the next one");
	cr_assert_eq(truncate("r.jsonl", INT64_C(1) << 40), 0, "sparse");
	append_text("r.jsonl", "\n2\n");
	source_case_expect(&it, 4);
	cr_assert_eq(it.kept[2].reason, REJECTED_TOO_LONG, "a hole");
	cr_assert_eq(it.kept[2].full_length, (INT64_C(1) << 40) - 10, "%zu",
		it.kept[2].full_length);
	cr_assert_str_eq(it.kept[3].text, "2", "next");
	cr_assert_lt(it.most_held_bytes, 4 * 1024 * 1024, "memory");
	source_case_done(&it);
}

/* S14, S15 */
Test(source_file, what_is_no_plain_file_is_never_read)
{
	static const char *const words[] = {
		"symbolic link", "FIFO", "socket", "folder"};

	for (size_t i = 0; i < COUNT(words); i++) {
		struct source_case it;
		struct sockaddr_un address = {.sun_family = AF_UNIX};
		int fd = -1;

		source_case_init(&it, &source_file);
		append_text("other", "secret\n");
		if (i == 0)
			cr_assert_eq(symlink("other", "r.jsonl"), 0, "link");
		if (i == 1)
			cr_assert_eq(mkfifo("r.jsonl", 0600), 0, "fifo");
		if (i == 2) {
			fd = socket(AF_UNIX, SOCK_STREAM, 0);
			strcpy(address.sun_path, "r.jsonl");
			cr_assert_eq(bind(fd, (struct sockaddr *)&address,
					     sizeof(address)),
				0, "socket");
		}
		if (i == 3)
			cr_assert_eq(mkdir("r.jsonl", 0700), 0, "folder");
		append_text("a.jsonl", "good\n");
		source_case_open(&it, GLOB);
		assert_kept(&it, 1, "good;");
		cr_assert_not(it.good, "%s", words[i]);
		cr_assert(strstr(it.reason, words[i]), "%s: %s", words[i],
			it.reason);
		/* a plain one takes its place */
		remove("r.jsonl");
		append_text("r.jsonl", "better\n");
		assert_kept(&it, 2, "good;better;");
		source_case_until(&it, it.good);
		if (fd >= 0)
			close(fd);
		source_case_done(&it);
	}
}

/* S17 */
Test(source_file, folders_and_files_that_cannot_be_read)
{
	struct source_case it;

	source_case_init(&it, &source_file);
	source_case_open(&it, "{path: FOLDER/sub/r.jsonl" TIMES);
	source_case_until(&it, !it.good);
	cr_assert(strstr(it.reason, "sub"), "%s", it.reason);
	mkdir("sub", 0700);
	append_text("sub/r.jsonl", "1\n");
	assert_kept(&it, 1, "1;");
	source_case_until(&it, it.good);
	/* removed and made again */
	unlink("sub/r.jsonl");
	rmdir("sub");
	source_case_until(&it, !it.good);
	mkdir("sub", 0700);
	append_text("sub/r.jsonl", "2\n");
	assert_kept(&it, 2, "1;2;");
	source_case_until(&it, it.good);
	append_text("sub/r.jsonl", "3\n");
	assert_kept(&it, 3, "1;2;3;");
	if (geteuid() != 0) {
		chmod("sub", 0);
		source_case_until(&it, !it.good);
		chmod("sub", 0700);
		source_case_until(&it, it.good);
	}
	source_case_done(&it);
}

Test(source_file, folders_by_pattern)
{
	struct source_case it;

	source_case_init(&it, &source_file);
	mkdir("a", 0700);
	append_text("a/r.jsonl", "1\n");
	source_case_open(&it, "{path: \"FOLDER/*/r.jsonl\"" TIMES);
	assert_kept(&it, 1, "1;");
	mkdir("b", 0700);
	append_text("b/r.jsonl", "2\n");
	assert_kept(&it, 2, "1;2;");
	append_text("b/r.jsonl", "3\n");
	assert_kept(&it, 3, "1;2;3;");
	source_case_done(&it);
}

/* The store does not fill with places of files that are gone. */
Test(source_file, places_of_lost_files_go)
{
	struct source_case it;

	start(&it, GLOB);
	append_text("a.jsonl", "1\n");
	append_text("b.jsonl", "2\n");
	source_case_expect(&it, 2);
	cr_assert_eq(json_object_size(it.places), 2, "two places");
	/* seen to be deleted: at once */
	unlink("a.jsonl");
	source_case_until(&it, json_object_size(it.places) == 1);
	source_case_run(&it, 100);
	append_text("b.jsonl", "3\n");
	source_case_expect(&it, 3);
	/* one that went while the daemon was stopped: after a while */
	source_case_close(&it);
	unlink("b.jsonl");
	source_case_open(&it, GLOB);
	source_case_run(&it, 60);
	cr_assert_eq(json_object_size(it.places), 1, "not at once");
	it.ahead_ms += 2 * 3600 * 1000;
	source_case_until(&it, json_object_size(it.places) == 0);
	source_case_done(&it);
}

/* Reloads and restarts do not begin that while anew. */
Test(source_file, the_while_of_a_lost_file_goes_on_over_restarts)
{
	struct source_case it;
	struct place place;

	start(&it, GLOB);
	cr_assert_eq(mkdir("away", 0700), 0, "mkdir");
	append_text("a.jsonl", "1\n");
	source_case_expect(&it, 1);
	source_case_close(&it);
	cr_assert_eq(rename("a.jsonl", "away/a"), 0, "rename");
	source_case_open(&it, GLOB);
	source_case_run(&it, 60);
	place = only_place(&it);
	cr_assert_neq(place.gone_ms, 0, "told in its place");
	place_done(&place);
	/* back meanwhile: the while begins anew when it goes once more */
	it.ahead_ms += 40 * 60 * 1000;
	cr_assert_eq(rename("away/a", "a.jsonl"), 0, "rename");
	source_case_run(&it, 60);
	place = only_place(&it);
	cr_assert_eq(place.gone_ms, 0, "it is there");
	cr_assert_eq(place.offset, 2, "read up to there");
	place_done(&place);
	source_case_close(&it);
	cr_assert_eq(rename("a.jsonl", "away/a"), 0, "rename");
	for (int i = 0; i < 2; i++) {
		source_case_open(&it, GLOB);
		source_case_run(&it, 60);
		cr_assert_eq(json_object_size(it.places), 1, "%d", i);
		source_case_close(&it);
		it.ahead_ms += 40 * 60 * 1000;
	}
	/* known as the one that was read, as long as its place stands */
	cr_assert_eq(rename("away/a", "a.jsonl"), 0, "rename");
	source_case_open(&it, GLOB);
	append_text("a.jsonl", "2\n");
	source_case_expect(&it, 2);
	source_case_close(&it);
	cr_assert_eq(unlink("a.jsonl"), 0, "unlink");
	for (int i = 0; i < 2; i++) {
		source_case_open(&it, GLOB);
		source_case_run(&it, 60);
		cr_assert_eq(json_object_size(it.places), 1, "%d", i);
		source_case_close(&it);
		it.ahead_ms += 40 * 60 * 1000;
	}
	source_case_open(&it, GLOB);
	source_case_until(&it, json_object_size(it.places) == 0);
	source_case_done(&it);
}

Test(source_file, many_files_with_few_open)
{
	struct source_case it;

	source_case_init(&it, &source_file);
	for (int i = 0; i < 700; i++) {
		char name[32];

		snprintf(name, sizeof(name), "%03d.jsonl", i);
		append_lines(name, i, 1);
	}
	source_case_open(&it, GLOB);
	source_case_until(&it, it.counted == 700);
	cr_assert_lt(open_files(), 300, "%d open", open_files());
	for (int i = 0; i < 700; i += 7) {
		char name[32];

		snprintf(name, sizeof(name), "%03d.jsonl", i);
		append_lines(name, 700 + i / 7, 1);
	}
	source_case_expect(&it, 800);
	assert_numbers(&it, 800, false);
	source_case_done(&it);
}
