/* Addresses: what may stand in an SMTP command and what may not. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "action/mail_address.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define A10 "aaaaaaaaaa"
#define A60 A10 A10 A10 A10 A10 A10
#define LABEL60 "." A60

TestSuite(mail_address);

Test(mail_address, good_ones)
{
	static const char *const rows[] = {
		"jan@example.com",
		"jan+nps@example.com",
		"j.a.n@mail.example.com",
		"o'neill@example.com",
		"a@localhost",
		"JAN@EXAMPLE.COM",
		"x=y?z@example.com",
		"1@1.example",
		A60 "aaaa@example.com",
		"a@" A60 LABEL60 LABEL60 LABEL60,
		"j\xC3\xA4n@example.com",
		"jan@ex\xC3\xA4mple.com",
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct err err = {""};

		cr_assert(mail_address_is_good(rows[i], &err), "%s: %s",
			rows[i], err.text);
	}
}

/* FAULTS M10, M11: commands, headers, quotes. */
Test(mail_address, refused_ones)
{
	static const struct {
		const char *address;
		const char *why;
	} rows[] = {
		{"", "empty"},
		{"null", "no @"},
		{"jan", "no @"},
		{"@example.com", "nothing before"},
		{"jan@", "no domain"},
		{"jan@example..com", "empty part"},
		{"jan@.example.com", "empty part"},
		{"jan@example.com.", "empty part"},
		{".jan@example.com", "dot at the start"},
		{"jan.@example.com", "just before the @"},
		{"j..an@example.com", "two dots"},
		{"j an@example.com", "a space"},
		{" jan@example.com", "a space"},
		{"jan@example.com ", "a space"},
		{"jan@exam ple.com", "a space"},
		{"jan@example.com\r\nRCPT TO:<eve@example.com>", "line break"},
		{"jan@example.com\n", "line break"},
		{"jan@example.com\rX", "line break"},
		{"jan\t@example.com", "control"},
		{"jan\x7f@example.com", "control"},
		{"\"jan\"@example.com", "before the @"},
		{"\"a b\"@example.com", "a space"},
		{"jan<eve@example.com", "before the @"},
		{"<jan@example.com>", "before the @"},
		{"a@b@example.com", "before the @"},
		{"jan,eve@example.com", "before the @"},
		{"jan;eve@example.com", "before the @"},
		{"jan(x)@example.com", "before the @"},
		{"jan\\@example.com", "before the @"},
		{"jan@[127.0.0.1]", "domain has a character"},
		{"jan@exa_mple.com", "domain has a character"},
		{"jan@example.com>", "domain has a character"},
		{"jan@-example.com", "hyphen"},
		{"jan@example-.com", "hyphen"},
		{"jan@\xE2\x80\xAE"
		 "example.com",
			"control"},
		{"j\xC2\x85n@example.com", "line break"},
		{"j\xE2\x80\xA8n@example.com", "line break"},
		{"j\xE2\x80\x8Bn@example.com", "control"},
		{"j\xC2\xA0n@example.com", "a space"},
		{"j\xFFn@example.com", "UTF-8"},
		{"jan@ex\xC3\xA4m_ple.com", "domain has a character"},
		{"jan@ex\xC3\xA4m\xEF\xBC\x8Fple.com", "no name of a host"},
		{"jan@\xE2\x82\xAC.com", "no name of a host"},
		{A60 "aaaaa@example.com", "64 characters before"},
		{"a@" A60 "aaaa.com", "63 characters"},
		{"aaaaaaaaaaaa@" A60 LABEL60 LABEL60 LABEL60, "more than 254"},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct err err = {""};

		cr_assert_not(mail_address_is_good(rows[i].address, &err),
			"row %zu: %s", i, rows[i].address);
		cr_assert_not_null(strstr(err.text, rows[i].why),
			"row %zu: %s: %s", i, rows[i].address, err.text);
		cr_assert_null(
			strstr(err.text, "example"), "quotes it: %s", err.text);
	}
}

/* FAULTS M13: the domain in ASCII, the part before it as it is. */
Test(mail_address, as_it_is_used_M13)
{
	static const struct {
		const char *address, *used;
	} rows[] = {
		{"Jan@Example.com", "Jan@Example.com"},
		{"jan@b\xC3\xBC"
		 "cher.example",
			"jan@xn--bcher-kva.example"},
		{"jan@B\xC3\x9C"
		 "cher.example",
			"jan@xn--bcher-kva.example"},
		{"jan@bu\xCC\x88"
		 "cher.example",
			"jan@xn--bcher-kva.example"},
		{"jan@fa\xC3\x9F.example", "jan@xn--fa-hia.example"},
		{"jan@\xEF\xBD\x85xample.com", "jan@example.com"},
		{"jan@\xE4\xBE\x8B\xE3\x81\x88\xE3\x80\x82"
		 "com",
			"jan@xn--r8jz45g.com"},
		{"\xD0\xB8\xD0\xB2\xD0\xB0\xD0\xBD@example.com",
			"\xD0\xB8\xD0\xB2\xD0\xB0\xD0\xBD@example.com"},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct err err = {""};
		char *used = mail_address_for_wire(rows[i].address, &err);

		cr_assert_not_null(used, "%s: %s", rows[i].address, err.text);
		cr_assert_str_eq(
			used, rows[i].used, "%s: %s", rows[i].address, used);
		free(used);
	}
}

Test(mail_address, mailboxes)
{
	static const struct {
		const char *text;
		const char *name; /* NULL: refused */
		const char *address;
	} rows[] = {
		{"a@b.c", "", "a@b.c"},
		{"  a@b.c ", "", "a@b.c"},
		{"<a@b.c>", "", "a@b.c"},
		{"NPS alerts <a@b.c>", "NPS alerts", "a@b.c"},
		{"  NPS alerts<a@b.c>  ", "NPS alerts", "a@b.c"},
		{"\"Acme, Ltd.\" <a@b.c>", "Acme, Ltd.", "a@b.c"},
		{"\"A \\\"b\\\" \\\\ c\" <a@b.c>", "A \"b\" \\ c", "a@b.c"},
		{"\"<x>\" <a@b.c>", "<x>", "a@b.c"},
		{"J\xC3\xB6rg \xF0\x9F\x98\x80 <a@b.c>",
			"J\xC3\xB6rg \xF0\x9F\x98\x80", "a@b.c"},
		{"", NULL, NULL},
		{"NPS alerts", NULL, NULL},
		{"NPS alerts <a@b.c", NULL, NULL},
		{"NPS alerts <a@b.c> x", NULL, NULL},
		{"NPS alerts <>", NULL, NULL},
		{"<", NULL, NULL},
		{">", NULL, NULL},
		{"NPS <a@b.c>>", NULL, NULL},
		{"\"NPS <a@b.c>", NULL, NULL},
		{"\"N\"PS\" <a@b.c>", NULL, NULL},
		{"\"NPS\\\" <a@b.c>", NULL, NULL},
		{"\" <a@b.c>", NULL, NULL},
		{"N\nPS <a@b.c>", NULL, NULL},
		{"N\xFFPS <a@b.c>", NULL, NULL},
		{"a@b.c, d@e.f", NULL, NULL},
		{"M13 <\xC3\xA4@b.c>", NULL, NULL},
		{"M13 <a@\xEF\xBD\x82.c>", "M13", "a@b.c"},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct mailbox mailbox;
		struct err err = {""};
		bool good = mailbox_parse(&mailbox, rows[i].text, &err);

		cr_assert_eq(good, rows[i].name != NULL, "%s: %s", rows[i].text,
			err.text);
		if (good) {
			cr_assert_str_eq(
				mailbox.name, rows[i].name, "%s", rows[i].text);
			cr_assert_str_eq(mailbox.address, rows[i].address, "%s",
				rows[i].text);
			cr_assert_str_eq(mail_address_domain(mailbox.address),
				"b.c", "%s", rows[i].text);
		} else {
			cr_assert_str_neq(err.text, "", "%s", rows[i].text);
		}
		mailbox_done(&mailbox);
	}
}
