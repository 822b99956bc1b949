/* Transfers against scripted peers on loopback: HTTP (D02, D05, D07, D10, D11,
 * D12, D14) and SMTP (M01, M02, M04, M05, M06, M08, M09, M10). */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/memory.h"
#include "loop/transfer.h"
#include "http_house.h"
#include "scripted_peer.h"

TestSuite(transfer, .timeout = 60);

enum { TURNS_LIMIT = 4000, SHORT_MS = 150, LONG_MS = 20000 };

struct desk {
	struct loop *loop;
	struct transfer_pool *pool;
	struct transfer_result result; /* of the last one that ended */
	struct buf body;
	int done;
};

static void
open_desk(struct desk *desk)
{
	struct err err = {""};
	*desk = (struct desk){0};
	desk->loop = loop_new(&err);
	cr_assert_not_null(desk->loop, "%s", err.text);
	desk->pool = transfer_pool_new(desk->loop, 4, &err);
	cr_assert_not_null(desk->pool, "%s", err.text);
}

static void
close_desk(struct desk *desk)
{
	transfer_pool_free(desk->pool);
	loop_free(desk->loop);
	buf_done(&desk->body);
}

static void
on_done(const struct transfer_result *result, void *context)
{
	struct desk *desk = context;
	desk->done++;
	desk->result = *result;
	buf_clear(&desk->body);
	if (result->body_length > 0)
		buf_append(&desk->body, result->body, result->body_length);
}

static struct transfer *
start(struct desk *desk, const struct transfer_request *request)
{
	struct err err = {""};
	int before = desk->done;
	struct transfer *transfer =
		transfer_start(desk->pool, request, on_done, desk, &err);
	cr_assert_not_null(transfer, "%s", err.text);
	cr_assert_eq(desk->done, before, "not inside transfer_start");
	return transfer;
}

static void
turn_until_done(struct desk *desk, int wanted)
{
	for (int i = 0; i < TURNS_LIMIT && desk->done < wanted; i++)
		loop_step(desk->loop, 10);
	cr_assert_eq(desk->done, wanted, "transfers that ended");
}

static void
run(struct desk *desk, const struct transfer_request *request)
{
	int before = desk->done;
	start(desk, request);
	turn_until_done(desk, before + 1);
}

#define OK_EMPTY "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"

static const struct http_row {
	const char *name;
	const char *answer;
	enum peer_after after;
	int64_t timeout_ms;
	enum transfer_end end;
	int status;
	int64_t retry_after_ms;
	const char *body;
} http_rows[] = {
	{"200", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", PEER_CLOSES,
		LONG_MS, TRANSFER_ANSWERED, 200, -1, "hi"},
	{"204", "HTTP/1.1 204 No Content\r\n\r\n", PEER_CLOSES, LONG_MS,
		TRANSFER_ANSWERED, 204, -1, ""},
	{"503, D07 seconds",
		"HTTP/1.1 503 Busy\r\nretry-after:  120 \r\n"
		"Content-Length: 0\r\n\r\n",
		PEER_CLOSES, LONG_MS, TRANSFER_ANSWERED, 503, 120000, ""},
	{"429, D07 past date",
		"HTTP/1.1 429 Slow\r\n"
		"Retry-After: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
		"Content-Length: 0\r\n\r\n",
		PEER_CLOSES, LONG_MS, TRANSFER_ANSWERED, 429, 0, ""},
	{"429, D07 absurd",
		"HTTP/1.1 429 Slow\r\nRetry-After: 99999999999\r\n"
		"Content-Length: 0\r\n\r\n",
		PEER_CLOSES, LONG_MS, TRANSFER_ANSWERED, 429, 86400000, ""},
	{"429, D07 negative",
		"HTTP/1.1 429 Slow\r\nRetry-After: -1\r\n"
		"Content-Length: 0\r\n\r\n",
		PEER_CLOSES, LONG_MS, TRANSFER_ANSWERED, 429, -1, ""},
	{"100 before 200",
		"HTTP/1.1 103 Early\r\nRetry-After: 7\r\n\r\n" OK_EMPTY,
		PEER_CLOSES, LONG_MS, TRANSFER_ANSWERED, 200, -1, ""},
	{"D05 not followed",
		"HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\n"
		"Content-Length: 0\r\n\r\n",
		PEER_CLOSES, LONG_MS, TRANSFER_ANSWERED, 302, -1, ""},
	{"D11 body cut short",
		"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nhi", PEER_CLOSES,
		LONG_MS, TRANSFER_ANSWERED, 200, -1, "hi"},
	{"D10 body that stops",
		"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nhi", PEER_WAITS,
		SHORT_MS, TRANSFER_ANSWERED, 200, -1, "hi"},
	{"D11 endless body", "HTTP/1.1 200 OK\r\n\r\n", PEER_FLOODS, LONG_MS,
		TRANSFER_ANSWERED, 200, -1, NULL},
	{"D11 endless headers", "HTTP/1.1 200 OK\r\n", PEER_FLOODS, LONG_MS,
		TRANSFER_UNKNOWN, 0, -1, ""},
	{"D12 closed before the status", "", PEER_CLOSES, LONG_MS,
		TRANSFER_UNKNOWN, 0, -1, ""},
	{"D12 reset before the status", "", PEER_RESETS, LONG_MS,
		TRANSFER_UNKNOWN, 0, -1, ""},
	{"D12 half a status", "HTTP/1.1 20", PEER_CLOSES, LONG_MS,
		TRANSFER_UNKNOWN, 0, -1, ""},
	{"D12 half the headers", "HTTP/1.1 200 OK\r\nX: y\r\n", PEER_CLOSES,
		LONG_MS, TRANSFER_UNKNOWN, 0, -1, ""},
	{"D10 no answer", "", PEER_WAITS, SHORT_MS, TRANSFER_UNKNOWN, 0, -1,
		""},
	{"D11 not HTTP", "SSH-2.0-x\r\n", PEER_CLOSES, LONG_MS,
		TRANSFER_UNKNOWN, 0, -1, ""},
};

Test(transfer, judges_http_by_the_status_line)
{
	static const char body[] = "{\"a\":1}";
	struct desk desk;
	open_desk(&desk);
	for (size_t i = 0; i < sizeof http_rows / sizeof *http_rows; i++) {
		const struct http_row *row = &http_rows[i];
		struct peer peer;
		char url[128];
		peer_start_http(&peer, row->answer, row->after);
		snprintf(url, sizeof url,
			"http://127.0.0.1:%d/secret-path?secret-query=1",
			peer.port);
		run(&desk, &(struct transfer_request){
				   .url = url,
				   .body = body,
				   .body_length = sizeof body - 1,
				   .password = "secret-password",
				   .user = "secret-user",
				   .timeout_ms = row->timeout_ms,
			   });
		peer_stop(&peer);
		const struct transfer_result *result = &desk.result;
		cr_expect_eq(result->end, row->end, "%s: end %d, %s", row->name,
			(int)result->end, result->reason);
		cr_expect_eq(result->status, row->status, "%s: status %d",
			row->name, result->status);
		cr_expect_eq(result->retry_after_ms, row->retry_after_ms,
			"%s: retry after %ld", row->name,
			(long)result->retry_after_ms);
		if (row->body == NULL)
			cr_expect_eq(result->body_length,
				TRANSFER_BODY_LIMIT_BYTES, "%s: %zu kept",
				row->name, result->body_length);
		else
			cr_expect_str_eq(
				desk.body.length > 0 ? desk.body.data : "",
				row->body, "%s", row->name);
		cr_expect_not_null(strstr(result->reason, "127.0.0.1"),
			"%s: %s", row->name, result->reason);
		cr_expect_null(strstr(result->reason, "secret"), "%s: %s",
			row->name, result->reason);
		cr_expect_geq(result->elapsed_us, 1, "%s: time", row->name);
	}
	close_desk(&desk);
}

Test(transfer, sends_the_request_as_it_was_given)
{
	static const char *const headers[] = {"Content-Type: application/json",
		"X-Empty:", "webhook-id: 1", NULL};
	static const struct {
		const char *method;
		const char *body;
		const char *const *headers;
		const char *line;
		const char *contains;
		const char *lacks;
	} rows[] = {
		{NULL, "{}", headers, "POST /p?q=1 HTTP/1.1\r\n",
			"\r\nContent-Length: 2\r\n", "Expect"},
		{"POST", "{}", headers, "POST ",
			"\r\nContent-Type: application/json\r\n", "Accept-E"},
		{NULL, "{}", headers, "POST ", "\r\nX-Empty:\r\n", "Cookie"},
		{NULL, "{}", headers, "POST ", "\r\nwebhook-id: 1\r\n",
			"form-urlencoded"},
		{NULL, "{}", NULL, "POST ", "\r\nUser-Agent: npsd/",
			"Content-Type"},
		{NULL, "{}", NULL, "POST ", "\r\nAuthorization: Basic dTpw\r\n",
			"Proxy"},
		{NULL, NULL, NULL, "POST ", "\r\nContent-Length: 0\r\n",
			"Expect"},
		{"GET", NULL, NULL, "GET /p?q=1 HTTP/1.1\r\n", "\r\n\r\n",
			"Content-Length"},
		{"HEAD", NULL, NULL, "HEAD ", "\r\n\r\n", "Content-Length"},
		{"DELETE", NULL, NULL, "DELETE ", "\r\n\r\n", "Content-Length"},
		{"PUT", "{}", NULL, "PUT ", "\r\n\r\n{}", "Expect"},
		{"PATCH", "{}", NULL, "PATCH ", "\r\n\r\n{}", "Expect"},
	};
	struct desk desk;
	open_desk(&desk);
	setenv("http_proxy", "http://127.0.0.1:1", 1);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct peer peer;
		char url[64];
		peer_start_http(&peer, OK_EMPTY, PEER_CLOSES);
		snprintf(url, sizeof url, "http://127.0.0.1:%d/p?q=1",
			peer.port);
		const char *body = rows[i].body;
		run(&desk, &(struct transfer_request){
				   .url = url,
				   .method = rows[i].method,
				   .headers = rows[i].headers,
				   .body = body,
				   .body_length = body ? strlen(body) : 0,
				   .user = "u",
				   .password = "p",
				   .timeout_ms = LONG_MS,
			   });
		peer_stop(&peer);
		cr_expect_eq(desk.result.status, 200, "row %zu: %s", i,
			desk.result.reason);
		cr_expect_eq(
			strncmp(peer.heard, rows[i].line, strlen(rows[i].line)),
			0, "row %zu: %s", i, peer.heard);
		cr_expect_not_null(strstr(peer.heard, rows[i].contains),
			"row %zu: %s not in %s", i, rows[i].contains,
			peer.heard);
		cr_expect_null(strstr(peer.heard, rows[i].lacks),
			"row %zu: %s in %s", i, rows[i].lacks, peer.heard);
	}
	close_desk(&desk);
}

/* Equal plans share a handle and a connection; the rest is new each time. */
Test(transfer, uses_a_connection_again)
{
	struct desk desk;
	struct peer peer;
	char url[64], header[32];
	const char *const headers[] = {header, NULL};
	open_desk(&desk);
	peer_start_http(&peer, OK_EMPTY, PEER_SERVES_ON);
	snprintf(url, sizeof url, "http://127.0.0.1:%d/", peer.port);
	for (int i = 0; i < 5; i++) {
		char body[24];
		snprintf(header, sizeof header, "X-Number: %d", i);
		snprintf(body, sizeof body, "body%d", i);
		run(&desk, &(struct transfer_request){
				   .url = url,
				   .headers = headers,
				   .body = body,
				   .body_length = 5,
				   .timeout_ms = LONG_MS,
			   });
		cr_expect_eq(desk.result.status, 200, "%s", desk.result.reason);
	}
	transfer_pool_free(desk.pool);
	desk.pool = NULL;
	peer_stop(&peer);
	cr_expect_eq(peer.connections, 1, "%d connections", peer.connections);
	const char *at = peer.heard;
	for (int i = 0; i < 5; i++) {
		snprintf(header, sizeof header, "X-Number: %d\r\n", i);
		at = strstr(at, header);
		cr_assert_not_null(at, "header %d in %s", i, peer.heard);
		snprintf(header, sizeof header, "\r\n\r\nbody%d", i);
		at = strstr(at, header);
		cr_assert_not_null(at, "body %d in %s", i, peer.heard);
	}
	close_desk(&desk);
}

static void
start_next(const struct transfer_result *result, void *context)
{
	struct desk *desk = context;
	struct transfer_request request = {
		.url = "http://127.0.0.1:1/", .timeout_ms = LONG_MS};
	(void)result;
	start(desk, &request);
}

Test(transfer, may_start_and_cancel_from_anywhere)
{
	struct desk desk;
	struct err err = {""};
	struct peer peer;
	char url[64];
	open_desk(&desk);
	struct transfer_request nobody = {
		.url = "http://127.0.0.1:1/", .timeout_ms = LONG_MS};
	struct transfer *cancelled = start(&desk, &nobody);
	transfer_cancel(cancelled);
	struct transfer_request misused = {.url = "nonsense"};
	transfer_cancel(start(&desk, &misused));

	peer_start_http(&peer, "", PEER_WAITS);
	snprintf(url, sizeof url, "http://127.0.0.1:%d/", peer.port);
	struct transfer_request slow = {.url = url, .timeout_ms = LONG_MS};
	cancelled = start(&desk, &slow);
	for (int i = 0; i < 20; i++)
		loop_step(desk.loop, 5);
	transfer_cancel(cancelled);
	peer_stop(&peer);

	cr_assert_not_null(
		transfer_start(desk.pool, &nobody, start_next, &desk, &err),
		"%s", err.text);
	turn_until_done(&desk, 1);
	cr_expect_eq(desk.result.end, TRANSFER_NETWORK, "the started one");
	start(&desk, &nobody); /* ended by the pool's own end */
	start(&desk, &misused);
	close_desk(&desk);
}

Test(transfer, says_what_is_wrong_before_anything_is_sent)
{
	static const char *const split[] = {"X-A: 1\r\nX-B: 2", NULL};
	static const char *const nameless[] = {": x", NULL};
	static const char *const colonless[] = {"X", NULL};
	static const struct {
		const char *name;
		struct transfer_request request;
		enum transfer_end end;
	} rows[] = {
		{"D02 refused", {.url = "http://127.0.0.1:1/secret"},
			TRANSFER_NETWORK},
		{"no such host", {.url = "http://nowhere.invalid/secret"},
			TRANSFER_NETWORK},
		{"refused mail",
			{.url = "smtp://127.0.0.1:1", .mail_to = "a@x"},
			TRANSFER_NETWORK},
		{"no URL", {.url = NULL}, TRANSFER_MISUSED},
		{"empty URL", {.url = ""}, TRANSFER_MISUSED},
		{"no scheme", {.url = "127.0.0.1:1/secret"}, TRANSFER_MISUSED},
		{"file", {.url = "file:///etc/passwd"}, TRANSFER_MISUSED},
		{"gopher", {.url = "gopher://127.0.0.1/secret"},
			TRANSFER_MISUSED},
		{"LF in the URL", {.url = "http://127.0.0.1:1/se\ncret"},
			TRANSFER_MISUSED},
		{"user in the URL", {.url = "http://secret@127.0.0.1:1/"},
			TRANSFER_MISUSED},
		{"D14 header", {.url = "http://127.0.0.1:1/", .headers = split},
			TRANSFER_MISUSED},
		{"header without a name",
			{.url = "http://127.0.0.1:1/", .headers = nameless},
			TRANSFER_MISUSED},
		{"header without a colon",
			{.url = "http://127.0.0.1:1/", .headers = colonless},
			TRANSFER_MISUSED},
		{"method", {.url = "http://127.0.0.1:1/", .method = "A B"},
			TRANSFER_MISUSED},
		{"password", {.url = "http://127.0.0.1:1/", .password = "\n"},
			TRANSFER_MISUSED},
		{"no recipient", {.url = "smtp://127.0.0.1:1"},
			TRANSFER_MISUSED},
		{"M10 recipient",
			{.url = "smtp://127.0.0.1:1",
				.mail_to = "a@x>\r\nDATA"},
			TRANSFER_MISUSED},
		{"M10 bracket",
			{.url = "smtp://127.0.0.1:1", .mail_to = "a@x>"},
			TRANSFER_MISUSED},
		{"M10 sender",
			{.url = "smtp://127.0.0.1:1",
				.mail_to = "a@x",
				.mail_from = "a\n@x"},
			TRANSFER_MISUSED},
		{"M12 lone LF",
			{.url = "smtp://127.0.0.1:1",
				.mail_to = "a@x",
				.body = "a\nb",
				.body_length = 3},
			TRANSFER_MISUSED},
		{"M12 lone CR",
			{.url = "smtp://127.0.0.1:1",
				.mail_to = "a@x",
				.body = "a\rb",
				.body_length = 3},
			TRANSFER_MISUSED},
		{"M12 NUL",
			{.url = "smtp://127.0.0.1:1",
				.mail_to = "a@x",
				.body = "a\0b",
				.body_length = 3},
			TRANSFER_MISUSED},
	};
	struct desk desk;
	open_desk(&desk);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct transfer_request request = rows[i].request;
		request.timeout_ms = LONG_MS;
		run(&desk, &request);
		cr_expect_eq(desk.result.end, rows[i].end, "%s: end %d, %s",
			rows[i].name, (int)desk.result.end, desk.result.reason);
		cr_expect_neq(
			desk.result.reason[0], '\0', "%s: why?", rows[i].name);
		cr_expect_null(strstr(desk.result.reason, "secret"), "%s: %s",
			rows[i].name, desk.result.reason);
	}
	close_desk(&desk);
}

Test(transfer, wants_tls_where_the_url_says_it)
{
	static const char *const answers[] = {"HTTP/1.1 400 Bad\r\n\r\n", NULL};
	struct desk desk;
	struct peer peer;
	char url[64];
	open_desk(&desk);
	peer_start_smtp(&peer, answers, 1);
	snprintf(url, sizeof url, "https://127.0.0.1:%d/", peer.port);
	run(&desk,
		&(struct transfer_request){.url = url, .timeout_ms = LONG_MS});
	peer_stop(&peer);
	cr_expect_eq(desk.result.end, TRANSFER_TLS, "%d: %s",
		(int)desk.result.end, desk.result.reason);
	cr_expect_null(strstr(peer.heard, "POST"), "nothing in clear");
	close_desk(&desk);
}

Test(transfer, asks_over_a_unix_socket)
{
	struct house house;
	struct desk desk = {0};
	struct err err = {""};
	char folder[] = "/tmp/npsd-test-XXXXXX", path[64];
	cr_assert_not_null(mkdtemp(folder), "mkdtemp");
	snprintf(path, sizeof path, "%s/socket", folder);
	house_open(&house);
	desk.loop = house.loop;
	desk.pool = transfer_pool_new(desk.loop, 4, &err);
	cr_assert_not_null(desk.pool, "%s", err.text);
	cr_assert_not_null(
		http_listen_unix(house.server, path, 0600, NULL, &house, &err),
		"%s", err.text);
	struct transfer_request request = {.url = "http://npsd/x?a=1",
		.method = "GET",
		.unix_path = path,
		.timeout_ms = LONG_MS};
	run(&desk, &request);
	cr_expect_eq(desk.result.status, 200, "%s", desk.result.reason);
	cr_expect_not_null(
		strstr(desk.body.data, "path=/x a=1"), "%s", desk.body.data);
	cr_expect_not_null(
		strstr(desk.body.data, "host=npsd"), "%s", desk.body.data);
	cr_expect_not_null(
		strstr(desk.body.data, "peer=unix"), "%s", desk.body.data);
	request.body_limit = 4;
	run(&desk, &request);
	cr_expect_eq(desk.result.status, 200, "%s", desk.result.reason);
	cr_expect_str_eq(desk.body.data, "GET ", "no more than asked for");
	transfer_pool_free(desk.pool);
	buf_done(&desk.body);
	house_close(&house);
	cr_expect_eq(rmdir(folder), 0, "nothing is left");
}

Test(transfer, knows_good_urls)
{
	static const char *const web[] = {"http", "https", NULL};
	static const struct {
		const char *url;
		bool good;
	} rows[] = {
		{"http://example.com", true},
		{"https://example.com:8443/a?b=c", true},
		{"HTTPS://[::1]:1/", true},
		{"", false},
		{"example.com", false},
		{"http://", false},
		{"http:///path", false},
		{"ftp://example.com/", false},
		{"smtp://example.com", false},
		{"file:///etc/passwd", false},
		{"http://user@example.com/", false},
		{"http://user:password@example.com/", false},
		{"http://:password@example.com/", false},
		{"http://exa mple.com/", false},
		{"http://example.com/\r\nX: y", false},
		{"http://example.com:99999/", false},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct err err = {""};
		bool good = transfer_url_is_good(rows[i].url, web, &err);
		cr_expect_eq(
			good, rows[i].good, "%s: %s", rows[i].url, err.text);
		cr_expect_eq(
			err.text[0] == '\0', good, "%s: a reason", rows[i].url);
		cr_expect_null(strstr(err.text, "password@"), "%s", err.text);
	}
}
