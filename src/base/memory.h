/*
 * memory - allocation that never returns NULL.
 *
 * Out of memory ends the process with one line on stderr and abort(): the
 * queue is on disk, so nothing that was acknowledged is lost by it.
 */
#ifndef NPSD_BASE_MEMORY_H
#define NPSD_BASE_MEMORY_H

#include <stddef.h>

/* Zeroed memory of count * size bytes; overflow ends the process too. */
void *mem_new(size_t count, size_t size)
	__attribute__((returns_nonnull, malloc));
/* Grows or shrinks to count * size bytes; new bytes are not zeroed. */
void *mem_grow(void *old, size_t count, size_t size)
	__attribute__((returns_nonnull));
/* Grows an array of *count items so that it has one at `index`, and more than
 * asked for, so that one after the other costs little; new ones are zeroed. */
void *mem_reach(void *old, size_t *count, size_t index, size_t size)
	__attribute__((returns_nonnull));
/* A copy of a C string; NULL gives NULL. The caller frees it with free(). */
char *mem_strdup(const char *text);
/* A NUL-terminated copy of length bytes. The caller frees it with free(). */
char *mem_copy(const void *bytes, size_t length)
	__attribute__((returns_nonnull, malloc));
/* printf into a new string. The caller frees it with free(). */
char *mem_printf(const char *format, ...)
	__attribute__((format(printf, 1, 2), returns_nonnull, malloc));
/* Ends the process as said above, for other ways to get memory. */
__attribute__((noreturn)) void mem_out(void);

#endif
