/*
 * watch_seats - what the watches remember between two looks.
 *
 * Private to watching.c and its neighbours; the store thread's.
 */
#ifndef NPSD_FLOW_WATCH_SEATS_H
#define NPSD_FLOW_WATCH_SEATS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nps/watches.h"

/* What is noted at each answer is written this often at most. */
enum { WATCH_NOTE_MS = 60 * 1000 };

/* A slot that alarmed once. */
struct seat {
	int64_t slot;
	struct watch_stand stand;
};

struct watcher {
	const struct watch *watch;
	int now, all; /* stretches of the tally; -1: not summed */
	int64_t looked_ms, next_ms;
	int64_t seen_ms, written_ms; /* of a source: its last answer */
	struct seat *seats;	     /* by slot */
	size_t count, capacity;
	size_t slots;	    /* seen by the last look */
	struct counts seen; /* in the window, of all these */
	int looks, alarms;  /* not told to the metrics yet */
};

struct watching {
	const struct watches *watches;
	struct watcher *items;
	int64_t started_ms;
	/* By slot: when history came in last; 0: no mark. */
	int64_t *marks;
	size_t mark_count;
	bool marked; /* any */
	bool to_send;
};

/* The seat of a slot; NULL if it never alarmed. Lent until one is added. */
struct seat *watcher_seat(const struct watcher *watcher, int64_t slot);
/* Of a slot that has none. */
void watcher_add_seat(struct watcher *watcher, const struct seat *seat);
/* How many alarm now. */
int watcher_firing(const struct watcher *watcher);

void watching_set_mark(struct watching *watching, int64_t slot, int64_t at_ms);
/* 0: none. */
int64_t watching_mark(const struct watching *watching, int64_t slot);

#endif
