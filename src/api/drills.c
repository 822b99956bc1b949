/* drills - POST /api/v1/actions/NAME/send: one marked delivery, and what was
 * said over it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/private.h"
#include "base/memory.h"
#include "base/text.h"
#include "loop/problem.h"

static const char *
meaning(enum outcome_end end)
{
	switch (end) {
	case OUTCOME_DELIVERED:
		return "The receiver took it: an alert would be delivered.";
	case OUTCOME_TRY_LATER:
		return "An alert would be tried again, after the pauses of "
		       "retry.";
	case OUTCOME_GIVE_UP:
		return "An alert would be given up: dead, kept and listed. "
		       "The receiver does not like what it says.";
	case OUTCOME_ENDPOINT_DOWN:
		break;
	}
	return "The whole action would be held and probed: it is the "
	       "endpoint's fault, or the log-in's.";
}

/* A list of lines. */
static json_t *
lines_of(const char *text)
{
	json_t *lines = json_array();

	while (text != NULL && *text != '\0') {
		size_t length = strcspn(text, "\n");

		json_array_append_new(lines, json_stringn(text, length));
		text += length + (text[length] == '\n');
	}
	return lines;
}

static json_t *
body_of(const struct drill_result *result)
{
	struct buf escaped = {0};
	json_t *body;

	if (text_is_utf8(result->body, result->body_length, NULL))
		return json_stringn(result->body, result->body_length);
	text_append_escaped(&escaped, result->body, result->body_length,
		result->body_length);
	body = json_stringn(escaped.data, escaped.length);
	buf_done(&escaped);
	return body;
}

static void
on_drilled(const struct drill_result *result, void *context)
{
	struct http_request *request = context;
	const struct outcome *outcome = result->outcome;
	char row[24];

	if (result->trouble != NULL) {
		http_problem(request, 409, "not-sent",
			"The drill could not be sent", result->trouble, NULL);
		return;
	}
	snprintf(row, sizeof(row), "%lld", (long long)result->delivery);
	api_reply_json(request, 200,
		json_pack("{s:s, s:s, s:o, s:o, s:s, s:i, s:s, s:s}",
			"delivery", row, "recipient", result->recipient, "body",
			body_of(result), "exchange", lines_of(result->exchange),
			"outcome", outcome_name(outcome->end), "status",
			outcome->status, "reason", outcome->reason, "means",
			meaning(outcome->end)));
}

bool
api_drill(struct api *api, struct http_request *request, const char *action)
{
	const char *to = http_request_query(request, "to");

	return dispatch_drill(
		api->host.dispatch, action, to, on_drilled, request);
}
