/*
 * field - paths into a response and the values found there.
 */
#include "nps/field.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "base/time.h"
#include "nps/movement.h"

static const char *const known_names[] = {"account", "answered_at", "answers",
	"category", "comment", "contact_ok", "customer", "id", "kind",
	"language", "previous", "revision", "score", "segment", "survey",
	"weight", NULL};

static const char *const previous_names[] = {"score", "category", "answered_at",
	"movement", "repeat_detractor", NULL};

const char *const *
field_known_names(void)
{
	return known_names;
}

static bool
is_among(const char *word, const char *const *names)
{
	for (; *names; names++)
		if (!strcmp(word, *names))
			return true;
	return false;
}

/* Cuts the copy at its dots. */
static bool
split(struct field *field, char *rest, struct err *err)
{
	while (rest) {
		char *part = strsep(&rest, ".");

		if (!*part)
			return err_set(err, "a part of the path is empty");
		if (field->count == FIELD_PARTS_LIMIT)
			return err_set(err, "the path has more than %d parts",
				FIELD_PARTS_LIMIT);
		field->parts[field->count++] = part;
	}
	return true;
}

/* What npsd knows beside the response has no unknown members. */
static bool
check_own_names(const struct field *field, struct err *err)
{
	if (!strcmp(field->parts[0], "category") && field->count > 1)
		return err_set(err, "category has no members");
	if (strcmp(field->parts[0], "previous"))
		return true;
	if (field->count == 2 && is_among(field->parts[1], previous_names))
		return true;
	return err_set(err, "previous has the members score, category, "
			    "answered_at, movement and repeat_detractor");
}

bool
field_parse(struct field *field, const char *path, struct err *err)
{
	static const char prefix[] = "response.";

	*field = (struct field){0};
	if (!*path)
		return err_set(err, "the path is empty");
	if (strlen(path) > FIELD_TEXT_LIMIT_BYTES)
		return err_set(err, "the path is longer than %d bytes",
			FIELD_TEXT_LIMIT_BYTES);
	field->text = mem_strdup(path);
	field->copy = mem_strdup(path);
	if (split(field,
		    text_starts(path, prefix) ? field->copy + sizeof(prefix) - 1
					      : field->copy,
		    err) &&
		check_own_names(field, err))
		return true;
	field_done(field);
	return false;
}

void
field_done(struct field *field)
{
	free(field->text);
	free(field->copy);
	*field = (struct field){0};
}

bool
field_is_known(const struct field *field)
{
	return field->count && is_among(field->parts[0], known_names);
}

static void
set_text(struct value *value, const char *text)
{
	value->type = VALUE_TEXT;
	value->text = text;
}

static void
set_number(struct value *value, double number)
{
	value->type = VALUE_NUMBER;
	value->number = number;
}

static void
set_boolean(struct value *value, bool boolean)
{
	value->type = VALUE_BOOLEAN;
	value->boolean = boolean;
}

static void
set_flat(struct value *value, const struct flat *found)
{
	if (!found)
		return;
	switch (found->type) {
	case JSON_STRING:
		set_text(value, found->text);
		break;
	case JSON_INTEGER:
	case JSON_REAL:
		set_number(value, flat_number(found));
		break;
	case JSON_TRUE:
	case JSON_FALSE:
		set_boolean(value, found->type == JSON_TRUE);
		break;
	case JSON_OBJECT:
	case JSON_ARRAY:
		value->type = VALUE_OTHER;
		break;
	case JSON_NULL:
		break;
	}
}

static void
find_previous(
	const char *name, const struct subject *subject, struct value *value)
{
	const struct previous *previous = subject->previous;
	enum category now = subject->response->category;

	if (!previous || !previous->known)
		return;
	if (!strcmp(name, "score")) {
		set_number(value, previous->score);
	} else if (!strcmp(name, "category")) {
		set_text(value, category_name(previous->category));
	} else if (!strcmp(name, "movement")) {
		set_text(value, movement_name(movement_between(
					previous->category, now)));
	} else if (!strcmp(name, "repeat_detractor")) {
		set_boolean(value, movement_repeats(previous->category, now));
	} else {
		time_to_rfc3339(previous->answered_ms, value->scratch);
		set_text(value, value->scratch);
	}
}

/* What has a value though the record may not name it. */
static bool
find_filled_in(
	const char *name, const struct response *response, struct value *value)
{
	if (!strcmp(name, "category")) {
		if (response->kind == RESPONSE_ANSWER)
			set_text(value, category_name(response->category));
		return true;
	}
	if (!strcmp(name, "contact_ok")) {
		set_boolean(value, response->contact_ok);
		return true;
	}
	if (!strcmp(name, "revision")) {
		set_number(value, (double)response->revision);
		return true;
	}
	if (!strcmp(name, "kind")) {
		set_text(value, response->kind == RESPONSE_ANSWER
					? "response"
					: "invitation");
		return true;
	}
	return false;
}

void
field_find(const struct field *field, const struct subject *subject,
	struct value *value)
{
	_Static_assert(sizeof(value->scratch) >= TIME_TEXT_BYTES,
		"a time fits into scratch");
	const struct flat *found = subject->response->record;

	*value = (struct value){.type = VALUE_NONE};
	if (!strcmp(field->parts[0], "previous")) {
		find_previous(field->parts[1], subject, value);
		return;
	}
	if (field->count == 1 &&
		find_filled_in(field->parts[0], subject->response, value))
		return;
	for (size_t i = 0; found && i < field->count; i++)
		found = flat_member(found, field->parts[i]);
	set_flat(value, found);
}
