/*
 * npsd - the daemon's one context and how it lives: start, reload, stop.
 */
#ifndef NPSD_TOP_NPSD_H
#define NPSD_TOP_NPSD_H

#include <stdbool.h>
#include <stddef.h>

#include "api/api.h"
#include "base/metrics.h"
#include "flow/digesting.h"
#include "flow/dispatch.h"
#include "flow/due.h"
#include "flow/intake.h"
#include "flow/keeper.h"
#include "flow/reader.h"
#include "flow/tap.h"
#include "loop/http_server.h"
#include "loop/loop.h"
#include "loop/transfer.h"
#include "top/config.h"
#include "top/notify.h"
#include "top/watchdog.h"

enum {
	NPSD_STOP_LIMIT_MS = 20 * 1000, /* from SIGTERM to giving up waiting */
	NPSD_STOP_LOOK_MS = 20,		/* between looks while stopping */
	NPSD_STOP_WRITE_MS = 60 * 1000, /* beyond: to write what waits */
	NPSD_OPEN_FILES = 1024,		/* beside those of connections */
	NPSD_PER_HOST = 64,		/* connections to one receiver */
};

#define NPSD_STOPPING "the daemon is stopping"

struct reload;

/* An open source with the configuration that its settings live in. */
struct open_source {
	struct source *source;
	struct config *config;
	bool closing;
};

struct npsd {
	const char *config_path;
	struct config *config;	     /* in force */
	struct config **old_configs; /* still lent to something */
	size_t old_count;

	struct loop *loop;
	struct metrics *metrics;
	struct transfer_pool *transfers;
	struct keeper *keeper;
	struct reader *reader;
	struct intake *intake;
	struct dispatch *dispatch;
	struct due *due;
	struct digesting *digesting;
	struct tap *tap;
	struct api *api;
	struct http_server *http;
	struct listener *listeners; /* see listeners.c */
	struct open_source *sources;
	size_t source_count;

	struct loop_watch *keeper_watch, *reader_watch;
	struct loop_watch *on_term, *on_int, *on_hup;
	struct loop_timer *dispatch_timer, *due_timer;
	struct loop_timer *gather_timer, *stop_timer;
	struct loop_timer *digest_timer;
	struct watchdog *watchdog;
	struct notify *notify;
	int64_t progress_us; /* when a start's progress was told last */

	struct reload *reload; /* one under way, or NULL */
	char *reload_refused;  /* why the last one was, a line; or NULL */
	int64_t reload_ms;     /* when it was */
	struct metric_family *reload_successful, *reload_stamp;
	int64_t started_ms;
	int64_t stop_by_us;
	bool stopping;
	bool was_done; /* at the look before */
	int exit_code;
};

/* Runs the daemon until it is told to stop; the exit code. */
int npsd_run(const char *config_path);

/* ---- for the files of this room ---- */

/* Opens the sources of the configuration in force: those that hear HTTP
 * (with_path), or the others. False: at least one could not be opened, err names
 * the last of them; the others are open. */
bool npsd_open_sources(
	struct npsd *npsd, bool with_path, struct err *err) must_check;
/* Closes those of a configuration, which live on until their last batch is
 * settled. */
void npsd_close_sources(struct npsd *npsd, const struct config *config);
bool npsd_sources_closing(const struct npsd *npsd);
void npsd_free_old_configs(struct npsd *npsd);
/* Looks soon whether an old configuration can be freed, or the end is there. */
void npsd_look_soon(struct npsd *npsd);
/* For the hosts of intake and api; context is the npsd. */
void npsd_on_source_closed(void *context, struct source *source);
struct source *npsd_source_at(void *context, const char *path);
const struct source *npsd_source_named(void *context, const char *name);
bool npsd_source_is_open(
	void *context, const struct source *source, const char **token);

/* Opens the sockets of a configuration that are not open yet (the first time
 * also the control socket and those that systemd passed). */
bool listeners_open(struct npsd *npsd, const struct config *config,
	struct err *err) must_check;
/* Puts a configuration in force for those that are open: what they serve, their
 * certificates, limits, proxies. */
void listeners_apply(struct npsd *npsd, const struct config *config);
/* Closes those that a configuration does not name. */
void listeners_trim(struct npsd *npsd, const struct config *config);
void listeners_close(struct npsd *npsd);

/* Told to stop: what is under way is brought to its end; told again, at once. */
void npsd_on_stop_signal(void *context);
/* Whether that end is there, or the time for it over: then the loop ends. */
void npsd_on_stop_look(void *context);
/* After the loop; also of one that came but halfway through its start. */
void npsd_tear_down(struct npsd *npsd);

/* Starts a reload, or asks for another after the one under way. */
void reload_start(struct npsd *npsd, reload_done_fn on_done, void *to);
/* Looks whether the reload under way can go on. */
void reload_step(struct npsd *npsd);
/* The daemon stops: whoever waits for a reload hears so. */
void reload_stop(struct npsd *npsd);
/* Forgets one that did not come to its end. */
void reload_drop(struct npsd *npsd);
/* Whether the last configuration read is in force. */
void reload_tell_metrics(struct npsd *npsd, bool good);

#endif
