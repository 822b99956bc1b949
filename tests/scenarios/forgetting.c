/* forgetting - somebody is forgotten, and looked for. */
#include "forgetting.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "flow/erasing.h"
#include "flow/keeper.h"

static void
on_back(struct job *job)
{
	(void)job;
}

bool
forgetting_ask(struct stage *stage, const char *by, const json_t *asked,
	struct buf *why)
{
	const char *who = json_string_at(asked, "who");
	const char *customer = json_string_at(asked, "customer");
	int64_t response =
		json_integer_value(json_object_get(asked, "response"));
	struct erasing_job *job =
		erasing_job_new(who != NULL	   ? ERASURE_OF_PERSON
				: customer != NULL ? ERASURE_OF_CUSTOMER
						   : ERASURE_OF_RESPONSE,
			who != NULL ? who : customer, response, by, NULL);
	bool good;

	job->mentions = json_is_true(json_object_get(asked, "mentions"));
	job->job.done = on_back;
	erasing_job_send(stage_keeper(stage), job);
	stage_turn(stage);
	good = job->job.good && !job->not_there;
	if (!good)
		buf_append_text(why, job->not_there ? "there is no such answer"
						    : job->job.err.text);
	erasing_job_free(job);
	return good;
}

/* ---- what is left ---- */

static bool
is_listed(struct stage *stage, int list, const char *text)
{
	json_t *rows = stage_list(stage, list);
	char *all = json_text(rows);
	bool is = strstr(all, text) != NULL;

	free(all);
	json_decref(rows);
	return is;
}

/* All of it; it is small. */
static bool
is_in_file(struct stage *stage, const char *text)
{
	enum { ROOM = 64 * 1024 * 1024 };
	struct store_writer *store = keeper_store(stage_keeper(stage));
	char *bytes = mem_new(ROOM, 1);
	size_t length = 0;
	struct err err;
	bool is = !store_checkpoint(store, true, &err) ||
		  !store_read_file(store, 0, bytes, ROOM, &length, &err) ||
		  memmem(bytes, length, text, strlen(text)) != NULL;

	free(bytes);
	return is;
}

const char *
forgetting_finds(struct stage *stage, const char *text)
{
	static const struct {
		int list;
		const char *name;
	} lists[] = {{STORE_RESPONSES, "answers"},
		{STORE_REJECTED, "rejected records"},
		{STORE_DELIVERIES, "deliveries"},
		{STORE_FOLLOW_UPS, "follow-ups"}, {STORE_SILENCES, "silences"},
		{STORE_ERASURES, "erasures"}};

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		if (is_listed(stage, lists[i].list, text))
			return lists[i].name;
	return is_in_file(stage, text) ? "the file" : NULL;
}
