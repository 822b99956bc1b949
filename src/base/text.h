/*
 * text - small questions about strings and bytes that came from outside.
 * No locale is ever asked: results are the same under any LC_*.
 */
#ifndef NPSD_BASE_TEXT_H
#define NPSD_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/* A run of bytes that belongs to somebody else; not NUL-terminated. */
struct text {
	const char *data;
	size_t length;
};

struct text text_of(const char *string); /* NULL gives an empty one */
bool text_equal(struct text a, const char *b);
bool text_same(const char *a, const char *b); /* NULL equals NULL only */
bool text_starts(const char *string, const char *prefix);
/* The noun for so many, as in "1 answer", "2 answers", "0 answers". What is in
 * the reader's language is language_append_count's. */
const char *text_plural(int64_t count, const char *one, const char *other);
/* Strips spaces, tabs, CR and LF at both ends. */
struct text text_trim(struct text text);

/* True if the bytes are well-formed UTF-8 (RFC 3629): no overlong forms, no
 * surrogates, nothing above U+10FFFF. *at gets the offset of the first bad
 * byte. NUL is well-formed. */
bool text_is_utf8(const char *data, size_t length, size_t *at);
/* Length in bytes of the well-formed UTF-8 sequence at the start of the bytes
 * and its code point; 0 if there is none. code may be NULL. */
size_t text_sequence(const char *data, size_t length, uint32_t *code);
/* True for code points that may start a line or move what a terminal shows:
 * C0, DEL, C1, the line separators and the bidirectional controls. */
bool text_moves(uint32_t code);
/* Length in bytes of the longest prefix of at most `limit` bytes that does not
 * cut a UTF-8 sequence. */
size_t text_cut(const char *data, size_t length, size_t limit);

/* Whole string is a decimal integer in [low, high]; no sign but '-', no blanks,
 * no leading zeros but "0". */
bool text_to_integer(
	const char *string, int64_t low, int64_t high, int64_t *value);

/* Appends the shortest decimal text (%.15g to %.17g) that reads back as the
 * same finite number, with '.' under any locale. */
void text_append_double(struct buf *out, double value);

/* ASCII lower case, in place. */
void text_lower(char *string);
/* Edit distance (Damerau-Levenshtein, adjacent swaps count one), at most
 * `limit` + 1. */
size_t text_distance(const char *a, const char *b, size_t limit);
/* What a hexadecimal digit of either case is worth, -1: it is none. */
int text_hex_digit(char c);
/* Decodes %XX (RFC 3986) in place and returns the new length; what is no escape
 * stays as it is, as browsers have it. In forms and queries a plus is a blank. */
size_t text_percent_decode(char *text, size_t length, bool plus_is_blank);

/* What stands in HTML for a sign that would be read as its own there, in elements
 * and between quotes; NULL: the sign stands for itself. */
const char *text_html_entity(uint32_t code);

/* The candidate nearest to `word` with distance at most a third of its length
 * (at least 1); NULL if none. `candidates` ends with NULL. */
const char *text_nearest(const char *word, const char *const *candidates);

/* Appends the bytes so that they fit on one terminal or log line: what
 * text_moves and invalid UTF-8 become \xNN (bytes) or \u{NNNN} (code points
 * past ASCII); a backslash is doubled. At most `limit` input bytes, then
 * "...". */
void text_append_escaped(
	struct buf *out, const char *data, size_t length, size_t limit);

#endif
