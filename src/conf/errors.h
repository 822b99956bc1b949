/*
 * errors - what the rest of this room tells struct conf_errors, beyond node.h.
 * Not for other rooms.
 */
#ifndef NPSD_CONF_ERRORS_H
#define NPSD_CONF_ERRORS_H

#include <stdbool.h>
#include <stddef.h>

#include "conf/node.h"

/* Keeps a copy of a file's bytes, to quote lines from. Files are listed in the
 * order in which they come here. */
void conf_errors_source(struct conf_errors *errors, const char *file,
	const char *data, size_t length);
/* The scalars of this node are shown as "********" wherever their lines are
 * quoted, also by errors that were added before. */
void conf_errors_hide(struct conf_errors *errors, const struct conf_node *node);
/* An error of the file's form: no node is there yet. As the line is not
 * understood, what stands behind a word such as "password" is not shown. */
bool conf_error_at(struct conf_errors *errors, const char *file, int line,
	int column, const char *path, const char *format, ...)
	__attribute__((format(printf, 6, 7)));

/* A short form of a text for a message. */
struct conf_quote {
	char text[96];
};
/* "text" in quotes, cut if it is long. */
struct conf_quote conf_quote(const char *text);
/* What a node is: nothing, "text", a map, a list. */
struct conf_quote conf_found(const struct conf_node *node);

/* True for the name of a key that is likely to hold a secret. */
bool conf_key_is_secret(const char *key);

#endif
