/*
 * json_node - a JSON value as nodes, so that what came by the API is read by the
 * same readers as the configuration.
 */
#ifndef NPSD_CONF_JSON_NODE_H
#define NPSD_CONF_JSON_NODE_H

#include <jansson.h>

#include "conf/node.h"

/* Texts are as if written in quotes, but for "present" and "absent"; numbers,
 * true, false and null as YAML has them plain. file: in messages; lent to the
 * nodes. To be freed with json_node_free. */
struct conf_node *json_node_new(const char *file, const json_t *value);
void json_node_free(struct conf_node *node);

#endif
