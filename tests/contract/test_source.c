/*
 * What every kind of source keeps to towards its host: offers, a full inbox,
 * settling, what was not kept, closing with batches under way. One suite over
 * the kinds that read by themselves; source_webhook, which answers instead of
 * offering again, is held to the rest by its request side.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "../support/source_case.h"

enum { RECORDS = 1700 };

TestSuite(source, .timeout = 120);

/* How a kind is fed. */
struct kind_case {
	const struct source_kind *kind;
	const char *yaml;
	/* Makes `count` records, {"score":9,"n":N} from `first` on. */
	void (*feed)(int first, int count);
};

static char *
lines(int first, int count)
{
	struct buf out = {0};

	buf_append_text(&out, "");
	for (int i = first; i < first + count; i++)
		buf_printf(&out, "{\"score\":9,\"n\":%d}\n", i);
	return buf_take(&out);
}

static void
feed_file(int first, int count)
{
	char *text = lines(first, count);

	append_text("r.jsonl", text);
	free(text);
}

static void
feed_directory(int first, int count)
{
	char *text = lines(first, count);
	char *name = mem_printf("in/%06d.jsonl", first);

	mkdir("in", 0700);
	write_text("in/.new", text);
	cr_assert_eq(rename("in/.new", name), 0, "rename");
	free(name);
	free(text);
}

/* As feed_directory, many small ones. */
static void
feed_arrays(int first, int count)
{
	mkdir("in", 0700);
	for (int i = first; i < first + count; i += 10) {
		struct buf out = {0};
		char *name = mem_printf("in/%06d.json", i);

		for (int j = i; j < i + 10; j++)
			buf_printf(&out, "%s{\"score\":9,\"n\":%d}",
				j == i ? "[" : ",", j);
		buf_append_text(&out, "]");
		write_text("in/.new", out.data);
		cr_assert_eq(rename("in/.new", name), 0, "rename");
		buf_done(&out);
		free(name);
	}
}

static const struct kind_case kinds[] = {
	{&source_file, "{path: FOLDER/r.jsonl, rescan: 20ms, quiet: 60ms}",
		feed_file},
	{&source_directory, "{path: FOLDER/in, rescan: 20ms, settle: 60ms}",
		feed_directory},
	{&source_directory, "{path: FOLDER/in, rescan: 20ms, settle: 60ms}",
		feed_arrays},
};
#define each_kind(at)                            \
	for (const struct kind_case *at = kinds; \
		at < kinds + sizeof(kinds) / sizeof(kinds[0]); at++)

static void
assert_each_once(const struct source_case *it, int count)
{
	char *seen = mem_new((size_t)count, 1);

	cr_assert_eq(it->kept_count, (size_t)count, "%s: %zu of %d",
		it->kind->setting.name, it->kept_count, count);
	for (size_t i = 0; i < it->kept_count; i++) {
		const char *at = strstr(it->kept[i].text, "\"n\":");
		int n = at != NULL ? atoi(at + 4) : -1;

		cr_assert(n >= 0 && n < count && !seen[n], "%s: %s",
			it->kind->setting.name, it->kept[i].text);
		seen[n] = 1;
		cr_assert_not_null(it->kept[i].id_name, "a lasting id");
		cr_assert_gt(it->kept[i].line, 0, "a line");
		cr_assert(it->kept[i].label[0], "a label");
	}
	free(seen);
}

static void
start(struct source_case *it, const struct kind_case *with, int count)
{
	source_case_init(it, with->kind);
	with->feed(0, count);
	source_case_open(it, with->yaml);
}

Test(source, tables_are_whole)
{
	static const struct source_kind *const all[] = {
		&source_file, &source_directory, &source_webhook};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		const struct source_kind *kind = all[i];

		cr_assert(kind->setting.name && kind->setting.help, "named");
		cr_assert(kind->open && kind->close && kind->settled &&
				  kind->room,
			"%s", kind->setting.name);
		cr_assert_eq(kind->path != NULL, kind->request != NULL, "%s",
			kind->setting.name);
		cr_assert_geq(kind->setting.size,
			sizeof(struct source_settings), "size");
		for (const struct setting *row = kind->setting.fields;
			row->key != NULL; row++)
			cr_assert_not_null(row->help, "%s", row->key);
	}
}

Test(source, everything_arrives_once)
{
	each_kind(with)
	{
		struct source_case it;

		start(&it, with, RECORDS);
		source_case_expect(&it, RECORDS);
		with->feed(RECORDS, 100);
		source_case_expect(&it, RECORDS + 100);
		assert_each_once(&it, RECORDS + 100);
		cr_assert(it.good, "%s", it.reason);
		source_case_done(&it);
	}
}

/* An inbox with room for one batch at a time, and none now and then. */
Test(source, a_full_inbox)
{
	each_kind(with)
	{
		struct source_case it;

		source_case_init(&it, with->kind);
		with->feed(0, RECORDS);
		it.full = true;
		source_case_open(&it, with->yaml);
		while (it.counted < RECORDS) {
			size_t offers = it.offers;

			source_case_until(&it, it.waits_for_room);
			source_case_run(&it, 10);
			cr_assert_eq(it.offers, offers, "offered all the same");
			it.by_hand = true;
			source_case_room(&it);
			source_case_until(
				&it, it.held_count > 0 || it.waits_for_room);
			it.full = true;
			source_case_settle(&it, it.held_count);
			it.by_hand = false;
			if (it.counted == RECORDS)
				break;
		}
		it.full = false;
		source_case_room(&it);
		source_case_expect(&it, RECORDS);
		assert_each_once(&it, RECORDS);
		source_case_done(&it);
	}
}

/* Every third batch fails, and those that follow it with it, as the keeper
 * does it. */
Test(source, what_was_not_kept)
{
	each_kind(with)
	{
		struct source_case it;
		bool failing = false;
		int settled = 0;

		source_case_init(&it, with->kind);
		it.by_hand = true;
		with->feed(0, RECORDS);
		source_case_open(&it, with->yaml);
		while (it.counted < RECORDS) {
			source_case_until(&it, it.held_count > 0);
			it.broken = (failing && it.held[0]->follows) ||
				    settled++ % 11 == 3;
			failing = it.broken;
			source_case_settle(&it, 1);
		}
		it.broken = it.by_hand = false;
		source_case_expect(&it, RECORDS);
		assert_each_once(&it, RECORDS);
		source_case_done(&it);
	}
}

/* Closed and killed again and again: what was kept is not read twice, the rest
 * is not lost. */
Test(source, closing_at_any_moment)
{
	each_kind(with)
	{
		struct source_case it;

		source_case_init(&it, with->kind);
		with->feed(0, RECORDS);
		for (int i = 0; it.counted < RECORDS; i++) {
			it.by_hand = true;
			source_case_open(&it, with->yaml);
			for (int turn = 0; turn < i % 7; turn++)
				source_case_turn(&it);
			source_case_settle(&it, (size_t)(i % 3));
			if (i % 2 == 0)
				source_case_kill(&it);
			else
				source_case_close(&it);
			cr_assert_lt(i, 2000, "no end: %zu", it.counted);
		}
		it.by_hand = false;
		source_case_open(&it, with->yaml);
		source_case_run(&it, 200);
		assert_each_once(&it, RECORDS);
		source_case_done(&it);
	}
}

/* Closing at once, with nothing done, and with a full inbox. */
Test(source, closing_is_heard_once)
{
	each_kind(with)
	{
		struct source_case it;

		start(&it, with, 10);
		source_case_close(&it);
		it.full = true;
		source_case_open(&it, with->yaml);
		source_case_until(&it, it.waits_for_room);
		source_case_close(&it);
		cr_assert_eq(it.closed, 2, "twice");
		source_case_done(&it);
	}
}
