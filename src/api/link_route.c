/*
 * link_route - GET and POST of /f/TOKEN: the page of a follow-up, for whoever
 * has the link. GET and HEAD change nothing, so that programs which follow links
 * in mails do no harm. A token is never written to a log.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/access_guard.h"
#include "api/follow_up_page.h"
#include "api/link_reply.h"
#include "api/private.h"
#include "base/form.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/text.h"
#include "flow/follow_ups.h"
#include "loop/media_type.h"

enum {
	FORM_LIMIT_BYTES = 64 * 1024,
};

/* One request on its way to the store and back. */
struct visit {
	struct api *api;
	struct http_request *request;
	char *done;	     /* of the address, or NULL */
	char *note, *reason; /* as typed, or NULL */
	enum follow_up_act act;
};

static void
visit_free(struct visit *visit)
{
	free(visit->done);
	free(visit->note);
	free(visit->reason);
	free(visit);
}

/* ---- answers ---- */

static void
reply_view(const struct visit *visit, int status,
	const struct follow_up_job *job, const char *problem)
{
	struct buf out = {0};
	const struct follow_up_page page = {
		.language =
			link_language(visit->api, visit->request, job->view),
		.view = job->view,
		.done = visit->done,
		.problem = problem,
		.detail = text_same(problem, "page.refused") ? job->refusal.text
							     : NULL,
		.note = visit->note,
		.reason = visit->reason,
	};

	follow_up_page_append(&out, &page);
	link_reply_page(visit->request, status, &out);
}

/* Why it was refused, in the reader's language where that is known. */
static const char *
problem_of(const struct visit *visit, const struct follow_up_job *job)
{
	const char *state = json_string_at(job->follow_up, "state");
	bool closes =
		visit->act == FOLLOW_UP_RESOLVE || visit->act == FOLLOW_UP_LOSE;
	bool open = text_same(state, "open") || text_same(state, "contacted");

	if (visit->note != NULL &&
		strlen(visit->note) > FOLLOW_UP_NOTE_LIMIT_BYTES)
		return "page.limit";
	if (closes && open && visit->reason == NULL)
		return "page.missing_reason";
	if (visit->note == NULL && ((visit->act == FOLLOW_UP_LOSE && open) ||
					   visit->act == FOLLOW_UP_NOTE))
		return "page.missing_note";
	return "page.refused";
}

/* Back to the page by GET, so that loading it anew sends nothing again. The
 * place is relative: a proxy may have put its own path in front. */
static void
reply_done(const struct visit *visit, const struct follow_up_job *job)
{
	const json_t *events = json_object_get(job->follow_up, "events");
	size_t count = json_array_size(events);
	const char *act = json_string_at(
		json_array_get(events, count > 0 ? count - 1 : 0), "act");
	char *place = mem_printf("?done=%s",
		job->end == FOLLOW_UP_CHANGED && act != NULL ? act : "already");

	link_reply_headers(visit->request);
	http_reply_header(visit->request, "Location", place);
	http_reply(visit->request, 303, NULL, NULL, 0);
	free(place);
}

static void
on_job(struct job *base)
{
	struct follow_up_job *job = (struct follow_up_job *)base;
	struct visit *visit = base->context;

	if (!base->good) {
		link_reply_later(visit->api, visit->request);
	} else {
		switch (job->end) {
		case FOLLOW_UP_NOT_THERE:
			link_reply_text(visit->api, visit->request, 404,
				"page.not_found", NULL);
			break;
		case FOLLOW_UP_MOVED_ON:
			link_reply_text(visit->api, visit->request, 410,
				"page.moved_on",
				json_string_at(
					json_object_get(job->view, "owner"),
					"display"));
			break;
		case FOLLOW_UP_REFUSED:
			reply_view(visit, 422, job, problem_of(visit, job));
			break;
		case FOLLOW_UP_UNCHANGED:
		case FOLLOW_UP_CHANGED:
			if (job->changes)
				reply_done(visit, job);
			else
				reply_view(visit, 200, job, NULL);
			break;
		}
	}
	visit_free(visit);
	follow_up_job_free(job);
}

/* ---- what is asked ---- */

/* Browsers end lines with CR LF. NULL: nothing was typed. */
static char *
typed(const struct form *form, const char *name)
{
	const char *value = form_value(form, name);
	char *text, *to;

	if (value == NULL || value[strspn(value, " \t\r\n")] == '\0')
		return NULL;
	text = to = mem_strdup(value);
	for (const char *at = text; *at != '\0'; at++)
		if (*at != '\r')
			*to++ = *at;
	*to = '\0';
	return text;
}

/* What the page has buttons for. */
static bool
act_of(const struct form *form, enum follow_up_act *act)
{
	static const enum follow_up_act acts[] = {FOLLOW_UP_CLAIM,
		FOLLOW_UP_CONTACT, FOLLOW_UP_NOT_REACHED, FOLLOW_UP_RESOLVE,
		FOLLOW_UP_LOSE, FOLLOW_UP_REOPEN, FOLLOW_UP_NOTE};
	const char *name = form_value(form, "act");

	if (name == NULL)
		name = form_value(form, "state");
	if (!follow_up_act_from_name(name, act))
		return false;
	for (size_t i = 0; i < sizeof(acts) / sizeof(acts[0]); i++)
		if (acts[i] == *act)
			return true;
	return false;
}

static bool
is_form(const struct http_request *request)
{
	return media_type_is(media_type(request),
		       "application/x-www-form-urlencoded") &&
	       !media_type_is_encoded(request);
}

/* The status if it is no form of ours, else 0. */
static int
read_form(struct visit *visit, struct follow_up_job *job)
{
	struct follow_up_change change = {.how = "link", .who = "link"};
	struct form form = {0};
	struct err why;
	size_t length;
	const char *body = http_request_body(visit->request, &length);
	bool good;

	if (!is_form(visit->request))
		return 415;
	if (length > FORM_LIMIT_BYTES)
		return 413;
	good = body != NULL &&
	       form_read_urlencoded(&form, body, length, &why) &&
	       act_of(&form, &visit->act);
	if (good) {
		visit->note = typed(&form, "note");
		visit->reason = typed(&form, "reason");
		change.act = visit->act;
		change.note = visit->note;
		/* It stands there for the other buttons. */
		if (visit->act == FOLLOW_UP_RESOLVE ||
			visit->act == FOLLOW_UP_LOSE)
			change.reason = visit->reason;
		follow_up_job_change(job, &change);
	}
	form_done(&form);
	return good ? 0 : 400;
}

static void
hand_over(struct api *api, struct http_request *request,
	const struct link_token *token)
{
	struct visit *visit = mem_new(1, sizeof(*visit));
	struct follow_up_job *job = follow_up_job_by_link(token);
	int status = 0;

	visit->api = api;
	visit->request = request;
	visit->done = mem_strdup(http_request_query(request, "done"));
	job->job.done = on_job;
	job->job.context = visit;
	if (http_request_method(request) == HTTP_POST)
		status = read_form(visit, job);
	if (status == 0) {
		follow_up_job_send(api->host.keeper, job);
		return;
	}
	link_reply_text(api, request, status, "page.refused", NULL);
	visit_free(visit);
	follow_up_job_free(job);
}

static void
on_too_often(struct http_request *request, void *context)
{
	link_reply_text(context, request, 429, "page.too_often", NULL);
}

void
api_link(struct api *api, struct http_request *request, const char *rest)
{
	struct link_token token;

	switch (link_token_read(keeper_link_key(api->host.keeper), rest,
		clock_wall_ms(api->host.clock), &token)) {
	case LINK_GOOD:
		hand_over(api, request, &token);
		return;
	case LINK_EXPIRED:
		link_reply_text(api, request, 410, "page.expired", NULL);
		return;
	case LINK_WRONG:
		break;
	}
	if (!api_storm_link(api, request, rest) &&
		!access_guard_blame(api->guard, request, on_too_often, api))
		link_reply_text(api, request, 404, "page.not_found", NULL);
}
