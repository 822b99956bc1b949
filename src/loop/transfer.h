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
#include "loop/address_policy.h"
#include "loop/loop.h"

enum {
	TRANSFER_BODY_LIMIT_BYTES = 64 * 1024,
	TRANSFER_CONNECT_TIMEOUT_MS = 10 * 1000,
	TRANSFER_RETRY_AFTER_LIMIT_MS = 24 * 3600 * 1000,
	/* For the answer to a mail's final dot: RFC 5321 4.5.3.2.6. A server
	 * may look through the mail first, and who hangs up too early sends it
	 * twice. */
	TRANSFER_DOT_TIMEOUT_MS = 10 * 60 * 1000,
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
	const char *mail_from; /* SMTP, bare addresses. With a character */
	const char *mail_to;   /* outside ASCII the server must know SMTPUTF8 */
	enum transfer_tls tls; /* SMTP with smtp:// */
	const char *ca_file;   /* NULL: the system's */
	/* Who we are, to a server that asks: PEM files. key_file NULL: the key
	 * stands in the other one. */
	const char *certificate_file, *key_file;
	/* HTTP goes by this proxy: http://HOST:PORT. NULL: by none, whatever
	 * the environment says. */
	const char *proxy, *proxy_user, *proxy_password;
	/* Beside that of the pool; NULL: none. With a proxy it is the proxy's
	 * address that is judged. */
	const struct address_policy *policy;
	const char *unix_path;	   /* HTTP over this socket, or NULL */
	struct exchange *exchange; /* gets what is said; lent until on_done;
	                            * NULL: nobody looks */
	/* HTTP: gets the body of a 2xx as it comes, of which nothing is kept
	 * then; context is on_done's. Must not end the transfer. NULL: kept. */
	void (*on_bytes)(const char *bytes, size_t length, void *context);
	size_t body_limit;	/* of what is kept of a response; 0:
	                        * TRANSFER_BODY_LIMIT_BYTES */
	int64_t timeout_ms;	/* of the whole transfer; SMTP: up to the dot;
	                         * HTTP: 0 is none */
	int64_t dot_timeout_ms; /* SMTP, from there on; 0:
	                         * TRANSFER_DOT_TIMEOUT_MS */
};

enum transfer_end {
	/* HTTP: a whole status line and headers came. SMTP: accepted after the
	 * data (250). */
	TRANSFER_ANSWERED,
	/* SMTP: a reply of 400 or more, see status; or, with status 0, no way
	 * to log in that both sides know. HTTP: the proxy's own answer, which
	 * never reached the receiver. */
	TRANSFER_REFUSED,
	/* Name, connect, reset or timeout: nothing of it can have been taken.
	 */
	TRANSFER_NETWORK,
	/* Certificate, handshake, STARTTLS missing or refused. */
	TRANSFER_TLS,
	/* SMTP: lost or timed out after the data went. HTTP: after any of the
	 * request went, before a status. */
	TRANSFER_UNKNOWN,
	/* All addresses of the host are denied by the policy. */
	TRANSFER_DENIED,
	/* A URL or content that must not be sent, or an address that the server
	 * cannot take (no SMTPUTF8). */
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
	/* SMTP: RFC 3463 status of a refusal, as in "5.1.1", or "". */
	char enhanced[12];
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
/* Which addresses may be connected to from now on, in all transfers: lent for
 * the call. At first nothing but npsd's own ranges are denied. */
void transfer_pool_set_policy(
	struct transfer_pool *pool, const struct address_policy *policy);
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
