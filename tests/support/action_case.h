/*
 * action_case - one action as the daemon has it, for tests: settings from
 * YAML, both halves open, a loop, a clock that stands still, tries that are
 * waited for.
 */
#ifndef NPSD_TESTS_ACTION_CASE_H
#define NPSD_TESTS_ACTION_CASE_H

#include <jansson.h>
#include <stdbool.h>

#include "action/action.h"

/* 2026-11-21T09:00:00Z */
#define ACTION_CASE_NOW_MS INT64_C(1795251600000)
#define ACTION_CASE_ID "0f8fad5b-d9cb-569f-a165-70867728950e"

struct action_case {
	struct loop *loop;
	struct transfer_pool *transfers;
	struct clock_set clock;
	const struct action_kind *kind;
	struct conf_document *document;
	void *settings;
	struct renderer *renderer;
	struct sender *sender;
	/* of the last try */
	int done;
	struct outcome outcome;
};

/* With a loop and no action yet. */
void action_case_init(struct action_case *it);
/* Reads a map of settings and checks it; all errors and warnings as text,
 * which the caller frees. *good tells if there was no error. The action is not
 * opened. */
char *action_case_check(struct action_case *it, const struct action_kind *kind,
	const char *yaml, bool offline, bool *good);
/* The same, opened; aborts the test on an error. */
void action_case_open(struct action_case *it, const struct action_kind *kind,
	const char *yaml);
/* Closes the action and frees its settings. */
void action_case_close(struct action_case *it);
void action_case_done(struct action_case *it);

/* An alert document from its text; the caller frees it. */
json_t *action_case_document(const char *text);
/* A plain one. */
json_t *action_case_alert(void);
/* Its body for a recipient, under ACTION_CASE_ID; false: *reason says why. */
bool action_case_render(struct action_case *it, const json_t *document,
	const char *recipient, struct buf *body, struct err *err);
/* One try; waits for its end. tries: which one it is. */
struct outcome action_case_send(struct action_case *it, const struct buf *body,
	const char *recipient, int tries);
/* Starts one and does not wait. */
struct send *action_case_start(struct action_case *it, const struct buf *body,
	const char *recipient, int tries);
/* Turns the loop until it->done reaches `count`; aborts the test after 10 s. */
void action_case_wait(struct action_case *it, int count);

#endif
