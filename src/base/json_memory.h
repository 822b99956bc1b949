/*
 * json_memory - where JSON values and records live.
 *
 * A tree becomes some seventy small pieces that are made together and freed
 * together: they are cut one behind the other from a chunk, and a chunk is given
 * back when its last piece is.
 *
 *	chunk (aligned to its size)
 *	[ live | piece piece piece ...free... ]
 *	         ^ found again by the address   ^ next
 *
 * Any thread may free what another made. Off in builds with sanitizers, which
 * watch each piece.
 */
#ifndef NPSD_BASE_JSON_MEMORY_H
#define NPSD_BASE_JSON_MEMORY_H

#include <stddef.h>

/* Never NULL: out of memory ends the process. */
void *json_memory_new(size_t size);
void json_memory_free(void *piece); /* NULL is fine */
/* Makes jansson use it: before the first value and any thread. A text of
 * json_dumps is then not freed with free(): json_text_with gives one that is. */
void json_memory_init(void);

#endif
