/*
 * http_scan - the framing of a request, byte by byte where it must be.
 */
#include "loop/http_scan.h"
#include "base/text.h"

#include <string.h>

enum {
	RESTING_HEAD_BYTES = 1024,
	SIZE_DIGITS_LIMIT = 8, /* of a chunk */
};

void
http_scan_init(struct http_scan *scan, size_t head_limit, size_t body_limit)
{
	*scan = (struct http_scan){.state = HTTP_SCAN_HEAD,
		.head_limit = head_limit,
		.body_limit = body_limit};
}

void
http_scan_done(struct http_scan *scan)
{
	buf_done(&scan->head);
}

void
http_scan_next(struct http_scan *scan)
{
	if (scan->head.capacity > RESTING_HEAD_BYTES)
		buf_done(&scan->head);
	buf_clear(&scan->head);
	scan->state = HTTP_SCAN_HEAD;
	scan->framing = (struct http_framing){0, false};
	scan->body_bytes = scan->left = 0;
	scan->digits = 0;
	scan->has_new_line = false;
}

bool
http_scan_is_in_body(const struct http_scan *scan)
{
	return scan->state > HTTP_SCAN_HEAD && scan->state < HTTP_SCAN_DONE;
}

static void
refuse(struct http_scan *scan, int status, const char *detail)
{
	scan->state = HTTP_SCAN_REFUSED;
	scan->refusal = (struct http_refusal){status, detail};
}

/* ---- the head ---- */

/* False: a line of it is refused. */
static bool
judge(struct http_scan *scan)
{
	scan->refusal = http_judge_head(scan->head.data, scan->head.length,
		scan->body_limit, &scan->framing);
	scan->has_new_line = false;
	if (scan->refusal.detail != NULL)
		scan->state = HTTP_SCAN_REFUSED;
	return scan->refusal.detail == NULL;
}

/* What is wrong with an earlier line comes first. */
static void
refuse_line(struct http_scan *scan, int status, const char *detail)
{
	if (!scan->has_new_line || judge(scan))
		refuse(scan, status, detail);
}

static void
end_head(struct http_scan *scan)
{
	if (!judge(scan))
		return;
	scan->left = scan->framing.length;
	if (scan->framing.is_chunked)
		scan->state = HTTP_SCAN_SIZE;
	else
		scan->state = scan->left > 0 ? HTTP_SCAN_BODY : HTTP_SCAN_DONE;
}

/* A line has ended: it must have a CR, and an empty one ends the head. */
static void
end_line(struct http_scan *scan)
{
	struct buf *head = &scan->head;
	size_t length = head->length;

	if (length < 2 || head->data[length - 2] != '\r') {
		head->length--; /* no line */
		refuse_line(scan, 400, "a line that ends without a CR");
	} else if (length == 2) {
		refuse(scan, 400, "an empty line before the request");
	} else if (length >= 4 && head->data[length - 3] == '\n') {
		end_head(scan);
	} else {
		scan->has_new_line = true;
	}
}

/* Takes what is there of one line. */
static size_t
feed_head(struct http_scan *scan, const char *bytes, size_t length)
{
	const char *end = memchr(bytes, '\n', length);
	size_t take = end != NULL ? (size_t)(end - bytes) + 1 : length;
	size_t room = scan->head_limit - scan->head.length;

	/* As early as it shows: what speaks TLS or worse never ends a line. */
	if (scan->head.length == 0 && bytes[0] != '\r' && bytes[0] != '\n' &&
		!http_judge_is_token_char(bytes[0])) {
		refuse(scan, 400, "this is no HTTP");
		return 0;
	}
	if (take > room) {
		refuse_line(
			scan, 431, "the headers are larger than is taken here");
		return room;
	}
	buf_append(&scan->head, bytes, take);
	if (end != NULL)
		end_line(scan);
	return take;
}

/* ---- the body ---- */

static size_t
feed_data(struct http_scan *scan, size_t length)
{
	size_t take = length < scan->left ? length : scan->left;

	scan->left -= take;
	scan->body_bytes += take;
	if (scan->left == 0)
		scan->state = scan->state == HTTP_SCAN_BODY
				      ? HTTP_SCAN_DONE
				      : HTTP_SCAN_CHUNK_CR;
	return take;
}

static void
see_size(struct http_scan *scan, char c)
{
	int digit = text_hex_digit(c);

	if (c == '\r' && scan->digits > 0) {
		scan->state = HTTP_SCAN_SIZE_LF;
	} else if (c == ';') {
		refuse(scan, 400, "chunk extensions are not taken here");
	} else if (digit < 0 || scan->digits == SIZE_DIGITS_LIMIT) {
		refuse(scan, 400, "a chunk size that is no number");
	} else {
		scan->digits++;
		scan->left = scan->left * 16 + (size_t)digit;
		if (scan->left > scan->body_limit - scan->body_bytes)
			refuse(scan, 413,
				"the body is larger than is taken here");
	}
}

static void
expect(struct http_scan *scan, char c, char wanted, enum http_scan_state next)
{
	if (c == wanted)
		scan->state = next;
	else if (scan->state == HTTP_SCAN_LAST_CR)
		refuse(scan, 400, "trailers are not taken here");
	else
		refuse(scan, 400, "a chunk that does not end where it says");
}

static void
feed_char(struct http_scan *scan, char c)
{
	switch (scan->state) {
	case HTTP_SCAN_SIZE:
		see_size(scan, c);
		break;
	case HTTP_SCAN_SIZE_LF:
		expect(scan, c, '\n',
			scan->left > 0 ? HTTP_SCAN_CHUNK : HTTP_SCAN_LAST_CR);
		break;
	case HTTP_SCAN_CHUNK_CR:
		expect(scan, c, '\r', HTTP_SCAN_CHUNK_LF);
		break;
	case HTTP_SCAN_CHUNK_LF:
		expect(scan, c, '\n', HTTP_SCAN_SIZE);
		scan->digits = 0;
		break;
	case HTTP_SCAN_LAST_CR:
		expect(scan, c, '\r', HTTP_SCAN_LAST_LF);
		break;
	case HTTP_SCAN_LAST_LF:
		expect(scan, c, '\n', HTTP_SCAN_DONE);
		break;
	case HTTP_SCAN_HEAD:
	case HTTP_SCAN_BODY:
	case HTTP_SCAN_CHUNK:
	case HTTP_SCAN_DONE:
	case HTTP_SCAN_REFUSED:
		break;
	}
}

size_t
http_scan_feed(struct http_scan *scan, const char *bytes, size_t length)
{
	size_t fed = 0;

	while (fed < length && scan->state < HTTP_SCAN_DONE) {
		if (scan->state == HTTP_SCAN_HEAD)
			fed += feed_head(scan, bytes + fed, length - fed);
		else if (scan->state == HTTP_SCAN_BODY ||
			 scan->state == HTTP_SCAN_CHUNK)
			fed += feed_data(scan, length - fed);
		else
			feed_char(scan, bytes[fed++]);
	}
	/* evhttp will read the lines that are whole. */
	if (scan->state == HTTP_SCAN_HEAD && scan->has_new_line)
		(void)judge(scan);
	return fed;
}
