/*
 * address_policy - which addresses npsd connects to. Asked at each connect,
 * with the address itself: so it does not matter which name led there, how
 * the address was written, or what a name server says the next time.
 *
 * Of all ranges that hold an address the narrowest one counts; of equal ones
 * `deny` before `allow`, and both before npsd's own:
 *
 *	this network, link-local, multicast, broadcast,
 *	metadata services of clouds			denied
 *	everything else					allowed
 *
 * An IPv4 address inside an IPv6 one (mapped, compatible, NAT64, 6to4) is
 * judged as the IPv4 address that it leads to.
 */
#ifndef NPSD_LOOP_ADDRESS_POLICY_H
#define NPSD_LOOP_ADDRESS_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "base/err.h"

enum { ADDRESS_BYTES = 16, ADDRESS_RANGES_LIMIT = 256 };

struct address_range {
	bool is_v6;
	uint8_t bytes
		[ADDRESS_BYTES]; /* in network order; the first four: IPv4 */
	int bits;		 /* that count */
};

struct address_ranges {
	size_t count;
	struct address_range *items;
};

/* Zero initialisation: nothing but npsd's own ranges. */
struct address_policy {
	struct address_ranges allow, deny;
};

/* "10.0.0.0/8", "fd00::/8", or an address alone. False also where bits are set
 * behind the prefix. */
bool address_range_parse(struct address_range *range, const char *text,
	struct err *err) must_check;
void address_ranges_add(
	struct address_ranges *ranges, const struct address_range *range);
void address_ranges_done(struct address_ranges *ranges);
/* Whether one of them holds the address ("192.0.2.1", "::1"); false for what is
 * none. */
bool address_ranges_hold(
	const struct address_ranges *ranges, const char *address);

void address_policy_copy(
	struct address_policy *to, const struct address_policy *from);
void address_policy_done(struct address_policy *policy);
bool address_policy_is_same(
	const struct address_policy *a, const struct address_policy *b);

/* True if the address may be connected to by the ranges of both. False says why:
 * a few words such as "link-local". Only internet addresses are judged. */
bool address_policy_permits(const struct address_policy *first,
	const struct address_policy *second, const struct sockaddr *address,
	const char **why);
/* The same for an address as text, as in "192.0.2.1"; what is none is denied. */
bool address_policy_permits_text(const struct address_policy *first,
	const struct address_policy *second, const char *address,
	const char **why);

#endif
