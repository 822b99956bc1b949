/*
 * sqlite_customers - customers' earlier answers, from memory and file.
 */
#include "store/sqlite_customers.h"

#include <stdlib.h>
#include <string.h>

#include "store/sql_rows.h"

enum { MERGE_LEAST = 128 }; /* entries a slice, at least */

/* ---- the key ---- */

static uint64_t
hash_text(uint64_t hash, const char *text)
{
	do { /* the NUL too */
		hash ^= (unsigned char)*text;
		hash *= UINT64_C(0x100000001b3); /* FNV-1a */
	} while (*text++);
	return hash;
}

static uint64_t
key_of(const struct customers *customers, const char *survey,
	const char *customer)
{
	uint64_t hash = hash_text(customers->key, customer);

	hash = hash_text(hash, survey);
	/* FNV mixes its last bytes badly: the finish of MurmurHash3. */
	hash ^= hash >> 33;
	hash *= UINT64_C(0xff51afd7ed558ccd);
	hash ^= hash >> 33;
	hash *= UINT64_C(0xc4ceb9fe1a85ec53);
	return hash ^ hash >> 33;
}

/* ---- loading ---- */

static void
drop_run(struct customers *customers)
{
	recent_free(customers->run);
	free(customers->order);
	customers->run = NULL;
	customers->order = NULL;
	customers->merged = 0;
}

void
customers_done(struct customers *customers)
{
	drop_run(customers);
	recent_free(customers->fresh);
	customers->fresh = NULL;
}

static bool
put_seen(struct customers *customers, uint64_t key, int64_t answered_ms,
	int64_t row, struct err *err)
{
	struct sql_statement *put = sql_use(customers->sql,
		"INSERT INTO seen VALUES(?,?,?) ON CONFLICT DO NOTHING");

	sql_in_number(put, (int64_t)key);
	sql_in_number(put, answered_ms);
	sql_in_number(put, row);
	return sql_do(put, err);
}

static bool
put_seen_row(struct customers *customers, int64_t row, struct err *err)
{
	struct sql_statement *put = sql_use(customers->sql,
		"UPDATE meta SET value = ? WHERE key = 'seen_row'");

	sql_in_number(put, row);
	return sql_do(put, err);
}

static void
make_run(struct customers *customers, int64_t upto)
{
	customers->run = customers->fresh;
	customers->order = recent_sorted(customers->run);
	customers->merged = 0;
	customers->run_upto = upto;
	customers->fresh = recent_new();
	customers->fresh_at_merge = 0;
}

/*
 * At most two runs of rows are not in seen: the older becomes the run. Answers
 * that an amendment gave a customer may make it a few more; those are in seen
 * already, as every amendment is.
 */
bool
customers_load(struct customers *customers, struct err *err)
{
	static const char text[] =
		"SELECT row, survey, customer, answered_ms FROM answer "
		"WHERE row > (SELECT value FROM meta WHERE key = 'seen_row') "
		"AND customer IS NOT NULL AND kind = 0 ORDER BY row";
	struct sql_statement *each = sql_use(customers->sql, text);
	enum sql_step step;
	int64_t last = 0;

	customers_done(customers);
	customers->fresh = recent_new();
	customers->fresh_at_merge = 0;
	customers->is_tangled = false;
	while ((step = sql_step(each, err)) == SQL_ROW) {
		int64_t row = sql_number_at(each, 0);

		if (recent_is_full(customers->fresh) && !customers->run)
			make_run(customers, last);
		recent_add(customers->fresh,
			key_of(customers, sql_text_at(each, 1),
				sql_text_at(each, 2)),
			sql_number_at(each, 3), row);
		last = row;
	}
	sql_end(each);
	return step == SQL_DONE;
}

/* ---- finding ---- */

/* A key that two customers share finds nothing rather than the other's. */
static enum store_found
read_row(struct customers *customers, int64_t row, int64_t written,
	const char *survey, const char *customer, struct previous *previous,
	struct err *err)
{
	static const char text[] =
		"SELECT score, category, answered_ms FROM answer "
		"WHERE row = ? AND survey = ? AND customer = ?";
	struct sql_statement *find = sql_use(customers->sql, text);

	if (row <= written)
		sql_aside(find);
	sql_in_number(find, row);
	sql_in_text(find, survey);
	sql_in_text(find, customer);
	enum sql_step step = sql_step(find, err);

	if (step == SQL_ROW)
		*previous = (struct previous){.known = true,
			.score = (int)sql_number_at(find, 0),
			.category = (enum category)sql_number_at(find, 1),
			.answered_ms = sql_number_at(find, 2)};
	sql_end(find);
	if (step == SQL_FAILED)
		return STORE_ERROR;
	return step == SQL_ROW ? STORE_FOUND : STORE_NONE;
}

/* The row in the file; 0: none, -1: see err. */
static int64_t
find_seen(struct customers *customers, uint64_t key, int64_t before_ms,
	int64_t except, int64_t *answered_ms, struct err *err)
{
	static const char text[] =
		"SELECT row, answered_ms FROM seen "
		"WHERE key = ?1 AND answered_ms <= ?2 AND row <> ?3 "
		"AND (answered_ms < ?2 OR ?3 = 0 OR row < ?3) "
		"ORDER BY answered_ms DESC, row DESC LIMIT 1";
	struct sql_statement *find = sql_aside(sql_use(customers->sql, text));
	int64_t row = 0;

	sql_in_number(find, (int64_t)key);
	sql_in_number(find, before_ms);
	sql_in_number(find, except);
	enum sql_step step = sql_step(find, err);

	if (step == SQL_ROW) {
		row = sql_number_at(find, 0);
		*answered_ms = sql_number_at(find, 1);
	}
	sql_end(find);
	return step == SQL_FAILED ? -1 : row;
}

static void
take_better(const struct recent *recent, uint64_t key, int64_t before_ms,
	int64_t except, int64_t *row, int64_t *answered_ms)
{
	const struct recent_entry *entry =
		recent ? recent_find(recent, key, before_ms, except) : NULL;

	/* Of equal times the higher row is the later one. */
	if (!entry || (*row && (entry->answered_ms < *answered_ms ||
				       (entry->answered_ms == *answered_ms &&
					       entry->row < *row))))
		return;
	*row = entry->row;
	*answered_ms = entry->answered_ms;
}

enum store_found
customers_find(struct customers *customers, const char *survey,
	const char *customer, int64_t before_ms, int64_t except,
	int64_t written, struct previous *previous, struct err *err)
{
	uint64_t key = key_of(customers, survey, customer);
	int64_t answered_ms = 0;
	int64_t row =
		find_seen(customers, key, before_ms, except, &answered_ms, err);

	*previous = (struct previous){.known = false};
	if (row < 0)
		return STORE_ERROR;
	take_better(customers->run, key, before_ms, except, &row, &answered_ms);
	take_better(
		customers->fresh, key, before_ms, except, &row, &answered_ms);
	if (!row)
		return STORE_NONE;
	return read_row(
		customers, row, written, survey, customer, previous, err);
}

/* ---- changing ---- */

static bool
write_slice(struct customers *customers, size_t count, struct err *err)
{
	static const struct sql_rows_texts texts = SQL_ROWS_TEXTS(
		"INSERT OR IGNORE INTO seen VALUES", "(?,?,?)", "", 3);
	struct sql_rows rows = {.texts = &texts};
	bool good = true;

	for (; good && count &&
		customers->merged < recent_count(customers->run);
		count--) {
		const struct recent_entry *entry = recent_at(
			customers->run, customers->order[customers->merged++]);

		if (!entry->row)
			continue;
		sql_rows_number(&rows, (int64_t)entry->key);
		sql_rows_number(&rows, entry->answered_ms);
		sql_rows_number(&rows, entry->row);
		if (sql_rows_count(&rows) == SQL_ROWS_MANY)
			good = sql_rows_write(&rows, customers->sql, err);
	}
	good = good && sql_rows_write(&rows, customers->sql, err);
	sql_rows_done(&rows);
	if (!good || customers->merged < recent_count(customers->run))
		return good;
	drop_run(customers);
	return put_seen_row(customers, customers->run_upto, err);
}

/*
 * Two entries are written for each that came, so that a run is through before
 * the next one is full.
 */
bool
customers_merge(struct customers *customers, int64_t last_row, struct err *err)
{
	size_t came =
		recent_count(customers->fresh) - customers->fresh_at_merge;

	customers->fresh_at_merge = recent_count(customers->fresh);
	if (!customers->run && !recent_is_full(customers->fresh))
		return true;
	if (!customers->run) {
		make_run(customers, last_row);
		return true;
	}
	return write_slice(customers,
		2 * came > MERGE_LEAST ? 2 * came : MERGE_LEAST, err);
}

bool
customers_put(struct customers *customers, const struct answer_row *answer,
	struct err *err)
{
	if (!answer->customer || answer->kind != RESPONSE_ANSWER)
		return true;
	/* One transaction may fill it: then what is under way is ended now. */
	if (recent_is_full(customers->fresh)) {
		if (customers->run && !write_slice(customers, SIZE_MAX, err))
			return false;
		make_run(customers, answer->row - 1);
		customers->is_tangled = true;
	}
	recent_add(customers->fresh,
		key_of(customers, answer->survey, answer->customer),
		answer->answered_ms, answer->row);
	return true;
}

static bool
drop_seen(struct customers *customers, uint64_t key, int64_t answered_ms,
	int64_t row, struct err *err)
{
	struct sql_statement *drop = sql_use(customers->sql,
		"DELETE FROM seen WHERE key = ? AND answered_ms = ? "
		"AND row = ?");

	sql_in_number(drop, (int64_t)key);
	sql_in_number(drop, answered_ms);
	sql_in_number(drop, row);
	if (recent_take_out(customers->fresh, key, row) ||
		(customers->run && recent_take_out(customers->run, key, row)))
		customers->is_tangled = true;
	return sql_do(drop, err);
}

/* What a row is known under; *known false: under nothing. */
static bool
read_key(struct customers *customers, int64_t row, bool *known, uint64_t *key,
	int64_t *answered_ms, struct err *err)
{
	static const char text[] =
		"SELECT survey, customer, answered_ms FROM answer "
		"WHERE row = ? AND customer IS NOT NULL AND kind = 0";
	struct sql_statement *find = sql_use(customers->sql, text);

	sql_in_number(find, row);
	enum sql_step step = sql_step(find, err);

	*known = step == SQL_ROW;
	if (*known) {
		*key = key_of(
			customers, sql_text_at(find, 0), sql_text_at(find, 1));
		*answered_ms = sql_number_at(find, 2);
	}
	sql_end(find);
	return step != SQL_FAILED;
}

bool
customers_take_out(struct customers *customers, int64_t row, struct err *err)
{
	bool known;
	uint64_t key;
	int64_t answered_ms;

	if (!read_key(customers, row, &known, &key, &answered_ms, err))
		return false;
	return !known || drop_seen(customers, key, answered_ms, row, err);
}

bool
customers_put_changed(struct customers *customers, int64_t row, struct err *err)
{
	bool known;
	uint64_t key;
	int64_t answered_ms;

	if (!read_key(customers, row, &known, &key, &answered_ms, err))
		return false;
	return !known || put_seen(customers, key, answered_ms, row, err);
}

/* ---- taking back ---- */

void
customers_mark(struct customers *customers)
{
	customers->is_tangled = false;
}

bool
customers_back_to(
	struct customers *customers, int64_t last_row, struct err *err)
{
	if (customers->is_tangled)
		return customers_load(customers, err);
	recent_back_to(customers->fresh, last_row);
	if (customers->fresh_at_merge > recent_count(customers->fresh))
		customers->fresh_at_merge = recent_count(customers->fresh);
	return true;
}
