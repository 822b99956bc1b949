/* show_follow_ups - follow-ups with what was done to them, for people. */
#include <stdio.h>
#include <stdlib.h>

#include "base/json.h"
#include "top/command.h"

static void
show_member(const json_t *object, const char *key, const char *words)
{
	const json_t *value = json_object_get(object, key);
	char *text;

	if (value == NULL || json_is_null(value))
		return;
	text = show_text(value);
	printf(", %s %s", words, text);
	free(text);
}

void
show_follow_up(const json_t *follow_up)
{
	static const char *const events[] = {"AT=at", "ACT=act", "WHO=who",
		"HOW=how", "OWNER=owner", "REASON=reason", "NOTE=note", NULL};

	printf("follow-up %s: %s", json_string_at(follow_up, "row"),
		json_string_at(follow_up, "state"));
	show_member(follow_up, "reason", "because of");
	show_member(follow_up, "owner", "owner");
	show_member(follow_up, "claimed_by", "claimed by");
	if (json_is_true(json_object_get(follow_up, "overdue")))
		printf(", overdue");
	show_member(follow_up, "contact_by", "to be contacted by");
	show_member(follow_up, "resolve_by", "to be resolved by");
	show_member(follow_up, "tracked_in", "tracked in");
	if (json_is_true(json_object_get(follow_up, "improved")))
		printf(", improved");
	printf("\n");
	show_table(json_object_get(follow_up, "events"), events);
}
