/*
 * link_warnings - what is probably not meant about the links in mails: that there
 * are none, that nothing answers them, that others can read them on their way.
 */
#ifndef NPSD_TOP_LINK_WARNINGS_H
#define NPSD_TOP_LINK_WARNINGS_H

#include "top/config.h"

void link_warnings(const struct config *config, struct conf_errors *errors);

#endif
