/*
 * http_private - what the files of the HTTP server share; for these files only.
 *
 *   server --- listener --- connection --- request
 *     |  (one evhttp each)   (while it       (from the handler's call
 *     |                       is open)        to http_reply)
 *     +---- pending: all requests not yet answered
 *
 *   http_server.c -> http_connection.c -> http_gate.c -> http_refuse.c
 *          \____________ http_request.c ____/    \-> http_scan.c
 *                         http_reply.c, http_stream.c
 *   and all of them -> http_accept.c, http_client.c, http_peer.c
 *
 * A connection carries at most one request at a time: evhttp reads the next
 * one after the answer. When a connection goes first, its request lives on
 * without it (connection is NULL) until it is answered.
 */
#ifndef NPSD_LOOP_HTTP_PRIVATE_H
#define NPSD_LOOP_HTTP_PRIVATE_H

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/http_struct.h> /* after http.h */
#include <event2/keyvalq_struct.h>
#include <netinet/in.h>
#include <sys/queue.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/log.h"
#include "loop/http_judge.h"
#include "loop/http_scan.h"
#include "loop/http_server.h"

enum {
	HTTP_SWEEP_MS = 200,	  /* how often deadlines are looked at */
	HTTP_LINGER_MS = 1000,	  /* to read what a refused one still sends */
	HTTP_LOG_EVERY_MS = 1000, /* at most one line of a kind */
};

/* What a connection is at. Each but WORKING ends at its deadline. */
enum http_phase {
	HTTP_PHASE_HANDSHAKE, /* of TLS, from accept */
	HTTP_PHASE_HEAD,      /* from accept, or from a later head's 1st byte */
	HTTP_PHASE_BODY,      /* from the end of the head */
	HTTP_PHASE_WORKING,   /* its request is in the handler's hands */
	HTTP_PHASE_STREAMING, /* from the last byte that the peer took */
	HTTP_PHASE_ANSWERING, /* from the reply until all of it was taken */
	HTTP_PHASE_IDLE,      /* between two requests, from the reply */
	HTTP_PHASE_REFUSED    /* from the refusal until it hangs up */
};

struct http_connection {
	struct http_listener *listener;
	struct evhttp_connection *evhttp; /* NULL until it is adopted */
	struct bufferevent *buffer;
	struct evbuffer_cb_entry *watch;      /* sees each byte that comes */
	struct http_request *request;	      /* in the handler's hands */
	struct http_connection *next_newborn; /* until it is adopted */
	struct http_connection *next_refused; /* until it is told so */
	struct in6_addr peer;
	int fd;
	bool is_plain; /* no TLS: the bufferevent writes what it is given */

	enum http_phase phase;
	int64_t deadline_us;
	struct http_scan scan;
	size_t unread;	 /* came behind the request that is being served */
	size_t reserved; /* of the server's room for bodies */
	/* Of a stream: bytes given to it, and how many of these the peer had
	 * taken when they were looked at last. */
	size_t streamed, taken;
};

struct http_listener {
	struct http_server *server;
	struct http_listener *next;
	struct evhttp *evhttp;
	struct evhttp_bound_socket *socket; /* NULL once closed */
	struct tls_context *tls;	    /* NULL: plain; see tls.h */
	const void *tag;
	size_t connections;
	char *path; /* a unix socket of our making, or NULL */
	struct stat file;
	int port;
	bool is_unix;
	bool is_paused;
};

struct http_server {
	struct loop *loop;
	http_handler_fn handler;
	void *context;
	const struct clock *clock;
	struct http_limits limits;
	const struct address_ranges *trusted; /* proxies, or NULL */
	struct http_listener *listeners;
	struct http_connection *newborn;
	struct http_connection *refused; /* to be told so */
	struct http_connection **by_fd;	 /* the adopted ones */
	size_t by_fd_room;
	size_t connections;
	size_t strangers;  /* of these and the newborn, those over TCP */
	size_t body_bytes; /* reserved by all connections */
	struct metric_family *refusals; /* by reason; or NULL */
	struct http_request *pending;
	size_t pending_count;
	struct event *housekeeping;
	struct event *sweep;
	struct event *mark;  /* see http_accept.c */
	size_t accept_limit; /* as of the last sweep */
	int spare_fd;  /* for the control socket when there are no others */
	bool is_short; /* accept has failed lately */
	struct log_limit full_log, short_log, crowd_log;
	/* Of http_reply.c: what is being written, the date of which second. */
	struct evbuffer *reply;
	struct buf reply_head;
	char date[48];
	int64_t date_s;
};

struct http_request {
	struct http_server *server;	    /* NULL once it is freed */
	struct http_connection *connection; /* NULL once it is gone */
	struct evhttp_request *evhttp;	    /* ours until the reply */
	struct http_request *previous;	    /* among the pending */
	struct http_request *next;
	const void *tag;
	void *data;
	char *path;  /* decoded; NULL if the target's path needs no decoding */
	char *query; /* decoded pairs, see http_request.c; NULL: not yet */
	size_t query_length;
	char client
		[INET6_ADDRSTRLEN]; /* see http_request_client; "": not yet */
	struct buf held;	    /* of a stream: to go with more of it */
	bool is_unix;
};

int64_t http_now_us(const struct http_server *server);
/* False: this kind of line was written a moment ago; else *held says how often
 * it was not. */
bool http_may_log(const struct http_server *server, struct log_limit *limit,
	int64_t *held);

/* ---- http_accept.c: how many come in ---- */

/* Gives a new listener's accepting socket its error callback. */
void http_accept_watch(struct http_listener *listener);
void http_accept_init(struct http_server *server);
void http_accept_done(struct http_server *server);
/* Stops accepting strangers while there are as many as may be, and goes on
 * otherwise. */
void http_accept_balance(struct http_server *server);
/* At each sweep: looks anew how many may be, and tries again. */
void http_accept_refresh(struct http_server *server);
/* Something rests until the next sweep. */
bool http_accept_is_waiting(const struct http_server *server);
/* Most connections over TCP: as set, less where descriptors are few. */
size_t http_accept_limit(const struct http_server *server);

/* ---- http_gate.c: what each may do, and how long ---- */

/* From its birth; the bytes that come are watched. */
void http_gate_open(struct http_connection *connection);
/* It is adopted: the clock runs. */
void http_gate_start(struct http_connection *connection);
void http_gate_close(struct http_connection *connection);
/* evhttp hands a request to the handler. Whether it is the one that was scanned:
 * the same body, and the same bytes behind it. */
bool http_gate_agrees(const struct http_connection *connection,
	const struct evhttp_request *evhttp);
/* The request has its answer: what follows on the connection is looked at. */
void http_gate_answered(struct http_connection *connection);
/* The answer to its request has no end yet: nothing that comes is read. */
void http_gate_stream(struct http_connection *connection);
/* More was given to the stream: what waited before and after. */
void http_gate_streamed(
	struct http_connection *connection, size_t before, size_t after);
/* Ends the connection if its deadline has passed. */
void http_gate_sweep(struct http_connection *connection, int64_t now_us);
/* Tells those that were refused so. Not from a callback of a connection. */
void http_gate_tell_refused(struct http_server *server);

/* ---- http_refuse.c: an answer past evhttp ---- */

/* The whole answer, for a connection that ends with it. The caller frees it. */
char *http_refuse_text(struct http_refusal refusal);
/* Takes the connection away from evhttp, answers, and waits for the peer to hang
 * up. */
void http_refuse(struct http_connection *connection);
/* Sends as much of it as the socket takes at once, where it is plain; the caller
 * ends the connection. */
void http_refuse_now(
	struct http_connection *connection, struct http_refusal refusal);
/* Writes what waits at once, where waiting for the socket to be writable would
 * cost two more system calls and a turn of the loop; the rest is left to the
 * bufferevent. Only for plain sockets: below TLS it would bypass the
 * encryption. May free the connection. */
void http_write_now(struct bufferevent *buffer);

/* ---- http_peer.c: connections of one address ---- */

/* Whether this address is that of a trusted proxy. */
bool http_is_trusted(const struct http_server *server, const char *address);
/* Whether the other, which may be NULL, is of the same address (over TCP). */
bool http_is_of_peer(const struct http_connection *connection,
	const struct http_connection *other);
/* Of the room for bodies, what its peer's connections have. */
size_t http_peer_bytes(const struct http_connection *connection);
/* Its peer is a trusted proxy, and so stands for many. */
bool http_peer_is_proxy(const struct http_connection *connection);

/* ---- http_connection.c ---- */

/* The one place where a connection is born: evhttp asks for the bufferevent of a
 * socket just accepted (its bevcb; context is the listener). It says neither the
 * socket nor its own connection here; housekeeping learns both before the first
 * byte is read. */
struct bufferevent *http_connection_on_birth(
	struct event_base *base, void *context);
void http_connection_adopt_newborn(struct http_server *server);
void http_connection_sweep(struct http_server *server);

/* ---- http_request.c ---- */

/* Takes the request over from evhttp. */
struct http_request *http_request_new(
	struct http_connection *connection, struct evhttp_request *evhttp);
/* Gives back all but evhttp's part; its connection goes on without it. */
void http_request_free(struct http_request *request);

#endif
