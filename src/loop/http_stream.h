/*
 * http_stream - an answer that is written piece by piece, for as long as there
 * is something to tell.
 *
 * What the peer has not taken waits in memory, HTTP_STREAM_LIMIT_BYTES at the
 * most: more is refused, and that is the caller's to tell. A peer that takes
 * nothing for HTTP_STREAM_STALL_MS while something waits is hung up on; one that
 * closes its side, too. What it sends meanwhile is thrown away, and the
 * connection ends with the stream.
 */
#ifndef NPSD_LOOP_HTTP_STREAM_H
#define NPSD_LOOP_HTTP_STREAM_H

#include "loop/http_server.h"

enum {
	HTTP_STREAM_LIMIT_BYTES = 512 * 1024, /* waiting for one peer */
	HTTP_STREAM_STALL_MS = 5 * 60 * 1000,
};

/* Whether an answer without a length can be given at all: not by HTTP/1.0, nor
 * to HEAD. */
bool http_stream_is_possible(const struct http_request *request);
/* Sends the head, status 200. The request stays the caller's until
 * http_stream_end. */
void http_stream_start(struct http_request *request, const char *content_type);
/* False: there is no room for it, or nobody is there; nothing of it was taken. */
bool http_stream_write(struct http_request *request, const void *bytes,
	size_t length) must_check;
/* Sends what was held back to go in one piece with more; to be called now and
 * then. */
void http_stream_flush(struct http_request *request);
/* The peer is gone: http_stream_end is all that is left. */
bool http_stream_is_gone(const struct http_request *request);
/* The end of the answer, and of the request's life. */
void http_stream_end(struct http_request *request);

#endif
