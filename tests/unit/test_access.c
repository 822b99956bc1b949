/*
 * access - who asks, and what may they do: judged on real requests.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "api/access.h"
#include "conf_folder.h"
#include "http_house.h"

TestSuite(access);

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))
#define SHOP "0123456789-shop-"
#define BOARD "0123456789-board"
#define DESK "0123456789-desk-"
#define CALLER "0123456789-call-"
#define OPS "0123456789-ops--"
#define HOOK "0123456789-hook-"

static const struct api_token tokens[] = {
	{"shop", ROLE_INTAKE, SHOP},
	{"board", ROLE_FIGURES, BOARD},
	{"desk", ROLE_READ, DESK},
	{"caller", ROLE_FOLLOW_UP, CALLER},
	{"ops", ROLE_ADMIN, OPS},
	/* The same secret twice: the better role counts, in either order. */
	{"twice", ROLE_ADMIN, "0123456789-twice"},
	{"again", ROLE_INTAKE, "0123456789-twice"},
};

/* What the next request is judged by, and how it was. */
struct gate {
	struct house house; /* its loop, server and listener */
	struct api_access access;
	enum api_role needed;
	const char *token;
	enum access judged;
	bool passes; /* ask access_passes instead */
};

static void
on_request(struct http_request *request, void *context)
{
	struct gate *gate = context;

	if (!gate->passes) {
		gate->judged = access_judge(
			&gate->access, request, gate->needed, gate->token);
	} else if (!access_passes(&gate->access, request, gate->needed,
			   gate->token, NULL)) {
		return;
	}
	http_reply(request, 200, "text/plain", "in", 2);
}

static void
open_gate(struct gate *gate)
{
	struct err err = {""};

	memset(gate, 0, sizeof(*gate));
	gate->house.loop = loop_new(&err);
	cr_assert_not_null(gate->house.loop, "%s", err.text);
	gate->house.server =
		http_server_new(gate->house.loop, on_request, gate);
	gate->house.listener =
		http_listen_tcp(gate->house.server, "127.0.0.1:0", NULL, &err);
	cr_assert_not_null(gate->house.listener, "%s", err.text);
}

/* Sends a request with these header lines; the caller frees the answer. */
static char *
ask(struct gate *gate, int fd, const char *headers)
{
	struct buf in = {0}, out = {0};

	buf_printf(&out, "GET / HTTP/1.1\r\n%s" CLOSE "\r\n", headers);
	house_send_text(&gate->house, fd, out.data);
	cr_assert(house_receive(&gate->house, fd, &in, NULL), "%s: %s", headers,
		in.data);
	close(fd);
	buf_done(&out);
	return buf_take(&in);
}

static enum access
judge(struct gate *gate, const char *headers)
{
	gate->judged = ACCESS_DENIED;
	free(ask(gate, house_connect(&gate->house), headers));
	return gate->judged;
}

#define LOCAL "Host: localhost\r\n"
#define BEARER(secret) LOCAL "Authorization: Bearer " secret "\r\n"

/* ---- with tokens ---- */

struct with_token {
	const char *headers;
	enum api_role needed;
	enum access access;
};

static const struct with_token with_tokens[] = {
	{LOCAL, ROLE_FIGURES, ACCESS_UNKNOWN},
	{BEARER("wrong"), ROLE_FIGURES, ACCESS_UNKNOWN},
	{BEARER(""), ROLE_FIGURES, ACCESS_UNKNOWN},
	{BEARER(SHOP "x"), ROLE_INTAKE, ACCESS_UNKNOWN},
	{BEARER("0123456789-shop"), ROLE_INTAKE, ACCESS_UNKNOWN},
	{LOCAL "Authorization: Basic " SHOP "\r\n", ROLE_INTAKE,
		ACCESS_UNKNOWN},
	{LOCAL "Authorization: bearer " SHOP "\r\n", ROLE_INTAKE,
		ACCESS_GRANTED},
	{BEARER(SHOP), ROLE_INTAKE, ACCESS_GRANTED},
	{BEARER(SHOP), ROLE_FIGURES, ACCESS_DENIED},
	{BEARER(SHOP), ROLE_READ, ACCESS_DENIED},
	{BEARER(SHOP), ROLE_ADMIN, ACCESS_DENIED},
	{BEARER(BOARD), ROLE_INTAKE, ACCESS_DENIED},
	{BEARER(BOARD), ROLE_FIGURES, ACCESS_GRANTED},
	{BEARER(BOARD), ROLE_READ, ACCESS_DENIED},
	{BEARER(BOARD), ROLE_ADMIN, ACCESS_DENIED},
	{BEARER(DESK), ROLE_INTAKE, ACCESS_DENIED},
	{BEARER(DESK), ROLE_FIGURES, ACCESS_GRANTED},
	{BEARER(DESK), ROLE_READ, ACCESS_GRANTED},
	{BEARER(DESK), ROLE_SEES_FOLLOW_UPS, ACCESS_GRANTED},
	{BEARER(DESK), ROLE_FOLLOW_UP, ACCESS_DENIED},
	{BEARER(BOARD), ROLE_SEES_FOLLOW_UPS, ACCESS_DENIED},
	{BEARER(CALLER), ROLE_FIGURES, ACCESS_GRANTED},
	{BEARER(CALLER), ROLE_FOLLOW_UP, ACCESS_GRANTED},
	{BEARER(CALLER), ROLE_SEES_FOLLOW_UPS, ACCESS_GRANTED},
	{BEARER(CALLER), ROLE_READ, ACCESS_DENIED},
	{BEARER(CALLER), ROLE_INTAKE, ACCESS_DENIED},
	{BEARER(CALLER), ROLE_ADMIN, ACCESS_DENIED},
	{BEARER(OPS), ROLE_FOLLOW_UP, ACCESS_GRANTED},
	{BEARER(DESK), ROLE_ADMIN, ACCESS_DENIED},
	{BEARER(OPS), ROLE_INTAKE, ACCESS_GRANTED},
	{BEARER(OPS), ROLE_FIGURES, ACCESS_GRANTED},
	{BEARER(OPS), ROLE_READ, ACCESS_GRANTED},
	{BEARER(OPS), ROLE_ADMIN, ACCESS_GRANTED},
	{BEARER("0123456789-twice"), ROLE_ADMIN, ACCESS_GRANTED},
	{BEARER("0123456789-twice"), ROLE_INTAKE, ACCESS_GRANTED},
	/* Who has a token may come from anywhere. */
	{"Host: nps.example.com\r\nAuthorization: Bearer " OPS "\r\n",
		ROLE_ADMIN, ACCESS_GRANTED},
	{BEARER(OPS) "X-Forwarded-For: 192.0.2.1\r\n", ROLE_ADMIN,
		ACCESS_GRANTED},
};

Test(access, with_tokens)
{
	struct gate gate;

	open_gate(&gate);
	gate.access = (struct api_access){tokens, COUNT(tokens)};
	for (size_t i = 0; i < COUNT(with_tokens); i++) {
		gate.needed = with_tokens[i].needed;
		cr_assert_eq(judge(&gate, with_tokens[i].headers),
			with_tokens[i].access, "%zu: %s for %s", i,
			with_tokens[i].headers,
			api_role_names[with_tokens[i].needed]);
	}
	house_close(&gate.house);
}

/* ---- without any ---- */

static const struct {
	const char *headers;
	enum access access;
} without_tokens[] = {
	{LOCAL, ACCESS_GRANTED},
	{"Host: LOCALHOST:8677\r\n", ACCESS_GRANTED},
	{"Host: 127.0.0.1\r\n", ACCESS_GRANTED},
	{"Host: 127.0.0.1:8677\r\n", ACCESS_GRANTED},
	{"Host: [::1]:8677\r\n", ACCESS_GRANTED},
	{"Host: nps.example.com\r\n", ACCESS_UNKNOWN},
	{"Host: localhost.example.com\r\n", ACCESS_UNKNOWN},
	{"Host: 127.0.0.1.example.com\r\n", ACCESS_UNKNOWN},
	{"Host: example.com:localhost\r\n", ACCESS_UNKNOWN},
	{LOCAL "Origin: http://localhost:3000\r\n", ACCESS_GRANTED},
	{LOCAL "Origin: https://example.com\r\n", ACCESS_UNKNOWN},
	{LOCAL "Origin: http://localhost.example.com\r\n", ACCESS_UNKNOWN},
	{LOCAL "Origin: null\r\n", ACCESS_UNKNOWN},
	{LOCAL "Origin: localhost\r\n", ACCESS_UNKNOWN},
	{LOCAL "Forwarded: for=192.0.2.1\r\n", ACCESS_UNKNOWN},
	{LOCAL "X-Forwarded-For: 127.0.0.1\r\n", ACCESS_UNKNOWN},
	{LOCAL "x-forwarded-for: \r\n", ACCESS_UNKNOWN},
	{LOCAL "X-Forwarded-Host: localhost\r\n", ACCESS_UNKNOWN},
	{LOCAL "X-Forwarded-Proto: https\r\n", ACCESS_UNKNOWN},
	{LOCAL "X-Real-IP: 127.0.0.1\r\n", ACCESS_UNKNOWN},
	{LOCAL "Via: 1.1 proxy\r\n", ACCESS_UNKNOWN},
	/* A token that nobody gave out opens nothing. */
	{BEARER(OPS), ACCESS_UNKNOWN},
};

Test(access, without_tokens)
{
	struct gate gate;

	open_gate(&gate);
	gate.needed = ROLE_ADMIN;
	for (size_t i = 0; i < COUNT(without_tokens); i++)
		cr_assert_eq(judge(&gate, without_tokens[i].headers),
			without_tokens[i].access, "%zu: %s", i,
			without_tokens[i].headers);
	house_close(&gate.house);
}

/* ---- a hook's own token ---- */

Test(access, a_hooks_token_opens_that_hook)
{
	struct gate gate;

	open_gate(&gate);
	gate.token = HOOK;
	gate.needed = ROLE_INTAKE;
	cr_assert_eq(judge(&gate, LOCAL), ACCESS_UNKNOWN,
		"a hook with a token is not for this machine at large");
	cr_assert_eq(judge(&gate, BEARER(HOOK)), ACCESS_GRANTED, "its token");
	cr_assert_eq(judge(&gate, BEARER(SHOP)), ACCESS_UNKNOWN, "no token");
	gate.access = (struct api_access){tokens, COUNT(tokens)};
	cr_assert_eq(judge(&gate, BEARER(HOOK)), ACCESS_GRANTED, "its token");
	cr_assert_eq(judge(&gate, BEARER(SHOP)), ACCESS_GRANTED, "intake");
	cr_assert_eq(judge(&gate, BEARER(BOARD)), ACCESS_DENIED, "figures");
	gate.needed = ROLE_READ;
	cr_assert_eq(judge(&gate, BEARER(HOOK)), ACCESS_UNKNOWN,
		"it opens nothing else");
	house_close(&gate.house);
}

/* ---- the control socket ---- */

static int
connect_unix(const char *path)
{
	struct sockaddr_un name = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	strncpy(name.sun_path, path, sizeof(name.sun_path) - 1);
	cr_assert_eq(connect(fd, (struct sockaddr *)&name, sizeof(name)), 0,
		"connect");
	return fd;
}

Test(access, who_opens_the_control_socket_may_all)
{
	struct conf_folder folder;
	struct gate gate;
	struct err err = {""};

	conf_folder_init(&folder);
	open_gate(&gate);
	gate.access = (struct api_access){tokens, COUNT(tokens)};
	gate.needed = ROLE_ADMIN;
	cr_assert_not_null(http_listen_unix(gate.house.server, "./c.sock", 0600,
				   NULL, NULL, &err),
		"%s", err.text);
	free(ask(&gate, connect_unix("./c.sock"),
		"Host: example.com\r\nX-Forwarded-For: x\r\n"));
	cr_assert_eq(gate.judged, ACCESS_GRANTED, "all");
	house_close(&gate.house);
	conf_folder_done(&folder);
}

/* ---- what they hear ---- */

Test(access, the_others_are_told)
{
	static const struct {
		const char *headers;
		const char *status;
		const char *type;
		bool asks; /* WWW-Authenticate */
	} rows[] = {
		{LOCAL, "HTTP/1.1 401 ", "unauthorized", true},
		{BEARER("wrong"), "HTTP/1.1 401 ", "unauthorized", true},
		{BEARER(SHOP), "HTTP/1.1 403 ", "forbidden", false},
		{BEARER(OPS), "HTTP/1.1 200 ", "in", false},
	};
	struct gate gate;

	open_gate(&gate);
	gate.access = (struct api_access){tokens, COUNT(tokens)};
	gate.needed = ROLE_ADMIN;
	gate.passes = true;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char *answer =
			ask(&gate, house_connect(&gate.house), rows[i].headers);

		cr_assert_eq(
			strncmp(answer, rows[i].status, strlen(rows[i].status)),
			0, "%s: %s", rows[i].headers, answer);
		cr_assert_not_null(strstr(answer, rows[i].type), "%s", answer);
		cr_assert_eq(strstr(answer, "WWW-Authenticate: Bearer") != NULL,
			rows[i].asks, "%s", answer);
		cr_assert_null(strstr(answer, "0123456789"),
			"no secret comes back: %s", answer);
		free(answer);
	}
	house_close(&gate.house);
}
