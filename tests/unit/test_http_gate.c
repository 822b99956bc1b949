/*
 * The gate before evhttp, against raw sockets: what must not be read is
 * refused, however it is cut into pieces and whatever stood before it (H05, H06,
 * H07, H08); deadlines are absolute (H01); there are caps (H03, P08).
 */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "http_house.h"
#include "loop/http_private.h"

TestSuite(http_gate, .timeout = 120);

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))
#define BYTES(text) text, sizeof(text) - 1
#define GET "GET /x HTTP/1.1\r\n"
#define POST "POST /x HTTP/1.1\r\n" HOST
#define CHUNKED POST "Transfer-Encoding: chunked\r\n\r\n"
#define NEXT "GET /smuggled HTTP/1.1\r\n" HOST "\r\n"

/* ---- what is refused ---- */

static const struct refused {
	const char *name;
	const char *request;
	size_t length;
	const char *status;
} refused[] = {
	/* Content-Length */
	{"H05 two lengths",
		BYTES(POST "Content-Length: 2\r\nContent-Length: 3\r\n\r\nhix"),
		"400"},
	{"H05 plus", BYTES(POST "Content-Length: +2\r\n\r\nhi"), "400"},
	{"H05 minus", BYTES(POST "Content-Length: -2\r\n\r\nhi"), "400"},
	{"H05 list", BYTES(POST "Content-Length: 2, 2\r\n\r\nhi"), "400"},
	{"H05 hex", BYTES(POST "Content-Length: 0x2\r\n\r\nhi"), "400"},
	{"H05 empty", BYTES(POST "Content-Length:\r\n\r\n" NEXT), "400"},
	{"H05 blank inside", BYTES(POST "Content-Length: 1 2\r\n\r\nhi"),
		"400"},
	{"H05 tab before", BYTES(POST "Content-Length:\t2\r\n\r\nhi"), "400"},
	{"H05 fraction", BYTES(POST "Content-Length: 2.0\r\n\r\nhi"), "400"},
	{"H05 one over 64 bits",
		BYTES(POST "Content-Length: 18446744073709551618\r\n\r\nhi"),
		"413"},
	{"H04 10 GB", BYTES(POST "Content-Length: 10737418240\r\n\r\n"), "413"},
	{"H04 10 GB, asks first",
		BYTES(POST "Content-Length: 10737418240\r\n"
			   "Expect: 100-continue\r\n\r\n"),
		"413"},
	{"another expectation",
		BYTES(POST "Content-Length: 2\r\nExpect: tea\r\n\r\nhi"),
		"417"},
	{"a body after HEAD",
		BYTES("HEAD /x HTTP/1.1\r\n" HOST
		      "Content-Length: 25\r\n\r\n" NEXT),
		"400"},
	{"a body after an unknown method",
		BYTES("BREW /x HTTP/1.1\r\n" HOST
		      "Content-Length: 25\r\n\r\n" NEXT),
		"400"},
	{"chunks after TRACE",
		BYTES("TRACE /x HTTP/1.1\r\n" HOST
		      "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
		"400"},
	/* Transfer-Encoding */
	{"H06 identity", BYTES(POST "Transfer-Encoding: identity\r\n\r\n" NEXT),
		"501"},
	{"H06 unknown", BYTES(POST "Transfer-Encoding: x\r\n\r\n" NEXT), "501"},
	{"H06 gzip, chunked",
		BYTES(POST "Transfer-Encoding: gzip, chunked\r\n\r\n"
			   "2\r\nhi\r\n0\r\n\r\n"),
		"501"},
	{"H06 chunked, identity",
		BYTES(POST "Transfer-Encoding: chunked, identity\r\n\r\n"
			   "2\r\nhi\r\n0\r\n\r\n"),
		"501"},
	{"H06 in quotes",
		BYTES(POST "Transfer-Encoding: \"chunked\"\r\n\r\n" NEXT),
		"501"},
	{"H06 empty", BYTES(POST "Transfer-Encoding:\r\n\r\n" NEXT), "501"},
	{"H06 tab before",
		BYTES(POST "Transfer-Encoding:\tchunked\r\n\r\n"
			   "2\r\nhi\r\n0\r\n\r\n"),
		"501"},
	{"H06 unknown with a length",
		BYTES(POST "Transfer-Encoding: x\r\n"
			   "Content-Length: 2\r\n\r\nhi"),
		"501"},
	{"H06 chunked and a length",
		BYTES(POST "Transfer-Encoding: chunked\r\n"
			   "Content-Length: 2\r\n\r\n2\r\nhi\r\n0\r\n\r\n"),
		"400"},
	{"H06 a length and chunked",
		BYTES(POST "Content-Length: 2\r\n"
			   "Transfer-Encoding: chunked\r\n\r\n"
			   "2\r\nhi\r\n0\r\n\r\n"),
		"400"},
	{"H06 chunked twice",
		BYTES(POST "Transfer-Encoding: chunked\r\n"
			   "Transfer-Encoding: chunked\r\n\r\n"
			   "2\r\nhi\r\n0\r\n\r\n"),
		"400"},
	{"H06 blank before the colon",
		BYTES(POST "Transfer-Encoding : chunked\r\n\r\n"
			   "2\r\nhi\r\n0\r\n\r\n"),
		"400"},
	{"H06 folded",
		BYTES(POST "Transfer-Encoding:\r\n chunked\r\n\r\n"
			   "2\r\nhi\r\n0\r\n\r\n"),
		"501"},
	{"H06 chunked in 1.0",
		BYTES("POST /x HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"
		      "2\r\nhi\r\n0\r\n\r\n"),
		"400"},
	/* chunks */
	{"H07 no digits", BYTES(CHUNKED "\r\nhi\r\n0\r\n\r\n"), "400"},
	{"H07 no number", BYTES(CHUNKED "x\r\nhi\r\n0\r\n\r\n"), "400"},
	{"H07 minus", BYTES(CHUNKED "-2\r\nhi\r\n0\r\n\r\n"), "400"},
	{"H07 plus", BYTES(CHUNKED "+2\r\nhi\r\n0\r\n\r\n"), "400"},
	{"H07 0x", BYTES(CHUNKED "0x2\r\nhi\r\n0\r\n\r\n"), "400"},
	{"H07 blank before", BYTES(CHUNKED " 2\r\nhi\r\n0\r\n\r\n"), "400"},
	{"H07 blank behind", BYTES(CHUNKED "2 \r\nhi\r\n0\r\n\r\n"), "400"},
	{"H07 extension", BYTES(CHUNKED "2;a=b\r\nhi\r\n0\r\n\r\n"), "400"},
	{"H07 huge", BYTES(CHUNKED "ffffff\r\nhi"), "413"},
	{"H07 too many digits", BYTES(CHUNKED "000000002\r\nhi"), "400"},
	{"H07 over 64 bits", BYTES(CHUNKED "10000000000000002\r\nhi"), "413"},
	{"H07 size ends in LF", BYTES(CHUNKED "2\nhi\r\n0\r\n\r\n"), "400"},
	{"H07 shorter than said", BYTES(CHUNKED "3\r\nhi\r\n0\r\n\r\n"), "400"},
	{"H07 longer than said", BYTES(CHUNKED "2\r\nhix\r\n0\r\n\r\n"), "400"},
	{"H07 ends in LF", BYTES(CHUNKED "2\r\nhi\n0\r\n\r\n"), "400"},
	{"H07 trailer",
		BYTES(CHUNKED "2\r\nhi\r\n0\r\nAuthorization: x\r\n\r\n"),
		"400"},
	/* lines and names */
	{"H08 NUL in a value", BYTES(GET HOST "X-A: a\0b\r\n\r\n"), "400"},
	{"H08 NUL in a name", BYTES(GET HOST "X\0A: a\r\n\r\n"), "400"},
	{"H08 NUL in the path", BYTES("GET /x\0y HTTP/1.1\r\n" HOST "\r\n"),
		"400"},
	{"H08 %00 in the path", BYTES("GET /x%00y HTTP/1.1\r\n" HOST "\r\n"),
		"400"},
	{"H08 %00 in the query", BYTES("GET /x?a=%00 HTTP/1.1\r\n" HOST "\r\n"),
		"400"},
	{"H08 folded", BYTES(GET HOST "X-A: a\r\n b\r\n\r\n"), "400"},
	{"H08 folded by a tab", BYTES(GET HOST "X-A: a\r\n\tb\r\n\r\n"), "400"},
	{"H08 folded first", BYTES(GET " X-A: a\r\n" HOST "\r\n"), "400"},
	{"H08 empty name", BYTES(GET HOST ": x\r\n\r\n"), "400"},
	{"H08 no colon", BYTES(GET HOST "X-A\r\n\r\n"), "400"},
	{"H08 blank in a name", BYTES(GET HOST "X A: a\r\n\r\n"), "400"},
	{"H08 blank before the colon", BYTES(GET HOST "X-A : a\r\n\r\n"),
		"400"},
	{"H08 control character", BYTES(GET HOST "X-A: a\001b\r\n\r\n"), "400"},
	{"H08 bare CR in a value", BYTES(GET HOST "X-A: a\rb: c\r\n\r\n"),
		"400"},
	{"H08 two CRs", BYTES(GET HOST "X-A: a\r\r\n\r\n"), "400"},
	{"H08 bare LF behind the request line",
		BYTES("GET /x HTTP/1.1\n" HOST "\r\n"), "400"},
	{"H08 bare LF behind a header", BYTES(GET "Host: h\n\r\n"), "400"},
	{"H08 bare LF at the end", BYTES(GET HOST "\n" NEXT), "400"},
	{"H08 no Host", BYTES(GET "\r\n"), "400"},
	{"H08 two Hosts", BYTES(GET HOST HOST "\r\n"), "400"},
	{"H08 an empty Host", BYTES(GET "Host:\r\n\r\n"), "400"},
	{"H08 two names in Host", BYTES(GET "Host: a, b\r\n\r\n"), "400"},
	{"H08 a path in Host", BYTES(GET "Host: a/b\r\n\r\n"), "400"},
	{"H08 a user in Host", BYTES(GET "Host: a@b\r\n\r\n"), "400"},
	{"H08 Host and target differ",
		BYTES("GET http://a/ HTTP/1.1\r\nHost: b\r\n\r\n"), "400"},
	{"two Authorizations",
		BYTES(GET HOST "Authorization: a\r\nAuthorization: b\r\n\r\n"),
		"400"},
	{"two types",
		BYTES(GET HOST "Content-Type: a/b\r\nContent-Type: c/d\r\n"
			       "\r\n"),
		"400"},
	/* the request line */
	{"H08 blank in the path", BYTES("GET /x y HTTP/1.1\r\n" HOST "\r\n"),
		"400"},
	{"H08 two blanks", BYTES("GET  /x HTTP/1.1\r\n" HOST "\r\n"), "400"},
	{"H08 a blank at the end", BYTES("GET /x HTTP/1.1 \r\n" HOST "\r\n"),
		"400"},
	{"H08 a tab", BYTES("GET\t/x\tHTTP/1.1\r\n" HOST "\r\n"), "400"},
	{"a raw byte in the path",
		BYTES("GET /\xc3\xa9 HTTP/1.1\r\n" HOST "\r\n"), "400"},
	{"a fragment", BYTES("GET /x#y HTTP/1.1\r\n" HOST "\r\n"), "400"},
	{"another scheme", BYTES("GET ftp://h/ HTTP/1.1\r\n" HOST "\r\n"),
		"400"},
	{"a tunnel", BYTES("CONNECT h:443 HTTP/1.1\r\nHost: h:443\r\n\r\n"),
		"501"},
	{"a host in place of a path",
		BYTES("GET //h/x HTTP/1.1\r\n" HOST "\r\n"), "400"},
	{"a bad host in the target",
		BYTES("GET http://[::1]%80?a HTTP/1.1\r\n" HOST "\r\n"), "400"},
	{"no slash", BYTES("GET x HTTP/1.1\r\n" HOST "\r\n"), "400"},
	{"no version", BYTES("GET /somewhere\r\n" HOST "\r\n"), "400"},
	{"a blank line first", BYTES("\r\n" GET HOST "\r\n"), "400"},
	{"a blank first", BYTES(" " GET HOST "\r\n"), "400"},
	{"HTTP/0.9", BYTES("GET /x HTTP/0.9\r\n\r\n"), "505"},
	{"HTTP/1.2", BYTES("GET /x HTTP/1.2\r\n" HOST "\r\n"), "505"},
	{"HTTP/2", BYTES("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), "505"},
	{"a negative version", BYTES("GET /x HTTP/-1.1\r\n\r\n"), "400"},
	{"a version with more", BYTES("GET /x HTTP/1.1a\r\n" HOST "\r\n"),
		"400"},
	{"a small http", BYTES("GET /x http/1.1\r\n" HOST "\r\n"), "400"},
	{"too short for evhttp", BYTES("X / HTTP/1.1\r\n" HOST "\r\n"), "400"},
	{"H02 TLS", BYTES("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03"), "400"},
	{"no HTTP", BYTES("hello\r\n\r\n"), "400"},
};

enum cut { WHOLE, BY_BYTE, BEHIND_ANOTHER, CUTS };

static void
send_cut(struct house *house, int fd, const struct refused *row, enum cut cut)
{
	struct buf both = {0};

	if (cut == WHOLE) {
		house_send(house, fd, row->request, row->length);
	} else if (cut == BY_BYTE) {
		for (size_t i = 0; i < row->length; i++) {
			house_send(house, fd, row->request + i, 1);
			loop_step(house->loop, 0);
		}
	} else {
		buf_append_text(&both, "GET /first HTTP/1.1\r\n" HOST "\r\n");
		buf_append(&both, row->request, row->length);
		house_send(house, fd, both.data, both.length);
		buf_done(&both);
	}
}

static void
expect_refused(struct house *house, const struct refused *row, enum cut cut)
{
	int handled = house->handled, fd = house_connect(house);
	struct buf in = {0};
	const char *answer;
	char status[16];

	send_cut(house, fd, row, cut);
	cr_assert(house_receive(house, fd, &in, NULL), "%s (%d): not closed",
		row->name, cut);
	answer = in.data;
	if (cut == BEHIND_ANOTHER) {
		cr_assert_not_null(strstr(answer, "path=/first"), "%s: %s",
			row->name, answer);
		answer = strstr(answer + 1, "HTTP/1.1 ");
		handled++;
	}
	snprintf(status, sizeof(status), "HTTP/1.1 %s ", row->status);
	cr_assert(answer != NULL && strncmp(answer, status, 13) == 0,
		"%s (%d): expected %s, got: %s", row->name, cut, row->status,
		in.data);
	cr_assert_not_null(strstr(answer, "application/problem+json"),
		"%s (%d): %s", row->name, cut, answer);
	cr_assert_not_null(strstr(answer, "Connection: close\r\n"), "%s (%d)",
		row->name, cut);
	cr_assert_null(strstr(answer, "two ways"), "%s (%d): evhttp got it",
		row->name, cut);
	cr_assert_null(strstr(answer, "}HTTP/1.1 "), "%s (%d): more than one",
		row->name, cut);
	cr_assert_eq(house->handled, handled, "%s (%d): the handler saw it",
		row->name, cut);
	close(fd);
	buf_done(&in);
}

Test(http_gate, refuses_what_can_be_read_in_two_ways_H05_H06_H07_H08)
{
	struct house house;

	house_open(&house);
	for (size_t i = 0; i < COUNT(refused); i++)
		for (enum cut cut = WHOLE; cut < CUTS; cut++)
			expect_refused(&house, &refused[i], cut);
	house_close(&house);
}

/* ---- what is taken ---- */

static const struct {
	const char *name, *request, *answer;
} taken[] = {
	{"a length of zero", POST "Content-Length: 0\r\n\r\n", "body=0:"},
	{"zeros before it", POST "Content-Length: 0002\r\n\r\nhi", "body=2:hi"},
	{"blanks around it", POST "Content-Length:  2 \t\r\n\r\nhi",
		"body=2:hi"},
	{"one length said twice",
		POST "Content-Length: 2\r\nContent-Length: 2\r\n\r\nhi",
		"body=2:hi"},
	{"chunks", CHUNKED "3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n", "body=5:hello"},
	{"chunks of capital digits with zeros",
		CHUNKED "0000000A\r\n0123456789\r\n00\r\n\r\n",
		"body=10:0123456789"},
	{"no chunk but the last", CHUNKED "0\r\n\r\n", "body=0:"},
	{"CHUNKED",
		POST "TRANSFER-ENCODING: CHUNKED\r\n\r\n1\r\na\r\n0\r\n\r\n",
		"body=1:a"},
	{"an answer awaited",
		POST "Expect: 100-continue\r\nContent-Length: 2\r\n\r\nhi",
		"body=2:hi"},
	{"bytes beyond ASCII in a value", GET HOST "X-A: \xc3\xa9\r\n\r\n",
		"X-A=\xc3\xa9"},
	{"an empty value", GET HOST "X-A:\r\n\r\n", "X-A="},
	{"a Host of IPv6", GET "Host: [::1]:80\r\n\r\n", "host=[::1]:80"},
	{"a whole URI", "GET http://h/x?a=1 HTTP/1.1\r\n" HOST "\r\n", "a=1"},
	{"a length on a GET", GET HOST "Content-Length: 2\r\n\r\nhi",
		"body=2:hi"},
};

Test(http_gate, takes_what_is_well_formed)
{
	struct house house;
	struct buf in = {0};

	house_open(&house);
	int fd = house_connect(&house);
	for (size_t i = 0; i < COUNT(taken); i++) {
		buf_clear(&in);
		house_send_text(&house, fd, taken[i].request);
		cr_assert(house_receive(&house, fd, &in, taken[i].answer),
			"%s: %s", taken[i].name, in.data);
		buf_clear(&in);
		for (const char *at = taken[i].request; *at != '\0'; at++) {
			house_send(&house, fd, at, 1);
			loop_step(house.loop, 0);
		}
		cr_assert(house_receive(&house, fd, &in, taken[i].answer),
			"%s by byte: %s", taken[i].name, in.data);
	}
	cr_assert_eq(
		http_server_connections(house.server), 1, "one served all");
	close(fd);
	buf_done(&in);
	house_close(&house);
}

Test(http_gate, counts_headers_H08)
{
	struct house house;
	struct buf many = {0}, in = {0};

	house_open(&house);
	for (int count = 99; count <= 100; count++) {
		int fd = house_connect(&house);

		buf_clear(&many);
		buf_clear(&in);
		buf_append_text(&many, GET HOST);
		for (int i = 0; i < count; i++)
			buf_append_text(&many, "A: b\r\n");
		buf_append_text(&many, "\r\n");
		house_send(&house, fd, many.data, many.length);
		cr_assert(
			house_receive(&house, fd, &in,
				count < 100 ? "HTTP/1.1 200" : "HTTP/1.1 431"),
			"%d and Host: %s", count, in.data);
		close(fd);
	}
	buf_done(&many);
	buf_done(&in);
	house_close(&house);
}

/* ---- deadlines ---- */

struct timed {
	struct house house;
	struct clock_set clock;
};

static void
timed_open(struct timed *timed)
{
	house_open(&timed->house);
	clock_set_init(&timed->clock, 0);
	http_server_set_clock(timed->house.server, &timed->clock.clock);
}

static void
advance(struct timed *timed, int64_t ms)
{
	clock_set_advance(&timed->clock, ms);
	loop_step(timed->house.loop, 0);
}

/* Whether the server closes it within so many turns of 10 ms; what came before
 * that is in `in`. */
static bool
is_closed(struct timed *timed, int fd, struct buf *in, int turns)
{
	char bytes[2048];

	/* The sweep runs by the clock of this machine. */
	for (int i = 0; i < turns; i++) {
		ssize_t got = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT);

		if (got == 0)
			return true;
		if (got > 0)
			buf_append(in, bytes, (size_t)got);
		else
			loop_step(timed->house.loop, 10);
	}
	return false;
}

struct slow {
	const char *name;
	const char *before; /* at once */
	const char *bytes; /* then one of these every second, again and again */
	int deadline_s;
	const char *answer; /* NULL: none */
};

static const struct slow slow[] = {
	{"silent", "", "", 10, NULL},
	{"head", "", "GET /xxxxxxxxxxxxxx", 10, "HTTP/1.1 408 "},
	{"headers", GET HOST "X-A: ", "abcdefghij", 10, "HTTP/1.1 408 "},
	{"body", POST "Content-Length: 1000\r\n\r\n", "x", 30, "HTTP/1.1 408 "},
	{"chunks", CHUNKED "3e8\r\n", "x", 30, "HTTP/1.1 408 "},
	{"idle", GET HOST "\r\n", "", 60, "HTTP/1.1 200 "},
	{"second head", GET HOST "\r\nG", "ET /xxxxxxxxxxxx", 10,
		"HTTP/1.1 408 "},
};

Test(http_gate, ends_the_slow_at_absolute_deadlines_H01)
{
	struct timed timed;

	timed_open(&timed);
	for (size_t i = 0; i < COUNT(slow); i++) {
		const struct slow *row = &slow[i];
		int fd = house_connect(&timed.house);
		struct buf in = {0};

		loop_step(timed.house.loop, 10);
		house_send_text(&timed.house, fd, row->before);
		cr_assert_not(is_closed(&timed, fd, &in, 5), "%s", row->name);
		for (int s = 0; s < row->deadline_s - 1; s++) {
			if (*row->bytes != '\0')
				house_send(&timed.house, fd,
					row->bytes +
						(size_t)s % strlen(row->bytes),
					1);
			advance(&timed, 1000);
		}
		cr_assert_not(is_closed(&timed, fd, &in, 5),
			"%s: before the deadline: %s", row->name, in.data);
		advance(&timed, 1000);
		cr_assert(is_closed(&timed, fd, &in, 500), "%s: after it",
			row->name);
		cr_assert(row->answer == NULL
				  ? in.length == 0
				  : strstr(in.data, row->answer) != NULL,
			"%s: %s", row->name, in.data);
		close(fd);
		buf_done(&in);
	}
	cr_assert_eq(http_server_connections(timed.house.server), 0, "none");
	house_close(&timed.house);
}

/* A peer that takes nothing of its answers, and one whose request takes long. */
Test(http_gate, waits_for_the_handler_and_not_for_who_does_not_read_H01)
{
	struct timed timed;
	struct buf in = {0};
	int small = 2048;

	timed_open(&timed);
	int held = house_connect(&timed.house);
	int deaf = house_connect(&timed.house);
	setsockopt(deaf, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
	house_send_text(
		&timed.house, held, "GET /hold HTTP/1.1\r\n" HOST "\r\n");
	house_turn_until(&timed.house, &timed.house.held_count, 1);
	for (int i = 0; i < 2000; i++) {
		ssize_t sent = send(deaf, BYTES(GET HOST "\r\n"), MSG_DONTWAIT);

		(void)sent;
		loop_step(timed.house.loop, 0);
	}
	for (int i = 0;
		i < 200 && http_server_connections(timed.house.server) > 1;
		i++) {
		clock_set_advance(&timed.clock, 5000);
		loop_step(timed.house.loop, 10);
	}
	cr_assert_eq(http_server_connections(timed.house.server), 1,
		"the deaf one is gone");
	http_reply(timed.house.held[0], 200, "text/plain", "late", 4);
	cr_assert(house_receive(&timed.house, held, &in, "late"), "served");
	close(held);
	close(deaf);
	buf_done(&in);
	house_close(&timed.house);
}

/* ---- caps ---- */

static void
expect_served(struct house *house, int fd)
{
	struct buf in = {0};

	house_send_text(house, fd, GET HOST "\r\n");
	cr_assert(house_receive(house, fd, &in, "path=/x"), "%s", in.data);
	buf_done(&in);
}

static void
turn(struct house *house, int times)
{
	for (int i = 0; i < times; i++)
		loop_step(house->loop, 2);
}

Test(http_gate, caps_connections_of_one_address_H03)
{
	struct http_limits limits = http_limits_default;
	struct house house;
	struct buf in = {0};
	int fd[4];

	limits.per_address = 3;
	house_open(&house);
	http_server_set_limits(house.server, &limits);
	for (int i = 0; i < 4; i++) {
		fd[i] = house_connect(&house);
		turn(&house, 2);
	}
	cr_assert(house_receive(&house, fd[3], &in, NULL), "the fourth");
	cr_assert_not_null(strstr(in.data, "HTTP/1.1 429 "), "%s", in.data);
	cr_assert_not_null(strstr(in.data, "Retry-After: "), "%s", in.data);
	for (int i = 0; i < 3; i++)
		expect_served(&house, fd[i]);
	close(fd[0]);
	turn(&house, 5);
	close(fd[3]);
	fd[0] = house_connect(&house);
	expect_served(&house, fd[0]);
	for (int i = 0; i < 3; i++)
		close(fd[i]);
	buf_done(&in);
	house_close(&house);
}

Test(http_gate, rests_at_the_cap_and_lets_idle_ones_go_H03)
{
	struct http_limits limits = http_limits_default;
	struct house house;
	struct buf in = {0};
	int fd[6];

	limits.connections = 4;
	house_open(&house);
	http_server_set_limits(house.server, &limits);
	for (int i = 0; i < 4; i++) {
		fd[i] = house_connect(&house);
		house_send_text(&house, fd[i], "GET /unfinished");
	}
	turn(&house, 5);
	fd[4] = house_connect(&house);
	house_send_text(&house, fd[4], GET HOST "\r\n");
	turn(&house, 50);
	cr_assert_eq(http_server_connections(house.server), 4, "four");
	cr_assert_eq(house.handled, 0, "the fifth waits outside");
	/* One of the four comes to its end, idles, and makes room. */
	house_send_text(&house, fd[0], " HTTP/1.1\r\n" HOST "\r\n");
	cr_assert(house_receive(&house, fd[0], &in, "path=/unf"), "served");
	close(fd[0]);
	buf_clear(&in);
	cr_assert(house_receive(&house, fd[4], &in, "path=/x"), "the fifth");
	fd[5] = house_connect(&house);
	buf_clear(&in);
	house_send_text(&house, fd[5], GET HOST "\r\n");
	cr_assert(house_receive(&house, fd[5], &in, "path=/x"),
		"the sixth, since the fifth is idle");
	cr_assert(house_receive(&house, fd[4], &in, NULL), "which had to go");
	for (int i = 1; i < 6; i++)
		close(fd[i]);
	buf_done(&in);
	house_close(&house);
}

/* Descriptors are taken away at run time; they come back later. */
Test(http_gate, rests_without_descriptors_P08)
{
	struct house house;
	struct rlimit limit, none;
	struct buf in = {0};
	int fd[2], spare, turns = 0;

	house_open(&house);
	getrlimit(RLIMIT_NOFILE, &limit);
	for (int i = 0; i < 2; i++)
		fd[i] = house_connect(&house);
	spare = open("/dev/null", O_RDONLY);
	none = limit;
	none.rlim_cur = (rlim_t)spare;
	close(spare);
	setrlimit(RLIMIT_NOFILE, &none);
	turn(&house, 1);
	cr_assert_eq(http_server_connections(house.server), 0, "none gets in");
	/* It rests between its tries: a spin would make thousands of turns. */
	for (int64_t end = clock_monotonic_us(&clock_system) + 500000;
		clock_monotonic_us(&clock_system) < end; turns++)
		loop_step(house.loop, 100);
	cr_assert_lt(turns, 50, "%d turns in half a second", turns);
	setrlimit(RLIMIT_NOFILE, &limit);
	for (int i = 0; i < 2; i++) {
		buf_clear(&in);
		house_send_text(&house, fd[i], GET HOST "\r\n");
		cr_assert(house_receive(&house, fd[i], &in, "path=/x"),
			"served after all");
		close(fd[i]);
	}
	buf_done(&in);
	house_close(&house);
}

/* A client from another address of this machine. */
static int
connect_from(const struct house *house, const char *address)
{
	struct sockaddr_in own = {.sin_family = AF_INET},
			   name = {.sin_family = AF_INET};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	inet_pton(AF_INET, address, &own.sin_addr);
	name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	name.sin_port = htons((in_port_t)http_listener_port(house->listener));
	cr_assert_eq(bind(fd, (struct sockaddr *)&own, sizeof(own)), 0, "bind");
	cr_assert_eq(connect(fd, (struct sockaddr *)&name, sizeof(name)), 0,
		"connect");
	return fd;
}

static int
connect_unix(struct house *house, char *folder)
{
	struct sockaddr_un name = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	struct err err;

	cr_assert_not_null(mkdtemp(folder), "a folder");
	snprintf(name.sun_path, sizeof(name.sun_path), "%s/s", folder);
	cr_assert_not_null(http_listen_unix(house->server, name.sun_path, 0600,
				   NULL, house, &err),
		"%s", err.text);
	cr_assert_eq(connect(fd, (struct sockaddr *)&name, sizeof(name)), 0,
		"connect");
	return fd;
}

/* One address cannot take the whole room away from the others, and nobody from
 * the control socket. */
Test(http_gate, keeps_room_for_bodies_of_others_H04)
{
	struct house house;
	char head[128], folder[] = "/tmp/npsd-gate-XXXXXX";
	struct pollfd answer = {.events = POLLIN};
	int fd[8];

	house_open(&house);
	snprintf(head, sizeof(head), POST "Content-Length: %d\r\n\r\n",
		HTTP_BODY_LIMIT_BYTES);
	for (int i = 0; i < 8; i++) {
		fd[i] = i < 5	 ? house_connect(&house)
			: i == 7 ? connect_unix(&house, folder)
				 : connect_from(&house, "127.0.0.2");
		house_send_text(&house, fd[i], head);
		turn(&house, 2);
		answer.fd = fd[i];
		/* 3 of this address, 1 of the other, and the last. */
		cr_expect_eq(poll(&answer, 1, 0), i == 3 || i == 4 || i == 6,
			"%d", i);
	}
	for (int i = 0; i < 8; i++)
		close(fd[i]);
	house_close(&house);
	rmdir(folder);
}

/* What a client sends ahead stays in the kernel while its request is worked on,
 * and is served when that has its answer. */
Test(http_gate, reads_little_ahead_H04)
{
	enum { AHEAD = 20000 };
	static const char held[] =
		"POST /hold HTTP/1.1\r\n" HOST "Content-Length: 1\r\n\r\nx";
	static const char next[] = "GET /nothing HTTP/1.1\r\n" HOST "\r\n";
	struct house house;
	struct buf out = {0}, in = {0};
	size_t sent = 0;
	int fd;

	house_open(&house);
	fd = house_connect(&house);
	buf_append_text(&out, held);
	for (int i = 0; i < AHEAD; i++)
		buf_append_text(&out, next);
	buf_append_text(&out, "GET /last HTTP/1.1\r\n" HOST "\r\n");
	for (int i = 0; i < 200 && sent < out.length; i++) {
		ssize_t n = send(fd, out.data + sent, out.length - sent,
			MSG_DONTWAIT | MSG_NOSIGNAL);

		sent += n > 0 ? (size_t)n : 0;
		turn(&house, 1);
	}
	house_turn_until(&house, &house.held_count, 1);
	for (size_t i = 0; i < house.server->by_fd_room; i++)
		if (house.server->by_fd[i] != NULL)
			cr_assert_leq(house.server->by_fd[i]->unread, 64 * 1024,
				"bytes that wait: %zu",
				house.server->by_fd[i]->unread);
	http_reply(house.held[0], 200, "text/plain", "x", 1);
	house_send(&house, fd, out.data + sent, out.length - sent);
	cr_assert(house_receive(&house, fd, &in, "path=/last"), "all");
	cr_assert_eq(house.handled, AHEAD + 2, "each once");
	close(fd);
	buf_done(&out);
	buf_done(&in);
	house_close(&house);
}

/* Many large bodies at once: what there is no room for is told to come again. */
Test(http_gate, bounds_the_bodies_in_memory_H04)
{
	struct house house;
	struct buf in = {0};
	char head[128];
	int fd[8], refused_count = 0;

	house_open(&house);
	snprintf(head, sizeof(head), POST "Content-Length: %d\r\n\r\n",
		HTTP_BODY_LIMIT_BYTES);
	for (int i = 0; i < 8; i++) {
		fd[i] = house_connect(&house);
		house_send_text(&house, fd[i], head);
		turn(&house, 2);
	}
	for (int i = 0; i < 8; i++) {
		struct pollfd answer = {.fd = fd[i], .events = POLLIN};

		if (poll(&answer, 1, 0) == 0)
			continue;
		refused_count++;
		buf_clear(&in);
		cr_assert(house_receive(&house, fd[i], &in, NULL), "closed");
		cr_assert_not_null(
			strstr(in.data, "HTTP/1.1 503 "), "%s", in.data);
		cr_assert_not_null(
			strstr(in.data, "Retry-After: "), "%s", in.data);
	}
	cr_assert_eq(refused_count, 5, "%d", refused_count);
	for (int i = 0; i < 8; i++)
		close(fd[i]);
	turn(&house, 5);
	fd[0] = house_connect(&house);
	house_send_text(&house, fd[0], head);
	turn(&house, 5);
	struct pollfd answer = {.fd = fd[0], .events = POLLIN};
	cr_assert_eq(poll(&answer, 1, 0), 0, "there is room again");
	close(fd[0]);
	buf_done(&in);
	house_close(&house);
}
