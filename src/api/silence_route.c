/* silence_route - POST /api/v1/silences and /api/v1/silences/ROW/end. */
#include <stdlib.h>
#include <string.h>

#include "api/access.h"
#include "api/private.h"
#include "base/json_value.h"
#include "base/memory.h"
#include "base/text.h"
#include "flow/silencing.h"
#include "loop/problem.h"

/* ---- what comes back ---- */

void
api_silence_add_state(json_t *silence, int64_t now_ms)
{
	bool noted = json_is_string(json_object_get(silence, "ended_at"));
	bool over = json_time_at(silence, "until") <= now_ms;

	json_object_set_new(silence, "state",
		json_string(noted || over ? "ended" : "in_force"));
	if (over && !noted)
		json_object_set(
			silence, "ended_at", json_object_get(silence, "until"));
}

static void
reply(const struct api *api, struct http_request *request,
	struct silence_job *job, json_t *warnings)
{
	json_t *silence = json_incref(job->silence);

	api_silence_add_state(silence, clock_wall_ms(api->host.clock));
	json_object_set_new(
		silence, "changed", json_boolean(job->end == SILENCE_CHANGED));
	if (warnings != NULL)
		json_object_set(silence, "warnings", warnings);
	api_reply_json(request, 200, silence);
}

struct silence_asked {
	struct api *api;
	struct http_request *request;
	json_t *warnings; /* NULL: none */
};

static void
refuse(struct http_request *request, const struct silence_job *job)
{
	if (job->pointer[0] != '\0')
		http_problem(request, 422, "bad-silence", "This is no silence",
			job->refusal.text, job->pointer);
	else
		http_problem(request, 409, "not-possible",
			"This silence cannot be set", job->refusal.text, NULL);
}

static void
on_done(struct job *base)
{
	struct silence_job *job = (struct silence_job *)base;
	struct silence_asked *asked = job->context;

	if (!base->good)
		http_problem_busy(asked->request, 5, base->err.text);
	else if (job->end == SILENCE_REFUSED)
		refuse(asked->request, job);
	else if (job->end == SILENCE_NOT_THERE || job->silence == NULL)
		http_problem(asked->request, 404, "not-found",
			"There is no such row", NULL, NULL);
	else
		reply(asked->api, asked->request, job, asked->warnings);
	json_decref(asked->warnings);
	free(asked);
	silence_job_free(job);
}

/* Takes the warnings. */
static void
pass_on(struct api *api, struct http_request *request, struct silence_job *job,
	json_t *warnings)
{
	struct silence_asked *asked = mem_new(1, sizeof(*asked));

	asked->api = api;
	asked->request = request;
	asked->warnings = warnings;
	job->context = asked;
	job->job.done = on_done;
	silence_job_send(api->host.keeper, job);
}

/* ---- what is asked ---- */

void
api_silence_begin(
	struct api *api, struct http_request *request, const char *rest)
{
	json_t *body = api_read_object(request);
	const char *pointer = "";
	struct silence *silence;
	struct err err;

	(void)rest;
	if (body == NULL)
		return;
	silence = silence_read(
		body, clock_wall_ms(api->host.clock), &pointer, &err);
	if (silence != NULL) {
		/* Not with it to another thread. */
		json_t *warnings = silence->warnings;

		silence->warnings = NULL;
		pass_on(api, request,
			silence_job_begin(
				silence, access_who(&api->access, request)),
			warnings);
	} else {
		http_problem(request, 422, "bad-silence", "This is no silence",
			err.text, pointer[0] != '\0' ? pointer : NULL);
	}
	json_decref(body);
}

/* "17/end" */
void
api_silence_end(struct api *api, struct http_request *request, const char *rest)
{
	size_t length = strcspn(rest, "/");
	char *number = mem_copy(rest, length);
	int64_t row = 0;
	bool good = text_to_integer(number, 1, INT64_MAX, &row) &&
		    strcmp(rest + length, "/end") == 0;

	free(number);
	if (good)
		pass_on(api, request,
			silence_job_end(row, access_who(&api->access, request)),
			NULL);
	else
		http_problem(request, 404, "not-found", "Nothing is here",
			"POST to /api/v1/silences/ROW/end.", NULL);
}
