/*
 * memory_kind - the memory kind of store, whose verbs stand in several files:
 * store_memory.c opens and commits; memory_answers.c, memory_deliveries.c and
 * memory_counts.c write; memory_reader.c reads. Tables and the log of changes
 * are memory_tables.h's.
 */
#ifndef NPSD_STORE_MEMORY_KIND_H
#define NPSD_STORE_MEMORY_KIND_H

#include "store/memory_tables.h"

static inline struct memory_store *
memory_of(struct store_writer *store)
{
	return (struct memory_store *)store;
}

/* memory_rows.c: all by row number or index; NULL: removed, or none such. */
struct answer_row *memory_answer_at(
	const struct memory_store *store, size_t index);
struct delivery_row *memory_delivery_at(
	const struct memory_store *store, size_t index);
struct delivery_row *memory_find_delivery(
	const struct memory_store *store, int64_t row);
/* Puts a copy where its row says. */
void memory_put_answer_at(
	struct memory_store *store, const struct answer_row *answer);
void memory_put_delivery_at(
	struct memory_store *store, const struct delivery_row *delivery);
struct kept_answer *memory_copy_answer(const struct answer_row *from);
/* What writes does so in a transaction, as the other kinds demand. */
bool memory_may_write(
	const struct memory_store *store, struct err *err) must_check;

/* A reader waits for the end of a transaction. */
struct memory_store *memory_lock(struct store_reader *reader);
void memory_unlock(struct memory_store *store);

/* memory_answers.c */
enum store_found memory_find_answer(struct store_writer *store,
	enum response_kind kind, const char *survey, const char *id,
	void (*on_found)(const struct answer_row *answer, void *context),
	void *context, struct err *err);
enum store_found memory_get_answer(struct store_writer *store, int64_t row,
	void (*on_found)(const struct answer_row *answer, void *context),
	void *context, struct err *err);
bool memory_first_arrival(struct store_writer *store, int64_t row,
	int64_t *arrived_ms, struct err *err);
enum store_found memory_find_previous(struct store_writer *store,
	const char *survey, const char *customer, int64_t before_ms,
	int64_t except, struct previous *previous, struct err *err);
bool memory_put_answer(
	struct store_writer *store, struct answer_row *answer, struct err *err);
bool memory_amend_answer(struct store_writer *store,
	const struct answer_row *answer, struct err *err);
bool memory_put_rejected(struct store_writer *store,
	struct rejected_row *rejected, struct err *err);
bool memory_purge_answers(struct store_writer *store, int64_t before_ms,
	int limit, int *removed, struct err *err);
bool memory_purge_rejected(struct store_writer *store, int64_t before_ms,
	int limit, int *removed, struct err *err);

/* memory_counts.c */
bool memory_put_slot(struct store_writer *store, int64_t id, const char *survey,
	const char *segment, const char *value, struct err *err);
bool memory_each_slot(struct store_writer *store,
	void (*on_slot)(int64_t id, const char *survey, const char *segment,
		const char *value, void *context),
	void *context, struct err *err);
bool memory_add_counts(struct store_writer *store,
	const struct count_change *changes, size_t count, struct err *err);
bool memory_sum_buckets(struct store_writer *store, enum bucket_width width,
	int64_t after, int64_t upto,
	void (*on_sum)(
		int64_t slot, const struct counts *counts, void *context),
	void *context, struct err *err);
bool memory_prune_buckets(struct store_writer *store, enum bucket_width width,
	int64_t before, int limit, int *removed, struct err *err);
bool memory_put_place(struct store_writer *store, const char *source,
	const char *key, const char *place, struct err *err);
bool memory_each_place(struct store_writer *store, const char *source,
	void (*on_place)(const char *key, const char *place, void *context),
	void *context, struct err *err);

/* memory_deliveries.c */
/* When a delivery may be claimed; INT64_MAX: never. */
int64_t memory_due_of(const struct delivery_row *delivery);
bool memory_each_alert(struct store_writer *store, int64_t answer,
	void (*on_alert)(const struct delivery_row *delivery, void *context),
	void *context, struct err *err);
bool memory_put_delivery(struct store_writer *store,
	struct delivery_row *delivery, struct err *err);
bool memory_change_delivery(struct store_writer *store,
	const struct delivery_row *delivery, struct err *err);
bool memory_claim(struct store_writer *store, const char *node,
	int64_t lease_ms, const char *action, int64_t now_ms, int n,
	void (*on_claimed)(const struct delivery_row *delivery, void *context),
	void *context, int64_t *next_due_ms, struct err *err);
bool memory_set_body(struct store_writer *store, int64_t delivery,
	const char *body, size_t length, struct err *err);
bool memory_renew(struct store_writer *store, const char *node,
	const char *action, int64_t until_ms, struct err *err);
bool memory_reclaim(struct store_writer *store, const char *node,
	int64_t now_ms, struct err *err);
bool memory_settle(struct store_writer *store,
	const struct settlement *settlement, bool *held, struct err *err);
bool memory_retry(struct store_writer *store, int64_t delivery, int64_t now_ms,
	bool *changed, struct err *err);
bool memory_next_due(struct store_writer *store, const char *action,
	int64_t *due_ms, struct err *err);

/* memory_sweep.c */
bool memory_choose_deliveries(struct store_writer *store,
	const struct delivery_choice *choice, int64_t upto, int64_t *row,
	int64_t *rows, int *count, bool *more, struct err *err);
bool memory_cancel(struct store_writer *store, int64_t delivery, int64_t now_ms,
	const char *reason, bool *changed, struct err *err);
bool memory_count_deliveries(struct store_writer *store, const char *action,
	int64_t *waiting, int64_t *dead, struct err *err);
bool memory_shift_due(
	struct store_writer *store, int64_t by_ms, struct err *err);
bool memory_hasten(struct store_writer *store, const char *action,
	int64_t upto_ms, int64_t now_ms, struct err *err);
bool memory_purge_deliveries(struct store_writer *store, int64_t before_ms,
	int limit, int *removed, struct err *err);

/* memory_lanes.c */
bool memory_put_lane(struct store_writer *store, const struct lane_row *lane,
	struct err *err);
bool memory_each_lane(struct store_writer *store,
	void (*on_lane)(const struct lane_row *lane, void *context),
	void *context, struct err *err);
bool memory_put_watch(struct store_writer *store, const struct watch_row *row,
	struct err *err);
bool memory_each_watch(struct store_writer *store,
	void (*on_watch)(const struct watch_row *row, void *context),
	void *context, struct err *err);

/* memory_cooldown.c */
enum store_found memory_find_cooldown(struct store_writer *store,
	struct cooldown_row *cooldown, struct err *err);
bool memory_put_cooldown(struct store_writer *store,
	const struct cooldown_row *cooldown, struct err *err);
bool memory_put_suppressed(struct store_writer *store, int64_t by,
	int64_t answer, struct err *err);
bool memory_each_cooldown_of(struct store_writer *store, int64_t answer,
	void (*on_rule)(const char *rule, void *context), void *context,
	struct err *err);
bool memory_end_cooldown(struct store_writer *store, int64_t answer,
	const char *rule, struct err *err);
bool memory_take_suppressed(struct store_writer *store, int64_t by,
	void (*on_answer)(int64_t row, void *context), void *context,
	struct err *err);
bool memory_answer_of(struct store_writer *store, int64_t delivery,
	int64_t *answer, struct err *err);
bool memory_set_verdicts(struct store_writer *store, int64_t answer,
	const char *verdicts, const char *rules_hash, struct err *err);
/* memory_replays.c */
bool memory_choose_answers(struct store_writer *store,
	const struct answer_choice *choice, int64_t upto, int64_t *row,
	int64_t *rows, int limit, int *count, bool *more, struct err *err);
bool memory_last_answer(
	struct store_writer *store, int64_t *row, struct err *err);
bool memory_put_replayed(struct store_writer *store,
	const struct replayed_row *row, struct err *err);
/* Adds "replayed", or null. */
void memory_add_replayed(const struct memory_store *store,
	const struct answer_row *answer, json_t *object);
/* Those that began with an answer that is forgotten. */
void memory_drop_cooldowns(struct memory_store *store, int64_t answer);

/* memory_erasures.c, memory_erase.c */
bool memory_put_erasure(struct store_writer *store, struct erasure_row *erasure,
	struct err *err);
bool memory_change_erasure(struct store_writer *store,
	const struct erasure_row *erasure, struct err *err);
enum store_found memory_next_erasure(struct store_writer *store, int64_t after,
	on_erasure_fn on_found, void *context, struct err *err);
bool memory_put_erasure_word(struct store_writer *store, int64_t erasure,
	const struct erasure_word *word, struct err *err);
bool memory_each_erasure_word(struct store_writer *store, int64_t erasure,
	void (*on_word)(const struct erasure_word *word, void *context),
	void *context, struct err *err);
bool memory_drop_erasure_words(
	struct store_writer *store, int64_t erasure, struct err *err);
bool memory_plan_erased(struct store_writer *store, int64_t erasure,
	int64_t answer, struct err *err);
bool memory_each_erased(struct store_writer *store, int64_t erasure,
	int64_t after, int n,
	void (*on_answer)(int64_t answer, int64_t erased_ms, void *context),
	void *context, struct err *err);
bool memory_erase_answer(struct store_writer *store, int64_t answer,
	const char *mark, bool verdicts, int64_t now_ms,
	struct erased_counts *counts, struct err *err);
bool memory_erase_deliveries(struct store_writer *store, int64_t answer,
	int64_t now_ms, struct erased_counts *counts, int64_t *in_flight,
	struct err *err);
bool memory_each_left(struct store_writer *store, int64_t answer,
	void (*on_left)(const char *action, void *context), void *context,
	struct err *err);
bool memory_read_words(struct store_writer *store, enum store_words what,
	int64_t upto, int64_t *row, bool *more,
	void (*on_words)(const struct words_row *words, void *context),
	void *context, struct err *err);
bool memory_erase_words(struct store_writer *store, enum store_words what,
	int64_t row, int64_t now_ms, struct err *err);
bool memory_drop_storms(
	struct store_writer *store, const char *recipient, struct err *err);
bool memory_count_in_flight(struct store_writer *store, int64_t answer,
	int64_t *count, struct err *err) must_check;
bool memory_read_file(struct store_writer *store, int64_t offset, void *bytes,
	size_t room, size_t *length, struct err *err);

json_t *memory_list_erasure(const struct memory_store *store, size_t index,
	const struct store_filter *filter);
/* When an answer was erased; 0: it was not, -1: nobody took it in. */
int64_t memory_erased_ms(const struct memory_store *store, int64_t answer);
/* memory_follow_ups.c: of an answer that is erased. */
void memory_erase_follow_ups(struct memory_store *store, int64_t answer,
	const char *mark, int64_t now_ms, struct erased_counts *counts);
/* Notes of a follow-up, and reasons that came from elsewhere. Returns how
 * many. */
int64_t memory_erase_notes(struct memory_store *store, int64_t follow_up);
void memory_erase_silence(
	struct memory_store *store, int64_t row, int64_t now_ms);
void memory_drop_storms_of(struct memory_store *store, const char *recipient);
void memory_keep_known(
	struct memory_store *store, const struct answer_row *answer);

/* memory_silences.c */
bool memory_put_silence(struct store_writer *store, struct silence_row *silence,
	struct err *err);
enum store_found memory_get_silence(struct store_writer *store, int64_t row,
	on_silence_fn on_found, void *context, struct err *err);
bool memory_end_silence(struct store_writer *store, int64_t row,
	int64_t ended_ms, const char *by, bool *changed, struct err *err);
bool memory_each_silence(struct store_writer *store, on_silence_fn on_one,
	void *context, struct err *err);
bool memory_count_silenced(
	struct store_writer *store, int64_t row, struct err *err);
bool memory_purge_silences(struct store_writer *store, int64_t before_ms,
	int limit, int *removed, struct err *err);
json_t *memory_list_silence(const struct memory_store *store, size_t index,
	const struct store_filter *filter);

/* memory_storm.c */
enum store_found memory_find_storm(
	struct store_writer *store, struct storm_row *storm, struct err *err);
bool memory_put_storm(struct store_writer *store, const struct storm_row *storm,
	struct err *err);
bool memory_prune_storms(struct store_writer *store, int64_t before_ms,
	int limit, int *removed, struct err *err);
bool memory_put_folded(struct store_writer *store, int64_t delivery,
	int64_t message, struct err *err);
bool memory_put_off(struct store_writer *store, int64_t delivery,
	int64_t due_ms, struct err *err);
bool memory_each_folded(struct store_writer *store, int64_t message,
	int64_t after, int n,
	void (*on_folded)(const struct folded_row *folded, void *context),
	void *context, struct err *err);
bool memory_count_folded(struct store_writer *store, int64_t message,
	int64_t *count, struct err *err);
bool memory_message_of(struct store_writer *store, int64_t delivery,
	int64_t *message, struct err *err);
bool memory_count_storms(struct store_reader *reader,
	void (*on_action)(const char *action, int64_t folded, void *context),
	void *context, struct err *err);

void memory_shift_storms(struct memory_store *store, int64_t by_ms);
/* Of an answer that is forgotten. */
void memory_drop_folded(struct memory_store *store, int64_t answer);
/* Whether anything that is kept ever was. */
bool memory_is_folded_into(const struct memory_store *store, int64_t message);
/* Adds "storm" to an alert's object, "folded" to a message's. */
void memory_add_storm(const struct memory_store *store,
	const struct delivery_row *delivery, json_t *object);

/* memory_follow_ups.c */
bool memory_put_follow_up(struct store_writer *store,
	struct follow_up *follow_up, struct err *err);
enum store_found memory_get_follow_up(struct store_writer *store, int64_t row,
	on_follow_up_fn on_found, void *context, struct err *err);
enum store_found memory_find_follow_up(struct store_writer *store,
	const char *scope, on_follow_up_fn on_found, void *context,
	struct err *err);
enum store_found memory_find_follow_up_of(struct store_writer *store,
	int64_t answer, on_follow_up_fn on_found, void *context,
	struct err *err);
bool memory_change_follow_up(struct store_writer *store,
	const struct follow_up *follow_up, struct err *err);
bool memory_put_follow_up_event(struct store_writer *store,
	struct follow_up_event *event, struct err *err);
bool memory_each_follow_up_event(struct store_writer *store, int64_t follow_up,
	on_follow_up_event_fn on_event, void *context, struct err *err);
bool memory_each_due_follow_up(struct store_writer *store, int64_t now_ms,
	int n, on_follow_up_fn on_due, void *context, struct err *err);
bool memory_next_due_follow_up(
	struct store_writer *store, int64_t *due_ms, struct err *err);
bool memory_each_follow_up(struct store_writer *store, int64_t after, int n,
	on_follow_up_fn on_one, void *context, struct err *err);
bool memory_take_turn(struct store_writer *store, const char *rule,
	int64_t *turn, struct err *err);
bool memory_count_follow_ups(struct store_reader *reader, int64_t now_ms,
	struct follow_up_counts *counts, struct err *err);

/* Adds "events" to a follow-up's object. */
void memory_add_events(
	const struct memory_store *store, int64_t follow_up, json_t *object);
/* As memory_kind's reader needs them. */
json_t *memory_list_follow_up(const struct memory_store *store, size_t index,
	const struct store_filter *filter);
json_t *memory_follow_ups_of(const struct memory_store *store, int64_t answer);
bool memory_has_unfinished(const struct memory_store *store, int64_t answer);
void memory_drop_follow_ups(struct memory_store *store, int64_t answer);

/* memory_reader.c */
json_t *memory_list_rows(struct store_reader *reader, enum store_list list,
	const struct store_filter *filter, int64_t *next, struct err *err);
json_t *memory_explain(
	struct store_reader *reader, int64_t row, struct err *err);
bool memory_each_customer_answer(struct store_reader *reader, int64_t *row,
	bool *more,
	void (*on_answer)(const struct customer_answer *answer, void *context),
	void *context, struct err *err);
bool memory_read_counts(struct store_reader *reader, enum bucket_width width,
	int64_t after, int64_t upto,
	void (*on_count)(const char *survey, const char *segment,
		const char *value, const struct counts *counts, void *context),
	void *context, struct err *err);
int64_t memory_row_of(struct store_reader *reader, const char *survey,
	const char *id, struct err *err);
bool memory_backlog(struct store_reader *reader,
	void (*on_action)(const char *action, int64_t waiting, int64_t dead,
		int64_t oldest_ms, void *context),
	void *context, struct err *err);
bool memory_recount(struct store_reader *reader, enum bucket_width width,
	int64_t after, int64_t upto,
	void (*on_survey)(
		const char *survey, const struct counts *counts, void *context),
	void *context, struct err *err);

#endif
