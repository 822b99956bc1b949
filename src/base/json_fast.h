/*
 * json_fast - a quick reader of the common JSON text, for json.c alone.
 *
 * It knows no reasons and refuses nothing: a text it has any doubt about is
 * left to the strict reader, which alone decides what is taken.
 */
#ifndef NPSD_BASE_JSON_FAST_H
#define NPSD_BASE_JSON_FAST_H

#include <jansson.h>
#include <stddef.h>

#include "base/err.h"

/*
 * The tree that json_read makes of the text, owned by the caller; NULL: not
 * sure. Any thread.
 */
json_t *json_fast_read(const char *data, size_t length) must_check;

#endif
