/*
 * registry - the slots of answers, as the tally asks for them.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/memory.h"
#include "nps/tally.h"

TestSuite(registry);

enum { SEGMENTS = 2 };

static struct tally *
new_tally(size_t max_slots)
{
	static const char *const segments[SEGMENTS] = {"region", "agent"};

	return tally_new(&(struct tally_settings){
		.segments = segments,
		.segment_count = SEGMENTS,
		.max_slots = max_slots,
	});
}

static void
write_slot(int64_t id, const char *survey, const char *segment,
	const char *value, void *context)
{
	buf_printf(context, "%lld=%s/%s/%s ", (long long)id, survey, segment,
		value);
}

enum { SEGMENTS_MOST = 32 }; /* values of one answer */

/* The ids of an answer, and after them the slots that were new. */
static const char *
slots_text(struct tally *tally, const char *survey, const char *segment_json,
	struct buf *out)
{
	struct flat record[SEGMENTS_MOST];
	struct response response = {.survey = survey, .record = record};
	char *text = mem_printf("{\"segment\":%s}", segment_json);
	struct buf news = {NULL, 0, 0};
	struct slots slots;

	cr_assert(flat_read(text, strlen(text), record, SEGMENTS_MOST), "%s",
		segment_json);
	tally_slots(tally, &response, &slots, write_slot, &news);
	buf_clear(out);
	for (size_t i = 0; i < slots.count; i++)
		buf_printf(out, "%lld ", (long long)slots.ids[i]);
	buf_printf(out, "| %s", news.data ? news.data : "");
	buf_done(&news);
	free(text);
	return out->data;
}

struct slot_row {
	const char *survey, *segment, *expected;
};

static void
assert_slots(struct tally *tally, const struct slot_row *rows, size_t count)
{
	struct buf out = {NULL, 0, 0};

	for (size_t i = 0; i < count; i++) {
		const char *text = slots_text(
			tally, rows[i].survey, rows[i].segment, &out);

		cr_assert_str_eq(
			text, rows[i].expected, "row %zu: %s", i, text);
	}
	buf_done(&out);
}

#define ASSERT_SLOTS(tally, rows) \
	assert_slots(tally, rows, sizeof(rows) / sizeof((rows)[0]))

Test(registry, slots_by_name)
{
	static const struct slot_row rows[] = {
		{"a", "{}", "1 | 1=a// "},
		{"a", "{\"region\":\"NL\"}", "1 2 | 2=a/region/NL "},
		{"a", "{\"region\":\"NL\"}", "1 2 | "},
		{"a", "{\"agent\":\"NL\",\"region\":\"NL\",\"x\":\"y\"}",
			"1 2 3 | 3=a/agent/NL "},
		{"b", "{\"region\":\"NL\"}", "4 5 | 4=b// 5=b/region/NL "},
		/* What is no value. */
		{"a", "{\"region\":\"\",\"agent\":null}", "1 | "},
		{"a", "{\"region\":[\"NL\"],\"agent\":{\"a\":1}}", "1 | "},
		{"a", "\"NL\"", "1 | "},
		{"a", "null", "1 | "},
		/* Numbers and booleans by their JSON text. */
		{"a", "{\"region\":12,\"agent\":true}",
			"1 6 7 | 6=a/region/12 7=a/agent/true "},
		{"a", "{\"region\":\"12\",\"agent\":\"true\"}", "1 6 7 | "},
		{"a", "{\"region\":1.5,\"agent\":false}",
			"1 8 9 | 8=a/region/1.5 9=a/agent/false "},
		/* Names that would run into each other if they were joined. */
		{"a/region", "{\"region\":\"/NL\"}",
			"10 11 | 10=a/region// 11=a/region/region//NL "},
		{"", "{\"region\":\" \"}", "12 13 | 12=// 13=/region/  "},
		{"\xc3\xa9", "{\"region\":\"\xe2\x82\xac\"}",
			"14 15 | 14=\xc3\xa9// "
			"15=\xc3\xa9/region/\xe2\x82\xac "},
	};
	struct tally *tally = new_tally(100);

	ASSERT_SLOTS(tally, rows);
	cr_assert_eq(tally_next_slot(tally), 16, "%lld",
		(long long)tally_next_slot(tally));
	tally_free(tally);
}

Test(registry, slots_past_the_cap)
{
	static const struct slot_row rows[] = {
		{"a", "{\"region\":\"NL\"}", "1 2 | 1=a// 2=a/region/NL "},
		{"a", "{\"region\":\"BE\"}", "1 3 | 3=a/region/BE "},
		/* Three are there: no new values, no new surveys. */
		{"a", "{\"region\":\"DE\"}", "1 4 | 4=a/region/other "},
		{"a", "{\"region\":\"FR\"}", "1 4 | "},
		{"a", "{\"region\":\"BE\"}", "1 3 | "},
		{"b", "{}", "5 | 5=other// "},
		{"c", "{\"region\":\"NL\"}", "5 6 | 6=other/region/other "},
		/* Six are there: a survey gets no "other" of its own. */
		{"a", "{\"agent\":\"jan\"}", "1 7 | 7=other/agent/other "},
		{"d", "{\"agent\":\"jan\",\"region\":\"DE\"}", "5 6 7 | "},
		{"a", "{\"agent\":\"an\",\"region\":\"other\"}", "1 4 7 | "},
	};
	struct tally *tally = new_tally(3);

	ASSERT_SLOTS(tally, rows);
	tally_free(tally);
}

/* Whatever arrives, the number of slots has an end. */
Test(registry, slots_are_bounded)
{
	enum { CAP = 50, ENDS = 2 * CAP + 1 + SEGMENTS };
	struct tally *tally = new_tally(CAP);
	struct buf out = {NULL, 0, 0};
	char survey[32], segment[64];

	for (int i = 0; i < 5000; i++) {
		(void)snprintf(survey, sizeof(survey), "s%d", i % 300);
		(void)snprintf(segment, sizeof(segment),
			i < 600 ? "{}" : "{\"region\":\"r%d\",\"agent\":%d}", i,
			i);
		(void)slots_text(tally, survey, segment, &out);
	}
	cr_assert(tally_next_slot(tally) <= ENDS + 1, "%lld slots",
		(long long)tally_next_slot(tally) - 1);
	buf_done(&out);
	tally_free(tally);
}

Test(registry, slots_loaded_and_dropped)
{
	static const struct slot_row loaded[] = {
		{"a", "{\"region\":\"NL\",\"agent\":\"jan\"}", "7 3 5 | "},
		/* 40 was a segment that is no longer configured. */
		{"b", "{\"region\":\"NL\"}", "41 42 | 41=b// 42=b/region/NL "},
		{"a", "{\"region\":\"BE\"}", "7 43 | 43=a/region/BE "},
	};
	static const struct slot_row again[] = {
		{"a", "{\"region\":\"BE\"}", "7 42 | 42=a/region/BE "},
		{"b", "{\"region\":\"NL\"}", "41 43 | 43=b/region/NL "},
	};
	static const struct slot_row anew[] = {
		{"b", "{\"region\":\"NL\"}", "41 42 | 41=b// 42=b/region/NL "},
		{"a", "{\"region\":\"NL\",\"agent\":\"jan\"}", "7 3 5 | "},
	};
	struct tally *tally = new_tally(100);

	cr_assert_eq(tally_next_slot(tally), 1, "the first id is 1");
	tally_load_slot(tally, 5, "a", "agent", "jan");
	tally_load_slot(tally, 7, "a", "", "");
	tally_load_slot(tally, 3, "a", "region", "NL");
	tally_load_slot(tally, 40, "a", "journey_step", "renewal");
	tally_load_slot(tally, 8, "a", "region", "NL"); /* twice: no harm */
	ASSERT_SLOTS(tally, loaded);
	tally_drop_slots(tally, 42);
	ASSERT_SLOTS(tally, again);
	tally_drop_slots(tally, 41);
	cr_assert_eq(tally_next_slot(tally), 41, "given again");
	ASSERT_SLOTS(tally, anew);
	tally_drop_slots(tally, 100);
	cr_assert_eq(tally_next_slot(tally), 43, "nothing to drop");
	tally_drop_slots(tally, 1);
	cr_assert_eq(tally_next_slot(tally), 1, "all dropped");
	tally_free(tally);
	tally_free(NULL);
}
