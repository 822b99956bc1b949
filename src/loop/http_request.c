/*
 * http_request - one request: what it holds. Its answer is http_reply.c's.
 *
 * evhttp frees a request when its connection goes, unless it is owned by
 * somebody else; so it is owned from here between the handler's call and the
 * reply, and handed back with the reply.
 */
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/memory.h"
#include "base/text.h"
#include "loop/http_private.h"

struct http_request *
http_request_new(
	struct http_connection *connection, struct evhttp_request *evhttp)
{
	struct http_listener *listener = connection->listener;
	struct http_server *server = listener->server;
	struct http_request *request = mem_new(1, sizeof *request);
	request->server = server;
	request->connection = connection;
	request->evhttp = evhttp;
	request->tag = listener->tag;
	request->is_unix = listener->is_unix;
	request->next = server->pending;
	if (request->next != NULL)
		request->next->previous = request;
	server->pending = request;
	server->pending_count++;
	connection->request = request;
	connection->phase = HTTP_PHASE_WORKING;
	/* A target with a host in it doesn't make a proxy of us; evhttp would
	 * close behind the answer. */
	evhttp->flags &= ~EVHTTP_PROXY_REQUEST;
	evhttp_request_own(evhttp);
	return request;
}

static void
unlink_pending(struct http_request *request)
{
	struct http_server *server = request->server;
	if (server == NULL)
		return;
	if (request->previous != NULL)
		request->previous->next = request->next;
	else
		server->pending = request->next;
	if (request->next != NULL)
		request->next->previous = request->previous;
	server->pending_count--;
}

void
http_request_free(struct http_request *request)
{
	unlink_pending(request);
	if (request->connection != NULL)
		request->connection->request = NULL;
	free(request->path);
	free(request->query);
	buf_done(&request->held);
	free(request);
}

enum http_method
http_request_method(const struct http_request *request)
{
	switch ((int)request->evhttp->type) {
	case EVHTTP_REQ_GET:
		return HTTP_GET;
	case EVHTTP_REQ_HEAD:
		return HTTP_HEAD;
	case EVHTTP_REQ_POST:
		return HTTP_POST;
	case EVHTTP_REQ_PUT:
		return HTTP_PUT;
	case EVHTTP_REQ_DELETE:
		return HTTP_DELETE;
	case EVHTTP_REQ_PATCH:
		return HTTP_PATCH;
	case EVHTTP_REQ_OPTIONS:
		return HTTP_OPTIONS;
	default:
		return HTTP_OTHER;
	}
}

const char *
http_request_method_text(const struct http_request *request)
{
	static const char *const names[] = {
		[HTTP_GET] = "GET",
		[HTTP_HEAD] = "HEAD",
		[HTTP_POST] = "POST",
		[HTTP_PUT] = "PUT",
		[HTTP_DELETE] = "DELETE",
		[HTTP_PATCH] = "PATCH",
		[HTTP_OPTIONS] = "OPTIONS",
		[HTTP_OTHER] = "OTHER", /* evhttp does not keep its name */
	};
	return names[http_request_method(request)];
}

static const char *
raw_path(const struct http_request *request)
{
	const struct evhttp_uri *uri =
		evhttp_request_get_evhttp_uri(request->evhttp);
	const char *path = uri != NULL ? evhttp_uri_get_path(uri) : NULL;
	return path != NULL && *path != '\0' ? path : "/";
}

/* The struct is ours and never const itself; these two keep what they decode
 * in it. */
static struct http_request *
mutable_request(const struct http_request *request)
{
	union {
		const struct http_request *in;
		struct http_request *out;
	} cast = {.in = request};
	return cast.out;
}

const char *
http_request_path(const struct http_request *request)
{
	if (request->path != NULL)
		return request->path;
	const char *raw = raw_path(request);
	if (strchr(raw, '%') == NULL)
		return raw;
	char *path = mem_strdup(raw);
	path[text_percent_decode(path, strlen(path), false)] = '\0';
	mutable_request(request)->path = path;
	return path;
}

const char *
http_request_target(const struct http_request *request)
{
	return request->evhttp->uri;
}

/* Makes "name\0value\0name\0value\0" of "name=value&name=value". */
static void
decode_query(struct http_request *request)
{
	struct buf pairs = {0};
	const struct evhttp_uri *uri =
		evhttp_request_get_evhttp_uri(request->evhttp);
	const char *rest = uri != NULL ? evhttp_uri_get_query(uri) : NULL;
	while (rest != NULL && *rest != '\0') {
		size_t pair = strcspn(rest, "&");
		size_t name = strcspn(rest, "=&");
		size_t value = name < pair ? name + 1 : pair;
		size_t start = pairs.length;
		buf_append(&pairs, rest, name);
		pairs.length = start + text_percent_decode(
					       pairs.data + start, name, true);
		buf_append_char(&pairs, '\0');
		start = pairs.length;
		buf_append(&pairs, rest + value, pair - value);
		pairs.length = start + text_percent_decode(pairs.data + start,
					       pair - value, true);
		buf_append_char(&pairs, '\0');
		rest += pair + (rest[pair] == '&' ? 1 : 0);
	}
	buf_reserve(&pairs, 1);
	request->query_length = pairs.length;
	request->query = buf_take(&pairs);
}

const char *
http_request_query(const struct http_request *request, const char *name)
{
	if (request->query == NULL)
		decode_query(mutable_request(request));
	const char *end = request->query + request->query_length;
	for (const char *at = request->query; at < end;) {
		const char *value = at + strlen(at) + 1;
		if (strcmp(at, name) == 0)
			return value;
		at = value + strlen(value) + 1;
	}
	return NULL;
}

/* As evhttp_find_header; most names differ in their first letter, which no
 * function need be called for. */
const char *
http_request_header(const struct http_request *request, const char *name)
{
	const struct evkeyval *header;
	int first = name[0] | 0x20;

	TAILQ_FOREACH(header, request->evhttp->input_headers, next)
	if ((header->key[0] | 0x20) == first &&
		evutil_ascii_strcasecmp(header->key, name) == 0)
		return header->value;
	return NULL;
}

void
http_request_each_header(const struct http_request *request,
	void (*on_header)(const char *name, const char *value, void *context),
	void *context)
{
	const struct evkeyval *header;
	TAILQ_FOREACH(header, request->evhttp->input_headers, next)
	on_header(header->key, header->value, context);
}

const char *
http_request_body(const struct http_request *request, size_t *length)
{
	struct evbuffer *body = request->evhttp->input_buffer;
	*length = evbuffer_get_length(body);
	if (*length == 0)
		return NULL;
	const char *bytes = (const char *)evbuffer_pullup(body, -1);
	if (bytes == NULL)
		abort();
	return bytes;
}

bool
http_request_is_unix(const struct http_request *request)
{
	return request->is_unix;
}

const void *
http_request_tag(const struct http_request *request)
{
	return request->tag;
}

/* evhttp does not watch a connection while its request is being worked on, so
 * the kernel is asked. A client that has only finished sending is not gone. */
bool
http_request_is_gone(const struct http_request *request)
{
	if (request->connection == NULL)
		return true;
	struct pollfd peer = {.fd = request->connection->fd};
	return poll(&peer, 1, 0) > 0 &&
	       (peer.revents & (POLLERR | POLLHUP)) != 0;
}

void
http_request_set_data(struct http_request *request, void *data)
{
	request->data = data;
}

void *
http_request_data(const struct http_request *request)
{
	return request->data;
}
