/*
 * tally - sums by window, by hand and against a plain recount. Which slots an
 * answer has: see the test of registry.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "../support/scaled.h"
#include "base/buf.h"
#include "base/memory.h"
#include "nps/tally.h"

TestSuite(tally);

enum { WINDOWS = 8, SEGMENTS = 2 };

static const char *const window_names[WINDOWS] = {
	"1h", "24h", "7d", "30d", "90d", "day", "month", "90m"};
static const char *const segment_names[SEGMENTS] = {"region", "agent"};

static struct tally *
new_tally(size_t max_slots, const struct zone *zone)
{
	struct window windows[WINDOWS];

	for (size_t i = 0; i < WINDOWS; i++)
		cr_assert(window_parse(&windows[i], window_names[i], NULL),
			"%s", window_names[i]);
	return tally_new(&(struct tally_settings){
		.windows = windows,
		.window_count = WINDOWS,
		.segments = segment_names,
		.segment_count = SEGMENTS,
		.max_slots = max_slots,
		.zone = zone,
	});
}

/* --- a store that is a list --- */

struct kept_bucket {
	enum bucket_width width;
	int64_t number, slot;
	struct counts counts;
};

struct kept_answer {
	struct slots slots;
	int64_t answered_ms;
	enum category category;
};

enum { KEPT_ANSWERS = 256 };

struct kept {
	struct kept_bucket buckets[KEPT_ANSWERS * 2 * (1 + SEGMENTS)];
	size_t bucket_count;
	struct kept_answer answers[KEPT_ANSWERS];
	size_t answer_count;
	int64_t now_ms;
	int reads_until_failure; /* 0: never */
	bool drops_minutes;	 /* that are too old; then no going back */
};

static bool
kept_sum(enum bucket_width width, int64_t after, int64_t upto,
	void (*on_sum)(int64_t slot, const struct counts *counts, void *to),
	void *to, void *context)
{
	struct kept *kept = context;

	cr_assert(after < upto, "an empty range is not read");
	for (size_t i = 0; i < kept->bucket_count; i++) {
		const struct kept_bucket *bucket = &kept->buckets[i];

		if (bucket->width == width && after < bucket->number &&
			bucket->number <= upto)
			on_sum(bucket->slot, &bucket->counts, to);
	}
	return !kept->reads_until_failure || --kept->reads_until_failure;
}

static void
keep_in_bucket(struct kept *kept, enum bucket_width width, int64_t slot,
	const struct kept_answer *answer, int sign)
{
	int64_t number = bucket_number(answer->answered_ms, width);
	size_t i = 0;

	if (kept->drops_minutes && width == BUCKET_MINUTE &&
		number < bucket_number(
				 kept->now_ms - BUCKET_MINUTE_KEPT_MS, width))
		return;
	while (i < kept->bucket_count &&
		(kept->buckets[i].width != width ||
			kept->buckets[i].number != number ||
			kept->buckets[i].slot != slot))
		i++;
	if (i == kept->bucket_count)
		kept->buckets[kept->bucket_count++] =
			(struct kept_bucket){width, number, slot, {.of = {0}}};
	kept->buckets[i].counts.of[answer->category] += sign;
}

/* What the store does in its transaction, then what it tells the tally. */
static void
count(struct kept *kept, struct tally *tally, const struct kept_answer *answer,
	int sign)
{
	for (size_t i = 0; i < answer->slots.count; i++) {
		keep_in_bucket(kept, BUCKET_MINUTE, answer->slots.ids[i],
			answer, sign);
		keep_in_bucket(
			kept, BUCKET_HOUR, answer->slots.ids[i], answer, sign);
	}
	tally_add(tally, &answer->slots, answer->answered_ms, answer->category,
		sign);
}

static void
purge_minutes(struct kept *kept)
{
	int64_t oldest = bucket_number(
		kept->now_ms - BUCKET_MINUTE_KEPT_MS, BUCKET_MINUTE);
	size_t left = 0;

	for (size_t i = 0; i < kept->bucket_count; i++)
		if (kept->buckets[i].width != BUCKET_MINUTE ||
			kept->buckets[i].number >= oldest)
			kept->buckets[left++] = kept->buckets[i];
	kept->bucket_count = left;
}

/* --- sums: a few by hand --- */

static struct slots
slots_for(struct tally *tally, const char *survey, const char *region,
	const char *agent)
{
	struct flat record[4];
	struct response response = {.survey = survey, .record = record};
	struct slots slots;
	json_t *tree = json_pack(
		"{s:{s:s,s:s}}", "segment", "region", region, "agent", agent);
	char texts[256];

	flat_lay(tree, record, texts);

	tally_slots(tally, &response, &slots, NULL, NULL);
	json_decref(tree);
	return slots;
}

static void
assert_total(const struct tally *tally, const char *survey, const char *window,
	int64_t detractors, int64_t passives, int64_t promoters, int line)
{
	struct counts counts;

	tally_total(tally, survey, tally_window(tally, window), &counts);
	cr_assert(counts.of[CATEGORY_DETRACTOR] == detractors &&
			  counts.of[CATEGORY_PASSIVE] == passives &&
			  counts.of[CATEGORY_PROMOTER] == promoters,
		"line %d: %s %s: %lld %lld %lld", line, survey ? survey : "all",
		window, (long long)counts.of[CATEGORY_DETRACTOR],
		(long long)counts.of[CATEGORY_PASSIVE],
		(long long)counts.of[CATEGORY_PROMOTER]);
}
#define ASSERT_TOTAL(...) assert_total(__VA_ARGS__, __LINE__)

static void
advance(struct tally *tally, struct kept *kept, int64_t now_ms)
{
	kept->now_ms = now_ms;
	cr_assert(tally_advance(tally, now_ms, kept_sum, kept), "advanced");
}

Test(tally, an_answer_comes_is_amended_and_goes)
{
	static struct kept kept;
	const int64_t noon = INT64_C(1764072000000); /* 2025-11-25T12:00Z */
	struct zone *zone = zone_open("UTC", NULL);
	struct tally *tally = new_tally(100, zone);
	struct kept_answer answer = {
		.slots = slots_for(tally, "a", "NL", "jan"),
		.answered_ms = noon + 30 * MS_PER_SECOND,
		.category = CATEGORY_DETRACTOR,
	};
	struct kept_answer ahead = answer;

	/* Before the first advance it is only in the store. */
	count(&kept, tally, &answer, 1);
	ASSERT_TOTAL(tally, "a", "1h", 0, 0, 0);
	advance(tally, &kept, noon);
	ASSERT_TOTAL(tally, "a", "1h", 1, 0, 0);
	ASSERT_TOTAL(tally, NULL, "90d", 1, 0, 0);
	ASSERT_TOTAL(tally, "b", "90d", 0, 0, 0);

	count(&kept, tally, &answer, -1);
	answer.category = CATEGORY_PROMOTER;
	count(&kept, tally, &answer, 1);
	ASSERT_TOTAL(tally, "a", "day", 0, 0, 1);

	/* Ahead of now: counted when its minute, its hour comes. */
	ahead.answered_ms = noon + 61 * MS_PER_MINUTE;
	ahead.category = CATEGORY_PASSIVE;
	count(&kept, tally, &ahead, 1);
	ASSERT_TOTAL(tally, NULL, "24h", 0, 0, 1);
	ASSERT_TOTAL(tally, NULL, "7d", 0, 0, 1);
	advance(tally, &kept, noon + MS_PER_HOUR - 1);
	ASSERT_TOTAL(tally, NULL, "1h", 0, 0, 1);
	advance(tally, &kept, noon + MS_PER_HOUR);
	ASSERT_TOTAL(tally, NULL, "1h", 0, 0, 0);
	ASSERT_TOTAL(tally, NULL, "90m", 0, 0, 1);
	ASSERT_TOTAL(tally, NULL, "7d", 0, 1, 1);
	advance(tally, &kept, noon + 61 * MS_PER_MINUTE);
	ASSERT_TOTAL(tally, NULL, "1h", 0, 1, 0);
	ASSERT_TOTAL(tally, NULL, "24h", 0, 1, 1);

	/* The clock goes back, then on by years. */
	advance(tally, &kept, noon);
	ASSERT_TOTAL(tally, NULL, "24h", 0, 0, 1);
	advance(tally, &kept, noon + 1000 * MS_PER_DAY);
	ASSERT_TOTAL(tally, NULL, "90d", 0, 0, 0);
	advance(tally, &kept, noon + 61 * MS_PER_MINUTE);
	ASSERT_TOTAL(tally, NULL, "24h", 0, 1, 1);

	/* A read that fails: nothing until the next advance. */
	tally_forget_sums(tally);
	kept.reads_until_failure = 2;
	cr_assert_not(tally_advance(tally, kept.now_ms, kept_sum, &kept),
		"the store failed");
	for (size_t w = 0; w < WINDOWS; w++)
		ASSERT_TOTAL(tally, NULL, window_names[w], 0, 0, 0);
	advance(tally, &kept, kept.now_ms);
	ASSERT_TOTAL(tally, NULL, "24h", 0, 1, 1);
	ASSERT_TOTAL(tally, NULL, "90d", 0, 1, 1);
	tally_free(tally);
	zone_close(zone);
}

/* A machine that slept for hours: the store may have dropped the minutes that
 * a window still holds before it is told to move on. */
Test(tally, minutes_dropped_before_the_window_moved)
{
	static struct kept kept;
	const int64_t noon = INT64_C(1764072000000);
	struct zone *zone = zone_open("UTC", NULL);
	struct tally *tally = new_tally(100, zone);
	struct kept_answer answer = {
		.slots = slots_for(tally, "a", "NL", "jan"),
		.answered_ms = noon - 23 * MS_PER_HOUR,
		.category = CATEGORY_DETRACTOR,
	};

	kept.now_ms = noon;
	count(&kept, tally, &answer, 1);
	answer.answered_ms = noon;
	count(&kept, tally, &answer, 1);
	advance(tally, &kept, noon);
	ASSERT_TOTAL(tally, "a", "24h", 2, 0, 0);
	kept.drops_minutes = true;
	kept.now_ms = noon + 4 * MS_PER_HOUR;
	purge_minutes(&kept);
	advance(tally, &kept, kept.now_ms);
	ASSERT_TOTAL(tally, "a", "24h", 1, 0, 0);
	ASSERT_TOTAL(tally, "a", "7d", 2, 0, 0);
	tally_free(tally);
	zone_close(zone);
}

static void
write_group(const char *value, const struct counts *counts, void *context)
{
	buf_printf(context, "%s:%lld,%lld,%lld ", value,
		(long long)counts->of[CATEGORY_DETRACTOR],
		(long long)counts->of[CATEGORY_PASSIVE],
		(long long)counts->of[CATEGORY_PROMOTER]);
}

Test(tally, questions)
{
	static struct kept kept;
	const int64_t noon = INT64_C(1764072000000);
	static const struct {
		const char *survey, *region, *agent;
		enum category category;
		int days_ago;
	} answers[] = {
		{"b", "NL", "jan", CATEGORY_PROMOTER, 0},
		{"a", "NL", "jan", CATEGORY_DETRACTOR, 0},
		{"a", "BE", "an", CATEGORY_PASSIVE, 0},
		{"a", "NL", "an", CATEGORY_DETRACTOR, 3},
		{"c", "DE", "", CATEGORY_PROMOTER, 3},
	};
	static const struct {
		const char *survey, *segment, *window, *expected;
	} rows[] = {
		{NULL, "region", "24h", "BE:0,1,0 NL:1,0,1 "},
		{"a", "region", "24h", "BE:0,1,0 NL:1,0,0 "},
		{"a", "region", "7d", "BE:0,1,0 NL:2,0,0 "},
		{NULL, "region", "7d", "BE:0,1,0 DE:0,0,1 NL:2,0,1 "},
		{NULL, "agent", "7d", "an:1,1,0 jan:1,0,1 "},
		{NULL, NULL, "24h", "a:1,1,0 b:0,0,1 "},
		{NULL, "", "7d", "a:2,1,0 b:0,0,1 c:0,0,1 "},
		{"c", "", "7d", "c:0,0,1 "},
		{"c", "region", "24h", ""},
		{"x", "region", "7d", ""},
		{NULL, "x", "7d", ""},
		{NULL, "region", "8d", ""},
	};
	struct zone *zone = zone_open("UTC", NULL);
	struct tally *tally = new_tally(100, zone);

	advance(tally, &kept, noon);
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++)
		count(&kept, tally,
			&(struct kept_answer){
				slots_for(tally, answers[i].survey,
					answers[i].region, answers[i].agent),
				noon - answers[i].days_ago * MS_PER_DAY,
				answers[i].category},
			1);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf out = {NULL, 0, 0};

		buf_append_text(&out, "");
		tally_each(tally, rows[i].survey, rows[i].segment,
			tally_window(tally, rows[i].window), write_group, &out);
		cr_assert_str_eq(
			out.data, rows[i].expected, "row %zu: %s", i, out.data);
		buf_done(&out);
	}
	ASSERT_TOTAL(tally, NULL, "7d", 2, 1, 2);
	ASSERT_TOTAL(tally, NULL, "8d", 0, 0, 0);
	cr_assert_eq(tally_window(tally, "24h"), 1, "by name");
	cr_assert_eq(tally_window(tally, "1d"), -1, "no such window");
	cr_assert(tally_has_segment(tally, "agent") &&
			  tally_has_segment(tally, "") &&
			  !tally_has_segment(tally, "team"),
		"segments by name");

	json_t *figures = tally_figures_json(tally, "a");
	json_t *week = json_object_get(figures, "7d");

	cr_assert_eq(json_object_size(figures), WINDOWS, "each window");
	cr_assert_eq(json_integer_value(json_object_get(week, "responses")), 3,
		"three answers");
	cr_assert_float_eq(json_real_value(json_object_get(week, "nps")), -66.7,
		1e-9, "two of three");
	json_decref(figures);
	tally_free(tally);
	zone_close(zone);
}

/* --- sums: whatever happens, against a recount --- */

static uint64_t
draw(uint64_t *state, uint64_t below)
{
	/* xorshift64*, Vigna 2016; the same numbers in every run. */
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return ((*state * UINT64_C(2685821657736338717)) >> 33) % below;
}

enum { SLOT_LIMIT = 32 };

struct recount {
	struct counts sums[SLOT_LIMIT][WINDOWS];
	struct window windows[WINDOWS];
};

static void
recount_all(struct recount *recount, const struct kept *kept,
	const struct zone *zone)
{
	struct bucket_range ranges[WINDOWS];

	memset(recount->sums, 0, sizeof(recount->sums));
	for (size_t w = 0; w < WINDOWS; w++)
		ranges[w] =
			window_range(&recount->windows[w], zone, kept->now_ms);
	for (size_t i = 0; i < kept->answer_count; i++) {
		const struct kept_answer *answer = &kept->answers[i];
		const int64_t minute =
			bucket_number(answer->answered_ms, BUCKET_MINUTE);
		const int64_t hour =
			bucket_number(answer->answered_ms, BUCKET_HOUR);

		for (size_t w = 0; w < WINDOWS; w++) {
			int64_t number =
				recount->windows[w].bucket == BUCKET_MINUTE
					? minute
					: hour;

			if (number <= ranges[w].after ||
				number > ranges[w].upto)
				continue;
			for (size_t s = 0; s < answer->slots.count; s++)
				recount->sums[answer->slots.ids[s]][w]
					.of[answer->category]++;
		}
	}
}

static const char *const surveys[] = {"a", "b"};
static const char *const regions[] = {"", "BE", "NL", "12"};
static const char *const agents[] = {"", "an", "jan"};

/* The slots' ids by the places of their names above; ids have gaps. */
struct slot_ids {
	int64_t whole[2], region[2][4], agent[2][3];
};

static void
name_slots(struct tally *tally, struct slot_ids *ids)
{
	tally_load_slot(tally, 9, "b", "region", "NL");
	tally_load_slot(tally, 3, "a", "", "");
	tally_load_slot(tally, 5, "a", "agent", "jan");
	for (size_t s = 0; s < 2; s++) {
		for (size_t r = 1; r < 4; r++)
			ids->region[s][r] =
				slots_for(tally, surveys[s], regions[r], "")
					.ids[1];
		for (size_t a = 1; a < 3; a++)
			ids->agent[s][a] =
				slots_for(tally, surveys[s], "", agents[a])
					.ids[1];
		ids->whole[s] = slots_for(tally, surveys[s], "", "").ids[0];
	}
	cr_assert(tally_next_slot(tally) <= SLOT_LIMIT, "room for all");
}

struct expected_groups {
	const struct recount *recount;
	const int64_t *ids;
	const char *const *values;
	size_t count, seen, window;
};

static void
check_group(const char *value, const struct counts *counts, void *context)
{
	struct expected_groups *expected = context;
	size_t i = 0;

	while (i < expected->count && strcmp(expected->values[i], value) != 0)
		i++;
	cr_assert(i < expected->count, "a value from nowhere: %s", value);
	if (memcmp(counts,
		    &expected->recount
			     ->sums[expected->ids[i]][expected->window],
		    sizeof(*counts)) != 0)
		cr_assert_fail(
			"%s in %s", value, window_names[expected->window]);
	expected->seen++;
}

static void
check_segment(const struct tally *tally, const struct recount *recount,
	size_t survey, const char *segment, const char *const *values,
	const int64_t *ids, size_t count, size_t window)
{
	struct expected_groups expected = {
		recount, ids, values, count, 0, window};
	size_t filled = 0;

	for (size_t i = 1; i < count; i++)
		filled += counts_total(&recount->sums[ids[i]][window]) != 0;
	tally_each(tally, surveys[survey], segment, (int)window, check_group,
		&expected);
	if (expected.seen != filled)
		cr_assert_fail("%zu of %zu values of %s in %s", expected.seen,
			filled, segment, window_names[window]);
}

static void
check_all(const struct tally *tally, const struct recount *recount,
	const struct slot_ids *ids, int step)
{
	for (size_t w = 0; w < WINDOWS; w++) {
		for (size_t s = 0; s < 2; s++) {
			struct counts counts;

			tally_total(tally, surveys[s], (int)w, &counts);
			if (memcmp(&counts, &recount->sums[ids->whole[s]][w],
				    sizeof(counts)) != 0)
				cr_assert_fail("step %d: survey %s in %s: "
					       "%lld, not %lld",
					step, surveys[s], window_names[w],
					(long long)counts_total(&counts),
					(long long)counts_total(
						&recount->sums[ids->whole[s]]
							      [w]));
			check_segment(tally, recount, s, "region", regions,
				ids->region[s], 4, w);
			check_segment(tally, recount, s, "agent", agents,
				ids->agent[s], 3, w);
		}
	}
}

/* An instant near now: mostly lately, at times long ago, at times ahead. */
static int64_t
draw_instant(uint64_t *state, int64_t now_ms)
{
	static const int64_t spans_ms[] = {2 * MS_PER_MINUTE, 2 * MS_PER_HOUR,
		26 * MS_PER_HOUR, 8 * MS_PER_DAY, 100 * MS_PER_DAY};
	int64_t span_ms = spans_ms[draw(state, 5)];
	int64_t off_ms = (int64_t)draw(state, (uint64_t)span_ms / 1000) * 1000;

	if (span_ms <= MS_PER_DAY && draw(state, 4) == 0)
		return now_ms + off_ms;
	return now_ms - off_ms;
}

static void
new_answer(struct kept *kept, struct tally *tally, const struct slot_ids *ids,
	uint64_t *state)
{
	size_t survey = draw(state, 2);
	size_t region = draw(state, 4), agent = draw(state, 3);
	struct kept_answer *answer = &kept->answers[kept->answer_count++];

	*answer = (struct kept_answer){
		.answered_ms = draw_instant(state, kept->now_ms),
		.category = (enum category)draw(state, CATEGORIES),
		.slots = {1, {ids->whole[survey]}},
	};
	if (region)
		answer->slots.ids[answer->slots.count++] =
			ids->region[survey][region];
	if (agent)
		answer->slots.ids[answer->slots.count++] =
			ids->agent[survey][agent];
	count(kept, tally, answer, 1);
}

/* A higher revision: another score, at times another time or none at all. */
static void
amend_answer(struct kept *kept, struct tally *tally, uint64_t *state)
{
	size_t at = draw(state, kept->answer_count);
	struct kept_answer *answer = &kept->answers[at];

	count(kept, tally, answer, -1);
	if (draw(state, 8) == 0) {
		*answer = kept->answers[--kept->answer_count];
		return;
	}
	answer->category = (enum category)draw(state, CATEGORIES);
	if (draw(state, 4) == 0)
		answer->answered_ms = draw_instant(state, kept->now_ms);
	count(kept, tally, answer, 1);
}

static void
move_time(struct kept *kept, struct tally *tally, uint64_t *state)
{
	static const int64_t steps_ms[] = {MS_PER_SECOND, MS_PER_MINUTE,
		40 * MS_PER_MINUTE, 5 * MS_PER_HOUR, 30 * MS_PER_HOUR,
		20 * MS_PER_DAY};
	int64_t step_ms = steps_ms[draw(state, 6)];
	int64_t now_ms =
		kept->now_ms + (int64_t)draw(state, (uint64_t)step_ms * 2);

	if (!kept->drops_minutes && draw(state, 6) == 0)
		now_ms = kept->now_ms - (int64_t)draw(state, (uint64_t)step_ms);
	if (draw(state, 20) == 0) {
		kept->reads_until_failure = 1 + (int)draw(state, 3);
		if (!tally_advance(tally, now_ms, kept_sum, kept) &&
			draw(state, 2))
			tally_forget_sums(tally);
		kept->reads_until_failure = 0;
	}
	kept->now_ms = now_ms;
	if (kept->drops_minutes)
		purge_minutes(kept);
	advance(tally, kept, now_ms);
}

static void
run_episode(struct kept *kept, const struct zone *zone, uint64_t *state)
{
	enum { STEPS = 250 };
	struct tally *tally = new_tally(SLOT_LIMIT, zone);
	struct slot_ids ids;
	struct recount recount;

	for (size_t w = 0; w < WINDOWS; w++)
		cr_assert(window_parse(
				  &recount.windows[w], window_names[w], NULL),
			"%s", window_names[w]);
	name_slots(tally, &ids);
	kept->bucket_count = 0;
	kept->answer_count = 0;
	kept->drops_minutes = draw(state, 2);
	advance(tally, kept,
		INT64_C(1764072000000) +
			(int64_t)draw(state, 400 * MS_PER_DAY));
	for (int step = 0; step < STEPS; step++) {
		uint64_t what = draw(state, 10);

		if (what < 4 && kept->answer_count < KEPT_ANSWERS)
			new_answer(kept, tally, &ids, state);
		else if (what < 6 && kept->answer_count)
			amend_answer(kept, tally, state);
		else
			move_time(kept, tally, state);
		recount_all(&recount, kept, zone);
		check_all(tally, &recount, &ids, step);
	}
	tally_free(tally);
}

Test(tally, sums_equal_a_recount_after_every_step)
{
	enum { EPISODES = SCALED(400) };
	static const char *const zones[] = {
		"UTC", "Europe/Amsterdam", "Asia/Kolkata", "America/St_Johns"};
	struct kept *kept = mem_new(1, sizeof(*kept));
	uint64_t state = UINT64_C(0x2545f4914f6cdd1d);

	for (size_t z = 0; z < sizeof(zones) / sizeof(zones[0]); z++) {
		struct zone *zone = zone_open(zones[z], NULL);

		for (int i = 0; i < EPISODES / 4; i++)
			run_episode(kept, zone, &state);
		zone_close(zone);
	}
	free(kept);
}
