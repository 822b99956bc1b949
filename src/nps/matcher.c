/*
 * matcher - which fields a rule asks about, and what it wants of them.
 */
#include "nps/matcher.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "nps/category.h"
#include "nps/condition.h"

struct matcher {
	struct field field;
	size_t count; /* any of these */
	struct condition *any;
};

static const char *const category_names[] = {
	"detractor", "passive", "promoter", NULL};

/* Where a matcher is read from. */
struct place {
	struct setting_reader *reader;
	const struct conf_node *node;
	const char *path;
};

/* The last part of "score" and "previous.score", and so on. */
static bool
is_field(const struct field *field, const char *name)
{
	size_t last = field->count - 1;

	return (field->count == 1 ||
		       (field->count == 2 &&
			       !strcmp(field->parts[0], "previous"))) &&
	       !strcmp(field->parts[last], name);
}

static bool
check_category(const struct place *place, const struct condition *condition)
{
	const char *nearest;
	enum category category;

	if (condition->kind == CONDITION_EQUAL &&
		category_from_name(condition->text, &category))
		return true;
	nearest = text_nearest(condition->text, category_names);
	return conf_error(place->reader->errors, place->node, place->path,
		"\"%s\" is no category: detractor, passive or promoter%s%s%s",
		condition->text, nearest ? "; did you mean " : "",
		nearest ? nearest : "", nearest ? "?" : "");
}

static bool
is_score(double number)
{
	return number >= SCORE_LOW && number <= SCORE_HIGH;
}

static bool
check_score(const struct place *place, const struct condition *condition)
{
	enum category category;
	bool number =
		condition->kind == CONDITION_COMPARE ||
		condition->kind == CONDITION_RANGE ||
		(condition->kind == CONDITION_EQUAL && condition->is_number);

	if (category_from_name(condition->text, &category))
		return conf_error(place->reader->errors, place->node,
			place->path,
			"a score is a number; did you mean category: %s?",
			condition->text);
	if (!number)
		return conf_error(place->reader->errors, place->node,
			place->path,
			"a score is a number: expected 3, 0-6 or \"<=6\"");
	if (!is_score(condition->low) || (condition->kind == CONDITION_RANGE &&
						 !is_score(condition->high)))
		return conf_error(place->reader->errors, place->node,
			place->path, "scores go from %d to %d", SCORE_LOW,
			SCORE_HIGH);
	if (condition->kind == CONDITION_EQUAL &&
		condition->low != trunc(condition->low))
		return conf_error(place->reader->errors, place->node,
			place->path, "a score is a whole number");
	return true;
}

static bool
check_boolean(const struct place *place, const struct condition *condition)
{
	if (condition->kind == CONDITION_EQUAL &&
		(!strcmp(condition->text, "true") ||
			!strcmp(condition->text, "false")))
		return true;
	return conf_error(place->reader->errors, place->node, place->path,
		"expected true or false");
}

/* What can be known of a field's values beforehand. */
static bool
check_condition(const struct place *place, const struct matcher *matcher,
	const struct condition *condition)
{
	if (condition->kind == CONDITION_PRESENT ||
		condition->kind == CONDITION_ABSENT)
		return true;
	if (is_field(&matcher->field, "category"))
		return check_category(place, condition);
	if (is_field(&matcher->field, "score"))
		return check_score(place, condition);
	if (is_field(&matcher->field, "contact_ok"))
		return check_boolean(place, condition);
	return true;
}

/* Adds what one scalar says. */
static bool
read_condition(
	const struct place *place, bool contains, struct matcher *matcher)
{
	const struct conf_node *node = place->node;
	struct conf_errors *errors = place->reader->errors;
	struct condition condition;
	struct err err;

	if (node->type != CONF_SCALAR)
		return conf_error(
			errors, node, place->path, "expected a plain value");
	if (conf_node_is_null(node))
		return conf_error(errors, node, place->path,
			"null matches nothing; write absent for a missing "
			"value, or \"\" for an empty text");
	bool ok = contains ? condition_parse_contains(
				     &condition, node->text, &err)
			   : condition_parse(&condition, node->text,
				     node->quoted, &err);

	if (!ok)
		return conf_error(errors, node, place->path, "%s", err.text);
	matcher->any = mem_grow(
		matcher->any, matcher->count + 1, sizeof(*matcher->any));
	matcher->any[matcher->count++] = condition;
	return check_condition(place, matcher, &condition);
}

/* One value or a list of them. */
static bool
read_conditions(
	const struct place *place, bool contains, struct matcher *matcher)
{
	const struct conf_node *node = place->node;
	bool ok = true;

	if (node->type != CONF_LIST)
		return read_condition(place, contains, matcher);
	if (!node->count)
		return conf_error(place->reader->errors, node, place->path,
			"the list is empty: nothing would match");
	for (size_t i = 0; i < node->count; i++) {
		struct place inner = *place;

		inner.node = node->values[i];
		ok = read_condition(&inner, contains, matcher) && ok;
	}
	return ok;
}

/* {contains: ...}, the only map that there is. */
static bool
read_map(const struct place *place, struct matcher *matcher)
{
	static const char *const keys[] = {"contains", NULL};
	const struct conf_node *node = place->node;
	struct place inner = *place;

	if (node->count == 1 && !strcmp(node->keys[0]->text, keys[0])) {
		inner.node = node->values[0];
		return read_conditions(&inner, true, matcher);
	}
	for (size_t i = 0; i < node->count; i++) {
		if (!strcmp(node->keys[i]->text, keys[0]))
			continue;
		return conf_error(place->reader->errors, node->keys[i],
			place->path, "unknown key \"%s\"; %s",
			node->keys[i]->text,
			text_nearest(node->keys[i]->text, keys)
				? "did you mean contains?"
				: "a field inside another is written with a "
				  "dot: segment.region");
	}
	return conf_error(place->reader->errors, node, place->path,
		"expected a value, a list of values, or {contains: [words]}");
}

static void
warn_unknown(const struct place *place, const struct conf_node *key,
	const struct field *field)
{
	const char *nearest;

	if (field_is_known(field))
		return;
	nearest = text_nearest(field->parts[0], field_known_names());
	conf_warning(place->reader->errors, key, place->path,
		"\"%s\" is no field of the response format%s%s%s",
		field->parts[0], nearest ? "; did you mean " : "",
		nearest ? nearest : "", nearest ? "?" : "");
}

/* Reads one member of the map. */
static bool
read_matcher(const struct place *place, const struct conf_node *key,
	struct matcher *matcher)
{
	struct err err;

	if (!field_parse(&matcher->field, key->text, &err))
		return conf_error(place->reader->errors, key, place->path, "%s",
			err.text);
	warn_unknown(place, key, &matcher->field);
	if (place->node->type == CONF_MAP)
		return read_map(place, matcher);
	return read_conditions(place, false, matcher);
}

bool
matchers_read(struct setting_reader *reader, const struct conf_node *node,
	const char *path, void *where)
{
	struct matchers *matchers = where;
	bool ok = true;

	*matchers = (struct matchers){0};
	if (!node || conf_node_is_null(node))
		return true;
	if (node->type != CONF_MAP)
		return conf_error(reader->errors, node, path,
			"expected a map of fields and values, such as "
			"{category: detractor}");
	matchers->items = mem_new(node->count, sizeof(*matchers->items));
	for (size_t i = 0; i < node->count; i++) {
		char *inner = mem_printf(
			"%s.%s", path ? path : "match", node->keys[i]->text);
		struct place place = {reader, node->values[i], inner};

		/* Counted first: what was read of a bad one is freed too. */
		ok = read_matcher(&place, node->keys[i],
			     &matchers->items[matchers->count++]) &&
		     ok;
		free(inner);
	}
	return ok;
}

void
matchers_done(void *where)
{
	struct matchers *matchers = where;

	for (size_t i = 0; i < matchers->count; i++) {
		struct matcher *matcher = &matchers->items[i];

		for (size_t j = 0; j < matcher->count; j++)
			condition_done(&matcher->any[j]);
		free(matcher->any);
		field_done(&matcher->field);
	}
	free(matchers->items);
	*matchers = (struct matchers){0};
}

static bool
matcher_holds(const struct matcher *matcher, const struct subject *subject)
{
	struct value value;

	field_find(&matcher->field, subject, &value);
	for (size_t i = 0; i < matcher->count; i++)
		if (condition_holds(&matcher->any[i], &value))
			return true;
	return false;
}

bool
matchers_ask(const struct matchers *matchers, const char *name)
{
	for (size_t i = 0; i < matchers->count; i++)
		if (strcmp(matchers->items[i].field.parts[0], name) == 0)
			return true;
	return false;
}

size_t
matchers_first_failed(
	const struct matchers *matchers, const struct subject *subject)
{
	size_t i = 0;

	while (i < matchers->count &&
		matcher_holds(&matchers->items[i], subject))
		i++;
	return i;
}

/* Score and category of an answer hang together. */
static bool
asks_score(const struct matcher *matcher)
{
	return matcher->field.count == 1 &&
	       (is_field(&matcher->field, "score") ||
		       is_field(&matcher->field, "category"));
}

static unsigned
scores_of(const struct matcher *matcher)
{
	unsigned scores = 0;

	for (int score = SCORE_LOW; score <= SCORE_HIGH; score++) {
		struct value value = {.type = VALUE_NUMBER, .number = score};

		if (is_field(&matcher->field, "category"))
			value = (struct value){.type = VALUE_TEXT,
				.text = category_name(category_of(score))};
		for (size_t i = 0; i < matcher->count; i++)
			if (condition_holds(&matcher->any[i], &value))
				scores |= 1u << score;
	}
	return scores;
}

unsigned
matchers_scores(const struct matchers *matchers, bool *others)
{
	unsigned scores = ~0u >> (31 - SCORE_HIGH);

	*others = false;
	for (size_t i = 0; i < matchers->count; i++) {
		if (asks_score(&matchers->items[i]))
			scores &= scores_of(&matchers->items[i]);
		else
			*others = true;
	}
	return scores;
}

/* Each of its conditions implies one of the other's. */
static bool
matcher_implies(const struct matcher *narrow, const struct matcher *wide)
{
	for (size_t i = 0; i < narrow->count; i++) {
		bool found = false;

		for (size_t j = 0; j < wide->count && !found; j++)
			found = condition_implies(
				&narrow->any[i], &wide->any[j]);
		if (!found)
			return false;
	}
	return true;
}

static bool
same_field(const struct field *left, const struct field *right)
{
	if (left->count != right->count)
		return false;
	for (size_t i = 0; i < left->count; i++)
		if (strcmp(left->parts[i], right->parts[i]) != 0)
			return false;
	return true;
}

bool
matchers_imply(const struct matchers *narrow, const struct matchers *wide)
{
	for (size_t i = 0; i < wide->count; i++) {
		const struct matcher *asked = &wide->items[i];
		bool found = asks_score(asked);

		for (size_t j = 0; j < narrow->count && !found; j++)
			found = same_field(&narrow->items[j].field,
					&asked->field) &&
				matcher_implies(&narrow->items[j], asked);
		if (!found)
			return false;
	}
	return true;
}

/* What stands between the field and its only condition. */
static const char *
verb_of(const struct condition *condition)
{
	switch (condition->kind) {
	case CONDITION_EQUAL:
		return " is ";
	case CONDITION_RANGE:
		return " in ";
	case CONDITION_CONTAINS:
		return " contains ";
	case CONDITION_COMPARE:
	case CONDITION_PRESENT:
	case CONDITION_ABSENT:
		break;
	}
	return " ";
}

void
matcher_describe(
	const struct matchers *matchers, size_t number, struct buf *out)
{
	const struct matcher *matcher = &matchers->items[number];

	text_append_escaped(out, matcher->field.text,
		strlen(matcher->field.text), FIELD_TEXT_LIMIT_BYTES);
	if (!matcher->count)
		return; /* of a configuration that was refused */
	if (matcher->count == 1) {
		buf_append_text(out, verb_of(&matcher->any[0]));
		condition_describe(&matcher->any[0], out);
		return;
	}
	buf_append_text(out, matcher->any[0].kind == CONDITION_CONTAINS
				     ? " contains any of ["
				     : " in [");
	for (size_t i = 0; i < matcher->count; i++) {
		if (i)
			buf_append_text(out, ", ");
		condition_describe(&matcher->any[i], out);
	}
	buf_append_char(out, ']');
}
