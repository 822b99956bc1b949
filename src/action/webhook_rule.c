/* webhook_rule - which answers of a receiver a setting means. */
#include "action/webhook_rule.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "conf/setting_path.h"

bool
webhook_rule_is_given(const struct webhook_rule *rule)
{
	return rule->status.given || rule->body != NULL;
}

bool
status_set_has(const struct status_set *set, int status)
{
	return status >= STATUS_LOW && status <= STATUS_HIGH &&
	       set->has[status - STATUS_LOW];
}

/* "200" or "2xx" */
static bool
add_status(struct status_set *set, const char *text)
{
	int64_t first, count = 1;

	if (strlen(text) == 3 && *text >= '1' && *text <= '5' &&
		strcmp(text + 1, "xx") == 0) {
		first = (*text - '0') * 100;
		count = 100;
	} else if (!text_to_integer(text, STATUS_LOW, STATUS_HIGH, &first)) {
		return false;
	}
	for (int64_t i = 0; i < count; i++)
		set->has[first - STATUS_LOW + i] = true;
	set->given = true;
	return true;
}

static bool
read_status(struct setting_reader *reader, const struct conf_node *node,
	const char *path, void *where)
{
	struct status_set *set = where;
	struct setting_texts texts = {0, NULL};
	bool good = setting_read_texts(reader, node, path, &texts);

	for (size_t i = 0; good && i < texts.count; i++)
		if (!add_status(set, texts.items[i]))
			good = conf_error(reader->errors,
				node->type == CONF_LIST ? node->values[i]
							: node,
				path,
				"expected a status from %d to %d, or a "
				"hundred of them such as 2xx",
				STATUS_LOW, STATUS_HIGH);
	if (good && texts.count == 0)
		good = conf_error(reader->errors, node, path,
			"expected at least one status");
	setting_texts_done(&texts);
	return good;
}

const struct setting webhook_rule_rows[] = {
	{"status", SETTING_CUSTOM, offsetof(struct webhook_rule, status),
		.read = read_status,
		.schema = "{\"type\":[\"integer\",\"string\",\"array\"],"
			  "\"items\":{\"type\":[\"integer\",\"string\"]}}",
		.help = "Status codes, such as [200, 201] or 2xx."},
	{"body", SETTING_TEXT, offsetof(struct webhook_rule, body), .low = 1,
		.high = 4096,
		.help = "A jq condition over {status, body, json}: body is the "
			"answer as text, json the same where it is JSON and "
			"else null. As in .body == \"ok\" or .json.ok."},
	{.key = NULL},
};
