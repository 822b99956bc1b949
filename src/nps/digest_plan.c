/* digest_plan - the setting `digests:`. */
#include "nps/digest_plan.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "conf/language.h"
#include "conf/setting_path.h"

#define AT(member) offsetof(struct digest_plan, member)

static bool
read_name(struct setting_reader *reader, const struct conf_node *node,
	const char *path, void *where)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "abcdefghijklmnopqrstuvwxyz0123456789_.-";
	char **name = where;

	if (strspn(*name, allowed) == strlen(*name))
		return true;
	return conf_error(reader->errors, node, path,
		"expected letters, digits, and . _ - in them");
}

static bool
read_every(struct setting_reader *reader, const struct conf_node *node,
	const char *path, void *where)
{
	struct digest_plan *plan =
		(void *)((char *)where - offsetof(struct digest_plan, every));
	struct err err;

	if (!setting_read_text(reader, node, path, &plan->every.text))
		return false;
	if (schedule_parse(&plan->every.schedule, plan->every.text, &err))
		return true;
	return conf_error(reader->errors, node, path, "%s", err.text);
}

static void
free_every(void *where)
{
	struct digest_plan *plan =
		(void *)((char *)where - offsetof(struct digest_plan, every));

	free(plan->every.text);
	plan->every.text = NULL;
}

static bool
read_benchmark(struct setting_reader *reader, const struct conf_node *node,
	const char *path, void *where)
{
	struct digest_plan *plan =
		(void *)((char *)where -
			 offsetof(struct digest_plan, benchmark));
	char *text = NULL, *end = NULL;
	double points = NAN;

	if (!setting_read_text(reader, node, path, &text))
		return false;
	if (*text != '\0')
		points = strtod(text, &end);
	if (end == NULL || *end != '\0' || !(points >= -100 && points <= 100)) {
		free(text);
		return conf_error(reader->errors, node, path,
			"expected a score from -100 to 100");
	}
	free(text);
	plan->benchmark.given = true;
	plan->benchmark.points = points;
	return true;
}

static bool
read_reader(struct setting_reader *reader, const struct conf_node *node,
	size_t index, const char *path, struct digest_readers *readers)
{
	char *inner = setting_path(path, node->keys[index]->text);
	struct setting_texts to = {0, NULL};
	bool good = setting_read_texts(reader, node->values[index], inner, &to);

	readers->values =
		mem_grow(readers->values, readers->count + 1, sizeof(char *));
	readers->to = mem_grow(
		readers->to, readers->count + 1, sizeof(struct setting_texts));
	readers->values[readers->count] = mem_strdup(node->keys[index]->text);
	readers->to[readers->count++] = to;
	free(inner);
	return good;
}

static bool
read_readers(struct setting_reader *reader, const struct conf_node *node,
	const char *path, void *where)
{
	bool good = true;

	if (node->type != CONF_MAP)
		return conf_error(reader->errors, node, path,
			"expected values of the segment with their readers, as "
			"in {NL: [nl@example.com]}");
	if (node->count > DIGEST_READERS_LIMIT)
		return conf_error(reader->errors, node, path,
			"at most %d values", DIGEST_READERS_LIMIT);
	for (size_t i = 0; i < node->count; i++)
		good &= read_reader(reader, node, i, path, where);
	return good;
}

static void
free_readers(void *where)
{
	struct digest_readers *readers = where;

	for (size_t i = 0; i < readers->count; i++) {
		free(readers->values[i]);
		setting_texts_done(&readers->to[i]);
	}
	free(readers->values);
	free(readers->to);
	*readers = (struct digest_readers){0, NULL, NULL};
}

const struct setting digest_plan_settings[] = {
	{"name", SETTING_TEXT, AT(name), .required = true, .low = 1, .high = 64,
		.read = read_name,
		.help = "What it is called, in its subject too. No two digests "
			"have the same."},
	{"every", SETTING_CUSTOM, AT(every), .required = true,
		.read = read_every, .done = free_every,
		.schema = "{\"type\":\"string\"}", .unit = "\"DAYS HH:MM\"",
		.help = "When it goes out: \"daily 08:00\", \"mon 08:00\", "
			"\"mon-fri 17:30\", \"1st 08:00\" or \"last 08:00\" of "
			"the month. It tells of the whole days since the one "
			"before, up to the day before."},
	{"timezone", SETTING_TEXT, AT(timezone), .low = 1, .high = 64,
		.help = "The zone of that time and of days; without it that of "
			"score."},
	{"to", SETTING_TEXTS, AT(to), .low = 1, .high = 320,
		.help = "Who gets it: addresses, or names in owners. Each gets "
			"a mail of its own."},
	{"language", SETTING_TEXT, AT(language), .fallback = "en", .low = 2,
		.high = LANGUAGE_NAME_LIMIT_BYTES, .read = language_name_check,
		.help = "The language it is written in: a file "
			"languages/LANGUAGE.yaml."},
	{"survey", SETTING_TEXT, AT(survey), .low = 1, .high = 200,
		.help = "Only this survey; without it all together."},
	{"by", SETTING_TEXT, AT(by), .low = 1, .high = 200,
		.help = "A segment whose values are told apart: one of "
			"score.segments."},
	{"readers", SETTING_CUSTOM, AT(readers), .read = read_readers,
		.done = free_readers,
		.schema = "{\"type\":\"object\",\"additionalProperties\":"
			  "{\"type\":[\"string\",\"array\"],\"items\":"
			  "{\"type\":\"string\"}}}",
		.unit = "map of text to list of text",
		.help = "Values of that segment whose readers get a digest of "
			"this value alone, as in {NL: [nl@example.com]}. Those "
			"of `to` get the whole."},
	{"benchmark", SETTING_CUSTOM, AT(benchmark), .read = read_benchmark,
		.schema = "{\"type\":\"number\"}", .unit = "number",
		.help = "A score that the digest compares with, such as that "
			"of "
			"the trade."},
	{"comments", SETTING_INTEGER, AT(comments), .fallback = "5", .low = 0,
		.high = DIGEST_COMMENTS_LIMIT,
		.help = "How many comments of detractors are shown at most, "
			"the newest first."},
	{"action", SETTING_TEXT, AT(action), .low = 1, .high = 64,
		.help = "The action of type email whose server and sender it "
			"goes through; needed only where there are several."},
	{.key = NULL},
};
