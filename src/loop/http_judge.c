/*
 * http_judge - refuses requests that evhttp 2.1 lets pass although another
 * HTTP reader would see something else in the same bytes (RFC 9110, 9112):
 * that difference is how requests are smuggled.
 *
 * Bare LF and a NUL in a header are no longer visible here; a proxy in front
 * must not let them through.
 */
#include <string.h>
#include <strings.h>

#include "loop/http_private.h"

/* What the header block says about the framing. */
struct framing {
	const char *length; /* Content-Length, or NULL */
	bool is_chunked;
	unsigned hosts;
};

static const struct http_refusal no_refusal = {0, NULL};

static struct http_refusal
bad_request(const char *detail)
{
	return (struct http_refusal){400, detail};
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* RFC 9110, 5.6.2 */
static bool
is_token(const char *text)
{
	if (*text == '\0')
		return false;
	for (; *text != '\0'; text++) {
		char lower = (char)(*text | 0x20);
		if (!(lower >= 'a' && lower <= 'z') && !is_digit(*text) &&
			strchr("-!#$%&'*+.^_`|~", *text) == NULL)
			return false;
	}
	return true;
}

static bool
has_control(const char *text, char lowest_good)
{
	for (; *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;
		if ((c < (unsigned char)lowest_good && c != '\t') || c == 0x7f)
			return true;
	}
	return false;
}

static bool
is_digits(const char *text)
{
	size_t length = strspn(text, "0123456789");
	return length > 0 && text[length] == '\0';
}

static struct http_refusal
see_length(struct framing *framing, const char *value)
{
	if (!is_digits(value))
		return bad_request("Content-Length is not a number");
	if (framing->length != NULL && strcmp(framing->length, value) != 0)
		return bad_request("two different Content-Length headers");
	framing->length = value;
	return no_refusal;
}

static struct http_refusal
see_coding(struct framing *framing, const char *value)
{
	if (framing->is_chunked)
		return bad_request("two Transfer-Encoding headers");
	if (strcasecmp(value, "chunked") != 0)
		return (struct http_refusal){501,
			"the only Transfer-Encoding understood is chunked"};
	framing->is_chunked = true;
	return no_refusal;
}

static struct http_refusal
see_header(struct framing *framing, const char *name, const char *value)
{
	if (!is_token(name))
		return bad_request("a header name with a forbidden character");
	if (has_control(value, ' '))
		return bad_request("a header value with a control character");
	if (strcasecmp(name, "Content-Length") == 0)
		return see_length(framing, value);
	if (strcasecmp(name, "Transfer-Encoding") == 0)
		return see_coding(framing, value);
	if (strcasecmp(name, "Host") == 0)
		framing->hosts++;
	return no_refusal;
}

/* evhttp reads no body after these, whatever the headers announce. */
static bool
body_is_left_unread(const struct evhttp_request *evhttp)
{
	switch ((int)evhttp->type) {
	case EVHTTP_REQ_GET:
	case EVHTTP_REQ_POST:
	case EVHTTP_REQ_PUT:
	case EVHTTP_REQ_DELETE:
	case EVHTTP_REQ_OPTIONS:
	case EVHTTP_REQ_CONNECT:
	case EVHTTP_REQ_PATCH:
		return false;
	default:
		return true;
	}
}

static struct http_refusal
judge_framing(
	const struct evhttp_request *evhttp, const struct framing *framing)
{
	bool old = evhttp->minor == 0;
	if (framing->is_chunked && framing->length != NULL)
		return bad_request("both Content-Length and Transfer-Encoding");
	if (framing->is_chunked && old)
		return bad_request("Transfer-Encoding in HTTP/1.0");
	if (framing->hosts > 1 || (framing->hosts == 0 && !old))
		return bad_request("exactly one Host header is needed");
	bool has_body =
		framing->is_chunked ||
		(framing->length != NULL && strspn(framing->length, "0") !=
						    strlen(framing->length));
	if (has_body && body_is_left_unread(evhttp))
		return bad_request("a body where the method has none");
	return no_refusal;
}

static struct http_refusal
judge_target(const char *target)
{
	if (has_control(target, '!') || strchr(target, '\t') != NULL)
		return bad_request("a blank or control character in the path");
	if (strstr(target, "%00") != NULL)
		return bad_request("an encoded NUL in the path");
	return no_refusal;
}

struct http_refusal
http_request_judge(const struct http_request *request)
{
	const struct evhttp_request *evhttp = request->evhttp;
	if (evhttp->major != 1 || (evhttp->minor != 0 && evhttp->minor != 1))
		return (struct http_refusal){505, "HTTP/1.1 is spoken here"};
	struct http_refusal refusal = judge_target(evhttp->uri);
	struct framing framing = {NULL, false, 0};
	const struct evkeyval *header = NULL;
	TAILQ_FOREACH(header, evhttp->input_headers, next)
	{
		if (refusal.detail != NULL)
			return refusal;
		refusal = see_header(&framing, header->key, header->value);
	}
	return refusal.detail != NULL ? refusal
				      : judge_framing(evhttp, &framing);
}
