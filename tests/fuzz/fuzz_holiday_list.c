/*
 * Lists of holidays as people write them: refused with a reason that names the
 * line, or days of each year, near to it, the same each time.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "base/time.h"
#include "nps/holiday_list.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { SHIFTS_LIMIT = 2 * HOLIDAY_SHIFT_LIMIT_DAYS + 7 };

static void
must(bool holds)
{
	if (!holds)
		abort();
}

struct year {
	int first, last; /* days */
	size_t count;
	int64_t sum;
};

static void
on_day(int day, const char *name, void *context)
{
	struct year *year = context;

	must(day >= year->first - SHIFTS_LIMIT);
	must(day <= year->last + SHIFTS_LIMIT);
	must(text_is_utf8(name, strlen(name), NULL));
	year->count++;
	year->sum += day;
}

static int
day_number(int year, int month, int day)
{
	const struct civil civil = {.year = year, .month = month, .day = day};

	return (int)(civil_to_utc_ms(civil) / MS_PER_DAY);
}

static struct year
days_of(const struct holiday_list *list, int number)
{
	struct year year = {
		day_number(number, 1, 1), day_number(number, 12, 31), 0, 0};

	holiday_list_year(list, number, on_day, &year);
	must(year.count <= (size_t)2 * HOLIDAY_RULES_LIMIT);
	return year;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const int years[] = {1583, 1900, 2000, 2024, 2025, 2026, 9999};
	/* Of its own size, so that ASan guards the end. */
	char *text = mem_new(size > 0 ? size : 1, 1);
	struct err err = {""};
	struct holiday_list *list;

	if (size > 0)
		memcpy(text, data, size);
	list = holiday_list_read(text, size, &err);
	must((list == NULL) == (err.text[0] != '\0'));
	for (size_t i = 0; list != NULL && i < sizeof(years) / sizeof(years[0]);
		i++) {
		struct year once = days_of(list, years[i]);
		struct year again = days_of(list, years[i]);

		must(once.count == again.count && once.sum == again.sum);
	}
	holiday_list_free(list);
	free(text);
	return 0;
}
