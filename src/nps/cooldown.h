/*
 * cooldown - for how long a rule alerts once about somebody: settings, whose it
 * is, and whether it is over. It runs by arrival.
 */
#ifndef NPSD_NPS_COOLDOWN_H
#define NPSD_NPS_COOLDOWN_H

#include <stdbool.h>
#include <stdint.h>

#include "conf/setting.h"
#include "nps/response.h"

enum cooldown_per { COOLDOWN_CUSTOMER, COOLDOWN_ACCOUNT };

/* The row `cooldown:` of a rule. */
struct cooldown {
	int64_t for_ms; /* 0: none */
	int per;	/* enum cooldown_per */
};
extern const struct setting cooldown_settings[];

/* Whose cooldown the answer would be under, as a text that the caller frees;
 * NULL: nobody's, because there is none, or the answer does not say who. */
char *cooldown_key(
	const struct cooldown *cooldown, const struct response *response);
/* Whether one that began at `since` still holds. */
bool cooldown_holds(
	const struct cooldown *cooldown, int64_t since_ms, int64_t now_ms);

#endif
