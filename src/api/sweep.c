/*
 * sweep - what is done with many deliveries: cancel, retry. In slices on the
 * store thread, between other work.
 *
 *	freeze lanes -> count (what was claimed is back with the store by then)
 *	-> act, a span of rows at a time -> thaw -> answer
 */
#include <stdlib.h>
#include <string.h>

#include "api/access.h"
#include "api/private.h"
#include "base/memory.h"
#include "base/text.h"
#include "loop/problem.h"

enum {
	SWEEP_RETRIES_PER_S = 50, /* what many retries at once are spread to */
	SWEEP_REASON_BYTES = 200,
};

enum act { ACT_CANCEL, ACT_RETRY };

struct sweep {
	struct errand errand; /* first */
	struct api *api;
	struct http_request *request;
	enum act act;
	bool dry; /* count alone */
	struct delivery_choice choice;
	char *action, *rule, *reason; /* what the choice points at */
	char *why;		      /* kept with what is cancelled */
	bool acting;		      /* the second round */
	int64_t row, first, upto;
	bool more;
	int64_t waiting, in_flight, changed;
	int64_t committed; /* of those changed */
	int64_t last_due_ms;
};

/* ---- on the store thread ---- */

static bool
count_span(struct sweep *sweep, struct store_writer *store, struct err *err)
{
	struct delivery_choice claimed = sweep->choice;
	int64_t rows[STORE_SPAN_ROWS], from = sweep->row;
	bool more;
	int count;

	claimed.states = 1U << DELIVERY_CLAIMED;
	if (!store_choose_deliveries(store, &claimed, sweep->upto, &from, rows,
		    &count, &more, err))
		return false;
	if (sweep->act == ACT_CANCEL)
		sweep->in_flight += count;
	if (!store_choose_deliveries(store, &sweep->choice, sweep->upto,
		    &sweep->row, rows, &count, &sweep->more, err))
		return false;
	sweep->waiting += count;
	return true;
}

static bool
act_on(struct sweep *sweep, struct store_writer *store, int64_t row,
	int64_t now_ms, struct err *err)
{
	bool changed, good;

	if (sweep->act == ACT_CANCEL) {
		good = store_cancel(
			store, row, now_ms, sweep->why, &changed, err);
	} else {
		int64_t due_ms = now_ms + sweep->changed * MS_PER_SECOND /
						  SWEEP_RETRIES_PER_S;

		good = store_retry(store, row, due_ms, &changed, err);
		sweep->last_due_ms = due_ms;
	}
	if (good && changed)
		sweep->changed++;
	return good;
}

static bool
act_on_span(struct sweep *sweep, struct store_writer *store, int64_t now_ms,
	struct err *err)
{
	int64_t rows[STORE_SPAN_ROWS];
	int count;
	bool good = store_choose_deliveries(store, &sweep->choice, sweep->upto,
		&sweep->row, rows, &count, &sweep->more, err);

	for (int i = 0; good && i < count; i++)
		good = act_on(sweep, store, rows[i], now_ms, err);
	return good;
}

static bool
run_sweep(struct errand *base, struct store_writer *store, struct tally *tally,
	int64_t now_ms, struct err *err)
{
	struct sweep *sweep = (struct sweep *)base;
	struct sweep before = *sweep;

	(void)tally;
	if (sweep->acting ? act_on_span(sweep, store, now_ms, err)
			  : count_span(sweep, store, err))
		return true;
	sweep->row = before.row;
	sweep->changed = before.changed;
	return false;
}

/* ---- on the loop ---- */

static void
reply(const struct sweep *sweep)
{
	json_t *told =
		json_pack("{s:I}", "waiting", (json_int_t)sweep->waiting);
	char due[TIME_TEXT_BYTES];

	if (sweep->act == ACT_CANCEL) {
		json_object_set_new(
			told, "in_flight", json_integer(sweep->in_flight));
		json_object_set_new(
			told, "cancelled", json_integer(sweep->changed));
	} else {
		json_object_set_new(
			told, "retrying", json_integer(sweep->changed));
	}
	if (sweep->changed > 0 && sweep->act == ACT_RETRY) {
		time_to_rfc3339(sweep->last_due_ms, due);
		json_object_set_new(told, "last_due_at", json_string(due));
	}
	api_reply_json(sweep->request, 200, told);
}

static void
finish(struct sweep *sweep, const char *problem)
{
	struct dispatch *dispatch = sweep->api->host.dispatch;

	if (sweep->act == ACT_CANCEL && !sweep->dry)
		dispatch_thaw(dispatch, sweep->action);
	else if (sweep->changed > 0)
		dispatch_poke(dispatch);
	if (problem == NULL) {
		reply(sweep);
	} else {
		char *text = mem_printf("%s; it stopped after %lld %s", problem,
			(long long)sweep->changed,
			text_plural(sweep->changed, "delivery", "deliveries"));

		http_problem_busy(sweep->request, 5, text);
		free(text);
	}
	free(sweep->action);
	free(sweep->rule);
	free(sweep->reason);
	free(sweep->why);
	free(sweep);
}

static void on_span(struct job *job);

static void
next_span(struct sweep *sweep)
{
	sweep->errand.job.type = JOB_ERRAND;
	sweep->errand.job.done = on_span;
	sweep->errand.run = run_sweep;
	keeper_submit(sweep->api->host.keeper, &sweep->errand.job, 0);
}

/* What a lane was claiming as it was frozen was counted as in flight; it is with
 * the store again by now. */
static bool
any_to_act_on(const struct sweep *sweep)
{
	return sweep->waiting > 0 || sweep->in_flight > 0;
}

static void
on_span(struct job *job)
{
	struct sweep *sweep = (struct sweep *)job;

	if (!job->good) {
		sweep->changed = sweep->committed;
		finish(sweep, job->err.text);
		return;
	}
	sweep->committed = sweep->changed;
	if (sweep->more) {
		next_span(sweep);
	} else if (sweep->acting || sweep->dry || !any_to_act_on(sweep)) {
		finish(sweep, NULL);
	} else {
		sweep->acting = true;
		sweep->upto = sweep->row;
		sweep->row = sweep->first;
		next_span(sweep);
	}
}

/* ---- what is asked ---- */

static bool
bad_query(const struct sweep *sweep, const char *name, const char *expected)
{
	http_problem(sweep->request, 400, "bad-query",
		"A query parameter cannot be read", expected, name);
	return false;
}

static char *
text_query(const struct sweep *sweep, const char *name)
{
	const char *text = http_request_query(sweep->request, name);

	return text != NULL && *text != '\0' ? mem_strdup(text) : NULL;
}

static bool
number_query(const struct sweep *sweep, const char *name, int64_t high,
	int64_t *value)
{
	const char *text = http_request_query(sweep->request, name);

	return text == NULL || text_to_integer(text, 1, high, value) ||
	       bad_query(sweep, name, "Expected a number from 1.");
}

static bool
read_states(struct sweep *sweep)
{
	const char *state = http_request_query(sweep->request, "state");
	enum delivery_state found;
	unsigned allowed;

	if (sweep->act == ACT_CANCEL) {
		allowed = 1U << DELIVERY_PENDING | 1U << DELIVERY_RETRYING;
		sweep->choice.states = allowed;
	} else {
		allowed = 1U << DELIVERY_DEAD | 1U << DELIVERY_CANCELLED |
			  1U << DELIVERY_FOLDED;
		sweep->choice.states = 1U << DELIVERY_DEAD;
	}
	if (state == NULL)
		return true;
	if (!delivery_state_from_name(state, &found) ||
		(allowed & 1U << found) == 0)
		return bad_query(sweep, "state",
			sweep->act == ACT_CANCEL
				? "Expected pending or retrying."
				: "Expected dead, cancelled or folded.");
	sweep->choice.states = 1U << found;
	return true;
}

static bool
read_since(struct sweep *sweep)
{
	const char *text = http_request_query(sweep->request, "since");
	int64_t ago_ms;
	struct err err;

	if (text == NULL || time_from_rfc3339(text, strlen(text),
				    &sweep->choice.since_ms, &err))
		return true;
	if (!duration_from_text(text, &ago_ms, &err))
		return bad_query(sweep, "since",
			"Expected RFC 3339 as in 2026-11-21T10:00:00Z, or a "
			"duration such as 24h.");
	sweep->choice.since_ms = clock_wall_ms(sweep->api->host.clock) - ago_ms;
	return true;
}

static bool
read_choice(struct sweep *sweep)
{
	struct delivery_choice *choice = &sweep->choice;
	int64_t status = 0;

	choice->action = sweep->action = text_query(sweep, "action");
	choice->rule = sweep->rule = text_query(sweep, "rule");
	choice->reason = sweep->reason = text_query(sweep, "reason");
	if (!read_states(sweep) || !read_since(sweep) ||
		!number_query(sweep, "status", 999, &status) ||
		!number_query(sweep, "response", INT64_MAX, &choice->answer) ||
		!number_query(sweep, "storm", INT64_MAX, &choice->storm))
		return false;
	choice->status = (int)status;
	if (sweep->first > 0 || sweep->upto > 0 || choice->action != NULL ||
		choice->rule != NULL || choice->reason != NULL || status != 0 ||
		choice->answer != 0 || choice->storm != 0 ||
		choice->since_ms != 0 ||
		http_request_query(sweep->request, "all") != NULL)
		return true;
	http_problem(sweep->request, 400, "which",
		"Which deliveries is not said",
		"Name an action, rule, reason, status, response, storm or "
		"since; or all=1 for each.",
		NULL);
	return false;
}

static void
note_why(struct sweep *sweep)
{
	const char *who = access_who(&sweep->api->access, sweep->request);
	const char *why = http_request_query(sweep->request, "why");
	char *text = mem_printf("cancelled by %s%s%s", who,
		why != NULL && *why != '\0' ? ": " : "",
		why != NULL ? why : "");

	sweep->why = mem_copy(
		text, text_cut(text, strlen(text), SWEEP_REASON_BYTES));
	free(text);
}

static void
start(struct api *api, struct http_request *request, enum act act, int64_t row)
{
	struct sweep *sweep = mem_new(1, sizeof(*sweep));

	sweep->api = api;
	sweep->request = request;
	sweep->act = act;
	sweep->dry = http_request_query(request, "dry") != NULL;
	if (row > 0) {
		sweep->row = sweep->first = row - 1;
		sweep->upto = row;
	}
	if (!read_choice(sweep)) {
		free(sweep->action);
		free(sweep->rule);
		free(sweep->reason);
		free(sweep);
		return;
	}
	note_why(sweep);
	if (act == ACT_CANCEL && !sweep->dry)
		dispatch_freeze(api->host.dispatch, sweep->action);
	next_span(sweep);
}

bool
api_sweep(struct api *api, struct http_request *request, const char *rest)
{
	size_t length = strcspn(rest, "/");
	char *number = mem_copy(rest, length);
	int64_t row = 0;
	bool one = text_to_integer(number, 1, INT64_MAX, &row) &&
		   strcmp(rest + length, "/cancel") == 0;

	free(number);
	if (one || strcmp(rest, "cancel") == 0)
		start(api, request, ACT_CANCEL, one ? row : 0);
	else if (strcmp(rest, "retry") == 0)
		start(api, request, ACT_RETRY, 0);
	else
		return false;
	return true;
}
