/* An answer without an end, against raw sockets: pieces, a peer that takes
 * nothing, one that leaves, one that talks meanwhile. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/memory.h"
#include "http_house.h"
#include "loop/http_stream.h"

TestSuite(http_stream, .timeout = 60);

enum { TURNS = 400, PIECE_BYTES = 16 * 1024 };

#define ASK "GET /hold HTTP/1.1\r\n" HOST "\r\n"

/* A house with a stream to one client. */
struct pipe {
	struct house house;
	struct http_request *request;
	struct buf in;
	int fd;
};

/* clock: another than the system's, or NULL. */
static void
open_pipe_by(struct pipe *pipe, const struct clock *clock)
{
	*pipe = (struct pipe){.fd = -1};
	house_open(&pipe->house);
	if (clock != NULL)
		http_server_set_clock(pipe->house.server, clock);
	pipe->fd = house_connect(&pipe->house);
	house_send_text(&pipe->house, pipe->fd, ASK);
	house_turn_until(&pipe->house, &pipe->house.held_count, 1);
	pipe->request = pipe->house.held[0];
	cr_assert(http_stream_is_possible(pipe->request), "it is possible");
	http_stream_start(pipe->request, "text/plain");
}

static void
open_pipe(struct pipe *pipe)
{
	open_pipe_by(pipe, NULL);
}

/* What has come, which nobody keeps. */
static size_t
read_all(const struct pipe *pipe)
{
	char bytes[PIECE_BYTES];
	size_t count = 0;
	ssize_t n;

	while ((n = recv(pipe->fd, bytes, sizeof(bytes), MSG_DONTWAIT)) > 0)
		count += (size_t)n;
	return count;
}

/* Long enough for the server to look at it. */
static void
wait_for_a_look(struct pipe *pipe, bool reads)
{
	for (int turn = 0; turn < 60; turn++) {
		if (reads)
			(void)read_all(pipe);
		loop_step(pipe->house.loop, 5);
	}
}

/* Until what waits stays: the kernel takes megabytes. */
static void
fill(struct pipe *pipe, const char *piece)
{
	for (int refused = 0; refused < 20;) {
		if (http_stream_write(pipe->request, piece, PIECE_BYTES))
			refused = 0;
		else
			refused++;
		loop_step(pipe->house.loop, refused > 1 ? 5 : 0);
	}
}

static void
close_pipe(struct pipe *pipe)
{
	close(pipe->fd);
	buf_done(&pipe->in);
	house_close(&pipe->house);
}

static bool
hears(struct pipe *pipe, const char *text)
{
	return house_receive(&pipe->house, pipe->fd, &pipe->in, text);
}

/* Until the server has noticed. */
static bool
notices(struct pipe *pipe)
{
	for (int i = 0; i < TURNS; i++) {
		if (http_stream_is_gone(pipe->request))
			return true;
		loop_step(pipe->house.loop, 5);
	}
	return false;
}

Test(http_stream, comes_in_chunks_to_its_end)
{
	struct pipe pipe;

	open_pipe(&pipe);
	cr_expect(hears(&pipe, "\r\n\r\n"), "the head comes at once");
	cr_expect_not_null(strstr(pipe.in.data, "HTTP/1.1 200 OK\r\n"), "%s",
		pipe.in.data);
	cr_expect_not_null(strstr(pipe.in.data, "Transfer-Encoding: chunked"),
		"%s", pipe.in.data);
	cr_expect(http_stream_write(pipe.request, "one\n", 4), "room");
	cr_expect(hears(&pipe, "\r\n\r\n4\r\none\n\r\n"), "%s", pipe.in.data);
	cr_expect(http_stream_write(pipe.request, "three\n", 6), "room");
	cr_expect(hears(&pipe, "6\r\nthree\n\r\n"), "%s", pipe.in.data);
	http_stream_end(pipe.request);
	cr_expect(hears(&pipe, NULL), "the connection ends");
	cr_expect_not_null(
		strstr(pipe.in.data, "\r\n0\r\n\r\n"), "%s", pipe.in.data);
	cr_expect_eq(http_server_pending(pipe.house.server), 0, "all is done");
	close_pipe(&pipe);
}

Test(http_stream, holds_no_more_than_its_limit_for_one_who_does_not_read)
{
	struct pipe pipe;
	char *piece = mem_new(1, PIECE_BYTES);
	size_t taken = 0, got = 0;
	bool full = false;

	open_pipe(&pipe);
	memset(piece, 'x', PIECE_BYTES);
	for (int i = 0; i < 2000 && !full; i++) {
		full = !http_stream_write(pipe.request, piece, PIECE_BYTES);
		taken += full ? 0 : PIECE_BYTES;
		loop_step(pipe.house.loop, 0);
	}
	cr_expect(full, "%zu bytes were taken", taken);
	cr_expect_not(http_stream_write(
			      pipe.request, piece, HTTP_STREAM_LIMIT_BYTES + 1),
		"more than there ever is room for");
	cr_expect_not(http_stream_is_gone(pipe.request), "it is still there");
	/* It reads on, and all that was taken comes. */
	for (int i = 0; i < TURNS && got < taken; i++) {
		got += read_all(&pipe);
		http_stream_flush(pipe.request);
		loop_step(pipe.house.loop, 5);
	}
	cr_expect_geq(got, taken, "%zu of %zu", got, taken);
	cr_expect(http_stream_write(pipe.request, "end\n", 4), "room again");
	http_stream_flush(pipe.request);
	cr_expect(hears(&pipe, "end\n"), "and it goes on");
	http_stream_end(pipe.request);
	cr_expect(hears(&pipe, NULL), "the connection ends");
	free(piece);
	close_pipe(&pipe);
}

Test(http_stream, hangs_up_on_one_who_never_takes_anything)
{
	struct pipe pipe;
	struct clock_set clock;
	char *piece = mem_new(1, PIECE_BYTES);

	clock_set_init(&clock, 1795255200000);
	open_pipe_by(&pipe, &clock.clock);
	for (int i = 0; i < 3; i++) { /* slow, but it takes something */
		fill(&pipe, piece);
		clock_set_advance(&clock, HTTP_STREAM_STALL_MS / 2);
		wait_for_a_look(&pipe, true);
	}
	cr_expect_not(http_stream_is_gone(pipe.request), "it took something");
	fill(&pipe, piece);
	/* On a busy machine the first look may find that the kernel took some. */
	for (int i = 0; i < 5 && !http_stream_is_gone(pipe.request); i++) {
		clock_set_advance(&clock, HTTP_STREAM_STALL_MS);
		wait_for_a_look(&pipe, false);
	}
	cr_expect(http_stream_is_gone(pipe.request), "it took nothing");
	http_stream_end(pipe.request);
	free(piece);
	close_pipe(&pipe);
}

Test(http_stream, notices_who_leaves)
{
	struct pipe pipe;

	open_pipe(&pipe);
	close(pipe.fd);
	cr_expect(notices(&pipe), "it has noticed");
	cr_expect_not(http_stream_write(pipe.request, "x", 1), "for nobody");
	http_stream_end(pipe.request);
	cr_expect_eq(http_server_pending(pipe.house.server), 0, "all is done");
	close_pipe(&pipe);
}

Test(http_stream, throws_away_what_it_is_sent)
{
	struct pipe pipe;
	char *noise = mem_new(1, PIECE_BYTES);

	open_pipe(&pipe);
	house_send_text(&pipe.house, pipe.fd, ASK);
	for (int i = 0; i < 100; i++)
		house_send(&pipe.house, pipe.fd, noise, PIECE_BYTES);
	cr_expect_eq(pipe.house.handled, 1, "it is no request");
	cr_expect(http_stream_write(pipe.request, "still\n", 6), "room");
	cr_expect(hears(&pipe, "still\n"), "it goes on");
	http_stream_end(pipe.request);
	free(noise);
	close_pipe(&pipe);
}

Test(http_stream, a_server_that_goes_leaves_it_to_be_ended)
{
	struct pipe pipe;

	open_pipe(&pipe);
	http_server_free(pipe.house.server);
	pipe.house.server = NULL;
	cr_expect(http_stream_is_gone(pipe.request), "it is gone");
	http_stream_end(pipe.request);
	close(pipe.fd);
	buf_done(&pipe.in);
	loop_free(pipe.house.loop);
}

Test(http_stream, is_not_for_everybody)
{
	static const char *const wrong[] = {"GET /hold HTTP/1.0\r\n\r\n",
		"HEAD /hold HTTP/1.1\r\n" HOST "\r\n"};
	struct house house;

	house_open(&house);
	for (int i = 0; i < 2; i++) {
		int fd = house_connect(&house);

		house_send_text(&house, fd, wrong[i]);
		house_turn_until(&house, &house.held_count, i + 1);
		cr_expect_not(
			http_stream_is_possible(house.held[i]), "%s", wrong[i]);
		http_reply(house.held[i], 204, NULL, NULL, 0);
		close(fd);
	}
	house_close(&house);
}
