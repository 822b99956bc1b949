/*
 * setting_path - the dotted path of a key, as errors name it: "rules[2].when".
 */
#ifndef NPSD_CONF_SETTING_PATH_H
#define NPSD_CONF_SETTING_PATH_H

#include <stddef.h>

/* path may be NULL or empty; the caller frees the result. */
char *setting_path(const char *path, const char *key);
char *setting_path_index(const char *path, size_t index);

#endif
