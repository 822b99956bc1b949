/* What every kind of store can take back: each verb, undone and rolled back. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store_shelf.h"

TestSuite(store_undo, .timeout = 120);

/* ---- everything can be taken back ---- */

typedef void (*doing_fn)(struct shelf shelf, const struct scene *scene);

static void
do_put_answer(struct shelf shelf, const struct scene *scene)
{
	(void)scene;
	shelf_put(&shelf, "new", 9, ANSWERED_MS, "bob");
}

static void
do_put_alert(struct shelf shelf, const struct scene *scene)
{
	(void)scene;
	int64_t row = shelf_put(&shelf, "new", 2, ANSWERED_MS, "bob");

	shelf_put_delivery(&shelf, 77, "crm", row, ANSWERED_MS);
}

static void
do_put_alert_after_change(struct shelf shelf, const struct scene *scene)
{
	do_put_alert(shelf, scene);
	GOOD(store_put_place(shelf.store, "spool", "k", "p2", &err));
	shelf_put(&shelf, "newer", 2, ANSWERED_MS, "bob");
}

static void
do_amend(struct shelf shelf, const struct scene *scene)
{
	struct answer_row a = shelf_answer("fresh", 10, ANSWERED_MS, "bob");

	a.row = scene->fresh;
	a.revision = 1;
	GOOD(store_amend_answer(shelf.store, &a, &err));
}

static void
do_put_rejected(struct shelf shelf, const struct scene *scene)
{
	(void)scene;
	put_rejected(&shelf, "x", 1, ANSWERED_MS);
}

static void
do_put_slot(struct shelf shelf, const struct scene *scene)
{
	(void)scene;
	GOOD(store_put_slot(shelf.store, 2, "s", "region", "NL", &err));
}

static void
do_add_count(struct shelf shelf, const struct scene *scene)
{
	struct counts counts = {.of = {0, -1, 1}};

	(void)scene;
	shelf_count(&shelf, 1, BUCKET_HOUR, 5, &counts);
}

static void
do_prune(struct shelf shelf, const struct scene *scene)
{
	int removed;

	(void)scene;
	GOOD(store_prune_buckets(
		shelf.store, BUCKET_MINUTE, 101, 10, &removed, &err));
	cr_assert_eq(removed, 1, "the minute");
}

static void
do_change_place(struct shelf shelf, const struct scene *scene)
{
	(void)scene;
	GOOD(store_put_place(shelf.store, "spool", "k", "q", &err));
}

static void
do_remove_place(struct shelf shelf, const struct scene *scene)
{
	(void)scene;
	GOOD(store_put_place(shelf.store, "spool", "k", NULL, &err));
}

static void
do_render(struct shelf shelf, const struct scene *scene)
{
	struct delivery_row change = {.row = scene->pending,
		.state = DELIVERY_PENDING,
		.rule = "other",
		.due_ms = ANSWERED_MS + 50,
		.body = "another body",
		.body_length = 12};

	GOOD(store_change_delivery(shelf.store, &change, &err));
}

static void
do_revive(struct shelf shelf, const struct scene *scene)
{
	struct delivery_row change = {.row = scene->cancelled,
		.state = DELIVERY_PENDING,
		.rule = "r",
		.due_ms = ANSWERED_MS + 50};

	GOOD(store_change_delivery(shelf.store, &change, &err));
}

static void
do_claim(struct shelf shelf, const struct scene *scene)
{
	(void)scene;
	cr_assert_eq(
		shelf_claim(&shelf, "n1", "crm", ANSWERED_MS + 10, 9, NULL), 1,
		"the pending one");
}

static void
do_set_body(struct shelf shelf, const struct scene *scene)
{
	GOOD(store_set_body(shelf.store, scene->unrendered, "b", 1, &err));
}

static void
do_reclaim(struct shelf shelf, const struct scene *scene)
{
	(void)scene;
	GOOD(store_reclaim(shelf.store, "n1", ANSWERED_MS + 99, &err));
}

static void
do_deliver(struct shelf shelf, const struct scene *scene)
{
	cr_assert(shelf_settle(&shelf, scene->claimed, DELIVERY_DELIVERED,
			  "delivered", 200),
		"held");
}

static void
do_try_later(struct shelf shelf, const struct scene *scene)
{
	cr_assert(shelf_settle(&shelf, scene->claimed, DELIVERY_RETRYING,
			  "try_later", 503),
		"held");
}

static void
do_retry(struct shelf shelf, const struct scene *scene)
{
	bool changed;

	GOOD(store_retry(
		shelf.store, scene->dead, ANSWERED_MS + 99, &changed, &err));
	cr_assert(changed, "it was dead");
}

static void
do_purge(struct shelf shelf, const struct scene *scene)
{
	int removed;

	(void)scene;
	GOOD(store_purge_answers(shelf.store, INT64_MAX, 10, &removed, &err));
	cr_assert_eq(removed, 1, "the old one, %d", removed);
}

static void
do_purge_rejected(struct shelf shelf, const struct scene *scene)
{
	int removed;

	(void)scene;
	GOOD(store_purge_rejected(shelf.store, INT64_MAX, 10, &removed, &err));
	cr_assert_eq(removed, 1, "the rejected one");
}

static void
do_cancel(struct shelf shelf, const struct scene *scene)
{
	bool changed;

	GOOD(store_cancel(shelf.store, scene->pending, ANSWERED_MS, "by ops",
		&changed, &err));
	cr_assert(changed, "%s: pending", shelf.kind);
}

static void
do_shift_due(struct shelf shelf, const struct scene *scene)
{
	(void)scene;
	GOOD(store_shift_due(shelf.store, 5000, &err));
}

static void
do_hasten(struct shelf shelf, const struct scene *scene)
{
	do_try_later(shelf, scene);
	GOOD(store_hasten(shelf.store, "crm", INT64_MAX, 1, &err));
}

static void
do_purge_deliveries(struct shelf shelf, const struct scene *scene)
{
	int removed;

	do_cancel(shelf, scene);
	GOOD(store_purge_deliveries(
		shelf.store, INT64_MAX, 10, &removed, &err));
}

static void
do_put_lane(struct shelf shelf, const struct scene *scene)
{
	struct lane_row lane = {.action = "crm", .state = 2, .reason = "r"};

	(void)scene;
	GOOD(store_put_lane(shelf.store, &lane, &err));
}

static void
assert_told(struct shelf *shelf, const char *before, const char *what,
	const char *how, bool same)
{
	char *now = shelf_tell(shelf);

	cr_assert_eq(strcmp(before, now) == 0, same, "%s: %s %s:\n%s---\n%s",
		shelf->kind, what, how, before, now);
	free(now);
}

Test(store_undo, takes_back_everything)
{
	static const struct {
		const char *what;
		doing_fn doing;
	} rows[] = {
		{"put answer", do_put_answer},
		{"put alert", do_put_alert},
		{"put alert and change", do_put_alert_after_change},
		{"amend", do_amend},
		{"put rejected", do_put_rejected},
		{"put slot", do_put_slot},
		{"add count", do_add_count},
		{"prune", do_prune},
		{"change place", do_change_place},
		{"remove place", do_remove_place},
		{"render", do_render},
		{"revive", do_revive},
		{"claim", do_claim},
		{"set body", do_set_body},
		{"reclaim", do_reclaim},
		{"deliver", do_deliver},
		{"try later", do_try_later},
		{"retry", do_retry},
		{"purge answers", do_purge},
		{"purge rejected", do_purge_rejected},
		{"cancel", do_cancel},
		{"shift due", do_shift_due},
		{"hasten", do_hasten},
		{"purge deliveries", do_purge_deliveries},
		{"put lane", do_put_lane},
	};
	struct shelf shelf;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		EACH_KIND(shelf)
		{
			struct scene scene = build_scene(&shelf);
			char *before = shelf_tell(&shelf);

			shelf_begin(&shelf);
			GOOD(store_savepoint(shelf.store, &err));
			rows[i].doing(shelf, &scene);
			store_undo(shelf.store);
			shelf_commit(&shelf);
			assert_told(
				&shelf, before, rows[i].what, "undone", true);
			shelf_begin(&shelf);
			rows[i].doing(shelf, &scene);
			store_rollback(shelf.store);
			assert_told(&shelf, before, rows[i].what, "rolled back",
				true);
			/* Then it can be done as if nothing had been. */
			shelf_begin(&shelf);
			GOOD(store_savepoint(shelf.store, &err));
			rows[i].doing(shelf, &scene);
			GOOD(store_keep(shelf.store, &err));
			GOOD(store_savepoint(shelf.store, &err));
			shelf_put(&shelf, "undone", 1, 1, "zoe");
			store_undo(shelf.store);
			shelf_commit(&shelf);
			char *after = shelf_tell(&shelf);

			if (rows[i].doing != do_set_body)
				cr_assert_str_neq(before, after, "%s: %s",
					shelf.kind, rows[i].what);
			shelf_reopen(&shelf);
			assert_told(&shelf, after, rows[i].what, "is on disk",
				true);
			cr_assert_eq(previous_score(&shelf, "zoe", 99), -1,
				"undone alone");
			free(before);
			free(after);
		}
}
