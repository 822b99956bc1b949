/*
 * http_part - as much of HTTP/1.1 as two programs on one machine need that
 * both are ours or well behaved: bodies with a length, no chunks.
 */
#ifndef BENCH_HTTP_PART_H
#define BENCH_HTTP_PART_H

#include <stdbool.h>
#include <stddef.h>

struct http_part {
	const char *line; /* the first line, up to its CR */
	size_t line_length;
	const char *body;
	size_t body_length;
	size_t length; /* of all of it */
};

/* Looks at the message that the bytes begin with; false: it is not whole. */
bool http_part_read(const char *bytes, size_t length, struct http_part *part);

/* The status of a response's first line, 0 if it has none. */
int http_part_status(const struct http_part *part);

/* A listening socket on loopback at a port that is free (told in *port), or a
 * connected one; both end the process if they can't. */
int http_part_listen(int *port);
int http_part_connect(int port);

#endif
