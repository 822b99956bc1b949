/*
 * fence - keeps each expression of a program on its own ground.
 *
 * Many texts stand behind one another in one jq program, each as the body of
 * a function. The fence refuses a text that could end its function early,
 * swallow what follows, or name what is npsd's. It does not say that a text
 * is right jq: the compiler does.
 */
#ifndef NPSD_EXPR_FENCE_H
#define NPSD_EXPR_FENCE_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"

/* Names that start so are npsd's own in every program. */
#define FENCE_OWN "npsd::"

/*
 * Appends to `out` the text as it may stand in a program: of the same length
 * with every byte in its place, but spaces for comments and for the carriage
 * returns of line ends. False with line and column otherwise.
 */
bool fence_text(const char *text, struct buf *out, struct err *err) must_check;

#endif
