/*
 * csv_table - which column of a table holds what, and each row as a record in
 * npsd's own format, for the same strict reading as any other.
 *
 *	bytes --start--> delimiter, header --> columns
 *	row --csv_table_record--> {"id":"r-1","score":3,"customer":{...}}
 *
 * An empty field is a missing member. A score, a weight, a revision may have a
 * decimal point or comma ("4,0" is 4); what is no number stays a text, which
 * is then refused as one. yes and no, in a few spellings, are true and false.
 */
#ifndef NPSD_NPS_CSV_TABLE_H
#define NPSD_NPS_CSV_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/csv.h"
#include "nps/csv_settings.h"
#include "nps/response.h"

struct csv_table;

/* settings: lent for its life. */
struct csv_table *csv_table_new(const struct csv_settings *settings);
void csv_table_free(struct csv_table *table);

enum csv_start { CSV_STARTED, CSV_START_MORE, CSV_START_REFUSED };
/* Learns delimiter and columns from the first bytes of a file; last: there are
 * no others. REFUSED: no row of it can be taken, *why says why. Once. */
enum csv_start csv_table_start(struct csv_table *table, const char *data,
	size_t length, bool last, struct rejection *why);
/* Of a table that was started: bytes and lines before the first row. */
size_t csv_table_head(const struct csv_table *table, int64_t *lines);
char csv_table_delimiter(const struct csv_table *table);

/* Appends the record as a JSON text. False with *why: the row is none. data:
 * where the row begins. */
bool csv_table_record(const struct csv_table *table, const char *data,
	const struct csv_row *row, struct buf *out,
	struct rejection *why) must_check;
/* Sets the offset of a refusal that names a member to where its field begins
 * in the row. */
void csv_table_locate(const struct csv_table *table, const char *data,
	size_t length, struct rejection *why);

#endif
