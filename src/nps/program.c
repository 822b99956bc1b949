/* program - jq texts of settings. */
#include "nps/program.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"

static void
on_first_error(size_t number, const char *message, void *context)
{
	struct err *err = context;

	(void)number;
	if (err != NULL && *err->text == '\0')
		err_set(err, "%s", message);
}

bool
program_compile(struct expr_set *set, struct err *err)
{
	if (err != NULL)
		*err->text = '\0';
	return expr_set_compile(set, on_first_error, err);
}

/* Where "line L, column C" of a message is in the text. */
static bool
offset_of(const char *message, const char *text, size_t *offset)
{
	size_t line, column;
	const char *at = text;

	if (sscanf(message, "line %zu, column %zu:", &line, &column) != 2)
		return false;
	for (; line > 1 && at != NULL; line--) {
		at = strchr(at, '\n');
		at = at != NULL ? at + 1 : NULL;
	}
	if (at == NULL)
		return false;
	for (; column > 1 && *at != '\0' && *at != '\n'; column--)
		at += text_sequence(at, strlen(at), NULL);
	*offset = (size_t)(at - text);
	return true;
}

static void
tell(const struct program_place *place, const char *text, const char *message,
	struct conf_errors *errors)
{
	size_t offset;

	if (place->file != NULL)
		conf_error(errors, place->node, place->path, "%s: %s",
			place->file, message);
	else if (place->node != NULL && offset_of(message, text, &offset))
		conf_error_inside(errors, place->node, offset, place->path,
			"%s", message);
	else
		conf_error(errors, place->node, place->path, "%s", message);
}

static const char *const alert_names[] = {"response", "category", "previous",
	"owner", "follow_up", "due", "rule", "nps", "delivery", "failure",
	"amended", "drill", "watch", "digest", "storm", NULL};

struct names {
	const struct program_place *place;
	struct conf_errors *errors;
};

static void
on_path(const char *path, size_t length, void *context)
{
	const struct names *names = context;
	char *name;
	const char *near;
	bool known = false;

	if (length < 2)
		return;
	name = mem_copy(path + 1, length - 1);
	name[strcspn(name, ".[")] = '\0';
	for (size_t i = 0; alert_names[i] != NULL; i++)
		known |= strcmp(name, alert_names[i]) == 0;
	near = text_nearest(name, alert_names);
	if (!known && *name != '\0')
		conf_warning(names->errors, names->place->node,
			names->place->path,
			"%s%sthe alert has no \".%s\"; %s \".%s%s\"?",
			names->place->file != NULL ? names->place->file : "",
			names->place->file != NULL ? ": " : "", name,
			near != NULL ? "did you mean"
				     : "an answer's own "
				       "fields are in",
			near != NULL ? near : "response.",
			near != NULL ? "" : name);
	free(name);
}

void
program_check_names(const char *text, const struct program_place *place,
	struct conf_errors *errors)
{
	struct names names = {place, errors};

	if (place->sees_alert)
		expr_scan_paths(text, on_path, &names);
}

bool
program_check(const char *text, const struct program_place *place,
	struct conf_errors *errors)
{
	struct expr_set *set = expr_set_new();
	struct err err;
	bool good;

	if (place->is_map)
		expr_set_add_map(set, place->path, text);
	else
		expr_set_add(set, place->path, text);
	good = program_compile(set, &err);
	expr_set_free(set);
	if (!good)
		tell(place, text, err.text, errors);
	else
		program_check_names(text, place, errors);
	return good;
}

/* Takes out the bytes from `from` up to and with `to`, and a blank too many. */
static void
take_out(char *start, char *from, const char *to)
{
	if (from == NULL || to == NULL || from >= to)
		return;
	if (from > start && from[-1] == ' ' && (to[1] == ' ' || to[1] == '\0'))
		from--;
	memmove(from, to + 1, strlen(to + 1) + 1);
}

/* "string (VALUE) and number (VALUE) cannot be added": a value may hold
 * brackets of its own, so all goes from the first to the last. */
void
program_hush(struct err *err)
{
	char *text = err->text;

	take_out(text, strchr(text, '('), strrchr(text, ')'));
	/* "Cannot index number with "KEY"" quotes the program, not a value. */
	if (strstr(text, "Cannot index") == NULL)
		take_out(text, strchr(text, '"'), strrchr(text, '"'));
}
