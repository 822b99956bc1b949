/* health - /healthz, /readyz, /api/v1/status. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/access.h"
#include "api/private.h"
#include "base/json.h"
#include "base/json_value.h"
#include "base/memory.h"
#include "base/text.h"
#include "loop/problem.h"
#include "store/store_storm.h"

enum { HEALTH_SILENCE_US = 10 * 1000000 }; /* of the store thread */

static void
add_check(json_t *checks, const char *name, const char *subject, bool good,
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
	add_check(checks, "wal", NULL, good, detail,
		"Another program reads the database in one long transaction: "
		"find it (fuser -v on the file) and end it.");
}

static void
check_store(const struct api *api, json_t *checks)
{
	int64_t silent_us = clock_monotonic_us(api->host.clock) -
			    keeper_alive_us(api->host.keeper);
	bool alive = silent_us < HEALTH_SILENCE_US;
	bool failing = keeper_is_failing(api->host.keeper);

	add_check(checks, "store", NULL, alive && !failing,
		!alive	  ? "the store thread has not answered"
		: failing ? "nothing could be stored at the last try"
			  : "commits",
		"Look at the disk under the database: is it full, slow or "
		"failing?");
	add_check(checks, "database", NULL, !reader_is_broken(api->host.reader),
		reader_is_broken(api->host.reader)
			? "damaged: something in it could not be read"
			: "readable",
		"Copy the database and its WAL away, and go back to a backup: "
		"npsd restore.");
	check_wal(api, checks);
	add_check(checks, "inbox", NULL, !keeper_is_full(api->host.keeper),
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
		add_check(checks, "records", name, false, detail, mend);
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

		add_check(checks, "source",
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

		add_check(checks, "action",
			json_string_value(json_object_get(action, "action")),
			good,
			good		 ? "open"
			: reason != NULL ? reason
					 : state,
			strcmp(state, "paused") == 0
				? "npsd resume lets it send again."
				: "Look at the receiver; npsd probes it by "
				  "itself (npsd resume: at once), and nothing "
				  "is lost meanwhile.");
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

	add_check(checks, "configuration", NULL, refused == NULL,
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

	add_check(checks, "due", NULL, !waits,
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

	add_check(checks, "http", NULL, trouble == NULL, trouble,
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

/* Ready: answers can be taken. A receiver that is down does not make npsd
 * unready: what is due waits. */
static bool
is_ready(const json_t *checks)
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
	ready = is_ready(checks);
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

/* ---- status ---- */

struct status_question {
	struct question question;
	struct http_request *request;
	const struct api *api;
	json_t *status;
	json_t *backlog; /* action -> [waiting, dead, oldest] */
	json_t *storms;	 /* action -> how many alerts a message waits to tell */
	int64_t now_ms;
	struct follow_up_counts follow_ups;
	struct due_orphans orphans; /* as they were counted */
	bool of_rules;		    /* some are left */
	json_t *stray;		    /* the first without its owner */
	struct err err;
	bool good;
};

static void
on_backlog(const char *action, int64_t waiting, int64_t dead, int64_t oldest_ms,
	void *context)
{
	json_t *row = json_pack("{s:I, s:I}", "waiting", (json_int_t)waiting,
		"dead", (json_int_t)dead);

	if (oldest_ms > 0)
		json_object_set_new(row, "oldest", json_time(oldest_ms));
	json_object_set_new(context, action, row);
}

static void
on_storm(const char *action, int64_t folded, void *context)
{
	struct status_question *question = context;

	json_object_set_new(question->storms, action, json_integer(folded));
}

/* ---- follow-ups that a reload left alone ---- */

static bool
is_unfinished(const json_t *follow_up)
{
	const char *state = json_string_at(follow_up, "state");

	return text_same(state, "open") || text_same(state, "contacted");
}

/* They were counted a while ago: some may have ended since. */
static bool
find_orphans(struct status_question *question, struct store_reader *store)
{
	const struct due_orphans *orphans = &question->orphans;
	struct store_filter by_rule = {
		.category = -1, .rule = orphans->rule, .limit = 1};
	struct store_filter by_row = {.category = -1,
		.state = -1,
		.row = orphans->of_owner,
		.limit = 1};
	int64_t next;
	json_t *rows;

	for (int state = FOLLOW_UP_OPEN;
		orphans->of_rules > 0 && state <= FOLLOW_UP_CONTACTED;
		state++) {
		by_rule.state = state;
		rows = store_list_rows(store, STORE_FOLLOW_UPS, &by_rule, &next,
			&question->err);
		if (rows == NULL)
			return false;
		question->of_rules |= json_array_size(rows) > 0;
		json_decref(rows);
	}
	if (orphans->of_owners == 0)
		return true;
	rows = store_list_rows(
		store, STORE_FOLLOW_UPS, &by_row, &next, &question->err);
	question->stray = json_incref(json_array_get(rows, 0));
	json_decref(rows);
	return rows != NULL;
}

static void
check_orphaned(const struct status_question *question, json_t *checks)
{
	const struct api_host *host = &question->api->host;
	const char *owner = json_string_at(question->stray, "owner");
	char *of_rule =
		mem_printf("some are unfinished of rule %s, which opens "
			   "none any more: nobody is reminded of them",
			question->orphans.rule);
	char *of_owner = mem_printf("follow-up %lld is unfinished, and of "
				    "somebody who is none of owners any more",
		(long long)question->orphans.of_owner);

	if (question->of_rules)
		add_check(checks, "follow-ups", question->orphans.rule, false,
			of_rule,
			"Put the rule back, or end them: npsd follow-ups "
			"--rule NAME lists them.");
	if (is_unfinished(question->stray) && owner != NULL &&
		strchr(owner, '@') == NULL && host->owners != NULL &&
		owners_find(host->owners(host->context), owner) == NULL)
		add_check(checks, "follow-ups", NULL, false, of_owner,
			"Give them to somebody: npsd follow-ups ROW --assign "
			"OWNER.");
	free(of_rule);
	free(of_owner);
}

static void
ask(struct question *base, struct store_reader *store)
{
	struct status_question *question = (struct status_question *)base;

	question->good =
		store_backlog(
			store, on_backlog, question->backlog, &question->err) &&
		store_count_storms(store, on_storm, question, &question->err) &&
		store_count_follow_ups(store, question->now_ms,
			&question->follow_ups, &question->err) &&
		find_orphans(question, store);
}

/* Actions of the configuration with their backlog, then those that only have
 * rows. */
static void
merge(json_t *actions, json_t *backlog, json_t *storms)
{
	json_t *action, *row;
	const char *name;
	size_t i;

	json_array_foreach(actions, i, action)
	{
		name = json_string_value(json_object_get(action, "action"));
		json_object_set_new(action, "waiting", json_integer(0));
		json_object_set_new(action, "dead", json_integer(0));
		json_object_set_new(action, "folded",
			json_integer(json_integer_value(
				json_object_get(storms, name))));
		json_object_update(action, json_object_get(backlog, name));
		json_object_del(backlog, name);
	}
	json_object_foreach(backlog, name, row)
	{
		json_t *unknown = json_pack("{s:s, s:s}", "action", name,
			"state", "not configured");

		json_object_update(unknown, row);
		json_array_append_new(actions, unknown);
	}
}

static void
check_dead(const json_t *action, json_t *checks)
{
	const char *name = json_string_value(json_object_get(action, "action"));
	long long dead = json_integer_value(json_object_get(action, "dead"));
	char *detail = mem_printf("%lld %s dead", dead,
		text_plural(dead, "delivery is", "deliveries are"));
	char *mend = mem_printf("npsd deliveries --state dead --action %s "
				"tells why; npsd retry --dead --action %s "
				"tries them again.",
		name, name);

	if (dead > 0)
		add_check(checks, "deliveries", name, false, detail, mend);
	free(detail);
	free(mend);
}

static void
check_orphans(const json_t *action, json_t *checks)
{
	const char *name = json_string_value(json_object_get(action, "action"));
	long long waiting =
		json_integer_value(json_object_get(action, "waiting"));
	char *detail = mem_printf("%lld %s for an action that is not in the "
				  "configuration",
		waiting,
		text_plural(waiting, "delivery waits", "deliveries wait"));
	char *mend = mem_printf("Put the action back, or give them up: npsd "
				"cancel --action %s.",
		name);

	if (waiting > 0 &&
		strcmp(json_string_value(json_object_get(action, "state")),
			"not configured") == 0)
		add_check(checks, "deliveries", name, false, detail, mend);
	free(detail);
	free(mend);
}

static void
check_backlog(const json_t *actions, json_t *checks)
{
	const json_t *action;
	size_t i;

	json_array_foreach(actions, i, action)
	{
		check_dead(action, checks);
		check_orphans(action, checks);
	}
}

static void
add_follow_ups(json_t *status, const struct follow_up_counts *counts)
{
	long long overdue = (long long)counts->overdue;
	char *detail = mem_printf("%lld %s overdue", overdue,
		text_plural(overdue, "follow-up is", "follow-ups are"));

	json_object_set_new(status, "follow_ups",
		json_pack("{s:I, s:I, s:I}", "open",
			(json_int_t)counts->states[FOLLOW_UP_OPEN], "contacted",
			(json_int_t)counts->states[FOLLOW_UP_CONTACTED],
			"overdue", (json_int_t)overdue));
	if (overdue > 0)
		add_check(json_object_get(status, "checks"), "follow-ups", NULL,
			false, detail,
			"npsd follow-ups --overdue names them and their "
			"owners.");
	free(detail);
}

static void
answer(struct question *base)
{
	struct status_question *question = (struct status_question *)base;

	if (question->good) {
		merge(json_object_get(question->status, "actions"),
			question->backlog, question->storms);
		check_backlog(json_object_get(question->status, "actions"),
			json_object_get(question->status, "checks"));
		add_follow_ups(question->status, &question->follow_ups);
		check_orphaned(
			question, json_object_get(question->status, "checks"));
		json_object_set_new(question->status, "silences",
			json_integer(
				keeper_silences(question->api->host.keeper)));
		api_reply_json(question->request, 200, question->status);
	} else {
		json_decref(question->status);
		http_problem_busy(question->request, 5, question->err.text);
	}
	json_decref(question->backlog);
	json_decref(question->storms);
	json_decref(question->stray);
	free(question);
}

void
api_status(struct api *api, struct http_request *request, const char *rest)
{
	struct status_question *question = mem_new(1, sizeof(*question));
	json_t *checks = api_checks(api);

	(void)rest;
	question->question.ask = ask;
	question->question.answer = answer;
	question->request = request;
	question->api = api;
	if (api->host.orphans != NULL)
		question->orphans = *api->host.orphans(api->host.context);
	question->backlog = json_object();
	question->storms = json_object();
	question->now_ms = clock_wall_ms(api->host.clock);
	question->status = api->host.about(api->host.context);
	json_object_set_new(
		question->status, "ready", json_boolean(is_ready(checks)));
	json_object_set_new(
		question->status, "sources", intake_state(api->host.intake));
	json_object_set_new(question->status, "actions",
		dispatch_state(api->host.dispatch));
	json_object_set_new(question->status, "checks", checks);
	if (reader_ask(api->host.reader, &question->question))
		return;
	json_decref(question->status);
	json_decref(question->backlog);
	json_decref(question->storms);
	free(question);
	http_problem_busy(request, 1, "Too many questions wait.");
}
