/* json_elements - a JSON array as a line each. */
#include "top/json_elements.h"

#include <string.h>

/* Within a text no line's end may stand; such a byte keeps the line whole and
 * is refused by its reader. */
enum { NO_LINE_END = '\x01' };

static bool
is_gap(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void
end_value(struct json_elements *elements, struct buf *out)
{
	buf_append_char(out, '\n');
	elements->inside = false;
	elements->depth = 0;
}

static void
add_string_byte(struct json_elements *elements, char c, struct buf *out)
{
	buf_append_char(out, c == '\n' || c == '\r' ? NO_LINE_END : c);
	if (elements->escaped)
		elements->escaped = false;
	else if (c == '\\')
		elements->escaped = true;
	else if (c == '"')
		elements->is_string = false;
}

/* Between values. False: the byte begins none. */
static bool
begins(struct json_elements *elements, char c)
{
	if (is_gap(c))
		return false;
	if (c == '[' && !elements->is_array) {
		elements->is_array = true;
		return false;
	}
	if (elements->is_array && (c == ',' || c == ']'))
		return false;
	elements->inside = true;
	return true;
}

static void
add_byte(struct json_elements *elements, char c, struct buf *out)
{
	bool was_deep = elements->depth > 0;

	if (elements->is_string) {
		add_string_byte(elements, c, out);
		return;
	}
	if (!elements->inside && !begins(elements, c))
		return;
	if (elements->is_array && !was_deep && (c == ',' || c == ']')) {
		end_value(elements, out);
		return;
	}
	elements->is_string = c == '"';
	if (c == '{' || c == '[')
		elements->depth++;
	else if ((c == '}' || c == ']') && was_deep)
		elements->depth--;
	buf_append_char(out, c == '\n' || c == '\r' ? ' ' : c);
	/* Without an array around, a value ends with its bracket. */
	if (!elements->is_array && was_deep && elements->depth == 0)
		end_value(elements, out);
}

void
json_elements_add(struct json_elements *elements, const char *data,
	size_t length, struct buf *out)
{
	static const char mark[] = "\xEF\xBB\xBF";

	for (size_t i = 0; i < length; i++) {
		if (elements->mark < 3 && data[i] == mark[elements->mark]) {
			elements->mark++;
			continue;
		}
		elements->mark = 3;
		add_byte(elements, data[i], out);
	}
}

void
json_elements_end(struct json_elements *elements, struct buf *out)
{
	if (elements->inside)
		end_value(elements, out);
}
