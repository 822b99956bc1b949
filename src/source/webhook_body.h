/*
 * webhook_body - the body of a request as records. A single record is handed
 * on as the bytes it is, unread.
 */
#ifndef NPSD_SOURCE_WEBHOOK_BODY_H
#define NPSD_SOURCE_WEBHOOK_BODY_H

#include <stddef.h>

#include "loop/http_server.h"
#include "source/source.h"

enum {
	WEBHOOK_BODY_LIMIT_BYTES = 1024 * 1024,
	WEBHOOK_RECORDS_LIMIT = 2 * SOURCE_BATCH_RECORDS,
	/* Kept of a line that is too long. */
	WEBHOOK_KEPT_BYTES = 8 * 1024,
};

/* A batch of the request's records, labelled "request". NULL: the request was
 * answered, with what is wrong with it. */
struct batch *webhook_body_read(
	struct source *source, struct http_request *request);

#endif
