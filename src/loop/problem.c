/* problem - errors of the HTTP interface as application/problem+json. */
#include "loop/problem.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "loop/problem_text.h"

void
http_problem(struct http_request *request, int status, const char *name,
	const char *title, const char *detail, const char *pointer)
{
	char *text = problem_text(status, name, title, detail, pointer);

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
