/*
 * notify - what the service manager is told (sd_notify(3)): that npsd is ready,
 * reloads, stops; that it needs more time; and one line on how it does, which
 * `systemctl status npsd` shows. Without a service manager nothing happens.
 *
 *	STATUS=NPS 12 (30d, 1,204 answers), 3 alerts pending, 1 action held
 *
 * Loop thread.
 */
#ifndef NPSD_TOP_NOTIFY_H
#define NPSD_TOP_NOTIFY_H

#include <stdbool.h>
#include <stdint.h>

#include "flow/dispatch.h"
#include "flow/keeper.h"
#include "flow/reader.h"
#include "loop/loop.h"

enum {
	NOTIFY_STATUS_MS = 3000,	/* a new status at most this often */
	NOTIFY_REFRESH_MS = 60 * 1000,	/* and so often if nothing happens */
	NOTIFY_PATIENCE_MS = 60 * 1000, /* asked for at each step of a start */
	NOTIFY_PROGRESS_MS = 1000,	/* at most so often */
};

/* While there is no loop yet. */
void notify_starting(void);
/* A long step of the start gets on: more time, please. */
void notify_progress(int64_t *last_us);
void notify_failed(const char *reason);
void notify_ready(void);
void notify_reloading(void);
/* The manager's limit for silence; 0: it does not watch. */
int64_t notify_watchdog_ms(void);
void notify_alive(void);

/* Keeps the status line up to date. */
struct notify;
struct notify *notify_new(struct loop *loop, struct keeper *keeper,
	struct reader *reader, const struct dispatch *dispatch);
void notify_free(struct notify *notify);
/* Something has happened that may change it. */
void notify_look_soon(struct notify *notify);
/* It stops, and may take so long from now on. The last status that is told; may
 * be said again. */
void notify_stopping(struct notify *notify, int64_t patience_ms);

#endif
