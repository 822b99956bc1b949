/*
 * json_pointer - a value inside of a JSON value, by its pointer (RFC 6901).
 */
#ifndef NPSD_BASE_JSON_POINTER_H
#define NPSD_BASE_JSON_POINTER_H

#include <jansson.h>
#include <stdbool.h>

/* True for "" and what begins with a slash, with ~ only in ~0 and ~1. */
bool json_pointer_is_good(const char *pointer);
/* The value, lent; NULL: there is none. The pointer must be a good one. */
const json_t *json_pointer_at(const json_t *value, const char *pointer);

#endif
