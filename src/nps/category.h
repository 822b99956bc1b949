/*
 * category - the three classes of an answer to "how likely are you to
 * recommend us", 0 to 10 (Reichheld 2003).
 */
#ifndef NPSD_NPS_CATEGORY_H
#define NPSD_NPS_CATEGORY_H

#include <stdbool.h>

enum {
	SCORE_LOW = 0,
	SCORE_HIGH = 10,
	SCORE_DETRACTOR_HIGH = 6, /* 0..6 */
	SCORE_PASSIVE_HIGH = 8,	  /* 7..8; 9..10 are promoters */
};

/* Stored as these numbers: never renumber. */
enum category {
	CATEGORY_DETRACTOR = 0,
	CATEGORY_PASSIVE = 1,
	CATEGORY_PROMOTER = 2,
};
enum { CATEGORIES = 3 };

/* score must be in SCORE_LOW..SCORE_HIGH. */
enum category category_of(int score);
/* "detractor", "passive", "promoter". */
const char *category_name(enum category category);
bool category_from_name(const char *name, enum category *category);

#endif
