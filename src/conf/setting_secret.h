/*
 * setting_secret - secrets and where they are kept. Private to this room; what
 * reads them is setting_read_secret of setting.h.
 */
#ifndef NPSD_CONF_SETTING_SECRET_H
#define NPSD_CONF_SETTING_SECRET_H

#include <stdbool.h>

#include "conf/node.h"

enum { SECRET_LIMIT_BYTES = 64 * 1024 };

/* True for {file: PATH} and its like: it says where the secret is. */
bool setting_secret_is_elsewhere(const struct conf_node *node);
/* True for an address of the web that itself lets whoever knows it in: one with
 * a parameter such as token=, or one of the well-known hooks. */
bool setting_secret_is_url(const struct conf_node *node);
/* True if the scalars of a value must not be shown: it stands below what is
 * hidden, or its key tells that it is a secret. A place is never hidden. */
bool setting_secret_hides(
	bool hidden, const char *key, const struct conf_node *value);

#define SETTING_SECRET_MASK "********"

#endif
