/*
 * private - what the files of this room share.
 */
#ifndef NPSD_API_PRIVATE_H
#define NPSD_API_PRIVATE_H

#include <jansson.h>

#include "api/access_guard.h"
#include "api/api.h"
#include "flow/backup.h"
#include "store/store_follow_ups.h"

/* How many follow-ups there are, as of a while ago: counting reads them all. */
struct follow_ups_counted {
	struct follow_up_counts counts;
	int64_t at_us; /* monotonic; 0: not yet */
};

struct api {
	struct api_host host;
	struct api_access access;
	struct access_guard *guard;
	struct metric_family *score, *score_responses, *pending, *dead, *oldest,
		*process[8];
	struct metric_family *backup_stamp, *wal_bytes;
	struct metric_family *follow_ups, *follow_ups_overdue;
	struct follow_ups_counted counted;
	struct backup_job *backup; /* the last one, or NULL */
	int64_t backup_ms;	   /* when it began */
	bool backup_runs;
	bool replay_runs;
	/* of a dry one of several pages; NULL: there is none */
	json_t *replay_cooled;
	char *replay_next;	 /* its cursor */
	struct tap_stream *taps; /* see tap_route.c */
	struct loop_timer *taps_timer;
};

/* 200 with the value as JSON; takes the reference. */
void api_reply_json(struct http_request *request, int status, json_t *value);
/* The body; NULL after the problem was told. The caller's. */
json_t *api_read_object(struct http_request *request);

/* "since" of a query: an instant, or how long before now. False after the
 * problem was told; untouched where it is missing. */
bool api_query_since(const struct api *api, struct http_request *request,
	int64_t *since_ms) must_check;
/* A number from 1 to high; the same. */
bool api_query_number(struct http_request *request, const char *name,
	int64_t high, int64_t *value) must_check;

/* Handlers: `rest` is what follows the route's prefix in the path. */
typedef void (*api_route_fn)(
	struct api *api, struct http_request *request, const char *rest);
void api_score(struct api *api, struct http_request *request, const char *rest);
void api_digests(
	struct api *api, struct http_request *request, const char *rest);
void api_digest(
	struct api *api, struct http_request *request, const char *rest);
void api_digest_send(
	struct api *api, struct http_request *request, const char *rest);
void api_recovery(
	struct api *api, struct http_request *request, const char *rest);
void api_watches(
	struct api *api, struct http_request *request, const char *rest);
void api_responses(
	struct api *api, struct http_request *request, const char *rest);
void api_deliveries(
	struct api *api, struct http_request *request, const char *rest);
void api_rejected(
	struct api *api, struct http_request *request, const char *rest);
void api_follow_ups(
	struct api *api, struct http_request *request, const char *rest);
void api_follow_up_act(
	struct api *api, struct http_request *request, const char *rest);
void api_silences(
	struct api *api, struct http_request *request, const char *rest);
void api_silence_begin(
	struct api *api, struct http_request *request, const char *rest);
void api_silence_end(
	struct api *api, struct http_request *request, const char *rest);
/* Adds "state" to a silence as the store tells it. */
void api_silence_add_state(json_t *silence, int64_t now_ms);
void api_forget(
	struct api *api, struct http_request *request, const char *rest);
void api_erasures(
	struct api *api, struct http_request *request, const char *rest);
void api_replay_free(struct api *api);
void api_replay(
	struct api *api, struct http_request *request, const char *rest);
void api_events(
	struct api *api, struct http_request *request, const char *rest);
/* Ends those that may no longer listen. */
void api_taps_judge(struct api *api);
/* Ends all of them, with a reason. */
void api_taps_end(struct api *api, const char *reason);
void api_taps_free(struct api *api);
void api_audit(struct api *api, struct http_request *request, const char *rest);
void api_delivery_act(
	struct api *api, struct http_request *request, const char *rest);
/* "cancel", "retry", "17/cancel"; false: it is something else. */
bool api_sweep(struct api *api, struct http_request *request, const char *rest);
/* False: there is no such action. */
bool api_drill(
	struct api *api, struct http_request *request, const char *action);
void api_action_act(
	struct api *api, struct http_request *request, const char *rest);
void api_backup(
	struct api *api, struct http_request *request, const char *rest);
void api_backup_state(
	struct api *api, struct http_request *request, const char *rest);
void api_backup_free(struct api *api); /* none under way */
void api_reload(
	struct api *api, struct http_request *request, const char *rest);
void api_status(
	struct api *api, struct http_request *request, const char *rest);
/* The page of a follow-up: see follow_up_page.h. */
/* Whether the token is a storm's; then it is answered. */
bool api_storm_link(
	struct api *api, struct http_request *request, const char *rest);
void api_link(struct api *api, struct http_request *request, const char *rest);
void api_healthz(
	struct api *api, struct http_request *request, const char *rest);
void api_readyz(
	struct api *api, struct http_request *request, const char *rest);
/* The page. */
void api_overview(
	struct api *api, struct http_request *request, const char *rest);
void api_metrics(
	struct api *api, struct http_request *request, const char *rest);
void api_make_metrics(struct api *api);

/* {"ready":bool,"checks":[{"name","good","detail","mend"}]}. New. */
json_t *api_checks(const struct api *api);
/* The store thread has given no sign of life for a while. */
bool api_store_is_silent(const struct api *api);
/* subject: what of that name, or NULL. mend: of one that is not good. */
void api_add_check(json_t *checks, const char *name, const char *subject,
	bool good, const char *detail, const char *mend);
/* Ready: answers can be taken. A receiver that is down does not make npsd
 * unready: what is due waits. */
bool api_is_ready(const json_t *checks);

#endif
