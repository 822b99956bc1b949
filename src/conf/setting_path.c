/*
 * setting_path - the dotted path of a key (setting_path.h).
 */
#include "conf/setting_path.h"

#include "base/memory.h"

char *
setting_path(const char *path, const char *key)
{
	return mem_printf(
		"%s%s%s", path ? path : "", path && *path ? "." : "", key);
}

char *
setting_path_index(const char *path, size_t index)
{
	return mem_printf("%s[%zu]", path ? path : "", index);
}
