/*
 * tree - the private half of node.h: how nodes come to be. Not for other rooms.
 */
#ifndef NPSD_CONF_TREE_H
#define NPSD_CONF_TREE_H

#include <stdbool.h>
#include <stddef.h>

#include "conf/node.h"

/* A node without members. `text` is copied, NULL for maps and lists; `file` is
 * lent. */
struct conf_node *tree_new(enum conf_node_type type, const char *file,
	const char *text, size_t length);
/* With all members; NULL is fine. */
void tree_free(struct conf_node *node);
/* Both taken; the key is NULL in a list. */
void tree_append(
	struct conf_node *node, struct conf_node *key, struct conf_node *value);
/* Drops the members i for which dropped[i] holds. */
void tree_drop(struct conf_node *node, const bool *dropped);
/* The number of a member of a map, or node->count. */
size_t tree_find(const struct conf_node *node, const char *key);

/* The keys of a map that are there twice: each is told and dropped. */
void tree_refuse_duplicates(
	struct conf_node *map, const char *path, struct conf_errors *errors);

/*
 * Reads one YAML document; `file` is lent to its nodes. NULL if there is no
 * node at all, or none before the first fault. What was refused was told, and
 * the nodes around it are marked as partial.
 */
struct conf_node *tree_parse(const char *file, const char *data, size_t length,
	struct conf_errors *errors) must_check;

#endif
