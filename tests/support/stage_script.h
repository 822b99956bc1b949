/*
 * stage_script - what a scenario configures: rules, actions and what is counted,
 * read from YAML and made into a policy.
 */
#ifndef NPSD_TESTS_STAGE_SCRIPT_H
#define NPSD_TESTS_STAGE_SCRIPT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "conf/setting.h"
#include "flow/digesting.h"
#include "flow/policy.h"
#include "nps/calendar.h"
#include "nps/rule.h"
#include "nps/storm.h"
#include "nps/watches.h"
#include "nps/window.h"

struct script {
	struct script *next; /* the stage's own */
	struct setting_texts actions, windows, segments;
	struct setting_texts addressed; /* actions of several receivers */
	int64_t max_segments, keep_ms, first_ms;
	struct setting_rate rate;	 /* of every action */
	struct setting_texts on_failure; /* of the first action */
	struct storm_terms storm;	 /* the same */
	char *timezone;
	char *public_url;	    /* of links; NULL: none */
	int64_t links_ms;	    /* how long they are valid */
	struct setting_items items; /* of rules */
	struct setting_items watch_items, owner_items, hours;
	struct setting_texts reasons;
	struct setting_items digests;

	struct conf_document *document;
	struct window window_list[WINDOWS_LIMIT];
	struct zone *zone;
	struct tally_settings tally;
	struct rules rules;
	struct owners owners;
	struct calendars calendars;
	struct watches watches;
	const struct digest_plan **plan_list;
	struct languages *languages;
	struct digest_plans plans;
	struct policy policy; /* actions still lack kind and settings */
};

/* NULL with the reason. */
struct script *script_read(const char *yaml, struct err *err);
bool script_is_addressed(const struct script *script, const char *action);
void script_free(struct script *script);

#endif
