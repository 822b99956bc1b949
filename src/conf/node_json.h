/*
 * node_json - a YAML value as JSON, for what is a document and no settings: a
 * sample answer, a sample payload.
 */
#ifndef NPSD_CONF_NODE_JSON_H
#define NPSD_CONF_NODE_JSON_H

#include <jansson.h>

#include "conf/node.h"

/* A plain scalar that is a JSON number, true, false or null is that; every other
 * scalar is text, as is everything in quotes. New reference. */
json_t *conf_node_json(const struct conf_node *node);

#endif
