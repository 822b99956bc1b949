/*
 * uuid - the door to libuuid.
 */
#include "crypt/uuid.h"

#include <uuid/uuid.h>

void
uuid_random(char out[UUID_TEXT_BYTES])
{
	uuid_t id;

	uuid_generate_random(id);
	uuid_unparse_lower(id, out);
}

void
uuid_from_name(const void *name, size_t length, char out[UUID_TEXT_BYTES])
{
	/* Drawn once at random. Changing it changes every derived id, so that
	 * what was counted before would be counted again: never do. */
	static const uuid_t name_space = {0x7f, 0xc9, 0xa9, 0xe6, 0x0f, 0x0a,
		0x41, 0x64, 0xa0, 0x0f, 0xe7, 0xb4, 0xa0, 0x38, 0xb7, 0xcd};
	uuid_t id;

	uuid_generate_sha1(id, name_space, name, length);
	uuid_unparse_lower(id, out);
}
