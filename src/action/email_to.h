/*
 * email_to - who gets a mail: the setting `to`.
 *
 *	to: cx@example.com
 *	to: [cx@example.com, manager@example.com]
 *	to: {field: segment.agent, map: {jan: jan@example.com},
 *	     default: cx@example.com}
 */
#ifndef NPSD_ACTION_EMAIL_TO_H
#define NPSD_ACTION_EMAIL_TO_H

#include <jansson.h>
#include <stdbool.h>

#include "base/err.h"
#include "conf/setting.h"

struct email_to {
	struct setting_texts addresses; /* fixed; or the default of a field */
	char *field;			/* NULL: they are fixed */
	struct setting_pairs map;
};

/* For a row of SETTING_CUSTOM. */
bool email_to_read(struct setting_reader *reader, const struct conf_node *node,
	const char *path, void *where);
void email_to_done(void *where);
extern const char email_to_schema[];

/* Each address once, in order. A field that is missing, that no line of the map
 * fits or that holds no address gives the default; false with a reason, which
 * quotes nothing of the answer, if there is none. The caller frees with
 * setting_texts_done. */
bool email_to_find(const struct email_to *to, const json_t *document,
	struct setting_texts *out, struct err *err) must_check;

#endif
