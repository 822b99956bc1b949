/*
 * uuid - the door to libuuid (RFC 9562, formerly RFC 4122).
 */
#ifndef NPSD_CRYPT_UUID_H
#define NPSD_CRYPT_UUID_H

#include <stddef.h>

enum { UUID_TEXT_BYTES = 37 };

/* Version 4, random, lower case. */
void uuid_random(char out[UUID_TEXT_BYTES]);
/* Version 5: SHA-1 over npsd's own name space and the name; equal names give
 * equal ids, for ever. */
void uuid_from_name(const void *name, size_t length, char out[UUID_TEXT_BYTES]);

#endif
