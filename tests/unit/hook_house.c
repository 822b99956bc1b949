/* hook_house - a webhook source behind a server (hook_house.h). */
#include "hook_house.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/memory.h"

static void
on_request(struct http_request *request, void *context)
{
	struct hook_house *house = context;

	house->it.kind->request(house->it.source, request);
}

/* The built-in source where yaml is NULL. */
void
hook_house_init(struct hook_house *house, const char *yaml)
{
	struct err err = {""};
	struct http_listener *listener;

	source_case_init(&house->it, &source_webhook);
	if (yaml != NULL)
		source_case_open(&house->it, yaml);
	else
		house->it.source = source_webhook.open("api",
			source_webhook_api_settings(), &house->it.host, &err);
	house->server = http_server_new(house->it.loop, on_request, house);
	listener = http_listen_tcp(house->server, "127.0.0.1:0", NULL, &err);
	cr_assert_not_null(listener, "%s", err.text);
	house->port = http_listener_port(listener);
}

void
hook_house_done(struct hook_house *house)
{
	source_case_settle(&house->it, house->it.held_count);
	http_server_free(house->server);
	source_case_done(&house->it);
}

int
hook_client_open(const struct hook_house *house)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
		.sin_port = htons((uint16_t)house->port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	cr_assert_eq(connect(fd, (struct sockaddr *)&address, sizeof(address)),
		0, "connect");
	fcntl(fd, F_SETFL, O_NONBLOCK);
	return fd;
}

/* Writes while the loop turns, as it may be much. */
void
hook_client_send(
	struct hook_house *house, int fd, const char *data, size_t length)
{
	for (size_t done = 0; done < length;) {
		ssize_t n = write(fd, data + done, length - done);

		if (n > 0)
			done += (size_t)n;
		else
			source_case_turn(&house->it);
	}
}

/* All up to the end; the caller frees it. */
char *
hook_client_read(struct hook_house *house, int fd)
{
	struct buf out = {0};
	int64_t until_us = clock_monotonic_us(&clock_system) + 10000000;

	buf_append_text(&out, "");
	for (;;) {
		char bytes[4096];
		ssize_t n = read(fd, bytes, sizeof(bytes));

		if (n == 0)
			break;
		if (n > 0)
			buf_append(&out, bytes, (size_t)n);
		else
			source_case_turn(&house->it);
		cr_assert_lt(clock_monotonic_us(&clock_system), until_us,
			"no answer: %s", out.data);
	}
	close(fd);
	return buf_take(&out);
}

int
hook_client_start(struct hook_house *house, const char *method,
	const char *headers, const char *body, size_t length)
{
	int fd = hook_client_open(house);
	char *head = mem_printf("%s%s HTTP/1.1\r\nHost: h\r\n"
				"Connection: close\r\n%sContent-Length: "
				"%zu\r\n\r\n",
		method, strchr(method, ' ') != NULL ? "" : " /hook", headers,
		length);

	hook_client_send(house, fd, head, strlen(head));
	hook_client_send(house, fd, body, length);
	free(head);
	return fd;
}

/* Status and the whole answer, which the caller frees. */
int
hook_ask(struct hook_house *house, const char *method, const char *headers,
	const char *body, size_t length, char **answer)
{
	int status = 0;

	*answer = hook_client_read(
		house, hook_client_start(house, method, headers, body, length));
	cr_assert_eq(sscanf(*answer, "HTTP/1.1 %d", &status), 1, "%s", *answer);
	return status;
}

const char *
hook_body(const char *answer)
{
	const char *end = strstr(answer, "\r\n\r\n");

	return end != NULL ? end + 4 : "";
}
