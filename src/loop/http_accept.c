/*
 * http_accept - how many connections come in at once. At the cap nothing more is
 * accepted until one has gone; without descriptors accepting rests until the next
 * sweep, where evhttp alone would try and fail without end.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <event2/listener.h>

#include "base/time.h"
#include "loop/http_private.h"

/* Descriptors kept for the store, spools and receivers. */
enum { FD_RESERVE = 128 };

int64_t
http_now_us(const struct http_server *server)
{
	return clock_monotonic_us(server->clock);
}

bool
http_may_log(const struct http_server *server, struct log_limit *limit,
	int64_t *held)
{
	return log_limit_passes(
		limit, http_now_us(server), HTTP_LOG_EVERY_MS * 1000, held);
}

size_t
http_accept_limit(const struct http_server *server)
{
	struct rlimit fds;
	size_t most = (size_t)server->limits.connections;
	size_t room, reserve = FD_RESERVE;

	if (getrlimit(RLIMIT_NOFILE, &fds) != 0 ||
		fds.rlim_cur == RLIM_INFINITY)
		return most;
	room = (size_t)fds.rlim_cur;
	if (reserve > room / 2)
		reserve = room / 2;
	room -= reserve;
	return room < most ? room : most;
}

static struct evconnlistener *
socket_of(const struct http_listener *listener)
{
	return evhttp_bound_socket_get_listener(listener->socket);
}

static void
pause_listener(struct http_listener *listener, bool pause)
{
	if (listener->socket == NULL || listener->is_paused == pause)
		return;
	listener->is_paused = pause;
	if (pause)
		evconnlistener_disable(socket_of(listener));
	else
		evconnlistener_enable(socket_of(listener));
}

void
http_accept_balance(struct http_server *server)
{
	bool full = server->strangers >= server->accept_limit;
	struct http_listener *listener;
	int64_t held = 0;

	if (full && http_may_log(server, &server->full_log, &held))
		log_warning("HTTP: %zu connections, no more are accepted until "
			    "one ends (server.limits.connections, and the "
			    "limit on open files)",
			server->strangers);
	for (listener = server->listeners; listener != NULL;
		listener = listener->next)
		if (!listener->is_unix)
			pause_listener(listener, server->is_short || full);
		else if (!server->is_short)
			pause_listener(listener, false);
}

const char *
http_server_trouble(const struct http_server *server)
{
	const struct http_listener *listener = server->listeners;

	while (listener != NULL && (listener->is_unix || !listener->is_paused))
		listener = listener->next;
	if (listener == NULL)
		return NULL;
	return server->strangers < server->accept_limit
		       ? "no connection is accepted: there are no descriptors"
		       : "no connection is accepted: as many as may be are "
			 "there";
}

static void
take_spare(struct http_server *server)
{
	if (server->spare_fd < 0)
		server->spare_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
}

void
http_accept_refresh(struct http_server *server)
{
	take_spare(server);
	server->accept_limit = http_accept_limit(server);
	server->is_short = false;
	http_accept_balance(server);
}

bool
http_accept_is_waiting(const struct http_server *server)
{
	const struct http_listener *listener = server->listeners;

	while (listener != NULL && !listener->is_paused)
		listener = listener->next;
	return listener != NULL || server->spare_fd < 0;
}

/* ---- when accept fails ---- */

static void
on_failure(struct http_listener *listener, int why)
{
	struct http_server *server = listener->server;
	struct timeval soon = {.tv_usec = HTTP_SWEEP_MS * 1000};
	int64_t held = 0;

	if (!evtimer_pending(server->sweep, NULL))
		event_add(server->sweep, &soon);
	/* The commands must get through when nobody else does. */
	if (listener->is_unix && server->spare_fd >= 0) {
		close(server->spare_fd);
		server->spare_fd = -1;
		return;
	}
	server->is_short = true;
	pause_listener(listener, true);
	if (http_may_log(server, &server->short_log, &held))
		log_error("HTTP: cannot accept connections: %s; it is tried "
			  "again all the time",
			strerror(why));
}

struct search {
	const struct evhttp *evhttp;
	struct http_listener *found;
};

/* Never comes to anything: the event is there to be found, below. */
static void
on_mark(evutil_socket_t fd, short what, void *context)
{
	(void)fd;
	(void)what;
	(void)context;
}

static int
match_server(
	const struct event_base *base, const struct event *event, void *context)
{
	struct search *search = context;
	const struct http_server *server;

	(void)base;
	if (event_get_callback(event) != on_mark)
		return 0;
	server = event_get_callback_arg(event);
	for (struct http_listener *listener = server->listeners;
		listener != NULL; listener = listener->next)
		if (listener->evhttp == search->evhttp)
			search->found = listener;
	return search->found != NULL;
}

/* evhttp has put itself where a context of ours would be; so the way to our own
 * listener is through the events of the base. */
static void
on_error(struct evconnlistener *socket, void *evhttp)
{
	struct search search = {.evhttp = evhttp};
	int why = errno;

	event_base_foreach_event(
		evconnlistener_get_base(socket), match_server, &search);
	if (search.found != NULL)
		on_failure(search.found, why);
	else
		evconnlistener_disable(socket);
}

void
http_accept_watch(struct http_listener *listener)
{
	evconnlistener_set_error_cb(socket_of(listener), on_error);
}

void
http_accept_init(struct http_server *server)
{
	struct timeval far = {.tv_sec = 24 * 3600};

	server->spare_fd = -1;
	take_spare(server);
	server->accept_limit = http_accept_limit(server);
	server->mark = event_new(
		loop_base(server->loop), -1, EV_PERSIST, on_mark, server);
	if (server->mark == NULL || event_add(server->mark, &far) != 0)
		abort();
}

void
http_accept_done(struct http_server *server)
{
	event_free(server->mark);
	if (server->spare_fd >= 0)
		close(server->spare_fd);
}
