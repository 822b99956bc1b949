/* lane_stand - what outlives the process, and what on_failure is told. */
#include <criterion/criterion.h>
#include <string.h>

#include "flow/lane_stand.h"

TestSuite(lane_stand);

#define NOW INT64_C(1795255200000) /* 2026-11-21T10:00:00Z */

static const struct outcome down = {
	.end = OUTCOME_ENDPOINT_DOWN, .status = 401, .reason = "401"};
static const struct outcome good = {.end = OUTCOME_DELIVERED, .status = 200};

static struct lane_now
at(int64_t ms)
{
	return (struct lane_now){NOW + ms, ms * 1000};
}

static void
judge(struct lane_stand *stand, const struct outcome *outcome, int64_t ms)
{
	struct lane_now now = at(ms);

	lane_stand_judge(stand, "crm", outcome, true, &now, 0);
}

static enum lane_news
news(const struct lane_stand *stand, int64_t ms, int64_t *wait_ms)
{
	struct lane_now now = at(ms);

	return lane_stand_news(stand, 1000, &now, wait_ms);
}

/* What on_failure was told while something else happened: `first` is told of,
 * `meanwhile` comes before it is stored. */
Test(lane_stand, tells_what_came_while_it_told)
{
	struct lane_stand stand = {.state = LANE_OPEN};
	struct lane_now now = at(3000);
	int64_t since_ms, wait_ms;

	judge(&stand, &down, 0);
	cr_assert_eq(news(&stand, 2000, &wait_ms), NEWS_FAILING, "it fails");
	since_ms = stand.failing_ms;
	judge(&stand, &good, 2500);
	lane_stand_told(&stand, NEWS_FAILING, since_ms, &now);
	cr_assert_eq(news(&stand, 3000, &wait_ms), NEWS_RECOVERED,
		"who was told of the failure is told of its end");
	cr_assert_eq(stand.failing_ms, since_ms, "of the same trouble");

	judge(&stand, &down, 3500);
	now = at(4000);
	lane_stand_told(&stand, NEWS_RECOVERED, since_ms, &now);
	cr_assert_eq(news(&stand, 4500, &wait_ms), NEWS_NONE, "not yet");
	cr_assert_eq(wait_ms, 500, "%lld", (long long)wait_ms);
	cr_assert_eq(news(&stand, 5000, &wait_ms), NEWS_FAILING, "it fails");
	since_ms = stand.failing_ms;
	now = at(5000);
	lane_stand_told(&stand, NEWS_FAILING, since_ms, &now);
	judge(&stand, &good, 6000);
	cr_assert_eq(news(&stand, 6000, &wait_ms), NEWS_RECOVERED, "over");
	now = at(6000);
	lane_stand_told(&stand, NEWS_RECOVERED, since_ms, &now);
	cr_assert_eq(news(&stand, 6000, &wait_ms), NEWS_NONE, "all is told");
	cr_assert_eq(stand.failing_ms, 0, "no trouble");
}

/* The clock was a year ahead when it was stored, and is right again. */
Test(lane_stand, believes_no_time_that_is_to_come_T05)
{
	const int64_t ahead = NOW + INT64_C(365) * MS_PER_DAY;
	const struct lane_row row = {
		.action = "crm",
		.state = LANE_HELD,
		.since_ms = ahead,
		.pause_ms = 30000,
		.until_ms = ahead + 30000,
		.failing_ms = ahead,
	};
	struct lane_now now = at(0);
	struct lane_stand stand;
	int64_t wait_ms;

	lane_stand_restore(&stand, &row, &now);
	cr_assert_eq(lane_stand_left_ms(&stand, &now), 30000, "its pause");
	cr_assert_eq(stand.since_ms, NOW, "since now");
	cr_assert_eq(news(&stand, 0, &wait_ms), NEWS_NONE, "not yet");
	cr_assert_eq(wait_ms, 1000, "%lld", (long long)wait_ms);
	cr_assert_eq(news(&stand, 1000, &wait_ms), NEWS_FAILING, "it fails");
}
