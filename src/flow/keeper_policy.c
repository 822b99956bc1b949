/* keeper_policy - what is compiled of a policy for the store thread alone. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "flow/keeper_private.h"
#include "flow/silencing.h"
#include "flow/watching.h"

/* What is compiled for the store thread alone. */
struct compiled {
	struct judge *judge;
	struct renderers *renderers;
	struct tally *tally;
	struct verdict *verdicts;
	struct verdict_texts *verdict_texts;
	struct watching *watching;
};

static void
compiled_done(struct compiled *compiled)
{
	judge_free(compiled->judge);
	renderers_close(compiled->renderers);
	tally_free(compiled->tally);
	free(compiled->verdicts);
	verdict_texts_free(compiled->verdict_texts);
	watching_free(compiled->watching);
}

static void
on_slot(int64_t id, const char *survey, const char *segment, const char *value,
	void *context)
{
	tally_load_slot(context, id, survey, segment, value);
}

static bool
open_watching(struct keeper *keeper, const struct policy *policy,
	struct compiled *compiled, struct err *err)
{
	static const struct watches none;

	compiled->watching =
		watching_open(policy->watches != NULL ? policy->watches : &none,
			compiled->tally, keeper->store,
			clock_wall_ms(keeper->settings.clock),
			keeper->keeping.watching, err);
	return compiled->watching != NULL;
}

static bool
compile(struct keeper *keeper, const struct policy *policy,
	struct compiled *compiled, struct err *err)
{
	struct conf_errors *errors = conf_errors_new();
	struct buf text = {0};

	memset(compiled, 0, sizeof(*compiled));
	compiled->judge = judge_new(policy->rules, errors);
	if (compiled->judge == NULL) {
		conf_errors_write(errors, &text);
		err_set(err, "%s", text.length > 0 ? text.data : "rules");
		buf_done(&text);
	}
	conf_errors_free(errors);
	if (compiled->judge != NULL)
		compiled->renderers = renderers_open(policy, err);
	if (compiled->renderers != NULL) {
		compiled->tally = tally_new(policy->tally);
		compiled->verdicts = mem_new(
			policy->rules->count + 1, sizeof(struct verdict));
		compiled->verdict_texts = verdict_texts_new(policy->rules);
		if (store_each_slot(
			    keeper->store, on_slot, compiled->tally, err) &&
			open_watching(keeper, policy, compiled, err))
			return true;
	}
	compiled_done(compiled);
	return false;
}

static void
use(struct keeper *keeper, struct policy *policy, struct compiled *compiled)
{
	struct keeping *keeping = &keeper->keeping;
	struct compiled old = {keeping->judge, keeping->renderers,
		keeping->tally, keeping->verdicts, keeping->verdict_texts,
		keeping->watching};

	keeping->judge = compiled->judge;
	keeping->renderers = compiled->renderers;
	keeping->tally = compiled->tally;
	keeping->verdicts = compiled->verdicts;
	keeping->verdict_texts = compiled->verdict_texts;
	keeping->watching = compiled->watching;
	keeping->policy = policy;
	keeper->policy = policy;
	keeper->follows = false;
	for (size_t i = 0; i < policy->rules->count; i++)
		keeper->follows |= policy->rules->items[i]->follow_up.given;
	compiled_done(&old);
}

bool
keeper_use_policy(struct keeper *keeper, struct policy *policy, struct err *err)
{
	struct compiled compiled;

	if (!compile(keeper, policy, &compiled, err))
		return false;
	use(keeper, policy, &compiled);
	return true;
}

void
keeper_run_policy(struct keeper *keeper, struct policy_job *job)
{
	struct policy *old = keeper->policy;

	job->job.good = keeper_use_policy(keeper, job->policy, &job->job.err);
	job->old = job->job.good ? old : NULL;
	if (job->job.good)
		silencing_check_rules(&keeper->keeping);
}

void
keeper_drop_policy(struct keeper *keeper)
{
	struct keeping *keeping = &keeper->keeping;
	struct compiled compiled = {keeping->judge, keeping->renderers,
		keeping->tally, keeping->verdicts, keeping->verdict_texts,
		keeping->watching};

	compiled_done(&compiled);
}
