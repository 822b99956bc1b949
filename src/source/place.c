/* place - where a spool file has been read to, as text. */
#include "source/place.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/time.h"

char *
place_text(const struct place *place)
{
	struct buf out = {0};
	char time[TIME_TEXT_BYTES];

	buf_append_text(&out, "{\"path\":");
	json_append_string(&out, place->path, strlen(place->path));
	/* Device numbers may use all 64 bits: as text they stay what they
	 * are. */
	buf_printf(&out,
		",\"device\":\"%" PRIu64 "\",\"inode\":\"%" PRIu64
		"\",\"generation\":\"%s\",\"offset\":%" PRId64
		",\"line\":%" PRId64
		",\"fingerprint\":{\"length\":%zu,\"sha256\":\"%s\"}",
		place->device, place->inode, place->generation, place->offset,
		place->line, place->head_length, place->head_sha256);
	if (place->former_sha256[0] != '\0')
		buf_printf(&out, ",\"former\":\"%s\"", place->former_sha256);
	time_to_rfc3339(place->at_ms, time);
	buf_printf(&out, ",\"at\":\"%s\"", time);
	if (place->gone_ms != 0) {
		time_to_rfc3339(place->gone_ms, time);
		buf_printf(&out, ",\"gone\":\"%s\"", time);
	}
	buf_append_text(&out, "}");
	return buf_take(&out);
}

static bool
read_number(const json_t *object, const char *key, uint64_t *number)
{
	const char *text = json_string_at(object, key);
	char *end;

	if (text == NULL || *text < '0' || *text > '9')
		return false;
	*number = strtoull(text, &end, 10);
	return *end == '\0';
}

/* A text of exactly `size` - 1 characters of hex (and dashes). */
static bool
read_hex(const json_t *object, const char *key, char *out, size_t size)
{
	const char *text = json_string_at(object, key);

	if (text == NULL || strlen(text) != size - 1 ||
		strspn(text, "0123456789abcdef-") != size - 1)
		return false;
	memcpy(out, text, size);
	return true;
}

static bool
read_count(const json_t *object, const char *key, int64_t *count)
{
	const json_t *value = json_object_get(object, key);

	*count = json_integer_value(value);
	return json_is_integer(value) && *count >= 0;
}

static bool
read_fingerprint(const json_t *fingerprint, struct place *place)
{
	int64_t length;

	if (!read_count(fingerprint, "length", &length) ||
		!read_hex(fingerprint, "sha256", place->head_sha256,
			sizeof(place->head_sha256)))
		return false;
	place->head_length = (size_t)length;
	return true;
}

static bool
read_time(const json_t *object, const char *key, int64_t *time_ms)
{
	const char *text = json_string_at(object, key);

	return text != NULL &&
	       time_from_rfc3339(text, strlen(text), time_ms, NULL);
}

static bool
read_members(const json_t *object, struct place *place)
{
	const char *path = json_string_at(object, "path");

	place->path = mem_strdup(path);
	if (json_object_get(object, "former") != NULL &&
		!read_hex(object, "former", place->former_sha256,
			sizeof(place->former_sha256)))
		return false;
	if (json_object_get(object, "gone") != NULL &&
		!read_time(object, "gone", &place->gone_ms))
		return false;
	return path != NULL && read_time(object, "at", &place->at_ms) &&
	       read_number(object, "device", &place->device) &&
	       read_number(object, "inode", &place->inode) &&
	       read_hex(object, "generation", place->generation,
		       sizeof(place->generation)) &&
	       read_count(object, "offset", &place->offset) &&
	       read_count(object, "line", &place->line) &&
	       read_fingerprint(json_object_get(object, "fingerprint"), place);
}

bool
place_read(const char *text, struct place *place, struct err *err)
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
place_done(struct place *place)
{
	free(place->path);
	place->path = NULL;
}
