/*
 * http_judge - may this be the head of a request? Judges the raw bytes, before
 * evhttp reads them, and refuses what evhttp 2.1 would let pass although another
 * HTTP reader would see something else in the same bytes (RFC 9110, 9112): that
 * difference is how requests are smuggled. Pure: no I/O, no state.
 */
#ifndef NPSD_LOOP_HTTP_JUDGE_H
#define NPSD_LOOP_HTTP_JUDGE_H

#include <stdbool.h>
#include <stddef.h>

enum { HTTP_HEADER_LINES_LIMIT = 100 };

/* Why a request must not reach the handler. */
struct http_refusal {
	int status;
	const char *detail; /* NULL: nothing is wrong with it */
};

/* Where a request ends. */
struct http_framing {
	size_t length; /* of the body; 0: there is none */
	bool is_chunked;
};

/* head: whole lines from the request line on, each with CR LF; what stands behind
 * the last LF is not looked at. With the blank line that ends it, it is judged as
 * a whole too; before, only line by line: evhttp reads each as it comes.
 * body_limit: most bytes that a body may have. */
struct http_refusal http_judge_head(const char *head, size_t length,
	size_t body_limit, struct http_framing *framing);
/* RFC 9110, 5.6.2: what methods and names of headers are made of. */
bool http_judge_is_token_char(char c);

#endif
