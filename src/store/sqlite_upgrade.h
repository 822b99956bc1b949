/*
 * sqlite_upgrade - brings a SQLite file's schema from one version to the next.
 */
#ifndef NPSD_STORE_SQLITE_UPGRADE_H
#define NPSD_STORE_SQLITE_UPGRADE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "store/schema.h"
#include "store/sql.h"

/* False if the file is of a version above `newest` or of another program. */
bool sqlite_check_version(
	struct sql *sql, int newest, struct err *err) must_check;
/*
 * Takes the steps that are above the file's version, in order, each in a
 * transaction of its own that also sets the version. False: the step that
 * failed has left nothing, those before it stay.
 */
bool sqlite_upgrade(struct sql *sql, const struct schema_step *steps,
	size_t count, struct err *err) must_check;

#endif
