/* reply - JSON asked with, and answered. */
#include <stdlib.h>
#include <string.h>

#include "api/private.h"
#include "base/json.h"
#include "loop/problem.h"

void
api_reply_json(struct http_request *request, int status, json_t *value)
{
	char *text = json_text(value);

	json_decref(value);
	http_reply(request, status, "application/json", text, strlen(text));
	free(text);
}

json_t *
api_read_object(struct http_request *request)
{
	struct json_fault fault = {.reason = ""};
	size_t length = 0;
	const char *bytes = http_request_body(request, &length);
	json_t *body = bytes != NULL ? json_read(bytes, length, &fault) : NULL;

	if (json_is_object(body))
		return body;
	http_problem(request, 400, "bad-json", "The body is no JSON object",
		fault.reason[0] != '\0' ? fault.reason : NULL, NULL);
	json_decref(body);
	return NULL;
}
