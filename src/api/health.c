/* health - /healthz, /readyz, and the checks behind them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/access.h"
#include "api/private.h"
#include "base/memory.h"
#include "base/text.h"

enum { HEALTH_SILENCE_US = 10 * 1000000 }; /* of the store thread */

void
api_add_check(json_t *checks, const char *name, const char *subject, bool good,
	const char *detail, const char *mend)
{
	json_t *check = json_pack("{s:s, s:b, s:s}", "name", name, "good", good,
		"detail", detail != NULL ? detail : "");

	if (subject != NULL)
		json_object_set_new(check, "subject", json_string(subject));
	if (!good)
		json_object_set_new(check, "mend", json_string(mend));
	json_array_append_new(checks, check);
}

static void
check_wal(const struct api *api, json_t *checks)
{
	struct store_watch watch;
	char detail[80];
	bool good;

	keeper_watch_store(api->host.keeper, &watch);
	good = watch.wal_bytes < STORE_WAL_LONG_BYTES;
	snprintf(detail, sizeof(detail), "%lld MiB",
		(long long)(watch.wal_bytes / 1024 / 1024));
	api_add_check(checks, "wal", NULL, good, detail,
		"Another program reads the database in one long transaction: "
		"find it (fuser -v on the file) and end it.");
}

bool
api_store_is_silent(const struct api *api)
{
	return clock_monotonic_us(api->host.clock) -
		       keeper_alive_us(api->host.keeper) >=
	       HEALTH_SILENCE_US;
}

static void
check_store(const struct api *api, json_t *checks)
{
	bool alive = !api_store_is_silent(api);
	bool failing = keeper_is_failing(api->host.keeper);

	api_add_check(checks, "store", NULL, alive && !failing,
		!alive	  ? "the store thread has not answered"
		: failing ? "nothing could be stored at the last try"
			  : "commits",
		"Look at the disk under the database: is it full, slow or "
		"failing?");
	api_add_check(checks, "database", NULL,
		!reader_is_broken(api->host.reader),
		reader_is_broken(api->host.reader)
			? "damaged: something in it could not be read"
			: "readable",
		"Copy the database and its WAL away, and go back to a backup: "
		"npsd restore.");
	check_wal(api, checks);
	api_add_check(checks, "inbox", NULL, !keeper_is_full(api->host.keeper),
		keeper_is_full(api->host.keeper) ? "full: sources are paused"
						 : "has room",
		"Answers come faster than they can be committed; it clears by "
		"itself when they come slower.");
}

/* All that came was refused: its map, most often, or the sender's format. */
static void
check_refusals(const json_t *source, json_t *checks)
{
	const char *name = json_string_value(json_object_get(source, "source"));
	long long rejected =
		json_integer_value(json_object_get(source, "rejected"));
	bool taken = json_object_get(source, "last_response") != NULL;
	char *detail = mem_printf("%lld %s refused, none taken", rejected,
		text_plural(rejected, "record", "records"));
	char *mend = mem_printf("npsd rejected --source %s tells why.", name);

	if (rejected > 0 && !taken)
		api_add_check(checks, "records", name, false, detail, mend);
	free(detail);
	free(mend);
}

static void
check_sources(const struct api *api, json_t *checks)
{
	json_t *sources = intake_state(api->host.intake), *source;
	size_t i;

	json_array_foreach(sources, i, source)
	{
		bool good = json_is_true(json_object_get(source, "healthy"));

		api_add_check(checks, "source",
			json_string_value(json_object_get(source, "source")),
			good,
			json_string_value(json_object_get(source, "reason")),
			"Look at the path and its permissions.");
		check_refusals(source, checks);
	}
	json_decref(sources);
}

static void
check_actions(const struct api *api, json_t *checks)
{
	json_t *actions = dispatch_state(api->host.dispatch), *action;
	size_t i;

	json_array_foreach(actions, i, action)
	{
		const char *state =
			json_string_value(json_object_get(action, "state"));
		const char *reason =
			json_string_value(json_object_get(action, "reason"));
		bool good = strcmp(state, "open") == 0;
		char *detail = reason != NULL && !good
				       ? mem_printf("%s: %s", state, reason)
				       : mem_strdup(state);

		api_add_check(checks, "action",
			json_string_value(json_object_get(action, "action")),
			good, detail,
			strcmp(state, "paused") == 0
				? "npsd resume lets it send again."
				: "Look at the receiver; npsd probes it by "
				  "itself (npsd resume: at once), and nothing "
				  "is lost meanwhile.");
		free(detail);
	}
	json_decref(actions);
}

static void
check_configuration(const struct api *api, json_t *checks)
{
	json_t *about = api->host.about(api->host.context);
	const json_t *reload = json_object_get(about, "reload");
	const char *refused =
		json_string_value(json_object_get(reload, "refused"));
	char *detail = mem_printf("the reload at %s was refused: %s",
		refused != NULL
			? json_string_value(json_object_get(reload, "at"))
			: "",
		refused != NULL ? refused : "");

	api_add_check(checks, "configuration", NULL, refused == NULL,
		refused != NULL ? detail : "in force",
		"The old one stays in force. npsd check tells what is wrong; "
		"then npsd reload.");
	free(detail);
	json_decref(about);
}

static void
check_due(const struct api *api, json_t *checks)
{
	const struct api_host *host = &api->host;
	bool waits = host->due_waits != NULL && host->due_waits(host->context);

	api_add_check(checks, "due", NULL, !waits,
		waits ? "what falls due of follow-ups could not be kept"
		      : "is told in time",
		"Look at the disk under the database; it is tried again by "
		"itself.");
}

static void
check_http(const struct api *api, json_t *checks)
{
	const char *trouble =
		api->host.http_trouble != NULL
			? api->host.http_trouble(api->host.context)
			: NULL;

	api_add_check(checks, "http", NULL, trouble == NULL, trouble,
		"Who holds so many connections? See server.limits, and the "
		"limit on open files (LimitNOFILE= of the unit).");
}

json_t *
api_checks(const struct api *api)
{
	json_t *checks = json_array();

	check_configuration(api, checks);
	check_store(api, checks);
	check_due(api, checks);
	check_http(api, checks);
	check_sources(api, checks);
	check_actions(api, checks);
	return checks;
}

void
api_healthz(struct api *api, struct http_request *request, const char *rest)
{
	(void)api;
	(void)rest;
	http_reply(request, 200, "text/plain; charset=utf-8", "ok\n", 3);
}

bool
api_is_ready(const json_t *checks)
{
	const json_t *check;
	size_t i;

	json_array_foreach(checks, i, check)
	{
		const char *name =
			json_string_value(json_object_get(check, "name"));

		if (!json_is_true(json_object_get(check, "good")) &&
			(strcmp(name, "store") == 0 ||
				strcmp(name, "inbox") == 0))
			return false;
	}
	return true;
}

void
api_readyz(struct api *api, struct http_request *request, const char *rest)
{
	bool verbose = http_request_query(request, "verbose") != NULL;
	json_t *checks;
	bool ready;

	(void)rest;
	/* Reasons name files and receivers: not for everybody. */
	if (verbose && !access_passes(&api->access, request, ROLE_FIGURES, NULL,
			       api->guard))
		return;
	checks = api_checks(api);
	ready = api_is_ready(checks);
	if (!verbose) {
		json_decref(checks);
		http_reply(request, ready ? 200 : 503,
			"text/plain; charset=utf-8",
			ready ? "ready\n" : "not ready\n", ready ? 6 : 10);
		return;
	}
	api_reply_json(request, ready ? 200 : 503,
		json_pack("{s:b, s:o}", "ready", ready, "checks", checks));
}
