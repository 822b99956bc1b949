/* signature - what a sender says its signature is. */
#include "source/signature.h"

#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "crypt/digest.h"

static const char between[] = " \t,;";

/* False if it is no hex of as many bytes. */
static bool
read_hex(const char *text, size_t length, uint8_t *out, size_t bytes)
{
	if (length != 2 * bytes)
		return false;
	for (size_t i = 0; i < bytes; i++) {
		int high = text_hex_digit(text[2 * i]);
		int low = text_hex_digit(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		out[i] = (uint8_t)(high * 16 + low);
	}
	return true;
}

static bool
read_base64(const char *text, size_t length, uint8_t *out, size_t bytes)
{
	struct buf decoded = {0};
	bool good = base64_decode(text, length, &decoded, NULL) &&
		    decoded.length == bytes;

	if (good)
		memcpy(out, decoded.data, bytes);
	buf_done(&decoded);
	return good;
}

bool
signature_holds(const char *text, const char *prefix,
	enum signature_encoding encoding, const uint8_t *codes, size_t bytes,
	size_t count)
{
	size_t left = SIGNATURES_LIMIT, prefix_length = strlen(prefix);
	bool holds = false;

	if (strlen(text) > SIGNATURE_TEXT_LIMIT_BYTES)
		return false;
	while (*text != '\0' && left > 0) {
		uint8_t given[DIGEST_LIMIT_BYTES];
		size_t length;
		bool good;

		text += strspn(text, " \t");
		if (!text_starts(text, prefix)) {
			/* The next item of the list, if there is one. */
			text += strcspn(text, between);
			text += strspn(text, between);
			continue;
		}
		text += prefix_length;
		length = strcspn(text, between);
		good = encoding == SIGNATURE_HEX
			       ? read_hex(text, length, given, bytes)
			       : read_base64(text, length, given, bytes);
		for (size_t i = 0; good && i < count; i++)
			holds |= digest_equal(given, codes + i * bytes, bytes);
		text += length;
		text += strspn(text, between);
		left--;
	}
	return holds;
}
