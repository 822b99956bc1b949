/*
 * failure_chain - who is told when an action fails (on_failure): actions that
 * are there, and no ring of them.
 */
#ifndef NPSD_TOP_FAILURE_CHAIN_H
#define NPSD_TOP_FAILURE_CHAIN_H

#include <stdbool.h>

#include "conf/errors.h"
#include "conf/setting.h"

/* actions: the section, each record beginning with struct action_settings.
 * False after errors. */
bool failure_chain_check(const struct setting_items *actions,
	struct conf_errors *errors) must_check;

#endif
