/* owner_gather - how owners did, read a page at a time. */
#include "flow/owner_gather.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/json_value.h"
#include "base/memory.h"
#include "base/text.h"
#include "nps/owner_figures.h"

struct gathering_owners {
	struct question question; /* first */
	struct reader *reader;
	char *survey;
	const struct recovery *recovery; /* lent */
	int64_t since_ms, now_ms, cursor;
	int pages;
	struct owner_figures *figures;
	bool good;
	struct err err;
	owners_gathered_fn on_done;
	void *context;
};

static void
add(struct gathering_owners *gathering, const json_t *row)
{
	const char *state = json_string_at(row, "state");
	const char *survey = json_string_at(row, "survey");
	const char *customer = json_string_at(row, "customer");
	struct owner_case one = {
		.owner = json_string_at(row, "owner"),
		.opened_ms = json_time_at(row, "opened_at"),
		.contact_by_ms = json_time_at(row, "contact_by"),
		.contacted_ms = json_time_at(row, "contacted_at"),
		.resolved = text_same(state, "resolved"),
		.lost = text_same(state, "lost"),
		.recovered = json_is_true(json_object_get(row, "improved")),
	};

	if (survey != NULL && customer != NULL)
		one.recovered |= recovery_recovered(
			gathering->recovery, survey, customer, one.opened_ms);
	/* Its clock is another's. */
	if (!json_is_string(json_object_get(row, "tracked_in")))
		owner_figures_add(gathering->figures, &one);
}

static void
ask(struct question *question, struct store_reader *store)
{
	struct gathering_owners *gathering =
		(struct gathering_owners *)question;
	struct store_filter filter = {
		.survey = gathering->survey,
		.category = -1,
		.state = -1,
		.since_ms = gathering->since_ms,
		.before_row = gathering->cursor,
		.limit = STORE_LIST_LIMIT,
	};
	json_t *page = store_list_rows(store, STORE_FOLLOW_UPS, &filter,
		&gathering->cursor, &gathering->err);
	json_t *row;
	size_t i;

	gathering->good = page != NULL;
	gathering->pages++;
	json_array_foreach(page, i, row) add(gathering, row);
	json_decref(page);
}

static void
gathering_free(struct gathering_owners *gathering)
{
	owner_figures_free(gathering->figures);
	free(gathering->survey);
	free(gathering);
}

static void
answer(struct question *question)
{
	struct gathering_owners *gathering =
		(struct gathering_owners *)question;

	if (gathering->good && gathering->cursor > 0 &&
		gathering->pages < OWNER_GATHER_PAGES) {
		if (reader_ask(gathering->reader, question))
			return;
		gathering->good =
			err_set(&gathering->err, "too many questions wait");
	}
	gathering->on_done(gathering->good
				   ? owner_figures_json(gathering->figures,
					     gathering->now_ms)
				   : NULL,
		&gathering->err, gathering->context);
	gathering_free(gathering);
}

bool
owner_gather(struct reader *reader, const char *survey,
	const struct recovery *recovery, int64_t since_ms, int64_t now_ms,
	owners_gathered_fn on_done, void *context)
{
	struct gathering_owners *gathering = mem_new(1, sizeof(*gathering));

	gathering->question.ask = ask;
	gathering->question.answer = answer;
	gathering->reader = reader;
	gathering->survey = mem_strdup(survey);
	gathering->recovery = recovery;
	gathering->since_ms = since_ms;
	gathering->now_ms = now_ms;
	gathering->figures = owner_figures_new();
	gathering->on_done = on_done;
	gathering->context = context;
	if (reader_ask(reader, &gathering->question))
		return true;
	gathering_free(gathering);
	return false;
}
