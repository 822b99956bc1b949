/*
 * http_connection - connections from accept to their end: born for evhttp,
 * adopted once their socket is known, kept in the server's registry by it.
 */
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <arpa/inet.h>

#include "base/memory.h"
#include "loop/http_private.h"
#include "loop/tls.h"

enum {
	/* Idle ones that make room for others at the cap. */
	EVICT_AT_ONCE = 16,
};

static struct bufferevent *
make_buffer(struct event_base *base, const struct http_listener *listener)
{
	struct bufferevent *buffer;

	if (listener->tls != NULL)
		return tls_accept(listener->tls, base);
	buffer = bufferevent_socket_new(base, -1, BEV_OPT_CLOSE_ON_FREE);
	if (buffer == NULL)
		mem_out();
	return buffer;
}

struct bufferevent *
http_connection_on_birth(struct event_base *base, void *context)
{
	struct http_listener *listener = context;
	struct http_server *server = listener->server;
	struct http_connection *connection = mem_new(1, sizeof *connection);

	connection->listener = listener;
	connection->fd = -1;
	connection->is_plain = listener->tls == NULL;
	connection->buffer = make_buffer(base, listener);
	bufferevent_incref(connection->buffer); /* until it is adopted */
	http_gate_open(connection);
	connection->next_newborn = server->newborn;
	server->newborn = connection;
	if (!listener->is_unix)
		server->strangers++;
	http_accept_balance(server);
	event_active(server->housekeeping, EV_TIMEOUT, 0);
	return connection->buffer;
}

static void
forget(struct http_connection *connection)
{
	struct http_server *server = connection->listener->server;

	http_gate_close(connection);
	if (!connection->listener->is_unix)
		server->strangers--;
	free(connection);
	http_accept_balance(server);
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
	if (!connection->is_plain)
		tls_say_goodbye(connection->buffer);
	if (listener->socket == NULL && listener->connections == 0)
		event_active(server->housekeeping, EV_TIMEOUT, 0);
	forget(connection);
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

/* ---- who is there already ---- */

/* IPv4 as ::ffff:a.b.c.d; of an IPv6 address the network of the one subscriber,
 * who may take any address in it. */
static struct in6_addr
peer_of(int fd)
{
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
		struct sockaddr_storage room;
	} name = {.any = {.sa_family = AF_UNSPEC}};
	socklen_t length = sizeof name;
	struct in6_addr peer = {{{0}}};

	if (getpeername(fd, &name.any, &length) != 0)
		return peer;
	if (name.any.sa_family == AF_INET6) {
		peer = name.v6.sin6_addr;
		if (!IN6_IS_ADDR_V4MAPPED(&peer))
			memset(&peer.s6_addr[8], 0, 8);
	} else if (name.any.sa_family == AF_INET) {
		peer.s6_addr[10] = peer.s6_addr[11] = 0xff;
		memcpy(&peer.s6_addr[12], &name.v4.sin_addr, 4);
	}
	return peer;
}

/* Connections of this one's peer, it among them. */
static size_t
count_peer(const struct http_server *server,
	const struct http_connection *connection)
{
	size_t count = 0;

	for (size_t fd = 0; fd < server->by_fd_room; fd++)
		if (http_is_of_peer(connection, server->by_fd[fd]))
			count++;
	return count;
}

static bool
is_crowded(struct http_connection *connection)
{
	struct http_server *server = connection->listener->server;
	size_t limit = (size_t)server->limits.per_address;
	char address[INET6_ADDRSTRLEN] = "";
	int64_t held = 0;

	/* Only where it can be: counting looks at all of them. */
	if (connection->listener->is_unix || server->strangers <= limit ||
		count_peer(server, connection) <= limit)
		return false;
	inet_ntop(AF_INET6, &connection->peer, address, sizeof address);
	if (http_is_trusted(server, address))
		return false;
	if (http_may_log(server, &server->crowd_log, &held))
		log_warning("HTTP: %s has %zu connections and asks for more; "
			    "they are turned away, and %lld before "
			    "(server.limits.per_address)",
			address, limit, (long long)held);
	return true;
}

static struct http_connection *
longest_idle(const struct http_server *server)
{
	struct http_connection *found = NULL;

	for (size_t fd = 0; fd < server->by_fd_room; fd++) {
		struct http_connection *one = server->by_fd[fd];

		if (one != NULL && one->phase == HTTP_PHASE_IDLE &&
			!one->listener->is_unix &&
			(found == NULL ||
				one->deadline_us < found->deadline_us))
			found = one;
	}
	return found;
}

/* At the cap those that only wait for their peer's next idea go first. */
static void
make_room(struct http_server *server)
{
	for (int i = 0;
		i < EVICT_AT_ONCE && server->strangers >= server->accept_limit;
		i++) {
		struct http_connection *idle = longest_idle(server);

		if (idle == NULL)
			return;
		evhttp_connection_free(idle->evhttp);
	}
}

/* ---- adopting ---- */

static void
turn_away(struct http_connection *connection)
{
	static const struct http_refusal crowded = {
		429, "This address has as many connections as one may have."};

	http_refuse_now(connection, crowded);
	evhttp_connection_free(connection->evhttp);
}

/* evhttp sets itself as the bufferevent's context, and that is the only way to
 * its connection before a request has come. */
static void
adopt(struct http_server *server, struct http_connection *connection)
{
	void *evhttp = NULL;
	bufferevent_getcb(connection->buffer, NULL, NULL, NULL, &evhttp);
	int fd = bufferevent_getfd(connection->buffer);
	if (evhttp == NULL || fd < 0) { /* it failed at birth */
		struct bufferevent *buffer = connection->buffer;

		forget(connection);
		bufferevent_decref(buffer);
		return;
	}
	bufferevent_decref(connection->buffer);
	connection->evhttp = evhttp;
	connection->fd = fd;
	connection->peer = peer_of(fd);
	file_by_fd(server, connection);
	server->connections++;
	connection->listener->connections++;
	evhttp_connection_set_closecb(evhttp, on_death, connection);
	int on = 1;
	if (!connection->listener->is_unix)
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	http_gate_start(connection);
	if (is_crowded(connection))
		turn_away(connection);
}

/* The list has the last one first. */
static struct http_connection *
in_order(struct http_connection *newborn)
{
	struct http_connection *first = NULL;

	while (newborn != NULL) {
		struct http_connection *next = newborn->next_newborn;

		newborn->next_newborn = first;
		first = newborn;
		newborn = next;
	}
	return first;
}

void
http_connection_adopt_newborn(struct http_server *server)
{
	struct http_connection *connection = in_order(server->newborn);

	server->newborn = NULL;
	while (connection != NULL) {
		struct http_connection *next = connection->next_newborn;

		adopt(server, connection);
		connection = next;
	}
	make_room(server);
}

void
http_connection_sweep(struct http_server *server)
{
	int64_t now_us = http_now_us(server);

	for (size_t fd = 0; fd < server->by_fd_room; fd++)
		if (server->by_fd[fd] != NULL)
			http_gate_sweep(server->by_fd[fd], now_us);
	make_room(server);
}
