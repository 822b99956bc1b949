/*
 * counts - how many answers there are of each class, and how many were asked.
 */
#ifndef NPSD_NPS_COUNTS_H
#define NPSD_NPS_COUNTS_H

#include <stdbool.h>
#include <stdint.h>

#include "nps/category.h"

/* What is counted: a category, or one who was asked. */
enum { COUNTED_INVITATION = CATEGORIES };

struct counts {
	int64_t of[CATEGORIES]; /* by enum category */
	int64_t invitations;	/* surveys sent; no answers */
};
/* One of what is counted; sign 1 or -1. */
void counts_move(struct counts *counts, int counted, int sign);
/* No answers and no invitations. */
bool counts_are_none(const struct counts *counts);
/* sign 1 or -1. Sums stop at the ends of int64_t, they never wrap. */
void counts_add(struct counts *counts, const struct counts *more, int sign);
/* The answers. Stops at the end of int64_t. */
int64_t counts_total(const struct counts *counts);
/* The same where int64_t cannot hold it. */
double counts_number(const struct counts *counts);
/* Promoters less detractors. */
double counts_lead(const struct counts *counts);

#endif
