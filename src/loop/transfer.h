/*
 * transfer - requests to others: HTTP(S) and SMTP(S).
 *
 * One pool on the loop's thread. A transfer never retries and follows no
 * redirect; of a response at most TRANSFER_BODY_LIMIT_BYTES are kept and the
 * rest is not read. What a result means for a delivery is the action's
 * judgement, not made here.
 */
#ifndef NPSD_LOOP_TRANSFER_H
#define NPSD_LOOP_TRANSFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "loop/loop.h"

enum {
	TRANSFER_BODY_LIMIT_BYTES = 64 * 1024,
	TRANSFER_CONNECT_TIMEOUT_MS = 10 * 1000,
	TRANSFER_RETRY_AFTER_LIMIT_MS = 24 * 3600 * 1000,
};

struct transfer_pool;
struct transfer;

enum transfer_tls {
	TRANSFER_TLS_REQUIRED, /* SMTP: STARTTLS or the transfer fails */
	TRANSFER_TLS_OPTIONAL, /* SMTP: STARTTLS where it is offered */
	TRANSFER_TLS_OFF,      /* SMTP: never */
};

/* Everything is lent for the time of transfer_start only, but `body`, which is
 * lent until on_done. */
struct transfer_request {
	const char *url;	    /* http https smtp smtps */
	const char *method;	    /* HTTP; NULL is POST */
	const char *const *headers; /* "Name: value", ended by NULL */
	const void *body;	    /* HTTP body, or the whole mail with CRLF */
	size_t body_length;
	const char *user; /* Basic, or SMTP AUTH; may be NULL */
	const char *password;
	const char *mail_from; /* SMTP, bare addresses */
	const char *mail_to;
	enum transfer_tls tls; /* SMTP with smtp:// */
	const char *ca_file;   /* NULL: the system's */
	const char *unix_path; /* HTTP over this socket, or NULL */
	size_t body_limit;     /* of what is kept of a response; 0:
	                        * TRANSFER_BODY_LIMIT_BYTES */
	int64_t timeout_ms;    /* of the whole transfer */
};

enum transfer_end {
	/* HTTP: a whole status line and headers came. SMTP: accepted after the
	 * data (250). */
	TRANSFER_ANSWERED,
	/* SMTP: a reply of 400 or more, see status; or, with status 0, no way
	 * to log in that both sides know. */
	TRANSFER_REFUSED,
	/* Name, connect, reset or timeout: nothing of it can have been taken.
	 */
	TRANSFER_NETWORK,
	/* Certificate, handshake, STARTTLS missing or refused. */
	TRANSFER_TLS,
	/* SMTP: lost or timed out after the data went. HTTP: after any of the
	 * request went, before a status. */
	TRANSFER_UNKNOWN,
	/* A URL or content that must not be sent. */
	TRANSFER_MISUSED,
};

/* Where an SMTP dialogue stood when it ended. */
enum transfer_stage {
	STAGE_CONNECT,
	STAGE_AUTH,
	STAGE_MAIL,
	STAGE_RCPT,
	STAGE_DATA,
	STAGE_SENT
};

struct transfer_result {
	enum transfer_end end;
	int status;		   /* HTTP status or SMTP reply code; 0: none */
	enum transfer_stage stage; /* SMTP */
	/* From Retry-After, seconds or date, clamped to 0..limit; -1: none. */
	int64_t retry_after_ms;
	const char *body; /* HTTP response so far kept, lent */
	size_t body_length;
	int64_t elapsed_us;
	/* A sentence; never holds a secret or a URL's path or query. */
	char reason[200];
};

typedef void (*transfer_done_fn)(
	const struct transfer_result *result, void *context);

/* per_host: most connections to one host; further transfers wait in line, and
 * their timeout runs. */
struct transfer_pool *transfer_pool_new(
	struct loop *loop, long per_host, struct err *err) must_check;
/* Ends all transfers without calling on_done. Not from an on_done. */
void transfer_pool_free(struct transfer_pool *pool);
/* Starts; on_done is called later, once. A request that must not be sent (a
 * header with a line break, a lone LF in a mail) ends as TRANSFER_MISUSED. NULL
 * only if curl refuses an option: then *err says so and on_done is never
 * called. */
struct transfer *transfer_start(struct transfer_pool *pool,
	const struct transfer_request *request, transfer_done_fn on_done,
	void *context, struct err *err) must_check;
/* Ends it without calling on_done. */
void transfer_cancel(struct transfer *transfer);
/* True if the URL can be used: scheme among those given (ended by NULL), a
 * host, no user name or password inside. */
bool transfer_url_is_good(const char *url, const char *const *schemes,
	struct err *err) must_check;

#endif
