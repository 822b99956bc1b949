/* What is removed for its age, and when the clock is not believed. */
#include <criterion/criterion.h>

#include "base/wall_jump.h"
#include "flow/upkeep.h"

enum { SET, WAIT };

Test(upkeep, believes_no_clock_that_was_set_ahead_T05)
{
	static const struct {
		const char *what;
		struct {
			int how;
			int64_t ms;
		} steps[4];
		bool holds;
	} rows[] = {
		{"a clock that nobody set", {{WAIT, MS_PER_DAY}}, false},
		{"a year ahead", {{SET, 365 * MS_PER_DAY}}, true},
		{"a year ahead, an hour ago",
			{{SET, 365 * MS_PER_DAY}, {WAIT, MS_PER_HOUR}}, true},
		{"a year ahead, a day ago",
			{{SET, 365 * MS_PER_DAY}, {WAIT, MS_PER_DAY}}, false},
		{"there and back",
			{{SET, 365 * MS_PER_DAY}, {SET, -365 * MS_PER_DAY + 3}},
			false},
		{"half of it back",
			{{SET, 2 * MS_PER_HOUR}, {SET, -MS_PER_HOUR}}, true},
		{"an hour back", {{SET, -MS_PER_HOUR}}, false},
		/* What came before may have been right. */
		{"back, then ahead", {{SET, -MS_PER_HOUR}, {SET, MS_PER_HOUR}},
			true},
		{"twice ahead, the second time just now",
			{{SET, MS_PER_HOUR}, {WAIT, MS_PER_DAY - 1},
				{SET, MS_PER_HOUR}, {WAIT, MS_PER_HOUR}},
			true},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct wall_hold hold = {0};
		int64_t now_us = 1000;

		for (int step = 0; step < 4; step++) {
			int64_t ms = rows[i].steps[step].ms;

			if (rows[i].steps[step].how == WAIT)
				now_us += ms * 1000;
			else if (ms != 0)
				wall_hold_set(&hold, ms, now_us);
		}
		cr_assert_eq(wall_hold_is_on(&hold, now_us), rows[i].holds,
			"%s", rows[i].what);
	}
}
