/* kinds - the tables of kinds. */
#include "top/kinds.h"

const struct source_kind *const source_kinds[] = {
	&source_file,
	&source_directory,
	&source_webhook,
	NULL,
};

const struct setting_kind *const source_setting_kinds[] = {
	&source_file.setting,
	&source_directory.setting,
	&source_webhook.setting,
	NULL,
};

const struct action_kind *const action_kinds[] = {
	&action_webhook,
	&action_email,
	&action_log,
	NULL,
};

const struct setting_kind *const action_setting_kinds[] = {
	&action_webhook.setting,
	&action_email.setting,
	&action_log.setting,
	NULL,
};

const struct source_kind *
source_kind_of(const struct setting_kind *setting)
{
	for (size_t i = 0; source_kinds[i] != NULL; i++)
		if (&source_kinds[i]->setting == setting)
			return source_kinds[i];
	return NULL;
}

const struct action_kind *
action_kind_of(const struct setting_kind *setting)
{
	for (size_t i = 0; action_kinds[i] != NULL; i++)
		if (&action_kinds[i]->setting == setting)
			return action_kinds[i];
	return NULL;
}
