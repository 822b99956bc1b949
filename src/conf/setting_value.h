/*
 * setting_value - one value that holds no others: texts, numbers, durations,
 * choices, secrets. The private half of setting.h; not for other rooms.
 */
#ifndef NPSD_CONF_SETTING_VALUE_H
#define NPSD_CONF_SETTING_VALUE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "conf/setting.h"

/* The same as setting_read_rate takes. */
#define SETTING_RATE_PATTERN "^[1-9][0-9]*/[smhd]$"

/* False for records, maps, lists of records, custom ones and nodes. */
bool setting_is_value(enum setting_type type);
/* Reads a value that is there, by its row, to `where`. */
bool setting_value_read(struct setting_reader *reader,
	const struct setting *row, const struct conf_node *node,
	const char *path, void *where);
void setting_value_done(enum setting_type type, void *where);

/* What is expected where the row stands, as in "expected ...". */
void setting_append_expected(struct buf *out, const struct setting *row);
/* The bounds of a row as words: "at least 1s"; false if it has none. */
bool setting_append_bounds(struct buf *out, const struct setting *row);
bool setting_has_low(const struct setting *row);
bool setting_has_high(const struct setting *row);

/* Plain numbers of a configuration, from their text. */
bool setting_integer_from_text(const char *text, int64_t *value);
bool setting_number_from_text(const char *text, double *value);

#endif
