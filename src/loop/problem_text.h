/*
 * problem_text - the body of an application/problem+json answer (RFC 9457),
 * without a request to answer.
 */
#ifndef NPSD_LOOP_PROBLEM_TEXT_H
#define NPSD_LOOP_PROBLEM_TEXT_H

/* As http_problem has them. The caller frees the text. */
char *problem_text(int status, const char *name, const char *title,
	const char *detail, const char *pointer);

#endif
