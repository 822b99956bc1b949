/*
 * csv_settings - what has to be said of a table of answers: the block `csv:` of
 * a source, and the options of `npsd import`.
 */
#ifndef NPSD_NPS_CSV_SETTINGS_H
#define NPSD_NPS_CSV_SETTINGS_H

#include <stdbool.h>

#include "base/time.h"
#include "conf/setting.h"

enum csv_encoding { CSV_UTF_8, CSV_WINDOWS_1252 };

struct csv_settings {
	char delimiter; /* '\0': found in the file */
	enum csv_encoding encoding;
	bool header;		      /* the first row names the columns */
	struct setting_pairs columns; /* member of an answer -> column */
	struct zone *zone;	      /* of dates that have none */
	char *date_format;	      /* NULL: as date_iso_read */
};
extern const struct setting csv_settings[];

/* What only holds of all of them together. node, path: of the block; node may
 * be NULL. */
bool csv_settings_check(const struct csv_settings *settings,
	const struct conf_node *node, const char *path,
	struct conf_errors *errors);

/* What a column can be: a member of npsd's format such as "score",
 * "customer.email" or "segment.region", in any letters; it is written as it
 * ought to be. NULL: it is none. The caller frees it. */
char *csv_member_name(const char *text, size_t length);

#endif
