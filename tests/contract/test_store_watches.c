/* What every kind of store promises of watches. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "store_shelf.h"

TestSuite(store_watches, .timeout = 120);

struct told {
	char text[400];
};

static void
on_watch(const struct watch_row *row, void *context)
{
	struct told *told = context;
	size_t used = strlen(told->text);

	snprintf(told->text + used, sizeof(told->text) - used,
		"%s/%d %d %d %d %.3f %d;", row->watch, (int)row->slot,
		(int)row->since_ms, (int)row->alarm_ms, row->quiet, row->level,
		(int)row->seen_ms);
}

static void
is_told(struct shelf *at, const char *expected)
{
	struct shelf shelf = *at;
	struct told told = {""};

	GOOD(store_each_watch(shelf.store, on_watch, &told, &err));
	cr_assert_str_eq(told.text, expected, "%s: %s", shelf.kind, told.text);
}

Test(store_watches, stand_as_they_were_put)
{
	static const struct watch_row rows[] = {
		{"drop", 12, .since_ms = 10, .alarm_ms = 20, .level = -12.345},
		{"drop", 3, .since_ms = 11, .quiet = true, .level = 40},
		{"", 3, .seen_ms = 7},
	};
	static const struct watch_row armed = {"drop", 3, .alarm_ms = 11};
	static const struct watch_row nothing = {"drop", 12, .level = 5};
	struct shelf shelf;

	EACH_KIND(shelf)
	{
		BAD(store_put_watch(shelf.store, &rows[0], &err));
		shelf_begin(&shelf);
		for (size_t i = 0; i < 3; i++)
			GOOD(store_put_watch(shelf.store, &rows[i], &err));
		shelf_commit(&shelf);
		shelf_reopen(&shelf);
		is_told(&shelf, "/3 0 0 0 0.000 7;drop/3 11 0 1 40.000 0;"
				"drop/12 10 20 0 -12.345 0;");
		shelf_begin(&shelf);
		GOOD(store_put_watch(shelf.store, &nothing, &err));
		GOOD(store_put_watch(shelf.store, &armed, &err));
		store_rollback(shelf.store);
		is_told(&shelf, "/3 0 0 0 0.000 7;drop/3 11 0 1 40.000 0;"
				"drop/12 10 20 0 -12.345 0;");
		shelf_begin(&shelf);
		GOOD(store_put_watch(shelf.store, &nothing, &err));
		GOOD(store_put_watch(shelf.store, &nothing, &err));
		GOOD(store_put_watch(shelf.store, &armed, &err));
		shelf_commit(&shelf);
		is_told(&shelf, "/3 0 0 0 0.000 7;drop/3 0 11 0 0.000 0;");
	}
}
