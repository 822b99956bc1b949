/* links - the links of follow-ups that receivers were told. */
#include "links.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/text.h"
#include "crypt/link_token.h"
#include "flow/follow_up_link.h"
#include "flow/follow_ups.h"
#include "flow/keeper.h"
#include "flow/policy.h"
#include "nps/owner.h"
#include "store/store.h"

/* ---- all that were told ---- */

/* A follow-up as a document shows it: adds [token, its id, its owner then]. */
static void
add_link(json_t *links, const json_t *follow_up)
{
	const char *page =
		json_string_at(json_object_get(follow_up, "links"), "page");
	const char *at = page != NULL ? strstr(page, LINK_TOKEN_PATH) : NULL;

	if (at == NULL || json_string_at(follow_up, "state") == NULL)
		return;
	json_array_append_new(
		links, json_pack("[s, s, s?]", at + strlen(LINK_TOKEN_PATH),
			       json_string_at(follow_up, "id"),
			       json_string_at(follow_up, "owner")));
}

static void
gather(json_t *links, const json_t *value)
{
	const json_t *member;
	const char *name;
	size_t i;

	if (json_object_get(value, "links") != NULL)
		add_link(links, value);
	json_object_foreach((json_t *)(uintptr_t)value, name, member)
		gather(links, member);
	json_array_foreach(value, i, member) gather(links, member);
}

/* In the order in which they were tried, receiver by receiver. */
static json_t *
told_links(const struct stage *stage)
{
	json_t *receivers = stage_receivers(stage), *receiver, *body;
	json_t *links = json_array();
	const char *name, *id;

	json_object_foreach(receivers, name, receiver)
	{
		json_object_foreach(
			json_object_get(receiver, "tried"), id, body)
		{
			json_t *root =
				json_loads(json_string_value(body), 0, NULL);

			gather(links, root);
			json_decref(root);
		}
	}
	json_decref(receivers);
	return links;
}

/* A new reference; NULL: none was told. */
static json_t *
link_number(const struct stage *stage, int number)
{
	json_t *links = told_links(stage), *link = NULL;
	size_t count = json_array_size(links);

	if (count > 0)
		link = json_incref(
			json_array_get(links, (size_t)number % count));
	json_decref(links);
	return link;
}

/* ---- what one did ---- */

static const json_t *
row_of(const json_t *rows, const char *id)
{
	const json_t *row;
	size_t i;

	json_array_foreach(rows, i,
		row) if (text_same(json_string_at(row, "row"), id)) return row;
	return NULL;
}

/* That owner himself, or a manager above him. */
static bool
is_above(const struct owners *owners, const char *owner, const char *who)
{
	for (size_t left = owners != NULL ? owners->count + 1 : 1; left > 0;
		left--) {
		const struct owner *found = owners_find(owners, owner);

		if (text_same(owner, who))
			return true;
		if (found == NULL || found->manager == NULL)
			return false;
		owner = found->manager;
	}
	return false;
}

static void
wrong(struct buf *why, const char *words, const json_t *link, const json_t *row)
{
	char *texts[] = {json_text(link), row != NULL ? json_text(row) : NULL};

	if (why->length == 0)
		buf_printf(why, "%s: link %s, follow-up %s", words, texts[0],
			texts[1] != NULL ? texts[1] : "none");
	free(texts[0]);
	free(texts[1]);
}

static void
compare(struct stage *stage, const json_t *link, const json_t *before,
	const json_t *after, struct buf *why)
{
	const char *id = json_string_value(json_array_get(link, 1));
	const char *told = json_string_value(json_array_get(link, 2));
	const char *owner = json_string_at(row_of(before, id), "owner");
	const json_t *row;
	bool may;
	size_t i;

	/* Nobody's is for whoever comes first. */
	may = is_above(stage_policy(stage)->rules->owners,
		owner != NULL ? owner : FOLLOW_UP_LINK_NOBODY,
		told != NULL ? told : FOLLOW_UP_LINK_NOBODY);

	if (json_array_size(before) != json_array_size(after))
		wrong(why, "a link made or removed one", link, NULL);
	json_array_foreach(after, i, row)
	{
		const char *name = json_string_at(row, "row");

		if (json_equal(row, row_of(before, name)))
			continue;
		if (!text_same(name, id))
			wrong(why, "a link changed another one", link, row);
		else if (!may)
			wrong(why, "changed by the link of a former owner",
				link, row);
		else if (json_string_at(row, "tracked_in") != NULL)
			wrong(why, "changed by a link, and tracked elsewhere",
				link, row);
	}
}

static void
keep_job(struct job *job)
{
	(void)job;
}

/* As the page does, with a token that was found good. */
static bool
press(struct stage *stage, const struct link_token *token,
	const struct follow_up_change *change, struct buf *why)
{
	struct follow_up_job *job = follow_up_job_by_link(token);
	bool good;

	follow_up_job_change(job, change);
	job->job.done = keep_job;
	follow_up_job_send(stage_keeper(stage), job);
	keeper_step(stage_keeper(stage));
	good = job->job.good && job->end != FOLLOW_UP_NOT_THERE;
	if (!good)
		buf_printf(why, "a link that leads nowhere: %s",
			job->job.err.text);
	follow_up_job_free(job);
	return good;
}

bool
links_follow(struct stage *stage, int number,
	const struct follow_up_change *change, struct buf *why)
{
	json_t *link = link_number(stage, number), *before, *after;
	struct link_token token;
	enum link_verdict verdict;

	if (link == NULL)
		return true;
	verdict = link_token_read(keeper_link_key(stage_keeper(stage)),
		json_string_value(json_array_get(link, 0)), stage_now_ms(stage),
		&token);
	if (verdict == LINK_WRONG)
		wrong(why, "a link that was told is none", link, NULL);
	before = stage_list(stage, STORE_FOLLOW_UPS);
	/* Of one that was forgotten nothing is left. */
	if (verdict == LINK_GOOD &&
		row_of(before, json_string_value(json_array_get(link, 1))) !=
			NULL &&
		press(stage, &token, change, why)) {
		after = stage_list(stage, STORE_FOLLOW_UPS);
		compare(stage, link, before, after, why);
		json_decref(after);
	}
	json_decref(before);
	json_decref(link);
	stage_turn(stage);
	return why->length == 0;
}

bool
links_spoil(struct stage *stage, int number, struct buf *why)
{
	json_t *link = link_number(stage, number);
	struct link_token token;
	char *text;
	size_t at;

	if (link == NULL)
		return true;
	text = mem_strdup(json_string_value(json_array_get(link, 0)));
	at = (size_t)number % strlen(text);
	text[at] = text[at] == 'A' ? 'B' : 'A';
	if (link_token_read(keeper_link_key(stage_keeper(stage)), text,
		    stage_now_ms(stage), &token) != LINK_WRONG)
		wrong(why, "a spoilt link is good", link, NULL);
	free(text);
	json_decref(link);
	return why->length == 0;
}
