/*
 * memory - allocation that ends the process instead of returning NULL.
 */
#include "base/memory.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SMALL_BYTES = 1024 }; /* glibc's cache holds pieces up to this size */

/* No log and no printf here: both may want memory. */
void
mem_out(void)
{
	static const char line[] = "npsd: error: out of memory\n";
	ssize_t written = write(STDERR_FILENO, line, sizeof(line) - 1);

	(void)written;
	abort();
}

/* What is small is wiped here: glibc's calloc passes by the thread's own cache of
 * freed pieces, and then takes five times as long. */
static void *
wiped(size_t bytes)
{
	void *memory;

	if (bytes > SMALL_BYTES)
		return calloc(1, bytes);
	memory = malloc(bytes);
	return memory ? memset(memory, 0, bytes) : NULL;
}

void *
mem_new(size_t count, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(count, size, &bytes))
		mem_out();
	/* One byte at least: a request for none may be answered with NULL. */
	void *memory = wiped(bytes ? bytes : 1);

	if (!memory)
		mem_out();
	return memory;
}

void *
mem_grow(void *old, size_t count, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(count, size, &bytes))
		mem_out();
	void *memory = realloc(old, bytes ? bytes : 1);

	if (!memory)
		mem_out();
	return memory;
}

void *
mem_reach(void *old, size_t *count, size_t index, size_t size)
{
	size_t more = index + index / 2 + 64;
	char *array;

	if (index < *count)
		return old;
	array = mem_grow(old, more, size);
	memset(array + *count * size, 0, (more - *count) * size);
	*count = more;
	return array;
}

char *
mem_strdup(const char *text)
{
	return text ? mem_copy(text, strlen(text)) : NULL;
}

char *
mem_copy(const void *bytes, size_t length)
{
	if (length == SIZE_MAX)
		mem_out();
	char *copy = malloc(length + 1);

	if (!copy)
		mem_out();
	if (length)
		memcpy(copy, bytes, length);
	copy[length] = '\0';
	return copy;
}

char *
mem_printf(const char *format, ...)
{
	char *text;
	va_list arguments;

	va_start(arguments, format);
	int length = vasprintf(&text, format, arguments);

	va_end(arguments);
	if (length < 0)
		mem_out();
	return text;
}
