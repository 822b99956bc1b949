/*
 * conf_folder - a folder of its own for tests that need configuration files.
 * Errors as text, for comparing.
 */
#ifndef TESTS_UNIT_CONF_FOLDER_H
#define TESTS_UNIT_CONF_FOLDER_H

#include <stddef.h>

#include "conf/node.h"

/* Makes a folder and changes to it: files have short names in errors. */
struct conf_folder {
	char path[64];
};
void conf_folder_init(struct conf_folder *folder);
/* Removes it with all that is in it. */
void conf_folder_done(struct conf_folder *folder);
void conf_folder_write(const char *name, const char *data, size_t length);
void conf_folder_write_text(const char *name, const char *text);

/* All that conf_errors_write tells; the caller frees it. */
char *conf_errors_text(const struct conf_errors *errors);

#endif
