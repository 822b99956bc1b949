/* lists - GET on responses, deliveries, rejected, follow-ups, silences: pages,
 * single rows, explain. */
#include <stdlib.h>
#include <string.h>

#include "api/access.h"
#include "api/private.h"
#include "base/memory.h"
#include "base/text.h"
#include "crypt/link_token.h"
#include "loop/problem.h"
#include "nps/audit.h"
#include "nps/follow_up_row.h"

enum { LIST_LIMIT = 50 }; /* rows where none is asked for */

struct list_question {
	struct question question;
	struct http_request *request;
	enum store_list list;
	struct store_filter filter;
	int64_t now_ms;
	char *owned[7]; /* what the filter's texts point at */
	size_t owned_count;
	bool explain;
	bool hides_links; /* who asks may not act */
	json_t *result;
	int64_t next;
	struct err err;
};

static void
add_overdue(json_t *follow_ups, int64_t now_ms)
{
	json_t *row;
	size_t i;

	json_array_foreach(follow_ups, i, row) json_object_set_new(row,
		"overdue", json_boolean(follow_up_row_is_overdue(row, now_ms)));
}

static void
add_states(json_t *silences, int64_t now_ms)
{
	json_t *row;
	size_t i;

	json_array_foreach(silences, i, row) api_silence_add_state(row, now_ms);
}

/* Who has the link may act as whom it was written for. */
static void
hide_links(json_t *rows)
{
	json_t *row;
	size_t i;

	json_array_foreach(rows, i, row)
	{
		const json_t *body = json_object_get(row, "body");
		char *text = body != NULL && json_is_string(body)
				     ? mem_copy(json_string_value(body),
					       json_string_length(body))
				     : NULL;

		if (text != NULL)
			json_object_set_new(row, "body",
				json_stringn(text,
					link_token_hide(text,
						json_string_length(body))));
		free(text);
	}
}

static void
ask(struct question *base, struct store_reader *store)
{
	struct list_question *question = (struct list_question *)base;

	if (question->explain)
		question->result = store_explain(
			store, question->filter.row, &question->err);
	else
		question->result = store_list_rows(store, question->list,
			&question->filter, &question->next, &question->err);
	if (question->list == STORE_FOLLOW_UPS)
		add_overdue(question->result, question->now_ms);
	if (question->list == STORE_SILENCES)
		add_states(question->result, question->now_ms);
	if (question->list == STORE_DELIVERIES && question->hides_links)
		hide_links(question->result);
}

static void
reply_page(struct list_question *question)
{
	json_t *next = json_null();

	if (question->next > 0) {
		char *cursor = mem_printf("%lld", (long long)question->next);

		next = json_string(cursor);
		free(cursor);
	}
	api_reply_json(question->request, 200,
		json_pack(
			"{s:o, s:o}", "items", question->result, "next", next));
}

static void
reply_row(struct list_question *question)
{
	json_t *row = json_incref(json_array_get(question->result, 0));

	json_decref(question->result);
	if (row != NULL)
		api_reply_json(question->request, 200, row);
	else
		http_problem(question->request, 404, "not-found",
			"There is no such row", NULL, NULL);
}

static void
answer(struct question *base)
{
	struct list_question *question = (struct list_question *)base;

	if (question->result == NULL && question->err.text[0] == '\0')
		http_problem(question->request, 404, "not-found",
			"There is no such row", NULL, NULL);
	else if (question->result == NULL)
		http_problem_busy(question->request, 5, question->err.text);
	else if (question->explain)
		api_reply_json(question->request, 200, question->result);
	else if (question->filter.row > 0)
		reply_row(question);
	else
		reply_page(question);
	for (size_t i = 0; i < question->owned_count; i++)
		free(question->owned[i]);
	free(question);
}

/* ---- the filter ---- */

static const char *
text_query(struct list_question *question, const char *name)
{
	char *copy = mem_strdup(http_request_query(question->request, name));

	if (copy == NULL)
		return NULL;
	question->owned[question->owned_count++] = copy;
	return copy;
}

/* False after the problem was told. */
static bool
bad_query(struct http_request *request, const char *name, const char *expected)
{
	http_problem(request, 400, "bad-query",
		"A query parameter cannot be read", expected, name);
	return false;
}

bool
api_query_number(struct http_request *request, const char *name, int64_t high,
	int64_t *value)
{
	const char *text = http_request_query(request, name);

	if (text == NULL || text_to_integer(text, 1, high, value))
		return true;
	return bad_query(request, name, "Expected a number from 1.");
}

bool
api_query_since(
	const struct api *api, struct http_request *request, int64_t *since_ms)
{
	const char *text = http_request_query(request, "since");
	int64_t ago_ms;
	struct err err;

	if (text == NULL ||
		time_from_rfc3339(text, strlen(text), since_ms, &err))
		return true;
	if (!duration_from_text(text, &ago_ms, &err))
		return bad_query(request, "since",
			"Expected RFC 3339 as in "
			"2026-11-21T10:00:00Z, or a duration such as 24h.");
	*since_ms = clock_wall_ms(api->host.clock) - ago_ms;
	return true;
}

static bool
category_query(struct list_question *question)
{
	const char *name = http_request_query(question->request, "category");
	enum category category;

	if (name == NULL)
		return true;
	if (!category_from_name(name, &category))
		return bad_query(question->request, "category",
			"Expected detractor, passive or promoter.");
	question->filter.category = (int)category;
	return true;
}

static bool
state_query(struct list_question *question)
{
	const char *name = http_request_query(question->request, "state");
	enum follow_up_state follow_up;
	enum delivery_state delivery;

	if (name == NULL)
		return true;
	if (question->list == STORE_FOLLOW_UPS) {
		if (!follow_up_state_from_name(name, &follow_up))
			return bad_query(question->request, "state",
				"Expected open, contacted, resolved or lost.");
		question->filter.state = (int)follow_up;
		return true;
	}
	if (question->list == STORE_SILENCES) {
		question->filter.state = strcmp(name, "ended") == 0;
		return question->filter.state == 1 ||
		       strcmp(name, "in_force") == 0 ||
		       bad_query(question->request, "state",
			       "Expected in_force or ended.");
	}
	if (!delivery_state_from_name(name, &delivery))
		return bad_query(question->request, "state",
			"Expected pending, "
			"claimed, retrying, delivered, dead, cancelled or "
			"folded.");
	question->filter.state = (int)delivery;
	return true;
}

static bool
overdue_query(struct list_question *question)
{
	const char *text = http_request_query(question->request, "overdue");

	if (text == NULL)
		return true;
	if (*text != '\0' && strcmp(text, "1") != 0 &&
		strcmp(text, "true") != 0)
		return bad_query(question->request, "overdue",
			"Expected 1: those that are overdue.");
	question->filter.overdue_ms = question->now_ms;
	return true;
}

static bool
read_filter(const struct api *api, struct list_question *question)
{
	struct store_filter *filter = &question->filter;
	int64_t limit = LIST_LIMIT;

	filter->category = -1;
	filter->state = -1;
	if (!api_query_number(
		    question->request, "limit", STORE_LIST_LIMIT, &limit) ||
		!api_query_number(question->request, "cursor", INT64_MAX,
			&filter->before_row) ||
		!api_query_number(question->request, "storm", INT64_MAX,
			&filter->storm) ||
		!api_query_since(api, question->request, &filter->since_ms) ||
		!category_query(question) || !state_query(question) ||
		!overdue_query(question))
		return false;
	filter->limit = (int)limit;
	filter->survey = text_query(question, "survey");
	filter->id = text_query(question, "id");
	filter->source = text_query(question, "source");
	filter->action = text_query(question, "action");
	filter->rule = text_query(question, "rule");
	filter->reason = text_query(question, "reason");
	filter->owner = text_query(question, "owner");
	return true;
}

/* "17" or "17/explain". */
static bool
read_row(struct list_question *question, const char *rest)
{
	static const char explain[] = "/explain";
	size_t length = strcspn(rest, "/");
	char *number = mem_copy(rest, length);
	bool good =
		text_to_integer(number, 1, INT64_MAX, &question->filter.row);

	free(number);
	if (rest[length] == '\0')
		return good;
	question->explain = question->list == STORE_RESPONSES &&
			    strcmp(rest + length, explain) == 0;
	return good && question->explain;
}

static void
list(struct api *api, struct http_request *request, const char *rest,
	enum store_list which)
{
	struct list_question *question = mem_new(1, sizeof(*question));

	question->question.ask = ask;
	question->question.answer = answer;
	question->request = request;
	question->list = which;
	question->now_ms = clock_wall_ms(api->host.clock);
	question->hides_links = access_judge(&api->access, request, ROLE_ADMIN,
					NULL) != ACCESS_GRANTED;
	if (rest[0] != '\0' && !read_row(question, rest)) {
		http_problem(request, 404, "not-found", "There is no such row",
			NULL, NULL);
	} else if (read_filter(api, question)) {
		if (reader_ask(api->host.reader, &question->question))
			return;
		http_problem_busy(request, 1, "Too many questions wait.");
	}
	for (size_t i = 0; i < question->owned_count; i++)
		free(question->owned[i]);
	free(question);
}

void
api_responses(struct api *api, struct http_request *request, const char *rest)
{
	list(api, request, rest, STORE_RESPONSES);
}

void
api_deliveries(struct api *api, struct http_request *request, const char *rest)
{
	list(api, request, rest, STORE_DELIVERIES);
}

void
api_rejected(struct api *api, struct http_request *request, const char *rest)
{
	list(api, request, rest, STORE_REJECTED);
}

void
api_follow_ups(struct api *api, struct http_request *request, const char *rest)
{
	list(api, request, rest, STORE_FOLLOW_UPS);
}

void
api_silences(struct api *api, struct http_request *request, const char *rest)
{
	list(api, request, rest, STORE_SILENCES);
}

void
api_erasures(struct api *api, struct http_request *request, const char *rest)
{
	list(api, request, rest, STORE_ERASURES);
}
