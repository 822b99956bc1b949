/* directory_settings - the rows of type: directory, and what they check. */
#include "source/directory_settings.h"

#include <stdlib.h>

#include "base/memory.h"

static bool
read_path(struct setting_reader *reader, const struct conf_node *node,
	const char *path, void *where)
{
	const char *text = *(char **)where;

	if (text[0] == '/' && text[1] != '\0')
		return true;
	return conf_error(reader->errors, node, path,
		"expected a path from the root, as in "
		"/var/spool/npsd/incoming");
}

const struct setting directory_settings[] = {
	{"path", SETTING_TEXT, offsetof(struct directory_settings, path),
		.required = true, .low = 2, .high = 4000, .read = read_path,
		.help = "The folder. A file whose name ends in .json holds one "
			"answer, or an array of them; .jsonl one answer a "
			"line; .csv one answer a row. Best write a file under "
			"a name that begins with "
			"a dot, or in another folder, and rename it: then it "
			"is taken at once and never half written. When all of "
			"it is kept it moves to the folder done inside this "
			"one, or to rejected if nothing in it could be read. "
			"npsd must be allowed to write here."},
	{"rescan", SETTING_DURATION,
		offsetof(struct directory_settings, rescan_ms),
		.fallback = "2s", .low = 10, .high = 3600 * 1000,
		.hidden = true,
		.help = "How often the folder is looked at, beside what the "
			"system tells."},
	{"settle", SETTING_DURATION,
		offsetof(struct directory_settings, settle_ms),
		.fallback = "2s", .low = 10, .high = 3600 * 1000,
		.hidden = true,
		.help = "How long nothing must have been written to a file "
			"that was not renamed in."},
	{"keep_done", SETTING_DURATION,
		offsetof(struct directory_settings, keep_done_ms), .low = 1000,
		.high = 3650.0 * 86400 * 1000,
		.help = "How long files stay in done and rejected, as in 30d; "
			"then they are removed. For ever by default."},
	{"csv", SETTING_RECORD, offsetof(struct directory_settings, csv),
		.fields = csv_settings,
		.help = "How files whose name ends in .csv are read."},
	{.key = NULL},
};

bool
directory_settings_check(const void *settings, const struct conf_node *node,
	const char *path, struct conf_errors *errors)
{
	const struct directory_settings *own = settings;
	char *at = mem_printf("%s.csv", path);
	bool good = csv_settings_check(
		&own->csv, conf_node_at(node, "csv"), at, errors);

	free(at);
	return good;
}
