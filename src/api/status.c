/* status - how the daemon does, and what wants a person: see status.h. */
#include "api/status.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/json_value.h"
#include "base/memory.h"
#include "base/text.h"
#include "store/store_storm.h"

struct status {
	const struct api *api;
	json_t *told;
	json_t *backlog; /* action -> [waiting, dead, oldest] */
	json_t *storms;	 /* action -> how many alerts a message waits to tell */
	int64_t now_ms;
	struct follow_up_counts follow_ups;
	struct due_orphans orphans; /* as they were counted */
	bool of_rules;		    /* some are left */
	json_t *stray;		    /* the first without its owner */
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
	struct status *status = context;

	json_object_set_new(status->storms, action, json_integer(folded));
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
find_orphans(struct status *status, struct store_reader *store, struct err *err)
{
	const struct due_orphans *orphans = &status->orphans;
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
		rows = store_list_rows(
			store, STORE_FOLLOW_UPS, &by_rule, &next, err);
		if (rows == NULL)
			return false;
		status->of_rules |= json_array_size(rows) > 0;
		json_decref(rows);
	}
	if (orphans->of_owners == 0)
		return true;
	rows = store_list_rows(store, STORE_FOLLOW_UPS, &by_row, &next, err);
	status->stray = json_incref(json_array_get(rows, 0));
	json_decref(rows);
	return rows != NULL;
}

static void
check_orphaned(const struct status *status, json_t *checks)
{
	const struct api_host *host = &status->api->host;
	const char *owner = json_string_at(status->stray, "owner");
	char *of_rule =
		mem_printf("some are unfinished of rule %s, which opens "
			   "none any more: nobody is reminded of them",
			status->orphans.rule);
	char *of_owner = mem_printf("follow-up %lld is unfinished, and of "
				    "somebody who is none of owners any more",
		(long long)status->orphans.of_owner);

	if (status->of_rules)
		api_add_check(checks, "follow-ups", status->orphans.rule, false,
			of_rule,
			"Put the rule back, or end them: npsd follow-ups "
			"--rule NAME lists them.");
	if (is_unfinished(status->stray) && owner != NULL &&
		strchr(owner, '@') == NULL && host->owners != NULL &&
		owners_find(host->owners(host->context), owner) == NULL)
		api_add_check(checks, "follow-ups", NULL, false, of_owner,
			"Give them to somebody: npsd follow-ups ROW --assign "
			"OWNER.");
	free(of_rule);
	free(of_owner);
}

bool
status_look_up(
	struct status *status, struct store_reader *store, struct err *err)
{
	return store_backlog(store, on_backlog, status->backlog, err) &&
	       store_count_storms(store, on_storm, status, err) &&
	       store_count_follow_ups(
		       store, status->now_ms, &status->follow_ups, err) &&
	       find_orphans(status, store, err);
}

const struct follow_up_counts *
status_follow_ups(const struct status *status)
{
	return &status->follow_ups;
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
		api_add_check(checks, "deliveries", name, false, detail, mend);
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
		api_add_check(checks, "deliveries", name, false, detail, mend);
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
add_follow_ups(json_t *told, const struct follow_up_counts *counts)
{
	long long overdue = (long long)counts->overdue;
	char *detail = mem_printf("%lld %s overdue", overdue,
		text_plural(overdue, "follow-up is", "follow-ups are"));

	json_object_set_new(told, "follow_ups",
		json_pack("{s:I, s:I, s:I}", "open",
			(json_int_t)counts->states[FOLLOW_UP_OPEN], "contacted",
			(json_int_t)counts->states[FOLLOW_UP_CONTACTED],
			"overdue", (json_int_t)overdue));
	if (overdue > 0)
		api_add_check(json_object_get(told, "checks"), "follow-ups",
			NULL, false, detail,
			"npsd follow-ups --overdue names them and their "
			"owners.");
	free(detail);
}

struct status *
status_new(const struct api *api)
{
	const struct api_host *host = &api->host;
	struct status *status = mem_new(1, sizeof(*status));
	json_t *checks = api_checks(api);

	status->api = api;
	if (host->orphans != NULL)
		status->orphans = *host->orphans(host->context);
	status->backlog = json_object();
	status->storms = json_object();
	status->now_ms = clock_wall_ms(host->clock);
	status->told = host->about(host->context);
	json_object_set_new(
		status->told, "ready", json_boolean(api_is_ready(checks)));
	json_object_set_new(
		status->told, "sources", intake_state(host->intake));
	json_object_set_new(
		status->told, "actions", dispatch_state(host->dispatch));
	json_object_set_new(status->told, "checks", checks);
	return status;
}

json_t *
status_tell(struct status *status, bool looked_up)
{
	json_t *actions = json_object_get(status->told, "actions");
	json_t *checks = json_object_get(status->told, "checks");

	if (looked_up) {
		merge(actions, status->backlog, status->storms);
		check_backlog(actions, checks);
		add_follow_ups(status->told, &status->follow_ups);
		check_orphaned(status, checks);
	}
	json_object_set_new(status->told, "silences",
		json_integer(keeper_silences(status->api->host.keeper)));
	return json_incref(status->told);
}

void
status_free(struct status *status)
{
	if (status == NULL)
		return;
	json_decref(status->told);
	json_decref(status->backlog);
	json_decref(status->storms);
	json_decref(status->stray);
	free(status);
}
