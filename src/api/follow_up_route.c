/* follow_up_route - POST /api/v1/follow-ups/ROW: what a person did. */
#include <string.h>

#include "api/access.h"
#include "api/private.h"
#include "base/text.h"
#include "flow/follow_ups.h"
#include "loop/media_type.h"
#include "loop/problem.h"
#include "nps/follow_up_record.h"

/* ---- what comes back ---- */

static void
reply(struct http_request *request, struct follow_up_job *job)
{
	json_t *follow_up = job->follow_up;

	job->follow_up = NULL;
	json_object_set_new(follow_up, "changed",
		json_boolean(job->end == FOLLOW_UP_CHANGED));
	api_reply_json(request, 200, follow_up);
}

static void
on_changed(struct job *base)
{
	struct follow_up_job *job = (struct follow_up_job *)base;
	struct http_request *request = job->context;

	if (!base->good)
		http_problem_busy(request, 5, base->err.text);
	else if (job->end == FOLLOW_UP_NOT_THERE || job->follow_up == NULL)
		http_problem(request, 404, "not-found", "There is no such row",
			NULL, NULL);
	else if (job->end == FOLLOW_UP_REFUSED)
		http_problem(request, 409, "not-possible",
			"This cannot be done with the follow-up",
			job->refusal.text, NULL);
	else
		reply(request, job);
	follow_up_job_free(job);
}

/* ---- what is asked ---- */

static const char *const members[] = {
	"state", "outcome", "owner", "reason", "note", NULL};

/* False after the problem was told. */
static bool
bad_body(struct http_request *request, const char *detail, const char *pointer)
{
	http_problem(request, 422, "bad-follow-up",
		"This says nothing that can be done", detail, pointer);
	return false;
}

static bool
knows(struct http_request *request, json_t *body)
{
	const char *name;
	json_t *value;

	json_object_foreach(body, name, value)
	{
		bool known = false;

		for (size_t i = 0; members[i] != NULL; i++)
			known |= strcmp(members[i], name) == 0;
		if (!known)
			return bad_body(request,
				"Expected state, outcome, owner, reason and "
				"note.",
				NULL);
	}
	return true;
}

/* As answers that come in are judged. False after the problem was told. */
static bool
is_json(struct http_request *request)
{
	if (media_type_is_json(media_type(request)) &&
		!media_type_is_encoded(request))
		return true;
	http_problem(request, 415, "unsupported-media-type",
		"Unsupported media type",
		"Send application/json, in UTF-8 and not compressed.", NULL);
	return false;
}

/* The body as a record of a follow-up, or NULL after the problem was told. */
static json_t *
read_body(struct http_request *request, const char *row)
{
	json_t *body = api_read_object(request);

	if (body == NULL)
		return NULL;
	if (!knows(request, body)) {
		json_decref(body);
		return NULL;
	}
	if (json_object_get(body, "outcome") != NULL) {
		json_object_set(body, "act", json_object_get(body, "outcome"));
		json_object_del(body, "outcome");
	}
	json_object_set_new(body, "follow_up", json_string(row));
	return body;
}

static bool
read_change(struct http_request *request, const json_t *body,
	struct follow_up_record *record)
{
	struct rejection why = {.pointer = ""};

	if (follow_up_record_read(body, record, &why))
		return true;
	return bad_body(request, why.text,
		strcmp(why.pointer, "/act") == 0 ? "/outcome" : why.pointer);
}

static bool
is_row(const char *text)
{
	int64_t row;

	return text_to_integer(text, 1, INT64_MAX, &row);
}

void
api_follow_up_act(
	struct api *api, struct http_request *request, const char *rest)
{
	struct follow_up_record record;
	struct follow_up_job *job;
	json_t *body;

	if (!is_row(rest)) {
		http_problem(request, 404, "not-found", "There is no such row",
			NULL, NULL);
		return;
	}
	if (!is_json(request))
		return;
	body = read_body(request, rest);
	if (body == NULL)
		return;
	if (read_change(request, body, &record)) {
		record.change.who = access_who(&api->access, request);
		record.change.how =
			http_request_is_unix(request) ? "command" : "api";
		job = follow_up_job_new(record.row);
		follow_up_job_change(job, &record.change);
		job->context = request;
		job->job.done = on_changed;
		follow_up_job_send(api->host.keeper, job);
	}
	json_decref(body);
}
