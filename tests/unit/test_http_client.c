/* Who asks: the peer, or whom a trusted proxy asks for. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "http_house.h"
#include "loop/address_policy.h"

TestSuite(http_client, .timeout = 60);

#define FOR "X-Forwarded-For: "

struct asked {
	struct house house;
	char client[64];
};

static void
on_request(struct http_request *request, void *context)
{
	struct asked *asked = context;

	snprintf(asked->client, sizeof(asked->client), "%s",
		http_request_client(request));
	http_reply(request, 200, "text/plain", "x", 1);
}

static const struct {
	const char *trusted[3]; /* ranges */
	const char *headers, *client;
} rows[] = {
	{{NULL}, "", "127.0.0.1"},
	{{NULL}, FOR "192.0.2.1\r\n", "127.0.0.1"},
	{{"10.0.0.0/8"}, FOR "192.0.2.1\r\n", "127.0.0.1"},
	{{"127.0.0.1"}, "", "127.0.0.1"},
	{{"127.0.0.1"}, FOR "192.0.2.1\r\n", "192.0.2.1"},
	{{"127.0.0.1"}, FOR "192.0.2.1:4711\r\n", "192.0.2.1"},
	{{"127.0.0.1"}, FOR "2001:db8::1\r\n", "2001:db8::1"},
	{{"127.0.0.1"}, FOR "[2001:db8::1]:80\r\n", "2001:db8::1"},
	{{"127.0.0.1"}, FOR "[2001:db8::1]\r\n", "2001:db8::1"},
	/* Anybody may have written what stands before the last stranger. */
	{{"127.0.0.1"}, FOR "198.51.100.1, 192.0.2.1\r\n", "192.0.2.1"},
	{{"127.0.0.1"}, FOR "127.0.0.1, 192.0.2.1\r\n", "192.0.2.1"},
	{{"127.0.0.1", "10.0.0.0/8"},
		FOR "198.51.100.1 ,192.0.2.1,10.1.1.1\r\n", "192.0.2.1"},
	{{"127.0.0.1", "10.0.0.0/8"},
		FOR "192.0.2.1\r\n" FOR "10.1.1.1, 10.2.2.2\r\n", "192.0.2.1"},
	{{"127.0.0.1", "10.0.0.0/8"}, FOR "10.3.3.3, 10.1.1.1\r\n", "10.3.3.3"},
	/* What is no address ends the search. */
	{{"127.0.0.1"}, FOR "192.0.2.1, unknown\r\n", "127.0.0.1"},
	{{"127.0.0.1", "10.0.0.0/8"}, FOR "x, 10.1.1.1\r\n", "10.1.1.1"},
	{{"127.0.0.1"}, FOR "\r\n", "127.0.0.1"},
	{{"127.0.0.1"}, FOR ",\r\n", "127.0.0.1"},
	{{"127.0.0.1"}, FOR "[\r\n", "127.0.0.1"},
	{{"127.0.0.1"}, FOR "[::1\r\n", "127.0.0.1"},
	{{"127.0.0.1"}, FOR "1.2.3.4.5\r\n", "127.0.0.1"},
	{{"127.0.0.1"},
		FOR "11111111111111111111111111111111111111111111111111\r\n",
		"127.0.0.1"},
};

Test(http_client, is_whom_a_trusted_proxy_names)
{
	struct asked asked = {.client = ""};
	struct house *house = &asked.house;
	struct err err = {""};

	house->loop = loop_new(&err);
	house->server = http_server_new(house->loop, on_request, &asked);
	house->listener =
		http_listen_tcp(house->server, "127.0.0.1:0", NULL, &err);
	cr_assert_not_null(house->listener, "%s", err.text);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct address_ranges ranges = {0, NULL};
		struct address_range range;
		struct buf in = {0};
		int fd = house_connect(house);

		for (int j = 0; rows[i].trusted[j] != NULL; j++) {
			cr_assert(address_range_parse(
				&range, rows[i].trusted[j], &err));
			address_ranges_add(&ranges, &range);
		}
		http_server_set_trusted(house->server, &ranges);
		house_send_text(house, fd, "GET / HTTP/1.1\r\n" HOST CLOSE);
		house_send_text(house, fd, rows[i].headers);
		house_send_text(house, fd, "\r\n");
		cr_assert(house_receive(house, fd, &in, NULL), "closed");
		cr_assert_str_eq(asked.client, rows[i].client, "%zu: %s", i,
			rows[i].headers);
		http_server_set_trusted(house->server, NULL);
		address_ranges_done(&ranges);
		buf_done(&in);
		close(fd);
	}
	house_close(house);
}
