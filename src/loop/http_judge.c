/*
 * http_judge - the rules for the head of a request.
 */
#include "loop/http_judge.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <event2/http.h>

#include "base/memory.h"
#include "base/text.h"

/* evhttp refuses shorter request lines by itself, with a page of HTML. */
#define SHORTEST_LINE "GET / HTTP/1.1"

struct judging {
	struct http_framing *framing;
	size_t body_limit;
	struct text method, target;
	struct text host;   /* of the header */
	struct text length; /* Content-Length */
	bool is_old;	    /* HTTP/1.0 */
	bool has_host, has_length, has_type, has_authorization;
	size_t lines;
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

bool
http_judge_is_token_char(char c)
{
	char lower = (char)(c | 0x20);

	return (lower >= 'a' && lower <= 'z') || is_digit(c) || c == '-' ||
	       (c != '\0' && strchr("!#$%&'*+.^_`|~", c) != NULL);
}

static bool
is_token(struct text text)
{
	for (size_t i = 0; i < text.length; i++)
		if (!http_judge_is_token_char(text.data[i]))
			return false;
	return text.length > 0;
}

static bool
is_word(struct text text, const char *word)
{
	return text.length == strlen(word) &&
	       strncasecmp(text.data, word, text.length) == 0;
}

/* Cuts what stands before the character off *rest; all of it if there is no
 * such character, and then false. */
static bool
cut(struct text *rest, char at, struct text *before)
{
	const char *end = memchr(rest->data, at, rest->length);

	*before = *rest;
	if (end == NULL)
		return false;
	before->length = (size_t)(end - rest->data);
	rest->data = end + 1;
	rest->length -= before->length + 1;
	return true;
}

static bool
has_control(struct text text)
{
	for (size_t i = 0; i < text.length; i++) {
		unsigned char c = (unsigned char)text.data[i];

		if ((c < ' ' && c != '\t') || c == 0x7f)
			return true;
	}
	return false;
}

/* ---- the request line ---- */

static struct http_refusal
judge_version(struct judging *judging, struct text version)
{
	if (version.length != 8 || memcmp(version.data, "HTTP/", 5) != 0 ||
		!is_digit(version.data[5]) || version.data[6] != '.' ||
		!is_digit(version.data[7]))
		return bad_request("the request line must be METHOD, blank, "
				   "target, blank, HTTP/1.1");
	judging->is_old = version.data[7] == '0';
	if (version.data[5] != '1' || version.data[7] > '1')
		return (struct http_refusal){505, "HTTP/1.1 is spoken here"};
	return no_refusal;
}

static bool
has_encoded_nul(struct text target)
{
	for (size_t i = 0; i + 2 < target.length; i++)
		if (memcmp(target.data + i, "%00", 3) == 0)
			return true;
	return false;
}

/* "http://host/path", as evhttp will read it. */
static bool
is_uri(struct text target)
{
	char *text = mem_copy(target.data, target.length);
	struct evhttp_uri *uri = NULL;

	if (strncasecmp(text, "http://", 7) == 0 ||
		strncasecmp(text, "https://", 8) == 0)
		uri = evhttp_uri_parse_with_flags(
			text, EVHTTP_URI_NONCONFORMANT);
	free(text);
	if (uri == NULL)
		return false;
	evhttp_uri_free(uri);
	return true;
}

static bool
may_be_in_target(char c)
{
	switch (c) {
	case '"':
	case '<':
	case '>':
	case '\\':
	case '^':
	case '`':
	case '{':
	case '|':
	case '}':
	case '#':
		return false;
	default:
		return c > ' ' && c < 0x7f;
	}
}

static struct http_refusal
judge_target(const struct judging *judging)
{
	struct text target = judging->target;

	if (target.length == 0)
		return bad_request("no path in the request line");
	for (size_t i = 0; i < target.length; i++)
		if (!may_be_in_target(target.data[i]))
			return bad_request("a character in the path that must "
					   "be percent-encoded");
	if (has_encoded_nul(target))
		return bad_request("an encoded NUL in the path");
	/* evhttp would take what follows for a host. */
	if (target.length > 1 && memcmp(target.data, "//", 2) == 0)
		return bad_request("the path begins with two slashes");
	if (target.data[0] == '/' || text_equal(target, "*") || is_uri(target))
		return no_refusal;
	return bad_request("the path must begin with a slash");
}

static struct http_refusal
judge_request_line(struct judging *judging, struct text line)
{
	struct http_refusal refusal;
	size_t length = line.length;

	if (!cut(&line, ' ', &judging->method) || !is_token(judging->method) ||
		!cut(&line, ' ', &judging->target) ||
		length < sizeof SHORTEST_LINE - 1)
		return bad_request("the request line must be METHOD, blank, "
				   "target, blank, HTTP/1.1");
	if (text_equal(judging->method, "CONNECT"))
		return (struct http_refusal){501, "no tunnels are made here"};
	refusal = judge_version(judging, line);
	return refusal.detail != NULL ? refusal : judge_target(judging);
}

/* ---- headers ---- */

static struct http_refusal
see_length(struct judging *judging, struct text value)
{
	size_t zeros = 0, number = 0;

	for (size_t i = 0; i < value.length; i++)
		if (!is_digit(value.data[i]))
			return bad_request("Content-Length is not a number");
	if (value.length == 0)
		return bad_request("Content-Length is not a number");
	if (judging->has_length &&
		(value.length != judging->length.length ||
			memcmp(value.data, judging->length.data,
				value.length) != 0))
		return bad_request("two different Content-Length headers");
	judging->has_length = true;
	judging->length = value;
	while (zeros < value.length && value.data[zeros] == '0')
		zeros++;
	for (size_t i = zeros; i < value.length; i++) {
		number = number * 10 + (size_t)(value.data[i] - '0');
		if (number > judging->body_limit)
			return (struct http_refusal){
				413, "the body is larger than is taken here"};
	}
	judging->framing->length = number;
	return no_refusal;
}

static struct http_refusal
see_coding(struct judging *judging, struct text value)
{
	if (judging->framing->is_chunked)
		return bad_request("two Transfer-Encoding headers");
	if (!is_word(value, "chunked"))
		return (struct http_refusal){501,
			"the only Transfer-Encoding understood is chunked"};
	judging->framing->is_chunked = true;
	return no_refusal;
}

static bool
may_be_in_host(char c)
{
	return may_be_in_target(c) && c != ',' && c != '/' && c != '?' &&
	       c != '@';
}

static struct http_refusal
see_host(struct judging *judging, struct text value)
{
	if (judging->has_host)
		return bad_request("exactly one Host header is needed");
	for (size_t i = 0; i < value.length; i++)
		if (!may_be_in_host(value.data[i]))
			return bad_request("a Host that is no name and port");
	if (value.length == 0)
		return bad_request("exactly one Host header is needed");
	judging->has_host = true;
	judging->host = value;
	return no_refusal;
}

/* Whether it was there before. */
static bool
again(bool *seen)
{
	bool before = *seen;

	*seen = true;
	return before;
}

/* Blanks around a value don't belong to it. evhttp leaves a tab in front of it,
 * so that one is no blank where a value decides where the request ends. */
static struct text
value_of(struct text raw)
{
	while (raw.length > 0 && raw.data[0] == ' ') {
		raw.data++;
		raw.length--;
	}
	while (raw.length > 0 && (raw.data[raw.length - 1] == ' ' ||
					 raw.data[raw.length - 1] == '\t'))
		raw.length--;
	return raw;
}

static struct http_refusal
see_header(struct judging *judging, struct text name, struct text value)
{
	if (is_word(name, "Content-Length"))
		return see_length(judging, value);
	if (is_word(name, "Transfer-Encoding"))
		return see_coding(judging, value);
	if (is_word(name, "Host"))
		return see_host(judging, value);
	if (is_word(name, "Expect") && !is_word(value, "100-continue"))
		return (struct http_refusal){
			417, "the only expectation met is 100-continue"};
	if ((is_word(name, "Content-Type") && again(&judging->has_type)) ||
		(is_word(name, "Authorization") &&
			again(&judging->has_authorization)))
		return bad_request("a header twice that has one value only");
	return no_refusal;
}

static struct http_refusal
judge_header(struct judging *judging, struct text line)
{
	struct text name, rest = line;

	if (++judging->lines > HTTP_HEADER_LINES_LIMIT)
		return (struct http_refusal){
			431, "more headers than are taken here"};
	if (line.data[0] == ' ' || line.data[0] == '\t')
		return bad_request("a folded header");
	if (!cut(&rest, ':', &name) || !is_token(name))
		return bad_request("a header name with a forbidden character");
	if (has_control(rest))
		return bad_request("a header value with a control character");
	return see_header(judging, name, value_of(rest));
}

/* ---- all of it together ---- */

/* evhttp reads no body after other methods, whatever the headers announce. */
static bool
may_have_body(struct text method)
{
	static const char *const methods[] = {
		"GET", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", NULL};

	for (size_t i = 0; methods[i] != NULL; i++)
		if (text_equal(method, methods[i]))
			return true;
	return false;
}

/* A target such as http://host/path names the host a second time. */
static bool
hosts_differ(const struct judging *judging)
{
	struct text rest = judging->target, authority;

	if (rest.data[0] == '/' || text_equal(rest, "*") || !judging->has_host)
		return false;
	while (rest.data[0] != '/') {
		rest.data++;
		rest.length--;
	}
	rest.data += 2;
	rest.length -= 2;
	authority = rest;
	for (size_t i = 0; i < rest.length; i++)
		if (rest.data[i] == '/' || rest.data[i] == '?') {
			authority.length = i;
			break;
		}
	return authority.length != judging->host.length ||
	       strncasecmp(authority.data, judging->host.data,
		       authority.length) != 0;
}

static struct http_refusal
judge_together(const struct judging *judging)
{
	const struct http_framing *framing = judging->framing;

	if (framing->is_chunked && judging->has_length)
		return bad_request("both Content-Length and Transfer-Encoding");
	if (framing->is_chunked && judging->is_old)
		return bad_request("Transfer-Encoding in HTTP/1.0");
	if (!judging->has_host && !judging->is_old)
		return bad_request("exactly one Host header is needed");
	if (hosts_differ(judging))
		return bad_request("the request line and Host differ");
	if ((framing->is_chunked || framing->length > 0) &&
		!may_have_body(judging->method))
		return bad_request("a body where the method has none");
	return no_refusal;
}

/* Without its CR LF; false: there is no whole line any more. */
static bool
next_line(struct text *rest, struct text *line)
{
	if (!cut(rest, '\n', line) || line->length == 0)
		return false;
	line->length--;
	return true;
}

struct http_refusal
http_judge_head(const char *head, size_t length, size_t body_limit,
	struct http_framing *framing)
{
	struct judging judging = {.framing = framing, .body_limit = body_limit};
	struct text rest = {head, length}, line;
	struct http_refusal refusal = no_refusal;

	*framing = (struct http_framing){0, false};
	if (next_line(&rest, &line))
		refusal = judge_request_line(&judging, line);
	while (refusal.detail == NULL && next_line(&rest, &line)) {
		if (line.length == 0)
			return judge_together(&judging);
		refusal = judge_header(&judging, line);
	}
	return refusal;
}
