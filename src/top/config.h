/*
 * config - the whole configuration: the settings tables of all rooms put
 * together, loaded and checked. Immutable once loaded.
 */
#ifndef NPSD_TOP_CONFIG_H
#define NPSD_TOP_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "api/api.h"
#include "conf/language.h"
#include "conf/setting.h"
#include "flow/policy.h"
#include "loop/address_policy.h"
#include "nps/calendar.h"
#include "nps/owner.h"
#include "nps/rule.h"
#include "nps/tally.h"
#include "nps/watches.h"
#include "top/digest_set.h"
#include "top/server_settings.h"

#define CONFIG_PATH "/etc/npsd/npsd.yaml"
#define CONFIG_STORE "sqlite:/var/lib/npsd/npsd.db"
#define CONFIG_NODE "local" /* this node's name in the store */

struct config {
	/* as read */
	struct setting_texts include;
	struct server_settings server;
	char *store;
	struct {
		struct setting_texts windows, segments;
		int64_t max_segments;
		char *timezone;
	} score;
	struct {
		struct setting_texts segments;
		int64_t max_series;
	} metrics;
	struct address_policy outgoing;
	struct setting_items sources, owners, hours, actions, rules;
	struct setting_items watch_items;
	struct setting_texts reasons;
	struct setting_items digests;
	struct {
		int64_t valid_for_ms;
	} links;
	struct {
		int64_t keep_responses_ms, keep_rejected_ms;
		bool contact_default;
	} privacy;

	/* made of it */
	struct conf_document *document;
	char *path;
	char hash[17];
	struct window windows[WINDOWS_LIMIT];
	struct zone *zone;
	struct languages *languages;
	struct digest_set digest_set;
	struct calendars calendars; /* of hours */
	struct owners people;	    /* of owners */
	struct tally_settings tally;
	struct rules ruleset;
	struct watches watches;
	struct policy policy;
	struct api_token *tokens;
	struct api_access access;
	const char **metric_segments; /* ended by NULL */
};

extern const struct setting config_settings[];

/* The file with what it includes and with its presets, as a tree: see
 * conf_document_load. Errors are in errors. */
struct conf_document *config_read(
	const char *path, struct conf_errors *errors) must_check;
/*
 * Loads and checks everything that can be without binding or connecting: the
 * same verdict for `check`, start and reload. NULL if there was an error; what
 * is wrong is in errors. offline: secrets need not be there.
 */
struct config *config_load(
	const char *path, bool offline, struct conf_errors *errors) must_check;
void config_free(struct config *config);

#endif
