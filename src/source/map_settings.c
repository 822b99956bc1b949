/* map_settings - what is set for a webhook source's map. */
#include <stdlib.h>
#include <string.h>

#include "base/date_format.h"
#include "base/time.h"
#include "conf/conf_file.h"
#include "conf/setting_path.h"
#include "expr/expr.h"
#include "nps/program.h"
#include "source/webhook_map.h"

const char map_schema[] = "{\"type\":[\"string\",\"object\"]}";

static bool
read_file(struct setting_reader *reader, const struct conf_node *node,
	const char *path, struct map_settings *map)
{
	const struct conf_node *name = conf_node_at(node, "file");
	struct buf text = {0};
	struct err err;
	bool good;

	if (node->count != 1 || name == NULL || name->type != CONF_SCALAR ||
		*name->text == '\0')
		return conf_error(reader->errors, node, path,
			"expected a jq text or {file: PATH}");
	map->file = conf_file_path(reader->folder, name->text);
	good = conf_file_read(
		map->file, EXPR_TEXT_LIMIT_BYTES, &text, NULL, NULL, &err);
	if (!good)
		conf_error(reader->errors, name, path, "cannot read %s: %s",
			map->file, err.text);
	else if (text.length > 0 &&
		 memchr(text.data, '\0', text.length) != NULL)
		good = conf_error(reader->errors, name, path,
			"%s has a NUL, expected a jq text", map->file);
	else
		map->text = buf_take(&text);
	buf_done(&text);
	return good;
}

bool
map_read(struct setting_reader *reader, const struct conf_node *node,
	const char *path, void *where)
{
	struct map_settings *map = where;

	if (node->type == CONF_MAP)
		return read_file(reader, node, path, map);
	return setting_read_text(reader, node, path, &map->text);
}

void
map_done(void *where)
{
	struct map_settings *map = where;

	free(map->text);
	free(map->file);
	map->text = map->file = NULL;
}

bool
map_read_date_format(struct setting_reader *reader,
	const struct conf_node *node, const char *path, void *where)
{
	struct err err;

	return date_format_check(*(char **)where, &err) ||
	       conf_error(reader->errors, node, path, "%s", err.text);
}

bool
map_read_timezone(struct setting_reader *reader, const struct conf_node *node,
	const char *path, void *where)
{
	struct err err;
	struct zone *zone = zone_open(*(char **)where, &err);

	zone_close(zone);
	return zone != NULL ||
	       conf_error(reader->errors, node, path, "%s", err.text);
}

static bool
needs_zone(const char *format)
{
	return format != NULL && strstr(format, "%z") == NULL &&
	       strstr(format, "%s") == NULL;
}

bool
map_check(const struct map_settings *settings, const struct conf_node *node,
	const char *path, struct conf_errors *errors)
{
	char *inner = setting_path(path, "map");
	struct program_place place = {conf_node_at(node, "map"), inner,
		settings->file, .is_map = true};
	bool good = true;

	if (settings->text != NULL)
		good = program_check(settings->text, &place, errors);
	else if (settings->date_format != NULL || settings->timezone != NULL)
		good = conf_error(errors, node, path,
			"date_format and timezone say how to read the times "
			"that a map gives; there is no map");
	free(inner);
	if (needs_zone(settings->date_format) && settings->timezone == NULL)
		good = conf_error(errors, conf_node_at(node, "date_format"),
			path,
			"date_format has no %%z: say in timezone whose clocks "
			"the times are of");
	return good;
}
