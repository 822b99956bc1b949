/* digest_gather - reads what a digest tells of, a piece at a time. */
#include "flow/digest_gather.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/json_value.h"
#include "base/memory.h"
#include "base/text.h"
#include "flow/recovering.h"
#include "nps/follow_up_row.h"
#include "nps/redact.h"
#include "nps/window.h"

enum stage {
	STAGE_COUNTS,
	STAGE_COMMENTS,
	STAGE_FOLLOW_UPS,
	STAGE_ACCOUNTS,
	STAGE_DONE,
};

struct gathering {
	struct question question; /* first */
	struct reader *reader;
	struct digest_wish wish;
	char *survey, *by, *mark;
	enum stage stage;
	size_t range;	/* of STAGE_COUNTS */
	int64_t cursor; /* of a list */
	int pages;
	size_t account; /* of STAGE_ACCOUNTS */
	struct digest_gathered gathered;
	bool good;
	struct err err;
	digest_gathered_fn on_done;
	void *context;
};

/* ---- counts ---- */

static struct digest_cell *
cell_at(struct digest_gathered *gathered, const char *survey, const char *value)
{
	for (size_t i = 0; i < gathered->cell_count; i++)
		if (strcmp(gathered->cells[i].survey, survey) == 0 &&
			text_same(gathered->cells[i].value, value))
			return &gathered->cells[i];
	gathered->cells = mem_grow(gathered->cells, gathered->cell_count + 1,
		sizeof(struct digest_cell));
	gathered->cells[gathered->cell_count] = (struct digest_cell){
		.survey = mem_strdup(survey), .value = mem_strdup(value)};
	return &gathered->cells[gathered->cell_count++];
}

static void
on_count(const char *survey, const char *segment, const char *value,
	const struct counts *counts, void *context)
{
	struct gathering *gathering = context;
	struct digest_cell *cell;

	if (gathering->survey != NULL && !text_same(gathering->survey, survey))
		return;
	if (segment[0] != '\0' && !text_same(gathering->by, segment))
		return;
	cell = cell_at(&gathering->gathered, survey,
		segment[0] != '\0' ? value : NULL);
	if (gathering->range == 0)
		counts_add(&cell->now, counts, 1);
	else if (gathering->range == 1)
		counts_add(&cell->then, counts, 1);
	else
		cell->earlier += counts_total(counts);
}

/* Whole hours that begin in it. */
static struct bucket_range
range_of(const struct schedule_period *period)
{
	return (struct bucket_range){
		bucket_number(period->from_ms - 1, BUCKET_HOUR),
		bucket_number(period->to_ms - 1, BUCKET_HOUR)};
}

static bool
read_counts(struct gathering *gathering, struct store_reader *store)
{
	const struct digest_wish *wish = &gathering->wish;
	const struct schedule_period *period =
		gathering->range == 0	? &wish->period
		: gathering->range == 1 ? &wish->before
					: &wish->earlier[gathering->range - 2];
	struct bucket_range range = range_of(period);

	if (!store_read_counts(store, BUCKET_HOUR, range.after, range.upto,
		    on_count, gathering, &gathering->err))
		return false;
	if (++gathering->range == DIGEST_EARLIER + 2)
		gathering->stage = gathering->wish.comments ? STAGE_COMMENTS
							    : STAGE_FOLLOW_UPS;
	return true;
}

/* ---- comments ---- */

static const char *
text_in(const json_t *object, const char *part, const char *name)
{
	return json_string_at(json_object_get(object, part), name);
}

/* A value of a segment as tallies name it. New; NULL: none. */
static char *
value_of(const json_t *response, const char *by)
{
	const json_t *value =
		by != NULL ? json_object_get(
				     json_object_get(response, "segment"), by)
			   : NULL;

	if (json_is_string(value))
		return mem_strdup(json_string_value(value));
	return json_is_number(value) || json_is_boolean(value)
		       ? json_text(value)
		       : NULL;
}

static void
add_comment(struct gathering *gathering, const json_t *row, int64_t answered_ms,
	const char *comment)
{
	const json_t *response = json_object_get(row, "response");
	const char *own[6];
	size_t count = 0, cut;
	char *value = value_of(response, gathering->by);
	struct buf text = {0};

	for (const char *const *name = (const char *const[]){"name", "email",
		     "phone", "id", NULL};
		*name != NULL; name++)
		if (text_in(response, "customer", *name) != NULL)
			own[count++] = text_in(response, "customer", *name);
	own[count] = NULL;
	redact_append(&text, comment, own, gathering->mark);
	cut = text_cut(text.data, text.length, DIGEST_COMMENT_BYTES);
	if (cut < text.length) {
		text.length = cut;
		buf_append_text(&text, "…");
	}
	json_array_append_new(gathering->gathered.comments,
		json_pack("{s:O, s:I, s:O, s:s?, s:s}", "score",
			json_object_get(row, "score"), "answered_ms",
			(json_int_t)answered_ms, "survey",
			json_object_get(row, "survey"), "value", value, "text",
			text.data));
	free(value);
	buf_done(&text);
}

static void
look_at_answer(struct gathering *gathering, const json_t *row)
{
	const char *comment =
		json_string_at(json_object_get(row, "response"), "comment");
	int64_t answered_ms = json_time_at(row, "answered_at");

	if (comment != NULL && comment[strspn(comment, " \t\r\n")] != '\0' &&
		answered_ms >= gathering->wish.period.from_ms &&
		answered_ms < gathering->wish.period.to_ms)
		add_comment(gathering, row, answered_ms, comment);
}

/* One page; *more false: the list has ended. */
static json_t *
read_page(struct gathering *gathering, struct store_reader *store,
	enum store_list list, struct store_filter *filter)
{
	json_t *page;

	filter->survey = gathering->survey;
	filter->before_row = gathering->cursor;
	page = store_list_rows(
		store, list, filter, &gathering->cursor, &gathering->err);
	gathering->pages++;
	return page;
}

static bool
list_is_over(struct gathering *gathering, bool enough)
{
	if (gathering->cursor > 0 && !enough &&
		gathering->pages < DIGEST_GATHER_PAGES)
		return false;
	gathering->cursor = 0;
	gathering->pages = 0;
	return true;
}

static bool
read_comments(struct gathering *gathering, struct store_reader *store)
{
	struct store_filter filter = {
		.category = CATEGORY_DETRACTOR,
		.state = -1,
		/* Nobody can answer much later than it arrives. */
		.since_ms = gathering->wish.period.from_ms - MS_PER_DAY,
		.limit = STORE_LIST_LIMIT,
	};
	json_t *page = read_page(gathering, store, STORE_RESPONSES, &filter);
	json_t *row;
	size_t i;

	if (page == NULL)
		return false;
	json_array_foreach(page, i,
		row) if (json_array_size(gathering->gathered.comments) <
			 DIGEST_GATHER_COMMENTS) look_at_answer(gathering, row);
	json_decref(page);
	if (list_is_over(
		    gathering, json_array_size(gathering->gathered.comments) >=
				       DIGEST_GATHER_COMMENTS))
		gathering->stage = STAGE_FOLLOW_UPS;
	return true;
}

/* ---- follow-ups ---- */

static bool
read_follow_ups(struct gathering *gathering, struct store_reader *store)
{
	struct digest_gathered *gathered = &gathering->gathered;
	struct store_filter filter = {
		.category = -1,
		.state = -1,
		.limit = STORE_LIST_LIMIT,
	};
	json_t *page = read_page(gathering, store, STORE_FOLLOW_UPS, &filter);
	json_t *row;
	size_t i;

	if (page == NULL)
		return false;
	json_array_foreach(page, i, row)
	{
		const char *state = json_string_at(row, "state");
		int64_t closed_ms = json_time_at(row, "closed_at");

		gathered->any_follow_up = true;
		if (text_same(state, "open") || text_same(state, "contacted"))
			json_array_append_new(gathered->follow_ups,
				json_pack("{s:O, s:O, s:O, s:b}", "row",
					json_object_get(row, "response"),
					"survey",
					json_object_get(row, "survey"),
					"account",
					json_object_get(row, "account"),
					"overdue",
					follow_up_row_is_overdue(
						row, gathering->wish.now_ms)));
		else if (closed_ms >= gathering->wish.period.from_ms &&
			 closed_ms < gathering->wish.period.to_ms)
			json_array_append_new(gathered->reasons,
				json_pack("{s:O, s:O}", "row",
					json_object_get(row, "response"),
					"reason",
					json_object_get(row, "reason")));
	}
	json_decref(page);
	if (list_is_over(gathering, json_array_size(gathered->follow_ups) >=
					    DIGEST_GATHER_FOLLOW_UPS))
		gathering->stage = STAGE_ACCOUNTS;
	return true;
}

/* What the answer behind one says: its account's value, its segment. */
static bool
read_account(
	struct gathering *gathering, struct store_reader *store, json_t *one)
{
	struct store_filter filter = {.category = -1, .state = -1, .limit = 1};
	const char *number = json_string_at(one, "row");
	int64_t next;
	json_t *page, *response, *worth;
	char *value;

	if (number == NULL ||
		!text_to_integer(number, 1, INT64_MAX, &filter.row))
		return true;
	page = store_list_rows(
		store, STORE_RESPONSES, &filter, &next, &gathering->err);
	if (page == NULL)
		return false;
	response = json_object_get(json_array_get(page, 0), "response");
	worth = json_object_get(json_object_get(response, "account"), "value");
	if (json_is_number(worth))
		json_object_set(one, "worth", worth);
	value = value_of(response, gathering->by);
	if (value != NULL)
		json_object_set_new(one, "value", json_string(value));
	free(value);
	json_decref(page);
	return true;
}

static bool
read_accounts(struct gathering *gathering, struct store_reader *store)
{
	struct digest_gathered *gathered = &gathering->gathered;
	size_t open = json_array_size(gathered->follow_ups);
	size_t all = open + json_array_size(gathered->reasons);

	for (int i = 0; i < DIGEST_GATHER_ACCOUNTS && gathering->account < all;
		i++) {
		size_t at = gathering->account++;

		if (!read_account(gathering, store,
			    at < open ? json_array_get(gathered->follow_ups, at)
				      : json_array_get(
						gathered->reasons, at - open)))
			return false;
	}
	if (gathering->account == all)
		gathering->stage = STAGE_DONE;
	return true;
}

/* ---- one after the other ---- */

static void
ask(struct question *question, struct store_reader *store)
{
	struct gathering *gathering = (struct gathering *)question;

	switch (gathering->stage) {
	case STAGE_COUNTS:
		gathering->good = read_counts(gathering, store);
		break;
	case STAGE_COMMENTS:
		gathering->good = read_comments(gathering, store);
		break;
	case STAGE_FOLLOW_UPS:
		gathering->good = read_follow_ups(gathering, store);
		break;
	case STAGE_ACCOUNTS:
		gathering->good = read_accounts(gathering, store);
		break;
	case STAGE_DONE:
		break;
	}
}

static void
gathering_free(struct gathering *gathering)
{
	struct digest_gathered *gathered = &gathering->gathered;

	for (size_t i = 0; i < gathered->cell_count; i++) {
		free(gathered->cells[i].survey);
		free(gathered->cells[i].value);
	}
	free(gathered->cells);
	json_decref(gathered->comments);
	json_decref(gathered->follow_ups);
	json_decref(gathered->reasons);
	free(gathering->survey);
	free(gathering->by);
	free(gathering->mark);
	free(gathering);
}

static void
finish(struct gathering *gathering)
{
	gathering->on_done(gathering->good ? &gathering->gathered : NULL,
		&gathering->err, gathering->context);
	gathering_free(gathering);
}

static void
on_survey(const char *survey, const struct recovery_figures *figures,
	void *context)
{
	(void)survey;
	recovery_sum(context, figures);
}

static void
on_recovery(struct recovery *recovery, bool complete, const struct err *err,
	void *context)
{
	struct gathering *gathering = context;

	(void)complete;
	if (recovery == NULL) {
		gathering->good = false;
		gathering->err = *err;
	} else {
		recovery_read(recovery, gathering->wish.period.from_ms - 1,
			gathering->wish.period.to_ms - 1, on_survey,
			&gathering->gathered.recovery);
		gathering->gathered.has_recovery = true;
		recovery_free(recovery);
	}
	finish(gathering);
}

static void
answer(struct question *question)
{
	struct gathering *gathering = (struct gathering *)question;

	if (gathering->good && gathering->stage != STAGE_DONE) {
		if (reader_ask(gathering->reader, question))
			return;
		gathering->good =
			err_set(&gathering->err, "too many questions wait");
	}
	if (gathering->good) {
		if (recovering_ask(gathering->reader, gathering->survey,
			    on_recovery, gathering))
			return;
		gathering->good =
			err_set(&gathering->err, "too many questions wait");
	}
	finish(gathering);
}

bool
digest_gather(struct reader *reader, const struct digest_wish *wish,
	digest_gathered_fn on_done, void *context)
{
	struct gathering *gathering = mem_new(1, sizeof(*gathering));

	gathering->question.ask = ask;
	gathering->question.answer = answer;
	gathering->reader = reader;
	gathering->wish = *wish;
	gathering->survey = mem_strdup(wish->survey);
	gathering->by = mem_strdup(wish->by);
	gathering->mark = mem_strdup(wish->mark);
	gathering->gathered.comments = json_array();
	gathering->gathered.follow_ups = json_array();
	gathering->gathered.reasons = json_array();
	gathering->on_done = on_done;
	gathering->context = context;
	if (reader_ask(reader, &gathering->question))
		return true;
	gathering_free(gathering);
	return false;
}
