/* follow_ups - asked and changed on the store thread. */
#include "flow/follow_ups.h"

#include "base/json.h"
#include "base/text.h"
#include "flow/follow_up_link.h"
#include "flow/follow_up_view.h"
#include "nps/owner.h"
#include "store/row_json.h"
#include "store/store_erasures.h"
#include "store/store_follow_ups.h"

const struct follow_up_terms *
follow_ups_terms(const struct policy *policy, const char *rule)
{
	const struct rule *one = rules_find(policy->rules, rule);

	return one != NULL && one->follow_up.given ? &one->follow_up
						   : &follow_up_no_terms;
}

bool
follow_ups_keep(struct keeping *keeping, const struct follow_up *follow_up,
	const struct follow_up_change *change, struct err *err)
{
	struct follow_up_event event = {
		.follow_up = follow_up->row,
		.at_ms = change->at_ms,
		.act = change->act,
		.who = change->who,
		.how = change->how,
		.owner = change->owner,
		.reason = change->reason,
		.note = change->note,
		.answer = change->answer,
	};

	return store_change_follow_up(keeping->store, follow_up, err) &&
	       store_put_follow_up_event(keeping->store, &event, err);
}

/* ---- which one ---- */

static void
take_copy(const struct follow_up *follow_up, void *context)
{
	struct follow_up **copy = context;

	*copy = follow_up_copy(follow_up);
}

static void
take_row(const struct answer_row *answer, void *context)
{
	int64_t *row = context;

	*row = answer->row;
}

static enum store_found
find(struct keeping *keeping, const struct follow_up_job *job,
	struct follow_up **copy, struct err *err)
{
	int64_t answer = 0;
	enum store_found found;

	if (job->row != 0)
		return store_get_follow_up(
			keeping->store, job->row, take_copy, copy, err);
	if (job->survey == NULL || job->id == NULL)
		return STORE_NONE;
	found = store_find_answer(keeping->store, RESPONSE_ANSWER, job->survey,
		job->id, take_row, &answer, err);
	if (found != STORE_FOUND)
		return found;
	return store_find_follow_up_of(
		keeping->store, answer, take_copy, copy, err);
}

/* ---- how it stands ---- */

static void
append_event(const struct follow_up_event *event, void *context)
{
	json_array_append_new(context, row_json_event(event));
}

static void
take_content(const struct answer_row *answer, void *context)
{
	struct follow_up_job *job = context;
	struct json_fault fault;

	if (answer->content == NULL)
		return;
	job->response =
		json_read(answer->content, answer->content_length, &fault);
}

static bool
describe(struct keeping *keeping, struct follow_up_job *job,
	const struct follow_up *follow_up, const char *holder, struct err *err)
{
	json_t *events = json_array();

	job->follow_up = row_json_follow_up(follow_up);
	json_object_set_new(job->follow_up, "overdue",
		json_boolean(follow_up_is_overdue(follow_up, keeping->now_ms)));
	json_object_set_new(job->follow_up, "events", events);
	if (!store_each_follow_up_event(keeping->store, follow_up->row,
		    append_event, events, err) ||
		store_get_answer(keeping->store, follow_up->last_answer,
			take_content, job, err) == STORE_ERROR)
		return false;
	if (!job->by_link)
		return true;
	job->view = follow_up_view(keeping, follow_up,
		follow_ups_terms(keeping->policy, follow_up->rule),
		job->follow_up, job->response, err);
	if (job->view == NULL)
		return false;
	json_object_set_new(job->view, "reader",
		owner_json(keeping->policy->rules->owners, holder));
	return true;
}

/* ---- the change ---- */

/* Whoever is to have it must be somebody who can be reminded. What another
 * system says is taken as it is: it knows its people; and who has a link was
 * written to. */
static bool
owner_is_good(struct keeping *keeping, const struct follow_up_change *change,
	struct err *err)
{
	const char *owner = change->owner;

	if (owner == NULL && change->act == FOLLOW_UP_CLAIM)
		owner = change->who;
	return owner == NULL || text_same(change->how, "webhook") ||
	       owners_know(keeping->policy->rules->owners, owner, err);
}

static bool
change(struct keeping *keeping, struct follow_up_job *job,
	struct follow_up *follow_up, const struct link_holder *holder,
	struct err *err)
{
	struct follow_up_change change = job->change;
	bool changed;

	if (change.at_ms == 0)
		change.at_ms = keeping->now_ms;
	if (job->by_link)
		change.who = holder->name;
	/* Nobody knows who that was, and an action cannot be reminded. */
	if (job->by_link && holder->stands_in && change.act == FOLLOW_UP_CLAIM)
		change.owner = follow_up->owner;
	if ((!job->by_link &&
		    !owner_is_good(keeping, &change, &job->refusal)) ||
		!follow_up_apply(follow_up, &change,
			follow_ups_terms(keeping->policy, follow_up->rule),
			&changed, &job->refusal)) {
		job->end = FOLLOW_UP_REFUSED;
		return true;
	}
	if (!changed)
		return true;
	job->end = FOLLOW_UP_CHANGED;
	return follow_ups_keep(keeping, follow_up, &change, err);
}

/* What another system keeps track of is only shown by a link. And another
 * unfinished one may have been opened since it was closed. */
static bool
look_for_obstacles(struct keeping *keeping, struct follow_up_job *job,
	const struct follow_up *follow_up, struct err *err)
{
	struct follow_up *other = NULL;

	if (job->by_link && job->changes && follow_up->tracked_in != NULL) {
		job->end = FOLLOW_UP_REFUSED;
		err_set(&job->refusal,
			"%s keeps track of this follow-up; say it there",
			follow_up->tracked_in);
		return true;
	}
	if (!job->changes || job->change.act != FOLLOW_UP_REOPEN ||
		!follow_up_is_finished(follow_up))
		return true;
	if (text_same(follow_up->reason, ERASURE_REASON)) {
		job->end = FOLLOW_UP_REFUSED;
		err_set(&job->refusal,
			"the customer was forgotten; there is nobody to call");
		return true;
	}
	if (store_find_follow_up(keeping->store, follow_up->scope, take_copy,
		    &other, err) == STORE_ERROR)
		return false;
	if (other != NULL) {
		job->end = FOLLOW_UP_REFUSED;
		err_set(&job->refusal,
			"follow-up %lld of the same customer is open; go on "
			"there",
			(long long)other->row);
	}
	follow_up_free(other);
	return true;
}

bool
follow_ups_run(
	struct keeping *keeping, struct follow_up_job *job, struct err *err)
{
	struct follow_up *follow_up = NULL;
	struct link_holder holder = {NULL, false};
	bool good;

	job->end = FOLLOW_UP_NOT_THERE;
	json_decref(job->follow_up);
	json_decref(job->response);
	json_decref(job->view);
	job->follow_up = job->response = job->view = NULL;
	if (find(keeping, job, &follow_up, err) == STORE_ERROR)
		return false;
	if (follow_up == NULL)
		return true;
	job->end = FOLLOW_UP_UNCHANGED;
	if (job->by_link &&
		!follow_up_link_holder(keeping->policy, keeping->link_key,
			&job->link, follow_up, &holder)) {
		job->end = FOLLOW_UP_MOVED_ON;
		job->view = json_pack("{s:o}", "owner",
			owner_json(keeping->policy->rules->owners,
				follow_up->owner));
		follow_up_free(follow_up);
		return true;
	}
	good = look_for_obstacles(keeping, job, follow_up, err);
	if (good && job->changes && job->end != FOLLOW_UP_REFUSED)
		good = change(keeping, job, follow_up, &holder, err);
	good = good && describe(keeping, job, follow_up, holder.name, err);
	follow_up_free(follow_up);
	return good;
}
