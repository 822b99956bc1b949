/*
 * listen_socket - making sockets that listen.
 */
#include "loop/listen_socket.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/text.h"

/* Connections the kernel may hold for us between two wakes (somaxconn caps it).
 */
enum { LISTEN_BACKLOG = 1024 };

enum { HOST_BYTES = 64, PORT_BYTES = 8 };

/* Splits "host:port" or "[host]:port". */
static bool
split_address(const char *address, char host[HOST_BYTES], char port[PORT_BYTES])
{
	const char *colon = strrchr(address, ':');
	if (colon == NULL || colon == address)
		return false;
	const char *start = address;
	size_t length = (size_t)(colon - address);
	if (*start == '[') {
		if (length < 3 || start[length - 1] != ']')
			return false;
		start++;
		length -= 2;
	} else if (memchr(start, ':', length) != NULL) {
		return false; /* IPv6 wants its brackets */
	}
	int64_t number;
	if (length >= HOST_BYTES ||
		!text_to_integer(colon + 1, 0, UINT16_MAX, &number))
		return false;
	memcpy(host, start, length);
	host[length] = '\0';
	snprintf(port, PORT_BYTES, "%d", (int)number);
	return true;
}

static struct addrinfo *
resolve(const char *address, struct err *err)
{
	char host[HOST_BYTES], port[PORT_BYTES];
	struct addrinfo hints = {
		.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
		.ai_socktype = SOCK_STREAM,
	};
	struct addrinfo *found = NULL;
	if (split_address(address, host, port) &&
		getaddrinfo(host, port, &hints, &found) == 0)
		return found;
	err_set(err,
		"cannot listen on \"%s\": expected an address and a port such "
		"as 127.0.0.1:8677 or [::1]:8677",
		address);
	return NULL;
}

bool
listen_socket_check(const char *address, struct err *err)
{
	struct addrinfo *where = resolve(address, err);

	if (where == NULL)
		return false;
	freeaddrinfo(where);
	return true;
}

bool
listen_socket_is_loopback(const char *address)
{
	struct addrinfo *where = resolve(address, NULL);
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	bool is_loopback = false;

	if (where == NULL)
		return false;
	if (where->ai_family == AF_INET) {
		memcpy(&v4, where->ai_addr, sizeof v4);
		is_loopback = ntohl(v4.sin_addr.s_addr) >> 24 == 127;
	} else if (where->ai_family == AF_INET6) {
		memcpy(&v6, where->ai_addr, sizeof v6);
		is_loopback = IN6_IS_ADDR_LOOPBACK(&v6.sin6_addr);
	}
	freeaddrinfo(where);
	return is_loopback;
}

static bool
bind_tcp(int fd, const struct addrinfo *where)
{
	int on = 1;
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0)
		return false;
	/* So that "0.0.0.0:80" and "[::]:80" can stand side by side. */
	if (where->ai_family == AF_INET6 &&
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on) != 0)
		return false;
	return bind(fd, where->ai_addr, where->ai_addrlen) == 0 &&
	       listen(fd, LISTEN_BACKLOG) == 0;
}

int
listen_socket_tcp(const char *address, struct err *err)
{
	struct addrinfo *where = resolve(address, err);
	if (where == NULL)
		return -1;
	int fd = socket(where->ai_family,
		SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0 || !bind_tcp(fd, where)) {
		err_errno(err, "cannot listen on %s", address);
		if (fd >= 0)
			close(fd);
		fd = -1;
	}
	freeaddrinfo(where);
	return fd;
}

static bool
name_of_path(const char *path, struct sockaddr_un *name, struct err *err)
{
	size_t length = strlen(path);
	if (length == 0 || length >= sizeof name->sun_path)
		return err_set(err,
			"cannot listen on socket \"%s\": the path must have 1 "
			"to %zu bytes",
			path, sizeof name->sun_path - 1);
	*name = (struct sockaddr_un){.sun_family = AF_UNIX};
	memcpy(name->sun_path, path, length);
	return true;
}

/* Removes the socket file if a connect shows that nobody listens on it. */
static bool
remove_stale(const char *path, const struct sockaddr_un *name, struct err *err)
{
	struct stat info;
	if (lstat(path, &info) != 0)
		return err_errno(err, "cannot look at socket %s", path);
	if (!S_ISSOCK(info.st_mode))
		return err_set(err,
			"cannot listen on %s: a file that is no socket is "
			"there",
			path);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return err_errno(err, "cannot make a socket");
	bool refused =
		connect(fd, (const struct sockaddr *)name, sizeof *name) != 0 &&
		errno == ECONNREFUSED;
	close(fd);
	if (!refused)
		return err_set(err,
			"cannot listen on %s: another process listens there",
			path);
	if (unlink(path) != 0)
		return err_errno(err, "cannot remove the old socket %s", path);
	return true;
}

static bool
bind_unix(int fd, const char *path, struct err *err)
{
	struct sockaddr_un name;
	if (!name_of_path(path, &name, err))
		return false;
	const struct sockaddr *address = (const struct sockaddr *)&name;
	if (bind(fd, address, sizeof name) == 0)
		return true;
	if (errno == EADDRINUSE) {
		if (!remove_stale(path, &name, err))
			return false;
		if (bind(fd, address, sizeof name) == 0)
			return true;
	}
	return err_errno(err, "cannot listen on %s", path);
}

static bool
give_to_group(const char *path, const char *group, struct err *err)
{
	errno = 0;
	struct group *entry = getgrnam(group);
	if (entry == NULL)
		return err_set(err, "cannot listen on %s: no group \"%s\"",
			path, group);
	if (chown(path, (uid_t)-1, entry->gr_gid) != 0)
		return err_errno(
			err, "cannot give %s to group %s", path, group);
	return true;
}

/* Nobody can connect before the listen, so the mode is right in time. */
static bool
open_to_others(int fd, const char *path, mode_t mode, const char *group,
	struct err *err)
{
	if (group != NULL && !give_to_group(path, group, err))
		return false;
	if (chmod(path, mode) != 0)
		return err_errno(err, "cannot set the mode of %s", path);
	if (listen(fd, LISTEN_BACKLOG) != 0)
		return err_errno(err, "cannot listen on %s", path);
	return true;
}

int
listen_socket_unix(
	const char *path, mode_t mode, const char *group, struct err *err)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0) {
		err_errno(err, "cannot make a socket");
		return -1;
	}
	if (!bind_unix(fd, path, err)) {
		close(fd);
		return -1;
	}
	if (!open_to_others(fd, path, mode, group, err)) {
		unlink(path);
		close(fd);
		return -1;
	}
	return fd;
}

static bool
socket_option_is(int fd, int option, int expected)
{
	int value = 0;
	socklen_t length = sizeof value;
	return getsockopt(fd, SOL_SOCKET, option, &value, &length) == 0 &&
	       value == expected;
}

bool
listen_socket_adopt(int fd, struct err *err)
{
	if (!socket_option_is(fd, SO_ACCEPTCONN, 1) ||
		!socket_option_is(fd, SO_TYPE, SOCK_STREAM))
		return err_set(
			err, "descriptor %d is no listening stream socket", fd);
	int flags = fcntl(fd, F_GETFL);
	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0 ||
		fcntl(fd, F_SETFD, FD_CLOEXEC) != 0)
		return err_errno(err, "cannot use descriptor %d", fd);
	return true;
}

int
listen_socket_port(int fd)
{
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
		struct sockaddr_storage room;
	} name = {.any = {.sa_family = AF_UNSPEC}};
	socklen_t length = sizeof name;
	if (getsockname(fd, &name.any, &length) != 0)
		return 0;
	if (name.any.sa_family == AF_INET)
		return ntohs(name.v4.sin_port);
	if (name.any.sa_family == AF_INET6)
		return ntohs(name.v6.sin6_port);
	return 0;
}

bool
listen_socket_is_unix(int fd)
{
	return socket_option_is(fd, SO_DOMAIN, AF_UNIX);
}
