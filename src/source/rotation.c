/* rotation - what the names of rotated files look like. */
#include "source/rotation.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

bool
rotation_is_compressed(const char *name)
{
	static const char *const endings[] = {
		".gz", ".xz", ".bz2", ".zst", ".lz4", ".lzma", ".Z", ".zip"};
	size_t length = strlen(name);

	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
		size_t ending = strlen(endings[i]);

		if (length > ending &&
			strcmp(name + length - ending, endings[i]) == 0)
			return true;
	}
	return false;
}

bool
rotation_matches(const char *pattern, const char *name)
{
	return strcmp(pattern, name) == 0 ||
	       fnmatch(pattern, name, FNM_PERIOD) == 0;
}

/* How long the mark of a rotation is that begins here: ".1", "-20261122",
 * ".2026-11-22T10:00:00Z", ".old"; 0: none. It ends at a dot that no digit
 * follows, or at the name's end. */
static size_t
mark_length(const char *at)
{
	size_t length = 1;
	bool digit = false;

	if (strchr(".-_", *at) == NULL || *at == '\0')
		return 0;
	if (strcmp(at, ".old") == 0)
		return 4;
	for (; at[length] != '\0'; length++) {
		bool is_digit = at[length] >= '0' && at[length] <= '9';

		if (at[length] == '.' &&
			(at[length + 1] < '0' || at[length + 1] > '9'))
			break;
		if (!is_digit && strchr(".-_:TZ", at[length]) == NULL)
			return 0;
		digit |= is_digit;
	}
	return digit ? length : 0;
}

char *
rotation_origin(const char *pattern, const char *name)
{
	for (size_t i = 1; name[0] != '\0' && name[i] != '\0'; i++) {
		size_t mark = mark_length(name + i);
		char *origin;

		if (mark == 0)
			continue;
		origin = mem_printf("%.*s%s", (int)i, name, name + i + mark);
		if (rotation_matches(pattern, origin))
			return origin;
		free(origin);
	}
	return NULL;
}

/* The pattern up to its last dot or its first wild card. */
bool
rotation_is_near(const char *pattern, const char *name)
{
	const char *dot = strrchr(pattern, '.');
	size_t stem = strcspn(pattern, "*?[\\");

	if (dot != NULL && dot != pattern && (size_t)(dot - pattern) < stem)
		stem = (size_t)(dot - pattern);
	return strncmp(pattern, name, stem) == 0;
}
