/*
 * digest_set - the digests of a configuration, checked: their zones, and the
 * action that each goes through.
 */
#ifndef NPSD_TOP_DIGEST_SET_H
#define NPSD_TOP_DIGEST_SET_H

#include <stdbool.h>

#include "conf/node.h"
#include "flow/digesting.h"

struct config;

struct digest_set {
	struct digest_plans plans; /* languages are set by the configuration */
	const struct digest_plan **items;
	struct zone **zones;
};
/* Of what was read into config->digests, once the actions are known. False
 * after conf_error; it can be done away with all the same. */
bool digest_set_make(struct digest_set *set, struct config *config,
	struct conf_errors *errors);
void digest_set_done(struct digest_set *set);

#endif
