/* http_part - as much of HTTP/1.1 as the benchmarks need. */
#include "http_part.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

static size_t
length_in(const char *head, size_t length)
{
	static const char name[] = "\r\ncontent-length:";
	const size_t size = sizeof(name) - 1;

	for (size_t i = 0; i + size < length; i++)
		if (head[i] == '\r' && strncasecmp(head + i, name, size) == 0)
			return (size_t)strtoul(head + i + size, NULL, 10);
	return 0;
}

bool
http_part_read(const char *bytes, size_t length, struct http_part *part)
{
	const char *end = memmem(bytes, length, "\r\n\r\n", 4);
	size_t head;

	if (end == NULL)
		return false;
	head = (size_t)(end - bytes);
	part->line = bytes;
	part->line_length =
		(size_t)((const char *)memchr(bytes, '\r', head + 1) - bytes);
	part->body = end + 4;
	part->body_length = length_in(bytes, head + 2);
	part->length = head + 4 + part->body_length;
	return part->length <= length;
}

int
http_part_status(const struct http_part *part)
{
	if (part->line_length < 12 || memcmp(part->line, "HTTP/1.", 7) != 0)
		return 0;
	return (int)strtol(part->line + 9, NULL, 10);
}

static void
must(bool good, const char *what)
{
	if (good)
		return;
	perror(what);
	exit(1);
}

static int
new_socket(void)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int on = 1;

	must(fd >= 0, "socket");
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	return fd;
}

static struct sockaddr_in
loopback(int port)
{
	return (struct sockaddr_in){
		.sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
}

int
http_part_listen(int *port)
{
	struct sockaddr_in address = loopback(0);
	socklen_t size = sizeof(address);
	int fd = new_socket();

	must(bind(fd, (struct sockaddr *)&address, size) == 0, "bind");
	must(listen(fd, 1024) == 0, "listen");
	must(getsockname(fd, (struct sockaddr *)&address, &size) == 0,
		"getsockname");
	*port = ntohs(address.sin_port);
	return fd;
}

int
http_part_connect(int port)
{
	struct sockaddr_in address = loopback(port);
	int fd = new_socket();

	must(connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0,
		"connect");
	return fd;
}
