/*
 * http_server - listeners, connections and the way of a request from evhttp to
 * the handler. Not here: what a request holds and how it is answered
 * (http_request), how sockets are made (listen_socket).
 */
#include "loop/http_server.h"

#include <assert.h>
#include <stdlib.h>
#include <unistd.h>

#include <event2/listener.h>

#include "base/memory.h"
#include "base/time.h"
#include "loop/http_private.h"
#include "loop/listen_socket.h"
#include "loop/problem.h"
#include "loop/tls.h"

enum { ALL_METHODS = 0xffff };

const struct http_limits http_limits_default = {
	.connections = 2000,
	.per_address = 250,
	.handshake_ms = 10 * MS_PER_SECOND,
	.head_ms = 10 * MS_PER_SECOND,
	.body_ms = 30 * MS_PER_SECOND,
	.answer_ms = 60 * MS_PER_SECOND,
	.idle_ms = 60 * MS_PER_SECOND,
};

/* Not from a callback of one of its connections. */
static void
free_listener(struct http_listener *listener)
{
	evhttp_free(listener->evhttp);
	tls_context_free(listener->tls);
	free(listener->path);
	free(listener);
}

static void
plan_sweep(struct http_server *server)
{
	struct timeval soon = {.tv_usec = HTTP_SWEEP_MS * 1000};

	if ((server->connections > 0 || http_accept_is_waiting(server)) &&
		!evtimer_pending(server->sweep, NULL))
		event_add(server->sweep, &soon);
}

static void
on_sweep(evutil_socket_t fd, short what, void *context)
{
	(void)fd;
	(void)what;
	struct http_server *server = context;

	http_connection_sweep(server);
	http_accept_refresh(server);
	plan_sweep(server);
}

static void
on_housekeeping(evutil_socket_t fd, short what, void *context)
{
	(void)fd;
	(void)what;
	struct http_server *server = context;
	http_connection_adopt_newborn(server);
	http_gate_tell_refused(server);
	struct http_listener **link = &server->listeners;
	while (*link != NULL) {
		struct http_listener *listener = *link;
		if (listener->socket != NULL || listener->connections > 0) {
			link = &listener->next;
			continue;
		}
		*link = listener->next;
		free_listener(listener);
	}
	plan_sweep(server);
}

/* Also closes the connection: what follows on it cannot be trusted. */
static void
refuse_misread(struct http_request *request)
{
	http_reply_header(request, "Connection", "close");
	http_problem(request, 400, "malformed-request", "Malformed request",
		"The request can be read in two ways.", NULL);
}

static void
on_request(struct evhttp_request *evhttp, void *context)
{
	struct http_listener *listener = context;
	struct http_server *server = listener->server;
	struct bufferevent *buffer = evhttp_connection_get_bufferevent(
		evhttp_request_get_connection(evhttp));
	int fd = bufferevent_getfd(buffer);
	assert(fd >= 0 && (size_t)fd < server->by_fd_room);
	struct http_connection *connection = server->by_fd[fd];
	assert(connection != NULL && connection->buffer == buffer);
	bool agrees = http_gate_agrees(connection, evhttp);
	struct http_request *request = http_request_new(connection, evhttp);
	if (agrees)
		server->handler(request, server->context);
	else
		refuse_misread(request);
}

struct http_server *
http_server_new(struct loop *loop, http_handler_fn handler, void *context)
{
	struct http_server *server = mem_new(1, sizeof *server);
	server->loop = loop;
	server->handler = handler;
	server->context = context;
	server->clock = &clock_system;
	server->limits = http_limits_default;
	server->housekeeping =
		event_new(loop_base(loop), -1, 0, on_housekeeping, server);
	server->sweep = event_new(loop_base(loop), -1, 0, on_sweep, server);
	server->reply = evbuffer_new();
	if (server->housekeeping == NULL || server->sweep == NULL ||
		server->reply == NULL)
		mem_out();
	http_accept_init(server);
	return server;
}

void
http_server_set_limits(
	struct http_server *server, const struct http_limits *limits)
{
	server->limits = *limits;
	http_accept_refresh(server);
}

void
http_server_set_trusted(
	struct http_server *server, const struct address_ranges *proxies)
{
	server->trusted = proxies;
}

void
http_server_set_clock(struct http_server *server, const struct clock *clock)
{
	server->clock = clock;
}

void
http_server_free(struct http_server *server)
{
	if (server == NULL)
		return;
	http_connection_adopt_newborn(server);
	while (server->listeners != NULL) {
		struct http_listener *listener = server->listeners;
		http_listener_close(listener);
		server->listeners = listener->next;
		free_listener(listener); /* its connections' on_death runs */
	}
	struct http_request *request = server->pending;
	while (request != NULL) {
		struct http_request *next = request->next;
		request->server = NULL;
		request->previous = request->next = NULL;
		request = next;
	}
	event_free(server->housekeeping);
	event_free(server->sweep);
	http_accept_done(server);
	evbuffer_free(server->reply);
	buf_done(&server->reply_head);
	free(server->by_fd);
	free(server);
}

static struct evhttp *
make_evhttp(struct http_listener *listener)
{
	struct evhttp *evhttp = evhttp_new(loop_base(listener->server->loop));
	if (evhttp == NULL)
		abort();
	evhttp_set_max_headers_size(evhttp, HTTP_HEADERS_LIMIT_BYTES);
	evhttp_set_max_body_size(evhttp, HTTP_BODY_LIMIT_BYTES);
	evhttp_set_default_content_type(evhttp, NULL);
	evhttp_set_allowed_methods(evhttp, ALL_METHODS);
	evhttp_set_bevcb(evhttp, http_connection_on_birth, listener);
	evhttp_set_gencb(evhttp, on_request, listener);
	return evhttp;
}

/* Takes fd, which listens. */
static struct http_listener *
make_listener(struct http_server *server, int fd, const void *tag)
{
	struct http_listener *listener = mem_new(1, sizeof *listener);
	listener->server = server;
	listener->tag = tag;
	listener->port = listen_socket_port(fd);
	listener->is_unix = listen_socket_is_unix(fd);
	listener->evhttp = make_evhttp(listener);
	struct evconnlistener *socket =
		evconnlistener_new(loop_base(server->loop), NULL, NULL,
			LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, 0, fd);
	if (socket == NULL)
		abort();
	listener->socket = evhttp_bind_listener(listener->evhttp, socket);
	if (listener->socket == NULL)
		abort();
	listener->next = server->listeners;
	server->listeners = listener;
	http_accept_watch(listener);
	http_accept_balance(server);
	return listener;
}

struct http_listener *
http_listen_tcp(struct http_server *server, const char *address,
	const void *tag, struct err *err)
{
	int fd = listen_socket_tcp(address, err);
	return fd < 0 ? NULL : make_listener(server, fd, tag);
}

struct http_listener *
http_listen_unix(struct http_server *server, const char *path, mode_t mode,
	const char *group, const void *tag, struct err *err)
{
	int fd = listen_socket_unix(path, mode, group, err);
	if (fd < 0)
		return NULL;
	struct http_listener *listener = make_listener(server, fd, tag);
	listener->path = mem_strdup(path);
	if (lstat(path, &listener->file) != 0)
		listener->file = (struct stat){.st_ino = 0};
	return listener;
}

struct http_listener *
http_listen_fd(
	struct http_server *server, int fd, const void *tag, struct err *err)
{
	if (!listen_socket_adopt(fd, err))
		return NULL;
	return make_listener(server, fd, tag);
}

/* Another process may have put its own socket in our place. */
static void
remove_socket_file(const struct http_listener *listener)
{
	struct stat now;
	if (lstat(listener->path, &now) == 0 &&
		now.st_dev == listener->file.st_dev &&
		now.st_ino == listener->file.st_ino)
		unlink(listener->path);
}

void
http_listener_close(struct http_listener *listener)
{
	if (listener == NULL || listener->socket == NULL)
		return;
	http_connection_adopt_newborn(listener->server);
	if (listener->path != NULL)
		remove_socket_file(listener);
	evhttp_del_accept_socket(listener->evhttp, listener->socket);
	listener->socket = NULL;
	listener->is_paused = false;
	event_active(listener->server->housekeeping, EV_TIMEOUT, 0);
}

void
http_listener_set_tls(struct http_listener *listener, struct tls_context *tls)
{
	tls_context_free(listener->tls);
	listener->tls = tls_context_share(tls);
}

void
http_listener_set_tag(struct http_listener *listener, const void *tag)
{
	listener->tag = tag;
}

int
http_listener_port(const struct http_listener *listener)
{
	return listener->port;
}

size_t
http_server_connections(const struct http_server *server)
{
	return server->connections;
}

size_t
http_server_pending(const struct http_server *server)
{
	return server->pending_count;
}
