/*
 * http_reply - the answer to a request.
 *
 * evhttp prints a head line by line and the date anew for each, which costs
 * more than all the rest of an answer. So a common head is written here, in one
 * piece with the body, and evhttp only sends it: a body given to it by chunks
 * goes out as it is. Anything else (HTTP/1.0, a connection that is to be
 * closed) is left to it.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/time.h"
#include "loop/http_private.h"

enum { HEAD_ROOM_BYTES = 512 };

void
http_reply_header(
	struct http_request *request, const char *name, const char *value)
{
	if (strpbrk(name, "\r\n") != NULL || strpbrk(value, "\r\n") != NULL ||
		evhttp_add_header(
			request->evhttp->output_headers, name, value) != 0)
		abort();
}

static bool
status_has_body(int status)
{
	return status >= 200 && status != 204 && status != 304;
}

/* NULL leaves it to evhttp, which does not know those from 422 on. */
static const char *
status_phrase(int status)
{
	switch (status) {
	case 200:
		return "OK";
	case 202:
		return "Accepted";
	case 400:
		return "Bad Request";
	case 401:
		return "Unauthorized";
	case 403:
		return "Forbidden";
	case 404:
		return "Not Found";
	case 422:
		return "Unprocessable Content";
	case 428:
		return "Precondition Required";
	case 429:
		return "Too Many Requests";
	case 431:
		return "Request Header Fields Too Large";
	case 503:
		return "Service Unavailable";
	default:
		return NULL;
	}
}

/* ---- by evhttp ---- */

static void
add_body(struct http_request *request, const char *content_type,
	const void *body, size_t length)
{
	struct evhttp_request *evhttp = request->evhttp;
	struct buf digits = {0};

	if (content_type != NULL)
		http_reply_header(request, "Content-Type", content_type);
	buf_append_integer(&digits, (int64_t)length);
	http_reply_header(request, "Content-Length", digits.data);
	buf_done(&digits);
	if (length > 0 && evhttp->type != EVHTTP_REQ_HEAD &&
		evbuffer_add(evhttp->output_buffer, body, length) != 0)
		abort();
}

/* ---- past it ---- */

/* Whether the head is one of those that are written here. */
static bool
is_common(const struct http_request *request, int status)
{
	const struct evhttp_request *evhttp = request->evhttp;
	const char *connection = http_request_header(request, "Connection");

	return evhttp->major == 1 && evhttp->minor == 1 &&
	       evhttp->type != EVHTTP_REQ_HEAD && status_has_body(status) &&
	       status_phrase(status) != NULL &&
	       (connection == NULL ||
		       strcasecmp(connection, "keep-alive") == 0);
}

/* "Sat, 21 Nov 2026 09:00:00 GMT" (RFC 9110, 5.6.7), made once a second. */
static const char *
date_now(struct http_server *server)
{
	int64_t now_ms = clock_wall_ms(&clock_system);
	char *zone;

	if (server->date[0] != '\0' && now_ms / 1000 == server->date_s)
		return server->date;
	server->date_s = now_ms / 1000;
	time_to_rfc5322(now_ms, server->date);
	zone = strrchr(server->date, '+');
	if (zone != NULL)
		memcpy(zone, "GMT", sizeof("GMT"));
	return server->date;
}

static void
append_header(struct buf *head, const char *name, const char *value)
{
	buf_append_text(head, name);
	buf_append(head, ": ", 2);
	buf_append_text(head, value);
	buf_append(head, "\r\n", 2);
}

static void
append_head(struct buf *head, struct http_request *request, int status,
	const char *content_type, size_t length)
{
	const struct evkeyval *header;

	buf_append_text(head, "HTTP/1.1 ");
	buf_append_integer(head, status);
	buf_append_char(head, ' ');
	buf_append_text(head, status_phrase(status));
	buf_append(head, "\r\n", 2);
	append_header(head, "Date", date_now(request->server));
	if (content_type != NULL)
		append_header(head, "Content-Type", content_type);
	TAILQ_FOREACH(header, request->evhttp->output_headers, next)
	append_header(head, header->key, header->value);
	buf_append_text(head, "Content-Length: ");
	buf_append_integer(head, (int64_t)length);
	buf_append(head, "\r\n\r\n", 4);
}

static void
write_common(struct http_request *request, int status, const char *content_type,
	const void *body, size_t length)
{
	struct evbuffer *reply = request->server->reply;
	struct buf *head = &request->server->reply_head;

	buf_clear(head);
	buf_reserve(head, HEAD_ROOM_BYTES);
	append_head(head, request, status, content_type, length);
	if (evbuffer_expand(reply, head->length + length) != 0 ||
		evbuffer_add(reply, head->data, head->length) != 0 ||
		(length > 0 && evbuffer_add(reply, body, length) != 0))
		abort();
	request->evhttp->kind = EVHTTP_RESPONSE;
	request->evhttp->response_code = status;
}

void
http_reply(struct http_request *request, int status, const char *content_type,
	const void *body, size_t length)
{
	struct evhttp_request *evhttp = request->evhttp;
	struct http_connection *connection = request->connection;

	if (connection == NULL) {
		evhttp_request_free(evhttp);
		http_request_free(request);
		return;
	}
	struct evbuffer *reply = request->server->reply;
	bool common = is_common(request, status);

	if (connection->listener->socket == NULL)
		http_reply_header(request, "Connection", "close");
	if (common)
		write_common(request, status, content_type, body, length);
	else if (status_has_body(status))
		add_body(request, content_type, body, length);
	http_request_free(request);
	evhttp->flags &= ~EVHTTP_USER_OWNED;
	if (common) {
		evhttp_send_reply_chunk(evhttp, reply);
		evhttp_send_reply_end(evhttp);
	} else {
		evhttp_send_reply(evhttp, status, status_phrase(status), NULL);
	}
	http_gate_answered(connection);
	if (connection->is_plain)
		http_write_now(connection->buffer);
}
