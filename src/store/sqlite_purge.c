/*
 * sqlite_purge - removes what is old from the SQLite file: answers and rejected
 * records. An answer's row stays, bare.
 */
#include <stdlib.h>

#include "base/memory.h"
#include "nps/response.h"
#include "store/sqlite_kind.h"

/* ---- answers ---- */

/* Of a slice: those that hold nothing any more are many after amendments. */
enum { ARRIVALS_A_ROW = 4 };

struct forgotten {
	int64_t row;
	struct identity_hash hash;
};

/* What holds an answer: a delivery under way, or one that it is folded into; an
 * unfinished follow-up. */
#define HELD(row)                                                 \
	"(EXISTS(SELECT 1 FROM delivery "                         \
	"WHERE delivery.answer = " row " AND state < 3) "         \
	"OR EXISTS(SELECT 1 FROM delivery AS one "                \
	"JOIN folded ON folded.delivery = one.row "               \
	"JOIN delivery AS told ON told.row = folded.message "     \
	"WHERE one.answer = " row " AND one.state = 6 "           \
	"AND told.state < 3) "                                    \
	"OR EXISTS(SELECT 1 FROM follow_up_event JOIN follow_up " \
	"ON follow_up.row = follow_up_event.follow_up "           \
	"WHERE follow_up_event.answer = " row " AND state < 2))"

/* The oldest arrival that is not just one answer that is held. */
static enum store_found
find_arrival(struct sqlite_writer *store, int64_t before_ms,
	struct arrival *arrival, struct err *err)
{
	static const char text[] =
		"SELECT arrived_ms, first, last FROM arrival "
		"WHERE arrived_ms < ? AND (first < last OR NOT " HELD(
			"arrival.first") ") "
					 "ORDER BY arrived_ms, first LIMIT 1";
	struct sql_statement *find = sql_use(store->sql, text);

	sql_in_number(find, before_ms);
	enum sql_step step = sql_step(find, err);

	if (step == SQL_ROW)
		*arrival = (struct arrival){sql_number_at(find, 0),
			sql_number_at(find, 1), sql_number_at(find, 2)};
	sql_end(find);
	if (step == SQL_FAILED)
		return STORE_ERROR;
	return step == SQL_ROW ? STORE_FOUND : STORE_NONE;
}

/* Fills list with at most `limit` of the arrival that may go; -1: see err. An
 * answer that was amended since goes by its own time. */
static int
find_forgettable(struct sqlite_writer *store, const struct arrival *arrival,
	int64_t before_ms, int limit, struct forgotten *list, struct err *err)
{
	static const char text[] =
		"SELECT row, kind, survey, id FROM answer "
		"WHERE row BETWEEN ? AND ? AND id IS NOT NULL "
		"AND arrived_ms < ? AND NOT " HELD(
			"answer.row") " ORDER BY row LIMIT ?";
	struct sql_statement *find = sql_use(store->sql, text);
	enum sql_step step;
	int count = 0;

	sql_in_number(find, arrival->first);
	sql_in_number(find, arrival->last);
	sql_in_number(find, before_ms);
	sql_in_number(find, limit);
	while ((step = sql_step(find, err)) == SQL_ROW) {
		list[count].row = sql_number_at(find, 0);
		sqlite_hash_identity(store,
			&(struct identity){
				(enum response_kind)sql_number_at(find, 1),
				sql_text_at(find, 2), sql_text_at(find, 3)},
			&list[count].hash);
		count++;
	}
	sql_end(find);
	return step == SQL_DONE ? count : -1;
}

static bool
forget(struct sqlite_writer *store, const struct forgotten *forgotten,
	struct err *err)
{
	static const char know[] =
		"INSERT INTO known VALUES(?) ON CONFLICT DO NOTHING";
	static const char *const texts[] = {
		"DELETE FROM attempt WHERE delivery IN "
		"(SELECT row FROM delivery WHERE answer = ?)",
		"DELETE FROM body WHERE delivery IN "
		"(SELECT row FROM delivery WHERE answer = ?)",
		"DELETE FROM delivery WHERE answer = ?",
		"DELETE FROM answer_past WHERE answer = ?",
		"DELETE FROM follow_up_event WHERE follow_up IN "
		"(SELECT row FROM follow_up WHERE answer = ?)",
		"DELETE FROM follow_up WHERE answer = ?",
		"UPDATE answer SET id = NULL, customer = NULL, account = NULL, "
		"verdicts = NULL, content = NULL WHERE row = ?",
	};
	struct sql_statement *put = sqlite_use_hard(store, know);

	sql_in_bytes(put, forgotten->hash.bytes, IDENTITY_HASH_BYTES);
	if (!sql_do(put, err))
		return false;
	store->any_known = true;
	if (!customers_take_out(&store->customers, forgotten->row, err) ||
		!sqlite_drop_cooldowns(store, forgotten->row, err) ||
		!sqlite_drop_folded(store, forgotten->row, err))
		return false;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		put = sqlite_use_hard(store, texts[i]);
		sql_in_number(put, forgotten->row);
		if (!sql_do(put, err))
			return false;
	}
	return true;
}

/* All of it is looked through: those that are held are left, one by one. */
static bool
end_arrival(struct sqlite_writer *store, const struct arrival *arrival,
	int64_t before_ms, struct err *err)
{
	static const char drop[] =
		"DELETE FROM arrival WHERE arrived_ms = ? AND first = ?";
	static const char leave[] =
		"INSERT INTO arrival SELECT arrived_ms, row, row FROM answer "
		"WHERE row BETWEEN ? AND ? AND id IS NOT NULL "
		"AND arrived_ms < ? ON CONFLICT DO NOTHING";
	struct sql_statement *put = sqlite_use_hard(store, drop);

	sql_in_number(put, arrival->arrived_ms);
	sql_in_number(put, arrival->first);
	if (!sql_do(put, err))
		return false;
	put = sqlite_use_hard(store, leave);
	sql_in_number(put, arrival->first);
	sql_in_number(put, arrival->last);
	sql_in_number(put, before_ms);
	return sql_do(put, err);
}

static bool
purge_arrival(struct sqlite_writer *store, const struct arrival *arrival,
	int64_t before_ms, int limit, int *removed, struct err *err)
{
	struct forgotten *list = mem_new((size_t)limit, sizeof(*list));
	int count =
		find_forgettable(store, arrival, before_ms, limit, list, err);
	bool good = count >= 0;

	for (int i = 0; good && i < count; i++)
		good = forget(store, &list[i], err);
	free(list);
	if (good && count < limit)
		good = end_arrival(store, arrival, before_ms, err);
	*removed = count;
	return good;
}

bool
sqlite_purge_answers(struct store_writer *base, int64_t before_ms, int limit,
	int *removed, struct err *err)
{
	struct sqlite_writer *store = writer_of(base);
	struct arrival arrival;
	enum store_found found = STORE_FOUND;
	int count, looked = 0;

	*removed = 0;
	if (!arrivals_write(&store->arrivals, store->sql, err))
		return false;
	while (*removed < limit && looked++ < ARRIVALS_A_ROW * limit) {
		found = find_arrival(store, before_ms, &arrival, err);
		if (found != STORE_FOUND)
			break;
		if (!purge_arrival(store, &arrival, before_ms, limit - *removed,
			    &count, err)) {
			*removed = 0;
			return false;
		}
		*removed += count;
	}
	if (found != STORE_ERROR &&
		(*removed == 0 || sqlite_keep_delivery_row(store, err)))
		return true;
	*removed = 0;
	return false;
}

/* ---- rejected records ---- */

bool
sqlite_purge_rejected(struct store_writer *base, int64_t before_ms, int limit,
	int *removed, struct err *err)
{
	static const char text[] =
		"DELETE FROM rejected WHERE row IN "
		"(SELECT row FROM rejected WHERE arrived_ms < ? "
		"ORDER BY arrived_ms LIMIT ?)";
	struct sqlite_writer *store = writer_of(base);
	struct sql_statement *purge = sqlite_use_hard(store, text);

	sql_in_number(purge, before_ms);
	sql_in_number(purge, limit);
	if (!sql_do(purge, err))
		return false;
	*removed = sql_changes(store->sql);
	return true;
}
