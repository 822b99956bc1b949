/*
 * connect_gate - where a transfer's connections pass: the address policy is
 * asked there, and what it refused is remembered for the sentence.
 */
#ifndef NPSD_LOOP_CONNECT_GATE_H
#define NPSD_LOOP_CONNECT_GATE_H

#include <net/if.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <sys/socket.h>

#include "loop/address_policy.h"

enum {
	/* An IPv6 address with the name of an interface. */
	CONNECT_GATE_ADDRESS_BYTES = INET6_ADDRSTRLEN + IF_NAMESIZE,
	CONNECT_GATE_DENIED_BYTES = CONNECT_GATE_ADDRESS_BYTES + 64,
};

struct connect_gate {
	const struct address_policy *common, *own; /* lent; may be NULL */
	bool has_socket; /* an address was permitted */
	/* The last one that was not, and why; "" */
	char denied[CONNECT_GATE_DENIED_BYTES];
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
