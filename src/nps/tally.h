/*
 * tally - the standing NPS: sums by slot and window.
 *
 * A slot is one (survey, segment, value); the survey as a whole is the slot
 * with segment "". Buckets live in the store; here are only the sums of the
 * buckets that each window holds now, so memory does not grow with time:
 *
 *	buckets on disk   |.|.|.|.|.|.|.|.|.|     one row a slot and minute/hour
 *	window            after ^---------^ upto  moved on by tally_advance
 *	sum here                 [ p n d ]        one a slot and window
 *
 * Owned by the store thread. tally_add only after the commit, and with no
 * tally_advance between the commit and it: that would count the answer twice.
 */
#ifndef NPSD_NPS_TALLY_H
#define NPSD_NPS_TALLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/time.h"
#include "nps/figures.h"
#include "nps/registry.h"
#include "nps/response.h"
#include "nps/window.h"

enum {
	SLOTS_PER_ANSWER_LIMIT = 16,
	TALLY_SEGMENTS_LIMIT = 15,
	TALLY_STRETCHES_LIMIT = 32,
	TALLY_WINDOWS_LIMIT = WINDOWS_LIMIT + TALLY_STRETCHES_LIMIT,
};
#define TALLY_OTHER REGISTRY_OTHER /* counted under past max_slots */

/* The slots one answer was counted in; kept in its row. */
struct slots {
	size_t count;
	int64_t ids[SLOTS_PER_ANSWER_LIMIT];
};

struct tally_settings {
	const struct window *windows; /* copied */
	size_t window_count;
	/* Rolling ones that are counted too, but are told of by tally_sum
	 * only; copied. */
	const struct window *stretches;
	size_t stretch_count;
	const char *const *segments; /* names; copied */
	size_t segment_count;
	size_t max_slots;
	const struct zone *zone; /* lent for the tally's life */
};

struct tally;
struct tally *tally_new(const struct tally_settings *settings);
void tally_free(struct tally *tally);

/* Slots as they were stored; before anything is counted. One of a segment that
 * is not configured any more is not counted, but its id is not given again. */
void tally_load_slot(struct tally *tally, int64_t id, const char *survey,
	const char *segment, const char *value);
/*
 * The slots of an answer: its survey's, and one for each configured segment it
 * has a text, number or boolean value for. A slot not seen before gets the
 * next id and on_new is called, so that it is written in the same
 * transaction. max_slots counts all slots: past it a new value is TALLY_OTHER,
 * and a new survey is TALLY_OTHER too; past twice as many (each survey may have
 * its "other"), a new value is that of the survey TALLY_OTHER.
 */
void tally_slots(struct tally *tally, const struct response *response,
	struct slots *slots,
	void (*on_new)(int64_t id, const char *survey, const char *segment,
		const char *value, void *context),
	void *context);
/* Forgets slots with an id of `from` and above (their transaction was undone). */
void tally_drop_slots(struct tally *tally, int64_t from);
int64_t tally_next_slot(const struct tally *tally);

/* Sums of stored buckets with numbers in (after, upto], by slot. False ends it
 * with an error. */
typedef bool (*tally_sum_fn)(enum bucket_width width, int64_t after,
	int64_t upto,
	void (*on_sum)(int64_t slot, const struct counts *counts, void *to),
	void *to, void *context);
/*
 * Moves every window on to now: what left is subtracted, what came in is added,
 * read through `sum`. The first call, and one after the clock went back, sums
 * anew. On false the tally must be advanced again before it is read
 * (tally_forget_sums, then advance).
 */
bool tally_advance(struct tally *tally, int64_t now_ms, tally_sum_fn sum,
	void *context) must_check;
void tally_forget_sums(struct tally *tally);

/* Counts (sign 1) or takes back (sign -1) one answer (counted: its category) or
 * invitation (COUNTED_INVITATION), in the windows that hold
 * its bucket now. */
void tally_add(struct tally *tally, const struct slots *slots,
	int64_t answered_ms, int counted, int sign);

size_t tally_window_count(const struct tally *tally);
const char *tally_window_name(const struct tally *tally, size_t window);
/* Window by name, or -1. */
int tally_window(const struct tally *tally, const char *name);
/* survey NULL: all surveys. Zero where there is no such survey or window. */
void tally_total(const struct tally *tally, const char *survey, int window,
	struct counts *counts);
/* Each value of a segment (of `survey` segment NULL or "": each survey), sorted
 * by value; slots with neither answers nor invitations in the
 * window are left out. */
void tally_each(const struct tally *tally, const char *survey,
	const char *segment, int window,
	void (*on_group)(
		const char *value, const struct counts *counts, void *context),
	void *context);
/* The sums of the stretch before a window, by slot (window_before), read through
 * `sum`. */
bool tally_sum_before(const struct tally *tally, int window, int64_t now_ms,
	tally_sum_fn sum,
	void (*on_sum)(int64_t slot, const struct counts *counts, void *to),
	void *to, void *context) must_check;
/* The rolling window or stretch of that width, or -1. */
int tally_stretch(const struct tally *tally, int64_t width_ms);
/* What a slot has in a window or stretch; zero where there is no such slot. */
void tally_sum(const struct tally *tally, int64_t slot, int window,
	struct counts *counts);
/* Every slot of a segment (NULL, "": surveys as a whole) by ascending id, also
 * those without answers; strings are the tally's. */
void tally_each_slot(const struct tally *tally, const char *segment,
	void (*on_slot)(int64_t id, const char *survey, const char *value,
		void *context),
	void *context);
/* A configured segment; also NULL and "", by which tally_each takes surveys. */
bool tally_has_segment(const struct tally *tally, const char *segment);
/* Appends {"24h":FIGURES,...} of one survey (NULL: all): `.nps` of an alert
 * document. */
void tally_append_figures(
	const struct tally *tally, const char *survey, struct buf *out);
/* The same as a tree. New. */
json_t *tally_figures_json(const struct tally *tally, const char *survey);

#endif
