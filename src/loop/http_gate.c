/*
 * http_gate - stands before evhttp on each connection: scans the bytes as they
 * come, refuses what must not be read on, and holds absolute deadlines. evhttp's
 * own time-outs begin anew with every byte, so that a client which trickles
 * would stay for ever.
 *
 * It sees bytes by a callback of the input buffer, before evhttp is told of
 * them. What it refuses it takes out of the buffer, so that evhttp finds nothing
 * to read; the answer follows from housekeeping, outside of any callback.
 */
#include "base/time.h"
#include "loop/http_private.h"
#include "loop/http_stream.h"
#include "loop/tls.h"

enum {
	/* Most bytes of bodies in memory at once, over all connections, but for
	 * those of small ones, which the cap on connections bounds. */
	BODIES_LIMIT_BYTES = 16 * 1024 * 1024,
	/* And of those the most from one address. */
	BODIES_OF_ONE_BYTES = BODIES_LIMIT_BYTES / 4 * 3,
	SMALL_BODY_BYTES = 16 * 1024,
};

static void
enter(struct http_connection *connection, enum http_phase phase, int64_t ms)
{
	connection->phase = phase;
	connection->deadline_us =
		http_now_us(connection->listener->server) + ms * 1000;
}

static const struct http_limits *
limits_of(const struct http_connection *connection)
{
	return &connection->listener->server->limits;
}

static struct evbuffer *
input_of(const struct http_connection *connection)
{
	return bufferevent_get_input(connection->buffer);
}

static void
empty_input(struct http_connection *connection)
{
	struct evbuffer *input = input_of(connection);

	evbuffer_drain(input, evbuffer_get_length(input));
}

static void
refuse(struct http_connection *connection)
{
	struct http_server *server = connection->listener->server;

	enter(connection, HTTP_PHASE_REFUSED, HTTP_LINGER_MS);
	empty_input(connection);
	connection->next_refused = server->refused;
	server->refused = connection;
	event_active(server->housekeeping, EV_TIMEOUT, 0);
}

/* ---- room for bodies ---- */

static void
release_room(struct http_connection *connection)
{
	connection->listener->server->body_bytes -= connection->reserved;
	connection->reserved = 0;
}

/* The last part of the room is never all one address's, unless that is a
 * proxy's: a few large bodies that do not come would lock all others out. */
static bool
is_too_much(const struct http_connection *connection, size_t more)
{
	const struct http_server *server = connection->listener->server;

	return server->body_bytes + more > BODIES_OF_ONE_BYTES &&
	       http_peer_bytes(connection) + more > BODIES_OF_ONE_BYTES &&
	       !http_peer_is_proxy(connection);
}

/* As announced, or as it grows chunk by chunk. The control socket's are those
 * of whoever may do everything: they don't count. */
static bool
reserve_room(struct http_connection *connection)
{
	struct http_server *server = connection->listener->server;
	const struct http_scan *scan = &connection->scan;
	size_t wanted = scan->framing.length > scan->body_bytes
				? scan->framing.length
				: scan->body_bytes;
	size_t more = wanted - connection->reserved;

	if (wanted <= SMALL_BODY_BYTES || wanted <= connection->reserved ||
		connection->listener->is_unix)
		return true;
	if (more > BODIES_LIMIT_BYTES - server->body_bytes ||
		is_too_much(connection, more))
		return false;
	server->body_bytes += more;
	connection->reserved = wanted;
	return true;
}

/* ---- the bytes ---- */

/* Feeds what stands in the input from offset on; how much of it belonged to the
 * request. */
static size_t
feed_from(struct http_connection *connection, size_t offset)
{
	struct evbuffer *input = input_of(connection);
	struct http_scan *scan = &connection->scan;
	struct evbuffer_iovec run;
	struct evbuffer_ptr at;
	size_t fed = 0;

	if (evbuffer_ptr_set(input, &at, offset, EVBUFFER_PTR_SET) != 0)
		return 0;
	while (scan->state < HTTP_SCAN_DONE &&
		evbuffer_peek(input, 1, &at, &run, 1) > 0) {
		size_t taken = http_scan_feed(scan, run.iov_base, run.iov_len);

		fed += taken;
		if (taken < run.iov_len ||
			evbuffer_ptr_set(
				input, &at, run.iov_len, EVBUFFER_PTR_ADD) != 0)
			break;
	}
	return fed;
}

/* The clock of a head starts with the first byte; a first request's has been
 * running since the connection is there. */
static void
begin_head(struct http_connection *connection)
{
	if (connection->phase != HTTP_PHASE_HEAD)
		enter(connection, HTTP_PHASE_HEAD,
			limits_of(connection)->head_ms);
}

static void
scan_from(struct http_connection *connection, size_t offset)
{
	struct http_scan *scan = &connection->scan;
	size_t come = evbuffer_get_length(input_of(connection)) - offset;
	bool in_body = http_scan_is_in_body(scan);
	size_t fed;

	if (scan->state == HTTP_SCAN_HEAD && scan->head.length == 0)
		begin_head(connection);
	fed = feed_from(connection, offset);
	if (scan->state < HTTP_SCAN_REFUSED && !reserve_room(connection)) {
		scan->state = HTTP_SCAN_REFUSED;
		scan->refusal = (struct http_refusal){503,
			"More large requests come in than there is room for. "
			"Send it again."};
	}
	if (scan->state == HTTP_SCAN_REFUSED)
		refuse(connection);
	else if (scan->state == HTTP_SCAN_DONE)
		connection->unread = come - fed;
	else if (!in_body && http_scan_is_in_body(scan))
		enter(connection, HTTP_PHASE_BODY,
			limits_of(connection)->body_ms);
}

static void
on_input(struct evbuffer *input, const struct evbuffer_cb_info *info,
	void *context)
{
	struct http_connection *connection = context;

	if (info->n_added == 0)
		return;
	if (connection->phase == HTTP_PHASE_REFUSED ||
		connection->phase == HTTP_PHASE_STREAMING)
		empty_input(connection);
	else if (connection->scan.state == HTTP_SCAN_DONE)
		/* No more than one read brings: evhttp reads on after the
		 * answer. So no watermark is needed, for which libevent would
		 * add the event anew at each line that evhttp takes. */
		connection->unread += info->n_added;
	else
		scan_from(
			connection, evbuffer_get_length(input) - info->n_added);
}

/* ---- a connection's life ---- */

void
http_gate_open(struct http_connection *connection)
{
	http_scan_init(&connection->scan, HTTP_HEADERS_LIMIT_BYTES,
		HTTP_BODY_LIMIT_BYTES);
	connection->watch =
		evbuffer_add_cb(input_of(connection), on_input, connection);
}

void
http_gate_start(struct http_connection *connection)
{
	const struct http_limits *limits = limits_of(connection);

	if (connection->is_plain)
		enter(connection, HTTP_PHASE_HEAD, limits->head_ms);
	else
		enter(connection, HTTP_PHASE_HANDSHAKE, limits->handshake_ms);
}

void
http_gate_close(struct http_connection *connection)
{
	struct http_connection **link = &connection->listener->server->refused;

	while (*link != NULL && *link != connection)
		link = &(*link)->next_refused;
	if (*link != NULL)
		*link = connection->next_refused;
	release_room(connection);
	http_scan_done(&connection->scan);
	if (connection->watch != NULL)
		evbuffer_remove_cb_entry(
			input_of(connection), connection->watch);
	connection->watch = NULL;
}

bool
http_gate_agrees(const struct http_connection *connection,
	const struct evhttp_request *evhttp)
{
	return connection->scan.state == HTTP_SCAN_DONE &&
	       connection->unread ==
		       evbuffer_get_length(input_of(connection)) &&
	       connection->scan.body_bytes ==
		       evbuffer_get_length(evhttp->input_buffer);
}

void
http_gate_answered(struct http_connection *connection)
{
	size_t unread = connection->unread;

	release_room(connection);
	enter(connection, HTTP_PHASE_ANSWERING,
		limits_of(connection)->answer_ms);
	if (connection->scan.state != HTTP_SCAN_DONE)
		return; /* it was refused, and is closed behind its answer */
	http_scan_next(&connection->scan);
	connection->unread = 0;
	if (unread > 0)
		scan_from(connection,
			evbuffer_get_length(input_of(connection)) - unread);
}

void
http_gate_stream(struct http_connection *connection)
{
	enter(connection, HTTP_PHASE_STREAMING, HTTP_STREAM_STALL_MS);
	connection->streamed = connection->taken = 0;
	connection->unread = 0;
	empty_input(connection);
}

void
http_gate_streamed(
	struct http_connection *connection, size_t before, size_t after)
{
	connection->streamed += after - before;
}

/* ---- deadlines ---- */

static void
expire(struct http_connection *connection)
{
	static const struct http_refusal late = {
		408, "The request did not come in time."};

	if (connection->phase == HTTP_PHASE_BODY ||
		(connection->phase == HTTP_PHASE_HEAD &&
			connection->scan.head.length > 0))
		http_refuse_now(connection, late);
	evhttp_connection_free(connection->evhttp);
}

/* A peer that takes something may go on, and one for whom nothing waits. */
static void
look_at_stream(struct http_connection *connection)
{
	size_t waiting =
		evbuffer_get_length(bufferevent_get_output(connection->buffer));
	size_t taken = connection->streamed - waiting;

	if (waiting > 0 && taken == connection->taken)
		return;
	connection->taken = taken;
	enter(connection, HTTP_PHASE_STREAMING, HTTP_STREAM_STALL_MS);
}

/* What nobody tells: a handshake has ended, an answer has left. */
static void
look(struct http_connection *connection)
{
	const struct http_limits *limits = limits_of(connection);

	if (connection->phase == HTTP_PHASE_HANDSHAKE &&
		tls_is_open(connection->buffer))
		enter(connection, HTTP_PHASE_HEAD, limits->head_ms);
	if (connection->phase == HTTP_PHASE_ANSWERING &&
		evbuffer_get_length(
			bufferevent_get_output(connection->buffer)) == 0) {
		connection->phase = HTTP_PHASE_IDLE;
		connection->deadline_us +=
			(limits->idle_ms - limits->answer_ms) * 1000;
	}
	if (connection->phase == HTTP_PHASE_STREAMING)
		look_at_stream(connection);
}

void
http_gate_sweep(struct http_connection *connection, int64_t now_us)
{
	look(connection);
	if (connection->phase != HTTP_PHASE_WORKING &&
		now_us >= connection->deadline_us)
		expire(connection);
}

void
http_gate_tell_refused(struct http_server *server)
{
	while (server->refused != NULL) {
		struct http_connection *connection = server->refused;

		server->refused = connection->next_refused;
		http_refuse(connection);
	}
}
