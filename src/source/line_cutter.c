/* line_cutter - cuts bytes into lines. */
#include "source/line_cutter.h"

#include <string.h>

static const char mark[] = "\xEF\xBB\xBF";

void
line_cutter_init(struct line_cutter *cutter, const char *data, size_t length,
	size_t limit, bool is_start, int64_t lines)
{
	*cutter = (struct line_cutter){.data = data,
		.length = length,
		.limit = limit,
		.number = lines};
	if (is_start && length >= 3 && memcmp(data, mark, 3) == 0)
		cutter->at = 3;
}

static bool
is_blank(const char *data, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (data[i] != ' ' && data[i] != '\t' && data[i] != '\r')
			return false;
	return true;
}

/* Passes the line that lies between `at` and end; `next` begins the one
 * behind it. */
static enum line_kind
pass(struct line_cutter *cutter, size_t end, size_t next, struct line *line)
{
	size_t start = cutter->at;

	cutter->at = next;
	cutter->number++;
	if (end > start && cutter->data[end - 1] == '\r')
		end--;
	if (is_blank(cutter->data + start, end - start))
		return LINE_NONE;
	*line = (struct line){start, end - start, cutter->number};
	return end - start > cutter->limit ? LINE_TOO_LONG : LINE_WHOLE;
}

enum line_kind
line_cutter_next(struct line_cutter *cutter, struct line *line)
{
	while (cutter->at < cutter->length) {
		const char *end = memchr(cutter->data + cutter->at, '\n',
			cutter->length - cutter->at);
		enum line_kind kind;
		size_t at;

		if (end == NULL)
			break;
		at = (size_t)(end - cutter->data);
		kind = pass(cutter, at, at + 1, line);
		if (kind != LINE_NONE)
			return kind;
	}
	return LINE_NONE;
}

enum line_kind
line_cutter_last(struct line_cutter *cutter, struct line *line)
{
	if (cutter->at >= cutter->length)
		return LINE_NONE;
	return pass(cutter, cutter->length, cutter->length, line);
}
