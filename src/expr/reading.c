#include "expr/reading.h"

#include <string.h>

struct reading
reading_of(const struct path *start)
{
	return (struct reading){
		.start = *start,
		.here = *start,
		.simple = true,
	};
}

static bool
is_name(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		char c = text[i];
		bool letter = (c >= 'a' && c <= 'z') ||
			      (c >= 'A' && c <= 'Z') || c == '_';
		if (!letter && (i == 0 || c < '0' || c > '9'))
			return false;
	}
	return length > 0;
}

/* False if the name cannot stand in a path. */
static bool
path_add(struct path *path, const char *name, size_t length)
{
	if (!is_name(name, length) ||
		path->length + 1 + length > PATH_LIMIT_BYTES)
		return false;
	path->text[path->length] = '.';
	memcpy(path->text + path->length + 1, name, length);
	path->length += 1 + length;
	return true;
}

static void
tell(const struct reader *reader, const struct path *path)
{
	if (path->known)
		reader->on_path(path->text, path->length, reader->context);
}

void
reading_begin_path(struct reading *reading)
{
	bool blind = reading->blind || reading->blind_next || reading->pattern;
	reading->blind_next = false;
	if (blind || !reading->here.known) {
		reading->value = VALUE_OTHER;
		return;
	}
	reading->value = VALUE_PATH;
	reading->path = reading->here;
	reading->exact = true;
	reading->reads = false;
}

void
reading_begin_other(struct reading *reading)
{
	reading->blind_next = false;
	reading->value = VALUE_OTHER;
}

void
reading_take(struct reading *reading, const struct reading *inner)
{
	reading_begin_other(reading);
	reading->value = VALUE_PATH;
	reading->path = inner->path;
	reading->exact = inner->exact;
	reading->reads = inner->reads;
}

void
reading_add_field(struct reading *reading, const char *name, size_t length)
{
	if (reading->value != VALUE_PATH || !reading->exact)
		return;
	if (path_add(&reading->path, name, length))
		reading->reads = true;
	else
		reading_blur(reading);
}

void
reading_blur(struct reading *reading)
{
	reading->exact = false;
}

void
reading_end(struct reading *reading, const struct reader *reader)
{
	if (reading->value == VALUE_PATH && reading->reads)
		tell(reader, &reading->path);
	reading->value = VALUE_NONE;
	reading->blind_next = false;
}

void
reading_operator(struct reading *reading, const struct reader *reader)
{
	reading_end(reading, reader);
	reading->simple = false;
}

void
reading_pipe(struct reading *reading, const struct reader *reader)
{
	bool path = reading->simple && reading->value == VALUE_PATH &&
		    reading->exact;
	if (reading->binding)
		reading->pattern = false;
	else if (path)
		reading->here = reading->path;
	else
		reading->here.known = false;
	reading_end(reading, reader);
	reading->simple = true;
	reading->binding = false;
	reading->blind = false;
}

void
reading_restart(struct reading *reading, const struct reader *reader)
{
	reading_end(reading, reader);
	*reading = reading_of(&reading->start);
}

void
reading_tell_field(const struct reading *reading, const struct reader *reader,
	const char *name, size_t length)
{
	struct path path = reading->here;
	if (path_add(&path, name, length))
		tell(reader, &path);
}
