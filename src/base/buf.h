/*
 * buf - a growing run of bytes.
 *
 *   data                 length              capacity
 *    |------- filled ------|------- free -------|
 *
 * Always NUL-terminated after an append, for callers that want a C string.
 * Zero initialisation is a valid empty buffer.
 */
#ifndef NPSD_BASE_BUF_H
#define NPSD_BASE_BUF_H

#include <stddef.h>
#include <stdint.h>

struct buf {
	char *data;
	size_t length;
	size_t capacity;
};

/* Room for at least `more` further bytes and a NUL. */
void buf_reserve(struct buf *buf, size_t more);
void buf_append(struct buf *buf, const void *bytes, size_t length);
void buf_append_text(struct buf *buf, const char *text);
void buf_append_char(struct buf *buf, char c);
/* In decimal. */
void buf_append_integer(struct buf *buf, int64_t value);
void buf_printf(struct buf *buf, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* Drops `length` bytes from the front; the rest moves up. */
void buf_consume(struct buf *buf, size_t length);
/* Empties it and keeps the memory. */
void buf_clear(struct buf *buf);
/* Gives the memory back and leaves a valid empty buffer. */
void buf_done(struct buf *buf);
/* Hands the NUL-terminated memory over to the caller, who frees it. */
char *buf_take(struct buf *buf);

#endif
