/*
 * webhook_reply - what the sender of a request hears of its records. Each
 * answers the request and so ends it.
 */
#ifndef NPSD_SOURCE_WEBHOOK_REPLY_H
#define NPSD_SOURCE_WEBHOOK_REPLY_H

#include "loop/http_server.h"
#include "source/source.h"

/* For survey tools: always 200, as a refused answer is kept as rejected and
 * would not get better by being sent again. */
void webhook_reply_plain(
	struct http_request *request, const struct batch *batch);
/* For programs that know npsd: each record by itself. */
void webhook_reply_api(struct http_request *request, const struct batch *batch);
/* Nothing was kept: it is to be sent again. */
void webhook_reply_later(struct http_request *request);

#endif
