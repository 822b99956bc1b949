/* erasing_report - what an erasure tells: numbers, and names of nobody. */
#include "flow/erasing_private.h"

json_t *
erasing_report_new(void)
{
	return json_pack(
		"{s:{s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:i, "
		"s:i, s:i, s:i, s:i, s:i, s:i}, s:{}, s:{}, s:i, s:{}, "
		"s:i, s:[], s:i, s:n}",
		"erased", "answers", 0, "invitations", 0, "revisions", 0,
		"deliveries", 0, "cancelled", 0, "bodies", 0, "attempts", 0,
		"follow_ups", 0, "closed", 0, "notes", 0, "cooldowns", 0,
		"rejected", 0, "silences", 0, "storms", 0, "digests", 0,
		"others", 0, "sources", "told", "sent_anew", 0,
		"digests_cancelled", "named", 0, "named_in", "in_flight", 0,
		"file");
}

void
erasing_count(struct erasing_one *one, const char *part, const char *name,
	int64_t count)
{
	json_t *in =
		part != NULL ? json_object_get(one->report, part) : one->report;

	if (count != 0)
		json_object_set_new(in, name,
			json_integer(
				json_integer_value(json_object_get(in, name)) +
				count));
}
