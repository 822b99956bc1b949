/*
 * stage - the real way of a response with a settable clock, for scenarios: the
 * keeper without its thread, lanes, the SQLite store in a temporary folder; only
 * the receivers are played.
 */
#ifndef NPSD_TESTS_STAGE_H
#define NPSD_TESTS_STAGE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "nps/decide.h"
#include "nps/response.h"

struct stage;

/* yaml: rules, and optionally actions (a list of names, default [crm]), windows,
 * segments, max_segments, timezone, keep_responses. */
struct stage *stage_open(const char *yaml, int64_t now_ms, struct err *err);
/* The same in the store that is memory: a kill takes all. */
struct stage *stage_open_in_memory(
	const char *yaml, int64_t now_ms, struct err *err);
void stage_close(struct stage *stage);

int64_t stage_now_ms(const struct stage *stage);
void stage_set_clock(struct stage *stage, int64_t now_ms);
/* The wall clock is set; the monotonic one goes on. */
void stage_jump(struct stage *stage, int64_t by_ms);
/* By how much it was set back in all. */
int64_t stage_set_back_ms(const struct stage *stage);
/* Moves the clock on, stopping at each moment that something is due. */
void stage_pass(struct stage *stage, int64_t ms);

/* What became of one record. */
struct stage_result {
	bool kept;
	bool rejected;
	struct rejection rejection;
	enum standing standing;
	int64_t row;
};
/* One record from source `source`. */
struct stage_result stage_answer(
	struct stage *stage, const char *source, const char *bytes);

/* The same, of one of the past: an import's. */
struct stage_result stage_history(
	struct stage *stage, const char *source, const char *bytes);

/* How a receiver answers from now on: an HTTP-like status. retry_after_ms: -1
 * none. status 0: it does not answer at all (the send stays in flight). */
void stage_receiver(struct stage *stage, const char *action, int status,
	int64_t retry_after_ms);
/* Its next answer alone; 200 from then on. */
void stage_receiver_once(struct stage *stage, const char *action, int status);
/* What a receiver saw: tries, deliveries taken, different ids, different
 * bodies. */
struct stage_seen {
	int tries, taken, ids, bodies;
	const char *last_body; /* NULL: none */
};
struct stage_seen stage_seen(const struct stage *stage, const char *action);

/* All that receivers saw: {NAME: {"tried": {ID: its last body}, "taken": {ID:
 * how often}, "changed": tries of an id with another body than before}}. New. */
json_t *stage_receivers(const struct stage *stage);

/* kill -9 and a new start, with the same disk. */
bool stage_kill(struct stage *stage, struct err *err);
/* A kill, and a start so much later. */
bool stage_down(struct stage *stage, int64_t ms, struct err *err);
/* The same with other rules. */
bool stage_restart_with(struct stage *stage, const char *yaml, struct err *err);

/* The same daemon with another configuration. */
bool stage_reload(struct stage *stage, const char *yaml, struct err *err);

/* For tests that look behind the scenes; turn: all that happens now. */
struct clock;
struct keeper;
struct reader;
struct dispatch;
struct intake;
struct policy;
struct metrics;
void stage_turn(struct stage *stage);
/* Whether bodies can be made, and renderers be opened; both at first. */
void stage_renders(struct stage *stage, bool renders);
void stage_opens_renderers(struct stage *stage, bool opens);
struct metrics *stage_metrics(struct stage *stage);
struct keeper *stage_keeper(struct stage *stage);
struct reader *stage_reader(struct stage *stage);
const struct clock *stage_clock(const struct stage *stage);
struct dispatch *stage_dispatch(struct stage *stage);
struct intake *stage_intake(struct stage *stage);
const struct policy *stage_policy(const struct stage *stage);

/* How the watches stand: watching_json. New. */
json_t *stage_watches(struct stage *stage);
/* Rows of a list (STORE_*), as JSON. New. */
json_t *stage_list(struct stage *stage, int list);
json_t *stage_explain(struct stage *stage, int64_t row);
int64_t stage_row_of(struct stage *stage, const char *survey, const char *id);
/* Figures of a window as JSON; segment and value NULL: in total. New. */
json_t *stage_figures(struct stage *stage, const char *survey,
	const char *segment, const char *value, const char *window);
/* True if every survey's standing figures of each window equal a recount from
 * the rows; *difference says where not. */
bool stage_counts_hold(struct stage *stage, char *difference, size_t size);
bool stage_retry(struct stage *stage, int64_t delivery);
/* One that waits, by a person. */
bool stage_cancel(struct stage *stage, int64_t delivery);

/* The follow-up of the answer with that id: changed, or (change NULL) only
 * asked for. follow_up_job_free is the caller's. */
struct follow_up_job;
struct follow_up_change;
struct follow_up_job *stage_follow_up(struct stage *stage, const char *id,
	const struct follow_up_change *change);

#endif
