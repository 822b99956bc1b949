/* How owners do with their follow-ups. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/time.h"
#include "nps/owner_figures.h"

TestSuite(owner_figures);

#define OPENED INT64_C(1000000000000)

/* `count` cases, each contacted a minute later than the one before; the deadline
 * is 8 minutes after the opening. */
static void
add(struct owner_figures *figures, const char *owner, int count, bool contacted)
{
	for (int i = 1; i <= count; i++) {
		struct owner_case one = {
			.owner = owner,
			.opened_ms = OPENED,
			.contact_by_ms = OPENED + 8 * MS_PER_MINUTE,
			.contacted_ms =
				contacted ? OPENED + i * MS_PER_MINUTE : 0,
			.resolved = i == 1,
			.lost = i == 2,
			.recovered = i <= 3,
		};

		owner_figures_add(figures, &one);
	}
}

static void
expect(const struct owner_figures *figures, int64_t now_ms,
	const char *expected)
{
	json_t *rows = owner_figures_json(figures, now_ms);
	char *text = json_canonical(rows);

	cr_expect_str_eq(text, expected, "%s", text);
	free(text);
	json_decref(rows);
}

Test(owner_figures, in_time_and_how_soon)
{
	struct owner_figures *figures = owner_figures_new();

	expect(figures, OPENED, "[]");
	add(figures, NULL, 1, false);
	add(figures, "jan", 9, true);
	add(figures, "anna", 20, true);
	/* of 20: 8 in time; the 10th of 20 and the 18th of 20 by rank */
	expect(figures, OPENED,
		"[{\"cases\":20,\"contacted\":20,\"contacted_in_time\":8,"
		"\"due\":20,\"first_contact_median_s\":600,"
		"\"first_contact_p90_s\":1080,\"in_time_share\":0.4,"
		"\"lost\":1,\"owner\":\"anna\",\"recovered\":3,"
		"\"resolved\":1},"
		"{\"cases\":9,\"contacted\":null,\"contacted_in_time\":null,"
		"\"due\":null,\"first_contact_median_s\":null,"
		"\"first_contact_p90_s\":null,\"in_time_share\":null,"
		"\"lost\":null,\"owner\":\"jan\",\"recovered\":null,"
		"\"resolved\":null},"
		"{\"cases\":1,\"contacted\":null,\"contacted_in_time\":null,"
		"\"due\":null,\"first_contact_median_s\":null,"
		"\"first_contact_p90_s\":null,\"in_time_share\":null,"
		"\"lost\":null,\"owner\":null,\"recovered\":null,"
		"\"resolved\":null}]");
	owner_figures_free(figures);
}

/* What is not due yet is neither in time nor late. */
Test(owner_figures, who_has_still_time_is_not_late)
{
	struct owner_figures *figures = owner_figures_new();
	json_t *rows;

	add(figures, "anna", 12, false);
	rows = owner_figures_json(figures, OPENED);
	cr_expect_eq(json_integer_value(
			     json_object_get(json_array_get(rows, 0), "due")),
		0);
	cr_expect(json_is_null(
		json_object_get(json_array_get(rows, 0), "in_time_share")));
	json_decref(rows);
	rows = owner_figures_json(figures, OPENED + MS_PER_HOUR);
	cr_expect_eq(json_integer_value(
			     json_object_get(json_array_get(rows, 0), "due")),
		12);
	cr_expect_eq(json_number_value(json_object_get(
			     json_array_get(rows, 0), "in_time_share")),
		0);
	json_decref(rows);
	owner_figures_free(figures);
}
