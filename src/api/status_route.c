/* status_route - GET /api/v1/status. */
#include <stdlib.h>

#include "api/private.h"
#include "api/status.h"
#include "base/memory.h"
#include "loop/problem.h"

struct status_question {
	struct question question; /* first */
	struct http_request *request;
	struct status *status;
	struct err err;
	bool good;
};

static void
ask(struct question *base, struct store_reader *store)
{
	struct status_question *question = (struct status_question *)base;

	question->good =
		status_look_up(question->status, store, &question->err);
}

static void
answer(struct question *base)
{
	struct status_question *question = (struct status_question *)base;

	if (question->good)
		api_reply_json(question->request, 200,
			status_tell(question->status, true));
	else
		http_problem_busy(question->request, 5, question->err.text);
	status_free(question->status);
	free(question);
}

void
api_status(struct api *api, struct http_request *request, const char *rest)
{
	struct status_question *question = mem_new(1, sizeof(*question));

	(void)rest;
	question->question.ask = ask;
	question->question.answer = answer;
	question->request = request;
	question->status = status_new(api);
	if (reader_ask(api->host.reader, &question->question))
		return;
	status_free(question->status);
	free(question);
	http_problem_busy(request, 1, "Too many questions wait.");
}
