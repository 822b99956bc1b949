/*
 * sqlite_kind - the SQLite kind of store, whose verbs stand in several files:
 * store_sqlite.c opens and begins; sqlite_commit.c commits; sqlite_answers.c, sqlite_deliveries.c and
 * sqlite_counts.c write; sqlite_reader.c and sqlite_lists.c read.
 */
#ifndef NPSD_STORE_SQLITE_KIND_H
#define NPSD_STORE_SQLITE_KIND_H

#include <stdatomic.h>

#include "crypt/digest.h"
#include "store/kind.h"
#include "store/sql.h"
#include "store/sqlite_arrivals.h"
#include "store/sqlite_customers.h"
#include "store/sqlite_file.h"
#include "store/sqlite_gaps.h"
#include "store/sqlite_gathered.h"

enum {
	/* The WAL is moved into the file each time it has grown by so much. */
	WAL_CHECKPOINT_PAGES = 4000,
	/* Longer than this it should not be: readers are waited for. */
	WAL_LONG_PAGES = 16384,
	WAL_READERS_WAIT_MS = 200,
	WAL_TRUNCATE_WAIT_MS = 1000,
	IDENTITY_KEY_BYTES = 32,
	IDENTITY_HASH_BYTES = 16,
};

struct sqlite_writer {
	struct store_writer base; /* first */
	struct sql *sql;
	struct sqlite_file file;
	char store_id[STORE_ID_BYTES];
	struct hmac *identity;
	bool any_known; /* known has a row, or had one */
	struct customers customers;
	struct gaps gaps;
	struct arrivals arrivals;
	struct gathered gathered;
	int64_t last_answer, last_delivery;   /* the highest rows given out */
	int64_t begin_answer, begin_delivery; /* the same at begin */
	int64_t change;	 /* number of the last commit that changed any */
	int64_t to_sync; /* the same, until it is synced; else 0 */
	atomic_bool sync_failed;
	int64_t changed_before; /* sql_total_changes at begin */
	int wal_moved;		/* pages of the WAL at the last checkpoint */
	int64_t wal_limit_bytes;
	int wal_limit; /* the same in pages */
	int64_t page_bytes;
	int64_t data_version; /* sql_data_version; -1: to be taken anew */
	int64_t foreign;      /* how often another program wrote */
	/* A savepoint is soft until something happens in it that taking rows
	 * out again would not undo: most answers only add rows, and a real
	 * savepoint copies every page they touch. */
	bool in_savepoint, is_hard;
	int64_t mark_answer, mark_delivery; /* last_* at the savepoint */
};

static inline struct sqlite_writer *
writer_of(struct store_writer *store)
{
	return (struct sqlite_writer *)store;
}

struct sqlite_reader {
	struct store_reader base; /* first */
	struct sql *sql;
};

static inline struct sql *
reader_sql(struct store_reader *reader)
{
	return ((struct sqlite_reader *)reader)->sql;
}

/* sqlite_identity.c */
/* What stands in a database of ours about itself. */
struct store_identity {
	char store_id[STORE_ID_BYTES];
	unsigned char key[IDENTITY_KEY_BYTES];
	int64_t change;
	bool any_known;
	int64_t last_delivery, last_answer;
};
bool sqlite_read_identity(struct sql *sql, const char *path,
	struct store_identity *identity, struct err *err) must_check;

bool sqlite_check_home(struct sqlite_writer *store, struct err *err) must_check;
bool sqlite_link_key(struct store_writer *store, uint8_t key[LINK_KEY_BYTES],
	struct err *err);

/* sqlite_backup.c, sqlite_restore.c */
struct store_backup *sqlite_backup_start(struct store_writer *store,
	const char *path, bool replace, int64_t now_ms, struct err *err);
bool sqlite_backup_copy(struct store_backup *backup, int pages, int64_t *left,
	int64_t *total, struct err *err);
bool sqlite_backup_end(struct store_backup *backup, const atomic_bool *stop,
	struct store_books *books, struct err *err);
void sqlite_backup_free(struct store_backup *backup);
bool sqlite_restore(const char *path, const char *from,
	struct store_restored *restored, struct err *err);
/* Reads what a finished copy holds. */
bool sqlite_read_books(
	struct sql *sql, struct store_books *books, struct err *err) must_check;

/* sqlite_commit.c */
bool sqlite_commit(struct store_writer *store, struct err *err);
bool sqlite_commit_ahead(struct store_writer *store, struct err *err);
bool sqlite_sync(struct store_writer *store, struct err *err);

/* sqlite_savepoint.c */
/* False outside of a transaction, and after what ended it. */
bool sqlite_may_write(const struct sqlite_writer *store, struct err *err);
bool sqlite_savepoint(struct store_writer *store, struct err *err);
bool sqlite_keep(struct store_writer *store, struct err *err);
void sqlite_undo(struct store_writer *store);
void sqlite_rollback(struct store_writer *store);
/* A statement that does more than to add rows to answer, delivery and body. */
struct sql_statement *sqlite_use_hard(
	struct sqlite_writer *store, const char *text);

/* sqlite_answers.c */
enum store_found sqlite_find_answer(struct store_writer *store,
	enum response_kind kind, const char *survey, const char *id,
	void (*on_found)(const struct answer_row *answer, void *context),
	void *context, struct err *err);
enum store_found sqlite_get_answer(struct store_writer *store, int64_t row,
	void (*on_found)(const struct answer_row *answer, void *context),
	void *context, struct err *err);
bool sqlite_first_arrival(struct store_writer *store, int64_t row,
	int64_t *arrived_ms, struct err *err);
enum store_found sqlite_find_previous(struct store_writer *store,
	const char *survey, const char *customer, int64_t before_ms,
	int64_t except, struct previous *previous, struct err *err);
bool sqlite_put_answer(
	struct store_writer *store, struct answer_row *answer, struct err *err);
bool sqlite_amend_answer(struct store_writer *store,
	const struct answer_row *answer, struct err *err);
bool sqlite_put_rejected(struct store_writer *store,
	struct rejected_row *rejected, struct err *err);
/* The keyed hash that outlives an answer. */
struct identity_hash {
	unsigned char bytes[SHA256_BYTES];
};
void sqlite_hash_identity(struct sqlite_writer *store,
	const struct identity *identity, struct identity_hash *hash);

/* sqlite_purge.c */
bool sqlite_purge_answers(struct store_writer *store, int64_t before_ms,
	int limit, int *removed, struct err *err);
bool sqlite_purge_rejected(struct store_writer *store, int64_t before_ms,
	int limit, int *removed, struct err *err);

/* sqlite_counts.c */
bool sqlite_put_slot(struct store_writer *store, int64_t id, const char *survey,
	const char *segment, const char *value, struct err *err);
bool sqlite_each_slot(struct store_writer *store,
	void (*on_slot)(int64_t id, const char *survey, const char *segment,
		const char *value, void *context),
	void *context, struct err *err);
bool sqlite_add_counts(struct store_writer *store,
	const struct count_change *changes, size_t count, struct err *err);
bool sqlite_sum_buckets(struct store_writer *store, enum bucket_width width,
	int64_t after, int64_t upto,
	void (*on_sum)(
		int64_t slot, const struct counts *counts, void *context),
	void *context, struct err *err);
bool sqlite_prune_buckets(struct store_writer *store, enum bucket_width width,
	int64_t before, int limit, int *removed, struct err *err);
bool sqlite_put_place(struct store_writer *store, const char *source,
	const char *key, const char *place, struct err *err);
bool sqlite_each_place(struct store_writer *store, const char *source,
	void (*on_place)(const char *key, const char *place, void *context),
	void *context, struct err *err);

/* sqlite_deliveries.c */
bool sqlite_each_alert(struct store_writer *store, int64_t answer,
	void (*on_alert)(const struct delivery_row *delivery, void *context),
	void *context, struct err *err);
bool sqlite_put_delivery(struct store_writer *store,
	struct delivery_row *delivery, struct err *err);
bool sqlite_change_delivery(struct store_writer *store,
	const struct delivery_row *delivery, struct err *err);
bool sqlite_claim(struct store_writer *store, const char *node,
	int64_t lease_ms, const char *action, int64_t now_ms, int n,
	void (*on_claimed)(const struct delivery_row *delivery, void *context),
	void *context, int64_t *next_due_ms, struct err *err);
bool sqlite_set_body(struct store_writer *store, int64_t delivery,
	const char *body, size_t length, struct err *err);
bool sqlite_renew(struct store_writer *store, const char *node,
	const char *action, int64_t until_ms, struct err *err);
bool sqlite_reclaim(struct store_writer *store, const char *node,
	int64_t now_ms, struct err *err);
bool sqlite_settle(struct store_writer *store,
	const struct settlement *settlement, bool *held, struct err *err);
bool sqlite_retry(struct store_writer *store, int64_t delivery, int64_t now_ms,
	bool *changed, struct err *err);
bool sqlite_next_due(struct store_writer *store, const char *action,
	int64_t *due_ms, struct err *err);

/* sqlite_sweep.c */
bool sqlite_choose_deliveries(struct store_writer *store,
	const struct delivery_choice *choice, int64_t upto, int64_t *row,
	int64_t *rows, int *count, bool *more, struct err *err);
bool sqlite_cancel(struct store_writer *store, int64_t delivery, int64_t now_ms,
	const char *reason, bool *changed, struct err *err);
bool sqlite_count_deliveries(struct store_writer *store, const char *action,
	int64_t *waiting, int64_t *dead, struct err *err);
bool sqlite_shift_due(
	struct store_writer *store, int64_t by_ms, struct err *err);
bool sqlite_hasten(struct store_writer *store, const char *action,
	int64_t upto_ms, int64_t now_ms, struct err *err);
bool sqlite_purge_deliveries(struct store_writer *store, int64_t before_ms,
	int limit, int *removed, struct err *err);
/* So that no row of deliveries that were removed is used again. */
bool sqlite_keep_delivery_row(
	struct sqlite_writer *store, struct err *err) must_check;

/* sqlite_lanes.c */
bool sqlite_put_lane(struct store_writer *store, const struct lane_row *lane,
	struct err *err);
bool sqlite_each_lane(struct store_writer *store,
	void (*on_lane)(const struct lane_row *lane, void *context),
	void *context, struct err *err);
bool sqlite_put_watch(struct store_writer *store, const struct watch_row *row,
	struct err *err);
bool sqlite_each_watch(struct store_writer *store,
	void (*on_watch)(const struct watch_row *row, void *context),
	void *context, struct err *err);

/* sqlite_storm.c */
enum store_found sqlite_find_storm(
	struct store_writer *store, struct storm_row *storm, struct err *err);
bool sqlite_put_storm(struct store_writer *store, const struct storm_row *storm,
	struct err *err);
bool sqlite_prune_storms(struct store_writer *store, int64_t before_ms,
	int limit, int *removed, struct err *err);
bool sqlite_put_folded(struct store_writer *store, int64_t delivery,
	int64_t message, struct err *err);
bool sqlite_put_off(struct store_writer *store, int64_t delivery,
	int64_t due_ms, struct err *err);
bool sqlite_each_folded(struct store_writer *store, int64_t message,
	int64_t after, int n,
	void (*on_folded)(const struct folded_row *folded, void *context),
	void *context, struct err *err);
bool sqlite_count_folded(struct store_writer *store, int64_t message,
	int64_t *count, struct err *err);
bool sqlite_message_of(struct store_writer *store, int64_t delivery,
	int64_t *message, struct err *err);
bool sqlite_count_storms(struct store_reader *reader,
	void (*on_action)(const char *action, int64_t folded, void *context),
	void *context, struct err *err);
bool sqlite_shift_storms(
	struct sqlite_writer *store, int64_t by_ms, struct err *err);
/* Of an answer that is forgotten. */
bool sqlite_drop_folded(
	struct sqlite_writer *store, int64_t answer, struct err *err);
/* Adds "storm" to objects of alerts, "folded" to those of messages. */
bool sqlite_add_storms(struct sql *sql, json_t *deliveries, struct err *err);

/* sqlite_cooldown.c */
enum store_found sqlite_find_cooldown(struct store_writer *store,
	struct cooldown_row *cooldown, struct err *err);
bool sqlite_put_cooldown(struct store_writer *store,
	const struct cooldown_row *cooldown, struct err *err);
bool sqlite_put_suppressed(struct store_writer *store, int64_t by,
	int64_t answer, struct err *err);
bool sqlite_each_cooldown_of(struct store_writer *store, int64_t answer,
	void (*on_rule)(const char *rule, void *context), void *context,
	struct err *err);
bool sqlite_end_cooldown(struct store_writer *store, int64_t answer,
	const char *rule, struct err *err);
bool sqlite_take_suppressed(struct store_writer *store, int64_t by,
	void (*on_answer)(int64_t row, void *context), void *context,
	struct err *err);
bool sqlite_answer_of(struct store_writer *store, int64_t delivery,
	int64_t *answer, struct err *err);
bool sqlite_set_verdicts(struct store_writer *store, int64_t answer,
	const char *verdicts, const char *rules_hash, struct err *err);
/* sqlite_replays.c */
bool sqlite_choose_answers(struct store_writer *store,
	const struct answer_choice *choice, int64_t upto, int64_t *row,
	int64_t *rows, int limit, int *count, bool *more, struct err *err);
bool sqlite_last_answer(
	struct store_writer *store, int64_t *row, struct err *err);
bool sqlite_put_replayed(struct store_writer *store,
	const struct replayed_row *row, struct err *err);
/* Adds "replayed", or null. */
bool sqlite_add_replayed(struct sql *sql, const struct answer_row *answer,
	json_t *object, struct err *err);
/* Those that began with an answer that is forgotten. */
bool sqlite_drop_cooldowns(
	struct sqlite_writer *store, int64_t answer, struct err *err);

/* sqlite_erasures.c, sqlite_erase.c */
bool sqlite_put_erasure(struct store_writer *store, struct erasure_row *erasure,
	struct err *err);
bool sqlite_change_erasure(struct store_writer *store,
	const struct erasure_row *erasure, struct err *err);
enum store_found sqlite_next_erasure(struct store_writer *store, int64_t after,
	on_erasure_fn on_found, void *context, struct err *err);
bool sqlite_put_erasure_word(struct store_writer *store, int64_t erasure,
	const struct erasure_word *word, struct err *err);
bool sqlite_each_erasure_word(struct store_writer *store, int64_t erasure,
	void (*on_word)(const struct erasure_word *word, void *context),
	void *context, struct err *err);
bool sqlite_drop_erasure_words(
	struct store_writer *store, int64_t erasure, struct err *err);
bool sqlite_plan_erased(struct store_writer *store, int64_t erasure,
	int64_t answer, struct err *err);
bool sqlite_each_erased(struct store_writer *store, int64_t erasure,
	int64_t after, int n,
	void (*on_answer)(int64_t answer, int64_t erased_ms, void *context),
	void *context, struct err *err);
bool sqlite_erase_answer(struct store_writer *store, int64_t answer,
	const char *mark, bool verdicts, int64_t now_ms,
	struct erased_counts *counts, struct err *err);
bool sqlite_erase_deliveries(struct store_writer *store, int64_t answer,
	int64_t now_ms, struct erased_counts *counts, int64_t *in_flight,
	struct err *err);
bool sqlite_each_left(struct store_writer *store, int64_t answer,
	void (*on_left)(const char *action, void *context), void *context,
	struct err *err);
bool sqlite_read_words(struct store_writer *store, enum store_words what,
	int64_t upto, int64_t *row, bool *more,
	void (*on_words)(const struct words_row *words, void *context),
	void *context, struct err *err);
bool sqlite_erase_words(struct store_writer *store, enum store_words what,
	int64_t row, int64_t now_ms, struct err *err);
bool sqlite_drop_storms(
	struct store_writer *store, const char *recipient, struct err *err);
bool sqlite_count_in_flight(struct store_writer *store, int64_t answer,
	int64_t *count, struct err *err) must_check;
bool sqlite_read_file(struct store_writer *store, int64_t offset, void *bytes,
	size_t room, size_t *length, struct err *err);

/* sqlite_silences.c */
bool sqlite_put_silence(struct store_writer *store, struct silence_row *silence,
	struct err *err);
enum store_found sqlite_get_silence(struct store_writer *store, int64_t row,
	on_silence_fn on_found, void *context, struct err *err);
bool sqlite_end_silence(struct store_writer *store, int64_t row,
	int64_t ended_ms, const char *by, bool *changed, struct err *err);
bool sqlite_each_silence(struct store_writer *store, on_silence_fn on_one,
	void *context, struct err *err);
bool sqlite_count_silenced(
	struct store_writer *store, int64_t row, struct err *err);
bool sqlite_purge_silences(struct store_writer *store, int64_t before_ms,
	int limit, int *removed, struct err *err);

/* sqlite_follow_ups.c */
bool sqlite_put_follow_up(struct store_writer *store,
	struct follow_up *follow_up, struct err *err);
enum store_found sqlite_get_follow_up(struct store_writer *store, int64_t row,
	on_follow_up_fn on_found, void *context, struct err *err);
enum store_found sqlite_find_follow_up(struct store_writer *store,
	const char *scope, on_follow_up_fn on_found, void *context,
	struct err *err);
enum store_found sqlite_find_follow_up_of(struct store_writer *store,
	int64_t answer, on_follow_up_fn on_found, void *context,
	struct err *err);
bool sqlite_change_follow_up(struct store_writer *store,
	const struct follow_up *follow_up, struct err *err);
bool sqlite_put_follow_up_event(struct store_writer *store,
	struct follow_up_event *event, struct err *err);
bool sqlite_each_follow_up_event(struct store_writer *store, int64_t follow_up,
	on_follow_up_event_fn on_event, void *context, struct err *err);
bool sqlite_each_due_follow_up(struct store_writer *store, int64_t now_ms,
	int n, on_follow_up_fn on_due, void *context, struct err *err);
bool sqlite_next_due_follow_up(
	struct store_writer *store, int64_t *due_ms, struct err *err);
bool sqlite_each_follow_up(struct store_writer *store, int64_t after, int n,
	on_follow_up_fn on_one, void *context, struct err *err);
bool sqlite_take_turn(struct store_writer *store, const char *rule,
	int64_t *turn, struct err *err);
bool sqlite_count_follow_ups(struct store_reader *reader, int64_t now_ms,
	struct follow_up_counts *counts, struct err *err);

/* Adds "events" to a follow-up's object. */
bool sqlite_add_events(struct sql *sql, int64_t follow_up, json_t *object,
	struct err *err) must_check;
/* The follow-ups that an answer opened or was folded into, with events; NULL:
 * see err. New. */
json_t *sqlite_read_follow_ups_of(
	struct sql *sql, int64_t answer, struct err *err) must_check;

/* sqlite_reader.c */
struct store_reader *sqlite_reader_open(const char *path,
	const struct store_settings *settings, struct err *err);
void sqlite_reader_close(struct store_reader *reader);
bool sqlite_reader_is_broken(const struct store_reader *reader);
json_t *sqlite_explain(
	struct store_reader *reader, int64_t row, struct err *err);
bool sqlite_each_customer_answer(struct store_reader *reader, int64_t *row,
	bool *more,
	void (*on_answer)(const struct customer_answer *answer, void *context),
	void *context, struct err *err);
bool sqlite_read_counts(struct store_reader *reader, enum bucket_width width,
	int64_t after, int64_t upto,
	void (*on_count)(const char *survey, const char *segment,
		const char *value, const struct counts *counts, void *context),
	void *context, struct err *err);
int64_t sqlite_row_of(struct store_reader *reader, const char *survey,
	const char *id, struct err *err);
bool sqlite_backlog(struct store_reader *reader,
	void (*on_action)(const char *action, int64_t waiting, int64_t dead,
		int64_t oldest_ms, void *context),
	void *context, struct err *err);
bool sqlite_recount(struct store_reader *reader, enum bucket_width width,
	int64_t after, int64_t upto,
	void (*on_survey)(
		const char *survey, const struct counts *counts, void *context),
	void *context, struct err *err);
/* Adds "body" and "attempts" to a delivery's object. */
bool sqlite_add_detail(struct store_reader *reader, int64_t delivery,
	json_t *object, struct err *err) must_check;

/* sqlite_lists.c */
json_t *sqlite_list_rows(struct store_reader *reader, enum store_list list,
	const struct store_filter *filter, int64_t *next, struct err *err);

#endif
