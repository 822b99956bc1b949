/*
 * sqlite_identity - what stands in a database about itself: which store it is,
 * its numbers, and where it was at home when it was last written. A copy of a
 * store that still lives elsewhere on this machine is refused: both would send
 * every alert.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "store/sqlite_kind.h"

static bool
take_identity(struct sql_statement *ask, struct store_identity *identity)
{
	size_t id_length, key_length;
	const char *id = sql_bytes_at(ask, 0, &id_length);
	const void *key = sql_bytes_at(ask, 1, &key_length);

	if (id_length != sizeof(identity->store_id) - 1 ||
		key_length != sizeof(identity->key))
		return false;
	memcpy(identity->store_id, id, id_length);
	identity->store_id[id_length] = '\0';
	memcpy(identity->key, key, key_length);
	identity->change = sql_number_at(ask, 2);
	identity->any_known = sql_number_at(ask, 3) != 0;
	identity->last_delivery = sql_number_at(ask, 4);
	identity->last_answer = sql_number_at(ask, 5);
	return true;
}

bool
sqlite_read_identity(struct sql *sql, const char *path,
	struct store_identity *identity, struct err *err)
{
	static const char text[] =
		"SELECT a.value, b.value, c.value, "
		"EXISTS(SELECT 1 FROM known), max(d.value, "
		"ifnull((SELECT max(row) FROM delivery), 0)), "
		"max(e.value, ifnull((SELECT max(row) FROM answer), 0)) "
		"FROM meta a, meta b, meta c, meta d, meta e "
		"WHERE a.key = 'store_id' AND b.key = 'identity_key' "
		"AND c.key = 'change' AND d.key = 'delivery_row' "
		"AND e.key = 'seen_row'";
	struct sql_statement *ask = sql_make(sql, text);
	enum sql_step step = sql_step(ask, err);
	bool good = step == SQL_ROW && take_identity(ask, identity);

	if (!good && step != SQL_FAILED)
		err_set(err,
			"%s is damaged: it does not know itself (table meta). "
			"Go back to a backup",
			path);
	sql_end(ask);
	return good;
}

/* ---- the key of links ---- */

static bool
read_link_key(struct sql *sql, uint8_t *key, bool *there, struct err *err)
{
	struct sql_statement *ask =
		sql_make(sql, "SELECT value FROM meta WHERE key = 'link_key'");
	enum sql_step step = sql_step(ask, err);
	size_t length = 0;
	const void *bytes =
		step == SQL_ROW ? sql_bytes_at(ask, 0, &length) : NULL;

	*there = length == LINK_KEY_BYTES;
	if (*there)
		memcpy(key, bytes, LINK_KEY_BYTES);
	sql_end(ask);
	return step != SQL_FAILED;
}

bool
sqlite_link_key(
	struct store_writer *base, uint8_t key[LINK_KEY_BYTES], struct err *err)
{
	struct sql *sql = writer_of(base)->sql;
	struct sql_statement *put;
	bool there;

	if (!read_link_key(sql, key, &there, err))
		return false;
	if (there)
		return true;
	random_bytes(key, LINK_KEY_BYTES);
	put = sql_use(sql, "INSERT OR REPLACE INTO meta VALUES('link_key', ?)");
	sql_in_bytes(put, key, LINK_KEY_BYTES);
	return sql_do(put, err);
}

/* ---- home ---- */

/* NULL: none is known, or see err. */
static char *
read_home(struct sql *sql, bool *good, struct err *err)
{
	struct sql_statement *ask =
		sql_make(sql, "SELECT value FROM meta WHERE key = 'home'");
	enum sql_step step = sql_step(ask, err);
	char *home = step == SQL_ROW ? mem_strdup(sql_text_at(ask, 0)) : NULL;

	sql_end(ask);
	*good = step != SQL_FAILED;
	return home;
}

static bool
put_home(struct sql *sql, const char *home, struct err *err)
{
	struct sql_statement *put;

	if (!sql_begin(sql, err))
		return false;
	put = sql_use(sql, "INSERT OR REPLACE INTO meta VALUES('home', ?)");
	sql_in_text(put, home);
	return sql_do(put, err) && sql_run(sql, "COMMIT", err);
}

static bool
is_same_file(const char *a, const char *b)
{
	struct stat left, right;

	return stat(a, &left) == 0 && stat(b, &right) == 0 &&
	       left.st_dev == right.st_dev && left.st_ino == right.st_ino;
}

bool
sqlite_check_home(struct sqlite_writer *store, struct err *err)
{
	const char *path = store->file.path;
	char *real = realpath(path, NULL);
	bool good;
	char *home = read_home(store->sql, &good, err);

	if (!real && good)
		good = err_errno(err, "%s", path);
	if (good && home && strcmp(home, real) != 0 &&
		!is_same_file(home, real) &&
		sqlite_file_is_store(home, store->store_id))
		good = err_set(err,
			"%s is a copy of %s, which is still there: two that "
			"run would send every alert twice. Name that one in "
			"store:; or, if this one is to go on in its place, "
			"move that one away first",
			path, home);
	if (good && (!home || strcmp(home, real) != 0))
		good = put_home(store->sql, real, err);
	free(home);
	free(real);
	return good;
}
