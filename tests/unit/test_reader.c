/*
 * reader - questions are answered in order, a flood of them is refused, and none
 * is forgotten when it stops.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "flow/reader.h"
#include "store/store.h"

TestSuite(reader);

struct asked {
	struct question question;
	int number;
	bool was_asked;
	struct log *log;
};

struct log {
	int order[READER_QUESTIONS_LIMIT * 2];
	int count;
};

static void
ask(struct question *question, struct store_reader *store)
{
	struct asked *asked = (struct asked *)question;
	struct store_filter filter = {.category = -1, .state = -1, .limit = 1};
	int64_t next;
	struct err err = {""};
	json_t *rows =
		store_list_rows(store, STORE_RESPONSES, &filter, &next, &err);

	asked->was_asked = rows != NULL;
	json_decref(rows);
}

static void
answer(struct question *question)
{
	struct asked *asked = (struct asked *)question;

	asked->log->order[asked->log->count++] = asked->number;
}

struct desk {
	struct store_writer *writer;
	struct reader *reader;
	struct log log;
	struct asked asked[READER_QUESTIONS_LIMIT + 1];
};

static void
open_desk(struct desk *desk)
{
	struct store_settings settings = {.where = "memory:", .node = "reader"};
	struct err err = {""};

	memset(desk, 0, sizeof(*desk));
	desk->writer = store_open(&settings, &err);
	cr_assert_not_null(desk->writer, "%s", err.text);
	settings.writer = desk->writer;
	desk->reader = reader_open(&settings, &err);
	cr_assert_not_null(desk->reader, "%s", err.text);
	for (int i = 0; i <= READER_QUESTIONS_LIMIT; i++)
		desk->asked[i] = (struct asked){
			.question = {.ask = ask, .answer = answer},
			.number = i,
			.log = &desk->log};
}

static void
close_desk(struct desk *desk)
{
	reader_close(desk->reader);
	store_close(desk->writer);
}

static void
all_answered(const struct desk *desk)
{
	cr_assert_eq(desk->log.count, READER_QUESTIONS_LIMIT, "each once");
	for (int i = 0; i < READER_QUESTIONS_LIMIT; i++) {
		cr_assert_eq(desk->log.order[i], i, "in their order");
		cr_assert(desk->asked[i].was_asked, "%d: of the store", i);
	}
}

static void
ask_all(struct desk *desk)
{
	for (int i = 0; i < READER_QUESTIONS_LIMIT; i++)
		cr_assert(reader_ask(desk->reader, &desk->asked[i].question),
			"%d", i);
}

Test(reader, answers_so_many_at_once)
{
	struct desk desk;

	open_desk(&desk);
	ask_all(&desk);
	cr_assert_not(reader_ask(desk.reader,
			      &desk.asked[READER_QUESTIONS_LIMIT].question),
		"one too many");
	cr_assert_eq(desk.log.count, 0, "not before its turn");
	reader_step(desk.reader);
	all_answered(&desk);
	cr_assert(reader_ask(desk.reader,
			  &desk.asked[READER_QUESTIONS_LIMIT].question),
		"now there is room");
	reader_step(desk.reader);
	close_desk(&desk);
}

Test(reader, answers_what_waits_when_it_stops, .timeout = 20)
{
	struct desk desk;
	struct err err = {""};

	open_desk(&desk);
	ask_all(&desk);
	cr_assert(reader_start(desk.reader, &err), "%s", err.text);
	reader_stop(desk.reader);
	all_answered(&desk);
	close_desk(&desk);
}

Test(reader, opens_no_store_that_is_not_there)
{
	struct store_settings settings = {
		.where = "sqlite:/nonexistent/npsd.db", .node = "reader"};
	struct err err = {""};

	cr_assert_null(reader_open(&settings, &err), "refused");
	cr_assert_str_neq(err.text, "", "with a reason");
}
