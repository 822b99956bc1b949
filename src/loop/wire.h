/*
 * wire - the door to libcurl: connections, TLS, HTTP and the start of SMTP on
 * the loop, in npsd's words. It knows no requests, results or judgements;
 * those are transfer's.
 *
 *   line: new -> set up for a plan -> started -> ended -> stopped
 *                      ^                           |
 *                      +------ used again ---------+
 */
#ifndef NPSD_LOOP_WIRE_H
#define NPSD_LOOP_WIRE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "loop/loop.h"
#include "loop/transfer_judge.h"
#include "loop/transfer_plan.h"

struct wire;
struct wire_line;

struct wire_end {
	enum transfer_failure failure;
	const char *detail; /* lent; no secret, no path; may be NULL */
	bool request_went;  /* HTTP: some of the request left us */
	int proxy_status;   /* what a proxy said that opens no way; 0 */
};

/* What a line tells its owner. No verb of this header may be called from the
 * first three; all may be from on_end. */
struct wire_calls {
	bool (*on_header)(void *owner, const char *line, size_t length);
	bool (*on_body)(void *owner, const char *bytes, size_t length);
	/* SMTP: a line said by us or, is_reply, by the server. */
	void (*on_talk)(
		void *owner, bool is_reply, const char *line, size_t length);
	/* HTTP: it is over. SMTP: without a failure it is logged in, and
	 * ready for send and read until it is stopped. */
	void (*on_end)(void *owner, const struct wire_end *end);
};

/* calls is lent for its life. */
struct wire *wire_new(struct loop *loop, long per_host,
	const struct wire_calls *calls, struct err *err) must_check;
void wire_free(struct wire *wire); /* after its lines */
/* Copies. It counts for each connect and each request from now on. */
void wire_set_policy(struct wire *wire, const struct address_policy *policy);

struct wire_line *wire_line_new(struct wire *wire, void *owner);
void wire_line_free(struct wire_line *line); /* stopped */
/* Forgets what was set before. plan is lent until the next set-up. */
bool wire_line_set_up(struct wire_line *line, const struct transfer_plan *plan,
	struct err *err) must_check;
/* Takes headers, body and time-out from the request; the body is lent until the
 * line is stopped. */
bool wire_line_start(struct wire_line *line,
	const struct transfer_request *request, struct err *err) must_check;
/* Also closes a connection that cannot be used again. */
void wire_line_stop(struct wire_line *line);

enum wire_io { WIRE_DONE, WIRE_AGAIN, WIRE_LOST };
/* SMTP once ready: the descriptor to wait for, or -1. */
int wire_line_fd(const struct wire_line *line);
enum wire_io wire_line_send(
	struct wire_line *line, const char *bytes, size_t length, size_t *sent);
/* WIRE_LOST also where the server has closed. Bytes may be ready although the
 * descriptor is not: read until WIRE_AGAIN. */
enum wire_io wire_line_read(
	struct wire_line *line, char *bytes, size_t room, size_t *got);

#endif
