/* directory_settings - what an operator says of a folder of whole files. */
#ifndef NPSD_SOURCE_DIRECTORY_SETTINGS_H
#define NPSD_SOURCE_DIRECTORY_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "conf/setting.h"
#include "nps/csv_settings.h"
#include "source/source.h"

struct directory_settings {
	struct source_settings common; /* first */
	char *path;
	int64_t rescan_ms;
	int64_t settle_ms;
	int64_t keep_done_ms; /* 0: for ever */
	struct csv_settings csv;
};
extern const struct setting directory_settings[];

/* Beside the rows: False after conf_error. */
bool directory_settings_check(const void *settings,
	const struct conf_node *node, const char *path,
	struct conf_errors *errors);

#endif
