/*
 * endpoint - small questions about the URL of a receiver.
 */
#ifndef NPSD_ACTION_ENDPOINT_H
#define NPSD_ACTION_ENDPOINT_H

#include <stdbool.h>

#include "conf/setting.h"

/* True if its host is this machine: localhost, 127.0.0.0/8, [::1]. The URL is
 * a good one (transfer_url_is_good). */
bool endpoint_is_loopback(const char *url);
/* True for "https://..." and the scheme "https"; case does not matter. */
bool endpoint_has_scheme(const char *url, const char *scheme);

/* For rows of SETTING_CUSTOM: a char * that is a plain text or, as a map, a
 * secret. endpoint_text_schema is its schema. */
bool endpoint_read_text(struct setting_reader *reader,
	const struct conf_node *node, const char *path, void *where);
void endpoint_text_done(void *where);
extern const char endpoint_text_schema[];

/* For the read() of a SETTING_TEXT that names a file: makes it a path as seen
 * from the configuration's folder, and sees whether it can be read. */
bool endpoint_read_file(struct setting_reader *reader,
	const struct conf_node *node, const char *path, void *where);

/* False after conf_error if a text has a control character: it stands in a
 * header or a log-in. NULL is good. */
bool endpoint_check_line(const char *text, const struct conf_node *node,
	const char *path, struct conf_errors *errors);

#endif
