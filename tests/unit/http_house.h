/*
 * http_house - an HTTP server in a test, and raw clients of it, all in one
 * thread.
 */
#ifndef NPSD_TESTS_HTTP_HOUSE_H
#define NPSD_TESTS_HTTP_HOUSE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "loop/http_server.h"

enum { HOUSE_HELD_LIMIT = 8 };

#define CLOSE "Connection: close\r\n"
#define HOST "Host: h\r\n"

/* Its handler tells what it saw; a request of /hold it keeps in held. */
struct house {
	struct loop *loop;
	struct http_server *server;
	struct http_listener *listener; /* on 127.0.0.1; its tag is the house */
	struct http_request *held[HOUSE_HELD_LIMIT];
	int held_count;
	int handled;
};

void house_open(struct house *house);
void house_close(struct house *house);

/* A client's socket. */
int house_connect(const struct house *house);
/* Sends while the server runs. */
void house_send(struct house *house, int fd, const char *bytes, size_t length);
void house_send_text(struct house *house, int fd, const char *text);
/* Appends what comes until the text is there (NULL: until the server closes).
 * False if it does not come. */
bool house_receive(
	struct house *house, int fd, struct buf *in, const char *text);
/* Runs the server until the count is as wanted. */
void house_turn_until(struct house *house, const int *count, int wanted);

#endif
