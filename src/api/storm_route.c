/*
 * storm_route - GET of /f/TOKEN where the token is of a storm: the page that
 * lists its alerts, read on the reader thread.
 */
#include <stdlib.h>

#include "api/link_reply.h"
#include "api/private.h"
#include "api/storm_page.h"
#include "base/json.h"
#include "base/json_value.h"
#include "base/memory.h"
#include "base/text.h"
#include "flow/storm_link.h"
#include "store/store_storm.h"

struct storm_question {
	struct question question; /* first */
	struct api *api;
	struct http_request *request;
	struct link_token token;
	int64_t cursor, next, count, told_ms;
	char *action, *recipient; /* of the message */
	json_t *answers;	  /* NULL: there is no such storm, or see err */
	struct err err;
};

/* ---- reader thread ---- */

/* How many stand folded in the message; false: it is none, or see err. */
static bool
find_message(struct storm_question *asked, struct store_reader *store)
{
	struct store_filter filter = {.category = -1,
		.state = -1,
		.row = asked->token.follow_up,
		.limit = 1};
	int64_t next;
	json_t *rows = store_list_rows(
		store, STORE_DELIVERIES, &filter, &next, &asked->err);
	const json_t *message = json_array_get(rows, 0);
	bool found = text_same(json_string_at(message, "cause"), STORM_CAUSE);

	asked->count = json_integer_value(json_object_get(message, "folded"));
	asked->told_ms = json_time_at(message, "settled_at");
	asked->action = mem_strdup(json_string_at(message, "action"));
	asked->recipient = mem_strdup(json_string_at(message, "recipient"));
	json_decref(rows);
	return found;
}

static bool
add_answer(struct storm_question *asked, struct store_reader *store,
	const json_t *delivery)
{
	json_t *explained;
	int64_t row = 0;

	/* One that was taken back is told no more. */
	if (text_same(json_string_at(delivery, "state"), "cancelled") ||
		!text_to_integer(json_string_at(delivery, "response"), 1,
			INT64_MAX, &row))
		return true;
	explained = store_explain(store, row, &asked->err);
	if (explained != NULL)
		json_array_append_new(asked->answers, explained);
	return explained != NULL || asked->err.text[0] == '\0';
}

static bool
find_answers(struct storm_question *asked, struct store_reader *store)
{
	struct store_filter filter = {.category = -1,
		.state = -1,
		.storm = asked->token.follow_up,
		.before_row = asked->cursor,
		.limit = STORM_PAGE_ROWS};
	json_t *rows = store_list_rows(
		store, STORE_DELIVERIES, &filter, &asked->next, &asked->err);
	bool good = rows != NULL;

	for (size_t i = 0; good && i < json_array_size(rows); i++)
		good = add_answer(asked, store, json_array_get(rows, i));
	json_decref(rows);
	return good;
}

static void
ask(struct question *base, struct store_reader *store)
{
	struct storm_question *asked = (struct storm_question *)base;

	if (!find_message(asked, store))
		return;
	asked->answers = json_array();
	if (find_answers(asked, store))
		return;
	json_decref(asked->answers);
	asked->answers = NULL;
}

/* ---- loop ---- */

static void
answer(struct question *base)
{
	struct storm_question *asked = (struct storm_question *)base;
	const struct storm_page page = {
		.language = link_language(asked->api, asked->request, NULL),
		.count = asked->count,
		.answers = asked->answers,
		.next = asked->next,
		.link_key = keeper_link_key(asked->api->host.keeper),
		.expires_ms = asked->token.expires_ms,
		.told_ms = asked->told_ms,
		.owners = asked->api->host.owners != NULL
				  ? asked->api->host.owners(
					    asked->api->host.context)
				  : NULL,
		.action = asked->action != NULL ? asked->action : "",
		.recipient = asked->recipient != NULL ? asked->recipient : "",
	};
	struct buf out = {0};

	if (asked->answers != NULL) {
		storm_page_append(&out, &page);
		link_reply_page(asked->request, 200, &out);
	} else if (asked->err.text[0] != '\0') {
		link_reply_later(asked->api, asked->request);
	} else {
		link_reply_text(asked->api, asked->request, 404,
			"page.not_found", NULL);
	}
	json_decref(asked->answers);
	free(asked->action);
	free(asked->recipient);
	free(asked);
}

static void
look_up(struct api *api, struct http_request *request,
	const struct link_token *token)
{
	struct storm_question *asked = mem_new(1, sizeof(*asked));
	const char *cursor = http_request_query(request, "cursor");

	asked->question.ask = ask;
	asked->question.answer = answer;
	asked->api = api;
	asked->request = request;
	asked->token = *token;
	if (cursor != NULL &&
		!text_to_integer(cursor, 1, INT64_MAX, &asked->cursor))
		asked->cursor = 0;
	if (reader_ask(api->host.reader, &asked->question))
		return;
	free(asked);
	link_reply_later(api, request);
}

bool
api_storm_link(struct api *api, struct http_request *request, const char *rest)
{
	struct link_token token;

	switch (storm_link_read(keeper_link_key(api->host.keeper), rest,
		clock_wall_ms(api->host.clock), &token)) {
	case LINK_GOOD:
		if (http_request_method(request) == HTTP_POST) {
			http_reply_header(request, "Allow", "GET, HEAD");
			link_reply_text(
				api, request, 405, "page.refused", NULL);
		} else {
			look_up(api, request, &token);
		}
		return true;
	case LINK_EXPIRED:
		link_reply_text(api, request, 410, "page.expired", NULL);
		return true;
	case LINK_WRONG:
		break;
	}
	return false;
}
