/* counts - sums of answers by class. */
#include "nps/counts.h"

#include <stddef.h>

/* Stays at the end of the range rather than wrap: a count never changes its
 * sign by growing. */
static int64_t
plus(int64_t a, int64_t b)
{
	int64_t sum;

	if (__builtin_add_overflow(a, b, &sum))
		return b < 0 ? INT64_MIN : INT64_MAX;
	return sum;
}

static int64_t
moved(int64_t a, int64_t b, int sign)
{
	int64_t difference;

	if (sign >= 0)
		return plus(a, b);
	if (__builtin_sub_overflow(a, b, &difference))
		return b < 0 ? INT64_MAX : INT64_MIN;
	return difference;
}

void
counts_add(struct counts *counts, const struct counts *more, int sign)
{
	for (size_t i = 0; i < CATEGORIES; i++)
		counts->of[i] = moved(counts->of[i], more->of[i], sign);
	counts->invitations =
		moved(counts->invitations, more->invitations, sign);
}

void
counts_move(struct counts *counts, int counted, int sign)
{
	if (counted == COUNTED_INVITATION)
		counts->invitations += sign;
	else
		counts->of[counted] += sign;
}

bool
counts_are_none(const struct counts *counts)
{
	for (size_t i = 0; i < CATEGORIES; i++)
		if (counts->of[i] != 0)
			return false;
	return counts->invitations == 0;
}

int64_t
counts_total(const struct counts *counts)
{
	int64_t total = 0;

	for (size_t i = 0; i < CATEGORIES; i++)
		total = plus(total, counts->of[i]);
	return total;
}

double
counts_number(const struct counts *counts)
{
	double total = 0;

	for (size_t i = 0; i < CATEGORIES; i++)
		total += (double)counts->of[i];
	return total;
}

double
counts_lead(const struct counts *counts)
{
	return (double)counts->of[CATEGORY_PROMOTER] -
	       (double)counts->of[CATEGORY_DETRACTOR];
}
