/*
 * http_server - HTTP/1.1 requests in, answers out, over evhttp.
 *
 * A request reaches the handler only if it is whole and can be read in one way:
 * what is malformed, too large or too slow is answered here. A request may be
 * answered later (after the commit): the handler keeps the pointer until it
 * replies; a client that leaves before is noticed and the reply is then dropped,
 * so the pointer stays valid until http_reply in any case.
 */
#ifndef NPSD_LOOP_HTTP_SERVER_H
#define NPSD_LOOP_HTTP_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/time.h"
#include "loop/loop.h"

enum {
	HTTP_HEADERS_LIMIT_BYTES = 16 * 1024,
	HTTP_BODY_LIMIT_BYTES = 4 * 1024 * 1024, /* most any route may take */
};

/* Deadlines are absolute: no byte that comes puts one off. */
struct http_limits {
	size_t connections;   /* at once; those to unix sockets don't count */
	size_t per_address;   /* of these, with one peer */
	int64_t handshake_ms; /* of TLS, from accept */
	int64_t head_ms;      /* from accept (TLS: from the handshake), or from
	                       * a later request's first byte */
	int64_t body_ms;      /* from the end of the head */
	int64_t answer_ms;    /* for the peer to take the whole answer */
	int64_t idle_ms;      /* from an answer to the next request */
};
extern const struct http_limits http_limits_default;

enum http_method {
	HTTP_GET,
	HTTP_HEAD,
	HTTP_POST,
	HTTP_PUT,
	HTTP_DELETE,
	HTTP_PATCH,
	HTTP_OPTIONS,
	HTTP_OTHER
};

struct address_ranges;
struct metrics;
struct tls_context;
struct http_server;
struct http_listener;
struct http_request;

typedef void (*http_handler_fn)(struct http_request *request, void *context);

/* All requests of all listeners go to `handler`. */
struct http_server *http_server_new(
	struct loop *loop, http_handler_fn handler, void *context);
/* Closes listeners and connections. Requests that still wait for an answer
 * are told by http_request_is_gone. */
void http_server_free(struct http_server *server);

/* Others than http_limits_default; copied. */
void http_server_set_limits(
	struct http_server *server, const struct http_limits *limits);
/* Proxies whose word is taken for whom they ask for; lent until others are set.
 * NULL: none. */
void http_server_set_trusted(
	struct http_server *server, const struct address_ranges *proxies);
/* Counts what is refused before it is a request: npsd_http_refused_total. */
void http_server_set_metrics(
	struct http_server *server, struct metrics *metrics);
/* Another clock than the system's (tests); lent. */
void http_server_set_clock(
	struct http_server *server, const struct clock *clock);

/* tag: an opaque pointer that requests of this listener carry. address:
 * "127.0.0.1:8677", "[::1]:8677", "0.0.0.0:80"; port 0 asks for a free one. */
struct http_listener *http_listen_tcp(struct http_server *server,
	const char *address, const void *tag, struct err *err) must_check;
/* mode: permission bits of the socket file; group: may be NULL. A stale socket
 * file nobody listens on is replaced; a live one is an error. */
struct http_listener *http_listen_unix(struct http_server *server,
	const char *path, mode_t mode, const char *group, const void *tag,
	struct err *err) must_check;
/* An already listening socket (from systemd). */
struct http_listener *http_listen_fd(struct http_server *server, int fd,
	const void *tag, struct err *err) must_check;
/* For connections accepted from now on: NULL is plain. Shares it. */
void http_listener_set_tls(
	struct http_listener *listener, struct tls_context *tls);
void http_listener_set_tag(struct http_listener *listener, const void *tag);
/* Stops listening. Connections live on for one more answer, an idle one for the
 * idle time-out. The pointer is of no use afterwards. */
void http_listener_close(struct http_listener *listener);
/* The bound port, 0 for a unix socket. */
int http_listener_port(const struct http_listener *listener);
/* Why no connections over TCP are accepted just now; NULL: they are. */
const char *http_server_trouble(const struct http_server *server);
size_t http_server_connections(const struct http_server *server);
/* Requests handed to the handler and not yet replied to. */
size_t http_server_pending(const struct http_server *server);

/* The request, lent until the reply. */
enum http_method http_request_method(const struct http_request *request);
/* "OTHER" for a method that is not among those above. */
const char *http_request_method_text(const struct http_request *request);
/* Decoded path without the query; never NULL; percent-encoded NUL was refused. */
const char *http_request_path(const struct http_request *request);
/* The request target as sent, with the query. */
const char *http_request_target(const struct http_request *request);
/* First value of a query parameter, decoded, or NULL. */
const char *http_request_query(
	const struct http_request *request, const char *name);
/* First value of a header (case does not matter), or NULL. */
const char *http_request_header(
	const struct http_request *request, const char *name);
/* Calls on_header for each header in the order sent. */
void http_request_each_header(const struct http_request *request,
	void (*on_header)(const char *name, const char *value, void *context),
	void *context);
/* The whole body; not NUL-terminated; NULL where it is empty. */
const char *http_request_body(
	const struct http_request *request, size_t *length);
/* The peer's address as text ("127.0.0.1", "::1", "unix"). */
const char *http_request_peer(const struct http_request *request);
/* Who asks, as far as is known: the peer, or, where that is a trusted proxy, the
 * last address in X-Forwarded-For that is none. Lent until the reply. */
const char *http_request_client(const struct http_request *request);
/* 127.0.0.0/8 or ::1; false for a unix socket. */
bool http_request_peer_is_loopback(const struct http_request *request);
bool http_request_is_unix(const struct http_request *request);
const void *http_request_tag(const struct http_request *request);
/* The client's connection is known to be dead: a reply would reach nobody. Asks
 * the kernel; a client that has closed without reading may not show yet, and
 * one that has only finished sending is not gone. */
bool http_request_is_gone(const struct http_request *request);
/* A place for the handler's own pointer. */
void http_request_set_data(struct http_request *request, void *data);
void *http_request_data(const struct http_request *request);

/* Adds a header to the answer; CR or LF in it ends the process (ours). */
void http_reply_header(
	struct http_request *request, const char *name, const char *value);
/* Answers once and ends the request's life. body may be NULL. */
void http_reply(struct http_request *request, int status,
	const char *content_type, const void *body, size_t length);

#endif
