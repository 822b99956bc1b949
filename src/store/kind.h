/*
 * kind - what a kind of store fills in; only files of this room include it.
 * Each function does what the verb of the same name in store.h says.
 */
#ifndef NPSD_STORE_KIND_H
#define NPSD_STORE_KIND_H

#include "store/store.h"
#include "store/store_cooldown.h"
#include "store/store_erasures.h"
#include "store/store_follow_ups.h"
#include "store/store_replays.h"
#include "store/store_silences.h"
#include "store/store_storm.h"

struct store_writer {
	const struct store_kind *kind; /* set by store.c */
	/* the kind's own fields follow in its own struct */
};
struct store_reader {
	const struct store_kind *kind;
};
struct store_backup {
	const struct store_kind *kind; /* set by store.c */
};

struct store_kind {
	const char *scheme; /* "sqlite", "memory": before ':' in `store:` */

	/* path: what stands behind the ':'. */
	struct store_writer *(*open)(const char *path,
		const struct store_settings *settings, struct err *err);
	void (*close)(struct store_writer *store);
	bool (*is_broken)(const struct store_writer *store);

	bool (*begin)(struct store_writer *store, struct err *err);
	void (*touch)(struct store_writer *store);
	bool (*commit)(struct store_writer *store, struct err *err);
	bool (*commit_ahead)(struct store_writer *store, struct err *err);
	bool (*sync)(struct store_writer *store, struct err *err);
	void (*rollback)(struct store_writer *store);
	bool (*savepoint)(struct store_writer *store, struct err *err);
	bool (*keep)(struct store_writer *store, struct err *err);
	void (*undo)(struct store_writer *store);

	enum store_found (*find_answer)(struct store_writer *store,
		enum response_kind kind, const char *survey, const char *id,
		void (*on_found)(
			const struct answer_row *answer, void *context),
		void *context, struct err *err);
	enum store_found (*get_answer)(struct store_writer *store, int64_t row,
		void (*on_found)(
			const struct answer_row *answer, void *context),
		void *context, struct err *err);
	bool (*first_arrival)(struct store_writer *store, int64_t row,
		int64_t *arrived_ms, struct err *err);
	enum store_found (*find_previous)(struct store_writer *store,
		const char *survey, const char *customer, int64_t before_ms,
		int64_t except, struct previous *previous, struct err *err);
	bool (*put_answer)(struct store_writer *store,
		struct answer_row *answer, struct err *err);
	bool (*amend_answer)(struct store_writer *store,
		const struct answer_row *answer, struct err *err);
	bool (*put_rejected)(struct store_writer *store,
		struct rejected_row *rejected, struct err *err);

	bool (*put_slot)(struct store_writer *store, int64_t id,
		const char *survey, const char *segment, const char *value,
		struct err *err);
	bool (*each_slot)(struct store_writer *store,
		void (*on_slot)(int64_t id, const char *survey,
			const char *segment, const char *value, void *context),
		void *context, struct err *err);
	bool (*add_counts)(struct store_writer *store,
		const struct count_change *changes, size_t count,
		struct err *err);
	bool (*sum_buckets)(struct store_writer *store, enum bucket_width width,
		int64_t after, int64_t upto,
		void (*on_sum)(int64_t slot, const struct counts *counts,
			void *context),
		void *context, struct err *err);
	bool (*prune_buckets)(struct store_writer *store,
		enum bucket_width width, int64_t before, int limit,
		int *removed, struct err *err);

	bool (*put_place)(struct store_writer *store, const char *source,
		const char *key, const char *place, struct err *err);
	bool (*each_place)(struct store_writer *store, const char *source,
		void (*on_place)(
			const char *key, const char *place, void *context),
		void *context, struct err *err);

	bool (*each_alert)(struct store_writer *store, int64_t answer,
		void (*on_alert)(
			const struct delivery_row *delivery, void *context),
		void *context, struct err *err);
	bool (*put_delivery)(struct store_writer *store,
		struct delivery_row *delivery, struct err *err);
	bool (*change_delivery)(struct store_writer *store,
		const struct delivery_row *delivery, struct err *err);
	bool (*claim)(struct store_writer *store, const char *node,
		int64_t lease_ms, const char *action, int64_t now_ms, int n,
		void (*on_claimed)(
			const struct delivery_row *delivery, void *context),
		void *context, int64_t *next_due_ms, struct err *err);
	bool (*set_body)(struct store_writer *store, int64_t delivery,
		const char *body, size_t length, struct err *err);
	bool (*renew)(struct store_writer *store, const char *node,
		const char *action, int64_t until_ms, struct err *err);
	bool (*reclaim)(struct store_writer *store, const char *node,
		int64_t now_ms, struct err *err);
	bool (*settle)(struct store_writer *store,
		const struct settlement *settlement, bool *held,
		struct err *err);
	bool (*retry)(struct store_writer *store, int64_t delivery,
		int64_t now_ms, bool *changed, struct err *err);
	bool (*next_due)(struct store_writer *store, const char *action,
		int64_t *due_ms, struct err *err);

	bool (*choose_deliveries)(struct store_writer *store,
		const struct delivery_choice *choice, int64_t upto,
		int64_t *row, int64_t *rows, int *count, bool *more,
		struct err *err);
	bool (*cancel)(struct store_writer *store, int64_t delivery,
		int64_t now_ms, const char *reason, bool *changed,
		struct err *err);
	bool (*count_deliveries)(struct store_writer *store, const char *action,
		int64_t *waiting, int64_t *dead, struct err *err);
	bool (*shift_due)(
		struct store_writer *store, int64_t by_ms, struct err *err);
	bool (*hasten)(struct store_writer *store, const char *action,
		int64_t upto_ms, int64_t now_ms, struct err *err);
	bool (*purge_deliveries)(struct store_writer *store, int64_t before_ms,
		int limit, int *removed, struct err *err);
	bool (*put_lane)(struct store_writer *store,
		const struct lane_row *lane, struct err *err);
	bool (*each_lane)(struct store_writer *store,
		void (*on_lane)(const struct lane_row *lane, void *context),
		void *context, struct err *err);

	bool (*put_follow_up)(struct store_writer *store,
		struct follow_up *follow_up, struct err *err);
	enum store_found (*get_follow_up)(struct store_writer *store,
		int64_t row, on_follow_up_fn on_found, void *context,
		struct err *err);
	enum store_found (*find_follow_up)(struct store_writer *store,
		const char *scope, on_follow_up_fn on_found, void *context,
		struct err *err);
	enum store_found (*find_follow_up_of)(struct store_writer *store,
		int64_t answer, on_follow_up_fn on_found, void *context,
		struct err *err);
	bool (*change_follow_up)(struct store_writer *store,
		const struct follow_up *follow_up, struct err *err);
	bool (*put_follow_up_event)(struct store_writer *store,
		struct follow_up_event *event, struct err *err);
	bool (*each_follow_up_event)(struct store_writer *store,
		int64_t follow_up, on_follow_up_event_fn on_event,
		void *context, struct err *err);
	bool (*each_due_follow_up)(struct store_writer *store, int64_t now_ms,
		int n, on_follow_up_fn on_due, void *context, struct err *err);
	bool (*next_due_follow_up)(
		struct store_writer *store, int64_t *due_ms, struct err *err);
	bool (*each_follow_up)(struct store_writer *store, int64_t after, int n,
		on_follow_up_fn on_one, void *context, struct err *err);
	bool (*take_turn)(struct store_writer *store, const char *rule,
		int64_t *turn, struct err *err);
	enum store_found (*find_cooldown)(struct store_writer *store,
		struct cooldown_row *cooldown, struct err *err);
	bool (*put_cooldown)(struct store_writer *store,
		const struct cooldown_row *cooldown, struct err *err);
	bool (*put_suppressed)(struct store_writer *store, int64_t by,
		int64_t answer, struct err *err);
	bool (*each_cooldown_of)(struct store_writer *store, int64_t answer,
		void (*on_rule)(const char *rule, void *context), void *context,
		struct err *err);
	bool (*end_cooldown)(struct store_writer *store, int64_t answer,
		const char *rule, struct err *err);
	bool (*take_suppressed)(struct store_writer *store, int64_t by,
		void (*on_answer)(int64_t row, void *context), void *context,
		struct err *err);
	bool (*answer_of)(struct store_writer *store, int64_t delivery,
		int64_t *answer, struct err *err);
	bool (*set_verdicts)(struct store_writer *store, int64_t answer,
		const char *verdicts, const char *rules_hash, struct err *err);
	bool (*choose_answers)(struct store_writer *store,
		const struct answer_choice *choice, int64_t upto, int64_t *row,
		int64_t *rows, int limit, int *count, bool *more,
		struct err *err);
	bool (*last_answer)(
		struct store_writer *store, int64_t *row, struct err *err);
	bool (*put_replayed)(struct store_writer *store,
		const struct replayed_row *row, struct err *err);
	bool (*link_key)(struct store_writer *store,
		uint8_t key[LINK_KEY_BYTES], struct err *err);
	bool (*put_silence)(struct store_writer *store,
		struct silence_row *silence, struct err *err);
	enum store_found (*get_silence)(struct store_writer *store, int64_t row,
		on_silence_fn on_found, void *context, struct err *err);
	bool (*end_silence)(struct store_writer *store, int64_t row,
		int64_t ended_ms, const char *by, bool *changed,
		struct err *err);
	bool (*each_silence)(struct store_writer *store, on_silence_fn on_one,
		void *context, struct err *err);
	bool (*count_silenced)(
		struct store_writer *store, int64_t row, struct err *err);
	bool (*purge_silences)(struct store_writer *store, int64_t before_ms,
		int limit, int *removed, struct err *err);
	enum store_found (*find_storm)(struct store_writer *store,
		struct storm_row *storm, struct err *err);
	bool (*put_storm)(struct store_writer *store,
		const struct storm_row *storm, struct err *err);
	bool (*prune_storms)(struct store_writer *store, int64_t before_ms,
		int limit, int *removed, struct err *err);
	bool (*put_folded)(struct store_writer *store, int64_t delivery,
		int64_t message, struct err *err);
	bool (*put_off)(struct store_writer *store, int64_t delivery,
		int64_t due_ms, struct err *err);
	bool (*each_folded)(struct store_writer *store, int64_t message,
		int64_t after, int n,
		void (*on_folded)(
			const struct folded_row *folded, void *context),
		void *context, struct err *err);
	bool (*count_folded)(struct store_writer *store, int64_t message,
		int64_t *count, struct err *err);
	bool (*message_of)(struct store_writer *store, int64_t delivery,
		int64_t *message, struct err *err);
	bool (*put_erasure)(struct store_writer *store,
		struct erasure_row *erasure, struct err *err);
	bool (*change_erasure)(struct store_writer *store,
		const struct erasure_row *erasure, struct err *err);
	enum store_found (*next_erasure)(struct store_writer *store,
		int64_t after, on_erasure_fn on_found, void *context,
		struct err *err);
	bool (*put_erasure_word)(struct store_writer *store, int64_t erasure,
		const struct erasure_word *word, struct err *err);
	bool (*each_erasure_word)(struct store_writer *store, int64_t erasure,
		void (*on_word)(const struct erasure_word *word, void *context),
		void *context, struct err *err);
	bool (*drop_erasure_words)(
		struct store_writer *store, int64_t erasure, struct err *err);
	bool (*plan_erased)(struct store_writer *store, int64_t erasure,
		int64_t answer, struct err *err);
	bool (*each_erased)(struct store_writer *store, int64_t erasure,
		int64_t after, int n,
		void (*on_answer)(
			int64_t answer, int64_t erased_ms, void *context),
		void *context, struct err *err);
	bool (*erase_answer)(struct store_writer *store, int64_t answer,
		const char *mark, bool verdicts, int64_t now_ms,
		struct erased_counts *counts, struct err *err);
	bool (*erase_deliveries)(struct store_writer *store, int64_t answer,
		int64_t now_ms, struct erased_counts *counts,
		int64_t *in_flight, struct err *err);
	bool (*each_left)(struct store_writer *store, int64_t answer,
		void (*on_left)(const char *action, void *context),
		void *context, struct err *err);
	bool (*read_words)(struct store_writer *store, enum store_words what,
		int64_t upto, int64_t *row, bool *more,
		void (*on_words)(const struct words_row *words, void *context),
		void *context, struct err *err);
	bool (*erase_words)(struct store_writer *store, enum store_words what,
		int64_t row, int64_t now_ms, struct err *err);
	bool (*drop_storms)(struct store_writer *store, const char *recipient,
		struct err *err);
	bool (*count_in_flight)(struct store_writer *store, int64_t answer,
		int64_t *count, struct err *err);
	bool (*read_file)(struct store_writer *store, int64_t offset,
		void *bytes, size_t room, size_t *length, struct err *err);
	bool (*put_watch)(struct store_writer *store,
		const struct watch_row *row, struct err *err);
	bool (*each_watch)(struct store_writer *store,
		void (*on_watch)(const struct watch_row *row, void *context),
		void *context, struct err *err);

	bool (*purge_answers)(struct store_writer *store, int64_t before_ms,
		int limit, int *removed, struct err *err);
	bool (*purge_rejected)(struct store_writer *store, int64_t before_ms,
		int limit, int *removed, struct err *err);
	bool (*checkpoint)(
		struct store_writer *store, bool truncate, struct err *err);

	void (*watch)(
		const struct store_writer *store, struct store_watch *watch);
	/* The following five are NULL where there is no file. */
	struct store_backup *(*backup_start)(struct store_writer *store,
		const char *path, bool replace, int64_t now_ms,
		struct err *err);
	bool (*backup_copy)(struct store_backup *backup, int pages,
		int64_t *left, int64_t *total, struct err *err);
	bool (*backup_end)(struct store_backup *backup, const atomic_bool *stop,
		struct store_books *books, struct err *err);
	void (*backup_free)(struct store_backup *backup);
	bool (*restore)(const char *path, const char *from,
		struct store_restored *restored, struct err *err);

	struct store_reader *(*reader_open)(const char *path,
		const struct store_settings *settings, struct err *err);
	void (*reader_close)(struct store_reader *reader);
	bool (*reader_is_broken)(
		const struct store_reader *reader); /* or NULL */
	json_t *(*list_rows)(struct store_reader *reader, enum store_list list,
		const struct store_filter *filter, int64_t *next,
		struct err *err);
	json_t *(*explain)(
		struct store_reader *reader, int64_t row, struct err *err);
	bool (*each_customer_answer)(struct store_reader *reader, int64_t *row,
		bool *more,
		void (*on_answer)(
			const struct customer_answer *answer, void *context),
		void *context, struct err *err);
	bool (*read_counts)(struct store_reader *reader,
		enum bucket_width width, int64_t after, int64_t upto,
		void (*on_count)(const char *survey, const char *segment,
			const char *value, const struct counts *counts,
			void *context),
		void *context, struct err *err);
	int64_t (*row_of)(struct store_reader *reader, const char *survey,
		const char *id, struct err *err);
	bool (*backlog)(struct store_reader *reader,
		void (*on_action)(const char *action, int64_t waiting,
			int64_t dead, int64_t oldest_ms, void *context),
		void *context, struct err *err);
	bool (*recount)(struct store_reader *reader, enum bucket_width width,
		int64_t after, int64_t upto,
		void (*on_survey)(const char *survey,
			const struct counts *counts, void *context),
		void *context, struct err *err);
	bool (*count_follow_ups)(struct store_reader *reader, int64_t now_ms,
		struct follow_up_counts *counts, struct err *err);
	bool (*count_storms)(struct store_reader *reader,
		void (*on_action)(
			const char *action, int64_t folded, void *context),
		void *context, struct err *err);
};

extern const struct store_kind store_sqlite;
extern const struct store_kind store_memory;

#endif
