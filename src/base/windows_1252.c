/* windows_1252 - text in a code page, as UTF-8. */
#include "base/windows_1252.h"

#include <stdint.h>

/* Of the bytes 80 to 9F; all others are the code points of their number. */
static const uint16_t specials[32] = {0x20AC, 0, 0x201A, 0x0192, 0x201E, 0x2026,
	0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0, 0x017D, 0, 0,
	0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122,
	0x0161, 0x203A, 0x0153, 0, 0x017E, 0x0178};

static void
append_code(struct buf *out, unsigned code)
{
	if (code < 0x800) {
		buf_append_char(out, (char)(0xC0 | code >> 6));
	} else {
		buf_append_char(out, (char)(0xE0 | code >> 12));
		buf_append_char(out, (char)(0x80 | (code >> 6 & 0x3F)));
	}
	buf_append_char(out, (char)(0x80 | (code & 0x3F)));
}

bool
windows_1252_append(
	struct buf *out, const char *data, size_t length, size_t *at)
{
	for (size_t i = 0; i < length; i++) {
		unsigned char byte = (unsigned char)data[i];
		unsigned code = byte;

		if (byte >= 0x80 && byte < 0xA0)
			code = specials[byte - 0x80];
		if (code == 0 && byte != 0) {
			*at = i;
			return false;
		}
		if (code < 0x80)
			buf_append_char(out, (char)byte);
		else
			append_code(out, code);
	}
	return true;
}
