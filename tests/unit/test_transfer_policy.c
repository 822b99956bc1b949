/* Which addresses transfers connect to, and by which proxy: D06. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "scripted_peer.h"
#include "transfer_desk.h"

TestSuite(transfer_policy, .timeout = 60);

enum { LONG_MS = 20000 };

#define OK_EMPTY "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"

static void
add(struct address_ranges *ranges, const char *text)
{
	struct address_range range;
	struct err err = {""};

	cr_assert(address_range_parse(&range, text, &err), "%s", err.text);
	address_ranges_add(ranges, &range);
}

/* However it is written, the address is judged that a packet would go to; and
 * nothing is sent. */
Test(transfer_policy, judges_what_is_connected_to_D06)
{
	static const char *const denied[] = {
		"http://169.254.169.254/latest/meta-data",
		"http://0xa9fea9fe/",
		"http://2852039166/",
		"http://0251.0376.0251.0376/",
		"http://169.254.43518/",
		"http://[::ffff:169.254.169.254]/",
		"http://[::ffff:a9fe:a9fe]/",
		"http://[64:ff9b::169.254.169.254]/",
		"http://[fd00:ec2::254]/",
		"http://[fe80::1]/",
		"http://0.0.0.0:1/",
		"http://0:1/",
		"http://[::]:1/",
		"http://224.0.0.1/",
		"http://255.255.255.255/",
		"https://169.254.169.254/",
		"smtp://169.254.169.254",
		"smtps://[::ffff:169.254.169.254]",
	};
	struct transfer_desk desk;

	transfer_desk_open(&desk);
	for (size_t i = 0; i < sizeof(denied) / sizeof(*denied); i++) {
		transfer_desk_run(&desk, &(struct transfer_request){
						 .url = denied[i],
						 .mail_to = "a@x",
						 .timeout_ms = LONG_MS,
					 });
		cr_expect_eq(desk.result.end, TRANSFER_DENIED, "%s: %d, %s",
			denied[i], (int)desk.result.end, desk.result.reason);
		cr_expect_not_null(strstr(desk.result.reason, "is denied: "),
			"%s", desk.result.reason);
	}
	transfer_desk_close(&desk);
}

Test(transfer_policy, loopback_is_denied_where_it_is_said_D06)
{
	static const char *const hosts[] = {"127.0.0.1", "localhost",
		"2130706433", "0x7f.1", "[::ffff:127.0.0.1]", "127.1"};
	struct address_policy policy = {0};
	struct transfer_desk desk;
	struct peer peer;

	add(&policy.deny, "127.0.0.0/8");
	add(&policy.deny, "::1");
	transfer_desk_open(&desk);
	peer_start_http(&peer, OK_EMPTY, PEER_CLOSES);
	for (size_t i = 0; i < 2 * sizeof(hosts) / sizeof(*hosts); i++) {
		char url[64];
		bool common = i % 2 == 0;

		snprintf(url, sizeof(url), "http://%s:%d/", hosts[i / 2],
			peer.port);
		transfer_pool_set_policy(desk.pool,
			common ? &policy : &(struct address_policy){0});
		transfer_desk_run(
			&desk, &(struct transfer_request){
				       .url = url,
				       .policy = common ? NULL : &policy,
				       .timeout_ms = LONG_MS,
			       });
		cr_expect_eq(desk.result.end, TRANSFER_DENIED, "%s: %d, %s",
			url, (int)desk.result.end, desk.result.reason);
	}
	peer_stop(&peer);
	cr_expect_eq(peer.connections, 0, "nobody came");
	address_policy_done(&policy);
	transfer_desk_close(&desk);
}

/* A connection that is open already is judged anew for each request. */
Test(transfer_policy, an_open_connection_is_no_way_round_it_D06)
{
	struct address_policy policy = {0}, exception = {0};
	struct transfer_desk desk;
	struct peer peer;
	char url[64];

	add(&policy.deny, "127.0.0.1");
	add(&exception.allow, "127.0.0.1");
	transfer_desk_open(&desk);
	peer_start_http(&peer, OK_EMPTY, PEER_SERVES_ON);
	snprintf(url, sizeof(url), "http://127.0.0.1:%d/", peer.port);
	struct transfer_request request = {.url = url, .timeout_ms = LONG_MS};

	transfer_desk_run(&desk, &request);
	cr_expect_eq(desk.result.status, 200, "%s", desk.result.reason);
	request.policy = &policy;
	transfer_desk_run(&desk, &request);
	cr_expect_eq(
		desk.result.end, TRANSFER_DENIED, "%s", desk.result.reason);
	request.policy = NULL;
	transfer_pool_set_policy(desk.pool, &policy);
	transfer_desk_run(&desk, &request);
	cr_expect_eq(
		desk.result.end, TRANSFER_DENIED, "%s", desk.result.reason);
	request.policy = &exception;
	transfer_desk_run(&desk, &request);
	cr_expect_eq(desk.result.end, TRANSFER_DENIED, "as narrow: %s",
		desk.result.reason);
	transfer_desk_close(&desk);
	peer_stop(&peer);
	cr_expect_eq(peer.connections, 1, "connections");
	cr_expect_null(strstr(strstr(peer.heard, "POST") + 1, "POST"),
		"one request: %s", peer.heard);
	address_policy_done(&policy);
	address_policy_done(&exception);
}

Test(transfer_policy, a_proxy_is_asked_and_judged_D06)
{
	struct address_policy policy = {0};
	struct transfer_desk desk;
	struct peer peer;
	char proxy[64];

	transfer_desk_open(&desk);
	peer_start_http(&peer, OK_EMPTY, PEER_CLOSES);
	snprintf(proxy, sizeof(proxy), "http://127.0.0.1:%d", peer.port);
	struct transfer_request request = {
		.url = "http://crm.invalid/x",
		.user = "user",
		.password = "pass",
		.proxy = proxy,
		.proxy_user = "u",
		.proxy_password = "p",
		.timeout_ms = LONG_MS,
	};

	add(&policy.deny, "127.0.0.0/8");
	request.policy = &policy;
	transfer_desk_run(&desk, &request);
	cr_expect_eq(
		desk.result.end, TRANSFER_DENIED, "%s", desk.result.reason);
	cr_expect_not_null(strstr(desk.result.reason, "of the proxy is denied"),
		"%s", desk.result.reason);
	request.policy = NULL;
	transfer_desk_run(&desk, &request);
	cr_expect_eq(desk.result.status, 200, "%s", desk.result.reason);
	peer_stop(&peer);
	cr_expect_not_null(
		strstr(peer.heard, "POST http://crm.invalid/x HTTP/1.1\r\n"),
		"%s", peer.heard);
	cr_expect_not_null(
		strstr(peer.heard, "Proxy-Authorization: Basic dTpw\r\n"), "%s",
		peer.heard);
	cr_expect_not_null(
		strstr(peer.heard, "\r\nAuthorization: Basic dXNlcjpwYXNz\r\n"),
		"%s", peer.heard);
	address_policy_done(&policy);
	transfer_desk_close(&desk);
}

/* What a proxy says to CONNECT is its own answer, and the receiver's headers
 * and password are not for it. */
Test(transfer_policy, a_proxy_that_opens_no_way)
{
	static const char *const headers[] = {"X-Secret: s3cret", NULL};
	static const struct {
		const char *answer;
		enum transfer_end end;
		int status;
		const char *reason;
	} rows[] = {
		{"HTTP/1.1 407 No\r\nContent-Length: 0\r\n\r\n",
			TRANSFER_REFUSED, 407, "it answered 407"},
		{"HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n",
			TRANSFER_REFUSED, 403, "it answered 403"},
		{"HTTP/1.1 502 No\r\nContent-Length: 0\r\n\r\n",
			TRANSFER_REFUSED, 502, "it answered 502"},
		{"HTTP/1.1 302 No\r\nLocation: http://x/\r\n"
		 "Content-Length: 0\r\n\r\n",
			TRANSFER_REFUSED, 302, "it answered 302"},
		{"HTTP/1.1 200 Connected\r\n\r\n", TRANSFER_TLS, 0, "no TLS"},
		{"", TRANSFER_NETWORK, 0, ""},
	};
	struct transfer_desk desk;

	transfer_desk_open(&desk);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct peer peer;
		char proxy[64];

		peer_start_http(&peer, rows[i].answer, PEER_CLOSES);
		snprintf(
			proxy, sizeof(proxy), "http://127.0.0.1:%d", peer.port);
		transfer_desk_run(&desk, &(struct transfer_request){
						 .url = "https://crm.invalid/x",
						 .headers = headers,
						 .user = "user",
						 .password = "pass",
						 .body = "s3cret",
						 .body_length = 6,
						 .proxy = proxy,
						 .timeout_ms = LONG_MS,
					 });
		peer_stop(&peer);
		cr_expect_eq(desk.result.end, rows[i].end, "row %zu: %d, %s", i,
			(int)desk.result.end, desk.result.reason);
		cr_expect_eq(desk.result.status, rows[i].status, "row %zu: %d",
			i, desk.result.status);
		cr_expect_not_null(strstr(desk.result.reason, rows[i].reason),
			"%s", desk.result.reason);
		cr_expect_not_null(
			strstr(peer.heard, "CONNECT crm.invalid:443 HTTP/1.1"),
			"%s", peer.heard);
		cr_expect_null(strstr(peer.heard, "s3cret"), "%s", peer.heard);
		cr_expect_null(
			strstr(peer.heard, "Authorization"), "%s", peer.heard);
	}
	transfer_desk_close(&desk);
}

/* FAULTS M13 for web addresses: asked for and sent in ASCII. */
Test(transfer_policy, a_host_in_another_script)
{
	struct transfer_desk desk;
	struct peer peer;
	char proxy[64];

	transfer_desk_open(&desk);
	peer_start_http(&peer, OK_EMPTY, PEER_CLOSES);
	snprintf(proxy, sizeof(proxy), "http://127.0.0.1:%d", peer.port);
	transfer_desk_run(&desk, &(struct transfer_request){
					 .url = "http://b\xC3\xBC"
						"cher.invalid:81/\xC3\xA4?q=1",
					 .proxy = proxy,
					 .timeout_ms = LONG_MS,
				 });
	peer_stop(&peer);
	cr_expect_eq(desk.result.status, 200, "%s", desk.result.reason);
	cr_expect_not_null(
		strstr(peer.heard, "POST http://xn--bcher-kva.invalid:81/"),
		"%s", peer.heard);
	cr_expect_not_null(
		strstr(peer.heard, "\r\nHost: xn--bcher-kva.invalid:81\r\n"),
		"%s", peer.heard);
	transfer_desk_run(&desk, &(struct transfer_request){
					 .url = "http://b\xC3\xBC"
						"cher.invalid/",
					 .timeout_ms = LONG_MS,
				 });
	cr_expect_eq(
		desk.result.end, TRANSFER_NETWORK, "%s", desk.result.reason);
	cr_expect_not_null(strstr(desk.result.reason, "xn--bcher-kva.invalid"),
		"%s", desk.result.reason);
	transfer_desk_close(&desk);
}
