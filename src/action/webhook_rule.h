/*
 * webhook_rule - which answers of a receiver a setting means: `success` and
 * `retry_when`.
 *
 *	success:    {status: [200], body: '.body == "ok"'}
 *	retry_when: {status: [403], body: '.body | contains("LIMIT")'}
 *
 * An answer fits if its status is among those listed and the jq condition
 * over {status, body, json} is true; what is left out fits any answer.
 */
#ifndef NPSD_ACTION_WEBHOOK_RULE_H
#define NPSD_ACTION_WEBHOOK_RULE_H

#include <stdbool.h>

#include "conf/setting.h"

enum { STATUS_LOW = 100, STATUS_HIGH = 599 };

struct status_set {
	bool given;
	bool has[STATUS_HIGH - STATUS_LOW + 1];
};

struct webhook_rule {
	struct status_set status;
	char *body; /* jq, or NULL */
};

extern const struct setting webhook_rule_rows[];

bool webhook_rule_is_given(const struct webhook_rule *rule);
bool status_set_has(const struct status_set *set, int status);

#endif
