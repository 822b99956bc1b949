/*
 * tap_route - GET /api/v1/events: what happens, as lines of JSON, until somebody
 * has enough.
 */
#include <stdlib.h>
#include <string.h>

#include "api/access.h"
#include "api/private.h"
#include "base/memory.h"
#include "flow/tap.h"
#include "loop/http_stream.h"
#include "loop/problem.h"

struct tap_stream {
	struct tap_stream *next, **here;
	struct http_request *request;
	struct tap_reader *reader;
};

static bool
on_line(const char *line, size_t length, void *context)
{
	const struct tap_stream *stream = context;

	return http_stream_write(stream->request, line, length);
}

/* reason: NULL where nobody is left to hear it. */
static void
end(struct tap_stream *stream, const char *reason)
{
	if (reason != NULL)
		tap_tell_end(stream->reader, reason);
	tap_close(stream->reader);
	http_stream_end(stream->request);
	*stream->here = stream->next;
	if (stream->next != NULL)
		stream->next->here = stream->here;
	free(stream);
}

static void
on_tick(void *context)
{
	struct api *api = context;
	struct tap_stream *next;

	for (struct tap_stream *stream = api->taps; stream != NULL;
		stream = next) {
		next = stream->next;
		if (http_stream_is_gone(stream->request))
			end(stream, NULL);
	}
	if (api->taps == NULL)
		return;
	tap_tick(api->host.tap);
	for (struct tap_stream *stream = api->taps; stream != NULL;
		stream = stream->next)
		http_stream_flush(stream->request);
	loop_timer_set(api->taps_timer, TAP_TICK_MS);
}

void
api_taps_judge(struct api *api)
{
	struct tap_stream *next;

	for (struct tap_stream *stream = api->taps; stream != NULL;
		stream = next) {
		next = stream->next;
		if (access_judge(&api->access, stream->request, ROLE_READ,
			    NULL) != ACCESS_GRANTED)
			end(stream, "this token may not listen any more");
	}
}

void
api_taps_end(struct api *api, const char *reason)
{
	while (api->taps != NULL)
		end(api->taps, reason);
}

void
api_taps_free(struct api *api)
{
	api_taps_end(api, NULL);
	loop_timer_free(api->taps_timer);
}

/* ---- the filter ---- */

static bool
bad_name(struct http_request *request, const char *name, const char *expected)
{
	http_problem(request, 400, "bad-query",
		"A query parameter cannot be read", expected, name);
	return false;
}

static bool
read_event(struct http_request *request, int *event)
{
	const char *name = http_request_query(request, "event");

	*event = -1;
	for (int i = 0; name != NULL && i < TAP_EVENTS; i++)
		if (strcmp(name, tap_event_names[i]) == 0)
			*event = i;
	return name == NULL || *event >= 0 ||
	       bad_name(request, "event",
		       "Expected answer, rejected or delivery.");
}

static bool
read_filter(struct http_request *request, struct tap_filter *filter)
{
	const char *category = http_request_query(request, "category");
	const char *state = http_request_query(request, "state");
	enum category of = CATEGORY_DETRACTOR;
	enum delivery_state in = DELIVERY_PENDING;

	if (!read_event(request, &filter->event))
		return false;
	if (category != NULL && !category_from_name(category, &of))
		return bad_name(request, "category",
			"Expected detractor, passive or promoter.");
	if (state != NULL &&
		(!delivery_state_from_name(state, &in) ||
			(in != DELIVERY_DELIVERED && in != DELIVERY_RETRYING &&
				in != DELIVERY_DEAD)))
		return bad_name(request, "state",
			"Expected delivered, retrying or dead.");
	filter->category = category != NULL ? (int)of : -1;
	filter->state = state != NULL ? (int)in : -1;
	filter->survey = http_request_query(request, "survey");
	filter->id = http_request_query(request, "id");
	filter->source = http_request_query(request, "source");
	filter->reason = http_request_query(request, "reason");
	filter->rule = http_request_query(request, "rule");
	filter->action = http_request_query(request, "action");
	return true;
}

/* ---- the beginning ---- */

static bool
may_begin(const struct api *api, struct http_request *request)
{
	if (api->host.is_stopping(api->host.context))
		http_problem_busy(request, 5, "npsd is being stopped.");
	else if (http_request_method(request) == HTTP_HEAD)
		http_reply(request, 200, "application/x-ndjson", NULL, 0);
	else if (!http_stream_is_possible(request))
		http_problem(request, 400, "bad-version",
			"Events come by HTTP/1.1", "Ask by HTTP/1.1.", NULL);
	else
		return true;
	return false;
}

void
api_events(struct api *api, struct http_request *request, const char *rest)
{
	struct tap_filter filter;
	struct tap_stream *stream;

	(void)rest;
	if (!may_begin(api, request) || !read_filter(request, &filter))
		return;
	stream = mem_new(1, sizeof(*stream));
	stream->request = request;
	stream->reader = tap_open(api->host.tap, &filter, on_line, stream);
	if (stream->reader == NULL) {
		free(stream);
		http_problem(request, 429, "too-many-readers",
			"Too many listen already",
			"At most 16 listen to events at once: end one of "
			"them.",
			NULL);
		return;
	}
	stream->next = api->taps;
	stream->here = &api->taps;
	if (stream->next != NULL)
		stream->next->here = &stream->next;
	api->taps = stream;
	http_stream_start(request, "application/x-ndjson");
	if (api->taps_timer == NULL)
		api->taps_timer = loop_timer_new(api->host.loop, on_tick, api);
	if (!loop_timer_is_set(api->taps_timer))
		loop_timer_set(api->taps_timer, TAP_TICK_MS);
}
