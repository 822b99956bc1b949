/* sqlite_cooldown - cooldowns and what they silenced, in the SQLite file. */
#include <stdlib.h>

#include "base/memory.h"
#include "store/sqlite_kind.h"

enum store_found
sqlite_find_cooldown(struct store_writer *base, struct cooldown_row *cooldown,
	struct err *err)
{
	struct sql_statement *find = sql_use(writer_of(base)->sql,
		"SELECT answer, since_ms FROM cooldown "
		"WHERE rule = ? AND key = ?");
	enum sql_step step;

	sql_in_text(find, cooldown->rule);
	sql_in_text(find, cooldown->key);
	step = sql_step(find, err);
	if (step == SQL_ROW) {
		cooldown->answer = sql_number_at(find, 0);
		cooldown->since_ms = sql_number_at(find, 1);
	}
	sql_end(find);
	if (step == SQL_FAILED)
		return STORE_ERROR;
	return step == SQL_ROW ? STORE_FOUND : STORE_NONE;
}

bool
sqlite_put_cooldown(struct store_writer *base,
	const struct cooldown_row *cooldown, struct err *err)
{
	struct sql_statement *put = sqlite_use_hard(writer_of(base),
		"INSERT INTO cooldown(rule, key, answer, since_ms) "
		"VALUES(?,?,?,?) ON CONFLICT DO UPDATE SET "
		"answer = excluded.answer, since_ms = excluded.since_ms");

	sql_in_text(put, cooldown->rule);
	sql_in_text(put, cooldown->key);
	sql_in_number(put, cooldown->answer);
	sql_in_number(put, cooldown->since_ms);
	return sql_do(put, err);
}

bool
sqlite_put_suppressed(
	struct store_writer *base, int64_t by, int64_t answer, struct err *err)
{
	struct sql_statement *put = sqlite_use_hard(writer_of(base),
		"INSERT INTO suppressed(by, answer) VALUES(?,?) "
		"ON CONFLICT DO NOTHING");

	sql_in_number(put, by);
	sql_in_number(put, answer);
	return sql_do(put, err);
}

static bool
drop(struct sqlite_writer *store, const char *text, int64_t answer,
	struct err *err)
{
	struct sql_statement *drop = sqlite_use_hard(store, text);

	sql_in_number(drop, answer);
	return sql_do(drop, err);
}

bool
sqlite_drop_cooldowns(
	struct sqlite_writer *store, int64_t answer, struct err *err)
{
	return drop(store, "DELETE FROM cooldown WHERE answer = ?", answer,
		       err) &&
	       drop(store, "DELETE FROM suppressed WHERE by = ?", answer, err);
}

bool
sqlite_each_cooldown_of(struct store_writer *base, int64_t answer,
	void (*on_rule)(const char *rule, void *context), void *context,
	struct err *err)
{
	struct sql_statement *each = sql_use(writer_of(base)->sql,
		"SELECT rule FROM cooldown WHERE answer = ?");
	enum sql_step step;

	sql_in_number(each, answer);
	while ((step = sql_step(each, err)) == SQL_ROW)
		on_rule(sql_text_at(each, 0), context);
	sql_end(each);
	return step == SQL_DONE;
}

bool
sqlite_end_cooldown(struct store_writer *base, int64_t answer, const char *rule,
	struct err *err)
{
	struct sql_statement *drop = sqlite_use_hard(writer_of(base),
		"DELETE FROM cooldown WHERE answer = ? AND rule = ?");

	sql_in_number(drop, answer);
	sql_in_text(drop, rule);
	return sql_do(drop, err);
}

bool
sqlite_take_suppressed(struct store_writer *base, int64_t by,
	void (*on_answer)(int64_t row, void *context), void *context,
	struct err *err)
{
	struct sqlite_writer *store = writer_of(base);
	struct sql_statement *each = sql_use(store->sql,
		"SELECT answer FROM suppressed WHERE by = ? ORDER BY answer");
	int64_t *rows = NULL;
	size_t count = 0;
	enum sql_step step;
	bool good;

	sql_in_number(each, by);
	while ((step = sql_step(each, err)) == SQL_ROW) {
		rows = mem_grow(rows, count + 1, sizeof(*rows));
		rows[count++] = sql_number_at(each, 0);
	}
	sql_end(each);
	good = step == SQL_DONE &&
	       drop(store, "DELETE FROM suppressed WHERE by = ?", by, err);
	for (size_t i = 0; good && i < count; i++)
		on_answer(rows[i], context);
	free(rows);
	return good;
}

bool
sqlite_answer_of(struct store_writer *base, int64_t delivery, int64_t *answer,
	struct err *err)
{
	struct sql_statement *find = sql_use(writer_of(base)->sql,
		"SELECT answer FROM delivery WHERE row = "
		"? AND cause = 'alert'");
	enum sql_step step;

	sql_in_number(find, delivery);
	step = sql_step(find, err);
	*answer = step == SQL_ROW ? sql_number_at(find, 0) : 0;
	sql_end(find);
	return step != SQL_FAILED;
}

bool
sqlite_set_verdicts(struct store_writer *base, int64_t answer,
	const char *verdicts, const char *rules_hash, struct err *err)
{
	struct sql_statement *put = sqlite_use_hard(writer_of(base),
		"UPDATE answer SET verdicts = ?, rules_hash = ? WHERE row = ?");

	sql_in_text(put, verdicts);
	sql_in_text(put, rules_hash);
	sql_in_number(put, answer);
	return sql_do(put, err);
}
