/*
 * listen_socket - sockets that listen, ready for an accept loop: bound,
 * non-blocking, closed on exec. Not here: what is spoken on them.
 */
#ifndef NPSD_LOOP_LISTEN_SOCKET_H
#define NPSD_LOOP_LISTEN_SOCKET_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"

/* address: "127.0.0.1:8677", "[::1]:8677"; numbers only. The descriptor, or
 * -1. */
int listen_socket_tcp(const char *address, struct err *err) must_check;
/* Whether it is such an address; nothing is bound. */
bool listen_socket_check(const char *address, struct err *err) must_check;
/* Whether only this machine can connect to it; false for what is no address. */
bool listen_socket_is_loopback(const char *address);
/* Makes the socket file with these permission bits and group (may be NULL)
 * before anybody can connect. A socket file that nobody listens on is
 * replaced; a live one and any other file are errors. The descriptor, or -1. */
int listen_socket_unix(const char *path, mode_t mode, const char *group,
	struct err *err) must_check;
/* Makes an inherited descriptor ready; false if it is no listening stream
 * socket. */
bool listen_socket_adopt(int fd, struct err *err) must_check;

/* The bound port; 0 for a unix socket. */
int listen_socket_port(int fd);
bool listen_socket_is_unix(int fd);

#endif
