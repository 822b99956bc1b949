/*
 * scripted_peer - blocking sockets with a receive limit, so that a test that
 * goes wrong ends.
 */
#include "scripted_peer.h"

#include <criterion/criterion.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum { PATIENCE_S = 30 };

static void
be_patient(int fd)
{
	struct timeval limit = {.tv_sec = PATIENCE_S};
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
}

static bool
say(int fd, const char *text)
{
	size_t length = strlen(text);
	while (length > 0) {
		ssize_t n = send(fd, text, length, MSG_NOSIGNAL);
		if (n <= 0)
			return false;
		text += n;
		length -= (size_t)n;
	}
	return true;
}

/* A byte; what does not fit is heard and forgotten. */
static bool
hear(struct peer *peer, int fd)
{
	char byte;
	if (recv(fd, &byte, 1, 0) != 1)
		return false;
	if (peer->heard_length < PEER_HEARD_BYTES - 1)
		peer->heard[peer->heard_length++] = byte;
	return true;
}

static bool
hear_until(struct peer *peer, int fd, const char *end)
{
	size_t start = peer->heard_length;
	size_t length = strlen(end);
	while (hear(peer, fd)) {
		const char *at = peer->heard + peer->heard_length - length;
		if (peer->heard_length - start >= length &&
			memcmp(at, end, length) == 0)
			return true;
	}
	return false;
}

static bool
hear_request(struct peer *peer, int fd)
{
	size_t start = peer->heard_length;
	if (!hear_until(peer, fd, "\r\n\r\n"))
		return false;
	const char *length = strstr(peer->heard + start, "Content-Length: ");
	long left = length != NULL ? strtol(length + 16, NULL, 10) : 0;
	while (left-- > 0)
		if (!hear(peer, fd))
			return false;
	return true;
}

static void
flood(int fd)
{
	while (say(fd, "X-Filling: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		       "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\r\n"))
		;
}

static void
end(struct peer *peer, int fd, enum peer_after after)
{
	struct linger reset = {.l_onoff = 1, .l_linger = 0};
	if (after == PEER_FLOODS)
		flood(fd);
	if (after == PEER_RESETS)
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
	else
		shutdown(fd, SHUT_WR);
	if (peer->answers != NULL) /* for the QUIT */
		while (hear(peer, fd))
			;
	close(fd);
}

static int
answer_the_door(struct peer *peer)
{
	int fd = accept(peer->listener, NULL, NULL);
	if (fd < 0)
		return -1;
	peer->connections++;
	be_patient(fd);
	return fd;
}

static void *
serve_http(void *context)
{
	struct peer *peer = context;
	int fd = answer_the_door(peer);
	if (fd < 0)
		return NULL;
	while (hear_request(peer, fd) && say(fd, peer->answer) &&
		peer->after == PEER_SERVES_ON)
		;
	if (peer->after == PEER_WAITS)
		while (hear(peer, fd))
			;
	end(peer, fd, peer->after);
	return NULL;
}

static void *
serve_smtp(void *context)
{
	struct peer *peer = context;
	int fd = answer_the_door(peer);
	if (fd < 0)
		return NULL;
	bool after_354 = false;
	for (size_t i = 0; i < peer->answers_count; i++) {
		const char *answer = peer->answers[i];
		bool is_rash = answer != NULL && answer[0] == '!';
		const char *cue = after_354 ? "\r\n.\r\n" : "\r\n";
		if (i > 0 && !hear_until(peer, fd, is_rash ? "" : cue))
			break;
		if (answer == NULL)
			break;
		after_354 = strncmp(answer, "354", 3) == 0;
		if (answer[0] == '\0')
			while (hear(peer, fd))
				;
		else if (!say(fd, answer + is_rash))
			break;
		if (strchr(answer, '\n') == NULL)
			break;
	}
	end(peer, fd, PEER_CLOSES);
	return NULL;
}

static void
start(struct peer *peer, void *(*serve)(void *context))
{
	struct sockaddr_in name = {.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t length = sizeof name;
	peer->listener = socket(AF_INET, SOCK_STREAM, 0);
	be_patient(peer->listener);
	cr_assert_eq(bind(peer->listener, (struct sockaddr *)&name, length), 0,
		"bind");
	cr_assert_eq(listen(peer->listener, 8), 0, "listen");
	getsockname(peer->listener, (struct sockaddr *)&name, &length);
	peer->port = ntohs(name.sin_port);
	cr_assert_eq(pthread_create(&peer->thread, NULL, serve, peer), 0,
		"a thread");
}

void
peer_start_http(struct peer *peer, const char *answer, enum peer_after after)
{
	*peer = (struct peer){.answer = answer, .after = after};
	start(peer, serve_http);
}

void
peer_start_smtp(struct peer *peer, const char *const *answers, size_t count)
{
	*peer = (struct peer){.answers = answers, .answers_count = count};
	start(peer, serve_smtp);
}

void
peer_stop(struct peer *peer)
{
	shutdown(peer->listener, SHUT_RDWR); /* if nobody ever came */
	pthread_join(peer->thread, NULL);
	close(peer->listener);
	peer->heard[peer->heard_length] = '\0';
}
