/*
 * http_answer - the reading side of an HTTP transfer.
 */
#include "loop/http_answer.h"

#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "loop/retry_after.h"
#include "loop/transfer.h"

enum { RESTING_BODY_BYTES = 4 * 1024 };

void
http_answer_clear(struct http_answer *answer)
{
	if (answer->body.capacity > RESTING_BODY_BYTES)
		buf_done(&answer->body);
	buf_clear(&answer->body);
	answer->status = 0;
	answer->is_whole = false;
	answer->header_bytes = 0;
	answer->retry_after[0] = '\0';
}

void
http_answer_done(struct http_answer *answer)
{
	buf_done(&answer->body);
}

/* "HTTP/1.1 200 OK" */
static int
status_of_line(const char *line, size_t length)
{
	const char *blank = memchr(line, ' ', length);
	if (blank == NULL || line + length - blank < 4)
		return 0;
	int status = 0;
	for (int i = 1; i <= 3; i++) {
		if (blank[i] < '0' || blank[i] > '9')
			return 0;
		status = status * 10 + (blank[i] - '0');
	}
	return status;
}

static void
keep_retry_after(struct http_answer *answer, const char *line, size_t length)
{
	static const char name[] = "Retry-After:";
	size_t skip = sizeof name - 1;
	if (length < skip || strncasecmp(line, name, skip) != 0)
		return;
	struct text value = text_trim(
		(struct text){.data = line + skip, .length = length - skip});
	if (value.length >= sizeof answer->retry_after)
		value.length = 0; /* nothing that can be read is so long */
	memcpy(answer->retry_after, value.data, value.length);
	answer->retry_after[value.length] = '\0';
}

bool
http_answer_header(struct http_answer *answer, const char *line, size_t length)
{
	answer->header_bytes += length;
	if (http_answer_is_endless(answer))
		return false;
	if (answer->is_whole)
		return true; /* a trailer */
	if (length >= 5 && memcmp(line, "HTTP/", 5) == 0) {
		answer->status = status_of_line(line, length);
		answer->retry_after[0] = '\0';
	} else if (length > 0 && (line[0] == '\r' || line[0] == '\n')) {
		answer->is_whole = answer->status >= 200;
	} else {
		keep_retry_after(answer, line, length);
	}
	return true;
}

bool
http_answer_body(struct http_answer *answer, const char *bytes, size_t length)
{
	size_t limit = answer->body_limit > 0
			       ? answer->body_limit
			       : (size_t)TRANSFER_BODY_LIMIT_BYTES;
	size_t room = limit - answer->body.length;

	buf_append(&answer->body, bytes, length < room ? length : room);
	return length <= room;
}

int
http_answer_status(const struct http_answer *answer)
{
	return answer->is_whole ? answer->status : 0;
}

bool
http_answer_is_endless(const struct http_answer *answer)
{
	return answer->header_bytes > HTTP_ANSWER_HEADERS_LIMIT_BYTES;
}

int64_t
http_answer_retry_after_ms(const struct http_answer *answer, int64_t now_ms)
{
	if (answer->retry_after[0] == '\0')
		return -1;
	return retry_after_read(answer->retry_after,
		strlen(answer->retry_after), now_ms,
		TRANSFER_RETRY_AFTER_LIMIT_MS);
}
