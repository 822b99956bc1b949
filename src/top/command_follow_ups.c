/* command_follow_ups - follow-ups, claim and close: what became of unhappy
 * customers, and what a person did. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/memory.h"
#include "top/command.h"
#include "top/list.h"

#define ROUTE "/api/v1/follow-ups"

static const char *const columns[] = {"ROW=row", "STATE=state", "OWNER=owner",
	"CLAIMED BY=claimed_by", "OVERDUE=overdue", "CONTACT BY=contact_by",
	"RESOLVE BY=resolve_by", "SURVEY=survey", "RULE=rule",
	"RESPONSE=response", "OPENED=opened_at", NULL};

static const char *const cells[] = {"=row", "=survey", "=customer", "=account",
	"=response", "=last_response", "=folds", "=rule", "=state", "=owner",
	"=claimed_at", "=claimed_by", "=overdue", "=opened_at", "=contact_by",
	"=resolve_by", "=contacted_at", "=closed_at", "=attempts", "=reason",
	"=note", "=improved", "=tracked_in", NULL};

static int
show_one(const struct command_options *options)
{
	char *path = mem_printf(ROUTE "/%s", options->words[0]);
	char *missing =
		mem_printf("there is no follow-up %s", options->words[0]);
	json_t *follow_up;
	int code = client_get_row(options, path, missing, &follow_up);

	if (code == COMMAND_OK && options->json)
		show_json(follow_up);
	else if (code == COMMAND_OK)
		show_follow_up(follow_up);
	json_decref(follow_up);
	free(missing);
	free(path);
	return code;
}

static void
set(json_t *change, const char *name, const char *text)
{
	if (text != NULL)
		json_object_set_new(change, name, json_string(text));
}

/* outcome NULL: a note alone. */
static int
change(const struct command_options *options, const char *outcome,
	const char *owner)
{
	struct buf path = {0};
	json_t *asked = json_object(), *follow_up;
	int code;

	buf_printf(&path, ROUTE "/%s", options->words[0]);
	client_add_query(&path, "by", client_name());
	set(asked, "outcome", outcome);
	set(asked, "owner", owner);
	set(asked, "reason", options->reason);
	set(asked, "note", options->note);
	code = client_post(options, path.data, asked, &follow_up);
	if (code == COMMAND_OK && options->json) {
		show_json(follow_up);
	} else if (code == COMMAND_OK) {
		if (json_is_false(json_object_get(follow_up, "changed")))
			fputs("npsd: it was so already\n", stderr);
		show_follow_up(follow_up);
	}
	json_decref(follow_up);
	json_decref(asked);
	buf_done(&path);
	return code;
}

static bool
has_filter(const struct command_options *options)
{
	return options->state != NULL || options->owner != NULL ||
	       options->overdue || options->survey != NULL ||
	       options->rule != NULL || options->since != NULL ||
	       options->limit != NULL || options->cursor != NULL ||
	       options->csv;
}

int
command_follow_ups(const struct command_options *options)
{
	const char *outcome = options->contacted	? "contacted"
			      : options->not_reached	? "not_reached"
			      : options->reopen		? "reopen"
			      : options->assign != NULL ? "assign"
							: NULL;
	int acts = options->contacted + options->not_reached + options->reopen +
		   (options->assign != NULL);
	bool changes = acts > 0 || options->note != NULL;

	if (acts > 1)
		return command_misused("say one of --contacted, --not-reached, "
				       "--reopen and --assign");
	if (options->count == 0 && changes)
		return command_misused(
			"say which follow-up: npsd follow-ups ROW ...");
	if (options->count == 0)
		return list_show(
			options, ROUTE, options->csv ? cells : columns);
	if (has_filter(options))
		return command_misused("a row needs no filter, and is no CSV");
	if (!changes)
		return show_one(options);
	return change(options, outcome, options->assign);
}

int
command_claim(const struct command_options *options)
{
	return change(options, "claim", options->as);
}

int
command_close(const struct command_options *options)
{
	if (options->resolved == options->lost)
		return command_misused("say --resolved or --lost");
	if (options->reason == NULL)
		return command_misused("say --reason: why it ends so");
	return change(options, options->resolved ? "resolved" : "lost", NULL);
}
