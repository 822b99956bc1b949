/*
 * memory_tables - the rows of the memory kind, and the log that takes changes
 * back.
 *
 * A row is never changed in place: a new one is put where it stood, and the log
 * keeps the old one until the commit.
 */
#ifndef NPSD_STORE_MEMORY_TABLES_H
#define NPSD_STORE_MEMORY_TABLES_H

#include <pthread.h>
#include <stddef.h>

#include "store/kind.h"
#include "store/row_json.h"

/* Texts that a row owns. */
enum { KEPT_TEXTS_LIMIT = 12 };
struct kept {
	char *texts[KEPT_TEXTS_LIMIT];
	size_t count;
};

/* Each kind of row starts with what it owns. */
struct kept_answer {
	struct kept kept;
	struct answer_row row;
};
struct kept_rejected {
	struct kept kept;
	struct rejected_row row;
};
struct kept_delivery {
	struct kept kept;
	struct delivery_row row;
};
struct kept_attempt {
	struct kept kept;
	int64_t delivery;
	struct attempt_row row;
};
struct kept_known {
	struct kept kept;
	enum response_kind kind;
	const char *survey, *id;
};
struct kept_slot {
	struct kept kept;
	int64_t id;
	const char *survey, *segment, *value;
};
struct kept_bucket {
	struct kept kept;
	enum bucket_width width;
	int64_t bucket, slot;
	struct counts counts;
};
struct kept_place {
	struct kept kept;
	const char *source, *key, *place;
};

struct kept_lane {
	struct kept kept;
	struct lane_row row;
};

struct kept_follow_up {
	struct kept kept;
	struct follow_up row;
};
struct kept_event {
	struct kept kept;
	struct follow_up_event row;
};
struct kept_turn {
	struct kept kept;
	const char *rule;
	int64_t next;
};
struct kept_cooldown {
	struct kept kept;
	struct cooldown_row row;
};
struct kept_suppressed {
	struct kept kept;
	int64_t by, answer;
};
struct kept_silence {
	struct kept kept;
	struct silence_row row;
};
struct kept_watch {
	struct kept kept;
	struct watch_row row;
};
struct kept_storm {
	struct kept kept;
	struct storm_row row;
};

struct kept_erasure {
	struct kept kept;
	struct erasure_row row;
};
struct kept_word {
	struct kept kept;
	int64_t erasure;
	struct erasure_word row;
};
struct kept_erased {
	struct kept kept;
	int64_t erasure, answer, erased_ms;
};

struct kept_replayed {
	struct kept kept;
	struct replayed_row row;
};

/* PAST holds kept_answer rows: what stood in answer `row` before. */
enum table_name {
	TABLE_ANSWERS,
	TABLE_PAST,
	TABLE_KNOWN,
	TABLE_REJECTED,
	TABLE_DELIVERIES,
	TABLE_ATTEMPTS,
	TABLE_SLOTS,
	TABLE_BUCKETS,
	TABLE_PLACES,
	TABLE_LANES,
	TABLE_FOLLOW_UPS,
	TABLE_EVENTS,
	TABLE_TURNS,
	TABLE_WATCHES,
	TABLE_COOLDOWNS,
	TABLE_SUPPRESSED,
	TABLE_SILENCES,
	TABLE_STORMS,
	TABLE_ERASURES,
	TABLE_WORDS,
	TABLE_ERASED,
	TABLE_REPLAYED,
};
enum { TABLES = TABLE_REPLAYED + 1 };

struct table {
	struct kept **rows; /* NULL: removed */
	size_t count, capacity;
};

struct memory_store {
	struct store_writer base; /* first */
	pthread_mutex_t mutex; /* held from begin to commit, and by readers */
	struct table tables[TABLES];
	bool in_transaction;
	uint8_t link_key[LINK_KEY_BYTES]; /* drawn when it was opened */
	struct change {
		enum table_name table;
		size_t index;
		struct kept *before; /* owned; NULL: there was none */
		bool appended;
	} * log;
	size_t log_count, log_capacity;
	size_t savepoint; /* log_count at it */
};

struct memory_reader {
	struct store_reader base; /* first */
	struct memory_store *store;
};

/* A copy that the row owns; NULL gives NULL. */
const char *keep_text(struct kept *kept, const char *text);
const char *keep_bytes(struct kept *kept, const void *bytes, size_t length);
void kept_free(struct kept *kept);

/* The row, or NULL. Loops run over index from 0 to table_count. */
void *table_row(
	const struct memory_store *store, enum table_name table, size_t index);
size_t table_count(const struct memory_store *store, enum table_name table);
/* Takes row; NULL removes. index of table_count appends. */
void table_put(struct memory_store *store, enum table_name table, size_t index,
	struct kept *row);
void table_append(
	struct memory_store *store, enum table_name table, struct kept *row);

/* Takes back all changes but the first `count`. */
void log_undo(struct memory_store *store, size_t count);
/* Forgets how to take anything back. */
void log_clear(struct memory_store *store);

#endif
