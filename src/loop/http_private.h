/*
 * http_private - what http_server.c, http_request.c and http_judge.c share; for
 * these files only.
 *
 *   server --- listener --- connection --- request
 *     |  (one evhttp each)   (while it       (from the handler's call
 *     |                       is open)        to http_reply)
 *     +---- pending: all requests not yet answered
 *
 * A connection carries at most one request at a time: evhttp reads the next
 * one after the answer. When a connection goes first, its request lives on
 * without it (connection is NULL) until it is answered.
 */
#ifndef NPSD_LOOP_HTTP_PRIVATE_H
#define NPSD_LOOP_HTTP_PRIVATE_H

#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/http_struct.h> /* after http.h */
#include <event2/keyvalq_struct.h>
#include <sys/queue.h>
#include <sys/stat.h>

#include "loop/http_server.h"

struct http_connection {
	struct http_listener *listener;
	struct evhttp_connection *evhttp; /* NULL until it is adopted */
	struct bufferevent *buffer;
	struct http_request *request;	      /* in the handler's hands */
	struct http_connection *next_newborn; /* until it is adopted */
	int fd;
	bool is_plain; /* no TLS: the bufferevent writes what it is given */
};

struct http_listener {
	struct http_server *server;
	struct http_listener *next;
	struct evhttp *evhttp;
	struct evhttp_bound_socket *socket; /* NULL once closed */
	void *tag;
	size_t connections;
	char *path; /* a unix socket of our making, or NULL */
	struct stat file;
	int port;
	bool is_unix;
};

struct http_server {
	struct loop *loop;
	http_handler_fn handler;
	void *context;
	struct http_listener *listeners;
	struct http_connection *newborn;
	struct http_connection **by_fd; /* the adopted ones */
	size_t by_fd_room;
	size_t connections;
	struct http_request *pending;
	size_t pending_count;
	struct event *housekeeping;
};

struct http_request {
	struct http_server *server;	    /* NULL once it is freed */
	struct http_connection *connection; /* NULL once it is gone */
	struct evhttp_request *evhttp;	    /* ours until the reply */
	struct http_request *previous;	    /* among the pending */
	struct http_request *next;
	void *tag;
	void *data;
	char *path;  /* decoded; NULL if the target's path needs no decoding */
	char *query; /* decoded pairs, see http_request.c; NULL: not yet */
	size_t query_length;
	bool is_unix;
};

/* Takes the request over from evhttp. */
struct http_request *http_request_new(
	struct http_connection *connection, struct evhttp_request *evhttp);

/* Why a request must not reach the handler. */
struct http_refusal {
	int status;
	const char *detail; /* NULL: nothing is wrong with it */
};
/* Judges what evhttp lets pass, see http_judge.c. */
struct http_refusal http_request_judge(const struct http_request *request);

#endif
