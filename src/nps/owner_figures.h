/*
 * owner_figures - how owners do with their follow-ups: contacted in time, how
 * soon, resolved. Of an owner with few of them nothing is told.
 */
#ifndef NPSD_NPS_OWNER_FIGURES_H
#define NPSD_NPS_OWNER_FIGURES_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

/* One follow-up, as far as it counts here; times 0: not yet. */
struct owner_case {
	const char *owner; /* NULL: nobody's */
	int64_t opened_ms, contact_by_ms, contacted_ms;
	bool resolved, lost;
	bool recovered; /* the customer gave a better score since */
};

struct owner_figures;
struct owner_figures *owner_figures_new(void);
void owner_figures_free(struct owner_figures *figures);
void owner_figures_add(
	struct owner_figures *figures, const struct owner_case *one);
/* [{"owner","cases","contacted","due","contacted_in_time","in_time_share",
 * "first_contact_median_s","first_contact_p90_s","resolved","lost",
 * "recovered"}] by name, nobody's last. `due` are those that were contacted or
 * whose deadline has passed at now: of them the share in time is told. What
 * stands on fewer than RECOVERY_CASES_LEAST cases is null. New. */
json_t *owner_figures_json(const struct owner_figures *figures, int64_t now_ms);

#endif
