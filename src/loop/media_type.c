/* media_type - what a request says of its body. */
#include "loop/media_type.h"

#include <string.h>
#include <strings.h>

static bool
ends_with(struct text text, const char *ending)
{
	size_t length = strlen(ending);

	return text.length > length &&
	       strncasecmp(text.data + text.length - length, ending, length) ==
		       0;
}

struct text
media_type(const struct http_request *request)
{
	const char *header = http_request_header(request, "Content-Type");

	if (header == NULL)
		return (struct text){"", 0};
	return text_trim((struct text){header, strcspn(header, ";")});
}

bool
media_type_is(struct text type, const char *name)
{
	return type.length == strlen(name) &&
	       strncasecmp(type.data, name, type.length) == 0;
}

bool
media_type_is_json(struct text type)
{
	return type.length == 0 || media_type_is(type, "application/json") ||
	       ends_with(type, "+json");
}

bool
media_type_is_encoded(const struct http_request *request)
{
	const char *header = http_request_header(request, "Content-Encoding");
	struct text coding;

	if (header == NULL)
		return false;
	coding = text_trim(text_of(header));
	return coding.length > 0 && !media_type_is(coding, "identity");
}
