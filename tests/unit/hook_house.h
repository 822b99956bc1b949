/*
 * hook_house - a webhook source that hears at /hook of a real socket.
 */
#ifndef TESTS_UNIT_HOOK_HOUSE_H
#define TESTS_UNIT_HOOK_HOUSE_H

#include "../support/source_case.h"

struct hook_house {
	struct source_case it;
	struct http_server *server;
	int port;
};

/* The built-in source where yaml is NULL. */
void hook_house_init(struct hook_house *house, const char *yaml);
void hook_house_done(struct hook_house *house);

int hook_client_open(const struct hook_house *house);
/* Writes while the loop turns, as it may be much. */
void hook_client_send(
	struct hook_house *house, int fd, const char *data, size_t length);
/* All up to the end; the caller frees it. */
char *hook_client_read(struct hook_house *house, int fd);
/* method may bear a target: "POST /hook?a=b". */
int hook_client_start(struct hook_house *house, const char *method,
	const char *headers, const char *body, size_t length);

/* Status and the whole answer, which the caller frees. */
int hook_ask(struct hook_house *house, const char *method, const char *headers,
	const char *body, size_t length, char **answer);
/* What stands behind the headers. */
const char *hook_body(const char *answer);

#endif
