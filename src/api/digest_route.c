/* digest_route - digests: which there are, what one would say, and one more. */
#include <stdlib.h>
#include <string.h>

#include "api/private.h"
#include "base/memory.h"
#include "loop/problem.h"

void
api_digests(struct api *api, struct http_request *request, const char *rest)
{
	(void)rest;
	api_reply_json(request, 200,
		json_pack("{s:o, s:n}", "items",
			digesting_list(api->host.digesting), "next"));
}

struct made {
	struct http_request *request;
	char *name;
	bool send;
};

static void
on_made(json_t *letters, const struct err *err, void *context)
{
	struct made *made = context;

	if (letters == NULL)
		http_problem_busy(made->request, 5, err->text);
	else
		api_reply_json(made->request, 200,
			json_pack("{s:s, s:b, s:O}", "name", made->name,
				"queued", made->send, "letters", letters));
	free(made->name);
	free(made);
}

static void
make(struct api *api, struct http_request *request, const char *name,
	size_t length, bool send)
{
	struct made *made = mem_new(1, sizeof(*made));
	struct err err;
	bool unknown;

	*made = (struct made){request, mem_copy(name, length), send};
	if (digesting_make(api->host.digesting, made->name, send, on_made, made,
		    &unknown, &err))
		return;
	if (unknown)
		http_problem(request, 404, "not-found",
			"There is no such digest",
			"GET /api/v1/digests lists them.", NULL);
	else
		http_problem_busy(request, 5, err.text);
	free(made->name);
	free(made);
}

void
api_digest(struct api *api, struct http_request *request, const char *rest)
{
	make(api, request, rest, strlen(rest), false);
}

void
api_digest_send(struct api *api, struct http_request *request, const char *rest)
{
	static const char act[] = "/send";
	size_t length = strlen(rest), tail = sizeof(act) - 1;

	if (length > tail && strcmp(rest + length - tail, act) == 0)
		make(api, request, rest, length - tail, true);
	else
		http_problem(request, 404, "not-found", "There is no such act",
			"POST to /api/v1/digests/NAME/send.", NULL);
}
