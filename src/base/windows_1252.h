/*
 * windows_1252 - text in the code page of older Western Windows programs,
 * as UTF-8.
 */
#ifndef NPSD_BASE_WINDOWS_1252_H
#define NPSD_BASE_WINDOWS_1252_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/* Appends the bytes as UTF-8. False: the byte at *at stands for no character
 * (81, 8D, 8F, 90, 9D). */
bool windows_1252_append(
	struct buf *out, const char *data, size_t length, size_t *at);

#endif
