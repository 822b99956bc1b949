/*
 * sqlite_buckets - counts by time in the SQLite file.
 *
 * A row holds the counts of a chunk of slots in one minute or hour, so that the
 * answers of a transaction, which share hours and slots, change few rows:
 *
 *	key     width, bucket and chunk in one number, in this order
 *	counts  for each slot that has any: its place in the chunk, a byte;
 *	        detractors, passives, promoters, invitations, each a number of
 *	        7 bits a byte with its sign as the lowest bit
 */
#include "store/sqlite_buckets.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "store/sqlite_kind.h"

/* Stored: never change. */
enum {
	CHUNK_SLOTS = 64,
	CHUNK_BITS = 26,  /* of a key: the chunk's number ... */
	BUCKET_BITS = 36, /* ... above it the bucket's, plus BUCKET_ZERO */
};
#define BUCKET_ZERO (INT64_C(1) << (BUCKET_BITS - 1))
#define SLOTS_LIMIT ((int64_t)CHUNK_SLOTS << CHUNK_BITS)

enum {
	NUMBER_LIMIT_BYTES = 10, /* 64 bits, 7 a byte */
	SLOT_NUMBERS = CATEGORIES + 1,
	CHUNK_LIMIT_BYTES =
		CHUNK_SLOTS * (1 + SLOT_NUMBERS * NUMBER_LIMIT_BYTES),
};

struct chunk {
	int64_t key;
	struct counts slots[CHUNK_SLOTS];
};

/* ---- keys ---- */

static int64_t
key_of(enum bucket_width width, int64_t bucket, int64_t chunk)
{
	int64_t is_hour = width == BUCKET_HOUR;

	if (bucket < -BUCKET_ZERO)
		bucket = -BUCKET_ZERO;
	if (bucket >= BUCKET_ZERO)
		bucket = BUCKET_ZERO - 1;
	return ((is_hour << BUCKET_BITS | (bucket + BUCKET_ZERO))
		       << CHUNK_BITS) |
	       chunk;
}

/* The last key up to that bucket. */
static int64_t
last_key(enum bucket_width width, int64_t bucket)
{
	return key_of(width, bucket, (INT64_C(1) << CHUNK_BITS) - 1);
}

static int64_t
first_slot(int64_t key)
{
	return (key & ((INT64_C(1) << CHUNK_BITS) - 1)) * CHUNK_SLOTS;
}

/* ---- counts as bytes ---- */

static bool
is_any(const struct counts *counts)
{
	for (size_t i = 0; i < CATEGORIES; i++)
		if (counts->of[i] != 0)
			return true;
	return counts->invitations != 0;
}

static size_t
pack_number(int64_t number, unsigned char *bytes)
{
	uint64_t left = (uint64_t)number << 1;
	size_t length = 0;

	if (number < 0)
		left = ~left;
	for (; left >= 0x80; left >>= 7)
		bytes[length++] = (unsigned char)(left | 0x80);
	bytes[length++] = (unsigned char)left;
	return length;
}

static size_t
pack(const struct chunk *chunk, unsigned char bytes[CHUNK_LIMIT_BYTES])
{
	size_t length = 0;

	for (size_t i = 0; i < CHUNK_SLOTS; i++) {
		if (!is_any(&chunk->slots[i]))
			continue;
		bytes[length++] = (unsigned char)i;
		for (size_t c = 0; c < CATEGORIES; c++)
			length += pack_number(
				chunk->slots[i].of[c], bytes + length);
		length += pack_number(
			chunk->slots[i].invitations, bytes + length);
	}
	return length;
}

static bool
unpack_number(
	const unsigned char *bytes, size_t length, size_t *at, int64_t *number)
{
	uint64_t bits = 0;

	for (unsigned shift = 0; *at < length && shift < 64; shift += 7) {
		unsigned char byte = bytes[(*at)++];

		bits |= (uint64_t)(byte & 0x7f) << shift;
		if (byte & 0x80)
			continue;
		*number = (int64_t)(bits >> 1);
		if (bits & 1)
			*number = -*number - 1;
		return true;
	}
	return false;
}

/* What is damaged ends it; recounting finds what then lacks. */
static void
unpack(const unsigned char *bytes, size_t length,
	struct counts slots[CHUNK_SLOTS])
{
	size_t at = 0;

	while (at < length) {
		struct counts counts;
		size_t slot = bytes[at++];

		for (size_t c = 0; c < CATEGORIES; c++)
			if (!unpack_number(bytes, length, &at, &counts.of[c]))
				return;
		if (!unpack_number(bytes, length, &at, &counts.invitations) ||
			slot >= CHUNK_SLOTS)
			return;
		counts_add(&slots[slot], &counts, 1);
	}
}

/* ---- rows ---- */

static bool
read_chunk(struct sql *sql, struct chunk *chunk, bool *exists, struct err *err)
{
	struct sql_statement *find =
		sql_use(sql, "SELECT counts FROM bucket WHERE key = ?");

	memset(chunk->slots, 0, sizeof(chunk->slots));
	sql_in_number(find, chunk->key);
	enum sql_step step = sql_step(find, err);

	*exists = step == SQL_ROW;
	if (*exists) {
		size_t length;
		const void *bytes = sql_bytes_at(find, 0, &length);

		unpack(bytes, length, chunk->slots);
	}
	sql_end(find);
	return step != SQL_FAILED;
}

static const char insert_text[] =
	"INSERT INTO bucket(counts, change, key) VALUES(?,?,?)";
static const char update_text[] =
	"UPDATE bucket SET counts = ?, change = ? WHERE key = ?";

static bool
write_chunk(struct sql_statement *put, const struct chunk *chunk,
	int64_t change, struct err *err)
{
	unsigned char bytes[CHUNK_LIMIT_BYTES];

	sql_in_bytes(put, bytes, pack(chunk, bytes));
	sql_in_number(put, change);
	sql_in_number(put, chunk->key);
	return sql_do(put, err);
}

/* ---- verbs ---- */

static bool
key_of_change(const struct count_change *change, int64_t *key, struct err *err)
{
	if (change->slot < 0 || change->slot >= SLOTS_LIMIT)
		return err_set(err, "there is no slot %lld to count in",
			(long long)change->slot);
	*key = key_of(
		change->width, change->bucket, change->slot / CHUNK_SLOTS);
	return true;
}

/* Those that follow one another into the same chunk; how many, 0: see err. */
static size_t
add_to_chunk(struct sqlite_writer *store, const struct count_change *changes,
	size_t count, struct err *err)
{
	struct chunk chunk;
	int64_t key = 0;
	size_t done = 0;
	bool exists;

	if (!key_of_change(changes, &chunk.key, err) ||
		!read_chunk(store->sql, &chunk, &exists, err))
		return 0;
	do {
		counts_add(&chunk.slots[changes[done].slot % CHUNK_SLOTS],
			&changes[done].delta, 1);
		done++;
		if (done < count && !key_of_change(&changes[done], &key, err))
			return 0;
	} while (done < count && key == chunk.key);
	struct sql_statement *put =
		sqlite_use_hard(store, exists ? update_text : insert_text);

	return write_chunk(put, &chunk, store->change + 1, err) ? done : 0;
}

bool
sqlite_add_counts(struct store_writer *base, const struct count_change *changes,
	size_t count, struct err *err)
{
	for (size_t at = 0, done; at < count; at += done) {
		done = add_to_chunk(
			writer_of(base), changes + at, count - at, err);
		if (done == 0)
			return false;
	}
	return true;
}

/* Sums by slot; ids of slots are given out one after the other. */
struct sums {
	struct counts *by_slot;
	size_t count; /* places */
	int64_t last; /* the highest id that there is */
};

static void
add_slot(struct sums *sums, int64_t slot, const struct counts *counts)
{
	/* Damage, which recounting finds: it must not take all memory. */
	if (slot > sums->last)
		return;
	sums->by_slot = mem_reach(sums->by_slot, &sums->count, (size_t)slot,
		sizeof(*sums->by_slot));
	counts_add(&sums->by_slot[slot], counts, 1);
}

static void
add_row(struct sums *sums, struct sql_statement *row)
{
	struct counts slots[CHUNK_SLOTS];
	int64_t first = first_slot(sql_number_at(row, 0));
	size_t length;
	const void *bytes = sql_bytes_at(row, 1, &length);

	memset(slots, 0, sizeof(slots));
	unpack(bytes, length, slots);
	for (int64_t i = 0; i < CHUNK_SLOTS; i++)
		if (is_any(&slots[i]))
			add_slot(sums, first + i, &slots[i]);
}

/* The caller frees by_slot, also after false. */
static bool
sum_rows(struct sql *sql, enum bucket_width width, int64_t after, int64_t upto,
	struct sums *sums, struct err *err)
{
	static const char text[] = "SELECT key, counts FROM bucket "
				   "WHERE key > ? AND key <= ?";
	struct sql_statement *each;
	enum sql_step step;

	*sums = (struct sums){NULL, 0, 0};
	if (!sql_ask_number(sql, "SELECT ifnull(max(id), 0) FROM slot",
		    &sums->last, err))
		return false;
	each = sql_use(sql, text);
	sql_in_number(each, last_key(width, after));
	sql_in_number(each, last_key(width, upto));
	while ((step = sql_step(each, err)) == SQL_ROW)
		add_row(sums, each);
	sql_end(each);
	return step == SQL_DONE;
}

bool
sqlite_sum_buckets(struct store_writer *base, enum bucket_width width,
	int64_t after, int64_t upto,
	void (*on_sum)(
		int64_t slot, const struct counts *counts, void *context),
	void *context, struct err *err)
{
	struct sums sums;
	bool good =
		sum_rows(writer_of(base)->sql, width, after, upto, &sums, err);

	for (size_t slot = 0; good && slot < sums.count; slot++)
		if (is_any(&sums.by_slot[slot]))
			on_sum((int64_t)slot, &sums.by_slot[slot], context);
	free(sums.by_slot);
	return good;
}

bool
sqlite_read_counts(struct store_reader *base, enum bucket_width width,
	int64_t after, int64_t upto,
	void (*on_count)(const char *survey, const char *segment,
		const char *value, const struct counts *counts, void *context),
	void *context, struct err *err)
{
	struct sql *sql = reader_sql(base);
	struct sums sums;
	enum sql_step step = SQL_FAILED;

	if (sum_rows(sql, width, after, upto, &sums, err)) {
		struct sql_statement *each = sql_use(sql,
			"SELECT id, survey, segment, value FROM slot "
			"ORDER BY id");

		while ((step = sql_step(each, err)) == SQL_ROW) {
			size_t slot = (size_t)sql_number_at(each, 0);

			if (slot < sums.count && is_any(&sums.by_slot[slot]))
				on_count(sql_text_at(each, 1),
					sql_text_at(each, 2),
					sql_text_at(each, 3),
					&sums.by_slot[slot], context);
		}
		sql_end(each);
	}
	free(sums.by_slot);
	return step == SQL_DONE;
}

bool
sqlite_prune_buckets(struct store_writer *base, enum bucket_width width,
	int64_t before, int limit, int *removed, struct err *err)
{
	static const char text[] =
		"DELETE FROM bucket WHERE key IN (SELECT key FROM bucket "
		"WHERE key >= ? AND key < ? LIMIT ?)";
	struct sqlite_writer *store = writer_of(base);
	struct sql_statement *prune = sqlite_use_hard(store, text);

	sql_in_number(prune, key_of(width, INT64_MIN, 0));
	sql_in_number(prune, key_of(width, before, 0));
	sql_in_number(prune, limit);
	if (!sql_do(prune, err))
		return false;
	*removed = sql_changes(store->sql);
	return true;
}

/* ---- from version 2 of the schema ---- */

struct regrouping {
	struct sql *sql;
	struct chunk chunk;
	int64_t change; /* the latest of the chunk's rows */
	bool any;
};

static bool
end_chunk(struct regrouping *to, struct err *err)
{
	if (!to->any)
		return true;
	to->any = false;
	return write_chunk(
		sql_use(to->sql, insert_text), &to->chunk, to->change, err);
}

static bool
regroup_row(struct regrouping *to, struct sql_statement *row, struct err *err)
{
	struct count_change change = {
		.width = (enum bucket_width)sql_number_at(row, 0),
		.bucket = sql_number_at(row, 1),
		.slot = sql_number_at(row, 2),
		.delta.of = {[CATEGORY_PROMOTER] = sql_number_at(row, 3),
			[CATEGORY_PASSIVE] = sql_number_at(row, 4),
			[CATEGORY_DETRACTOR] = sql_number_at(row, 5)},
	};
	int64_t key = 0, number = sql_number_at(row, 6);

	/* One of a slot that cannot be was never summed, either. */
	if (!key_of_change(&change, &key, err))
		return true;
	if (to->any && key != to->chunk.key && !end_chunk(to, err))
		return false;
	if (!to->any) {
		to->chunk = (struct chunk){.key = key};
		to->change = number;
		to->any = true;
	}
	counts_add(
		&to->chunk.slots[change.slot % CHUNK_SLOTS], &change.delta, 1);
	if (number > to->change)
		to->change = number;
	return true;
}

bool
sqlite_regroup_buckets(struct sql *sql, struct err *err)
{
	struct regrouping to = {.sql = sql};
	struct sql_statement *each = sql_make(sql,
		"SELECT width, bucket, slot, promoters, passives, detractors, "
		"change FROM bucket_by_slot ORDER BY width, bucket, slot");
	enum sql_step step;
	bool good = true;

	while (good && (step = sql_step(each, err)) == SQL_ROW)
		good = regroup_row(&to, each, err);
	sql_end(each);
	return good && step == SQL_DONE && end_chunk(&to, err);
}
