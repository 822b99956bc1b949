/*
 * webhook_settings - what is set for an action of type webhook. Immutable once
 * read; both halves of the action lean on it.
 */
#ifndef NPSD_ACTION_WEBHOOK_SETTINGS_H
#define NPSD_ACTION_WEBHOOK_SETTINGS_H

#include "action/action.h"
#include "action/connection.h"
#include "action/webhook_rule.h"

enum webhook_format { FORMAT_ALERT, FORMAT_CLOUDEVENTS };

#define WEBHOOK_EVENT_TYPE "npsd.alert"
#define WEBHOOK_SOURCE_PREFIX "urn:npsd:"

struct webhook_settings {
	struct action_settings common;
	char *url;
	int method;		   /* index in webhook_methods */
	struct setting_jq payload; /* text NULL: the alert document itself */
	int format;
	struct {
		struct {
			char *user, *password;
		} basic;
		char *bearer;
		struct setting_pairs header;
	} auth;
	struct setting_pairs headers;
	struct {
		char *secret;
		struct setting_texts secrets; /* in its place, where several */
	} sign;
	struct connection connection;
	struct webhook_rule success, retry_when;
};

extern const char *const webhook_methods[];
extern const struct setting webhook_settings_rows[];
bool webhook_settings_check(const void *settings, const struct conf_node *node,
	const char *path, struct conf_errors *errors);

#endif
