/*
 * document - the private half of node.h: how further files come into a
 * configuration. Not for other rooms.
 */
#ifndef NPSD_CONF_DOCUMENT_H
#define NPSD_CONF_DOCUMENT_H

#include "conf/node.h"

/* The root, to be changed. */
struct conf_node *document_root(struct conf_document *document);
/* Reads a further file, which must be a map; `node` at `path` named it. The
 * tree is the caller's to free or to put into the root, where it may stay as
 * long as the document. NULL: there is nothing to take from it; if that is an
 * error it was told. */
struct conf_node *document_read_more(struct conf_document *document,
	const char *name, const struct conf_node *node, const char *path,
	struct conf_errors *errors) must_check;

#endif
