/* connect_gate - asks, and remembers a no. */
#include "loop/connect_gate.h"

#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>

void
connect_gate_clear(struct connect_gate *gate)
{
	gate->has_socket = false;
	gate->denied[0] = '\0';
}

static void
note_denial(struct connect_gate *gate, const char *address, const char *why)
{
	snprintf(gate->denied, sizeof(gate->denied), "%s is %s", address,
		why != NULL ? why : "denied");
}

int
connect_gate_open(struct connect_gate *gate, int type, int protocol,
	const struct sockaddr *address, socklen_t length)
{
	char text[CONNECT_GATE_ADDRESS_BYTES] = "";
	const char *why = NULL;

	if (!address_policy_permits(gate->common, gate->own, address, &why)) {
		getnameinfo(address, length, text, sizeof(text), NULL, 0,
			NI_NUMERICHOST);
		note_denial(gate, text, why);
		return -1;
	}
	gate->has_socket = true;
	return socket(address->sa_family, type | SOCK_CLOEXEC, protocol);
}

bool
connect_gate_passes(struct connect_gate *gate, const char *peer)
{
	const char *why = NULL;

	if (address_policy_permits_text(gate->common, gate->own, peer, &why))
		return true;
	note_denial(gate, peer, why);
	return false;
}
