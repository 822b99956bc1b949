/*
 * many_figures - what the score of many groups costs: four windows and 1,000
 * values of a segment, over ten million answers.
 *
 *	many_figures [ANSWERS]
 *
 * Counts the answers in a tally of its own, then asks for all figures over and
 * over. Prints one line of JSON: how long one asking took, how much memory the
 * tally holds, what counting an answer cost.
 */
#include <malloc.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "nps/figures.h"
#include "nps/tally.h"
#include "stopwatch.h"

enum { VALUES = 1000, ASKED = 200 };
#define NOW INT64_C(1763719200000)

static const char *const window_names[] = {"24h", "7d", "30d", "90d"};
enum { WINDOWS = 4 };

static bool
sum_nothing(enum bucket_width width, int64_t after, int64_t upto,
	void (*on_sum)(int64_t slot, const struct counts *counts, void *to),
	void *to, void *context)
{
	(void)width;
	(void)after;
	(void)upto;
	(void)on_sum;
	(void)to;
	(void)context;
	return true;
}

static size_t
held_bytes(void)
{
	return mallinfo2().uordblks;
}

static struct tally *
make_tally(void)
{
	static struct window windows[WINDOWS];
	static const char *const segments[] = {"agent"};
	struct tally_settings settings = {.windows = windows,
		.window_count = WINDOWS,
		.segments = segments,
		.segment_count = 1,
		.max_slots = 10000};
	struct tally *tally;
	char value[16];
	struct err err;

	for (size_t i = 0; i < WINDOWS; i++)
		if (!window_parse(&windows[i], window_names[i], &err))
			exit(1);
	tally = tally_new(&settings);
	tally_load_slot(tally, 1, "survey", "", "");
	for (int i = 0; i < VALUES; i++) {
		snprintf(value, sizeof(value), "agent-%d", i);
		tally_load_slot(tally, 2 + i, "survey", "agent", value);
	}
	return tally;
}

static void
count_answers(struct tally *tally, long answers)
{
	for (long i = 0; i < answers; i++) {
		struct slots slots = {.count = 2, .ids = {1, 2 + i % VALUES}};

		tally_add(tally, &slots, NOW - i % 90 * MS_PER_DAY / 2,
			(enum category)(i / VALUES % CATEGORIES), 1);
	}
}

static void
on_group(const char *value, const struct counts *counts, void *context)
{
	struct figures figures;

	(void)value;
	figures_of(counts, &figures);
	*(int64_t *)context += figures.responses;
}

int
main(int argc, char **argv)
{
	long answers = argc > 1 ? strtol(argv[1], NULL, 10) : 10000000;
	size_t before = held_bytes();
	struct tally *tally = make_tally();
	int64_t times[ASKED], start, sum = 0;
	double count_ns;

	if (answers <= 0 || !tally_advance(tally, NOW, sum_nothing, NULL))
		return 2;
	start = stopwatch_ns();
	count_answers(tally, answers);
	count_ns = (double)(stopwatch_ns() - start) / (double)answers;
	for (int i = 0; i < ASKED; i++) {
		start = stopwatch_ns();
		for (int w = 0; w < WINDOWS; w++)
			tally_each(tally, "survey", "agent", w, on_group, &sum);
		times[i] = stopwatch_ns() - start;
	}
	printf("{\"p50_us\":%.1f,\"p99_us\":%.1f,\"kib\":%zu,"
	       "\"count_ns\":%.1f,\"answers\":%ld}\n",
		(double)stopwatch_quantile(times, ASKED, 0.5) / 1e3,
		(double)stopwatch_quantile(times, ASKED, 0.99) / 1e3,
		(held_bytes() - before) / 1024, count_ns, answers);
	tally_free(tally);
	return sum > 0 ? 0 : 1;
}
