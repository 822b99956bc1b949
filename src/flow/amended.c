/* amended - what is told of an answer that changed after its alert had left. */
#include "flow/amended.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/flat.h"
#include "base/memory.h"
#include "flow/frozen.h"
#include "nps/alert.h"
#include "nps/decide.h"

#define AMENDED_CAUSE "amend"

static const char *
comment_of(const struct response *response)
{
	const struct flat *comment = flat_member(response->record, "comment");

	return !flat_is_missing(comment) && comment->type == JSON_STRING
		       ? comment->text
		       : "";
}

/* A comment that is taken back is no news. */
static bool
comment_came(const struct alerts_of *about)
{
	const char *now = comment_of(about->subject->response);

	return now[0] != '\0' && strcmp(now, comment_of(about->before)) != 0;
}

static bool
score_changed(const struct alerts_of *about)
{
	return about->subject->response->score != about->before->score;
}

/* Which rules own an alert that has left. */
struct left {
	const struct rules *rules;
	bool *of_rule;
};

static void
on_alert(const struct delivery_row *delivery, void *context)
{
	struct left *left = context;

	for (size_t i = 0; delivery->was_claimed && i < left->rules->count; i++)
		left->of_rule[i] |= delivery->rule != NULL &&
				    strcmp(left->rules->items[i]->name,
					    delivery->rule) == 0;
}

static json_t *
document_of(struct keeping *keeping, const struct alerts_of *about,
	const struct rule *rule)
{
	const struct response *before = about->before;
	json_t *document = alert_subject(about->subject);
	struct alert_people people;

	following_describe(keeping->policy, keeping->link_key, keeping->now_ms,
		about->following, rule->name, about->subject, &people);
	alert_set_people(document, &people);
	alert_people_done(&people);
	alert_complete(document, rule->name,
		alerts_figures(keeping, about->subject->response->survey), "");
	json_object_set_new(document, "amended",
		json_pack("{s:{s:I, s:i, s:s, s:s}, s:b, s:b}", "before",
			"revision", (json_int_t)before->revision, "score",
			before->score, "category",
			category_name(before->category), "comment",
			comment_of(before), "score_changed",
			score_changed(about), "comment_came",
			comment_came(about)));
	return document;
}

static bool
tell(struct keeping *keeping, const struct alerts_of *about, const char *key,
	const struct rule *rule, struct err *err)
{
	char *revised = mem_printf(
		"%s %" PRId64, key, about->subject->response->revision);
	const struct frozen frozen = {
		.cause = AMENDED_CAUSE,
		.key = revised,
		.answer = about->row,
		.rule = rule->name,
		.document = document_of(keeping, about, rule),
	};
	bool good = true;

	for (size_t i = 0; good && i < rule->on_amend.count; i++)
		good = frozen_put(
			keeping, &frozen, rule->on_amend.items[i], err);
	json_decref(frozen.document);
	free(revised);
	return good;
}

static bool
is_silenced(const struct keeping *keeping, const struct alerts_of *about,
	size_t rule)
{
	return silences_find(&keeping->silences,
		       keeping->policy->rules->items[rule]->name,
		       about->subject, keeping->now_ms) != NULL;
}

static bool
tell_all(struct keeping *keeping, const struct alerts_of *about,
	const struct left *left, struct err *err)
{
	const struct response *response = about->subject->response;
	char *key = delivery_key_of_answer(response->survey, response->id);
	bool good = true;

	for (size_t i = 0; good && i < left->rules->count; i++)
		if (left->of_rule[i] && !is_silenced(keeping, about, i))
			good = tell(keeping, about, key, left->rules->items[i],
				err);
	free(key);
	return good;
}

bool
amended_tell(
	struct keeping *keeping, const struct alerts_of *about, struct err *err)
{
	struct left left = {keeping->policy->rules, NULL};
	bool good;

	if (about->before == NULL || !left.rules->tell_amended ||
		(!score_changed(about) && !comment_came(about)))
		return true;
	left.of_rule = mem_new(left.rules->count, sizeof(bool));
	good = store_each_alert(
		       keeping->store, about->row, on_alert, &left, err) &&
	       tell_all(keeping, about, &left, err);
	free(left.of_rule);
	return good;
}
