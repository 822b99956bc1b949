/*
 * charset - which bytes a configuration file is made of: UTF-8 without a byte
 * order mark, lines ended by LF or CR LF, and no other control character than
 * the tab. So a line here is a line in every editor, whatever YAML thinks.
 */
#ifndef NPSD_CONF_CHARSET_H
#define NPSD_CONF_CHARSET_H

#include <stdbool.h>
#include <stddef.h>

#include "conf/node.h"

/* False, with one error at the first fault, if they are not. */
bool charset_check(const char *file, const char *data, size_t length,
	struct conf_errors *errors);

#endif
