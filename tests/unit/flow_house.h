/*
 * flow_house - what the tests of the flow share: a source whose batches come
 * back to the test, and counting rows.
 */
#ifndef NPSD_TESTS_FLOW_HOUSE_H
#define NPSD_TESTS_FLOW_HOUSE_H

#include "source/source.h"
#include "../support/stage.h"

enum { TRAY_LIMIT = 16 };
#define FLOW_NOW INT64_C(1795255200000) /* 2026-11-21T10:00:00Z */
#define FLOW_RULES                                                     \
	"rules:\n  - {name: detractor, match: {category: detractor}, " \
	"do: [crm]}\n"

/* A source. What it offered comes back in the order of `back`. */
struct tray {
	struct source source; /* first */
	struct source_settings settings;
	struct batch *back[TRAY_LIMIT];
	int back_count;
	int rooms;			    /* how often it was told of room */
	void (*on_room)(struct tray *tray); /* then; may be NULL */
	void *context;			    /* on_room's own */
	bool closed;
};
void tray_init(struct tray *tray, const char *name);
/* Frees what came back. */
void tray_done(struct tray *tray);
/* A batch of records (each a JSON text, ended by NULL) with its place. */
struct batch *tray_batch(struct tray *tray, const char *place_key,
	const char *place, const char *const *records);
/* Offers it; the next turn of the keeper works on it. */
void tray_offer(struct tray *tray, struct stage *stage, struct batch *batch);

struct stage *flow_stage(const char *yaml);
/* Deliveries in a state (NULL: all). */
int flow_deliveries(struct stage *stage, const char *state);
int flow_rows(struct stage *stage, int list);
/* One text member of the newest delivery; the caller frees; NULL: null. */
char *flow_newest(struct stage *stage, const char *member);
/* Tokens that are out for an action. */
int flow_room(const struct stage *stage, const char *action);
/* "open", "held" ... of an action. */
bool flow_lane_is(struct stage *stage, const char *action, const char *state);
/* The value of a series as it is exposed ("npsd_x{a=\"b\"}"), or -1. */
double flow_metric(struct stage *stage, const char *series);

#endif
