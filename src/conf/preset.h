/*
 * preset - settings that came ready made: `preset: NAME` in a record stands for
 * the keys of NAME.yaml, below those that the record has itself.
 *
 *	sources:                        presets/sources/typeform.yaml
 *	  survey:                         type: webhook
 *	    preset: typeform              verify: {hmac: sha256, ...}
 *	    verify: {secret: ...}         map: {file: typeform.jq}
 *
 * Maps are merged member by member. A relative {file: PATH} in a preset means a
 * file beside it.
 */
#ifndef NPSD_CONF_PRESET_H
#define NPSD_CONF_PRESET_H

#include <stdbool.h>

#include "conf/node.h"

/* Merges the presets that the records of one top-level map name ("sources"
 * looks in the folders presets/sources, see data_folder.h). `folder` is the
 * configuration's, or NULL. False after an error. */
bool preset_merge(struct conf_document *document, const char *section,
	const char *folder, struct conf_errors *errors);

#endif
