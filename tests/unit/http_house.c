/*
 * http_house - the server, its handler and its clients.
 */
#include "http_house.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

enum { TURNS_LIMIT = 2000 };

static void
append_header(const char *name, const char *value, void *context)
{
	if (strncmp(name, "X-", 2) == 0)
		buf_printf(context, " %s=%s", name, value);
}

static const char *
or_none(const char *text)
{
	return text != NULL ? text : "(none)";
}

static void
reply_with_what_was_seen(struct http_request *request, struct house *house)
{
	struct buf out = {0};
	size_t length = 0;
	const char *body = http_request_body(request, &length);
	http_request_set_data(request, house);
	buf_printf(&out, "%s path=%s a=%s b=%s host=%s body=%zu:%.*s peer=%s%s",
		http_request_method_text(request), http_request_path(request),
		or_none(http_request_query(request, "a")),
		or_none(http_request_query(request, "b")),
		or_none(http_request_header(request, "hOST")), length,
		(int)(length < 20 ? length : 20), body != NULL ? body : "",
		http_request_peer(request),
		http_request_peer_is_loopback(request) ? " loopback" : "");
	http_request_each_header(request, append_header, &out);
	if (http_request_tag(request) == house &&
		http_request_data(request) == house)
		buf_append_text(&out, " tagged");
	http_reply_header(request, "X-Answer", "yes");
	http_reply(request, 200, "text/plain", out.data, out.length);
	buf_done(&out);
}

static void
on_request(struct http_request *request, void *context)
{
	struct house *house = context;
	house->handled++;
	if (strcmp(http_request_path(request), "/hold") == 0)
		house->held[house->held_count++] = request;
	else if (strcmp(http_request_path(request), "/nothing") == 0)
		http_reply(request, 204, NULL, NULL, 0);
	else if (strcmp(http_request_path(request), "/bad") == 0)
		http_reply(request, 422, "text/plain", "no", 2);
	else
		reply_with_what_was_seen(request, house);
}

void
house_open(struct house *house)
{
	struct err err = {""};
	*house = (struct house){0};
	house->loop = loop_new(&err);
	cr_assert_not_null(house->loop, "%s", err.text);
	house->server = http_server_new(house->loop, on_request, house);
	house->listener =
		http_listen_tcp(house->server, "127.0.0.1:0", house, &err);
	cr_assert_not_null(house->listener, "%s", err.text);
	cr_assert_gt(http_listener_port(house->listener), 0, "a port");
}

void
house_close(struct house *house)
{
	http_server_free(house->server);
	loop_free(house->loop);
}

int
house_connect(const struct house *house)
{
	struct sockaddr_in name = {.sin_family = AF_INET,
		.sin_port =
			htons((in_port_t)http_listener_port(house->listener)),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	cr_assert_eq(connect(fd, (struct sockaddr *)&name, sizeof name), 0,
		"connect: %s", strerror(errno));
	return fd;
}

void
house_send(struct house *house, int fd, const char *bytes, size_t length)
{
	for (size_t sent = 0; sent < length;) {
		ssize_t n = send(fd, bytes + sent, length - sent,
			MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n > 0)
			sent += (size_t)n;
		else if (n < 0 && errno != EAGAIN)
			return; /* the server has had enough */
		loop_step(house->loop, n > 0 ? 0 : 5);
	}
}

void
house_send_text(struct house *house, int fd, const char *text)
{
	house_send(house, fd, text, strlen(text));
}

/* Appends what comes; false once the server has closed. */
static bool
receive(int fd, struct buf *in)
{
	char bytes[4096];
	ssize_t n = recv(fd, bytes, sizeof bytes, MSG_DONTWAIT);
	if (n > 0)
		buf_append(in, bytes, (size_t)n);
	return n > 0 || (n < 0 && errno == EAGAIN);
}

bool
house_receive(struct house *house, int fd, struct buf *in, const char *text)
{
	buf_reserve(in, 1);
	in->data[in->length] = '\0';
	for (int turn = 0; turn < TURNS_LIMIT; turn++) {
		bool open = receive(fd, in);
		if (text != NULL && strstr(in->data, text) != NULL)
			return true;
		if (!open)
			return text == NULL;
		loop_step(house->loop, 5);
	}
	return false;
}

void
house_turn_until(struct house *house, const int *count, int wanted)
{
	for (int turn = 0; turn < TURNS_LIMIT && *count < wanted; turn++)
		loop_step(house->loop, 5);
	cr_assert_eq(*count, wanted, "the server does not get on");
}
