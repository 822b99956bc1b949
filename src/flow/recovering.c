/* recovering - returning customers, read a span of rows at a time. */
#include "flow/recovering.h"

#include <stdlib.h>

#include "base/memory.h"
#include "base/text.h"

struct recovering {
	struct question question; /* first */
	struct reader *reader;
	char *survey;
	struct recovery *recovery;
	int64_t row;
	bool more, full, good;
	struct err err;
	recovering_done_fn on_done;
	void *context;
};

static void
on_answer(const struct customer_answer *answer, void *context)
{
	struct recovering *recovering = context;

	if (recovering->survey != NULL &&
		!text_same(recovering->survey, answer->survey))
		return;
	recovering->full |= !recovery_add(recovering->recovery, answer->survey,
		answer->customer, answer->answered_ms, answer->category,
		answer->row);
}

static void
ask(struct question *question, struct store_reader *store)
{
	struct recovering *recovering = (struct recovering *)question;

	recovering->good = store_each_customer_answer(store, &recovering->row,
		&recovering->more, on_answer, recovering, &recovering->err);
}

static void
recovering_free(struct recovering *recovering)
{
	recovery_free(recovering->recovery);
	free(recovering->survey);
	free(recovering);
}

static void
answer(struct question *question)
{
	struct recovering *recovering = (struct recovering *)question;

	if (recovering->good && recovering->more && !recovering->full) {
		if (reader_ask(recovering->reader, question))
			return;
		recovering->good =
			err_set(&recovering->err, "too many questions wait");
	}
	struct recovery *recovery =
		recovering->good ? recovering->recovery : NULL;

	if (recovery != NULL)
		recovering->recovery = NULL;
	recovering->on_done(recovery, !recovering->full, &recovering->err,
		recovering->context);
	recovering_free(recovering);
}

bool
recovering_ask(struct reader *reader, const char *survey,
	recovering_done_fn on_done, void *context)
{
	struct recovering *recovering = mem_new(1, sizeof(*recovering));

	recovering->question.ask = ask;
	recovering->question.answer = answer;
	recovering->reader = reader;
	recovering->survey = mem_strdup(survey);
	recovering->recovery = recovery_new();
	recovering->on_done = on_done;
	recovering->context = context;
	if (reader_ask(reader, &recovering->question))
		return true;
	recovering_free(recovering);
	return false;
}
