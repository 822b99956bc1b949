/* The HTTP server against raw sockets. H04, H11, H17. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/memory.h"
#include "http_house.h"

TestSuite(http_server, .timeout = 60);

static const struct exchange {
	const char *name;
	const char *request;
	const char *status;
	const char *contains; /* in the answer; may be NULL */
	const char *lacks;    /* may be NULL */
} exchanges[] = {
	{"GET", "GET /x HTTP/1.1\r\n" HOST CLOSE "\r\n", "HTTP/1.1 200 OK",
		"GET path=/x a=(none) b=(none) host=h body=0: peer=127.0.0.1 "
		"loopback tagged",
		"text/html"},
	{"our headers", "GET /x HTTP/1.1\r\n" HOST CLOSE "\r\n",
		"HTTP/1.1 200 ", "X-Answer: yes\r\n", NULL},
	{"POST with a length",
		"POST /x HTTP/1.1\r\n" HOST CLOSE
		"Content-Length: 5\r\n\r\nhello",
		"HTTP/1.1 200 ",
		"POST path=/x a=(none) b=(none) host=h "
		"body=5:hello ",
		NULL},
	{"POST in chunks",
		"POST /x HTTP/1.1\r\n" HOST CLOSE
		"Transfer-Encoding: chunked\r\n\r\n"
		"3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n",
		"HTTP/1.1 200 ", "body=5:hello ", NULL},
	{"one length said twice",
		"POST /x HTTP/1.1\r\n" HOST CLOSE
		"Content-Length: 2\r\nContent-Length: 2\r\n\r\nhi",
		"HTTP/1.1 200 ", "body=2:hi ", NULL},
	{"headers in order",
		"GET /x HTTP/1.1\r\n" HOST CLOSE
		"X-B: 2\r\nX-A: 1\r\nX-B: 3\r\n\r\n",
		"HTTP/1.1 200 ", " X-B=2 X-A=1 X-B=3 tagged", NULL},
	{"path decoded", "GET /a%20b%2Fc+d%zz HTTP/1.1\r\n" HOST CLOSE "\r\n",
		"HTTP/1.1 200 ", "path=/a b/c+d%zz a=", NULL},
	{"query decoded",
		"GET /x?a=1%262+3&b&a=9&c=%zz HTTP/1.1\r\n" HOST CLOSE "\r\n",
		"HTTP/1.1 200 ", "path=/x a=1&2 3 b= host", NULL},
	{"empty query", "GET /x? HTTP/1.1\r\n" HOST CLOSE "\r\n",
		"HTTP/1.1 200 ", "path=/x a=(none) b=(none)", NULL},
	{"absolute target", "GET http://h/x?a=1 HTTP/1.1\r\n" HOST CLOSE "\r\n",
		"HTTP/1.1 200 ", "path=/x a=1", NULL},
	{"HEAD has a length and no body",
		"HEAD /bad HTTP/1.1\r\n" HOST CLOSE "\r\n",
		"HTTP/1.1 422 Unprocessable Content", "Content-Length: 2\r\n",
		"\r\n\r\nno"},
	{"204 has neither", "GET /nothing HTTP/1.1\r\n" HOST CLOSE "\r\n",
		"HTTP/1.1 204 ", "\r\n\r\n", "Content-Length"},
	{"other methods reach the handler",
		"PATCH /x HTTP/1.1\r\n" HOST CLOSE "\r\n", "HTTP/1.1 200 ",
		"PATCH path=/x", NULL},
	{"even unknown ones", "BREW /x HTTP/1.1\r\n" HOST CLOSE "\r\n",
		"HTTP/1.1 200 ", "OTHER path=/x", NULL},
	{"HTTP/1.0", "GET /x HTTP/1.0\r\n\r\n", "HTTP/1.0 200 ", "host=(none)",
		NULL},
};

Test(http_server, answers_each_kind_of_request)
{
	struct house house;
	house_open(&house);
	for (size_t i = 0; i < sizeof exchanges / sizeof *exchanges; i++) {
		const struct exchange *row = &exchanges[i];
		struct buf in = {0};
		int fd = house_connect(&house);
		house_send_text(&house, fd, row->request);
		cr_expect(house_receive(&house, fd, &in, NULL),
			"%s: the server did not close", row->name);
		cr_expect_eq(strncmp(in.data, row->status, strlen(row->status)),
			0, "%s: expected %s, got: %s", row->name, row->status,
			in.data);
		cr_expect(row->contains == NULL ||
				  strstr(in.data, row->contains) != NULL,
			"%s: expected %s in: %s", row->name, row->contains,
			in.data);
		cr_expect(row->lacks == NULL ||
				  strstr(in.data, row->lacks) == NULL,
			"%s: unwanted %s in: %s", row->name, row->lacks,
			in.data);
		buf_done(&in);
		close(fd);
	}
	cr_expect_eq(http_server_pending(house.server), 0, "none is left");
	house_close(&house);
}

Test(http_server, keeps_a_connection_and_takes_requests_in_a_row)
{
	struct house house;
	struct buf in = {0};
	house_open(&house);
	int fd = house_connect(&house);
	house_send_text(&house, fd,
		"GET /1 HTTP/1.1\r\n" HOST "\r\n"
		"POST /2 HTTP/1.1\r\n" HOST "Content-Length: 3\r\n\r\nabc"
		"GET /3 HTTP/1.1\r\n" HOST "\r\n");
	cr_assert(house_receive(&house, fd, &in, "path=/3"), "three answers");
	const char *one = strstr(in.data, "path=/1");
	const char *two = strstr(in.data, "path=/2");
	const char *three = strstr(in.data, "path=/3");
	cr_assert(one != NULL && two != NULL && one < two && two < three,
		"in their order: %s", in.data);
	cr_assert_not_null(strstr(two, "body=3:abc"), "with their bodies");
	cr_expect_eq(http_server_connections(house.server), 1, "on one");

	house_send_text(&house, fd, "GET /4 HTTP/1.1\r\n" HOST "\r\n");
	cr_assert(house_receive(&house, fd, &in, "path=/4"), "and a fourth");
	close(fd);
	for (int i = 0; i < 100 && http_server_connections(house.server); i++)
		loop_step(house.loop, 5);
	cr_expect_eq(http_server_connections(house.server), 0, "gone");
	buf_done(&in);
	house_close(&house);
}

Test(http_server, answers_later_and_in_any_order)
{
	struct house house;
	struct buf in[2] = {{0}, {0}};
	int fd[2];
	house_open(&house);
	for (int i = 0; i < 2; i++) {
		fd[i] = house_connect(&house);
		house_send_text(&house, fd[i],
			"GET /hold HTTP/1.1\r\n" HOST "\r\n"
			"GET /next HTTP/1.1\r\n" HOST CLOSE "\r\n");
		house_turn_until(&house, &house.held_count, i + 1);
	}
	cr_assert_eq(http_server_pending(house.server), 2, "two wait");
	for (int i = 1; i >= 0; i--) {
		cr_assert_not(http_request_is_gone(house.held[i]), "here");
		http_reply(house.held[i], 202, "text/plain", i ? "B" : "A", 1);
		cr_assert(house_receive(&house, fd[i], &in[i], NULL), "end");
		cr_expect_not_null(strstr(in[i].data, "HTTP/1.1 202 Accepted"),
			"%s", in[i].data);
		cr_expect_not_null(strstr(in[i].data, i ? "\r\n\r\nBHTTP"
							: "\r\n\r\nAHTTP"),
			"its own answer, then the next: %s", in[i].data);
		close(fd[i]);
		buf_done(&in[i]);
	}
	cr_assert_eq(http_server_pending(house.server), 0, "none waits");
	house_close(&house);
}

static void
reset(int fd)
{
	struct linger linger = {.l_onoff = 1, .l_linger = 0};
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
	close(fd);
}

/* H17: FIN, RST and half-close while the request is worked on. */
Test(http_server, survives_a_client_that_leaves_early)
{
	struct house house;
	struct buf in = {0};
	house_open(&house);
	int fd[3];
	for (int i = 0; i < 3; i++) {
		fd[i] = house_connect(&house);
		house_send_text(
			&house, fd[i], "GET /hold HTTP/1.1\r\n" HOST "\r\n");
		house_turn_until(&house, &house.held_count, i + 1);
	}
	close(fd[0]);
	reset(fd[1]);
	shutdown(fd[2], SHUT_WR);
	for (int i = 0; i < 5; i++)
		loop_step(house.loop, 2);
	cr_expect(http_request_is_gone(house.held[1]), "the reset is seen");
	cr_expect_not(http_request_is_gone(house.held[2]),
		"a client that only stopped sending still listens");
	cr_expect_str_eq(http_request_path(house.held[1]), "/hold",
		"the request can still be read");
	for (int i = 0; i < 3; i++)
		http_reply(house.held[i], 200, "text/plain", "late", 4);
	cr_expect(house_receive(&house, fd[2], &in, "late"),
		"the half-closed one gets its answer: %s", in.data);
	for (int i = 0; i < 100 && http_server_connections(house.server); i++)
		loop_step(house.loop, 2);
	cr_expect_eq(http_server_connections(house.server), 0, "all gone");
	cr_expect_eq(http_server_pending(house.server), 0, "none waits");
	close(fd[2]);
	buf_done(&in);
	house_close(&house);
}

Test(http_server, may_be_freed_before_its_requests_are_answered)
{
	struct house house;
	house_open(&house);
	int fd = house_connect(&house);
	house_send_text(&house, fd, "GET /hold?a=1 HTTP/1.1\r\n" HOST "\r\n");
	house_turn_until(&house, &house.held_count, 1);
	int newborn = house_connect(&house);
	http_server_free(house.server);
	cr_assert(http_request_is_gone(house.held[0]), "it says so");
	cr_assert_str_eq(http_request_query(house.held[0], "a"), "1",
		"it can still be read");
	http_reply_header(house.held[0], "X-A", "b");
	http_reply(house.held[0], 200, "text/plain", "x", 1);
	loop_step(house.loop, 1);
	loop_free(house.loop);
	close(fd);
	close(newborn);
}

static void
expect_post(struct house *house, const char *headers, size_t body,
	const char *status)
{
	struct buf in = {0};
	char *filling = mem_new(body + 1, 1);
	memset(filling, 'x', body);
	int fd = house_connect(house);
	house_send_text(house, fd, headers);
	house_send(house, fd, filling, body);
	cr_expect(house_receive(house, fd, &in, status), "%s: %.200s", headers,
		in.data);
	close(fd);
	free(filling);
	buf_done(&in);
}

/* H04 */
Test(http_server, limits_headers_and_body)
{
	struct house house;
	char text[256];
	house_open(&house);
	snprintf(text, sizeof text,
		"POST /x HTTP/1.1\r\n" HOST "Content-Length: %d\r\n\r\n",
		HTTP_BODY_LIMIT_BYTES);
	expect_post(&house, text, HTTP_BODY_LIMIT_BYTES,
		"body=4194304:xxxxxxxxxxxxxxxxxxxx");
	snprintf(text, sizeof text,
		"POST /x HTTP/1.1\r\n" HOST "Content-Length: %d\r\n\r\n",
		HTTP_BODY_LIMIT_BYTES + 1);
	int handled = house.handled;
	expect_post(&house, text, 10, "HTTP/1.1 413 ");
	expect_post(&house,
		"POST /x HTTP/1.1\r\n" HOST
		"Content-Length: 10737418240\r\nExpect: 100-continue\r\n\r\n",
		0, "HTTP/1.1 413 ");
	expect_post(&house,
		"POST /x HTTP/1.1\r\n" HOST
		"Transfer-Encoding: chunked\r\n\r\nffffff\r\n",
		10, "HTTP/1.1 413 ");
	expect_post(&house,
		"GET /x HTTP/1.1\r\n" HOST "X-Long: ", HTTP_HEADERS_LIMIT_BYTES,
		"HTTP/1.1 431 ");
	cr_expect_eq(house.handled, handled, "the handler saw none of these");
	house_close(&house);
}

Test(http_server, closes_a_listener_and_serves_what_is_open)
{
	struct house house;
	struct buf in = {0};
	struct err err = {""};
	house_open(&house);
	int fd = house_connect(&house);
	house_send_text(&house, fd, "GET /1 HTTP/1.1\r\n" HOST "\r\n");
	cr_assert(house_receive(&house, fd, &in, "path=/1"), "open");
	int port = http_listener_port(house.listener);
	http_listener_close(house.listener);

	house_send_text(&house, fd, "GET /2 HTTP/1.1\r\n" HOST "\r\n");
	cr_assert(house_receive(&house, fd, &in, NULL), "closes after it");
	cr_expect_not_null(strstr(in.data, "path=/2"), "but answers");
	cr_expect_not_null(strstr(in.data, "Connection: close"), "and says so");
	close(fd);

	char address[32];
	snprintf(address, sizeof address, "127.0.0.1:%d", port);
	house.listener = http_listen_tcp(house.server, address, NULL, &err);
	cr_expect_not_null(house.listener, "the port is free: %s", err.text);
	struct http_listener *twice =
		http_listen_tcp(house.server, address, NULL, &err);
	cr_expect_null(twice, "and then taken");
	cr_expect_not_null(strstr(err.text, address), "%s", err.text);
	buf_done(&in);
	house_close(&house);
}
