/*
 * node - a YAML file as a tree that knows where everything stood.
 *
 * The door to libyaml. Refused here, each with its place: duplicate keys, a
 * second document, tags, anchors and aliases, nesting beyond
 * CONF_DEPTH_LIMIT, a byte order mark, NUL, invalid UTF-8, files beyond
 * CONF_FILE_LIMIT_BYTES, what is no regular file. Types are not guessed: every
 * scalar is text until a settings table says otherwise.
 */
#ifndef NPSD_CONF_NODE_H
#define NPSD_CONF_NODE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

enum {
	CONF_DEPTH_LIMIT = 24,
	CONF_FILE_LIMIT_BYTES = 1024 * 1024,
	CONF_ERRORS_LIMIT = 20, /* shown; the rest is counted */
	CONF_FILES_LIMIT = 256, /* included files */
	CONF_KEY_LIMIT_BYTES = 200,
};

enum conf_node_type { CONF_SCALAR, CONF_MAP, CONF_LIST };

struct conf_node {
	enum conf_node_type type;
	const char *file;	  /* lent by the document */
	int line, column;	  /* from 1; columns count characters */
	int end_line, end_column; /* just behind it */
	/* A part of it was refused (and told), so what seems to be missing may
	 * stand in the file all the same. */
	bool partial;
	/* a scalar */
	char *text;  /* no NUL inside */
	bool quoted; /* in quotes or a block: never a null, a list, a number */
	/* a map (keys[i] is a scalar) or a list (keys is NULL) */
	size_t count;
	struct conf_node **keys;
	struct conf_node **values;
};

/* The member of a map, or NULL (also if node is NULL or no map). */
const struct conf_node *conf_node_at(
	const struct conf_node *node, const char *key);
/* Where the key of a member stands, or NULL. */
const struct conf_node *conf_node_key(
	const struct conf_node *node, const char *key);
/* True for a missing node and for a plain, unquoted empty or "null" or "~"
 * scalar. */
bool conf_node_is_null(const struct conf_node *node);

/* What is wrong with a configuration: collected, so that all is told at once. */
struct conf_errors;
struct conf_errors *conf_errors_new(void);
void conf_errors_free(struct conf_errors *errors);
size_t conf_errors_count(const struct conf_errors *errors);
size_t conf_warnings_count(const struct conf_errors *errors);

/*
 * Adds an error at a node: `path` is the key's dotted path ("rules[2].when",
 * may be NULL), then what is wrong, what was expected. Printed later as
 *   FILE:LINE:COLUMN: PATH: MESSAGE
 *      | the line itself
 *      |     ^
 * Always returns false. node NULL: an error without a place. Messages may quote
 * what stood in the file: they are escaped when they are written.
 */
bool conf_error(struct conf_errors *errors, const struct conf_node *node,
	const char *path, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
/* The same, but the configuration is still good. */
void conf_warning(struct conf_errors *errors, const struct conf_node *node,
	const char *path, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
/* As conf_error at a place inside a scalar's text: offset in bytes of
 * node->text; the caret goes under it where the scalar stands on one line. */
bool conf_error_inside(struct conf_errors *errors, const struct conf_node *node,
	size_t offset, const char *path, const char *format, ...)
	__attribute__((format(printf, 5, 6)));

/* Errors first, then warnings, in the order of files and lines; at most
 * CONF_ERRORS_LIMIT and "... and N more". */
void conf_errors_write(const struct conf_errors *errors, struct buf *out);
/* Each that is kept, in the same order, as "FILE:LINE:COLUMN: PATH: MESSAGE". */
void conf_errors_each(const struct conf_errors *errors,
	void (*on_fault)(bool warning, const char *line, void *context),
	void *context);
/* All that is kept, as a JSON array of
 * {severity,file,line,column,path,message}. */
void conf_errors_write_json(const struct conf_errors *errors, struct buf *out);

/*
 * A configuration file with the files that its top-level `include:` names
 * (glob patterns, relative to the file's folder, in sorted order; a pattern
 * without a match is fine, a plain path that is missing is an error; included
 * files include nothing). Top-level maps are merged member by member (a name
 * given twice is an error that names both places), lists are put end to end,
 * scalars may stand once. `include:` itself is no longer in the tree.
 */
struct conf_document;
/* NULL if nothing could be read, or no map. Syntax errors go to errors as well; what was
 * readable is still returned, so that more than one error can be told. */
struct conf_document *conf_document_load(
	const char *path, struct conf_errors *errors) must_check;
/* The same from memory, without includes and with a root of any type; name
 * stands for the file. Of an empty file the root is an empty map. */
struct conf_document *conf_document_read(const char *name, const char *data,
	size_t length, struct conf_errors *errors) must_check;
void conf_document_free(struct conf_document *document);
const struct conf_node *conf_document_root(
	const struct conf_document *document);

#endif
