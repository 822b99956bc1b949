/*
 * sqlite_answers - answers and rejected records in the SQLite file: found, put,
 * amended, forgotten.
 */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "nps/response.h"
#include "store/sqlite_rows.h"
#include "store/sqlite_kind.h"

/* ---- identities that outlive their answer ---- */

void
sqlite_hash_identity(struct sqlite_writer *store,
	const struct identity *identity, struct identity_hash *hash)
{
	unsigned char byte = (unsigned char)identity->kind;

	hmac_begin(store->identity);
	hmac_add(store->identity, &byte, 1);
	hmac_add(store->identity, identity->survey,
		strlen(identity->survey) + 1);
	hmac_add(store->identity, identity->id, strlen(identity->id));
	hmac_end(store->identity, hash->bytes);
}

static enum store_found
find_known(struct sqlite_writer *store, const struct identity *identity,
	struct err *err)
{
	static const char text[] = "SELECT 1 FROM known WHERE hash = ?";
	struct identity_hash hash;

	if (!store->any_known)
		return STORE_NONE;
	sqlite_hash_identity(store, identity, &hash);
	struct sql_statement *find = sql_use(store->sql, text);

	sql_in_bytes(find, hash.bytes, IDENTITY_HASH_BYTES);
	enum sql_step step = sql_step(find, err);

	sql_end(find);
	if (step == SQL_FAILED)
		return STORE_ERROR;
	return step == SQL_ROW ? STORE_FORGOTTEN : STORE_NONE;
}

/* ---- finding ---- */

static bool
is_same(const struct identity *a, const struct identity *b)
{
	return a->kind == b->kind && strcmp(a->id, b->id) == 0 &&
	       strcmp(a->survey, b->survey) == 0;
}

/* The row of that identity; 0: there is none, -1: see err. */
static int64_t
find_row(struct sqlite_writer *store, const struct identity *identity,
	struct err *err)
{
	static const char text[] =
		"SELECT row, kind, survey, id FROM answer "
		"WHERE id IS NOT NULL AND (id, survey, kind) >= (?,?,?) "
		"ORDER BY id, survey, kind LIMIT 1";
	struct sql_statement *find;
	int64_t row = 0;

	if (gaps_hold(&store->gaps, identity))
		return 0;
	find = sql_use(store->sql, text);
	sql_in_text(find, identity->id);
	sql_in_text(find, identity->survey);
	sql_in_number(find, identity->kind);
	enum sql_step step = sql_step(find, err);
	struct identity next;

	if (step == SQL_ROW) {
		next.kind = (enum response_kind)sql_number_at(find, 1);
		next.survey = sql_text_at(find, 2);
		next.id = sql_text_at(find, 3);
	}
	if (step == SQL_ROW && is_same(&next, identity))
		row = sql_number_at(find, 0);
	else if (step != SQL_FAILED)
		gaps_learn(
			&store->gaps, identity, step == SQL_ROW ? &next : NULL);
	sql_end(find);
	return step == SQL_FAILED ? -1 : row;
}

enum store_found
sqlite_find_answer(struct store_writer *base, enum response_kind kind,
	const char *survey, const char *id,
	void (*on_found)(const struct answer_row *answer, void *context),
	void *context, struct err *err)
{
	struct sqlite_writer *store = writer_of(base);
	struct identity identity = {kind, survey, id};
	int64_t row = find_row(store, &identity, err);

	if (row < 0)
		return STORE_ERROR;
	if (row == 0)
		return find_known(store, &identity, err);
	return sqlite_get_answer(base, row, on_found, context, err);
}

enum store_found
sqlite_get_answer(struct store_writer *base, int64_t row,
	void (*on_found)(const struct answer_row *answer, void *context),
	void *context, struct err *err)
{
	static const char text[] =
		"SELECT " ANSWER_COLUMNS " FROM answer WHERE row = ?";
	struct sql_statement *get = sql_use(writer_of(base)->sql, text);
	enum store_found found = STORE_ERROR;

	sql_in_number(get, row);
	enum sql_step step = sql_step(get, err);

	if (step == SQL_DONE)
		found = STORE_NONE;
	if (step == SQL_ROW) {
		struct answer_row answer;

		read_answer(get, &answer);
		found = answer.id && answer.content ? STORE_FOUND
						    : STORE_FORGOTTEN;
		if (found == STORE_FOUND)
			on_found(&answer, context);
	}
	sql_end(get);
	return found;
}

bool
sqlite_first_arrival(struct store_writer *base, int64_t row,
	int64_t *arrived_ms, struct err *err)
{
	static const char text[] =
		"SELECT min(arrived_ms, coalesce((SELECT min(arrived_ms) "
		"FROM answer_past WHERE answer = row), arrived_ms)) "
		"FROM answer WHERE row = ?";
	struct sql_statement *get = sql_use(writer_of(base)->sql, text);

	sql_in_number(get, row);
	enum sql_step step = sql_step(get, err);

	if (step == SQL_ROW)
		*arrived_ms = sql_number_at(get, 0);
	sql_end(get);
	if (step == SQL_DONE)
		return err_set(err, "there is no answer %lld", (long long)row);
	return step == SQL_ROW;
}

enum store_found
sqlite_find_previous(struct store_writer *base, const char *survey,
	const char *customer, int64_t before_ms, int64_t except,
	struct previous *previous, struct err *err)
{
	return customers_find(&writer_of(base)->customers, survey, customer,
		before_ms, except, writer_of(base)->begin_answer, previous,
		err);
}

/* ---- putting ---- */

/* What put and amend write alike, from revision to slots. */
static void
add_answer(struct sql_rows *rows, const struct answer_row *answer)
{
	unsigned char slots[SLOTS_LIMIT_BYTES];

	sql_rows_number(rows, answer->revision);
	sql_rows_text(rows, answer->source);
	sql_rows_number(rows, answer->score);
	sql_rows_number(rows, answer->category);
	sql_rows_number(rows, answer->answered_ms);
	sql_rows_number(rows, answer->arrived_ms);
	sql_rows_text(rows, answer->customer);
	sql_rows_text(rows, answer->account);
	sql_rows_text(rows, answer->verdicts);
	sql_rows_text(rows, answer->rules_hash);
	sql_rows_text_of(rows, answer->content, answer->content_length);
	sql_rows_bytes(rows, slots, slots_pack(&answer->slots, slots));
}

bool
sqlite_put_answer(
	struct store_writer *base, struct answer_row *answer, struct err *err)
{
	struct sqlite_writer *store = writer_of(base);
	struct gathered *gathered = &store->gathered;
	struct sql_rows *rows = &gathered->answers;
	bool waits, added;

	if (!sqlite_may_write(store, err))
		return false;
	/* Only one that is known to be new may wait. */
	waits = gaps_put(&store->gaps, &(struct identity){answer->kind,
					       answer->survey, answer->id}) &&
		gathered_takes(gathered);
	if (!(waits ? gathered_make_room(gathered, err)
		    : gathered_write(gathered, err)))
		return false;
	answer->row = store->last_answer + 1;
	sql_rows_number(rows, answer->row);
	sql_rows_number(rows, answer->kind);
	sql_rows_text(rows, answer->survey);
	sql_rows_text(rows, answer->id);
	add_answer(rows, answer);
	if (!waits && !gathered_write_alone(gathered, rows, &added, err))
		return false;
	store->last_answer = answer->row;
	arrivals_add(&store->arrivals, answer->arrived_ms, answer->row);
	return customers_put(&store->customers, answer, err);
}

static bool
keep_past(struct sqlite_writer *store, int64_t row, struct err *err)
{
	static const char text[] =
		"INSERT INTO answer_past(answer, " PAST_COLUMNS ") "
		"SELECT row, " PAST_COLUMNS " FROM answer "
		"WHERE row = ? AND id IS NOT NULL";
	struct sql_statement *put = sqlite_use_hard(store, text);

	sql_in_number(put, row);
	if (!sql_do(put, err))
		return false;
	if (sql_changes(store->sql) == 1)
		return true;
	return err_set(err, "answer %lld cannot be amended: there is none such",
		(long long)row);
}

bool
sqlite_amend_answer(struct store_writer *base, const struct answer_row *answer,
	struct err *err)
{
	static const struct sql_rows_texts texts = {
		.one = "UPDATE answer SET (" PAST_COLUMNS ", slots) = "
		       "(?,?,?,?,?,?,?,?,?,?,?,?) WHERE row = ?",
		.columns = 13,
	};
	struct sqlite_writer *store = writer_of(base);

	if (!keep_past(store, answer->row, err) ||
		!customers_take_out(&store->customers, answer->row, err))
		return false;
	struct sql_rows values = {.texts = &texts};
	bool good;

	add_answer(&values, answer);
	sql_rows_number(&values, answer->row);
	arrivals_add(&store->arrivals, answer->arrived_ms, answer->row);
	good = sql_rows_write(&values, store->sql, err);
	sql_rows_done(&values);
	return good &&
	       customers_put_changed(&store->customers, answer->row, err);
}

bool
sqlite_put_rejected(struct store_writer *base, struct rejected_row *rejected,
	struct err *err)
{
	static const char text[] =
		"INSERT INTO rejected(source, place, reason, pointer, offset, "
		"text, arrived_ms, bytes, full_length) "
		"VALUES(?,?,?,?,?,?,?,?,?)";
	struct sqlite_writer *store = writer_of(base);
	struct sql_statement *put = sqlite_use_hard(store, text);

	sql_in_text(put, rejected->source);
	sql_in_text(put, rejected->place);
	sql_in_text(put, rejection_reason_name(rejected->reason));
	sql_in_text(put, rejected->pointer);
	sql_in_number(put, rejected->offset);
	sql_in_text(put, rejected->text);
	sql_in_number(put, rejected->arrived_ms);
	sql_in_bytes(
		put, rejected->bytes ? rejected->bytes : "", rejected->length);
	sql_in_number(put, rejected->full_length);
	if (!sql_do(put, err))
		return false;
	rejected->row = sql_last_row(store->sql);
	return true;
}
