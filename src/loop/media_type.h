/*
 * media_type - what a request says of its body: Content-Type and
 * Content-Encoding.
 */
#ifndef NPSD_LOOP_MEDIA_TYPE_H
#define NPSD_LOOP_MEDIA_TYPE_H

#include <stdbool.h>

#include "base/text.h"
#include "loop/http_server.h"

/* Without its parameters; empty where there is none. Lent by the request. */
struct text media_type(const struct http_request *request);
bool media_type_is(struct text type, const char *name);
/* Many senders leave the type out; what they send is JSON. */
bool media_type_is_json(struct text type);
/* True if the body is compressed, or otherwise not as it is read. */
bool media_type_is_encoded(const struct http_request *request);

#endif
