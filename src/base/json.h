/*
 * json - the strict reader of everything that arrives as JSON.
 *
 * RFC 8259 with every doubt refused: duplicate keys, invalid UTF-8, NUL (raw
 * or escaped), numbers that no integer of 64 bits or finite double holds,
 * NaN, comments, trailing bytes, depth beyond JSON_DEPTH_LIMIT. This unit
 * hides which library reads; values are jansson's json_t.
 */
#ifndef NPSD_BASE_JSON_H
#define NPSD_BASE_JSON_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/* Deepest nesting of arrays and objects that is accepted. */
enum { JSON_DEPTH_LIMIT = 32, JSON_REASON_BYTES = 160 };

/* Where and why a text was refused. */
struct json_fault {
	size_t offset; /* bytes from the start of the text */
	int line;      /* from 1 */
	int column;    /* from 1, in characters */
	char reason[JSON_REASON_BYTES];
};

/*
 * Reads exactly one JSON text of `length` bytes (white space around it
 * allowed). NULL and *fault filled if it is not one. The caller owns the
 * result (json_decref). A scalar is accepted as a text.
 */
json_t *json_read(
	const char *data, size_t length, struct json_fault *fault) must_check;
/* What we wrote ourselves, as a tree. New. */
struct buf;
json_t *json_written(const struct buf *text);
/* As json_read, always the slow way: what the quick one is measured by. */
json_t *json_read_strictly(
	const char *data, size_t length, struct json_fault *fault) must_check;

/* Compact text with keys in the order they were read, numbers as short as they
 * can be, no character that moves a terminal; the caller frees it. */
char *json_text(const json_t *value);
/* As json_text with sorted keys; equal values give equal texts. */
char *json_canonical(const json_t *value);
/* jansson's own text by its flags (JSON_INDENT and so on); the caller frees
 * it with free(), which a text of json_dumps may not be. */
char *json_text_with(const json_t *value, size_t flags);
/* The string member, or NULL if it is absent or no string. Lent. */
const char *json_string_at(const json_t *object, const char *key);
/* Appends the JSON string literal (with quotes) of UTF-8 bytes; what is not
 * UTF-8 becomes U+FFFD, what text_moves is escaped. */
void json_append_string(struct buf *out, const char *data, size_t length);
/* Of a finite number; it stays a real when it is read again. */
void json_append_real(struct buf *out, double value);

#endif
