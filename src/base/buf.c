/*
 * buf - a growing run of bytes.
 */
#include "base/buf.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum { FIRST_CAPACITY_BYTES = 64 };

void
buf_reserve(struct buf *buf, size_t more)
{
	size_t wanted;

	if (__builtin_add_overflow(buf->length, more, &wanted) ||
		__builtin_add_overflow(wanted, 1, &wanted))
		wanted = SIZE_MAX; /* ends the process just below */
	if (wanted <= buf->capacity)
		return;

	/* Doubling keeps the cost of many appends linear. */
	size_t capacity = buf->capacity;

	if (capacity < FIRST_CAPACITY_BYTES)
		capacity = FIRST_CAPACITY_BYTES;
	while (capacity < wanted && capacity <= SIZE_MAX / 2)
		capacity *= 2;
	if (capacity < wanted)
		capacity = wanted;
	buf->data = mem_grow(buf->data, capacity, 1);
	buf->capacity = capacity;
}

void
buf_append(struct buf *buf, const void *bytes, size_t length)
{
	if (length >= buf->capacity - buf->length)
		buf_reserve(buf, length);
	if (length)
		memcpy(buf->data + buf->length, bytes, length);
	buf->length += length;
	buf->data[buf->length] = '\0';
}

void
buf_append_text(struct buf *buf, const char *text)
{
	buf_append(buf, text, strlen(text));
}

void
buf_append_char(struct buf *buf, char c)
{
	if (1 >= buf->capacity - buf->length)
		buf_reserve(buf, 1);
	buf->data[buf->length++] = c;
	buf->data[buf->length] = '\0';
}

void
buf_append_integer(struct buf *buf, int64_t value)
{
	char digits[20];
	char *end = digits + sizeof(digits), *at = end;
	uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;

	do
		*--at = (char)('0' + rest % 10);
	while ((rest /= 10) > 0);
	if (value < 0)
		*--at = '-';
	buf_append(buf, at, (size_t)(end - at));
}

void
buf_printf(struct buf *buf, const char *format, ...)
{
	va_list arguments;

	buf_reserve(buf, FIRST_CAPACITY_BYTES - 1);
	size_t room = buf->capacity - buf->length;

	va_start(arguments, format);
	int length =
		vsnprintf(buf->data + buf->length, room, format, arguments);
	va_end(arguments);
	if (length < 0) {
		buf->data[buf->length] = '\0';
		return;
	}
	if ((size_t)length >= room) {
		buf_reserve(buf, (size_t)length);
		va_start(arguments, format);
		(void)vsnprintf(buf->data + buf->length, (size_t)length + 1,
			format, arguments);
		va_end(arguments);
	}
	buf->length += (size_t)length;
}

void
buf_consume(struct buf *buf, size_t length)
{
	if (length > buf->length)
		length = buf->length;
	if (!length)
		return;
	buf->length -= length;
	memmove(buf->data, buf->data + length, buf->length);
	buf->data[buf->length] = '\0';
}

void
buf_clear(struct buf *buf)
{
	buf->length = 0;
	if (buf->data)
		buf->data[0] = '\0';
}

void
buf_done(struct buf *buf)
{
	free(buf->data);
	*buf = (struct buf){0};
}

char *
buf_take(struct buf *buf)
{
	buf_reserve(buf, 0); /* an empty one gives "" and never NULL */
	buf->data[buf->length] = '\0';
	char *data = buf->data;

	*buf = (struct buf){0};
	return data;
}
