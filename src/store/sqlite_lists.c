/*
 * sqlite_lists - pages of rows out of the SQLite file, filtered, newest first.
 */
#include <string.h>

#include "base/buf.h"
#include "base/time.h"
#include "store/row_json.h"
#include "store/sqlite_kind.h"
#include "store/sqlite_rows.h"

enum {
	LIST_SPAN_ROWS = 20000,	 /* looked through in one snapshot */
	LIST_LIMIT_US = 1000000, /* then the page ends where it is */
};

/* ---- the text of a query and what is bound to it ---- */

enum { QUERY_VALUES_LIMIT = 12 };

struct query {
	struct buf text;
	struct value_in {
		const char *text; /* NULL: the bytes, or else the number */
		const void *bytes;
		int64_t number;
	} values[QUERY_VALUES_LIMIT];
	size_t count;
	unsigned char id[DELIVERY_ID_LENGTH]; /* what may be bound */
};

static struct value_in *
query_add(struct query *query, const char *text)
{
	struct value_in *value = &query->values[query->count++];

	buf_append_text(&query->text, text);
	*value = (struct value_in){0};
	return value;
}

static void
query_add_text(struct query *query, const char *condition, const char *text)
{
	if (text)
		query_add(query, condition)->text = text;
}

static void
query_add_number(struct query *query, const char *condition, int64_t number)
{
	query_add(query, condition)->number = number;
}

static struct sql_statement *
query_start(struct query *query, struct sql *sql)
{
	struct sql_statement *statement = sql_make(sql, query->text.data);

	for (size_t i = 0; i < query->count; i++) {
		const struct value_in *value = &query->values[i];

		if (value->text)
			sql_in_text(statement, value->text);
		else if (value->bytes)
			sql_in_bytes(
				statement, value->bytes, DELIVERY_ID_LENGTH);
		else
			sql_in_number(statement, value->number);
	}
	return statement;
}

/* ---- the lists ---- */

struct list_kind {
	const char *table;
	const char *columns;
	void (*add_filters)(
		struct query *query, const struct store_filter *filter);
	json_t *(*read)(struct sql_statement *statement);
};

static void
add_response_filters(struct query *query, const struct store_filter *filter)
{
	query_add_text(query, " AND id = ?", filter->id);
	query_add_text(query, " AND survey = ?", filter->survey);
	query_add_text(query, " AND source = ?", filter->source);
	if (filter->category >= 0)
		query_add_number(query, " AND kind = 0 AND category = ?",
			filter->category);
	if (filter->since_ms)
		query_add_number(
			query, " AND arrived_ms >= ?", filter->since_ms);
}

static json_t *
read_response(struct sql_statement *statement)
{
	struct answer_row answer;

	read_answer(statement, &answer);
	return row_json_answer(&answer);
}

static void
add_delivery_filters(struct query *query, const struct store_filter *filter)
{
	/* An id has an index only with its answer: the rows are looked
	 * through. */
	if (filter->id && delivery_id_pack(filter->id, query->id))
		query_add(query, " AND id = ?")->bytes = query->id;
	else if (filter->id)
		query_add_number(query, " AND row = ?", 0);
	query_add_text(query,
		" AND EXISTS(SELECT 1 FROM answer "
		"WHERE answer.row = delivery.answer AND survey = ?)",
		filter->survey);
	query_add_text(query, " AND action = ?", filter->action);
	query_add_text(query, " AND rule = ?", filter->rule);
	if (filter->state >= 0)
		query_add_number(query, " AND +state = ?", filter->state);
	if (filter->storm)
		query_add_number(query,
			" AND row IN (SELECT folded.delivery FROM folded "
			"WHERE message = ?)",
			filter->storm);
	if (filter->since_ms)
		query_add_number(
			query, " AND created_ms >= ?", filter->since_ms);
}

#define LIST_DELIVERY_COLUMNS                                 \
	DELIVERY_COLUMNS ", (SELECT length(bytes) FROM body " \
			 "WHERE body.delivery = delivery.row) AS body_bytes"

static json_t *
read_listed_delivery(struct sql_statement *statement)
{
	struct delivery_row delivery;
	char id[DELIVERY_ID_BYTES];

	read_delivery(statement, &delivery, id);
	bool has_body = sql_text_at(statement, DELIVERY_COLUMN_COUNT) != NULL;

	delivery.body_length =
		(size_t)sql_number_at(statement, DELIVERY_COLUMN_COUNT);
	return row_json_delivery(&delivery, has_body);
}

static void
add_rejected_filters(struct query *query, const struct store_filter *filter)
{
	query_add_text(query, " AND source = ?", filter->source);
	query_add_text(query, " AND reason = ?", filter->reason);
	if (filter->since_ms)
		query_add_number(
			query, " AND arrived_ms >= ?", filter->since_ms);
}

static json_t *
read_listed_rejected(struct sql_statement *statement)
{
	struct rejected_row rejected;
	const char *reason;

	read_rejected(statement, &rejected, &reason);
	return row_json_rejected(&rejected, reason);
}

static void
add_follow_up_filters(struct query *query, const struct store_filter *filter)
{
	query_add_text(query, " AND survey = ?", filter->survey);
	query_add_text(query, " AND rule = ?", filter->rule);
	query_add_text(query, " AND owner = ?", filter->owner);
	query_add_text(query, " AND reason = ?", filter->reason);
	if (filter->state >= 0)
		query_add_number(query, " AND +state = ?", filter->state);
	if (filter->since_ms)
		query_add_number(
			query, " AND opened_ms >= ?", filter->since_ms);
	if (!filter->overdue_ms)
		return;
	query_add_number(
		query, " AND " FOLLOW_UP_OVERDUE_1, filter->overdue_ms);
	query_add_number(query, FOLLOW_UP_OVERDUE_2, filter->overdue_ms);
}

static json_t *
read_listed_follow_up(struct sql_statement *statement)
{
	struct follow_up follow_up;

	read_follow_up(statement, &follow_up);
	return row_json_follow_up(&follow_up);
}

static void
add_silence_filters(struct query *query, const struct store_filter *filter)
{
	query_add_text(query, " AND rule = ?", filter->rule);
	if (filter->state >= 0)
		query_add_number(
			query, " AND (ended_ms <> 0) = ?", filter->state);
	if (filter->since_ms)
		query_add_number(query, " AND since_ms >= ?", filter->since_ms);
}

static json_t *
read_listed_silence(struct sql_statement *statement)
{
	struct silence_row silence;

	read_silence(statement, &silence);
	return row_json_silence(&silence);
}

static void
add_erasure_filters(struct query *query, const struct store_filter *filter)
{
	if (filter->since_ms)
		query_add_number(query, " AND asked_ms >= ?", filter->since_ms);
}

static json_t *
read_listed_erasure(struct sql_statement *statement)
{
	struct erasure_row erasure;

	read_erasure(statement, &erasure);
	return row_json_erasure(&erasure);
}

static const struct list_kind list_kinds[] = {
	[STORE_RESPONSES] = {"answer", ANSWER_COLUMNS, add_response_filters,
		read_response},
	[STORE_DELIVERIES] = {"delivery", LIST_DELIVERY_COLUMNS,
		add_delivery_filters, read_listed_delivery},
	[STORE_REJECTED] = {"rejected", REJECTED_COLUMNS, add_rejected_filters,
		read_listed_rejected},
	[STORE_FOLLOW_UPS] = {"follow_up", FOLLOW_UP_COLUMNS,
		add_follow_up_filters, read_listed_follow_up},
	[STORE_SILENCES] = {"silence", SILENCE_COLUMNS, add_silence_filters,
		read_listed_silence},
	[STORE_ERASURES] = {"erasure", ERASURE_COLUMNS, add_erasure_filters,
		read_listed_erasure},
};

/* ---- a page of a list ---- */

struct page {
	struct sql *sql;
	const struct list_kind *kind;
	const struct store_filter *filter;
	size_t limit;
	json_t *items;
	int64_t last; /* row of the last item */
	bool more;    /* there is a further one */
};

static bool
page_read(struct page *page, struct query *query, struct err *err)
{
	size_t left = page->limit - json_array_size(page->items);

	page->kind->add_filters(query, page->filter);
	query_add_number(
		query, " ORDER BY row DESC LIMIT ?", (int64_t)left + 1);
	struct sql_statement *read = query_start(query, page->sql);
	enum sql_step step;

	while ((step = sql_step(read, err)) == SQL_ROW) {
		if (left-- == 0) {
			page->more = true;
			break;
		}
		json_array_append_new(page->items, page->kind->read(read));
		page->last = sql_number_at(read, 0);
	}
	sql_end(read);
	buf_done(&query->text);
	return step != SQL_FAILED;
}

static void
query_init(struct query *query, const struct page *page)
{
	*query = (struct query){0};
	buf_printf(&query->text, "SELECT %s FROM %s WHERE ",
		page->kind->columns, page->kind->table);
}

/* Found by an index: one snapshot. */
static bool
page_read_found(
	struct page *page, enum store_list list, bool *found, struct err *err)
{
	const struct store_filter *filter = page->filter;
	struct query query;

	*found = filter->row || (filter->id && list == STORE_RESPONSES);
	if (!*found)
		return true;
	query_init(&query, page);
	if (filter->row)
		query_add_number(&query, "row = ?", filter->row);
	else
		buf_append_text(&query.text, "id IS NOT NULL");
	if (filter->before_row)
		query_add_number(&query, " AND +row < ?", filter->before_row);
	return page_read(page, &query, err);
}

static bool
newest_row(struct page *page, int64_t *row, struct err *err)
{
	struct buf text = {0};

	buf_printf(
		&text, "SELECT ifnull(max(row), 0) FROM %s", page->kind->table);
	bool good = sql_ask_number(page->sql, text.data, row, err);

	buf_done(&text);
	return good;
}

/*
 * Looked for from the newest backwards, a span of rows in a snapshot, until the
 * page is full or the time is over.
 */
static bool
page_read_spans(struct page *page, int64_t *next, struct err *err)
{
	int64_t start_us = clock_monotonic_us(&clock_system);
	int64_t high = page->filter->before_row - 1;

	if (page->filter->before_row <= 0 && !newest_row(page, &high, err))
		return false;
	while (high > 0 && !page->more) {
		int64_t low = high - LIST_SPAN_ROWS;
		struct query query;

		query_init(&query, page);
		query_add_number(&query, "row <= ?", high);
		query_add_number(&query, " AND row > ?", low);
		if (!page_read(page, &query, err))
			return false;
		high = low;
		if (clock_monotonic_us(&clock_system) - start_us >
			LIST_LIMIT_US)
			break;
	}
	if (high > 0)
		*next = high + 1;
	return true;
}

static bool
add_details(struct store_reader *reader, enum store_list list,
	struct page *page, struct err *err)
{
	json_t *object = json_array_get(page->items, 0);

	if (list == STORE_DELIVERIES &&
		!sqlite_add_storms(page->sql, page->items, err))
		return false;
	if (!object || !page->filter->row)
		return true;
	if (list == STORE_DELIVERIES)
		return sqlite_add_detail(reader, page->last, object, err);
	return list != STORE_FOLLOW_UPS ||
	       sqlite_add_events(page->sql, page->last, object, err);
}

json_t *
sqlite_list_rows(struct store_reader *base, enum store_list list,
	const struct store_filter *filter, int64_t *next, struct err *err)
{
	struct page page = {.sql = reader_sql(base),
		.kind = &list_kinds[list],
		.filter = filter,
		.limit = STORE_LIST_LIMIT,
		.items = json_array()};
	bool found;

	*next = 0;
	if (filter->limit > 0 && filter->limit < STORE_LIST_LIMIT)
		page.limit = (size_t)filter->limit;
	if (!page_read_found(&page, list, &found, err) ||
		(!found && !page_read_spans(&page, next, err)) ||
		!add_details(base, list, &page, err)) {
		json_decref(page.items);
		return NULL;
	}
	if (page.more)
		*next = page.last;
	return page.items;
}
