/* drop_place - how far a dropped file was read, as text. */
#include "source/drop_place.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/memory.h"

static const char *
word(bool value)
{
	return value ? "true" : "false";
}

char *
drop_place_text(const struct drop_place *place)
{
	struct buf out = {0};

	buf_append_text(&out, "{\"name\":");
	json_append_string(&out, place->name, strlen(place->name));
	buf_printf(&out,
		",\"inode\":\"%" PRIu64 "\",\"size\":%" PRId64
		",\"modified_ns\":%" PRId64
		",\"sha256\":\"%s\",\"offset\":%" PRId64 ",\"line\":%" PRId64
		",\"good\":%s,\"finished\":%s}",
		place->inode, place->size, place->modified_ns, place->sha256,
		place->offset, place->line, word(place->good),
		word(place->finished));
	return buf_take(&out);
}

static bool
read_number(const json_t *object, const char *key, int64_t *number)
{
	const json_t *value = json_object_get(object, key);

	*number = json_integer_value(value);
	return json_is_integer(value);
}

static bool
read_members(const json_t *object, struct drop_place *place)
{
	const char *name = json_string_at(object, "name");
	const char *inode = json_string_at(object, "inode");
	const char *sha256 = json_string_at(object, "sha256");

	place->name = mem_strdup(name);
	if (name == NULL || inode == NULL || sha256 == NULL ||
		strlen(sha256) != sizeof(place->sha256) - 1)
		return false;
	memcpy(place->sha256, sha256, sizeof(place->sha256));
	place->inode = strtoull(inode, NULL, 10);
	place->good = json_is_true(json_object_get(object, "good"));
	place->finished = json_is_true(json_object_get(object, "finished"));
	return read_number(object, "size", &place->size) &&
	       read_number(object, "modified_ns", &place->modified_ns) &&
	       read_number(object, "offset", &place->offset) &&
	       read_number(object, "line", &place->line) &&
	       place->offset >= 0 && place->line >= 0;
}

bool
drop_place_read(const char *text, struct drop_place *place, struct err *err)
{
	struct json_fault fault;
	json_t *object = json_read(text, strlen(text), &fault);
	bool good;

	memset(place, 0, sizeof(*place));
	if (object == NULL)
		return err_set(
			err, "a kept place is no JSON: %s", fault.reason);
	good = read_members(object, place);
	json_decref(object);
	return good || err_set(err, "a kept place lacks a member");
}

void
drop_place_done(struct drop_place *place)
{
	free(place->name);
	place->name = NULL;
}

static int64_t
modified_of(const struct stat *status)
{
	return (int64_t)status->st_mtim.tv_sec * 1000000000 +
	       status->st_mtim.tv_nsec;
}

void
drop_place_set_file(struct drop_place *place, const struct stat *status)
{
	place->inode = (uint64_t)status->st_ino;
	place->size = status->st_size;
	place->modified_ns = modified_of(status);
}

bool
drop_place_is_file(const struct drop_place *place, const struct stat *status)
{
	return place->inode == (uint64_t)status->st_ino &&
	       place->size == status->st_size &&
	       place->modified_ns == modified_of(status);
}
