/*
 * drop_chores - what is done in a folder of dropped files beside reading them:
 * counting the bytes that wait, and removing old files from done/ and
 * rejected/. In slices, so that nothing waits however many files there are.
 */
#ifndef NPSD_SOURCE_DROP_CHORES_H
#define NPSD_SOURCE_DROP_CHORES_H

#include <stdint.h>

#include "base/time.h"
#include "base/wall_jump.h"
#include "loop/loop.h"

enum {
	DROP_CHORES_SLICE = 200, /* names of a turn */
	DROP_PURGE_EVERY_MS = 3600 * 1000,
};

struct drop_chores_settings {
	struct loop *loop;
	const struct clock *clock;
	struct wall_watch *wall; /* outlives this; lent */
	const char *source;	 /* for the log; lent */
	int64_t keep_ms;	 /* since a file was moved; 0: for ever */
	/* How many bytes wait. */
	void (*on_behind)(void *context, int64_t bytes);
	void *context;
};

struct drop_chores;
struct drop_chores *drop_chores_new(
	const struct drop_chores_settings *settings);
void drop_chores_free(struct drop_chores *chores);
/* Removes nothing while the wall clock may be wrong: see base/wall_jump.h. The
 * folder was opened anew, and is lent for the moment: begins what is due
 * and not under way. */
void drop_chores_look(struct drop_chores *chores, int folder);
/* A file of so many bytes waits no more. */
void drop_chores_moved(struct drop_chores *chores, int64_t bytes);

#endif
