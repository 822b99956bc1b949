/*
 * err - why something failed, as one sentence for a person.
 *
 * What can fail returns bool and takes a last parameter struct err *. Lower
 * floors fill it and return false; upper floors log it. Never both.
 */
#ifndef NPSD_BASE_ERR_H
#define NPSD_BASE_ERR_H

#include <stdbool.h>
#include <stddef.h>

#define must_check __attribute__((warn_unused_result))

/* Longest reason kept, in bytes with the final NUL; longer ones are cut. */
enum { ERR_LIMIT_BYTES = 512 };

struct err {
	char text[ERR_LIMIT_BYTES];
};

/*
 * Sets the reason, printf-style, without a final newline. Always returns
 * false, so that a function can end with `return err_set(err, ...)`.
 * err may be NULL: then nothing is kept.
 */
bool err_set(struct err *err, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* As err_set, and appends ": " and the text of errno as it was at the call. */
bool err_errno(struct err *err, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Puts "CONTEXT: " before the reason that is there. Always returns false. */
bool err_prefix(struct err *err, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
