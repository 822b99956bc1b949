/*
 * store_follow_ups - the verbs for follow-ups and their events; part of
 * store.h's interface: the same rules hold.
 */
#ifndef NPSD_STORE_STORE_FOLLOW_UPS_H
#define NPSD_STORE_STORE_FOLLOW_UPS_H

#include "nps/follow_up.h"
#include "store/store.h"

/* What was done to a follow-up, by whom, how. Texts are lent. */
struct follow_up_event {
	int64_t follow_up;
	int n; /* from 1; given by the store */
	int64_t at_ms;
	enum follow_up_act act;
	const char *who, *how;
	const char *owner, *reason, *note; /* or NULL */
	int64_t answer; /* of opened, fold, improved: its row; else 0 */
};

typedef void (*on_follow_up_fn)(
	const struct follow_up *follow_up, void *context);
typedef void (*on_follow_up_event_fn)(
	const struct follow_up_event *event, void *context);

/* ---- the writer ---- */

/* row is filled in. There must be no unfinished one under its scope. */
bool store_put_follow_up(struct store_writer *store,
	struct follow_up *follow_up, struct err *err) must_check;
/* STORE_FOUND or STORE_NONE. */
enum store_found store_get_follow_up(struct store_writer *store, int64_t row,
	on_follow_up_fn on_found, void *context, struct err *err) must_check;
/* The unfinished one under a scope (STORE_NONE: there is none). */
enum store_found store_find_follow_up(struct store_writer *store,
	const char *scope, on_follow_up_fn on_found, void *context,
	struct err *err) must_check;
/* The newest that an answer opened or was folded into. */
enum store_found store_find_follow_up_of(struct store_writer *store,
	int64_t answer, on_follow_up_fn on_found, void *context,
	struct err *err) must_check;
/* Replaces all but row, scope, survey, customer, account, answer and rule. */
bool store_change_follow_up(struct store_writer *store,
	const struct follow_up *follow_up, struct err *err) must_check;
/* n is filled in. */
bool store_put_follow_up_event(struct store_writer *store,
	struct follow_up_event *event, struct err *err) must_check;
bool store_each_follow_up_event(struct store_writer *store, int64_t follow_up,
	on_follow_up_event_fn on_event, void *context,
	struct err *err) must_check;
/* At most n unfinished ones with next_due_ms <= now_ms, the earliest first.
 * on_due must not write: copy, and write afterwards. */
bool store_each_due_follow_up(struct store_writer *store, int64_t now_ms, int n,
	on_follow_up_fn on_due, void *context, struct err *err) must_check;
/* INT64_MAX: none. */
bool store_next_due_follow_up(struct store_writer *store, int64_t *due_ms,
	struct err *err) must_check;
/* At most n unfinished ones with a row above `after`, in order of rows. on_one
 * must not write. */
bool store_each_follow_up(struct store_writer *store, int64_t after, int n,
	on_follow_up_fn on_one, void *context, struct err *err) must_check;
/* A number that counts up from 0 for each rule, over restarts: whose turn. */
bool store_take_turn(struct store_writer *store, const char *rule,
	int64_t *turn, struct err *err) must_check;

/* ---- the reader; lists are store_list_rows' ---- */

struct follow_up_counts {
	int64_t states[FOLLOW_UP_STATES];
	int64_t overdue;
};
bool store_count_follow_ups(struct store_reader *reader, int64_t now_ms,
	struct follow_up_counts *counts, struct err *err) must_check;

#endif
