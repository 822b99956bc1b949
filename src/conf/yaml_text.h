/*
 * yaml_text - texts as YAML scalars that tree_parse reads back unchanged.
 */
#ifndef NPSD_CONF_YAML_TEXT_H
#define NPSD_CONF_YAML_TEXT_H

#include <stdbool.h>

#include "base/buf.h"

/* As it is where nobody could take it for something else, else in quotes. */
void yaml_append_text(struct buf *out, const char *text);
/* True for a text of several lines that a literal block shows as it is. */
bool yaml_fits_block(const char *text);
/* The head of a literal block ("|", "|-"), and later its lines. */
const char *yaml_block_head(const char *text);
void yaml_append_block(struct buf *out, const char *text, int indent);

#endif
