/*
 * template - a text with \(EXPRESSION) in it as one jq expression.
 *
 * All else stands for itself, quotes and backslashes too; \\( gives \( . The
 * expressions are the operator's; what they give is escaped where the result
 * is HTML.
 */
#ifndef NPSD_ACTION_TEMPLATE_H
#define NPSD_ACTION_TEMPLATE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/text.h"

enum template_form {
	TEMPLATE_TEXT,	  /* plain */
	TEMPLATE_HTML,	  /* HTML: values are escaped */
	TEMPLATE_AS_HTML, /* plain text to be shown as HTML: all is escaped;
			    * http and https links of the template itself can be
			    * clicked, those of a value never. For
			    * template_lay_out */
};

/* Appends a jq expression that gives one string; it has as many lines as the
 * template. False, with the line (from 1) and a reason, if a bracket is not
 * closed. The template has no NUL. */
bool template_to_jq(struct text template, enum template_form form,
	struct buf *out, struct err *err) must_check;

/* Appends the result of TEMPLATE_AS_HTML in paragraphs and lines, as a
 * document. */
void template_lay_out(struct buf *out, const char *text, const char *language);

#endif
