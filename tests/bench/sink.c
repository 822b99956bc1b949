/*
 * sink - an HTTP receiver that counts what arrives, and when first.
 *
 *	sink [-n ANSWERS]
 *
 * Listens on loopback and prints its port. Every POST is answered 200, but
 * for the part that it was told to refuse with 503. GET /stats tells the
 * counts, /arrivals each answer's count and time of first arrival, /reset
 * forgets all, /refuse/PERCENT says how many to refuse. It ends when its
 * standard input does, so that it never outlives whoever started it.
 */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "answers.h"
#include "base/memory.h"
#include "http_part.h"
#include "stopwatch.h"

enum { EVENTS = 64, READ_BYTES = 64 * 1024 };

struct arrival {
	int64_t count;
	int64_t first_ns;
};

struct sink {
	struct arrival *arrivals; /* by number */
	int64_t size;
	int64_t posts, taken, unique, doubled, unknown, refused, connections;
	int64_t last_ns; /* when the last new one came */
	int refuse_percent;
	uint32_t dice; /* for whom to refuse: the same in every run */
	int epoll, listener;
};

struct client {
	int fd;
	struct buf in;
};

/* ---- answering ---- */

/* The dumps are long: wait until they are gone. */
static bool
send_all(int fd, const char *bytes, size_t length)
{
	while (length > 0) {
		ssize_t sent = send(fd, bytes, length, MSG_NOSIGNAL);

		if (sent < 0 && errno == EAGAIN) {
			struct pollfd wait = {.fd = fd, .events = POLLOUT};

			poll(&wait, 1, 1000);
			continue;
		}
		if (sent <= 0)
			return false;
		bytes += sent;
		length -= (size_t)sent;
	}
	return true;
}

static bool
answer(int fd, const char *status, const struct buf *body)
{
	struct buf out = {0};
	bool good;

	buf_printf(&out, "HTTP/1.1 %s\r\nContent-Length: %zu\r\n\r\n", status,
		body != NULL ? body->length : 0);
	if (body != NULL && body->length > 0)
		buf_append(&out, body->data, body->length);
	good = send_all(fd, out.data, out.length);
	buf_done(&out);
	return good;
}

/* ---- counting ---- */

static bool
is_refused(struct sink *sink)
{
	if (sink->refuse_percent == 0)
		return false;
	sink->dice = sink->dice * 1664525u + 1013904223u;
	return (int)((sink->dice >> 8) % 100) < sink->refuse_percent;
}

static void
count(struct sink *sink, const struct http_part *part)
{
	int64_t number = answer_number_in(part->body, part->body_length);
	struct arrival *arrival;

	sink->taken++;
	if (number < 0 || number >= sink->size) {
		sink->unknown++;
		return;
	}
	arrival = &sink->arrivals[number];
	if (arrival->count++ > 0) {
		sink->doubled++;
		return;
	}
	sink->unique++;
	sink->last_ns = arrival->first_ns = stopwatch_ns();
}

static bool
take_post(struct sink *sink, int fd, const struct http_part *part)
{
	static const char taken[] =
		"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
	static const char refused[] = "HTTP/1.1 503 Service Unavailable\r\n"
				      "Content-Length: 0\r\n\r\n";

	sink->posts++;
	if (is_refused(sink)) {
		sink->refused++;
		return send_all(fd, refused, sizeof(refused) - 1);
	}
	count(sink, part);
	return send_all(fd, taken, sizeof(taken) - 1);
}

static void
reset(struct sink *sink)
{
	memset(sink->arrivals, 0, (size_t)sink->size * sizeof(*sink->arrivals));
	sink->posts = sink->taken = sink->unique = sink->doubled = 0;
	sink->unknown = sink->refused = sink->last_ns = 0;
}

static void
tell_stats(const struct sink *sink, struct buf *out)
{
	buf_printf(out,
		"{\"posts\":%" PRId64 ",\"taken\":%" PRId64
		",\"unique\":%" PRId64 ",\"doubled\":%" PRId64
		",\"unknown\":%" PRId64 ",\"refused\":%" PRId64
		",\"connections\":%" PRId64 ",\"last_ns\":%" PRId64 "}\n",
		sink->posts, sink->taken, sink->unique, sink->doubled,
		sink->unknown, sink->refused, sink->connections, sink->last_ns);
}

static void
tell_arrivals(const struct sink *sink, struct buf *out)
{
	for (int64_t n = 0; n < sink->size; n++)
		if (sink->arrivals[n].count > 0)
			buf_printf(out, "%" PRId64 " %" PRId64 " %" PRId64 "\n",
				n, sink->arrivals[n].count,
				sink->arrivals[n].first_ns);
}

static bool
take_get(struct sink *sink, int fd, const struct http_part *part)
{
	static const char refuse[] = "GET /refuse/";
	struct buf out = {0};
	bool good;

	if (strncmp(part->line, "GET /reset", 10) == 0)
		reset(sink);
	else if (strncmp(part->line, refuse, sizeof(refuse) - 1) == 0)
		sink->refuse_percent =
			(int)strtol(part->line + sizeof(refuse) - 1, NULL, 10);
	else if (strncmp(part->line, "GET /arrivals", 13) == 0)
		tell_arrivals(sink, &out);
	else
		tell_stats(sink, &out);
	good = answer(fd, "200 OK", &out);
	buf_done(&out);
	return good;
}

/* ---- connections ---- */

static void
hang_up(struct client *client)
{
	close(client->fd);
	buf_done(&client->in);
	free(client);
}

static void
on_connection(struct sink *sink)
{
	struct client *client;
	struct epoll_event event = {.events = EPOLLIN};
	int fd = accept4(sink->listener, NULL, NULL, SOCK_NONBLOCK);

	if (fd < 0)
		return;
	sink->connections++;
	client = mem_new(1, sizeof(*client));
	client->fd = fd;
	event.data.ptr = client;
	if (epoll_ctl(sink->epoll, EPOLL_CTL_ADD, fd, &event) != 0)
		hang_up(client);
}

static bool
take_messages(struct sink *sink, struct client *client)
{
	struct http_part part;
	size_t done = 0;
	bool good = true;

	while (good && http_part_read(client->in.data + done,
			       client->in.length - done, &part)) {
		good = memcmp(part.line, "POST", 4) == 0
			       ? take_post(sink, client->fd, &part)
			       : take_get(sink, client->fd, &part);
		done += part.length;
	}
	buf_consume(&client->in, done);
	return good;
}

static void
on_readable(struct sink *sink, struct client *client)
{
	ssize_t got;

	buf_reserve(&client->in, READ_BYTES);
	got = recv(
		client->fd, client->in.data + client->in.length, READ_BYTES, 0);
	if (got < 0 && errno == EAGAIN)
		return;
	if (got > 0) {
		client->in.length += (size_t)got;
		if (take_messages(sink, client))
			return;
	}
	hang_up(client);
}

static void
serve(struct sink *sink)
{
	struct epoll_event events[EVENTS];

	for (;;) {
		int ready = epoll_wait(sink->epoll, events, EVENTS, -1);

		for (int i = 0; i < ready; i++) {
			if (events[i].data.ptr == NULL)
				return; /* standard input ended */
			if (events[i].data.ptr == sink)
				on_connection(sink);
			else
				on_readable(sink, events[i].data.ptr);
		}
	}
}

static void
watch(struct sink *sink, int fd, void *as)
{
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = as};

	if (epoll_ctl(sink->epoll, EPOLL_CTL_ADD, fd, &event) != 0) {
		perror("sink: epoll_ctl");
		exit(1);
	}
}

int
main(int argc, char **argv)
{
	struct sink sink = {.size = 1000000, .dice = 1};
	int option;
	int port;

	while ((option = getopt(argc, argv, "n:")) != -1) {
		if (option != 'n')
			return 2;
		sink.size = strtoll(optarg, NULL, 10);
	}
	sink.arrivals = mem_new((size_t)sink.size, sizeof(*sink.arrivals));
	sink.epoll = epoll_create1(EPOLL_CLOEXEC);
	sink.listener = http_part_listen(&port);
	watch(&sink, STDIN_FILENO, NULL);
	watch(&sink, sink.listener, &sink);
	printf("%d\n", port);
	fflush(stdout);
	serve(&sink);
	free(sink.arrivals);
	return 0;
}
