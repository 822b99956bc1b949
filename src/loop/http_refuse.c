/*
 * http_refuse - answers to what must not reach evhttp. Its own error pages are
 * HTML, and it would close at once: bytes that a peer still sends would then be
 * answered with a reset, which takes the answer away from it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/memory.h"
#include "base/metrics.h"
#include "base/time.h"
#include "loop/http_private.h"
#include "loop/problem_text.h"
#include "loop/tls.h"

enum { RETRY_AFTER_S = 1 };

struct kind {
	int status;
	const char *phrase, *name, *title;
};

static const struct kind kinds[] = {
	{400, "Bad Request", "malformed-request", "Malformed request"},
	{408, "Request Timeout", "timeout", "Too slow"},
	{413, "Content Too Large", "too-large", "Too large"},
	{417, "Expectation Failed", "malformed-request", "Malformed request"},
	{429, "Too Many Requests", "too-many-connections",
		"Too many connections"},
	{431, "Request Header Fields Too Large", "too-large", "Too large"},
	{501, "Not Implemented", "malformed-request", "Malformed request"},
	{503, "Service Unavailable", "busy", "Try again later"},
	{505, "HTTP Version Not Supported", "malformed-request",
		"Malformed request"},
};

static const struct kind *
kind_of(int status)
{
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (kinds[i].status == status)
			return &kinds[i];
	return &kinds[0];
}

void
http_server_set_metrics(struct http_server *server, struct metrics *metrics)
{
	static const char *const labels[] = {"reason", NULL};

	server->refusals = metrics_family(metrics, METRIC_COUNTER,
		"npsd_http_refused_total",
		"Connections closed before what came was a request.", labels,
		NULL);
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		const char *values[] = {kinds[i].name};

		metric_add(metric_at(server->refusals, values), 0);
	}
}

static void
count(const struct http_connection *connection, struct http_refusal refusal)
{
	const char *values[] = {kind_of(refusal.status)->name};
	struct metric_family *refusals = connection->listener->server->refusals;

	if (refusals != NULL)
		metric_add(metric_at(refusals, values), 1);
}

char *
http_refuse_text(struct http_refusal refusal)
{
	const struct kind *kind = kind_of(refusal.status);
	char *body = problem_text(
		kind->status, kind->name, kind->title, refusal.detail, NULL);
	char later[32] = "";
	char *text;

	if (kind->status == 503 || kind->status == 429)
		snprintf(later, sizeof later, "Retry-After: %d\r\n",
			RETRY_AFTER_S);
	text = mem_printf("HTTP/1.1 %d %s\r\n"
			  "Content-Type: application/problem+json\r\n"
			  "Content-Length: %zu\r\n%s"
			  "Connection: close\r\n\r\n%s",
		kind->status, kind->phrase, strlen(body), later, body);
	free(body);
	return text;
}

void
http_write_now(struct bufferevent *buffer)
{
	struct evbuffer *output = bufferevent_get_output(buffer);
	evbuffer_unfreeze(output, 1); /* bufferevents keep the front frozen */
	evbuffer_write(output, bufferevent_getfd(buffer));
	evbuffer_freeze(output, 1);
	if (evbuffer_get_length(output) == 0)
		bufferevent_trigger(
			buffer, EV_WRITE, BEV_TRIG_IGNORE_WATERMARKS);
}

/* The peer has sent its last byte, so that nothing is waited for any more. */
static bool
has_heard_all(struct http_connection *connection)
{
	return (bufferevent_get_enabled(connection->buffer) & EV_READ) == 0;
}

static void
on_written(struct bufferevent *buffer, void *context)
{
	struct http_connection *connection = context;

	if (evbuffer_get_length(bufferevent_get_output(buffer)) > 0)
		return;
	if (has_heard_all(connection)) {
		evhttp_connection_free(connection->evhttp);
		return;
	}
	if (!connection->is_plain)
		tls_say_goodbye(buffer);
	shutdown(connection->fd, SHUT_WR);
}

static void
on_event(struct bufferevent *buffer, short what, void *context)
{
	struct http_connection *connection = context;

	if ((what & (BEV_EVENT_EOF | BEV_EVENT_ERROR)) == 0)
		return;
	if ((what & BEV_EVENT_ERROR) == 0 &&
		evbuffer_get_length(bufferevent_get_output(buffer)) > 0)
		bufferevent_disable(buffer, EV_READ);
	else
		evhttp_connection_free(connection->evhttp);
}

/*
 * No read callback: the gate empties the input as it fills. And evhttp may have
 * a deferred read under way, which would call ours with its own context.
 */
void
http_refuse(struct http_connection *connection)
{
	struct bufferevent *buffer = connection->buffer;
	char *text = http_refuse_text(connection->scan.refusal);

	count(connection, connection->scan.refusal);
	connection->deadline_us = http_now_us(connection->listener->server) +
				  HTTP_LINGER_MS * 1000;
	bufferevent_setcb(buffer, NULL, on_written, on_event, connection);
	bufferevent_enable(buffer, EV_READ | EV_WRITE);
	bufferevent_write(buffer, text, strlen(text));
	free(text);
	if (connection->is_plain)
		http_write_now(buffer);
}

void
http_refuse_now(struct http_connection *connection, struct http_refusal refusal)
{
	char *text;

	count(connection, refusal);
	if (!connection->is_plain || evbuffer_get_length(bufferevent_get_output(
					     connection->buffer)) > 0)
		return;
	text = http_refuse_text(refusal);
	(void)!send(connection->fd, text, strlen(text),
		MSG_DONTWAIT | MSG_NOSIGNAL);
	free(text);
}
