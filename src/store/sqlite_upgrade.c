/*
 * sqlite_upgrade - takes the steps of a schema.
 */
#include "store/sqlite_upgrade.h"

#include <stdio.h>

bool
sqlite_check_version(struct sql *sql, int newest, struct err *err)
{
	int64_t application, version;

	if (!sql_ask_number(sql, "PRAGMA application_id", &application, err) ||
		!sql_ask_number(sql, "PRAGMA user_version", &version, err))
		return false;
	if (application != SCHEMA_APPLICATION_ID)
		return err_set(err, "store: a database of another program");
	if (version > newest)
		return err_set(err,
			"store: schema %d is of a newer npsd; this one knows "
			"%d. Install that one again, or go back to a backup",
			(int)version, newest);
	return true;
}

static bool
take_step(struct sql *sql, const struct schema_step *step, struct err *err)
{
	char version[96];

	snprintf(version, sizeof(version),
		"PRAGMA application_id=%d; PRAGMA user_version=%d; COMMIT",
		SCHEMA_APPLICATION_ID, step->version);
	if (sql_begin(sql, err) && sql_run(sql, step->text, err) &&
		(!step->move || step->move(sql, err)) &&
		(!step->end || sql_run(sql, step->end, err)) &&
		sql_run(sql, version, err))
		return true;
	if (sql_in_transaction(sql) && !sql_run(sql, "ROLLBACK", NULL))
		return err_prefix(err, "not even taken back");
	return err_prefix(err, "schema %d", step->version);
}

bool
sqlite_upgrade(struct sql *sql, const struct schema_step *steps, size_t count,
	struct err *err)
{
	int64_t version;

	if (!sql_ask_number(sql, "PRAGMA user_version", &version, err))
		return false;
	for (size_t i = 0; i < count; i++)
		if (steps[i].version > version &&
			!take_step(sql, &steps[i], err))
			return false;
	return true;
}
