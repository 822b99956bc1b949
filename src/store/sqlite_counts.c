/*
 * sqlite_counts - slots, buckets and places in the SQLite file.
 */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "store/sqlite_kind.h"

/* ---- slots ---- */

bool
sqlite_put_slot(struct store_writer *base, int64_t id, const char *survey,
	const char *segment, const char *value, struct err *err)
{
	struct sql_statement *put = sqlite_use_hard(
		writer_of(base), "INSERT INTO slot VALUES(?,?,?,?)");

	sql_in_number(put, id);
	sql_in_text(put, survey);
	sql_in_text(put, segment);
	sql_in_text(put, value);
	return sql_do(put, err);
}

bool
sqlite_each_slot(struct store_writer *base,
	void (*on_slot)(int64_t id, const char *survey, const char *segment,
		const char *value, void *context),
	void *context, struct err *err)
{
	struct sql_statement *each = sql_use(writer_of(base)->sql,
		"SELECT id, survey, segment, value FROM slot ORDER BY id");
	enum sql_step step;

	while ((step = sql_step(each, err)) == SQL_ROW)
		on_slot(sql_number_at(each, 0), sql_text_at(each, 1),
			sql_text_at(each, 2), sql_text_at(each, 3), context);
	sql_end(each);
	return step == SQL_DONE;
}

/* ---- buckets ---- */

static void
in_count(struct sql_statement *put, const struct sqlite_writer *store,
	const struct counts *delta)
{
	sql_in_number(put, delta->of[CATEGORY_PROMOTER]);
	sql_in_number(put, delta->of[CATEGORY_PASSIVE]);
	sql_in_number(put, delta->of[CATEGORY_DETRACTOR]);
	sql_in_number(put, store->change + 1);
}

static void
in_bucket(struct sql_statement *put, int64_t slot, enum bucket_width width,
	int64_t bucket)
{
	sql_in_number(put, width);
	sql_in_number(put, bucket);
	sql_in_number(put, slot);
}

bool
sqlite_add_count(struct store_writer *base, int64_t slot,
	enum bucket_width width, int64_t bucket, const struct counts *delta,
	struct err *err)
{
	static const char text[] =
		"INSERT INTO bucket(promoters, passives, detractors, change, "
		"width, bucket, slot) VALUES(?,?,?,?,?,?,?) "
		"ON CONFLICT DO UPDATE SET "
		"promoters = promoters + excluded.promoters, "
		"passives = passives + excluded.passives, "
		"detractors = detractors + excluded.detractors, "
		"change = excluded.change";
	struct sqlite_writer *store = writer_of(base);
	struct sql_statement *put = sqlite_use_hard(store, text);

	in_count(put, store, delta);
	in_bucket(put, slot, width, bucket);
	return sql_do(put, err);
}

/* Sums by slot; ids of slots are given out one after the other. */
struct sums {
	struct counts *by_slot;
	int64_t count; /* places */
	int64_t last;  /* the highest id that there is */
};

static void
add_bucket(struct sums *sums, struct sql_statement *row)
{
	int64_t slot = sql_number_at(row, 0);

	/* Damage, which recounting finds: it must not take all memory. */
	if (slot < 0 || slot > sums->last)
		return;
	if (slot >= sums->count) {
		int64_t count = slot + slot / 2 + 64;

		sums->by_slot = mem_grow(
			sums->by_slot, (size_t)count, sizeof(*sums->by_slot));
		memset(sums->by_slot + sums->count, 0,
			(size_t)(count - sums->count) * sizeof(*sums->by_slot));
		sums->count = count;
	}
	struct counts counts = {
		.of = {[CATEGORY_PROMOTER] = sql_number_at(row, 1),
			[CATEGORY_PASSIVE] = sql_number_at(row, 2),
			[CATEGORY_DETRACTOR] = sql_number_at(row, 3)}};

	counts_add(&sums->by_slot[slot], &counts, 1);
}

static bool
is_any(const struct counts *counts)
{
	return counts->of[CATEGORY_PROMOTER] || counts->of[CATEGORY_PASSIVE] ||
	       counts->of[CATEGORY_DETRACTOR];
}

/* Summed here and not by SQLite, which would sort millions of rows first: they
 * lie in order of time. */
bool
sqlite_sum_buckets(struct store_writer *base, enum bucket_width width,
	int64_t after, int64_t upto,
	void (*on_sum)(
		int64_t slot, const struct counts *counts, void *context),
	void *context, struct err *err)
{
	static const char text[] =
		"SELECT slot, promoters, passives, detractors FROM bucket "
		"WHERE width = ? AND bucket > ? AND bucket <= ?";
	struct sql_statement *each = sql_use(writer_of(base)->sql, text);
	struct sums sums = {NULL, 0, 0};
	enum sql_step step;

	if (!sql_ask_number(writer_of(base)->sql,
		    "SELECT ifnull(max(id), 0) FROM slot", &sums.last, err))
		return false;
	sql_in_number(each, width);
	sql_in_number(each, after);
	sql_in_number(each, upto);
	while ((step = sql_step(each, err)) == SQL_ROW)
		add_bucket(&sums, each);
	sql_end(each);
	for (int64_t slot = 0; step == SQL_DONE && slot < sums.count; slot++)
		if (is_any(&sums.by_slot[slot]))
			on_sum(slot, &sums.by_slot[slot], context);
	free(sums.by_slot);
	return step == SQL_DONE;
}

bool
sqlite_prune_buckets(struct store_writer *base, enum bucket_width width,
	int64_t before, int limit, int *removed, struct err *err)
{
	static const char text[] =
		"DELETE FROM bucket WHERE (width, bucket, slot) IN "
		"(SELECT width, bucket, slot FROM bucket "
		"WHERE width = ? AND bucket < ? LIMIT ?)";
	struct sqlite_writer *store = writer_of(base);
	struct sql_statement *prune = sqlite_use_hard(store, text);

	sql_in_number(prune, width);
	sql_in_number(prune, before);
	sql_in_number(prune, limit);
	if (!sql_do(prune, err))
		return false;
	*removed = sql_changes(store->sql);
	return true;
}

/* ---- places ---- */

bool
sqlite_put_place(struct store_writer *base, const char *source, const char *key,
	const char *place, struct err *err)
{
	static const char put_text[] =
		"INSERT INTO place VALUES(?,?,?) "
		"ON CONFLICT DO UPDATE SET place = excluded.place";
	static const char drop_text[] =
		"DELETE FROM place WHERE source = ? AND key = ?";
	struct sql_statement *put =
		sqlite_use_hard(writer_of(base), place ? put_text : drop_text);

	sql_in_text(put, source);
	sql_in_text(put, key);
	if (place)
		sql_in_text(put, place);
	return sql_do(put, err);
}

bool
sqlite_each_place(struct store_writer *base, const char *source,
	void (*on_place)(const char *key, const char *place, void *context),
	void *context, struct err *err)
{
	static const char text[] =
		"SELECT key, place FROM place WHERE source = ? ORDER BY key";
	struct sql_statement *each = sql_use(writer_of(base)->sql, text);
	enum sql_step step;

	sql_in_text(each, source);
	while ((step = sql_step(each, err)) == SQL_ROW)
		on_place(sql_text_at(each, 0), sql_text_at(each, 1), context);
	sql_end(each);
	return step == SQL_DONE;
}
