/* problem - errors of the HTTP interface as application/problem+json. */
#include "loop/problem.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"

#define PROBLEM_TYPE_PREFIX "urn:npsd:problem:"

void
http_problem(struct http_request *request, int status, const char *name,
	const char *title, const char *detail, const char *pointer)
{
	char *type = mem_printf("%s%s", PROBLEM_TYPE_PREFIX, name);
	json_t *problem = json_pack("{s:s, s:s, s:i}", "type", type, "title",
		title, "status", status);
	char *text;

	free(type);
	if (detail != NULL)
		json_object_set_new(problem, "detail", json_string(detail));
	if (pointer != NULL)
		json_object_set_new(problem, "pointer", json_string(pointer));
	text = json_text(problem);
	json_decref(problem);
	http_reply(request, status, "application/problem+json", text,
		strlen(text));
	free(text);
}

void
http_problem_method(struct http_request *request, const char *allow)
{
	http_reply_header(request, "Allow", allow);
	http_problem(request, 405, "method-not-allowed", "Method not allowed",
		"This resource answers only the methods in the Allow header.",
		NULL);
}

void
http_problem_busy(
	struct http_request *request, int retry_after_s, const char *detail)
{
	char *seconds = mem_printf("%d", retry_after_s);

	http_reply_header(request, "Retry-After", seconds);
	free(seconds);
	http_problem(request, 503, "busy", "Try again later", detail, NULL);
}
