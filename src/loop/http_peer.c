/*
 * http_peer - what all connections of one address have together.
 */
#include <arpa/inet.h>

#include "loop/address_policy.h"
#include "loop/http_private.h"

bool
http_is_trusted(const struct http_server *server, const char *address)
{
	return server != NULL && server->trusted != NULL &&
	       address_ranges_hold(server->trusted, address);
}

bool
http_is_of_peer(const struct http_connection *connection,
	const struct http_connection *other)
{
	return other != NULL && !other->listener->is_unix &&
	       IN6_ARE_ADDR_EQUAL(&other->peer, &connection->peer);
}

size_t
http_peer_bytes(const struct http_connection *connection)
{
	const struct http_server *server = connection->listener->server;
	size_t bytes = 0;

	for (size_t fd = 0; fd < server->by_fd_room; fd++)
		if (http_is_of_peer(connection, server->by_fd[fd]))
			bytes += server->by_fd[fd]->reserved;
	return bytes;
}

bool
http_peer_is_proxy(const struct http_connection *connection)
{
	char address[INET6_ADDRSTRLEN] = "";

	inet_ntop(AF_INET6, &connection->peer, address, sizeof address);
	return http_is_trusted(connection->listener->server, address);
}
