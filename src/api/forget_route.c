/*
 * forget_route - POST /api/v1/forget, GET /api/v1/erasures: somebody is
 * forgotten. What is asked for comes in the body, never in the address, which
 * proxies write down.
 */
#include <stdlib.h>
#include <string.h>

#include "api/access.h"
#include "api/private.h"
#include "base/json.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"
#include "flow/erasing.h"
#include "loop/problem.h"

/* ---- what comes back ---- */

static void
on_done(struct job *base)
{
	struct erasing_job *job = (struct erasing_job *)base;
	struct http_request *request = job->context;

	if (!base->good)
		http_problem_busy(request, 5, base->err.text);
	else if (job->not_there)
		http_problem(request, 404, "not-found", "There is no such row",
			"There is no such answer, or it was forgotten.",
			"/response");
	else
		api_reply_json(request, job->dry ? 200 : 202,
			json_incref(job->report));
	if (base->good && !job->not_there && !job->dry)
		log_notice("erasure %s was asked for by %s",
			json_string_at(job->report, "row"),
			job->by != NULL ? job->by : "somebody");
	erasing_job_free(job);
}

/* ---- what is asked ---- */

static bool
refuse(struct http_request *request, const char *detail, const char *pointer)
{
	http_problem(request, 422, "bad-forget",
		"It is not clear who is to be forgotten", detail, pointer);
	return false;
}

static bool
check_members(struct http_request *request, const json_t *body)
{
	static const char *const names[] = {"who", "customer", "response",
		"mentions", "dry_run", "why", NULL};
	const char *name;
	const json_t *value;

	json_object_foreach((json_t *)(uintptr_t)body, name, value)
	{
		bool known = false;

		for (size_t i = 0; names[i] != NULL; i++)
			known |= strcmp(names[i], name) == 0;
		if (!known)
			return refuse(request,
				"Expected who, customer or response; mentions, "
				"dry_run, why.",
				NULL);
	}
	return true;
}

/* *text: NULL where it is missing. */
static bool
read_text(struct http_request *request, const json_t *body, const char *name,
	const char *pointer, size_t limit, const char **text)
{
	const json_t *value = json_object_get(body, name);

	*text = json_string_value(value);
	if (value == NULL || json_is_null(value))
		return true;
	if (*text == NULL || **text == '\0' || strlen(*text) > limit)
		return refuse(request, "Expected a text that is not too long.",
			pointer);
	return true;
}

static bool
read_flag(struct http_request *request, const json_t *body, const char *name,
	const char *pointer, bool *flag)
{
	const json_t *value = json_object_get(body, name);

	*flag = json_is_true(value);
	return value == NULL || json_is_boolean(value) ||
	       refuse(request, "Expected true or false.", pointer);
}

static bool
read_response(
	struct http_request *request, const json_t *body, int64_t *response)
{
	const json_t *value = json_object_get(body, "response");
	const char *text = json_string_value(value);

	*response = json_is_integer(value) ? json_integer_value(value) : 0;
	if (text != NULL && !text_to_integer(text, 1, INT64_MAX, response))
		*response = -1;
	return value == NULL || *response > 0 ||
	       refuse(request, "Expected the row of an answer.", "/response");
}

/* As it comes from a letter, or with a line's end. */
static bool
trim_who(struct http_request *request, const char *who, char **trimmed)
{
	struct text text = text_trim(text_of(who));

	*trimmed = NULL;
	if (who == NULL)
		return true;
	if (text.length == 0)
		return refuse(request, "Expected more than blanks.", "/who");
	*trimmed = mem_copy(text.data, text.length);
	return true;
}

/* NULL after the problem was told. */
static struct erasing_job *
read_asked(
	const struct api *api, struct http_request *request, const json_t *body)
{
	const char *who = NULL, *customer = NULL, *why = NULL;
	struct erasing_job *job;
	int64_t response = 0;
	bool mentions, dry;
	char *trimmed;

	if (!check_members(request, body) ||
		!read_text(request, body, "who", "/who", PERSON_WHO_LIMIT_BYTES,
			&who) ||
		!read_text(request, body, "customer", "/customer",
			PERSON_WHO_LIMIT_BYTES, &customer) ||
		!read_text(request, body, "why", "/why",
			ERASING_WHY_LIMIT_BYTES, &why) ||
		!read_response(request, body, &response) ||
		!read_flag(request, body, "mentions", "/mentions", &mentions) ||
		!read_flag(request, body, "dry_run", "/dry_run", &dry))
		return NULL;
	if ((who != NULL) + (customer != NULL) + (response > 0) != 1) {
		refuse(request,
			"Say one of who (an address, a telephone number or a "
			"customer's id), customer (an id) and response (a "
			"row).",
			NULL);
		return NULL;
	}
	if (!trim_who(request, who, &trimmed))
		return NULL;
	job = erasing_job_new(who != NULL	 ? ERASURE_OF_PERSON
			      : customer != NULL ? ERASURE_OF_CUSTOMER
						 : ERASURE_OF_RESPONSE,
		who != NULL ? trimmed : customer, response,
		access_who(&api->access, request), why);
	free(trimmed);
	job->mentions = mentions;
	job->dry = dry;
	return job;
}

void
api_forget(struct api *api, struct http_request *request, const char *rest)
{
	json_t *body = api_read_object(request);
	struct erasing_job *job;

	(void)rest;
	if (body == NULL)
		return;
	job = read_asked(api, request, body);
	json_decref(body);
	if (job == NULL)
		return;
	job->context = request;
	job->job.done = on_done;
	erasing_job_send(api->host.keeper, job);
}
