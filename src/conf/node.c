/*
 * node - the door to libyaml: a tree of nodes from its events (node.h, tree.h).
 *
 * Events and not libyaml's own documents, because those would have taken all of
 * a file before the first look at it: nesting is cut here at CONF_DEPTH_LIMIT,
 * while the time that libyaml takes for flow nesting grows with its square.
 */
#include "conf/node.h"

#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "base/memory.h"
#include "base/text.h"
#include "conf/charset.h"
#include "conf/errors.h"
#include "conf/tree.h"

/* A map or a list that is not closed yet. */
struct frame {
	struct conf_node *node;
	struct conf_node *key; /* of a map: waits for its value */
	bool skips;	       /* the key was refused: its value goes too */
};

struct parse {
	yaml_parser_t yaml;
	const char *file;
	const char *data;
	size_t length;
	struct conf_errors *errors;
	struct frame frames[CONF_DEPTH_LIMIT];
	size_t depth;
	struct conf_node *root;
	int documents;
	bool ended;
	bool cut; /* the rest is closed, whatever is missing */
};

/* Where the node that is read now stands: "rules[2].when". */
static void
append_path(const struct parse *parse, struct buf *path)
{
	buf_append_text(path, "");
	for (size_t i = 0; i < parse->depth; i++) {
		const struct frame *frame = &parse->frames[i];

		if (frame->node->type == CONF_LIST)
			buf_printf(path, "[%zu]", frame->node->count);
		else if (frame->key)
			buf_printf(path, "%s%s", path->length ? "." : "",
				frame->key->text);
	}
}

static void
refuse(struct parse *parse, const yaml_mark_t *mark, const char *message)
{
	struct buf path = {0};

	append_path(parse, &path);
	conf_error_at(parse->errors, parse->file, (int)mark->line + 1,
		(int)mark->column + 1, path.data, "%s", message);
	buf_done(&path);
}

static struct conf_node *
new_node(struct parse *parse, enum conf_node_type type,
	const yaml_event_t *event)
{
	struct conf_node *node;

	if (type == CONF_SCALAR)
		node = tree_new(type, parse->file,
			(const char *)event->data.scalar.value,
			event->data.scalar.length);
	else
		node = tree_new(type, parse->file, NULL, 0);
	node->line = (int)event->start_mark.line + 1;
	node->column = (int)event->start_mark.column + 1;
	node->end_line = (int)event->end_mark.line + 1;
	node->end_column = (int)event->end_mark.column + 1;
	return node;
}

/* The key of a map: NULL if it cannot be one; then it is told. */
static struct conf_node *
accept_key(struct parse *parse, struct conf_node *node, const yaml_mark_t *mark)
{
	const char *why = NULL;

	if (!node)
		return NULL;
	if (node->type != CONF_SCALAR)
		why = "a key must be a text, not a map or a list";
	else if (strlen(node->text) > CONF_KEY_LIMIT_BYTES)
		why = "a key can have 200 bytes at most";
	else if (!node->quoted && strcmp(node->text, "<<") == 0)
		why = "unknown key \"<<\": YAML merge keys are not used here; "
		      "write the keys out";
	if (!why)
		return node;
	if (!parse->cut)
		refuse(parse, mark, why);
	tree_free(node);
	return NULL;
}

/* Puts a node that is complete where it belongs. NULL: it was refused. */
static void
place(struct parse *parse, struct conf_node *node, const yaml_mark_t *mark)
{
	if (parse->depth == 0) {
		parse->root = node;
		return;
	}
	struct frame *frame = &parse->frames[parse->depth - 1];

	if (frame->node->type == CONF_LIST) {
		if (node)
			tree_append(frame->node, NULL, node);
		else
			frame->node->partial = true;
	} else if (frame->skips) {
		tree_free(node);
		frame->skips = false;
		frame->node->partial = true;
	} else if (!frame->key) {
		frame->key = accept_key(parse, node, mark);
		frame->skips = !frame->key;
	} else {
		if (node)
			tree_append(frame->node, frame->key, node);
		else
			tree_free(frame->key);
		frame->node->partial |= !node;
		frame->key = NULL;
	}
}

static void
open_node(struct parse *parse, enum conf_node_type type,
	const yaml_event_t *event)
{
	if (parse->depth == CONF_DEPTH_LIMIT) {
		refuse(parse, &event->start_mark,
			"nested too deeply: 24 levels are the limit");
		parse->ended = true;
		return;
	}
	parse->frames[parse->depth++] =
		(struct frame){.node = new_node(parse, type, event)};
}

static void
close_node(struct parse *parse, const yaml_mark_t *mark)
{
	struct frame *frame = &parse->frames[parse->depth - 1];
	struct conf_node *node = frame->node;

	if (node->type == CONF_MAP && node->count > 1) {
		struct buf path = {0};

		append_path(parse, &path);
		tree_refuse_duplicates(node, path.data, parse->errors);
		buf_done(&path);
	}
	node->end_line = (int)mark->line + 1;
	node->end_column = (int)mark->column + 1;
	parse->depth--;
	yaml_mark_t start = {.line = (size_t)node->line - 1,
		.column = (size_t)node->column - 1};

	place(parse, node, &start);
}

/* Tags and anchors are told, and the node is read as if they were not there. */
static void
refuse_marks(struct parse *parse, const yaml_event_t *event,
	const yaml_char_t *anchor, const yaml_char_t *tag)
{
	char message[200];

	if (anchor) {
		snprintf(message, sizeof(message),
			"found the anchor &%.60s; anchors and aliases are not "
			"used here, write the value out",
			(const char *)anchor);
		refuse(parse, &event->start_mark, message);
	}
	if (tag) {
		snprintf(message, sizeof(message),
			"found the tag %.60s; tags are not used here, the "
			"setting knows its type",
			(const char *)tag);
		refuse(parse, &event->start_mark, message);
	}
}

static void
take_alias(struct parse *parse, const yaml_event_t *event)
{
	char message[200];

	snprintf(message, sizeof(message),
		"found the alias *%.60s; anchors and aliases are not used "
		"here, write the value out",
		(const char *)event->data.alias.anchor);
	refuse(parse, &event->start_mark, message);
	place(parse, NULL, &event->start_mark);
}

static void
take_scalar(struct parse *parse, const yaml_event_t *event)
{
	struct conf_node *node = NULL;

	refuse_marks(parse, event, event->data.scalar.anchor,
		event->data.scalar.tag);
	if (memchr(event->data.scalar.value, '\0', event->data.scalar.length)) {
		refuse(parse, &event->start_mark,
			"found a NUL, which is no "
			"text");
	} else {
		node = new_node(parse, CONF_SCALAR, event);
		node->quoted =
			event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
	}
	place(parse, node, &event->start_mark);
}

static void
take(struct parse *parse, const yaml_event_t *event)
{
	switch (event->type) {
	case YAML_DOCUMENT_START_EVENT:
		if (parse->documents++ == 0)
			return;
		refuse(parse, &event->start_mark,
			"found a second YAML document; one file holds one");
		parse->ended = true;
		return;
	case YAML_ALIAS_EVENT:
		take_alias(parse, event);
		return;
	case YAML_SCALAR_EVENT:
		take_scalar(parse, event);
		return;
	case YAML_SEQUENCE_START_EVENT:
		refuse_marks(parse, event, event->data.sequence_start.anchor,
			event->data.sequence_start.tag);
		open_node(parse, CONF_LIST, event);
		return;
	case YAML_MAPPING_START_EVENT:
		refuse_marks(parse, event, event->data.mapping_start.anchor,
			event->data.mapping_start.tag);
		open_node(parse, CONF_MAP, event);
		return;
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		close_node(parse, &event->end_mark);
		return;
	case YAML_STREAM_END_EVENT:
		parse->ended = true;
		return;
	case YAML_NO_EVENT:
	case YAML_STREAM_START_EVENT:
	case YAML_DOCUMENT_END_EVENT:
		return;
	}
}

/* What libyaml says, and how to say it so that it helps. */
static const struct {
	const char *theirs, *ours;
} phrases[] = {
	{"could not find expected ':'", "expected \": \" behind this key"},
	{"mapping values are not allowed in this context",
		"a \": \" cannot stand here: a value that holds one needs "
		"quotes, and a key the indentation of its neighbours"},
	{"did not find expected key",
		"expected a key here; look at the indentation and the quotes"},
	{"did not find expected '-' indicator",
		"expected \"- \" here, as in front of the other items"},
	{"found unexpected end of stream", "a quote is not closed"},
	{"did not find expected ',' or ']'", "expected \",\" or \"]\" here"},
	{"did not find expected ',' or '}'", "expected \",\" or \"}\" here"},
	{"block sequence entries are not allowed in this context",
		"a list item cannot stand here: start the list on a new line"},
	{"did not find expected <document start>",
		"expected nothing more here: what stands before it is whole"},
	{"found character that cannot start any token",
		"a value cannot start with this character: put it in quotes"},
};

static const char *
phrase(const struct parse *parse, size_t offset)
{
	const char *theirs = parse->yaml.problem;

	if (!theirs)
		return "not valid YAML";
	if (strncmp(theirs, "found character that", 20) == 0 &&
		offset < parse->length && parse->data[offset] == '\t')
		return "found a tab, expected spaces: YAML does not indent "
		       "with tabs";
	for (size_t i = 0; i < sizeof(phrases) / sizeof(*phrases); i++)
		if (strcmp(phrases[i].theirs, theirs) == 0)
			return phrases[i].ours;
	return theirs;
}

/* The offset in bytes of a line and a column, both from 0. */
static size_t
offset_of(const struct parse *parse, const yaml_mark_t *mark)
{
	const char *at = parse->data;
	const char *end = at + parse->length;

	for (size_t line = 0; line < mark->line; line++) {
		const char *feed = memchr(at, '\n', (size_t)(end - at));

		if (!feed)
			return parse->length;
		at = feed + 1;
	}
	for (size_t column = 0; column < mark->column && at < end; column++) {
		size_t bytes = text_sequence(at, (size_t)(end - at), NULL);

		at += bytes ? bytes : 1;
	}
	return (size_t)(at - parse->data);
}

static void
refuse_syntax(struct parse *parse)
{
	const yaml_mark_t *mark = &parse->yaml.problem_mark;
	const yaml_mark_t *context = &parse->yaml.context_mark;
	const char *message = phrase(parse, offset_of(parse, mark));
	char whole[300];

	if (parse->yaml.error == YAML_MEMORY_ERROR)
		abort();
	if (parse->yaml.context && context->line != mark->line)
		snprintf(whole, sizeof(whole), "%s (%s from line %zu on)",
			message, parse->yaml.context, context->line + 1);
	else
		snprintf(whole, sizeof(whole), "%s", message);
	refuse(parse, mark, whole);
}

/* What is still open after a fault becomes part of the tree as it is. */
static void
close_open(struct parse *parse)
{
	yaml_mark_t nowhere = {0};

	parse->cut = true;
	while (parse->depth > 0) {
		struct frame *frame = &parse->frames[parse->depth - 1];

		tree_free(frame->key);
		frame->key = NULL;
		frame->node->partial = true;
		close_node(parse, &nowhere);
	}
}

struct conf_node *
tree_parse(const char *file, const char *data, size_t length,
	struct conf_errors *errors)
{
	struct parse parse = {
		.file = file,
		.data = data,
		.length = length,
		.errors = errors,
	};

	if (!charset_check(file, data, length, errors))
		return NULL;
	if (!yaml_parser_initialize(&parse.yaml))
		abort();
	yaml_parser_set_encoding(&parse.yaml, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(
		&parse.yaml, (const unsigned char *)data, length);
	while (!parse.ended) {
		yaml_event_t event;

		if (!yaml_parser_parse(&parse.yaml, &event)) {
			refuse_syntax(&parse);
			break;
		}
		take(&parse, &event);
		yaml_event_delete(&event);
	}
	close_open(&parse);
	yaml_parser_delete(&parse.yaml);
	return parse.root;
}

struct member {
	const char *key;
	size_t index;
};

static int
compare_members(const void *left, const void *right)
{
	const struct member *a = left;
	const struct member *b = right;
	int order = strcmp(a->key, b->key);

	if (order != 0)
		return order;
	return a->index < b->index ? -1 : a->index > b->index;
}

/* Sorted, because a map may have a few hundred thousand members. */
void
tree_refuse_duplicates(
	struct conf_node *map, const char *path, struct conf_errors *errors)
{
	struct member *members = mem_new(map->count + 1, sizeof(*members));
	bool *dropped = mem_new(map->count + 1, sizeof(*dropped));
	const char *prefix = path ? path : "";

	for (size_t i = 0; i < map->count; i++)
		members[i] = (struct member){map->keys[i]->text, i};
	qsort(members, map->count, sizeof(*members), compare_members);
	for (size_t i = 1, first = 0; i < map->count; i++) {
		const struct conf_node *one = map->keys[members[first].index];
		const struct conf_node *two = map->keys[members[i].index];

		if (strcmp(one->text, two->text) != 0) {
			first = i;
			continue;
		}
		char *where = mem_printf(
			"%s%s%s", prefix, *prefix ? "." : "", two->text);

		conf_error(errors, two, where,
			"given twice; the first stands at %s:%d", one->file,
			one->line);
		free(where);
		dropped[members[i].index] = true;
	}
	tree_drop(map, dropped);
	free(members);
	free(dropped);
}
