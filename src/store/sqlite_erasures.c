/*
 * sqlite_erasures - erasures in the SQLite file: what is asked for, which
 * answers are taken in, what is looked through. What is erased stands in
 * sqlite_erase.c.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/memory.h"
#include "crypt/digest.h"
#include "store/sqlite_kind.h"
#include "store/sqlite_rows.h"

/* ---- what is asked for ---- */

bool
sqlite_put_erasure(
	struct store_writer *base, struct erasure_row *erasure, struct err *err)
{
	static const char text[] =
		"INSERT INTO erasure(asked_ms, by, why, scope, mentions, "
		"phase, upto, report, ended_ms) VALUES(?,?,?,?,?,?,?,?,?)";
	struct sqlite_writer *store = writer_of(base);
	struct sql_statement *put = sqlite_use_hard(store, text);

	sql_in_number(put, erasure->asked_ms);
	sql_in_text(put, erasure->by);
	sql_in_text(put, erasure->why);
	sql_in_number(put, erasure->scope);
	sql_in_number(put, erasure->mentions);
	sql_in_number(put, erasure->phase);
	erasure->upto = store->last_answer;
	sql_in_number(put, erasure->upto);
	sql_in_text(put, erasure->report);
	sql_in_number(put, erasure->ended_ms);
	if (!sql_do(put, err))
		return false;
	erasure->row = sql_last_row(store->sql);
	return true;
}

bool
sqlite_change_erasure(struct store_writer *base,
	const struct erasure_row *erasure, struct err *err)
{
	struct sql_statement *put = sqlite_use_hard(writer_of(base),
		"UPDATE erasure SET phase = ?, report = ?, ended_ms = ? "
		"WHERE row = ?");

	sql_in_number(put, erasure->phase);
	sql_in_text(put, erasure->report);
	sql_in_number(put, erasure->ended_ms);
	sql_in_number(put, erasure->row);
	return sql_do(put, err);
}

enum store_found
sqlite_next_erasure(struct store_writer *base, int64_t after,
	on_erasure_fn on_found, void *context, struct err *err)
{
	struct sql_statement *find = sql_use(writer_of(base)->sql,
		"SELECT " ERASURE_COLUMNS " FROM erasure WHERE phase < 5 "
		"AND row > ? ORDER BY row LIMIT 1");
	struct erasure_row erasure;
	enum sql_step step;

	sql_in_number(find, after);
	step = sql_step(find, err);
	if (step == SQL_ROW) {
		read_erasure(find, &erasure);
		on_found(&erasure, context);
	}
	sql_end(find);
	if (step == SQL_FAILED)
		return STORE_ERROR;
	return step == SQL_ROW ? STORE_FOUND : STORE_NONE;
}

/* ---- what it looks for ---- */

/* Under a pad of its own: whoever searches the file for it finds nothing, even
 * in the frames of a WAL that a crash left behind. */
static char *
pad_over(const void *bytes, const unsigned char *pad, size_t length)
{
	char *out = mem_copy(bytes, length);

	for (size_t i = 0; i < length; i++)
		out[i] = (char)((unsigned char)out[i] ^ pad[i]);
	return out;
}

bool
sqlite_put_erasure_word(struct store_writer *base, int64_t erasure,
	const struct erasure_word *word, struct err *err)
{
	struct sql_statement *put = sqlite_use_hard(writer_of(base),
		"INSERT INTO erasure_word(erasure, kind, pad, word, mark) "
		"VALUES(?,?,?,?,?)");
	size_t length = strlen(word->text);
	unsigned char *pad = mem_new(length + 1, 1);
	char *padded;
	bool good;

	random_bytes(pad, length);
	padded = pad_over(word->text, pad, length);
	sql_in_number(put, erasure);
	sql_in_number(put, word->kind);
	sql_in_bytes(put, pad, length);
	sql_in_bytes(put, padded, length);
	sql_in_text(put, word->mark);
	good = sql_do(put, err);
	free(padded);
	free(pad);
	return good;
}

bool
sqlite_each_erasure_word(struct store_writer *base, int64_t erasure,
	void (*on_word)(const struct erasure_word *word, void *context),
	void *context, struct err *err)
{
	struct sql_statement *each = sql_use(writer_of(base)->sql,
		"SELECT kind, pad, word, mark FROM erasure_word "
		"WHERE erasure = ? ORDER BY row");
	enum sql_step step;

	sql_in_number(each, erasure);
	while ((step = sql_step(each, err)) == SQL_ROW) {
		size_t length, pad_length;
		const unsigned char *pad = sql_bytes_at(each, 1, &pad_length);
		const void *padded = sql_bytes_at(each, 2, &length);
		char *text = pad_over(
			padded, pad, length < pad_length ? length : pad_length);
		struct erasure_word word = {
			.kind = (int)sql_number_at(each, 0),
			.text = text,
			.mark = sql_text_at(each, 3),
		};

		on_word(&word, context);
		free(text);
	}
	sql_end(each);
	return step == SQL_DONE;
}

bool
sqlite_drop_erasure_words(
	struct store_writer *base, int64_t erasure, struct err *err)
{
	struct sql_statement *drop = sqlite_use_hard(
		writer_of(base), "DELETE FROM erasure_word WHERE erasure = ?");

	sql_in_number(drop, erasure);
	return sql_do(drop, err);
}

/* ---- the answers that it takes in ---- */

bool
sqlite_plan_erased(struct store_writer *base, int64_t erasure, int64_t answer,
	struct err *err)
{
	struct sql_statement *put = sqlite_use_hard(writer_of(base),
		"INSERT INTO erased(answer, erasure, erased_ms) VALUES(?,?,0) "
		"ON CONFLICT DO NOTHING");

	sql_in_number(put, answer);
	sql_in_number(put, erasure);
	return sql_do(put, err);
}

bool
sqlite_each_erased(struct store_writer *base, int64_t erasure, int64_t after,
	int n,
	void (*on_answer)(int64_t answer, int64_t erased_ms, void *context),
	void *context, struct err *err)
{
	struct sql_statement *each = sql_use(writer_of(base)->sql,
		"SELECT answer, erased_ms FROM erased WHERE erasure = ? "
		"AND answer > ? ORDER BY answer LIMIT ?");
	enum sql_step step;

	sql_in_number(each, erasure);
	sql_in_number(each, after);
	sql_in_number(each, n);
	while ((step = sql_step(each, err)) == SQL_ROW)
		on_answer(sql_number_at(each, 0), sql_number_at(each, 1),
			context);
	sql_end(each);
	return step == SQL_DONE;
}

bool
sqlite_each_left(struct store_writer *base, int64_t answer,
	void (*on_left)(const char *action, void *context), void *context,
	struct err *err)
{
	struct sql_statement *each = sql_use(writer_of(base)->sql,
		"SELECT action FROM delivery WHERE answer = ?1 "
		"AND (tries > 0 OR state = 3 OR (state = 6 AND EXISTS("
		"SELECT 1 FROM folded JOIN delivery AS told "
		"ON told.row = folded.message WHERE folded.delivery = "
		"delivery.row AND (told.tries > 0 OR told.state = 3)))) "
		"ORDER BY action");
	enum sql_step step;

	sql_in_number(each, answer);
	while ((step = sql_step(each, err)) == SQL_ROW)
		on_left(sql_text_at(each, 0), context);
	sql_end(each);
	return step == SQL_DONE;
}

/* ---- what is looked through ---- */

/* Columns: row, source, customer, reason, three texts; of lone deliveries four
 * more. ?1 < row <= ?2; several texts of a row stand together. */
static const struct {
	const char *text, *last;
} words[STORE_WORDS] = {
	[WORDS_ANSWERS] = {"SELECT row, source, customer, NULL, content, NULL, "
			   "NULL FROM answer WHERE row > ?1 AND row <= ?2 "
			   "AND content IS NOT NULL UNION ALL "
			   "SELECT answer, source, customer, NULL, content, "
			   "NULL, NULL FROM answer_past "
			   "WHERE answer > ?1 AND answer <= ?2 "
			   "AND content IS NOT NULL ORDER BY 1",
		"SELECT ifnull(max(row), 0) FROM answer"},
	[WORDS_REJECTED] = {"SELECT row, source, NULL, reason, text, bytes, "
			    "place FROM rejected "
			    "WHERE row > ?1 AND row <= ?2",
		"SELECT ifnull(max(row), 0) FROM rejected"},
	[WORDS_LONE] = {"SELECT row, NULL, NULL, NULL, recipient, reason, "
			"bytes, cause, rule, state, created_ms "
			"FROM delivery LEFT JOIN body "
			"ON body.delivery = delivery.row "
			"WHERE answer IS NULL AND row > ?1 AND row <= ?2 "
			"UNION ALL SELECT delivery.row, NULL, NULL, NULL, "
			"NULL, attempt.reason, NULL, cause, rule, state, "
			"created_ms FROM delivery JOIN attempt "
			"ON attempt.delivery = delivery.row "
			"WHERE answer IS NULL AND attempt.reason IS NOT NULL "
			"AND row > ?1 AND row <= ?2 ORDER BY 1",
		"SELECT ifnull(max(row), 0) FROM delivery"},
	[WORDS_NOTES] = {"SELECT follow_up, NULL, NULL, NULL, note, reason, "
			 "NULL FROM follow_up_event "
			 "WHERE follow_up > ?1 AND follow_up <= ?2",
		"SELECT ifnull(max(row), 0) FROM follow_up"},
	[WORDS_SILENCES] = {"SELECT row, NULL, NULL, NULL, match, why, NULL "
			    "FROM silence WHERE row > ?1 AND row <= ?2",
		"SELECT ifnull(max(row), 0) FROM silence"},
};

static void
read_words(struct sql_statement *each, enum store_words what,
	struct words_row *row)
{
	const char *reason = sql_text_at(each, 3);
	long long answer = 0;

	*row = (struct words_row){
		.row = sql_number_at(each, 0),
		.source = sql_text_at(each, 1),
		.customer = sql_text_at(each, 2),
	};
	for (int i = 0; i < 3; i++)
		row->texts[i] = sql_bytes_at(each, 4 + i, &row->lengths[i]);
	if (what == WORDS_LONE) {
		row->cause = sql_text_at(each, 7);
		row->rule = sql_text_at(each, 8);
		row->state = (enum delivery_state)sql_number_at(each, 9);
		row->created_ms = sql_number_at(each, 10);
	}
	if (reason && strcmp(reason, "conflict") == 0 && row->texts[0] &&
		sscanf(sql_text_at(each, 4), "answer %lld has", &answer) == 1)
		row->of = answer;
}

bool
sqlite_read_words(struct store_writer *base, enum store_words what,
	int64_t upto, int64_t *row, bool *more,
	void (*on_words)(const struct words_row *words, void *context),
	void *context, struct err *err)
{
	struct sqlite_writer *store = writer_of(base);
	struct sql_statement *each;
	struct words_row found;
	enum sql_step step;
	int64_t last, end;

	if (!sql_ask_number(store->sql, words[what].last, &last, err))
		return false;
	if (upto > 0 && upto < last)
		last = upto;
	*more = last - *row > STORE_SPAN_ROWS;
	end = *more ? *row + STORE_SPAN_ROWS : last;
	each = sql_use(store->sql, words[what].text);
	sql_in_number(each, *row);
	sql_in_number(each, end);
	while ((step = sql_step(each, err)) == SQL_ROW) {
		read_words(each, what, &found);
		on_words(&found, context);
	}
	sql_end(each);
	if (end > *row)
		*row = end;
	return step == SQL_DONE;
}

bool
sqlite_read_file(struct store_writer *base, int64_t offset, void *bytes,
	size_t room, size_t *length, struct err *err)
{
	return sql_read_file(
		writer_of(base)->sql, offset, bytes, room, length, err);
}
