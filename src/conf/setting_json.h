/*
 * setting_json - values of settings as JSON. Private to this room.
 */
#ifndef NPSD_CONF_SETTING_JSON_H
#define NPSD_CONF_SETTING_JSON_H

#include <jansson.h>
#include <stdbool.h>

#include "conf/setting.h"

/* A node by its row: numbers are numbers, a secret is masked. */
json_t *setting_json_value(
	const struct setting *row, const struct conf_node *node);
/* The default of a row: NULL if it has none. */
json_t *setting_json_fallback(const struct setting *row);

#endif
