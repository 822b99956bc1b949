/*
 * csv_value - a field of a table as a JSON value.
 */
#ifndef NPSD_NPS_CSV_VALUE_H
#define NPSD_NPS_CSV_VALUE_H

#include <stdbool.h>

#include "base/buf.h"
#include "nps/csv_settings.h"

/* What a member takes. */
enum csv_value_kind {
	CSV_VALUE_TEXT,
	CSV_VALUE_NUMBER,  /* with a decimal point or comma; else text */
	CSV_VALUE_GUESS,   /* a number as JSON writes it; else text */
	CSV_VALUE_BOOLEAN, /* yes, no and the like; else text */
	CSV_VALUE_TIME,
};

enum csv_value_kind csv_value_kind_of(const char *group, const char *name);
/* Appends the value; the text is UTF-8 and not empty. False, for a time that
 * cannot be read, with a reason. */
bool csv_value_append(enum csv_value_kind kind, const char *data, size_t length,
	const struct csv_settings *settings, struct buf *out,
	struct err *err) must_check;

#endif
