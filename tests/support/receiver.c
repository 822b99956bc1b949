/* receiver - a receiver on loopback inside the test's own loop. */
#include "receiver.h"

#include <arpa/inet.h>
#include <assert.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/memory.h"

enum { PEERS = 64, SEEN_LIMIT = 64, ANSWERS = 8 };

struct peer {
	struct receiver *receiver;
	int fd; /* -1: free */
	struct loop_watch *watch;
	struct buf in;
	bool in_mail, in_auth;
};

struct receiver {
	struct loop *loop;
	enum receiver_kind kind;
	int fd;
	struct loop_watch *watch;
	struct peer peers[PEERS];
	struct {
		const char *at, *reply;
	} answers[ANSWERS];
	struct buf seen[SEEN_LIMIT];
	int count;
	struct buf commands;
};

static const char *
answer_at(const struct receiver *receiver, const char *at, const char *good)
{
	for (int i = 0; i < ANSWERS; i++)
		if (receiver->answers[i].reply != NULL &&
			strcmp(receiver->answers[i].at, at) == 0)
			return receiver->answers[i].reply;
	return good;
}

void
receiver_answer(struct receiver *receiver, const char *at, const char *reply)
{
	int free_one = -1;

	for (int i = 0; i < ANSWERS; i++) {
		const char *own = receiver->answers[i].at;

		if (own != NULL && strcmp(own, at) == 0) {
			receiver->answers[i].reply = reply;
			return;
		}
		if (own == NULL && free_one < 0)
			free_one = i;
	}
	assert(free_one >= 0);
	receiver->answers[free_one].at = at;
	receiver->answers[free_one].reply = reply;
}

static void
hang_up(struct peer *peer)
{
	loop_watch_free(peer->watch);
	close(peer->fd);
	buf_done(&peer->in);
	*peer = (struct peer){.receiver = peer->receiver, .fd = -1};
}

/* False if that ended it. */
static bool
say(struct peer *peer, const char *reply)
{
	size_t length = strlen(reply);

	if (strcmp(reply, "-") == 0)
		return true;
	if (length > 0 &&
		send(peer->fd, reply, length, MSG_NOSIGNAL) == (ssize_t)length)
		return true;
	hang_up(peer);
	return false;
}

static void
keep(struct receiver *receiver, const char *bytes, size_t length)
{
	assert(receiver->count < SEEN_LIMIT);
	buf_append(&receiver->seen[receiver->count++], bytes, length);
}

/* ---- HTTP ---- */

/* The whole length of the request at the start of the bytes; 0: not yet. */
static size_t
request_length(const struct buf *in)
{
	const char *end = strstr(in->data, "\r\n\r\n");
	const char *length;
	size_t whole;

	if (end == NULL)
		return 0;
	whole = (size_t)(end - in->data) + 4;
	length = strcasestr(in->data, "\r\nContent-Length:");
	if (length != NULL && length < end)
		whole += strtoul(length + 17, NULL, 10);
	return in->length >= whole ? whole : 0;
}

static void
take_requests(struct peer *peer)
{
	struct receiver *receiver = peer->receiver;
	size_t length;

	while ((length = request_length(&peer->in)) > 0) {
		keep(receiver, peer->in.data, length);
		buf_consume(&peer->in, length);
		if (!say(peer, answer_at(receiver, "",
				       "HTTP/1.1 204 No Content\r\n\r\n")))
			return;
	}
}

/* ---- SMTP ---- */

static void
take_mail(struct peer *peer, const char *end)
{
	struct receiver *receiver = peer->receiver;
	struct buf *mail = &receiver->seen[receiver->count];
	size_t length = (size_t)(end - peer->in.data) + 2;

	keep(receiver, "", 0);
	for (size_t i = 0; i < length; i++)
		if (peer->in.data[i] != '.' ||
			(i > 0 && peer->in.data[i - 1] != '\n'))
			buf_append_char(mail, peer->in.data[i]);
		else if (i + 1 < length && peer->in.data[i + 1] != '\r')
			buf_append_char(mail, peer->in.data[++i]);
	buf_consume(&peer->in, length + 3);
	peer->in_mail = false;
}

static bool
take_command(struct peer *peer, const char *end)
{
	static const char *const verbs[] = {
		"EHLO", "MAIL", "RCPT", "DATA", "QUIT", "RSET"};
	static const char *const good[] = {"250-receiver\r\n250 AUTH PLAIN\r\n",
		"250 sender\r\n", "250 recipient\r\n", "354 go on\r\n",
		"221 bye\r\n", "250 reset\r\n"};
	struct receiver *receiver = peer->receiver;
	size_t length = (size_t)(end - peer->in.data) + 2;
	const char *reply = "500 what?\r\n";

	buf_append(&receiver->commands, peer->in.data, length);
	if (peer->in_auth || strncasecmp(peer->in.data, "AUTH", 4) == 0) {
		reply = peer->in_auth
				? answer_at(receiver, "AUTH", "235 welcome\r\n")
				: "334 \r\n";
		peer->in_auth = !peer->in_auth;
		buf_consume(&peer->in, length);
		return say(peer, reply);
	}
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (strncasecmp(peer->in.data, verbs[i], 4) == 0) {
			reply = answer_at(receiver, verbs[i], good[i]);
			peer->in_mail = i == 3 && *reply == '3';
		}
	buf_consume(&peer->in, length);
	return say(peer, reply);
}

static void
take_smtp(struct peer *peer)
{
	const char *end;

	for (;;) {
		if (peer->in_mail) {
			end = strstr(peer->in.data, "\r\n.\r\n");
			if (end == NULL)
				return;
			take_mail(peer, end);
			if (!say(peer, answer_at(peer->receiver, ".",
					       "250 taken\r\n")))
				return;
		} else {
			end = strstr(peer->in.data, "\r\n");
			if (end == NULL || !take_command(peer, end))
				return;
		}
	}
}

/* ---- both ---- */

static void
on_peer(void *context)
{
	struct peer *peer = context;
	char bytes[16384];
	ssize_t length = read(peer->fd, bytes, sizeof(bytes));

	if (length <= 0) {
		hang_up(peer);
		return;
	}
	buf_append(&peer->in, bytes, (size_t)length);
	if (peer->receiver->kind == RECEIVER_HTTP)
		take_requests(peer);
	else
		take_smtp(peer);
}

static void
on_connect(void *context)
{
	struct receiver *receiver = context;
	int fd = accept(receiver->fd, NULL, NULL);
	struct peer *peer = receiver->peers;

	if (fd < 0)
		return;
	while (peer->fd >= 0)
		assert(++peer < receiver->peers + PEERS);
	peer->fd = fd;
	peer->watch = loop_watch_new(receiver->loop, fd, on_peer, peer);
	if (receiver->kind == RECEIVER_SMTP)
		say(peer, answer_at(receiver, "greeting",
				  "220 receiver ESMTP\r\n"));
}

struct receiver *
receiver_open(struct loop *loop, enum receiver_kind kind)
{
	struct receiver *receiver = mem_new(1, sizeof(*receiver));
	struct sockaddr_in address = {.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

	receiver->loop = loop;
	receiver->kind = kind;
	for (int i = 0; i < PEERS; i++)
		receiver->peers[i] =
			(struct peer){.receiver = receiver, .fd = -1};
	receiver->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	if (receiver->fd < 0 ||
		bind(receiver->fd, (struct sockaddr *)&address,
			sizeof(address)) != 0 ||
		listen(receiver->fd, PEERS) != 0)
		abort();
	receiver->watch =
		loop_watch_new(loop, receiver->fd, on_connect, receiver);
	buf_append_text(&receiver->commands, "");
	return receiver;
}

void
receiver_close(struct receiver *receiver)
{
	if (receiver == NULL)
		return;
	for (int i = 0; i < PEERS; i++)
		if (receiver->peers[i].fd >= 0)
			hang_up(&receiver->peers[i]);
	for (int i = 0; i < receiver->count; i++)
		buf_done(&receiver->seen[i]);
	loop_watch_free(receiver->watch);
	close(receiver->fd);
	buf_done(&receiver->commands);
	free(receiver);
}

int
receiver_port(const struct receiver *receiver)
{
	struct sockaddr_in address;
	socklen_t length = sizeof(address);

	if (getsockname(receiver->fd, (struct sockaddr *)&address, &length) !=
		0)
		abort();
	return ntohs(address.sin_port);
}

int
receiver_count(const struct receiver *receiver)
{
	return receiver->count;
}

const struct buf *
receiver_seen(const struct receiver *receiver, int number)
{
	assert(number < receiver->count);
	return &receiver->seen[number];
}

const char *
receiver_commands(const struct receiver *receiver)
{
	return receiver->commands.data;
}
