/* http_stream - an answer that is written piece by piece. */
#include "loop/http_stream.h"

#include <stdlib.h>

#include "base/memory.h"
#include "loop/http_private.h"

/* With libevent's own part just below a power of two, which it rounds up to. */
enum { PIECE_BYTES = 15 * 1024 };

bool
http_stream_is_possible(const struct http_request *request)
{
	const struct evhttp_request *evhttp = request->evhttp;

	return evhttp->major == 1 && evhttp->minor >= 1 &&
	       evhttp->type != EVHTTP_REQ_HEAD;
}

static struct evbuffer *
output_of(const struct http_connection *connection)
{
	return bufferevent_get_output(connection->buffer);
}

void
http_stream_start(struct http_request *request, const char *content_type)
{
	struct http_connection *connection = request->connection;

	if (connection == NULL)
		return;
	http_reply_header(request, "Content-Type", content_type);
	http_reply_header(request, "Cache-Control", "no-store");
	http_reply_header(request, "Connection", "close");
	http_gate_stream(connection);
	evhttp_send_reply_start(request->evhttp, 200, "OK");
	http_gate_streamed(
		connection, 0, evbuffer_get_length(output_of(connection)));
}

/* evhttp takes kilobytes for each piece, however small, so that small ones are
 * gathered while the peer is behind. */
void
http_stream_flush(struct http_request *request)
{
	struct http_connection *connection = request->connection;
	struct buf *held = &request->held;
	size_t before;

	if (connection == NULL || held->length == 0)
		return;
	before = evbuffer_get_length(output_of(connection));
	if (evbuffer_add(request->server->reply, held->data, held->length) != 0)
		mem_out();
	buf_clear(held);
	evhttp_send_reply_chunk(request->evhttp, request->server->reply);
	http_gate_streamed(
		connection, before, evbuffer_get_length(output_of(connection)));
}

bool
http_stream_write(
	struct http_request *request, const void *bytes, size_t length)
{
	struct http_connection *connection = request->connection;
	size_t waiting;

	if (connection == NULL)
		return false;
	waiting = evbuffer_get_length(output_of(connection));
	if (length > HTTP_STREAM_LIMIT_BYTES ||
		waiting + request->held.length >
			HTTP_STREAM_LIMIT_BYTES - length)
		return false;
	buf_append(&request->held, bytes, length);
	if (waiting == 0 || request->held.length >= PIECE_BYTES)
		http_stream_flush(request);
	return true;
}

bool
http_stream_is_gone(const struct http_request *request)
{
	return request->connection == NULL;
}

void
http_stream_end(struct http_request *request)
{
	struct http_connection *connection = request->connection;
	struct evhttp_request *evhttp = request->evhttp;

	if (connection == NULL) {
		evhttp_request_free(evhttp);
		http_request_free(request);
		return;
	}
	http_stream_flush(request);
	http_request_free(request);
	evhttp->flags &= ~EVHTTP_USER_OWNED;
	evhttp_send_reply_end(evhttp);
	http_gate_answered(connection);
	if (connection->is_plain)
		http_write_now(connection->buffer);
}
