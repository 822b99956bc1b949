/*
 * setting_shape - the rows that hold for one map: the table itself, or the
 * common rows and those of a kind. Private to this room; reading, printing and
 * describing walk over the same shapes.
 */
#ifndef NPSD_CONF_SETTING_SHAPE_H
#define NPSD_CONF_SETTING_SHAPE_H

#include <stdbool.h>
#include <stddef.h>

#include "conf/setting.h"

extern const char setting_type_key[]; /* "type" */

struct setting_shape {
	const struct setting *tables[2]; /* either may be NULL */
	const struct setting_kind *const *kinds;
	const struct setting_kind *kind; /* NULL: without kinds, or unknown */
	size_t size;
};

struct setting_shape setting_shape_of_table(const struct setting *table);
/* Of a record that stands in a map or a list of this row. */
struct setting_shape setting_shape_of_item(
	const struct setting *row, const struct conf_node *node);
/* The row of a key, or NULL. */
const struct setting *setting_shape_row(
	const struct setting_shape *shape, const char *key);
/* All rows, one after the other: start with *at 0; NULL behind the last. */
const struct setting *setting_shape_next(
	const struct setting_shape *shape, size_t *at);
const struct setting_kind *setting_kind_at(
	const struct setting_kind *const *kinds, const char *name);

/* True for types whose value may be left empty: then the key is missing. */
bool setting_may_be_empty(enum setting_type type);
/* The node of a key; NULL if it is missing or left empty where it may be. */
const struct conf_node *setting_node_at(
	const struct setting *row, const struct conf_node *map);
/* The default of a row as a node that the caller gives to
 * setting_fallback_free; NULL if there is none. */
struct conf_node *setting_fallback(
	const struct setting *row, struct conf_errors *errors);
void setting_fallback_free(struct conf_node *node);
/* True for a node that setting_fallback made: it will not stay. */
bool setting_is_fallback(const struct conf_node *node);

#endif
