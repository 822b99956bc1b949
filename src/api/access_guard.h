/*
 * access_guard - slows down who tries tokens. A client (of IPv6 a network, /64) may be
 * wrong a few times a minute; further wrong tokens of it are answered with 429, and only after a
 * while. Right tokens always pass, so that nobody can shut out others who share
 * his address. Loop thread only.
 */
#ifndef NPSD_API_ACCESS_GUARD_H
#define NPSD_API_ACCESS_GUARD_H

#include <stdbool.h>

#include "base/time.h"
#include "loop/http_server.h"
#include "loop/loop.h"

enum {
	GUARD_FREE_TRIES = 10, /* wrong tokens of one client in a window */
	GUARD_WINDOW_S = 60,
	GUARD_DELAY_MS = 1000,
	GUARD_CLIENTS_LIMIT = 256, /* remembered; the longest silent goes */
	GUARD_HELD_LIMIT = 100,	   /* answers put off at once */
};

struct access_guard;

struct access_guard *access_guard_new(
	struct loop *loop, const struct clock *clock);
/* Answers what it holds. */
void access_guard_free(struct access_guard *guard);
/* Answers with 429; the guard has said Retry-After. */
typedef void (*access_guard_fn)(struct http_request *request, void *context);
/* The request came with a wrong token. True: one too many; the guard takes the
 * request and has it answered, by on_answer if that is not NULL. */
bool access_guard_blame(struct access_guard *guard,
	struct http_request *request, access_guard_fn on_answer, void *context);

#endif
