/*
 * problem - errors of the HTTP interface as application/problem+json
 * (RFC 9457).
 */
#ifndef NPSD_LOOP_PROBLEM_H
#define NPSD_LOOP_PROBLEM_H

#include "loop/http_server.h"

/* Answers the request. `name` is the stable last part of the type URI
 * ("unauthorized"), `detail` a sentence for people that says what to do (may be
 * NULL), pointer the JSON pointer of the field at fault (may be NULL). */
void http_problem(struct http_request *request, int status, const char *name,
	const char *title, const char *detail, const char *pointer);
/* 405 with Allow, which lists the methods ("GET, HEAD"). */
void http_problem_method(struct http_request *request, const char *allow);
/* 503 with Retry-After: our own trouble or no room. */
void http_problem_busy(
	struct http_request *request, int retry_after_s, const char *detail);

#endif
