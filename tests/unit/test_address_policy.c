/* Which addresses are connected to: D06. */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/un.h>

#include "loop/address_policy.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

TestSuite(address_policy);

/* Ranges with a blank between them. */
static void
add_all(struct address_ranges *ranges, const char *text)
{
	char copy[200], *rest = copy, *one;

	strcpy(copy, text);
	while ((one = strtok_r(rest, " ", &rest)) != NULL) {
		struct address_range range;
		struct err err = {""};

		cr_assert(address_range_parse(&range, one, &err), "%s: %s", one,
			err.text);
		address_ranges_add(ranges, &range);
	}
}

static bool
permits(const struct address_policy *first, const struct address_policy *second,
	const char *address, const char **why)
{
	struct sockaddr_in v4 = {.sin_family = AF_INET};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
	bool is_v6 = inet_pton(AF_INET6, address, &v6.sin6_addr) == 1;
	const char *other;

	cr_assert(is_v6 || inet_pton(AF_INET, address, &v4.sin_addr) == 1, "%s",
		address);
	bool good = address_policy_permits(first, second,
		is_v6 ? (struct sockaddr *)&v6 : (struct sockaddr *)&v4, why);
	cr_expect_eq(
		address_policy_permits_text(first, second, address, &other),
		good, "%s: as text", address);
	return good;
}

Test(address_policy, what_is_denied_by_itself_D06)
{
	static const struct {
		const char *address;
		const char *why; /* NULL: permitted */
	} rows[] = {
		{"127.0.0.1", NULL},
		{"127.255.255.254", NULL},
		{"::1", NULL},
		{"::ffff:127.0.0.1", NULL},
		{"10.0.0.1", NULL},
		{"172.16.0.1", NULL},
		{"192.168.1.1", NULL},
		{"100.64.0.1", NULL},
		{"fd00::1", NULL},
		{"192.0.2.1", NULL},
		{"2001:db8::1", NULL},
		{"169.253.255.255", NULL},
		{"169.255.0.0", NULL},
		{"0.0.0.0", "this network"},
		{"0.1.2.3", "this network"},
		{"::", "no address"},
		{"169.254.0.1", "link-local"},
		{"169.254.169.254", "metadata"},
		{"::ffff:169.254.169.254", "metadata"},
		{"::169.254.169.254", "metadata"},
		{"64:ff9b::a9fe:a9fe", "metadata"},
		{"2002:a9fe:a9fe::1", "metadata"},
		{"100.100.100.200", "metadata"},
		{"fd00:ec2::254", "metadata"},
		{"fd20:ce::254", "metadata"},
		{"fe80::1", "link-local"},
		{"febf::1", "link-local"},
		{"fec0::1", NULL},
		{"224.0.0.1", "multicast"},
		{"239.255.255.255", "multicast"},
		{"ff02::1", "multicast"},
		{"255.255.255.255", "broadcast"},
		{"::ffff:0.0.0.0", "this network"},
		{"::ffff:224.0.0.1", "multicast"},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *why;
		bool good = permits(NULL, NULL, rows[i].address, &why);

		cr_expect_eq(good, rows[i].why == NULL, "%s", rows[i].address);
		if (!good && rows[i].why != NULL)
			cr_expect_not_null(strstr(why, rows[i].why), "%s: %s",
				rows[i].address, why);
	}
}

Test(address_policy, the_narrowest_range_counts_D06)
{
	static const struct {
		const char *allow, *deny;	  /* everywhere */
		const char *own_allow, *own_deny; /* this action */
		const char *address;
		bool permitted;
	} rows[] = {
		{"", "10.0.0.0/8", "", "", "10.1.2.3", false},
		{"", "10.0.0.0/8", "", "", "11.1.2.3", true},
		{"", "10.0.0.0/8", "", "", "::ffff:10.1.2.3", false},
		{"", "10.0.0.0/8", "", "", "64:ff9b::a01:203", false},
		{"10.1.0.0/16", "10.0.0.0/8", "", "", "10.1.2.3", true},
		{"10.1.0.0/16", "10.0.0.0/8", "", "", "10.2.2.3", false},
		{"10.0.0.0/8", "10.1.0.0/16", "", "", "10.1.2.3", false},
		{"", "10.0.0.0/8", "10.1.2.3", "", "10.1.2.3", true},
		{"10.1.2.3", "", "", "10.1.2.3", "10.1.2.3", false},
		{"", "10.1.2.3", "10.1.2.3", "", "10.1.2.3", false},
		{"10.1.0.0/16", "0.0.0.0/0 ::/0", "", "", "10.1.2.3", true},
		{"10.1.0.0/16", "0.0.0.0/0 ::/0", "", "", "192.0.2.1", false},
		{"10.1.0.0/16", "0.0.0.0/0 ::/0", "", "", "2001:db8::1", false},
		{"", "::/0", "", "", "192.0.2.1", true},
		{"0.0.0.0/0 ::/0", "", "", "", "169.254.169.254", false},
		{"0.0.0.0/0 ::/0", "", "", "", "fe80::1", false},
		{"169.254.0.0/16", "", "", "", "169.254.1.1", true},
		{"169.254.0.0/16", "", "", "", "169.254.169.254", false},
		{"169.254.169.254", "", "", "", "169.254.169.254", true},
		{"", "", "169.254.169.254/32", "", "169.254.169.254", true},
		{"::ffff:169.254.0.0/112", "", "", "", "169.254.1.1", true},
		{"", "127.0.0.0/8 ::1", "", "", "127.0.0.1", false},
		{"", "127.0.0.0/8 ::1", "", "", "::1", false},
		{"", "fd00::/9", "", "", "fd00::1", false},
		{"", "fd00::/9", "", "", "fd80::1", true},
		{"", "64:ff9b::/96", "", "", "64:ff9b::c000:201", false},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct address_policy common = {0}, own = {0}, copy;
		const char *why;

		add_all(&common.allow, rows[i].allow);
		add_all(&common.deny, rows[i].deny);
		add_all(&own.allow, rows[i].own_allow);
		add_all(&own.deny, rows[i].own_deny);
		address_policy_copy(&copy, &own);
		cr_expect(address_policy_is_same(&own, &copy), "a copy");
		cr_expect_eq(permits(&common, &copy, rows[i].address, &why),
			rows[i].permitted, "row %zu: %s", i, rows[i].address);
		address_policy_done(&common);
		address_policy_done(&own);
		address_policy_done(&copy);
	}
}

Test(address_policy, ranges)
{
	static const struct {
		const char *text;
		const char *why; /* NULL: good */
	} rows[] = {
		{"10.0.0.0/8", NULL},
		{"0.0.0.0/0", NULL},
		{"10.1.2.3", NULL},
		{"10.1.2.3/32", NULL},
		{"fd00::/8", NULL},
		{"::1/128", NULL},
		{"::/0", NULL},
		{"", "an address or a range"},
		{"10.0.0/8", "an address or a range"},
		{"010.0.0.0/8", "an address or a range"},
		{"0x7f000001", "an address or a range"},
		{"example.com", "an address or a range"},
		{"fe80::1%lo", "an address or a range"},
		{"10.0.0.0/", "0 to 32"},
		{"10.0.0.0/33", "0 to 32"},
		{"10.0.0.0/-1", "0 to 32"},
		{"10.0.0.0/8/8", "0 to 32"},
		{"fd00::/129", "0 to 128"},
		{"10.1.0.0/8", "bits behind its first 8"},
		{"10.0.0.1/31", "bits behind its first 31"},
		{"fd00::1/64", "bits behind its first 64"},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct address_range range;
		struct err err = {""};
		bool good = address_range_parse(&range, rows[i].text, &err);

		cr_expect_eq(good, rows[i].why == NULL, "%s: %s", rows[i].text,
			err.text);
		if (!good && rows[i].why != NULL)
			cr_expect_not_null(strstr(err.text, rows[i].why),
				"%s: %s", rows[i].text, err.text);
	}
}

Test(address_policy, other_families_and_other_texts)
{
	struct sockaddr_un local = {.sun_family = AF_UNIX};
	const char *why;

	cr_expect(address_policy_permits(
			  NULL, NULL, (struct sockaddr *)&local, &why),
		"a socket in the file system");
	cr_expect_not(
		address_policy_permits_text(NULL, NULL, "", &why), "empty");
	cr_expect_not(
		address_policy_permits_text(NULL, NULL, "x", &why), "a name");
}
