/*
 * schema - the tables of the SQLite file, as SQL text and in steps from one
 * version to the next.
 */
#ifndef NPSD_STORE_SCHEMA_H
#define NPSD_STORE_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct sql;

/* "npsd" at offset 68 of the file (PRAGMA application_id); "npsb" in a backup,
 * so that none is taken for the store by mistake. */
enum {
	SCHEMA_APPLICATION_ID = 0x6e707364,
	SCHEMA_BACKUP_ID = 0x6e707362,
};

/* One step brings the file from version - 1 to version (PRAGMA user_version). A
 * step that was in a release is never changed: add another. */
struct schema_step {
	int version;
	const char *text;
	/* What SQL cannot say, after it; and SQL after that. Or NULL. */
	bool (*move)(struct sql *sql, struct err *err);
	const char *end;
};
extern const struct schema_step schema_steps[];
extern const size_t schema_step_count;

#endif
