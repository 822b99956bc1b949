/*
 * http_answer - what has come back of an HTTP response so far: its status,
 * Retry-After, and the start of its body. Fed by transfer, judged elsewhere.
 */
#ifndef NPSD_LOOP_HTTP_ANSWER_H
#define NPSD_LOOP_HTTP_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

enum {
	HTTP_ANSWER_HEADERS_LIMIT_BYTES = 64 * 1024,
	HTTP_ANSWER_RETRY_AFTER_BYTES = 48,
};

struct http_answer {
	struct buf body;   /* at most body_limit bytes */
	size_t body_limit; /* 0: TRANSFER_BODY_LIMIT_BYTES */
	int status;	   /* of the header block being read */
	bool is_whole;	   /* that block has ended and is no 1xx */
	size_t header_bytes;
	char retry_after[HTTP_ANSWER_RETRY_AFTER_BYTES];
};

/* Ready for the next response; keeps a little memory. */
void http_answer_clear(struct http_answer *answer);
void http_answer_done(struct http_answer *answer);
/* A status line, a header, or the blank line at the end, with its line end.
 * False: too much of them, stop. */
bool http_answer_header(
	struct http_answer *answer, const char *line, size_t length);
/* False: enough, stop. */
bool http_answer_body(
	struct http_answer *answer, const char *bytes, size_t length);
/* 0: no whole header block came. */
int http_answer_status(const struct http_answer *answer);
bool http_answer_is_endless(const struct http_answer *answer);
/* As in struct transfer_result. */
int64_t http_answer_retry_after_ms(
	const struct http_answer *answer, int64_t now_ms);

#endif
