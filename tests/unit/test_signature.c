/* Signatures as senders write them: FAULTS row H12. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "source/signature.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Of two codes of four bytes. */
static const uint8_t codes[] = {1, 2, 3, 0xff, 0xaa, 0xbb, 0xcc, 0xdd};

Test(signature, in_hex_H12)
{
	static const struct {
		const char *text, *prefix;
		bool holds;
	} rows[] = {
		{"010203ff", "", true},
		{"010203FF", "", true},
		{"aabbccdd", "", true},
		{"010203fe", "", false},
		{"aabb03ff", "", false}, /* half of each */
		{"", "", false},
		{"010203f", "", false},
		{"010203ff0", "", false},
		{"010203ff00", "", false},
		{"010203fg", "", false},
		{"sha256=010203ff", "sha256=", true},
		{"010203ff", "sha256=", false},
		{"sha1=010203ff", "sha256=", false},
		{"sha256=", "sha256=", false},
		{"sha256=sha256=010203ff", "sha256=", false},
		/* lists */
		{"00000000 010203ff", "", true},
		{"  010203ff  ", "", true},
		{"a=1,v1=00000000,v1=aabbccdd", "v1=", true},
		{"a=1, v1=aabbccdd; x", "v1=", true},
		{"v0=010203ff,v1=00000000", "v1=", false},
		{"v1,00000000 v1,010203ff", "v1,", true},
		{"v1a,010203ff", "v1,", false},
		{",,,010203ff", "", true},
		{"v1=", "v1=", false},
		/* the seventeenth is not looked at */
		{"0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 010203ff", "", true},
		{"0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 010203ff", "", false},
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		cr_expect_eq(signature_holds(rows[i].text, rows[i].prefix,
				     SIGNATURE_HEX, codes, 4, 2),
			rows[i].holds, "%s behind %s", rows[i].text,
			rows[i].prefix);
}

Test(signature, in_base64_H12)
{
	static const struct {
		const char *text, *prefix;
		bool holds;
	} rows[] = {
		{"AQID/w==", "", true}, {"qrvM3Q==", "", true},
		{"v1,AQID/w==", "v1,", true},
		{"v1,AAAAAA== v2,xx v1,AQID/w==", "v1,", true},
		{"AQID/g==", "", false},
		{"AQID/w", "", false}, /* padding is part of it */
		{"AQID_w==", "", false},
		{"AQID/x==", "", false}, /* bits that no byte takes */
		{"010203ff", "", false},
		{"AQID/wA=", "", false}, /* a byte more */
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		cr_expect_eq(signature_holds(rows[i].text, rows[i].prefix,
				     SIGNATURE_BASE64, codes, 4, 2),
			rows[i].holds, "%s behind %s", rows[i].text,
			rows[i].prefix);
}

Test(signature, too_long_a_text_holds_nothing)
{
	struct buf text = {0};

	buf_append_text(&text, "010203ff ");
	cr_expect(signature_holds(text.data, "", SIGNATURE_HEX, codes, 4, 2),
		"as long as it is short");
	while (text.length <= SIGNATURE_TEXT_LIMIT_BYTES)
		buf_append_char(&text, 'x');
	cr_expect_not(
		signature_holds(text.data, "", SIGNATURE_HEX, codes, 4, 2),
		"not beyond the limit");
	buf_done(&text);
}
