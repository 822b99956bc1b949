/* failure_chain - who is told when an action fails. */
#include "top/failure_chain.h"

#include <stdlib.h>
#include <string.h>

#include "action/action.h"
#include "base/buf.h"
#include "base/memory.h"
#include "base/text.h"

/* Its place in the section, or -1. */
static int
find(const struct setting_items *actions, const char *name)
{
	for (size_t i = 0; i < actions->count; i++)
		if (strcmp(actions->items[i].name, name) == 0)
			return (int)i;
	return -1;
}

static const struct setting_texts *
told_of(const struct setting_items *actions, int action)
{
	const struct action_settings *settings = actions->items[action].record;

	return &settings->on_failure;
}

static bool
fault(const struct setting_items *actions, int action,
	struct conf_errors *errors, const char *text)
{
	const struct setting_item *item = &actions->items[action];
	char *path = mem_printf("actions.%s.on_failure", item->name);

	conf_error(errors, conf_node_at(item->node, "on_failure"), path, "%s",
		text);
	free(path);
	return false;
}

static bool
check_names(const struct setting_items *actions, int action,
	struct conf_errors *errors)
{
	const struct setting_texts *told = told_of(actions, action);
	const char **names = mem_new(actions->count + 1, sizeof(char *));
	bool good = true;

	for (size_t i = 0; i < actions->count; i++)
		names[i] = actions->items[i].name;
	for (size_t i = 0; i < told->count; i++) {
		const char *near = text_nearest(told->items[i], names);
		char *text = mem_printf("there is no action \"%s\"%s%s%s",
			told->items[i], near != NULL ? "; did you mean \"" : "",
			near != NULL ? near : "", near != NULL ? "\"?" : "");

		if (find(actions, told->items[i]) < 0)
			good = fault(actions, action, errors, text);
		free(text);
	}
	free(names);
	return good;
}

/* The way so far, and how each action was left: a ring is told once. */
struct walk {
	const struct setting_items *actions;
	struct conf_errors *errors;
	enum { FRESH, ON_THE_WAY, DONE } * seen;
	int *way;
	int length;
	bool good;
};

static void
tell_ring(struct walk *walk, int again)
{
	struct buf text = {0};
	int i = 0;

	buf_append_text(&text, "goes round in a ring: ");
	while (walk->way[i] != again)
		i++;
	for (; i < walk->length; i++)
		buf_printf(
			&text, "%s, ", walk->actions->items[walk->way[i]].name);
	buf_printf(&text, "%s; who is told must not depend on who fails",
		walk->actions->items[again].name);
	walk->good = fault(walk->actions, walk->way[walk->length - 1],
		walk->errors, text.data);
	buf_done(&text);
}

static void
visit(struct walk *walk, int action)
{
	const struct setting_texts *told = told_of(walk->actions, action);

	walk->seen[action] = ON_THE_WAY;
	walk->way[walk->length++] = action;
	for (size_t i = 0; i < told->count; i++) {
		int next = find(walk->actions, told->items[i]);

		if (next >= 0 && walk->seen[next] == ON_THE_WAY)
			tell_ring(walk, next);
		else if (next >= 0 && walk->seen[next] == FRESH)
			visit(walk, next);
	}
	walk->length--;
	walk->seen[action] = DONE;
}

bool
failure_chain_check(
	const struct setting_items *actions, struct conf_errors *errors)
{
	struct walk walk = {
		.actions = actions,
		.errors = errors,
		.seen = mem_new(actions->count + 1, sizeof(*walk.seen)),
		.way = mem_new(actions->count + 1, sizeof(*walk.way)),
		.good = true,
	};

	for (int i = 0; i < (int)actions->count; i++) {
		walk.good &= check_names(actions, i, errors);
		if (walk.seen[i] == FRESH)
			visit(&walk, i);
	}
	free(walk.seen);
	free(walk.way);
	return walk.good;
}
