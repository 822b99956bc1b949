/*
 * transfer_check - injection stops here.
 */
#include "loop/transfer_check.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "loop/wire_url.h"

enum { ADDRESS_LIMIT_BYTES = 254, METHOD_LIMIT_BYTES = 20 };

static bool
is_control(char c)
{
	return ((unsigned char)c < ' ' && c != '\t') || c == 0x7f;
}

/* Eight bytes at a time, of which few hold any that is below a blank or DEL:
 * the header of each try comes by here. */
static bool
may_have_control(const char *bytes)
{
	const uint64_t ones = UINT64_C(0x0101010101010101);
	uint64_t word, dels;
	memcpy(&word, bytes, sizeof word);
	dels = word ^ ones * 0x7f;
	return (((word - ones * ' ') & ~word) | ((dels - ones) & ~dels)) &
	       ones * 0x80;
}

static bool
has_control(const char *text)
{
	size_t length = strlen(text), at = 0;
	for (; at + sizeof(uint64_t) <= length; at += sizeof(uint64_t))
		if (may_have_control(text + at))
			break;
	for (; at < length; at++)
		if (is_control(text[at]))
			return true;
	return false;
}

static bool
is_method(const char *method)
{
	size_t length = strspn(method, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
	return length > 0 && length <= METHOD_LIMIT_BYTES &&
	       method[length] == '\0';
}

/* What may not stand in a header's name: RFC 9110 5.6.2, but for the colon,
 * which ends it. */
static bool
is_separator(char c)
{
	switch (c) {
	case ' ':
	case '\t':
	case '"':
	case '(':
	case ')':
	case ',':
	case '/':
	case ';':
	case '<':
	case '=':
	case '>':
	case '?':
	case '@':
	case '[':
	case '\\':
	case ']':
	case '{':
	case '}':
		return true;
	default:
		return false;
	}
}

static bool
is_header(const char *header)
{
	size_t name = 0;
	while (header[name] != '\0' && header[name] != ':' &&
		!is_separator(header[name]))
		name++;
	return name > 0 && header[name] == ':' && !has_control(header);
}

static bool
is_address(const char *address)
{
	return strlen(address) <= ADDRESS_LIMIT_BYTES &&
	       !has_control(address) && strpbrk(address, " \t<>") == NULL &&
	       text_is_utf8(address, strlen(address), NULL);
}

/* Only whole CRLF: a lone CR or LF is where one server sees the end of a mail
 * and the next one does not. */
static bool
has_clean_lines(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		bool crlf = text[i] == '\r' && i + 1 < length &&
			    text[i + 1] == '\n';
		if (crlf)
			i++;
		else if (text[i] == '\r' || text[i] == '\n' || text[i] == '\0')
			return false;
	}
	return true;
}

static const char *
check_mail(const struct transfer_request *request)
{
	if (request->mail_to == NULL || *request->mail_to == '\0')
		return "the mail has no recipient";
	if (!is_address(request->mail_to))
		return "the recipient is no bare mail address";
	if (request->mail_from != NULL && !is_address(request->mail_from))
		return "the sender is no bare mail address";
	if (request->body_length > 0 &&
		!has_clean_lines(request->body, request->body_length))
		return "the mail has a line that does not end in CRLF";
	return NULL;
}

static const char *
check_http(const struct transfer_request *request)
{
	if (request->method != NULL && !is_method(request->method))
		return "the method is not a word in capitals";
	for (const char *const *header = request->headers;
		header != NULL && *header != NULL; header++)
		if (!is_header(*header))
			return "a header is malformed or has a control "
			       "character";
	return NULL;
}

const char *
transfer_check(const struct transfer_request *request, bool is_mail)
{
	if (request->user != NULL && has_control(request->user))
		return "the user name has a control character";
	if (request->password != NULL && has_control(request->password))
		return "the password has a control character";
	return is_mail ? check_mail(request) : check_http(request);
}

bool
transfer_url_is_good(
	const char *url, const char *const *schemes, struct err *err)
{
	struct wire_url parts;
	bool good = false;
	if (!wire_url_read(url, &parts, err))
		return false;
	for (; *schemes != NULL && !good; schemes++)
		good = strcmp(parts.scheme, *schemes) == 0;
	if (!good)
		err_set(err, "a URL that starts with %s:// is of no use here",
			parts.scheme);
	wire_url_done(&parts);
	return good;
}
