/*
 * load - posts answers one by one over C connections, each waiting for its
 * response before it sends the next.
 *
 *	load -p PORT [-u PATH] [-c CONNECTIONS] [-n ANSWERS] [-f FIRST]
 *	     [-s SEED] [-t LAST] [-d]
 *
 * Prints what was accepted, how fast, and the times from a request to its
 * response, as one line of JSON. -d: the detractors only, as a receiver of
 * alerts would see them.
 */
#include <inttypes.h>
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

enum { EVENTS = 64, READ_BYTES = 16 * 1024, STALL_MS = 20000 };

struct line {
	int fd;
	struct buf in;
	int64_t sent_ns;
};

struct load {
	struct answers answers;
	int64_t next;
	bool detractors_only;
	int port;
	const char *path;
	int connections;
	int epoll;
	int busy; /* lines that wait for a response */
	struct buf request, body;
	int64_t accepted, refused, errors;
	int64_t *times;
	size_t time_count;
};

/* The next answer as a request in load->request; false: there is none. */
static bool
make_request(struct load *load)
{
	bool detractor;

	do {
		if (load->next >= load->answers.count)
			return false;
		buf_clear(&load->body);
		detractor =
			answer_write(&load->answers, load->next++, &load->body);
	} while (load->detractors_only && !detractor);
	buf_clear(&load->request);
	buf_printf(&load->request,
		"POST %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n"
		"Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n",
		load->path, load->port, load->body.length);
	buf_append(&load->request, load->body.data, load->body.length);
	return true;
}

static void
hang_up(struct load *load, struct line *line)
{
	load->errors++;
	close(line->fd);
	line->fd = -1;
	load->busy--;
}

/* Whether a request is on its way: false leaves the line idle, or dead. */
static void
send_next(struct load *load, struct line *line)
{
	ssize_t sent;

	if (!make_request(load)) {
		load->busy--;
		return;
	}
	line->sent_ns = stopwatch_ns();
	sent = send(line->fd, load->request.data, load->request.length,
		MSG_NOSIGNAL);
	if (sent != (ssize_t)load->request.length)
		hang_up(load, line);
}

static void
note(struct load *load, const struct line *line, int status)
{
	load->times[load->time_count++] = stopwatch_ns() - line->sent_ns;
	if (status >= 200 && status < 300)
		load->accepted++;
	else
		load->refused++;
}

static void
on_readable(struct load *load, struct line *line)
{
	struct http_part part;
	ssize_t got;

	buf_reserve(&line->in, READ_BYTES);
	got = recv(line->fd, line->in.data + line->in.length, READ_BYTES, 0);
	if (got <= 0) {
		hang_up(load, line);
		return;
	}
	line->in.length += (size_t)got;
	if (!http_part_read(line->in.data, line->in.length, &part))
		return;
	note(load, line, http_part_status(&part));
	buf_consume(&line->in, part.length);
	send_next(load, line);
}

static void
start(struct load *load, struct line *line)
{
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = line};

	line->fd = http_part_connect(load->port);
	if (epoll_ctl(load->epoll, EPOLL_CTL_ADD, line->fd, &event) != 0) {
		perror("load: epoll_ctl");
		exit(1);
	}
	load->busy++;
}

static void
run(struct load *load, struct line *lines)
{
	struct epoll_event events[EVENTS];

	for (int i = 0; i < load->connections; i++)
		send_next(load, &lines[i]);
	while (load->busy > 0) {
		int ready = epoll_wait(load->epoll, events, EVENTS, STALL_MS);

		if (ready <= 0)
			break;
		for (int i = 0; i < ready; i++) {
			struct line *line = events[i].data.ptr;

			if (line->fd >= 0)
				on_readable(load, line);
		}
	}
}

static void
tell(struct load *load, double seconds)
{
	int64_t *times = load->times;
	size_t count = load->time_count;

	printf("{\"accepted\":%" PRId64 ",\"refused\":%" PRId64
	       ",\"errors\":%" PRId64 ",\"unanswered\":%d,\"seconds\":%.4f"
	       ",\"rate\":%.1f,\"p50_us\":%.1f,\"p99_us\":%.1f}\n",
		load->accepted, load->refused, load->errors, load->busy,
		seconds, (double)load->accepted / seconds,
		(double)stopwatch_quantile(times, count, 0.5) / 1e3,
		(double)stopwatch_quantile(times, count, 0.99) / 1e3);
}

static bool
read_options(struct load *load, int argc, char **argv)
{
	int option;

	while ((option = getopt(argc, argv, "p:u:c:n:f:s:t:d")) != -1) {
		switch (option) {
		case 'p':
			load->port = atoi(optarg);
			break;
		case 'u':
			load->path = optarg;
			break;
		case 'c':
			load->connections = atoi(optarg);
			break;
		case 'n':
			load->answers.count = atoll(optarg);
			break;
		case 'f':
			load->next = atoll(optarg);
			break;
		case 's':
			load->answers.seed = strtoull(optarg, NULL, 10);
			break;
		case 't':
			load->answers.last = (time_t)atoll(optarg);
			break;
		case 'd':
			load->detractors_only = true;
			break;
		default:
			return false;
		}
	}
	return optind == argc && load->port > 0 && load->connections > 0;
}

int
main(int argc, char **argv)
{
	struct load load = {
		.answers = {.seed = 1, .count = 10000, .last = time(NULL)},
		.path = "/",
		.connections = 1,
	};
	struct line *lines;
	int64_t start_ns;

	if (!read_options(&load, argc, argv)) {
		fputs("load: see the head of its source\n", stderr);
		return 2;
	}
	load.times = mem_new((size_t)load.answers.count + 1, sizeof(int64_t));
	load.epoll = epoll_create1(EPOLL_CLOEXEC);
	lines = mem_new((size_t)load.connections, sizeof(*lines));
	for (int i = 0; i < load.connections; i++)
		start(&load, &lines[i]);
	start_ns = stopwatch_ns();
	run(&load, lines);
	tell(&load, (double)(stopwatch_ns() - start_ns) / 1e9);
	for (int i = 0; i < load.connections; i++)
		buf_done(&lines[i].in);
	free(lines);
	free(load.times);
	buf_done(&load.request);
	buf_done(&load.body);
	return 0;
}
