/*
 * zone - named time zones: a reader of TZif files (RFC 9636). The C library's
 * own reader knows one zone at a time, from the environment.
 *
 *   first type   transitions of the file         zone_rule.h
 *  ------------|------|-----|--------|----------|--------------------->
 *
 * Seconds in here are seconds since the epoch; offsets are seconds east of UTC.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/memory.h"
#include "base/text.h"
#include "base/time.h"
#include "base/zone_rule.h"

enum {
	NAME_LIMIT_BYTES = 128,
	FILE_LIMIT_BYTES = 1 << 20,
	HEADER_BYTES = 44,
	OFFSET_LIMIT_S = 26 * 3600, /* RFC 9636 section 3.2 */
};

struct transition {
	int64_t at_s;
	int offset_s; /* from then on */
};

struct zone {
	int first_s; /* offset before the first transition */
	size_t count;
	struct transition *transitions;
	struct zone_rule rule;
};

/* --- the file --- */

/* A big-endian two's-complement number of so many bytes. */
static int64_t
big_endian(const char *bytes, size_t count)
{
	uint64_t value = (unsigned char)bytes[0] & 0x80 ? UINT64_MAX : 0;

	for (size_t i = 0; i < count; i++)
		value = value << 8 | (unsigned char)bytes[i];
	return (int64_t)value;
}

/* The parts of one of the two data blocks of a file. */
struct block {
	int64_t is_utc, is_standard, leaps, times, types, chars;
	const char *data;
};

/* Moves *at over a header and its block, whose times have so many bytes. */
static bool
read_block(const char **at, const char *end, int64_t time_bytes,
	struct block *block)
{
	const char *header = *at;

	if (end - header < HEADER_BYTES || memcmp(header, "TZif", 4) != 0 ||
		header[4] < '2')
		return false;
	int64_t *counts[] = {&block->is_utc, &block->is_standard, &block->leaps,
		&block->times, &block->types, &block->chars};

	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		*counts[i] = big_endian(header + 20 + 4 * i, 4);
		if (*counts[i] < 0 || *counts[i] > FILE_LIMIT_BYTES)
			return false;
	}
	block->data = header + HEADER_BYTES;
	int64_t bytes = block->times * (time_bytes + 1) + block->types * 6 +
			block->chars + block->leaps * (time_bytes + 4) +
			block->is_standard + block->is_utc;

	if (end - block->data < bytes)
		return false;
	*at = block->data + bytes;
	return true;
}

static bool
type_offset(const struct block *block, int64_t type, int *offset_s)
{
	const char *types = block->data + block->times * 9;

	if (type >= block->types)
		return false;
	int64_t offset = big_endian(types + type * 6, 4);

	if (offset < -OFFSET_LIMIT_S || offset > OFFSET_LIMIT_S)
		return false;
	*offset_s = (int)offset;
	return true;
}

static bool
read_transitions(const struct block *block, struct zone *zone)
{
	const char *times = block->data;
	const char *types = times + block->times * 8;

	if (!type_offset(block, 0, &zone->first_s))
		return false;
	zone->count = (size_t)block->times;
	zone->transitions = mem_new(zone->count, sizeof(*zone->transitions));
	for (size_t i = 0; i < zone->count; i++) {
		struct transition *transition = &zone->transitions[i];

		transition->at_s = big_endian(times + 8 * i, 8);
		if (i && transition->at_s <= transition[-1].at_s)
			return false;
		if (!type_offset(block, (unsigned char)types[i],
			    &transition->offset_s))
			return false;
	}
	return true;
}

static bool
read_file(const char *data, size_t length, struct zone *zone)
{
	const char *end = data + length;
	struct block block;

	/* The first block is for readers of 32 bits. */
	if (!read_block(&data, end, 4, &block) ||
		!read_block(&data, end, 8, &block))
		return false;
	/* Leap seconds make another scale than the system clock's. */
	if (block.leaps || !read_transitions(&block, zone))
		return false;

	const char *newline =
		data < end ? memchr(data + 1, '\n', (size_t)(end - data - 1))
			   : NULL;

	if (!newline || *data != '\n')
		return false;
	char *text = mem_copy(data + 1, (size_t)(newline - data - 1));
	bool good = zone_rule_read(text, &zone->rule);

	free(text);
	return good;
}

/* --- opening --- */

/* Names come from the configuration: no way out of the folder. */
static bool
is_zone_name(const char *name)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "abcdefghijklmnopqrstuvwxyz"
				      "0123456789+-_./";
	size_t length = strlen(name);

	return length && length <= NAME_LIMIT_BYTES &&
	       strspn(name, allowed) == length && name[0] != '/' &&
	       !strstr(name, "..");
}

static bool
load_bytes(int fd, struct buf *bytes)
{
	struct stat status;
	ssize_t got = 1;

	if (fstat(fd, &status) != 0)
		return false;
	if (!S_ISREG(status.st_mode)) {
		errno = EISDIR;
		return false;
	}
	while (got && bytes->length <= FILE_LIMIT_BYTES) {
		buf_reserve(bytes, 4096);
		got = read(fd, bytes->data + bytes->length, 4096);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return false;
		bytes->length += (size_t)got;
	}
	return true;
}

static bool
load_zone(const char *folder, const char *name, struct zone *zone,
	struct err *err)
{
	char *path = mem_printf("%s/%s", folder, name);
	struct buf bytes = {0};
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	bool good = false;

	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		err_set(err,
			"there is no time zone \"%s\" in %s (names are such as "
			"Europe/Amsterdam; the system's package is tzdata)",
			name, folder);
	else if (fd < 0 || !load_bytes(fd, &bytes))
		err_errno(err, "cannot read the time zone %s", path);
	else if (!read_file(bytes.data, bytes.length, zone))
		err_set(err, "%s is not a time zone file that can be used",
			path);
	else
		good = true;
	if (fd >= 0)
		close(fd);
	buf_done(&bytes);
	free(path);
	return good;
}

struct zone *
zone_open(const char *name, struct err *err)
{
	struct zone *zone = mem_new(1, sizeof(*zone));
	const char *folder = getenv("TZDIR");

	if (text_same(name, "UTC"))
		return zone;
	if (!folder || !*folder)
		folder = "/usr/share/zoneinfo";
	if (!name || !is_zone_name(name))
		err_set(err, "\"%s\" is not the name of a time zone",
			name ? name : "");
	else if (load_zone(folder, name, zone, err))
		return zone;
	zone_close(zone);
	return NULL;
}

void
zone_close(struct zone *zone)
{
	if (!zone)
		return;
	free(zone->transitions);
	free(zone);
}

/* --- asking --- */

static struct zone_stretch
stretch_at(const struct zone *zone, int64_t second)
{
	const struct transition *list = zone->transitions;
	size_t low = 0; /* how many transitions are not after `second` */
	size_t high = zone->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (list[middle].at_s <= second)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == zone->count && zone->rule.known)
		return zone_rule_stretch(&zone->rule, second);
	return (struct zone_stretch){
		low ? list[low - 1].offset_s : zone->first_s,
		low < zone->count ? list[low].at_s : INT64_MAX,
	};
}

static int64_t
floor_second(int64_t instant_ms)
{
	return instant_ms / MS_PER_SECOND -
	       (instant_ms % MS_PER_SECOND < 0 ? 1 : 0);
}

struct civil
zone_civil(const struct zone *zone, int64_t instant_ms)
{
	struct zone_stretch stretch =
		stretch_at(zone, floor_second(instant_ms));

	return civil_from_utc_ms(instant_ms + stretch.offset_s * MS_PER_SECOND);
}

void
zone_to_rfc3339(
	const struct zone *zone, int64_t instant_ms, char out[TIME_TEXT_BYTES])
{
	int64_t at_s = floor_second(instant_ms), offset_min;

	if (zone == NULL) {
		time_to_rfc3339(instant_ms, out);
		return;
	}
	offset_min = stretch_at(zone, at_s).offset_s / 60;
	time_to_rfc3339(at_s * MS_PER_SECOND + offset_min * MS_PER_MINUTE, out);
	if (offset_min != 0)
		(void)snprintf(strchr(out, 'Z'), sizeof("+00:00"),
			"%c%02d:%02d", offset_min < 0 ? '-' : '+',
			(int)(llabs(offset_min) / 60 % 24),
			(int)(llabs(offset_min) % 60));
}

int64_t
zone_instant(const struct zone *zone, struct civil civil)
{
	int64_t local_s = civil_to_utc_ms(civil) / MS_PER_SECOND;
	int64_t at_s = local_s - OFFSET_LIMIT_S;

	/* The first stretch in which the clock comes to show that time; where a
	 * change of clocks has jumped over it, the start of the next. */
	for (;;) {
		struct zone_stretch stretch = stretch_at(zone, at_s);
		int64_t wanted_s = local_s - stretch.offset_s;

		if (wanted_s < at_s)
			return at_s * MS_PER_SECOND;
		if (wanted_s < stretch.end_s)
			return wanted_s * MS_PER_SECOND;
		at_s = stretch.end_s;
	}
}
