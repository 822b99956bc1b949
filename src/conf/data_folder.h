/*
 * data_folder - where files lie that come with npsd and that people replace by
 * their own: messages, presets.
 */
#ifndef NPSD_CONF_DATA_FOLDER_H
#define NPSD_CONF_DATA_FOLDER_H

#include "conf/setting.h"

/* The folders named `leaf` ("messages", "presets/sources") in which such a file
 * is looked for, the first that has it counts: in the folder of the
 * configuration (may be NULL), in /etc/npsd, in the data folder, and in ../etc
 * beside a program that is not installed. Free with setting_texts_done. */
void data_folders(
	const char *configuration, const char *leaf, struct setting_texts *out);

#endif
