/*
 * access - who asks, and what may they do.
 *
 * Over the control socket: everything (the file's permissions decide who opens
 * it). With a bearer token: its role. With no tokens configured at all: peers on
 * loopback may do everything, unless the request went through a proxy or a
 * foreign page (Forwarded headers, a foreign Host or Origin).
 */
#ifndef NPSD_API_ACCESS_H
#define NPSD_API_ACCESS_H

#include <stdbool.h>

#include "api/access_guard.h"
#include "api/api.h"

enum access {
	ACCESS_GRANTED,
	ACCESS_UNKNOWN, /* 401: no token, or an unknown one */
	ACCESS_DENIED,	/* 403: a role that may not */
};

/* token: a further secret that grants intake here (a source's own), or NULL. */
enum access access_judge(const struct api_access *access,
	const struct http_request *request, enum api_role needed,
	const char *token);
/* Who asks, for the record: a token's name, or by way of the control socket what
 * the command said ("by"). Lent by the request and the access. */
const char *access_who(
	const struct api_access *access, const struct http_request *request);
/* Judges and, if not granted, answers the request, or lets the guard (NULL: there
 * is none) answer it later: then false. */
bool access_passes(const struct api_access *access,
	struct http_request *request, enum api_role needed, const char *token,
	struct access_guard *guard);

#endif
