/*
 * Answers in whole files: FAULTS rows S08, S14, S15, S17-S20. The real loop and
 * real files; the host of source_case settles.
 */
#include <criterion/criterion.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "source/drop_place.h"
#include "../support/source_case.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define YAML "{path: FOLDER/in, rescan: 20ms, settle: 100ms}"
#define GOOD "{\"score\":9}"
#define MARK "\xEF\xBB\xBF"

TestSuite(source_directory, .timeout = 120);

static void
start(struct source_case *it)
{
	source_case_init(it, &source_directory);
	mkdir("in", 0700);
	source_case_open(it, YAML);
}

/* As it is best done: under another name, then renamed. */
static void
drop(const char *name, const char *text)
{
	char *target = mem_printf("in/%s", name);

	write_text("in/.new", text);
	cr_assert_eq(rename("in/.new", target), 0, "rename");
	free(target);
}

static int
count_names(const char *path)
{
	DIR *folder = opendir(path);
	int count = 0;

	if (folder == NULL)
		return 0;
	for (const struct dirent *entry; (entry = readdir(folder)) != NULL;)
		count += entry->d_name[0] != '.';
	closedir(folder);
	return count;
}

static bool
all_good_or(const struct source_case *it, enum rejection_reason reason)
{
	for (size_t i = 0; i < it->kept_count; i++)
		if (it->kept[i].refused && it->kept[i].reason != reason)
			return false;
	return true;
}

Test(source_directory, settings)
{
	struct source_case it;
	char *errors;

	source_case_init(&it, &source_directory);
	errors = source_case_check(&it, "{path: /var/spool/npsd/incoming}");
	cr_assert_str_eq(errors, "", "%s", errors);
	free(errors);
	errors = source_case_check(&it, "{path: incoming}");
	cr_assert(strstr(errors, "path from the root"), "%s", errors);
	free(errors);
	source_case_done(&it);
}

Test(source_directory, forms_of_files)
{
	static const struct {
		const char *name, *text;
		size_t records;
		const char *first;
		const char *into;
		bool incomplete;
	} rows[] = {
		{"a.json", GOOD, 1, GOOD, "done", false},
		{"b.json", MARK " {\n\"score\":\r\n9}\n", 1,
			"{\n\"score\":\r\n9}", "done", false},
		{"c.json", "[" GOOD ",\n" GOOD "]\n", 2, GOOD, "done", false},
		{"d.json", "[]", 0, NULL, "done", false},
		{"e.json", "[" GOOD ",", 1, "[" GOOD ",", "rejected", false},
		{"f.json", "no", 1, "no", "rejected", false},
		{"g.json", "7", 1, "7", "rejected", false},
		{"h.json", "{\"score\":11}", 1, "{\"score\":11}", "done",
			false},
		{"i.json", " \n", 1, "", "rejected", false},
		{"j.jsonl", MARK GOOD "\r\n\n" GOOD "\n", 2, GOOD, "done",
			false},
		{"k.jsonl", GOOD "\n" GOOD, 2, GOOD, "done", false},
		{"l.jsonl", GOOD "\n{\"score\"", 2, GOOD, "done", true},
		{"m.jsonl", "{\"score\"", 1, "{\"score\"", "rejected", true},
		{"n.jsonl", "no\n" GOOD "\n", 2, "no", "done", false},
		{"o.jsonl", "no\nnope\n", 2, "no", "rejected", false},
		{"p.jsonl", "\n\n", 0, NULL, "done", false},
		{"q.csv", MARK "id;score\r\n\r\na;9\r\nb;8\r\n;\r\n", 2,
			"{\"id\":\"a\",\"score\":9}", "done", false},
		{"r.csv", "", 0, NULL, "done", false},
		{"s.csv", "score,id\n", 0, NULL, "done", false},
	};
	struct source_case it;
	size_t records = 0;

	start(&it);
	for (size_t i = 0; i < COUNT(rows); i++) {
		char *where =
			mem_printf("in/%s/%s", rows[i].into, rows[i].name);
		size_t before = it.kept_count;

		drop(rows[i].name, rows[i].text);
		source_case_until(&it, file_exists(where));
		records += rows[i].records;
		cr_assert_eq(it.counted, records, "%s: %zu", rows[i].name,
			it.counted);
		if (rows[i].first != NULL)
			cr_assert_str_eq(it.kept[before].text, rows[i].first,
				"%s", rows[i].name);
		if (rows[i].records > 0)
			cr_assert_str_eq(
				it.kept[before].label, rows[i].name, "label");
		for (size_t j = 0; j < rows[i].records; j++)
			cr_assert_eq(it.kept[before + j].refused,
				rows[i].incomplete && j + 1 == rows[i].records,
				"%s: %zu", rows[i].name, j);
		free(where);
	}
	cr_assert(all_good_or(&it, REJECTED_INCOMPLETE), "reasons");
	cr_assert(it.good, "%s", it.reason);
	source_case_done(&it);
}

/* What a row says, and what is refused, with its line. */
Test(source_directory, tables)
{
	struct source_case it;

	source_case_init(&it, &source_directory);
	mkdir("in", 0700);
	source_case_open(&it, "{path: FOLDER/in, rescan: 20ms, settle: 100ms,"
			      " csv: {columns: {score: Points}}}");
	drop("a.csv", "id,Points,comment\n"
		      "a,9,\"two\nlines\"\n"
		      "b,\"8,c\n"
		      "c,7,x,y\n"
		      "d,6,\n");
	source_case_expect(&it, 4);
	cr_assert_str_eq(it.kept[0].text,
		"{\"score\":9,\"id\":\"a\",\"comment\":\"two\\nlines\"}", "%s",
		it.kept[0].text);
	cr_assert_eq(it.kept[0].line, 2, "line");
	cr_assert_str_eq(it.kept[1].text, "b,\"8,c", "%s", it.kept[1].text);
	cr_assert_eq(it.kept[1].line, 4, "line");
	cr_assert_eq(it.kept[1].reason, REJECTED_CSV, "reason");
	cr_assert_eq(it.kept[2].reason, REJECTED_CSV, "reason");
	cr_assert_eq(it.kept[2].line, 5, "line");
	cr_assert_not(it.kept[3].refused, "%s", it.kept[3].text);
	source_case_until(&it, file_exists("in/done/a.csv"));
	/* A header without a score: all of the file is refused, once. */
	drop("b.csv", "id,Score?\na,9\nb,8\n");
	source_case_until(&it, file_exists("in/rejected/b.csv"));
	cr_assert_eq(it.counted, 5, "%zu", it.counted);
	cr_assert_str_eq(it.kept[4].text, "id,Score?", "%s", it.kept[4].text);
	source_case_done(&it);
}

/* Many batches, killed in between; a row that is too long; a header alone
 * tells what is what after a restart. */
Test(source_directory, big_tables_and_kills)
{
	enum { ROWS = 3000, LONG = 300000 };
	struct source_case it;
	struct buf text = {0};
	char *noise = mem_new(LONG + 1, 1);

	memset(noise, 'x', LONG);
	buf_append_text(&text, "score;id\n");
	for (int i = 0; i < ROWS; i++)
		buf_printf(&text, "%d;r-%d\n", i % 11, i);
	buf_printf(&text, "%s;1\n7;last\n", noise);
	start(&it);
	it.by_hand = true;
	drop("a.csv", text.data);
	source_case_until(&it, it.held_count == 2);
	source_case_settle(&it, 1);
	source_case_kill(&it);
	it.by_hand = false;
	source_case_open(&it, YAML);
	source_case_expect(&it, ROWS + 2);
	cr_assert_eq(it.kept[ROWS].reason, REJECTED_TOO_LONG, "too long");
	cr_assert_eq(it.kept[ROWS].line, ROWS + 2, "line");
	cr_assert_str_eq(it.kept[ROWS + 1].text,
		"{\"score\":7,\"id\":\"last\"}", "%s", it.kept[ROWS + 1].text);
	for (int i = 0; i < ROWS; i++)
		cr_assert_eq(it.kept[i].line, i + 2, "%d", i);
	cr_assert_leq(it.most_held_bytes, 4 * SOURCE_BATCH_BYTES, "memory");
	buf_done(&text);
	free(noise);
	source_case_done(&it);
}

/* In slices: more files than one takes. */
Test(source_directory, what_was_kept_long_enough_is_removed)
{
	enum { FILES = 450 };
	struct source_case it;
	struct stat status;
	char name[40];

	source_case_init(&it, &source_directory);
	mkdir("in", 0700);
	mkdir("in/done", 0700);
	mkdir("in/done/folder", 0700);
	cr_assert_eq(symlink("../../kept", "in/done/link"), 0, "link");
	write_text("kept", "x");
	for (int i = 0; i < FILES; i++) {
		snprintf(name, sizeof(name), "in/done/%d.jsonl", i);
		write_text(name, GOOD);
	}
	source_case_open(&it, "{path: FOLDER/in, rescan: 20ms, settle: 100ms,"
			      " keep_done: 30d}");
	drop("bad.json", "no");
	source_case_until(&it, file_exists("in/rejected/bad.json"));
	source_case_run(&it, 100);
	cr_assert_eq(count_names("in/done"), FILES + 2, "too young");
	it.ahead_ms = INT64_C(30) * 86400 * 1000 - 60 * 1000;
	source_case_run(&it, 100);
	cr_assert_eq(count_names("in/done"), FILES + 2, "nearly");
	it.ahead_ms += 2 * 3600 * 1000;
	source_case_until(&it, count_names("in/done") == 2);
	source_case_until(&it, !file_exists("in/rejected/bad.json"));
	/* no more than that */
	cr_assert_eq(lstat("in/done/link", &status), 0, "the link");
	cr_assert(file_exists("in/done/folder"), "the folder");
	cr_assert(file_exists("kept"), "what it leads to");
	source_case_done(&it);
}

#define YAML_HOUR \
	"{path: FOLDER/in, rescan: 20ms, settle: 100ms, keep_done: 1h}"

/* As with what is stored: a clock that was set ahead is not believed. */
Test(source_directory, a_clock_set_ahead_removes_no_file_T05)
{
	struct source_case it;

	source_case_init(&it, &source_directory);
	mkdir("in", 0700);
	source_case_open(&it, YAML_HOUR);
	drop("a.jsonl", GOOD);
	source_case_until(&it, file_exists("in/done/a.jsonl"));
	source_case_run(&it, 100);
	it.jump_ms = INT64_C(365) * MS_PER_DAY;
	source_case_run(&it, 100);
	it.ahead_ms = 2 * 3600 * 1000;
	source_case_run(&it, 200);
	cr_assert(file_exists("in/done/a.jsonl"), "not believed");
	/* A reload opens the source anew, and knows no better. */
	source_case_close(&it);
	source_case_open(&it, YAML_HOUR);
	source_case_run(&it, 200);
	cr_assert(file_exists("in/done/a.jsonl"), "not after a reload either");
	it.ahead_ms = MS_PER_DAY + 3600 * 1000;
	source_case_until(&it, !file_exists("in/done/a.jsonl"));
	source_case_done(&it);
}

/* Counted while it waits, and told when it does so no more. */
Test(source_directory, bytes_that_wait)
{
	struct source_case it;

	start(&it);
	it.full = true;
	drop("a.jsonl", GOOD "\n");
	drop("b.json", GOOD);
	write_text("in/.hidden.json", GOOD);
	source_case_until(&it, it.behind == 2 * (int64_t)strlen(GOOD) + 1);
	it.full = false;
	source_case_room(&it);
	source_case_until(&it, it.behind == 0);
	cr_assert_eq(it.counted, 2, "%zu", it.counted);
	source_case_done(&it);
}

Test(source_directory, ids_come_from_content_and_line)
{
	struct source_case it;

	start(&it);
	drop("a.jsonl", GOOD "\n\n" GOOD "\n");
	source_case_expect(&it, 2);
	drop("b.jsonl", GOOD "\n\n" GOOD "\n");
	drop("c.json", "[" GOOD "," GOOD "]");
	source_case_expect(&it, 6);
	cr_assert_eq(
		strlen(it.kept[0].id_name), 64 + 2, "%s", it.kept[0].id_name);
	cr_assert_str_eq(it.kept[0].id_name + 64, "\n1", "line 1");
	cr_assert_str_eq(it.kept[1].id_name + 64, "\n3", "line 3");
	cr_assert_str_eq(it.kept[2].id_name, it.kept[0].id_name, "same file");
	cr_assert_str_eq(it.kept[4].id_name + 64, "\n1", "element 1");
	cr_assert_str_eq(it.kept[5].id_name + 64, "\n2", "element 2");
	cr_assert_neq(strcmp(it.kept[4].id_name, it.kept[0].id_name), 0,
		"another file");
	source_case_done(&it);
}

/* S19 */
Test(source_directory, what_is_still_written_is_left)
{
	static const char *const ignored[] = {".a.json", "a.json.tmp",
		"a.jsonl.part", "a.json.swp", "a.json~", "a.csv~", "a.txt"};
	struct source_case it;
	int fd;

	start(&it);
	for (size_t i = 0; i < COUNT(ignored); i++) {
		char *name = mem_printf("in/%s", ignored[i]);

		write_text(name, GOOD);
		free(name);
	}
	source_case_run(&it, 30);
	fd = open("in/slow.jsonl", O_WRONLY | O_CREAT, 0600);
	for (int i = 0; i < 3; i++) {
		dprintf(fd, GOOD "\n");
		source_case_run(&it, 250);
		cr_assert_eq(it.counted, 0, "it is being written");
	}
	close(fd);
	source_case_expect(&it, 3);
	source_case_until(&it, file_exists("in/done/slow.jsonl"));
	/* one that nobody heard of being written: by its age alone */
	source_case_close(&it);
	write_text("in/old.json", GOOD);
	source_case_open(&it, YAML);
	source_case_expect(&it, 4);
	/* an empty one is given time */
	drop(".empty.json", "");
	write_text("in/empty.jsonl", "");
	source_case_run(&it, 250);
	cr_assert(file_exists("in/empty.jsonl"), "left");
	it.ahead_ms = 120 * 1000;
	source_case_until(&it, file_exists("in/done/empty.jsonl"));
	for (size_t i = 0; i < COUNT(ignored); i++) {
		char *name = mem_printf("in/%s", ignored[i]);

		cr_assert(file_exists(name), "%s was touched", name);
		free(name);
	}
	source_case_done(&it);
}

Test(source_directory, nothing_is_replaced)
{
	struct source_case it;
	char *text;

	start(&it);
	for (int i = 1; i <= 3; i++) {
		char content[64];

		snprintf(content, sizeof(content), "{\"score\":%d}", i);
		drop("a.json", content);
		source_case_until(&it, it.counted == (size_t)i);
		source_case_until(&it, !file_exists("in/a.json"));
	}
	text = file_text("in/done/a.json");
	cr_assert_str_eq(text, "{\"score\":1}", "%s", text);
	free(text);
	text = file_text("in/done/a.json.3");
	cr_assert_str_eq(text, "{\"score\":3}", "%s", text);
	free(text);
	cr_assert_eq(count_names("in/done"), 3, "three");
	source_case_done(&it);
}

static void
write_lines(const char *name, int count)
{
	struct buf out = {0};

	for (int i = 0; i < count; i++)
		buf_printf(&out, "{\"score\":9,\"n\":%d}\n", i);
	buf_append_char(&out, '\0');
	write_text("in/.new", out.data);
	cr_assert_eq(rename("in/.new", name), 0, "rename");
	buf_done(&out);
}

Test(source_directory, big_files_come_in_batches)
{
	struct source_case it;
	struct buf array = {0};

	start(&it);
	it.by_hand = true;
	write_lines("in/a.jsonl", 3210);
	source_case_until(&it, it.held_count == 2);
	source_case_run(&it, 50);
	cr_assert_eq(it.held_count, 2, "two under way");
	it.by_hand = false;
	source_case_until(&it, file_exists("in/done/a.jsonl"));
	cr_assert_eq(it.counted, 3210, "%zu", it.counted);
	for (size_t i = 0; i < it.kept_count; i++) {
		int n = -1;

		sscanf(it.kept[i].text, "{\"score\":9,\"n\":%d}", &n);
		cr_assert_eq(n, (int)i, "order");
	}
	buf_append_char(&array, '[');
	for (int i = 0; i < 1300; i++)
		buf_printf(&array, "%s{\"score\":9}", i > 0 ? "," : "");
	buf_append_text(&array, "]");
	drop("b.json", array.data);
	source_case_until(&it, file_exists("in/done/b.json"));
	cr_assert_eq(it.counted, 3210 + 1300, "%zu", it.counted);
	/* past the limit of a .json: refused as one */
	buf_reserve(&array, 5 * 1024 * 1024);
	memset(array.data, ' ', 5 * 1024 * 1024);
	array.data[5 * 1024 * 1024] = '\0';
	drop("c.json", array.data);
	source_case_until(&it, file_exists("in/rejected/c.json"));
	cr_assert_eq(it.counted, 3210 + 1300 + 1, "%zu", it.counted);
	cr_assert_eq(it.kept[4510].reason, REJECTED_TOO_LONG, "reason");
	cr_assert_eq(it.kept[4510].full_length, 5 * 1024 * 1024, "length");
	buf_done(&array);
	source_case_done(&it);
}

/* S20: the kill comes at each moment. */
Test(source_directory, killed_before_and_after_the_commit)
{
	struct source_case it;

	start(&it);
	it.by_hand = true;
	write_lines("in/a.jsonl", 1200);
	source_case_until(&it, it.held_count == 2);
	source_case_kill(&it);
	cr_assert(file_exists("in/a.jsonl"), "nothing was kept");
	source_case_open(&it, YAML);
	source_case_until(&it, it.held_count == 2);
	source_case_settle(&it, 1);
	source_case_kill(&it);
	cr_assert_eq(it.counted, 500, "%zu", it.counted);
	/* goes on behind what was kept */
	source_case_open(&it, YAML);
	source_case_until(&it, it.held_count == 2);
	cr_assert_eq(it.held[0]->records[0].line, 501, "line %d",
		(int)it.held[0]->records[0].line);
	source_case_settle(&it, 2);
	source_case_until(&it, file_exists("in/done/a.jsonl"));
	cr_assert_eq(it.counted, 1200, "%zu", it.counted);
	source_case_close(&it);
	/* all kept, and not moved yet: as if the move had not happened */
	rename("in/done/a.jsonl", "in/a.jsonl");
	it.by_hand = false;
	source_case_open(&it, YAML);
	source_case_until(&it, file_exists("in/done/a.jsonl"));
	source_case_run(&it, 150);
	cr_assert_eq(it.counted, 1200, "not read again: %zu", it.counted);
	cr_assert_leq(json_object_size(it.places), 64, "places");
	source_case_done(&it);
}

Test(source_directory, what_was_not_kept_is_not_moved)
{
	struct source_case it;

	start(&it);
	it.broken = true;
	drop("a.json", GOOD);
	source_case_until(&it, it.offers == 1);
	source_case_run(&it, 50);
	cr_assert(file_exists("in/a.json"), "still there");
	it.broken = false;
	source_case_expect(&it, 1);
	source_case_until(&it, file_exists("in/done/a.json"));
	/* closed while a batch waits for room */
	it.full = true;
	drop("b.json", GOOD);
	source_case_until(&it, it.waits_for_room);
	source_case_close(&it);
	cr_assert(file_exists("in/b.json"), "still there");
	it.full = it.waits_for_room = false;
	source_case_open(&it, YAML);
	source_case_expect(&it, 2);
	source_case_until(&it, file_exists("in/done/b.json"));
	source_case_done(&it);
}

Test(source_directory, closes_with_files_under_way)
{
	struct source_case it;

	start(&it);
	it.by_hand = true;
	drop("a.json", GOOD);
	drop("b.json", GOOD);
	source_case_until(&it, it.held_count == 2);
	it.kind->close(it.source);
	cr_assert_eq(it.closed, 0, "two are under way");
	source_case_settle(&it, 1);
	cr_assert_eq(it.closed, 0, "one is");
	source_case_settle(&it, 1);
	cr_assert_eq(it.closed, 1, "closed");
	cr_assert(
		file_exists("in/done/a.json") && file_exists("in/done/b.json"),
		"kept is moved");
	source_case_done(&it);
}

/* S14, S15, S17 */
Test(source_directory, what_cannot_be_taken_is_told)
{
	struct source_case it;

	source_case_init(&it, &source_directory);
	source_case_open(&it, YAML);
	source_case_until(&it, !it.good);
	cr_assert(strstr(it.reason, "/in"), "%s", it.reason);
	mkdir("in", 0700);
	source_case_until(&it, it.good);
	cr_assert_eq(mkfifo("in/a.json", 0600), 0, "fifo");
	source_case_until(&it, !it.good);
	cr_assert(strstr(it.reason, "FIFO"), "%s", it.reason);
	drop("b.json", GOOD);
	source_case_expect(&it, 1);
	unlink("in/a.json");
	source_case_until(&it, it.good);
	write_text("other", "secret");
	cr_assert_eq(symlink("../other", "in/a.json"), 0, "link");
	source_case_until(&it, !it.good);
	cr_assert(strstr(it.reason, "symbolic link"), "%s", it.reason);
	unlink("in/a.json");
	source_case_until(&it, it.good);
	/* where done cannot be made the file stays, and is read once */
	unlink("in/done/b.json");
	rmdir("in/done");
	write_text("in/done", "in the way");
	drop("c.json", GOOD);
	source_case_until(&it, !it.good);
	source_case_run(&it, 100);
	cr_assert_eq(it.counted, 2, "%zu", it.counted);
	unlink("in/done");
	source_case_until(&it, file_exists("in/done/c.json"));
	source_case_until(&it, it.good);
	cr_assert_eq(it.counted, 2, "%zu", it.counted);
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

/* S18, in small; with as many names as the environment asks for. */
Test(source_directory, many_files_at_once)
{
	const char *wish = getenv("NPSD_TEST_FILES");
	int count = wish != NULL ? atoi(wish) : 5000;
	int most = 0;
	struct source_case it;

	start(&it);
	it.forgetful = wish != NULL;
	for (int i = 0; i < count; i++) {
		char name[32], text[64];

		snprintf(name, sizeof(name), "%06d.json", i);
		snprintf(text, sizeof(text), "{\"score\":%d,\"n\":%d}", i % 11,
			i);
		drop(name, text);
	}
	for (int turn = 0; it.counted < (size_t)count; turn++) {
		source_case_turn(&it);
		if (turn % 50 == 0 && open_files() > most)
			most = open_files();
	}
	source_case_until(&it, count_names("in") == 1);
	source_case_run(&it, 100);
	cr_assert_eq(it.counted, (size_t)count, "each once: %zu", it.counted);
	cr_assert_eq(count_names("in/done"), count, "moved");
	cr_assert_lt(most, 90, "%d files open", most);
	cr_assert_lt(it.most_held_bytes, 4 * 1024 * 1024, "memory");
	cr_assert_leq(json_object_size(it.places), 64, "places");
	source_case_done(&it);
}

Test(source_directory, places_come_back_as_they_were)
{
	static char name[] = "a \"b\".json";
	struct drop_place place = {.name = name,
		.inode = UINT64_MAX,
		.size = 12,
		.modified_ns = INT64_C(1795255200123456789),
		.offset = 5,
		.line = 6,
		.good = true,
		.finished = true};
	struct drop_place back;
	struct err err = {""};
	char *text;

	memset(place.sha256, 'a', 64);
	text = drop_place_text(&place);
	cr_assert(drop_place_read(text, &back, &err), "%s: %s", text, err.text);
	cr_assert_str_eq(back.name, place.name, "name");
	cr_assert_eq(back.inode, place.inode, "inode");
	cr_assert_eq(back.modified_ns, place.modified_ns, "modified");
	cr_assert_eq(back.size + back.offset + back.line, 23, "numbers");
	cr_assert(back.good && back.finished, "flags");
	drop_place_done(&back);
	free(text);
	cr_assert_not(drop_place_read("{}", &back, &err), "empty");
	drop_place_done(&back);
	cr_assert_not(drop_place_read("nope", &back, &err), "no JSON");
	drop_place_done(&back);
}
