/*
 * owner - people by name, and who stands in for whom.
 */
#include "nps/owner.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/json_value.h"
#include "base/memory.h"
#include "base/text.h"

/* ---- away ---- */

/* "2026-12-20" to its day. */
static bool
read_day(const char *text, size_t length, int64_t *day)
{
	struct civil civil = {.hour = 0};
	char rest, copy[16];
	struct err err;

	if (length != 10)
		return false;
	memcpy(copy, text, length);
	copy[length] = '\0';
	if (strspn(copy, "0123456789-") != length ||
		sscanf(copy, "%4d-%2d-%2d%c", &civil.year, &civil.month,
			&civil.day, &rest) != 3 ||
		!civil_check(&civil, &err))
		return false;
	*day = civil_to_utc_ms(civil) / MS_PER_DAY;
	return true;
}

static bool
add_absence(struct setting_reader *reader, const struct conf_node *node,
	const char *path, struct absences *absences, struct absence absence)
{
	if (absence.to_day < absence.from_day)
		return conf_error(
			reader->errors, node, path, "it ends before it begins");
	if (absences->count == OWNER_ABSENCES_LIMIT)
		return conf_error(reader->errors, node, path,
			"at most %d absences", OWNER_ABSENCES_LIMIT);
	absences->items = mem_grow(
		absences->items, absences->count + 1, sizeof(struct absence));
	absences->items[absences->count++] = absence;
	return true;
}

/* "2026-12-20..2027-01-03", or several with blanks between them. */
static bool
read_texts(struct setting_reader *reader, const struct conf_node *node,
	const char *path, struct absences *absences)
{
	const char *at = node->text;

	while (*(at += strspn(at, " ,;")) != '\0') {
		size_t length = strcspn(at, " ,;");
		struct absence absence;
		bool good = read_day(
			at, length < 10 ? length : 10, &absence.from_day);

		absence.to_day = absence.from_day;
		if (good && length != 10)
			good = length == 22 && at[10] == '.' && at[11] == '.' &&
			       read_day(at + 12, 10, &absence.to_day);
		if (!good)
			return conf_error(reader->errors, node, path,
				"expected days such as 2026-12-20 or "
				"2026-12-20..2027-01-03");
		if (!add_absence(reader, node, path, absences, absence))
			return false;
		at += length;
	}
	return true;
}

struct away_record {
	char *from, *to;
};

static const struct setting away_settings[] = {
	{"from", SETTING_TEXT, offsetof(struct away_record, from),
		.required = true},
	{"to", SETTING_TEXT, offsetof(struct away_record, to),
		.required = true},
	{.key = NULL},
};

static bool
read_away_record(struct setting_reader *reader, const struct conf_node *node,
	const char *path, struct absences *absences)
{
	struct away_record record = {NULL, NULL};
	struct absence absence;
	bool good = setting_read(reader, away_settings, node, path, &record);

	if (good && (!read_day(record.from, strlen(record.from),
			     &absence.from_day) ||
			    !read_day(record.to, strlen(record.to),
				    &absence.to_day)))
		good = conf_error(reader->errors, node, path,
			"expected two days such as 2026-12-20");
	else if (good)
		good = add_absence(reader, node, path, absences, absence);
	setting_done(away_settings, &record);
	return good;
}

static bool
away_read(struct setting_reader *reader, const struct conf_node *node,
	const char *path, void *where)
{
	bool good = true;

	switch (node->type) {
	case CONF_SCALAR:
		return read_texts(reader, node, path, where);
	case CONF_MAP:
		return read_away_record(reader, node, path, where);
	case CONF_LIST:
		break;
	}
	for (size_t i = 0; i < node->count; i++)
		good &= node->values[i]->type == CONF_LIST
				? conf_error(reader->errors, node->values[i],
					  path, "expected {from: DAY, to: DAY}")
				: away_read(
					  reader, node->values[i], path, where);
	return good;
}

static void
away_done(void *where)
{
	struct absences *absences = where;

	free(absences->items);
	*absences = (struct absences){NULL, 0};
}

static bool
check_email(struct setting_reader *reader, const struct conf_node *node,
	const char *path, void *where)
{
	const char *email = *(char **)where;

	if (!node || !email ||
		(strchr(email, '@') && !strpbrk(email, " \t<>,")))
		return true;
	return conf_error(reader->errors, node, path,
		"expected a plain address such as anna@example.com");
}

const struct setting owner_settings[] = {
	{"name", SETTING_TEXT, offsetof(struct owner, display), .low = 1,
		.high = 200,
		.help = "How people call them; without it the name of the "
			"record."},
	{"email", SETTING_TEXT, offsetof(struct owner, email), .low = 3,
		.high = 320, .read = check_email,
		.help = "Their mail address, for {field: owner.email}."},
	{"language", SETTING_TEXT, offsetof(struct owner, language), .low = 2,
		.high = 35,
		.help = "The language of their mails, such as nl: a message "
			"that has an edition in it is sent in it."},
	{"manager", SETTING_TEXT, offsetof(struct owner, manager), .low = 1,
		.high = OWNER_NAME_LIMIT_BYTES,
		.help = "The owner above them, for escalations: "
			"{field: owner.manager.email}."},
	{"cover", SETTING_TEXT, offsetof(struct owner, cover), .low = 1,
		.high = OWNER_NAME_LIMIT_BYTES,
		.help = "The owner who gets what is theirs while they are "
			"away; if that one is away too, the manager does."},
	{"away", SETTING_CUSTOM, offsetof(struct owner, away),
		.read = away_read, .done = away_done,
		.schema = "{\"type\":[\"string\",\"object\",\"array\"]}",
		.help = "When they are not there: {from: 2026-12-20, to: "
			"2027-01-03}, both days in it, or a list of these; "
			"as text 2026-12-20..2027-01-03. Days are those of "
			"score.timezone."},
	{.key = NULL},
};

/* ---- all of them ---- */

static bool
check_other(const struct owners *owners, const struct setting_item *item,
	const char *key, const char *other, struct conf_errors *errors)
{
	const struct conf_node *node = conf_node_at(item->node, key);
	char *path;

	if (!other)
		return true;
	const struct owner *found = owners_find(owners, other);

	if (found ? strcmp(found->name, item->name) != 0 : owners->partial)
		return true;
	path = mem_printf("owners.%s.%s", item->name, key);
	if (found)
		conf_error(errors, node, path, "this is the same person");
	else
		conf_error(
			errors, node, path, "there is no owner \"%s\"", other);
	free(path);
	return false;
}

static bool
check_name(const struct setting_item *item, struct conf_errors *errors)
{
	char *path;

	if (strlen(item->name) <= OWNER_NAME_LIMIT_BYTES &&
		!strpbrk(item->name, "@ \t\"<>,"))
		return true;
	path = mem_printf("owners.%s", item->name);
	conf_error(errors, item->node, path,
		"an owner's name has at most %d bytes and no blank, comma or "
		"@: jan; what people call them is name:",
		OWNER_NAME_LIMIT_BYTES);
	free(path);
	return false;
}

/* What stands among owners, and is none: their follow-ups would be mixed up. */
static bool
check_reserved(const struct setting_item *item, struct conf_errors *errors)
{
	char *path;

	if (strcmp(item->name, OWNER_NOBODY) != 0 &&
		strcmp(item->name, OWNER_NPSD) != 0)
		return true;
	path = mem_printf("owners.%s", item->name);
	conf_error(errors, item->node, path,
		"no owner can have this name: \"" OWNER_NOBODY
		"\" stands for whoever used a link, \"" OWNER_NPSD
		"\" for the daemon");
	free(path);
	return false;
}

bool
owners_init(struct owners *owners, const struct setting_items *items,
	const struct conf_node *node, const struct zone *zone,
	struct conf_errors *errors)
{
	bool good = true;

	*owners =
		(struct owners){.zone = zone, .partial = node && node->partial};
	owners->items = mem_new(items->count + 1, sizeof(struct owner *));
	for (size_t i = 0; i < items->count; i++) {
		struct owner *owner = items->items[i].record;

		owner->name = items->items[i].name;
		owners->items[owners->count++] = owner;
	}
	for (size_t i = 0; i < items->count; i++) {
		const struct setting_item *item = &items->items[i];
		const struct owner *owner = owners->items[i];

		good &= check_name(item, errors);
		good &= check_reserved(item, errors);
		good &= check_other(
			owners, item, "manager", owner->manager, errors);
		good &= check_other(
			owners, item, "cover", owner->cover, errors);
	}
	return good;
}

void
owners_done(struct owners *owners)
{
	free(owners->items);
	*owners = (struct owners){.count = 0};
}

const struct owner *
owners_find(const struct owners *owners, const char *name)
{
	if (!owners || !name)
		return NULL;
	for (size_t i = 0; i < owners->count; i++)
		if (!strcmp(owners->items[i]->name, name))
			return owners->items[i];
	for (size_t i = 0; i < owners->count; i++)
		if (owners->items[i]->email &&
			!strcasecmp(owners->items[i]->email, name))
			return owners->items[i];
	return NULL;
}

bool
owners_know(const struct owners *owners, const char *name, struct err *err)
{
	struct buf known = {0};

	if (owners == NULL || owners->count == 0 ||
		owners_find(owners, name) != NULL ||
		(name != NULL && strchr(name, '@') != NULL))
		return true;
	for (size_t i = 0; i < owners->count && known.length < 100; i++)
		buf_printf(&known, "%s%s", i > 0 ? ", " : "",
			owners->items[i]->name);
	err_set(err,
		"there is no owner \"%s\": say --as (\"owner\" in a request) "
		"with one of %s, or a mail address",
		name != NULL ? name : "", known.data);
	buf_done(&known);
	return false;
}

bool
owner_is_away(
	const struct owners *owners, const struct owner *owner, int64_t now_ms)
{
	struct civil civil = owners->zone ? zone_civil(owners->zone, now_ms)
					  : civil_from_utc_ms(now_ms);
	int64_t day;

	civil.hour = civil.minute = civil.second = 0;
	day = civil_to_utc_ms(civil) / MS_PER_DAY;
	for (size_t i = 0; i < owner->away.count; i++)
		if (owner->away.items[i].from_day <= day &&
			day <= owner->away.items[i].to_day)
			return true;
	return false;
}

const struct owner *
owner_at_work(
	const struct owners *owners, const struct owner *owner, int64_t now_ms)
{
	const struct owner *const stand_ins[] = {
		owner,
		owners_find(owners, owner->cover),
		owners_find(owners, owner->manager),
	};

	for (size_t i = 0; i < sizeof(stand_ins) / sizeof(stand_ins[0]); i++)
		if (stand_ins[i] &&
			!owner_is_away(owners, stand_ins[i], now_ms))
			return stand_ins[i];
	return owner;
}

/* ---- as documents show one ---- */

static json_t *
person_json(const struct owner *owner)
{
	json_t *object = json_object();

	json_object_set_new(object, "name", json_string(owner->name));
	json_object_set_new(object, "display",
		json_string(owner->display ? owner->display : owner->name));
	json_object_set_new(object, "email", json_text_or_null(owner->email));
	json_object_set_new(
		object, "language", json_text_or_null(owner->language));
	return object;
}

json_t *
owner_json(const struct owners *owners, const char *name)
{
	const struct owner *owner = owners_find(owners, name);
	const struct owner *manager =
		owner ? owners_find(owners, owner->manager) : NULL;
	struct owner stranger = {.name = name};
	json_t *object;

	if (!name)
		return json_null();
	if (!owner && strchr(name, '@'))
		stranger.email = mem_strdup(name);
	object = person_json(owner ? owner : &stranger);
	free(stranger.email);
	json_object_set_new(object, "manager",
		manager ? person_json(manager) : json_null());
	return object;
}
