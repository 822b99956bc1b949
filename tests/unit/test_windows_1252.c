/* Windows-1252 as UTF-8: all bytes, by the table of the Unicode consortium. */
#include <criterion/criterion.h>
#include <string.h>

#include "base/text.h"
#include "base/windows_1252.h"

TestSuite(windows_1252);

Test(windows_1252, text)
{
	struct buf out = {0};
	size_t at;

	cr_assert(windows_1252_append(
			  &out, "caf\xe9 \x80 \x93q\x94 \xff A", 15, &at),
		"refused");
	cr_assert_str_eq(out.data,
		"caf\xc3\xa9 \xe2\x82\xac \xe2\x80\x9cq\xe2\x80\x9d \xc3\xbf A",
		"%s", out.data);
	buf_done(&out);
}

Test(windows_1252, every_byte_is_one_character_or_refused)
{
	int refused = 0;

	for (int byte = 0; byte < 256; byte++) {
		char c = (char)byte;
		struct buf out = {0};
		size_t at = 9;

		if (!windows_1252_append(&out, &c, 1, &at)) {
			cr_assert(strchr("\x81\x8d\x8f\x90\x9d", c), "%x",
				(unsigned)byte);
			cr_assert_eq(at, 0, "where");
			refused++;
		} else {
			cr_assert_eq(text_sequence(out.data, out.length, NULL),
				out.length, "%x", (unsigned)byte);
		}
		buf_done(&out);
	}
	cr_assert_eq(refused, 5, "%d", refused);
}
