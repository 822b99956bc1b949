/*
 * uuid - the door to libuuid.
 */
#include "crypt/uuid.h"

#include <uuid/uuid.h>

#include "crypt/digest.h"

/* In small letters, whatever the library was built for. */
static void
uuid_write(const unsigned char id[16], char out[UUID_TEXT_BYTES])
{
	digest_hex(id, 4, out);
	digest_hex(id + 4, 2, out + 9);
	digest_hex(id + 6, 2, out + 14);
	digest_hex(id + 8, 2, out + 19);
	digest_hex(id + 10, 6, out + 24);
	out[8] = out[13] = out[18] = out[23] = '-';
}

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
	unsigned char hash[SHA1_BYTES];

	digest_sha1(name_space, sizeof(name_space), name, length, hash);
	hash[6] = (unsigned char)((hash[6] & 0x0f) | 0x50); /* version 5 */
	hash[8] = (unsigned char)((hash[8] & 0x3f) | 0x80); /* RFC variant */
	uuid_write(hash, out);
}
