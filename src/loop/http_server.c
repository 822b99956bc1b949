/*
 * http_server - listeners, connections and the way of a request from evhttp to
 * the handler. Not here: what a request holds and how it is answered
 * (http_request), how sockets are made (listen_socket).
 */
#include "loop/http_server.h"

#include <assert.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/listener.h>

#include "base/memory.h"
#include "loop/http_private.h"
#include "loop/listen_socket.h"
#include "loop/problem.h"

/* Most bytes that wait unread in our memory on one connection: evhttp wants a
 * whole body there before it looks at it. */
enum {
	UNREAD_LIMIT_BYTES =
		HTTP_BODY_LIMIT_BYTES + 2 * HTTP_HEADERS_LIMIT_BYTES,
	ALL_METHODS = 0xffff,
};

/*
 * The one place where a connection is born: evhttp asks for the bufferevent of
 * a socket just accepted. Here a gate can count, date and refuse connections,
 * and TLS can wrap them. evhttp says neither the socket nor its own connection
 * here; on_housekeeping learns both before the first byte is read.
 */
static struct bufferevent *
on_birth(struct event_base *base, void *context)
{
	struct http_listener *listener = context;
	struct http_server *server = listener->server;
	struct http_connection *connection = mem_new(1, sizeof *connection);
	connection->listener = listener;
	connection->fd = -1;
	connection->is_plain = true;
	connection->buffer =
		bufferevent_socket_new(base, -1, BEV_OPT_CLOSE_ON_FREE);
	if (connection->buffer == NULL)
		abort();
	bufferevent_setwatermark(
		connection->buffer, EV_READ, 0, UNREAD_LIMIT_BYTES);
	bufferevent_incref(connection->buffer); /* until it is adopted */
	connection->next_newborn = server->newborn;
	server->newborn = connection;
	event_active(server->housekeeping, EV_TIMEOUT, 0);
	return connection->buffer;
}

/* evhttp is about to free the connection. */
static void
on_death(struct evhttp_connection *evhttp, void *context)
{
	(void)evhttp;
	struct http_connection *connection = context;
	struct http_listener *listener = connection->listener;
	struct http_server *server = listener->server;
	server->by_fd[connection->fd] = NULL;
	server->connections--;
	listener->connections--;
	if (connection->request != NULL)
		connection->request->connection = NULL;
	if (listener->socket == NULL && listener->connections == 0)
		event_active(server->housekeeping, EV_TIMEOUT, 0);
	free(connection);
}

static void
file_by_fd(struct http_server *server, struct http_connection *connection)
{
	size_t fd = (size_t)connection->fd;
	if (fd >= server->by_fd_room) {
		size_t room = fd < 64 ? 128 : fd * 2;
		server->by_fd =
			mem_grow(server->by_fd, room, sizeof *server->by_fd);
		for (size_t i = server->by_fd_room; i < room; i++)
			server->by_fd[i] = NULL;
		server->by_fd_room = room;
	}
	server->by_fd[fd] = connection;
}

/* evhttp sets itself as the bufferevent's context, and that is the only way to
 * its connection before a request has come. */
static void
adopt(struct http_server *server, struct http_connection *connection)
{
	void *evhttp = NULL;
	bufferevent_getcb(connection->buffer, NULL, NULL, NULL, &evhttp);
	int fd = bufferevent_getfd(connection->buffer);
	bufferevent_decref(connection->buffer);
	if (evhttp == NULL || fd < 0) { /* it failed at birth */
		free(connection);
		return;
	}
	connection->evhttp = evhttp;
	connection->fd = fd;
	file_by_fd(server, connection);
	server->connections++;
	connection->listener->connections++;
	evhttp_connection_set_closecb(evhttp, on_death, connection);
	int on = 1;
	if (!connection->listener->is_unix)
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

static void
adopt_newborn(struct http_server *server)
{
	while (server->newborn != NULL) {
		struct http_connection *connection = server->newborn;
		server->newborn = connection->next_newborn;
		adopt(server, connection);
	}
}

/* Not from a callback of one of its connections. */
static void
free_listener(struct http_listener *listener)
{
	evhttp_free(listener->evhttp);
	free(listener->path);
	free(listener);
}

static void
on_housekeeping(evutil_socket_t fd, short what, void *context)
{
	(void)fd;
	(void)what;
	struct http_server *server = context;
	adopt_newborn(server);
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
}

/* Also closes the connection: what follows on it cannot be trusted. */
static void
refuse(struct http_request *request, struct http_refusal refusal)
{
	request->evhttp->major = request->evhttp->minor = 1;
	http_reply_header(request, "Connection", "close");
	http_problem(request, refusal.status, "malformed-request",
		"Malformed request", refusal.detail, NULL);
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
	struct http_request *request = http_request_new(connection, evhttp);
	struct http_refusal refusal = http_request_judge(request);
	if (refusal.detail != NULL)
		refuse(request, refusal);
	else
		server->handler(request, server->context);
}

struct http_server *
http_server_new(struct loop *loop, http_handler_fn handler, void *context)
{
	struct http_server *server = mem_new(1, sizeof *server);
	server->loop = loop;
	server->handler = handler;
	server->context = context;
	server->housekeeping =
		event_new(loop_base(loop), -1, 0, on_housekeeping, server);
	if (server->housekeeping == NULL)
		abort();
	return server;
}

void
http_server_free(struct http_server *server)
{
	if (server == NULL)
		return;
	adopt_newborn(server);
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
	evhttp_set_timeout(evhttp, HTTP_IDLE_TIMEOUT_S);
	evhttp_set_bevcb(evhttp, on_birth, listener);
	evhttp_set_gencb(evhttp, on_request, listener);
	return evhttp;
}

/* Takes fd, which listens. */
static struct http_listener *
make_listener(struct http_server *server, int fd, void *tag)
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
	return listener;
}

struct http_listener *
http_listen_tcp(struct http_server *server, const char *address, void *tag,
	struct err *err)
{
	int fd = listen_socket_tcp(address, err);
	return fd < 0 ? NULL : make_listener(server, fd, tag);
}

struct http_listener *
http_listen_unix(struct http_server *server, const char *path, mode_t mode,
	const char *group, void *tag, struct err *err)
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
http_listen_fd(struct http_server *server, int fd, void *tag, struct err *err)
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
	adopt_newborn(listener->server);
	if (listener->path != NULL)
		remove_socket_file(listener);
	evhttp_del_accept_socket(listener->evhttp, listener->socket);
	listener->socket = NULL;
	event_active(listener->server->housekeeping, EV_TIMEOUT, 0);
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
