/* setting_rate - so many in a unit of time: "200/m". */
#include "conf/setting.h"
#include "conf/errors.h"
#include "conf/setting_value.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "base/time.h"

enum { RATE_COUNT_LIMIT = 1000000000 };

static const struct {
	const char *name;
	int64_t ms;
} units[] = {
	{"s", MS_PER_SECOND},
	{"m", MS_PER_MINUTE},
	{"h", MS_PER_HOUR},
	{"d", MS_PER_DAY},
};

static bool
from_text(const char *text, struct setting_rate *out)
{
	const char *slash = strchr(text, '/');
	char *count;
	bool good;

	if (slash == NULL)
		return false;
	count = mem_copy(text, (size_t)(slash - text));
	good = text_to_integer(count, 1, RATE_COUNT_LIMIT, &out->count);
	free(count);
	for (size_t i = 0; good && i < sizeof(units) / sizeof(units[0]); i++) {
		if (strcmp(slash + 1, units[i].name) != 0)
			continue;
		out->per_ms = units[i].ms;
		return true;
	}
	return false;
}

bool
setting_read_rate(struct setting_reader *reader, const struct conf_node *node,
	const char *path, struct setting_rate *out)
{
	struct setting_rate rate;

	if (node->type != CONF_SCALAR || !from_text(node->text, &rate))
		return conf_error(reader->errors, node, path,
			"expected a rate such as 10/s, 200/m, 50/h or 1000/d, "
			"found %s",
			conf_found(node).text);
	*out = rate;
	return true;
}
