/* exchange - what went over the wire in one transfer, for a person. */
#include "loop/exchange.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "base/text.h"
#include "loop/transfer.h"

#define MASK "********"

static void
add_line(struct exchange *exchange, char who, const char *line, size_t length)
{
	if (exchange->text.length >= EXCHANGE_LIMIT_BYTES)
		return;
	buf_printf(&exchange->text, "%c ", who);
	text_append_escaped(
		&exchange->text, line, length, EXCHANGE_LIMIT_BYTES);
	buf_append_char(&exchange->text, '\n');
}

/* Calls add for each line without its end. */
static void
each_line(struct exchange *exchange, char who, const char *bytes, size_t length,
	void (*add)(struct exchange *exchange, char who, const char *line,
		size_t length))
{
	const char *end = bytes + length;

	while (bytes < end) {
		const char *stop = memchr(bytes, '\n', (size_t)(end - bytes));
		size_t size = (size_t)((stop != NULL ? stop : end) - bytes);
		size_t whole = size;

		if (size > 0 && bytes[size - 1] == '\r')
			size--;
		if (size > 0)
			add(exchange, who, bytes, size);
		bytes += whole + (stop != NULL);
	}
}

/* ---- HTTP ---- */

static bool
is_open_header(const char *header, size_t name)
{
	static const char *const open[] = {"Content-Type", "Accept",
		"User-Agent", "Idempotency-Key", "webhook-id",
		"webhook-timestamp", "traceparent"};

	if (name > 3 && strncasecmp(header, "ce-", 3) == 0)
		return true;
	for (size_t i = 0; i < sizeof(open) / sizeof(open[0]); i++)
		if (strlen(open[i]) == name &&
			strncasecmp(header, open[i], name) == 0)
			return true;
	return false;
}

static void
add_header(struct exchange *exchange, const char *header)
{
	size_t name = strcspn(header, ":");
	char *masked;

	if (is_open_header(header, name)) {
		add_line(exchange, '>', header, strlen(header));
		return;
	}
	masked = mem_printf("%.*s: " MASK, (int)name, header);
	add_line(exchange, '>', masked, strlen(masked));
	free(masked);
}

/* Scheme and host; a path or a query may be a secret. */
static void
add_request_line(
	struct exchange *exchange, const struct transfer_request *request)
{
	const char *rest = strstr(request->url, "://");
	size_t length = rest == NULL ? 0 : strcspn(rest + 3, "/?#") + 3;
	char *line = mem_printf("%s %.*s%s",
		request->method != NULL ? request->method : "POST",
		rest == NULL ? 0 : (int)(rest - request->url + (long)length),
		request->url,
		rest != NULL && rest[length] != '\0' ? "/" MASK : "/");

	add_line(exchange, '>', line, strlen(line));
	free(line);
}

void
exchange_request(
	struct exchange *exchange, const struct transfer_request *request)
{
	if (exchange == NULL)
		return;
	add_request_line(exchange, request);
	if (request->user != NULL)
		add_header(exchange, "Authorization:");
	for (const char *const *header = request->headers;
		header != NULL && *header != NULL; header++)
		add_header(exchange, *header);
}

void
exchange_heard_body(struct exchange *exchange, const char *bytes, size_t length)
{
	size_t room;

	if (exchange == NULL)
		return;
	room = EXCHANGE_BODY_BYTES - exchange->body_bytes;
	if (length > room)
		length = room;
	exchange->body_bytes += length;
	each_line(exchange, '<', bytes, length, add_line);
}

/* ---- SMTP ---- */

/* While it logs in, what is none of these words may be a secret. */
static void
add_said(struct exchange *exchange, char who, const char *line, size_t length)
{
	static const char *const open[] = {"EHLO", "HELO", "STARTTLS", "MAIL",
		"RCPT", "DATA", "RSET", "NOOP", "QUIT"};
	size_t word = 0;

	while (word < length && line[word] != ' ')
		word++;
	for (size_t i = 0; i < sizeof(open) / sizeof(open[0]); i++)
		if (strlen(open[i]) == word &&
			strncasecmp(line, open[i], word) == 0) {
			add_line(exchange, who, line, length);
			return;
		}
	if (word == 4 && strncasecmp(line, "AUTH", 4) == 0)
		add_line(exchange, who, "AUTH " MASK, strlen("AUTH " MASK));
	else
		add_line(exchange, who, MASK, strlen(MASK));
}

void
exchange_said(struct exchange *exchange, const char *bytes, size_t length)
{
	if (exchange != NULL)
		each_line(exchange, '>', bytes, length, add_said);
}

void
exchange_heard(struct exchange *exchange, const char *bytes, size_t length)
{
	if (exchange != NULL)
		each_line(exchange, '<', bytes, length, add_line);
}
