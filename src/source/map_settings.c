/* map_settings - what is set for a webhook source's map. */
#include <stdlib.h>
#include <string.h>

#include "base/date_format.h"
#include "base/time.h"
#include "conf/setting_path.h"
#include "expr/expr.h"
#include "nps/program.h"
#include "source/webhook_map.h"

const char map_schema[] = "{\"type\":[\"string\",\"object\"]}";

bool
map_read(struct setting_reader *reader, const struct conf_node *node,
	const char *path, void *where)
{
	struct map_settings *map = where;

	return setting_read_jq(
		reader, node, path, EXPR_TEXT_LIMIT_BYTES, &map->jq);
}

void
map_done(void *where)
{
	struct map_settings *map = where;

	setting_jq_done(&map->jq);
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
		settings->jq.file, .is_map = true};
	bool good = true;

	if (settings->jq.text != NULL)
		good = program_check(settings->jq.text, &place, errors);
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
