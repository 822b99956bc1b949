/* address_policy - ranges, and which one is the narrowest. */
#include "loop/address_policy.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"

enum { V4_BITS = 32, V6_BITS = 128, V4_BYTES = 4, MAPPED_BITS = 96 };

/* What a range says, by how much it weighs against an equally narrow one. */
enum voice { VOICE_NONE, VOICE_OWN, VOICE_ALLOW, VOICE_DENY };

static const struct {
	struct address_range range;
	const char *why;
} own_ranges[] = {
	{{false, {0}, 8}, "this network"},
	{{false, {169, 254}, 16}, "link-local"},
	{{false, {169, 254, 169, 254}, 32}, "a metadata service"},
	{{false, {100, 100, 100, 200}, 32}, "a metadata service"},
	{{false, {224}, 4}, "multicast"},
	{{false, {255, 255, 255, 255}, 32}, "broadcast"},
	{{true, {0}, 128}, "no address"},
	{{true, {0xfe, 0x80}, 10}, "link-local"},
	{{true, {0xff}, 8}, "multicast"},
	{{true, {0xfd, 0x00, 0x0e, 0xc2, [14] = 0x02, 0x54}, 128},
		"a metadata service"},
	{{true, {0xfd, 0x20, 0x00, 0xce, [14] = 0x02, 0x54}, 128},
		"a metadata service"},
};

/* ---- ranges ---- */

static bool
bit_at(const uint8_t *bytes, int bit)
{
	return (bytes[bit / 8] >> (7 - bit % 8) & 1) != 0;
}

static bool
same_bits(const uint8_t *a, const uint8_t *b, int bits)
{
	int rest = bits % 8;

	if (memcmp(a, b, (size_t)(bits / 8)) != 0)
		return false;
	return rest == 0 || (a[bits / 8] ^ b[bits / 8]) >> (8 - rest) == 0;
}

static bool
holds(const struct address_range *range, bool is_v6, const uint8_t *bytes)
{
	return range->is_v6 == is_v6 &&
	       same_bits(range->bytes, bytes, range->bits);
}

static bool
is_mapped(const uint8_t *bytes)
{
	static const uint8_t prefix[12] = {[10] = 0xff, 0xff};

	return memcmp(bytes, prefix, sizeof(prefix)) == 0;
}

/* "::ffff:10.0.0.0/104" is 10.0.0.0/8. */
static void
unmap(struct address_range *range)
{
	if (!range->is_v6 || range->bits < MAPPED_BITS ||
		!is_mapped(range->bytes))
		return;
	memmove(range->bytes, range->bytes + 12, V4_BYTES);
	memset(range->bytes + V4_BYTES, 0, ADDRESS_BYTES - V4_BYTES);
	range->bits -= MAPPED_BITS;
	range->is_v6 = false;
}

bool
address_range_parse(
	struct address_range *range, const char *text, struct err *err)
{
	size_t length = strcspn(text, "/");
	char *address = mem_copy(text, length);
	int most;
	int64_t bits;
	bool good;

	memset(range, 0, sizeof(*range));
	range->is_v6 = strchr(address, ':') != NULL;
	good = inet_pton(range->is_v6 ? AF_INET6 : AF_INET, address,
		       range->bytes) == 1;
	free(address);
	if (!good)
		return err_set(err, "expected an address or a range such as "
				    "10.0.0.0/8 or fd00::/8");
	most = range->is_v6 ? V6_BITS : V4_BITS;
	bits = most;
	if (text[length] == '/' &&
		!text_to_integer(text + length + 1, 0, most, &bits))
		return err_set(err,
			"expected a number from 0 to %d behind the /", most);
	range->bits = (int)bits;
	for (int bit = range->bits; bit < most; bit++)
		if (bit_at(range->bytes, bit))
			return err_set(err,
				"it has bits behind its first %d; write the "
				"start of the range",
				range->bits);
	unmap(range);
	return true;
}

void
address_ranges_add(
	struct address_ranges *ranges, const struct address_range *range)
{
	ranges->items = mem_grow(
		ranges->items, ranges->count + 1, sizeof(*ranges->items));
	ranges->items[ranges->count++] = *range;
}

void
address_ranges_done(struct address_ranges *ranges)
{
	free(ranges->items);
	*ranges = (struct address_ranges){0, NULL};
}

bool
address_ranges_hold(const struct address_ranges *ranges, const char *address)
{
	uint8_t bytes[ADDRESS_BYTES], *at = bytes;
	bool is_v6 = false;

	if (inet_pton(AF_INET, address, bytes) != 1) {
		if (inet_pton(AF_INET6, address, bytes) != 1)
			return false;
		is_v6 = !is_mapped(bytes);
		at = is_v6 ? bytes : bytes + ADDRESS_BYTES - V4_BYTES;
	}
	for (size_t i = 0; i < ranges->count; i++)
		if (holds(&ranges->items[i], is_v6, at))
			return true;
	return false;
}

/* ---- policies ---- */

static void
copy_ranges(struct address_ranges *to, const struct address_ranges *from)
{
	*to = (struct address_ranges){0, NULL};
	for (size_t i = 0; i < from->count; i++)
		address_ranges_add(to, &from->items[i]);
}

void
address_policy_copy(
	struct address_policy *to, const struct address_policy *from)
{
	copy_ranges(&to->allow, &from->allow);
	copy_ranges(&to->deny, &from->deny);
}

void
address_policy_done(struct address_policy *policy)
{
	address_ranges_done(&policy->allow);
	address_ranges_done(&policy->deny);
}

static bool
same_ranges(const struct address_ranges *a, const struct address_ranges *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (a->items[i].is_v6 != b->items[i].is_v6 ||
			a->items[i].bits != b->items[i].bits ||
			memcmp(a->items[i].bytes, b->items[i].bytes,
				ADDRESS_BYTES) != 0)
			return false;
	return true;
}

bool
address_policy_is_same(
	const struct address_policy *a, const struct address_policy *b)
{
	return same_ranges(&a->allow, &b->allow) &&
	       same_ranges(&a->deny, &b->deny);
}

/* ---- judging ---- */

/* The voice that counts so far. */
struct verdict {
	int bits;
	enum voice voice;
	const char *why;
};

static void
hear(struct verdict *verdict, int bits, enum voice voice, const char *why)
{
	if (bits < verdict->bits ||
		(bits == verdict->bits && voice <= verdict->voice))
		return;
	*verdict = (struct verdict){bits, voice, why};
}

static void
hear_ranges(struct verdict *verdict, const struct address_ranges *ranges,
	enum voice voice, bool is_v6, const uint8_t *bytes)
{
	for (size_t i = 0; i < ranges->count; i++)
		if (holds(&ranges->items[i], is_v6, bytes))
			hear(verdict, ranges->items[i].bits, voice,
				voice == VOICE_DENY ? "by \"deny\"" : NULL);
}

static bool
judge(const struct address_policy *const policies[2], bool is_v6,
	const uint8_t *bytes, const char **why)
{
	struct verdict verdict = {-1, VOICE_NONE, NULL};

	for (size_t i = 0; i < sizeof(own_ranges) / sizeof(own_ranges[0]); i++)
		if (holds(&own_ranges[i].range, is_v6, bytes))
			hear(&verdict, own_ranges[i].range.bits, VOICE_OWN,
				own_ranges[i].why);
	for (int i = 0; i < 2; i++) {
		if (policies[i] == NULL)
			continue;
		hear_ranges(&verdict, &policies[i]->allow, VOICE_ALLOW, is_v6,
			bytes);
		hear_ranges(
			&verdict, &policies[i]->deny, VOICE_DENY, is_v6, bytes);
	}
	*why = verdict.why;
	return verdict.voice == VOICE_NONE || verdict.voice == VOICE_ALLOW;
}

/* Where in an IPv6 address the IPv4 one stands that it leads to; -1: none. */
static int
embedded_at(const uint8_t *bytes)
{
	static const uint8_t nat64[12] = {0x00, 0x64, 0xff, 0x9b};
	static const uint8_t zeros[12] = {0};

	if (is_mapped(bytes) || memcmp(bytes, nat64, sizeof(nat64)) == 0)
		return 12;
	if (bytes[0] == 0x20 && bytes[1] == 0x02) /* 6to4 */
		return 2;
	/* Compatible; but :: and ::1 are addresses of their own. */
	if (memcmp(bytes, zeros, sizeof(zeros)) == 0 &&
		(bytes[12] != 0 || bytes[13] != 0 || bytes[14] != 0 ||
			bytes[15] > 1))
		return 12;
	return -1;
}

static bool
judge_v6(const struct address_policy *const policies[2], const uint8_t *bytes,
	const char **why)
{
	int at = embedded_at(bytes);

	if (at >= 0 && !judge(policies, false, bytes + at, why))
		return false;
	return is_mapped(bytes) || judge(policies, true, bytes, why);
}

bool
address_policy_permits(const struct address_policy *first,
	const struct address_policy *second, const struct sockaddr *address,
	const char **why)
{
	const struct address_policy *const policies[2] = {first, second};
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;

	*why = NULL;
	if (address->sa_family == AF_INET) {
		memcpy(&v4, address, sizeof(v4));
		return judge(
			policies, false, (const uint8_t *)&v4.sin_addr, why);
	}
	if (address->sa_family == AF_INET6) {
		memcpy(&v6, address, sizeof(v6));
		return judge_v6(policies, v6.sin6_addr.s6_addr, why);
	}
	return true;
}

bool
address_policy_permits_text(const struct address_policy *first,
	const struct address_policy *second, const char *address,
	const char **why)
{
	const struct address_policy *const policies[2] = {first, second};
	uint8_t bytes[ADDRESS_BYTES];

	if (inet_pton(AF_INET, address, bytes) == 1)
		return judge(policies, false, bytes, why);
	if (inet_pton(AF_INET6, address, bytes) == 1)
		return judge_v6(policies, bytes, why);
	*why = "no address";
	return false;
}
