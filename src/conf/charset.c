/*
 * charset - which bytes a configuration file is made of (charset.h).
 */
#include "conf/charset.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "conf/errors.h"

/* Why a character is refused, or NULL if it is welcome. `next` is the byte
 * behind it. */
static const char *
refusal(uint32_t code, char next)
{
	if (code == '\t' || code == '\n' || (code == '\r' && next == '\n'))
		return NULL;
	if (code == '\r')
		return "a carriage return without a line feed; end lines with "
		       "a line feed";
	if (code == 0)
		return "a NUL, which is no text";
	if (code == 0xFEFF)
		return "a byte order mark; save the file as UTF-8 without one";
	if (code < 0x20 || (code >= 0x7F && code <= 0x9F) || code == 0x2028 ||
		code == 0x2029 || code == 0xFFFE || code == 0xFFFF)
		return "an invisible control character; where it is meant, "
		       "write it as an escape in double quotes";
	return NULL;
}

static bool
refuse(struct conf_errors *errors, const char *file, const char *data,
	size_t offset, const char *why)
{
	int line = 1, column = 1;

	for (size_t i = 0; i < offset; i++) {
		if (data[i] == '\n') {
			line++;
			column = 1;
		} else if (((unsigned char)data[i] & 0xC0) != 0x80) {
			column++;
		}
	}
	return conf_error_at(errors, file, line, column, NULL, "found %s", why);
}

bool
charset_check(const char *file, const char *data, size_t length,
	struct conf_errors *errors)
{
	if (length >= 2 && (memcmp(data, "\xFF\xFE", 2) == 0 ||
				   memcmp(data, "\xFE\xFF", 2) == 0))
		return conf_error_at(errors, file, 1, 1, NULL,
			"found UTF-16, expected UTF-8; save the file as UTF-8");
	for (size_t i = 0; i < length;) {
		uint32_t code = 0;
		size_t bytes = text_sequence(data + i, length - i, &code);
		char invalid[96];

		if (!bytes) {
			snprintf(invalid, sizeof(invalid),
				"the byte 0x%02X, which is no UTF-8; save the "
				"file as UTF-8",
				(unsigned char)data[i]);
			return refuse(errors, file, data, i, invalid);
		}
		const char *why = refusal(
			code, i + bytes < length ? data[i + bytes] : '\0');

		if (why)
			return refuse(errors, file, data, i, why);
		i += bytes;
	}
	return true;
}
