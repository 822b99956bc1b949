/*
 * connect_gate - where a transfer's connections pass: the address policy is
 * asked there, and what it refused is remembered for the sentence.
 */
#ifndef NPSD_LOOP_CONNECT_GATE_H
#define NPSD_LOOP_CONNECT_GATE_H

#include <stdbool.h>
#include <sys/socket.h>

#include "loop/address_policy.h"

struct connect_gate {
	const struct address_policy *common, *own; /* lent; may be NULL */
	bool has_socket; /* an address was permitted */
	char denied[80]; /* the last one that was not, and why; "" */
};

void connect_gate_clear(struct connect_gate *gate);
/* The last moment before a connect, with the address that a name has come to,
 * or that stood in the URL in whatever form. A new socket, or -1. */
int connect_gate_open(struct connect_gate *gate, int type, int protocol,
	const struct sockaddr *address, socklen_t length);
/* Before each request, also over a connection that another action has opened,
 * or that is older than the policy. The peer's address as text. */
bool connect_gate_passes(struct connect_gate *gate, const char *peer);

#endif
