/*
 * http_scan - follows the raw bytes of one request to its end: head, then a body
 * by length or in chunks. What is said of it does not depend on how the bytes
 * were cut into pieces. Pure but for memory: no I/O, no clock.
 *
 *	init -> feed ... -> HTTP_SCAN_DONE (or _REFUSED) -> next -> feed ...
 *
 * Chunk extensions and trailers are refused: nobody needs them here, and readers
 * differ over them.
 */
#ifndef NPSD_LOOP_HTTP_SCAN_H
#define NPSD_LOOP_HTTP_SCAN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "loop/http_judge.h"

enum http_scan_state {
	HTTP_SCAN_HEAD,
	HTTP_SCAN_BODY,	    /* by length */
	HTTP_SCAN_SIZE,	    /* the digits of a chunk's size */
	HTTP_SCAN_SIZE_LF,  /* behind their CR */
	HTTP_SCAN_CHUNK,    /* its bytes */
	HTTP_SCAN_CHUNK_CR, /* behind them */
	HTTP_SCAN_CHUNK_LF,
	HTTP_SCAN_LAST_CR, /* behind the chunk of no bytes */
	HTTP_SCAN_LAST_LF,
	HTTP_SCAN_DONE,
	HTTP_SCAN_REFUSED
};

struct http_scan {
	enum http_scan_state state;
	struct http_refusal refusal;
	struct http_framing framing; /* once the head is whole */
	struct buf head;
	size_t head_limit, body_limit;
	size_t body_bytes; /* of the body so far */
	size_t left;	   /* of the body, or of the chunk */
	int digits;	   /* of the chunk's size */
	bool has_new_line; /* of the head, not judged yet */
};

void http_scan_init(
	struct http_scan *scan, size_t head_limit, size_t body_limit);
void http_scan_done(struct http_scan *scan);
/* Ready for the request after the one that is done. */
void http_scan_next(struct http_scan *scan);
/* How many bytes belong to the request: all of them, unless it ends in them or
 * is refused. */
size_t http_scan_feed(struct http_scan *scan, const char *bytes, size_t length);
/* The head is whole, the body is not. */
bool http_scan_is_in_body(const struct http_scan *scan);

#endif
