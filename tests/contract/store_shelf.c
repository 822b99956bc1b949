/*
 * store_shelf - what the store's tests share.
 */
#include "store_shelf.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/memory.h"

const char *const store_kind_names[STORE_KINDS] = {"sqlite", "memory"};
const struct store_filter shelf_any = {.category = -1, .state = -1};

/* ---- open and close ---- */

static void
open_both(struct shelf *shelf)
{
	struct err err = {""};

	shelf->settings.writer = NULL;
	shelf->store = store_open(&shelf->settings, &err);
	cr_assert_not_null(shelf->store, "%s: %s", shelf->where, err.text);
	shelf->settings.writer = shelf->store;
	shelf->reader = store_reader_open(&shelf->settings, &err);
	cr_assert_not_null(shelf->reader, "%s: %s", shelf->where, err.text);
}

void
shelf_open(struct shelf *shelf, const char *kind)
{
	bool is_sqlite = strcmp(kind, "sqlite") == 0;

	*shelf = (struct shelf){.kind = kind};
	snprintf(shelf->folder, sizeof(shelf->folder), "%s",
		"/tmp/npsd-store-XXXXXX");
	cr_assert_not_null(mkdtemp(shelf->folder), "a folder");
	snprintf(shelf->path, sizeof(shelf->path), "%s/npsd.db", shelf->folder);
	snprintf(shelf->where, sizeof(shelf->where), "%s:%s", kind,
		is_sqlite ? shelf->path : "");
	shelf->settings.where = shelf->where;
	shelf->settings.node = "n1";
	open_both(shelf);
}

static void
close_both(struct shelf *shelf)
{
	store_reader_close(shelf->reader);
	store_close(shelf->store);
	shelf->reader = NULL;
	shelf->store = NULL;
}

void
shelf_reopen(struct shelf *shelf)
{
	if (strcmp(shelf->kind, "memory") == 0)
		return;
	close_both(shelf);
	open_both(shelf);
}

void
shelf_close(struct shelf *shelf)
{
	close_both(shelf);
	DIR *folder = opendir(shelf->folder);

	for (struct dirent *entry; folder && (entry = readdir(folder));)
		unlinkat(dirfd(folder), entry->d_name, 0);
	closedir(folder);
	cr_assert_eq(rmdir(shelf->folder), 0, "nothing strange is left");
}

void
shelf_begin(struct shelf *shelf)
{
	struct err err = {""};

	cr_assert(store_begin(shelf->store, &err), "%s: begin: %s", shelf->kind,
		err.text);
}

void
shelf_commit(struct shelf *shelf)
{
	struct err err = {""};

	cr_assert(store_commit(shelf->store, &err), "%s: commit: %s",
		shelf->kind, err.text);
}

/* ---- filling ---- */

struct answer_row
shelf_answer(
	const char *id, int score, int64_t answered_ms, const char *customer)
{
	static const char content[] = "{\"comment\":\"gr\xC3\xBC\xC3\x9F\"}";

	return (struct answer_row){
		.kind = score < 0 ? RESPONSE_INVITATION : RESPONSE_ANSWER,
		.survey = "s",
		.id = id,
		.source = "spool",
		.score = score,
		.category = score < 0 ? CATEGORY_DETRACTOR : category_of(score),
		.answered_ms = answered_ms,
		.arrived_ms = answered_ms + 1000,
		.customer = customer,
		.slots = {2, {1, 300}},
		.verdicts = "[{\"rule\":\"r\",\"verdict\":\"fired\"}]",
		.rules_hash = "0123456789abcdef",
		.content = content,
		.content_length = sizeof(content) - 1};
}

int64_t
shelf_put(struct shelf *shelf, const char *id, int score, int64_t answered_ms,
	const char *customer)
{
	struct answer_row answer =
		shelf_answer(id, score, answered_ms, customer);
	struct seen seen = {0};
	struct err err = {""};

	/* As whoever puts one does. */
	cr_assert_neq(store_find_answer(shelf->store, answer.kind,
			      answer.survey, id, on_found, &seen, &err),
		STORE_ERROR, "%s: %s: %s", shelf->kind, id, err.text);
	cr_assert(store_put_answer(shelf->store, &answer, &err), "%s: %s: %s",
		shelf->kind, id, err.text);
	return answer.row;
}

struct delivery_row
shelf_delivery(int number, const char *action, int64_t answer, int64_t due_ms,
	char id[DELIVERY_ID_BYTES])
{
	snprintf(id, DELIVERY_ID_BYTES, "%08d-0000-5000-8000-00000000abcd",
		number);
	return (struct delivery_row){.id = id,
		.cause = answer ? "alert" : "drill",
		.answer = answer,
		.rule = "r",
		.action = action,
		.recipient = "",
		.state = DELIVERY_PENDING,
		.created_ms = ANSWERED_MS + number,
		.due_ms = due_ms,
		.body = "body",
		.body_length = 4};
}

void
shelf_count(struct shelf *at, int64_t slot, enum bucket_width width,
	int64_t bucket, const struct counts *delta)
{
	struct shelf shelf = *at;
	struct count_change change = {width, bucket, slot, *delta};

	GOOD(store_add_counts(shelf.store, &change, 1, &err));
}

int64_t
shelf_put_delivery(struct shelf *shelf, int number, const char *action,
	int64_t answer, int64_t due_ms)
{
	char id[DELIVERY_ID_BYTES];
	struct delivery_row delivery =
		shelf_delivery(number, action, answer, due_ms, id);
	struct err err = {""};

	cr_assert(store_put_delivery(shelf->store, &delivery, &err),
		"%s: delivery %d: %s", shelf->kind, number, err.text);
	return delivery.row;
}

void
put_of_survey(struct shelf *at, const char *survey, const char *id, int score,
	int64_t answered_ms)
{
	struct shelf shelf = *at;
	struct answer_row a = shelf_answer(id, score, answered_ms, "anna");

	a.survey = survey;
	GOOD(store_put_answer(shelf.store, &a, &err));
}

/* ---- claiming and settling ---- */

struct claims {
	int64_t *rows;
	int count;
	enum delivery_state told;
};

static void
on_claimed(const struct delivery_row *delivery, void *context)
{
	struct claims *claims = context;

	cr_assert(delivery->state == DELIVERY_PENDING ||
			  delivery->state == DELIVERY_CLAIMED ||
			  delivery->state == DELIVERY_RETRYING,
		"as it stood");
	cr_assert(delivery->was_claimed || delivery->state == DELIVERY_PENDING,
		"as it stood");
	claims->told = delivery->state;
	if (claims->rows)
		claims->rows[claims->count] = delivery->row;
	claims->count++;
}

int
shelf_claim(struct shelf *shelf, const char *node, const char *action,
	int64_t now_ms, int n, int64_t *rows)
{
	struct claims claims = {rows, 0, DELIVERY_DEAD};
	struct err err = {""};
	int64_t next;

	cr_assert(store_claim(shelf->store, node, 60000, action, now_ms, n,
			  on_claimed, &claims, &next, &err),
		"%s: claim: %s", shelf->kind, err.text);
	shelf->told = claims.told;
	return claims.count;
}

bool
shelf_settle(struct shelf *shelf, int64_t delivery, enum delivery_state state,
	const char *outcome, int status)
{
	bool good = state == DELIVERY_DELIVERED, held;
	struct settlement settlement = {.delivery = delivery,
		.state = state,
		.counts_as_try = strcmp(outcome, "unsent") != 0,
		.at_ms = ANSWERED_MS + 5000,
		.due_ms = ANSWERED_MS + 9000,
		.outcome = outcome,
		.status = status,
		.reason = good ? NULL : "said no"};
	struct err err = {""};

	cr_assert(store_settle(shelf->store, &settlement, &held, &err),
		"%s: settle: %s", shelf->kind, err.text);
	return held;
}

/* ---- telling ---- */

json_t *
shelf_list(struct shelf *shelf, enum store_list list,
	const struct store_filter *filter, int64_t *next)
{
	struct err err = {""};
	int64_t unused;
	json_t *items = store_list_rows(
		shelf->reader, list, filter, next ? next : &unused, &err);

	cr_assert_not_null(
		items, "%s: list %d: %s", shelf->kind, list, err.text);
	return items;
}

json_t *
shelf_find_delivery(struct shelf *shelf, int64_t row)
{
	struct store_filter filter = shelf_any;

	filter.row = row;
	json_t *items = shelf_list(shelf, STORE_DELIVERIES, &filter, NULL);

	cr_assert_eq(json_array_size(items), 1, "%s: delivery %d", shelf->kind,
		(int)row);
	json_t *item = json_incref(json_array_get(items, 0));

	json_decref(items);
	return item;
}

json_t *
shelf_explain(struct shelf *shelf, int64_t row)
{
	struct err err = {""};
	json_t *object = store_explain(shelf->reader, row, &err);

	cr_assert_not_null(
		object, "%s: explain %d: %s", shelf->kind, (int)row, err.text);
	return object;
}

static void
tell_slot(int64_t id, const char *survey, const char *segment,
	const char *value, void *out)
{
	buf_printf(out, "slot %d %s/%s/%s\n", (int)id, survey, segment, value);
}

static void
tell_sum(int64_t slot, const struct counts *counts, void *out)
{
	buf_printf(out, "sum %d: %d %d %d\n", (int)slot, (int)counts->of[0],
		(int)counts->of[1], (int)counts->of[2]);
}

static void
tell_place(const char *key, const char *place, void *out)
{
	buf_printf(out, "place %s: %s\n", key, place);
}

static void
tell_backlog(const char *action, int64_t waiting, int64_t dead,
	int64_t oldest_ms, void *out)
{
	buf_printf(out, "backlog %s: %d %d %lld\n", action, (int)waiting,
		(int)dead, (long long)oldest_ms);
}

static void
tell_survey(const char *survey, const struct counts *counts, void *out)
{
	buf_printf(out, "recount %s: %d %d %d\n", survey, (int)counts->of[0],
		(int)counts->of[1], (int)counts->of[2]);
}

/* Takes item. */
static void
tell_json(json_t *item, struct buf *out)
{
	char *text = json_dumps(item, JSON_SORT_KEYS | JSON_COMPACT);

	buf_append_text(out, text);
	buf_append_char(out, '\n');
	free(text);
	json_decref(item);
}

static void
tell_rows(struct shelf *shelf, struct buf *out)
{
	for (int list = 0; list <= STORE_REJECTED; list++) {
		json_t *items = shelf_list(
			       shelf, (enum store_list)list, &shelf_any, NULL),
		       *item;
		size_t i;

		json_array_foreach(items, i, item)
		{
			int64_t row = atoll(json_string_value(
				json_object_get(item, "row")));

			if (list == STORE_RESPONSES)
				tell_json(shelf_explain(shelf, row), out);
			else if (list == STORE_DELIVERIES)
				tell_json(shelf_find_delivery(shelf, row), out);
			else
				tell_json(json_incref(item), out);
		}
		json_decref(items);
	}
}

static void
tell_lane(const struct lane_row *lane, void *context)
{
	buf_printf(context, "lane %s %d %s\n", lane->action, lane->state,
		lane->reason ? lane->reason : "-");
}

char *
shelf_tell(struct shelf *shelf)
{
	struct buf out = {0};
	bool good;

	tell_rows(shelf, &out);
	good = store_each_slot(shelf->store, tell_slot, &out, NULL) &&
	       store_sum_buckets(shelf->store, BUCKET_HOUR, INT64_MIN,
		       INT64_MAX, tell_sum, &out, NULL) &&
	       store_sum_buckets(shelf->store, BUCKET_MINUTE, INT64_MIN,
		       INT64_MAX, tell_sum, &out, NULL) &&
	       store_each_place(
		       shelf->store, "spool", tell_place, &out, NULL) &&
	       store_each_lane(shelf->store, tell_lane, &out, NULL) &&
	       store_backlog(shelf->reader, tell_backlog, &out, NULL) &&
	       store_recount(shelf->reader, BUCKET_HOUR, INT64_MIN, INT64_MAX,
		       tell_survey, &out, NULL);
	cr_assert(good, "%s: the store tells", shelf->kind);
	return buf_take(&out);
}

/* ---- what several tests ask ---- */

void
on_found(const struct answer_row *answer, void *context)
{
	struct seen *seen = context;

	seen->calls++;
	seen->answer = *answer;
	snprintf(seen->text, sizeof(seen->text), "%s|%s|%s|%s|%s|%s|%s|%.*s",
		answer->survey, answer->id, answer->source,
		answer->customer ? answer->customer : "-",
		answer->account ? answer->account : "-",
		answer->verdicts ? answer->verdicts : "-",
		answer->rules_hash ? answer->rules_hash : "-",
		(int)answer->content_length, answer->content);
}

int
previous_score(struct shelf *shelf, const char *customer, int64_t before_ms)
{
	struct previous previous;

	cr_assert_neq(store_find_previous(shelf->store, "s", customer,
			      before_ms, 0, &previous, NULL),
		STORE_ERROR, "%s", shelf->kind);
	return previous.known ? previous.score : -1;
}

const char *
text_at(json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "null";
}

/* ---- a scene ---- */

void
put_rejected(
	struct shelf *at, const char *bytes, size_t length, int64_t arrived_ms)
{
	struct shelf shelf = *at;
	struct rejected_row rejected = {.source = "spool",
		.place = "f:17",
		.reason = REJECTED_SCORE,
		.pointer = "/score",
		.offset = 9,
		.text = "score: 11 is above 10",
		.arrived_ms = arrived_ms,
		.bytes = bytes,
		.length = length,
		.full_length = (int64_t)length + 5};

	GOOD(store_put_rejected(shelf.store, &rejected, &err));
	cr_assert_gt(rejected.row, 0, "row filled in");
}

struct scene
build_scene(struct shelf *at)
{
	struct shelf shelf = *at;
	struct scene scene;
	struct counts counts = {.of = {1, 2, 3}};
	char id[DELIVERY_ID_BYTES];

	shelf_begin(&shelf);
	scene.old = shelf_put(&shelf, "old", 2, ANSWERED_MS, "anna");
	scene.fresh =
		shelf_put(&shelf, "fresh", 5, ANSWERED_MS + MS_PER_DAY, "anna");
	put_rejected(&shelf, "{\"score\":11}", 12, ANSWERED_MS);
	GOOD(store_put_slot(shelf.store, 1, "s", "", "", &err));
	shelf_count(&shelf, 1, BUCKET_MINUTE, 100, &counts);
	shelf_count(&shelf, 1, BUCKET_HOUR, 5, &counts);
	GOOD(store_put_place(shelf.store, "spool", "k", "p", &err));
	scene.claimed =
		shelf_put_delivery(&shelf, 1, "crm", scene.fresh, ANSWERED_MS);
	scene.dead = shelf_put_delivery(
		&shelf, 2, "crm", scene.fresh, ANSWERED_MS + 1);
	cr_assert_eq(shelf_claim(&shelf, "n1", "crm", ANSWERED_MS + 2, 9, NULL),
		2, "both");
	shelf_settle(&shelf, scene.dead, DELIVERY_DEAD, "give_up", 422);
	scene.pending = shelf_put_delivery(
		&shelf, 3, "crm", scene.fresh, ANSWERED_MS + 10);
	scene.cancelled = shelf_put_delivery(
		&shelf, 4, "mail", scene.fresh, ANSWERED_MS + 10);
	struct delivery_row cancel = {.row = scene.cancelled,
		.state = DELIVERY_CANCELLED,
		.reason = "amended",
		.settled_ms = ANSWERED_MS + 20};

	GOOD(store_change_delivery(shelf.store, &cancel, &err));
	struct delivery_row bare =
		shelf_delivery(5, "page", scene.fresh, ANSWERED_MS + 10, id);

	bare.body = NULL;
	GOOD(store_put_delivery(shelf.store, &bare, &err));
	scene.unrendered = bare.row;
	shelf_commit(&shelf);
	return scene;
}
