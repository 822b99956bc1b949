/*
 * The header that holds signatures, with the prefix that a source wants before
 * a bar: "v1,|v1,AQID". None holds that does not stand there letter by letter,
 * and the right one holds behind whatever came before it.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/memory.h"
#include "base/text.h"
#include "crypt/digest.h"
#include "source/signature.h"
#include "source/signed_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { BYTES = 4 };
static const uint8_t codes[] = {1, 2, 3, 0xff, 0xaa, 0xbb, 0xcc, 0xdd};
static const char *const hex[] = {"010203ff", "aabbccdd"};
static const char *const base64[] = {"AQID/w==", "qrvM3Q=="};

static void
must(bool holds)
{
	if (!holds)
		abort();
}

static bool
holds(const char *text, const char *prefix, enum signature_encoding encoding)
{
	return signature_holds(text, prefix, encoding, codes, BYTES, 2);
}

static void
try_text(const char *text, const char *prefix, enum signature_encoding encoding)
{
	const char *const *right = encoding == SIGNATURE_HEX ? hex : base64;
	bool there = encoding == SIGNATURE_HEX
			     ? strcasestr(text, right[0]) != NULL ||
				       strcasestr(text, right[1]) != NULL
			     : strstr(text, right[0]) != NULL ||
				       strstr(text, right[1]) != NULL;
	size_t items = 1;
	char *more;

	must(!holds(text, prefix, encoding) || there);
	for (const char *at = text; *at != '\0'; at++)
		items += strchr(" \t,;", *at) != NULL;
	if (items >= SIGNATURES_LIMIT || strpbrk(prefix, " \t,;") != NULL ||
		strlen(text) > SIGNATURE_TEXT_LIMIT_BYTES / 2 ||
		strlen(prefix) > SIGNATURE_TEXT_LIMIT_BYTES / 4)
		return;
	more = mem_printf("%s %s%s", text, prefix, right[1]);
	must(holds(more, prefix, encoding));
	free(more);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = mem_copy(data, size);
	char *bar = strchr(text, '|');
	struct err err;

	/* Headers hold no NUL: what stands behind one is never seen. */
	signed_text_close(signed_text_open(text, &err));
	if (bar != NULL) {
		*bar = '\0';
		try_text(bar + 1, text, SIGNATURE_HEX);
		try_text(bar + 1, text, SIGNATURE_BASE64);
	}
	free(text);
	return 0;
}
