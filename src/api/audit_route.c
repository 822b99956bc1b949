/*
 * audit_route - GET /api/v1/audit: what became of each detractor. A page at a
 * time on the reader thread, newest first.
 */
#include <stdlib.h>
#include <string.h>

#include "api/private.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/text.h"
#include "loop/problem.h"
#include "nps/audit.h"

enum { AUDIT_PAGE_ROWS = 100, AUDIT_LIMIT_US = 1000000 };
#define AUDIT_SINCE_MS (INT64_C(7) * 24 * 3600 * 1000)

struct audit_asked {
	struct question question; /* first */
	struct http_request *request;
	struct store_filter filter;
	char *survey;
	int64_t now_ms, next;
	json_t *lines; /* NULL: see err */
	struct err err;
};

/* ---- reader thread ---- */

/* One more line; false: see err. One that was forgotten meanwhile is none. */
static bool
add_line(struct audit_asked *asked, struct store_reader *store, int64_t row)
{
	json_t *explained = store_explain(store, row, &asked->err);

	if (explained == NULL)
		return asked->err.text[0] == '\0';
	json_array_append_new(
		asked->lines, audit_line(explained, asked->now_ms));
	json_decref(explained);
	return true;
}

static bool
add_lines(struct audit_asked *asked, struct store_reader *store,
	const json_t *rows)
{
	int64_t start_us = clock_monotonic_us(&clock_system);
	const json_t *row;
	size_t i;

	json_array_foreach(rows, i, row)
	{
		int64_t number = 0;

		if (!text_to_integer(
			    json_string_at(row, "row"), 1, INT64_MAX, &number))
			continue;
		if (i > 0 && clock_monotonic_us(&clock_system) - start_us >
				     AUDIT_LIMIT_US) {
			asked->next = number + 1;
			return true;
		}
		if (!add_line(asked, store, number))
			return false;
	}
	return true;
}

static void
ask(struct question *base, struct store_reader *store)
{
	struct audit_asked *asked = (struct audit_asked *)base;
	json_t *rows = store_list_rows(store, STORE_RESPONSES, &asked->filter,
		&asked->next, &asked->err);

	asked->lines = json_array();
	if (rows == NULL || !add_lines(asked, store, rows)) {
		json_decref(asked->lines);
		asked->lines = NULL;
	}
	json_decref(rows);
}

/* ---- loop ---- */

static void
asked_free(struct audit_asked *asked)
{
	free(asked->survey);
	free(asked);
}

static void
answer(struct question *base)
{
	struct audit_asked *asked = (struct audit_asked *)base;
	char *cursor = asked->next > 0
			       ? mem_printf("%lld", (long long)asked->next)
			       : NULL;

	if (asked->lines == NULL)
		http_problem_busy(asked->request, 5, asked->err.text);
	else
		api_reply_json(asked->request, 200,
			json_pack("{s:o, s:o}", "items", asked->lines, "next",
				cursor != NULL ? json_string(cursor)
					       : json_null()));
	free(cursor);
	asked_free(asked);
}

static bool
read_query(struct api *api, struct audit_asked *asked)
{
	struct store_filter *filter = &asked->filter;
	int64_t limit = AUDIT_PAGE_ROWS;

	asked->now_ms = clock_wall_ms(api->host.clock);
	filter->category = CATEGORY_DETRACTOR;
	filter->state = -1;
	filter->since_ms = asked->now_ms - AUDIT_SINCE_MS;
	if (!api_query_number(
		    asked->request, "limit", STORE_LIST_LIMIT, &limit) ||
		!api_query_number(asked->request, "cursor", INT64_MAX,
			&filter->before_row) ||
		!api_query_since(api, asked->request, &filter->since_ms))
		return false;
	filter->limit = (int)limit;
	asked->survey =
		mem_strdup(http_request_query(asked->request, "survey"));
	filter->survey = asked->survey;
	return true;
}

void
api_audit(struct api *api, struct http_request *request, const char *rest)
{
	struct audit_asked *asked = mem_new(1, sizeof(*asked));

	(void)rest;
	asked->question.ask = ask;
	asked->question.answer = answer;
	asked->request = request;
	if (read_query(api, asked)) {
		if (reader_ask(api->host.reader, &asked->question))
			return;
		http_problem_busy(request, 1, "Too many questions wait.");
	}
	asked_free(asked);
}
