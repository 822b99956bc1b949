/*
 * api - the HTTP interface: who may ask, which route, what it answers. The way
 * of a question.
 *
 * Everything on the loop's thread; what needs the store is asked of the reader
 * (lists, explain) or sent to the keeper as an errand (figures, retry) and
 * answered when it comes back. The commands use the same routes over the
 * control socket.
 */
#ifndef NPSD_API_API_H
#define NPSD_API_API_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/metrics.h"
#include "base/time.h"
#include "conf/language.h"
#include "flow/digesting.h"
#include "flow/dispatch.h"
#include "flow/due.h"
#include "flow/intake.h"
#include "flow/keeper.h"
#include "flow/reader.h"
#include "flow/tap.h"
#include "loop/http_server.h"
#include "nps/owner.h"

/* Stored nowhere; the order of `role:` choices. admin may all; follow-up and read
 * may what figures may, and both see follow-ups, which follow-up alone may
 * change. */
enum api_role {
	ROLE_INTAKE,
	ROLE_FIGURES,
	ROLE_FOLLOW_UP,
	ROLE_READ,
	ROLE_ADMIN,
	ROLE_SEES_FOLLOW_UPS, /* no token's: what a route asks for */
};
extern const char *const api_role_names[]; /* ended by NULL */

struct api_token {
	const char *name; /* of the token, for logs */
	enum api_role role;
	const char *secret;
};

/* Replaced at a reload by api_set_access. Lent. */
struct api_access {
	const struct api_token *tokens;
	size_t count;
};

/* A reload has ended: errors as text, or NULL and the warnings that remain, an
 * array of {severity,file,line,column,path,message} (NULL: none). Lent. */
typedef void (*reload_done_fn)(const char *errors, json_t *warnings, void *to);

/* What a listener serves; bits. */
enum api_service {
	API_SERVES_HOOKS = 1,	/* the paths of sources */
	API_SERVES_API = 2,	/* /api/, / */
	API_SERVES_METRICS = 4, /* /metrics */
	API_SERVES_HEALTH = 8,	/* /healthz, /readyz */
	API_SERVES_LINKS = 16,	/* /f/ */
	API_SERVES_ALL = 31
};
extern const char *const api_service_names[]; /* by bit; ended by NULL */
/* The tag of a listener that serves these; one without a tag serves all. */
const void *api_listener_tag(unsigned services);

struct api_host {
	struct loop *loop;
	struct keeper *keeper;
	struct reader *reader;
	struct dispatch *dispatch;
	struct digesting *digesting;
	struct intake *intake;
	struct tap *tap;
	struct metrics *metrics;
	const struct clock *clock;
	void *context;
	/* The source that hears at this path, or NULL. */
	struct source *(*source_at)(void *context, const char *path);
	/* Who may post to it beside holders of an intake token. */
	bool (*source_is_open)(
		void *context, const struct source *source, const char **token);
	/* Told to end: sources are closed, or about to be. */
	bool (*is_stopping)(void *context);
	/* Why HTTP is not heard just now, or NULL. NULL itself: not known. */
	const char *(*http_trouble)(void *context);
	/* Starts a reload; on_done is called once. */
	void (*reload)(void *context, reload_done_fn on_done, void *to);
	/* {"version","started_at","config","config_hash",...}. New. */
	json_t *(*about)(void *context);
	/* Names from `metrics.segments`, ended by NULL, and `max_series`. */
	const char *const *(*metric_segments)(
		void *context, size_t *max_series);
	/* What the pages of links say to people. Lent for the call. */
	const struct languages *(*languages)(void *context);
	/* Who follow-ups may belong to; NULL: nobody is named. The same. */
	const struct owners *(*owners)(void *context);
	/* Follow-ups that a reload left alone. The same. */
	const struct due_orphans *(*orphans)(void *context);
	/* Whether what is due of them has to wait; NULL: nothing is. */
	bool (*due_waits)(void *context);
};

struct api;
struct api *api_new(
	const struct api_host *host, const struct api_access *access);
void api_free(struct api *api);
/* Who listens to events and may no longer is told, and ended. */
void api_set_access(struct api *api, const struct api_access *access);
/* The daemon is being stopped: who listens to events is told, and ended. */
void api_stop(struct api *api);
/* An http_handler_fn; context is the api. */
void api_handle(struct http_request *request, void *context);

#endif
