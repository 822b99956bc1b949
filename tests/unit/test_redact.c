/* Comments without what tells who wrote them. */
#include <criterion/criterion.h>
#include <string.h>

#include "base/text.h"
#include "nps/redact.h"

TestSuite(redact);

Test(redact, takes_out_what_tells_who)
{
	static const char *const anna[] = {"Anna van den Berg-Visser",
		"anna@example.com", "020 123", "c-77", NULL};
	static const struct {
		const char *text, *expected;
	} rows[] = {
		{"", ""},
		{"Waited three weeks.", "Waited three weeks."},
		/* addresses */
		{"Mail me: a.b+c@example.co.uk!", "Mail me: […]!"},
		{"<jan@example.nl>, please", "<[…]>, please"},
		{"jørgen@exåmple.no", "[…]"},
		{"met @home ben ik blij", "met @home ben ik blij"},
		{"5 @ 3", "5 @ 3"},
		{"see https://x.example/u/77?a=b now", "see […] now"},
		{"www.example.com", "[…]"},
		/* numbers */
		{"call +31 20 123 45 67 today", "call […] today"},
		{"bel 06-12345678.", "bel […]."},
		{"(020) 1234567", "[…]"},
		{"+47\u00a022\u00a033\u00a044\u00a055", "[…]"},
		{"4111 1111 1111 1111", "[…]"},
		{"3 weeks, 100 euro, 12-3", "3 weeks, 100 euro, 12-3"},
		{"order A1234567", "order A[…]"},
		{"tel0612345678", "tel[…]"},
		{"06\u201312\u201334\u201356\u20137", "[…]"},
		{"tel(020)1234567", "tel[…]"},
		{"NL91 ABNA 0417 1643 00", "[…]"},
		{"no9386011117947", "[…]"},
		/* the person */
		{"Anna here, ANNA VAN DEN BERG-VISSER", "[…] here, […]"},
		{"Mevrouw Visser van de winkel", "Mevrouw […] van de winkel"},
		{"Annabel and Bergen", "Annabel and Bergen"},
		{"my id is C-77", "my id is […]"},
		{"anna", "[…]"},
		/* what stands beside a word is no letter, whatever its bytes */
		{"“Anna”, Anna’s, —Anna… «Anna»", "“[…]”, […]’s, —[…]… «[…]»"},
		{"ik\u00a0ben Anna\u00a0Visser😀Anna", "ik\u00a0ben […]\u00a0"
						      "[…]😀[…]"},
		{"Annaé éAnna", "Annaé éAnna"},
		/* nothing is broken */
		{"Blåbær – 😀", "Blåbær – 😀"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf out = {0};

		buf_append_text(&out, "");
		redact_append(&out, rows[i].text, anna, "[…]");
		cr_expect_str_eq(out.data, rows[i].expected, "%s: %s",
			rows[i].text, out.data);
		cr_expect(text_is_utf8(out.data, out.length, NULL), "%s",
			out.data);
		buf_done(&out);
	}
}

Test(redact, letters_of_others)
{
	static const char *const own[] = {"Åse Ødegård", "田中", "(x)", NULL};
	static const struct {
		const char *text, *expected;
	} rows[] = {
		{"åse ØDEGÅRD, ÅSE, ødegård", "#, #, #"},
		{"田中です", "#です"},
		{"私は田中", "私は#"},
		{"a(x)b", "a#b"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf out = {0};

		redact_append(&out, rows[i].text, own, "#");
		cr_expect_str_eq(out.data, rows[i].expected, "%s: %s",
			rows[i].text, out.data);
		buf_done(&out);
	}
}

Test(redact, without_a_person)
{
	static const char *const empty[] = {"", "  ", NULL};
	struct buf out = {0};

	redact_append(&out, "Anna, 1234567", NULL, "x");
	cr_expect_str_eq(out.data, "Anna, x");
	buf_clear(&out);
	redact_append(&out, "Anna", empty, "x");
	cr_expect_str_eq(out.data, "Anna");
	buf_done(&out);
}
