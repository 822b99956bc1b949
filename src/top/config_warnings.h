/*
 * config_warnings - what is good in a configuration and yet probably not meant,
 * beyond what single settings can tell; and how all of it is logged.
 */
#ifndef NPSD_TOP_CONFIG_WARNINGS_H
#define NPSD_TOP_CONFIG_WARNINGS_H

#include "top/config.h"

/* Warns of rules that are never reached, and actions that nothing uses. */
void config_warn(const struct config *config, struct conf_errors *errors);
/* Each fault is a line of the log, at a terminal with the line it is about. */
void config_log(const struct conf_errors *errors);
/* The warnings alone, as a line of the log each. */
void config_log_warnings(const struct conf_errors *errors);
/* The same as an array of {severity,file,line,column,path,message}. New. */
json_t *config_warnings_json(const struct conf_errors *errors);

#endif
