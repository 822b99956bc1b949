/*
 * sqlite_erase - what is kept of a person goes, in the SQLite file. The file
 * overwrites what it frees (secure_delete); the WAL has to be emptied behind
 * it.
 */
#include <stdlib.h>

#include "base/memory.h"
#include "crypt/uuid.h"
#include "store/sqlite_kind.h"

/* Runs a statement of which ?1 is the row and ?2, where it has it, the time;
 * *count gets what it changed added. */
static bool
run(struct sqlite_writer *store, const char *text, int64_t row, int64_t now_ms,
	int64_t *count, struct err *err)
{
	struct sql_statement *put = sqlite_use_hard(store, text);

	sql_in_number(put, row);
	if (now_ms)
		sql_in_number(put, now_ms);
	if (!sql_do(put, err))
		return false;
	if (count)
		*count += sql_changes(store->sql);
	return true;
}

static bool
ask(struct sqlite_writer *store, const char *text, int64_t row, int64_t *number,
	struct err *err)
{
	struct sql_statement *find = sql_use(store->sql, text);
	enum sql_step step;

	sql_in_number(find, row);
	step = sql_step(find, err);
	*number = step == SQL_ROW ? sql_number_at(find, 0) : 0;
	sql_end(find);
	return step != SQL_FAILED;
}

/* ---- deliveries ---- */

bool
sqlite_erase_deliveries(struct store_writer *base, int64_t answer,
	int64_t now_ms, struct erased_counts *counts, int64_t *in_flight,
	struct err *err)
{
	static const char bodies[] =
		"DELETE FROM body WHERE delivery IN "
		"(SELECT row FROM delivery WHERE answer = ?)";
	static const char attempts[] =
		"UPDATE attempt SET reason = NULL WHERE reason IS NOT NULL "
		"AND delivery IN (SELECT row FROM delivery WHERE answer = ?)";
	static const char cancel[] =
		"UPDATE delivery SET state = 5, claimed = 1, due_ms = 0, "
		"settled_ms = ?2, reason = '" ERASURE_REASON "', node = NULL "
		"WHERE answer = ?1 AND state IN (0, 2, 4)";
	/* Its id is made of what the answer was. */
	static const char blank[] =
		"UPDATE delivery SET recipient = '', id = randomblob(16), "
		"reason = CASE WHEN reason = '" ERASURE_REASON
		"' THEN reason END WHERE answer = ?";
	static const char flying[] =
		"SELECT count(*) FROM delivery WHERE answer = ? AND state = 1";
	struct sqlite_writer *store = writer_of(base);
	int64_t count = 0;

	if (!run(store, bodies, answer, 0, &counts->bodies, err) ||
		!run(store, attempts, answer, 0, &counts->attempts, err) ||
		!run(store, cancel, answer, now_ms, &counts->cancelled, err) ||
		!run(store, blank, answer, 0, NULL, err) ||
		!ask(store, flying, answer, &count, err))
		return false;
	*in_flight += count;
	return true;
}

bool
sqlite_count_in_flight(struct store_writer *base, int64_t answer,
	int64_t *count, struct err *err)
{
	return ask(writer_of(base),
		"SELECT (SELECT count(*) FROM delivery WHERE answer = ?1 "
		"AND state = 1) + (SELECT count(*) FROM delivery AS one "
		"JOIN folded ON folded.delivery = one.row "
		"JOIN delivery AS told ON told.row = folded.message "
		"AND told.state = 1 WHERE one.answer = ?1)",
		answer, count, err);
}

/* ---- follow-ups ---- */

struct touched {
	int64_t row;
	bool shared; /* with answers that stay */
	bool unfinished;
};

static int
find_touched(struct sqlite_writer *store, int64_t answer,
	struct touched **touched, struct err *err)
{
	static const char text[] =
		"SELECT row, state < 2, EXISTS(SELECT 1 FROM follow_up_event "
		"WHERE follow_up = follow_up.row AND follow_up_event.answer "
		"IS NOT NULL AND NOT EXISTS(SELECT 1 FROM erased "
		"WHERE erased.answer = follow_up_event.answer)) "
		"FROM follow_up WHERE answer = ?1 OR row IN "
		"(SELECT follow_up FROM follow_up_event WHERE answer = ?1)";
	struct sql_statement *each = sql_use(store->sql, text);
	enum sql_step step;
	int count = 0;

	*touched = NULL;
	sql_in_number(each, answer);
	while ((step = sql_step(each, err)) == SQL_ROW) {
		*touched = mem_grow(
			*touched, (size_t)count + 1, sizeof(**touched));
		(*touched)[count++] = (struct touched){
			sql_number_at(each, 0),
			.unfinished = sql_number_at(each, 1) != 0,
			.shared = sql_number_at(each, 2) != 0,
		};
	}
	sql_end(each);
	return step == SQL_DONE ? count : -1;
}

static bool
close_one(struct sqlite_writer *store, int64_t row, int64_t now_ms,
	struct err *err)
{
	static const char close[] =
		"UPDATE follow_up SET state = 3, reason = '" ERASURE_REASON
		"', closed_ms = ?2, try_again_ms = 0, next_due_ms = NULL, "
		"last_act = 'lost', last_by = 'npsd', last_ms = ?2 "
		"WHERE row = ?1";
	struct follow_up_event event = {
		.follow_up = row,
		.at_ms = now_ms,
		.act = FOLLOW_UP_LOSE,
		.who = "npsd",
		.how = "npsd",
		.reason = ERASURE_REASON,
	};

	return run(store, close, row, now_ms, NULL, err) &&
	       sqlite_put_follow_up_event(&store->base, &event, err);
}

/* What the customer answered with others of the account stays theirs. */
static bool
erase_follow_up(struct sqlite_writer *store, const struct touched *one,
	int64_t answer, const char *mark, int64_t now_ms,
	struct erased_counts *counts, struct err *err)
{
	static const char notes[] =
		"UPDATE follow_up_event SET note = NULL, reason = "
		"CASE WHEN how = 'webhook' THEN NULL ELSE reason END "
		"WHERE follow_up = ? AND (note IS NOT NULL "
		"OR (how = 'webhook' AND reason IS NOT NULL))";
	static const char shared[] =
		"UPDATE follow_up SET note = NULL, customer = NULL "
		"WHERE row = ?";
	static const char whole[] =
		"UPDATE follow_up SET note = NULL, account = NULL, customer = "
		"?, scope = '[\"answer\",' || answer || ']', reason = CASE "
		"WHEN tracked_in IS NULL THEN reason END WHERE row = ?";
	struct sql_statement *put;
	int64_t opened = 0;

	if (!run(store, notes, one->row, 0, &counts->notes, err) ||
		!ask(store, "SELECT answer FROM follow_up WHERE row = ?",
			one->row, &opened, err))
		return false;
	counts->follow_ups += opened == answer || one->shared;
	if (one->shared)
		return run(store, shared, one->row, 0, NULL, err);
	if (one->unfinished && !close_one(store, one->row, now_ms, err))
		return false;
	counts->closed += one->unfinished;
	put = sqlite_use_hard(store, whole);
	sql_in_text(put, mark);
	sql_in_number(put, one->row);
	return sql_do(put, err);
}

static bool
erase_follow_ups(struct sqlite_writer *store, int64_t answer, const char *mark,
	int64_t now_ms, struct erased_counts *counts, struct err *err)
{
	struct touched *touched;
	int count = find_touched(store, answer, &touched, err);
	bool good = count >= 0;

	for (int i = 0; good && i < count; i++)
		good = erase_follow_up(
			store, &touched[i], answer, mark, now_ms, counts, err);
	free(touched);
	return good;
}

/* ---- the answer ---- */

struct identified {
	struct identity_hash hash;
	enum response_kind kind;
	char *survey;
};

static bool
read_one(struct sqlite_writer *store, int64_t answer, struct identified *one,
	struct err *err)
{
	struct sql_statement *find = sql_use(store->sql,
		"SELECT kind, survey, id FROM answer WHERE row = ? "
		"AND id IS NOT NULL");
	enum sql_step step;

	sql_in_number(find, answer);
	step = sql_step(find, err);
	if (step == SQL_ROW) {
		one->kind = (enum response_kind)sql_number_at(find, 0);
		one->survey = mem_strdup(sql_text_at(find, 1));
		sqlite_hash_identity(store,
			&(struct identity){
				one->kind, one->survey, sql_text_at(find, 2)},
			&one->hash);
	}
	sql_end(find);
	return step != SQL_FAILED;
}

static bool
keep_known(struct sqlite_writer *store, const struct identity_hash *hash,
	struct err *err)
{
	struct sql_statement *put = sqlite_use_hard(
		store, "INSERT INTO known VALUES(?) ON CONFLICT DO NOTHING");

	sql_in_bytes(put, hash->bytes, IDENTITY_HASH_BYTES);
	store->any_known = true;
	return sql_do(put, err);
}

static bool
make_bare(struct sqlite_writer *store, int64_t answer,
	const struct identified *one, const char *mark, bool verdicts,
	struct err *err)
{
	static const char text[] =
		"UPDATE answer SET id = ?, customer = ?, account = NULL, "
		"content = NULL, verdicts = CASE WHEN ? THEN verdicts END "
		"WHERE row = ?";
	struct sql_statement *put = sqlite_use_hard(store, text);
	char uuid[UUID_TEXT_BYTES], *id;
	bool good;

	uuid_random(uuid);
	id = mem_printf("forgotten-%s", uuid);
	sql_in_text(put, id);
	sql_in_text(put, mark);
	sql_in_number(put, verdicts);
	sql_in_number(put, answer);
	good = sql_do(put, err);
	gaps_put(&store->gaps, &(struct identity){one->kind, one->survey, id});
	free(id);
	return good;
}

static bool
erase_rest(struct sqlite_writer *store, int64_t answer,
	struct erased_counts *counts, struct err *err)
{
	static const char past[] = "DELETE FROM answer_past WHERE answer = ?";
	static const char silenced[] =
		"DELETE FROM suppressed WHERE answer = ?";
	/* The account's go on; and one that keeps an answer quiet which stays
	 * goes when that is decided again. */
	static const char cooldowns[] =
		"DELETE FROM cooldown WHERE answer = ?1 "
		"AND key GLOB 'customer *' "
		"AND NOT EXISTS (SELECT 1 FROM suppressed WHERE by = ?1 AND "
		"suppressed.answer NOT IN (SELECT answer FROM erased))";
	static const char deliveries[] =
		"SELECT count(*) FROM delivery WHERE answer = ?";
	int64_t count = 0;

	if (!run(store, past, answer, 0, &counts->revisions, err) ||
		!run(store, silenced, answer, 0, NULL, err) ||
		!run(store, cooldowns, answer, 0, &counts->cooldowns, err) ||
		!ask(store, deliveries, answer, &count, err))
		return false;
	counts->deliveries += count;
	return true;
}

bool
sqlite_erase_answer(struct store_writer *base, int64_t answer, const char *mark,
	bool verdicts, int64_t now_ms, struct erased_counts *counts,
	struct err *err)
{
	static const char done[] =
		"UPDATE erased SET erased_ms = ?2 WHERE answer = ?1";
	struct sqlite_writer *store = writer_of(base);
	struct identified one = {.survey = NULL};
	bool good = run(store, done, answer, now_ms, NULL, err) &&
		    read_one(store, answer, &one, err);

	/* Purged meanwhile: nothing is left. */
	if (!good || !one.survey)
		return good;
	good = keep_known(store, &one.hash, err) &&
	       customers_take_out(&store->customers, answer, err) &&
	       erase_rest(store, answer, counts, err) &&
	       erase_follow_ups(store, answer, mark, now_ms, counts, err) &&
	       make_bare(store, answer, &one, mark, verdicts, err);
	free(one.survey);
	return good;
}

/* ---- what is of no answer ---- */

bool
sqlite_erase_words(struct store_writer *base, enum store_words what,
	int64_t row, int64_t now_ms, struct err *err)
{
	static const char rejected[] = "DELETE FROM rejected WHERE row = ?";
	static const char body[] = "DELETE FROM body WHERE delivery = ?";
	static const char lone[] =
		"UPDATE delivery SET reason = CASE WHEN "
		"reason = '" ERASURE_REASON "' THEN reason END "
		"WHERE row = ?";
	static const char attempts[] =
		"UPDATE attempt SET reason = NULL WHERE delivery = ? "
		"AND reason IS NOT NULL";
	static const char recipient[] =
		"UPDATE delivery SET recipient = '' WHERE row = ?";
	static const char notes[] =
		"UPDATE follow_up_event SET note = NULL, reason = NULL "
		"WHERE follow_up = ? AND (note IS NOT NULL "
		"OR (how = 'webhook' AND reason IS NOT NULL))";
	static const char note[] =
		"UPDATE follow_up SET note = NULL WHERE row = ?";
	static const char silence[] =
		"UPDATE silence SET match = CASE WHEN match IS NOT NULL "
		"THEN '{}' END, why = '" ERASURE_REASON "', "
		"ended_by = CASE WHEN ended_ms = 0 THEN 'npsd' ELSE ended_by "
		"END, ended_ms = CASE WHEN ended_ms = 0 THEN ?2 ELSE ended_ms "
		"END WHERE row = ?1";
	struct sqlite_writer *store = writer_of(base);

	switch (what) {
	case WORDS_REJECTED:
		return run(store, rejected, row, 0, NULL, err);
	case WORDS_LONE:
		return run(store, body, row, 0, NULL, err) &&
		       run(store, attempts, row, 0, NULL, err) &&
		       run(store, lone, row, 0, NULL, err);
	case WORDS_RECIPIENTS:
		return run(store, recipient, row, 0, NULL, err);
	case WORDS_NOTES:
		return run(store, notes, row, 0, NULL, err) &&
		       run(store, note, row, 0, NULL, err);
	case WORDS_SILENCES:
		return run(store, silence, row, now_ms, NULL, err);
	case WORDS_ANSWERS:
		break;
	}
	return err_set(err, "an answer is not erased by its words");
}

bool
sqlite_drop_storms(
	struct store_writer *base, const char *recipient, struct err *err)
{
	struct sql_statement *drop = sqlite_use_hard(
		writer_of(base), "DELETE FROM storm WHERE recipient = ?");

	sql_in_text(drop, recipient);
	return sql_do(drop, err);
}
