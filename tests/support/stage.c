/* stage - the real way of a response with a settable clock. */
#include "stage.h"
#include "stage_script.h"
#include "base/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "action/action.h"
#include "base/memory.h"
#include "base/metrics.h"
#include "base/time.h"
#include "flow/digesting.h"
#include "flow/dispatch.h"
#include "flow/due.h"
#include "flow/follow_ups.h"
#include "flow/intake.h"
#include "flow/keeper.h"
#include "flow/reader.h"
#include "flow/watching.h"
#include "store/store.h"

enum { STAGE_ACTIONS_LIMIT = 48, STAGE_TURNS_LIMIT = 10000 };

/* ---- the receivers' side: an action of its own kind ---- */

struct part {				 /* one receiver */
	struct action_settings settings; /* first: what policy lends */
	char *name;
	int status;
	bool once; /* then 200 again */
	int64_t retry_after_ms;
	int tries, taken;
	int changed;	/* tries of an id with another body than before */
	json_t *ids;	/* id -> body */
	json_t *told;	/* id -> how often it was taken */
	json_t *bodies; /* body -> true */
	char *last_body;
	struct stage *stage;
};

struct player {
	struct sender sender;
	struct part *part;
};

struct playwright {
	struct renderer renderer;
	struct part *part;
};

struct send {
	struct part *part;
	send_done_fn on_done;
	void *context;
	char id[DELIVERY_ID_BYTES];
	struct send *next;
};

struct stage {
	struct clock_set clock;
	bool renders, opens;
	char folder[256];
	char *where;
	struct script *script; /* in force; those before it behind it */
	struct part parts[STAGE_ACTIONS_LIMIT];
	struct store_settings store;
	struct metrics *metrics;
	struct keeper *keeper;
	struct reader *reader;
	struct dispatch *dispatch;
	struct due *due;
	struct intake *intake;
	struct digesting *digesting;
	int64_t digest_ms; /* when it wants to be woken */
	struct voice *voices[4];
	size_t voice_count;
	int64_t set_back_ms;  /* in all */
	int64_t wake_ms;      /* of the dispatch, by the wall clock */
	int64_t due_ms;	      /* of what is due of follow-ups */
	struct send *waiting; /* sends whose end comes at the next turn */
	struct stage_result result;
};

static struct renderer *
play_renderer_open(const char *name, const void *settings, struct err *err)
{
	extern const struct action_kind stage_action;
	struct playwright *playwright = mem_new(1, sizeof(*playwright));

	playwright->renderer.kind = &stage_action;
	playwright->part = (struct part *)(uintptr_t)settings;
	if (playwright->part->stage->opens)
		return &playwright->renderer;
	err_set(err, "%s: the stage opens no renderer", name);
	free(playwright);
	return NULL;
}

static void
play_renderer_close(struct renderer *renderer)
{
	free(renderer);
}

static bool
play_render(struct renderer *renderer, const struct alert *alert,
	struct buf *body, struct err *err)
{
	const struct playwright *playwright = (struct playwright *)renderer;
	char *text;

	if (!playwright->part->stage->renders)
		return err_set(err, "the stage does not render");
	text = json_text_with(alert->document, JSON_COMPACT);
	buf_append_text(body, text);
	free(text);
	return true;
}

static void
add_text(struct setting_texts *texts, const char *text)
{
	texts->items =
		mem_grow(texts->items, texts->count + 1, sizeof(*texts->items));
	texts->items[texts->count++] = mem_strdup(text);
}

/* Of one that has several: the account and the team; who says "why" can be told
 * of to nobody. */
static bool
play_recipients(struct renderer *renderer, const json_t *document,
	struct setting_texts *out, struct err *err)
{
	const json_t *response = json_object_get(document, "response");
	const char *account =
		json_string_at(json_object_get(response, "account"), "id");
	const char *comment = json_string_at(response, "comment");

	(void)renderer;
	if (comment != NULL && strcmp(comment, "why") == 0)
		return err_set(err, "there is no receiver");
	if (account != NULL)
		add_text(out, account);
	add_text(out, "team");
	return true;
}

static struct sender *
play_sender_open(const char *name, const void *settings,
	const struct action_host *host, struct err *err)
{
	extern const struct action_kind stage_action;
	struct player *player = mem_new(1, sizeof(*player));

	(void)name;
	(void)host;
	(void)err;
	player->sender.kind = &stage_action;
	player->part = (struct part *)(uintptr_t)settings;
	return &player->sender;
}

static void
play_sender_close(struct sender *sender)
{
	free(sender);
}

static struct send *play_send(struct sender *sender,
	const struct parcel *parcel, send_done_fn on_done, void *context);
static void play_cancel(struct send *send);

const struct action_kind stage_action = {
	.setting = {.name = "stage", .size = sizeof(struct part)},
	.renderer_open = play_renderer_open,
	.renderer_close = play_renderer_close,
	.render = play_render,
	.sender_open = play_sender_open,
	.sender_close = play_sender_close,
	.send = play_send,
	.cancel = play_cancel,
};

static const struct action_kind stage_addressed = {
	.setting = {.name = "addressed", .size = sizeof(struct part)},
	.renderer_open = play_renderer_open,
	.renderer_close = play_renderer_close,
	.recipients = play_recipients,
	.render = play_render,
	.sender_open = play_sender_open,
	.sender_close = play_sender_close,
	.send = play_send,
	.cancel = play_cancel,
};

/* ---- the source's side ---- */

static void play_settled(struct source *source, struct batch *batch);

static const struct source_kind stage_source = {
	.setting = {.name = "stage"},
	.settled = play_settled,
};

struct voice {
	struct source source;
	struct source_settings settings;
	struct stage *stage;
	char *name;
	char survey[sizeof("survey")];
};

/* ---- the stage ---- */

static void
keep_try(struct part *part, const char *id, const char *body)
{
	const json_t *before = json_object_get(part->ids, id);
	json_t *text = json_string(body);

	part->changed += before != NULL && !json_equal(before, text);
	json_object_set_new(part->ids, id, text);
}

static void
keep_taken(struct part *part, const char *id)
{
	const json_t *before = json_object_get(part->told, id);

	part->taken++;
	json_object_set_new(
		part->told, id, json_integer(json_integer_value(before) + 1));
}

static struct send *
play_send(struct sender *sender, const struct parcel *parcel,
	send_done_fn on_done, void *context)
{
	struct part *part = ((struct player *)sender)->part;
	struct send *send = mem_new(1, sizeof(*send));
	char *body = mem_copy(parcel->body, parcel->body_length);

	part->tries++;
	keep_try(part, parcel->delivery_id, body);
	json_object_set_new(part->bodies, body, json_true());
	free(part->last_body);
	part->last_body = body;
	*send = (struct send){part, on_done, context, "", part->stage->waiting};
	snprintf(send->id, sizeof(send->id), "%s", parcel->delivery_id);
	part->stage->waiting = send;
	return send;
}

static void
play_cancel(struct send *send)
{
	struct send **at = &send->part->stage->waiting;

	while (*at != send)
		at = &(*at)->next;
	*at = send->next;
	free(send);
}

static enum outcome_end
end_of(int status)
{
	switch (status) {
	case 401:
	case 403:
	case 404:
	case 407:
	case 410:
		return OUTCOME_ENDPOINT_DOWN;
	case 408:
	case 425:
	case 429:
		return OUTCOME_TRY_LATER;
	default:
		return status < 300   ? OUTCOME_DELIVERED
		       : status < 500 ? OUTCOME_GIVE_UP
				      : OUTCOME_TRY_LATER;
	}
}

/* Ends every send whose receiver answers. False if there was none. */
static bool
end_sends(struct stage *stage)
{
	struct send *list = stage->waiting, *kept = NULL;
	bool any = false;

	stage->waiting = NULL;
	while (list != NULL) {
		struct send *send = list;
		struct part *part = send->part;
		struct outcome outcome = {
			.end = end_of(part->status),
			.status = part->status,
			.retry_after_ms = part->retry_after_ms,
		};

		list = send->next;
		if (part->status == 0) {
			send->next = kept;
			kept = send;
			continue;
		}
		any = true;
		if (outcome.end == OUTCOME_DELIVERED)
			keep_taken(part, send->id);
		snprintf(outcome.reason, sizeof(outcome.reason), "answered %d",
			part->status);
		if (part->once)
			part->status = 200;
		part->once = false;
		send->on_done(&outcome, send->context);
		free(send);
	}
	while (kept != NULL) {
		struct send *next = kept->next;

		kept->next = stage->waiting;
		stage->waiting = kept;
		kept = next;
	}
	return any;
}

static void
on_wake_in(int64_t delay_ms, void *context)
{
	struct stage *stage = context;

	stage->wake_ms = stage->clock.wall_ms + delay_ms;
}

static void
on_due_in(int64_t delay_ms, void *context)
{
	struct stage *stage = context;

	stage->due_ms = stage->clock.wall_ms + delay_ms;
}

static void
on_digest_wake(int64_t delay_ms, void *context)
{
	struct stage *stage = context;

	stage->digest_ms = stage->clock.wall_ms + delay_ms;
}

static void
on_turn(void *context)
{
	struct stage *stage = context;

	if (stage->dispatch != NULL)
		dispatch_tick(stage->dispatch);
	if (stage->due != NULL)
		due_look(stage->due);
}

static double
on_chance(void *context)
{
	(void)context;
	return 0;
}

/* Everything that happens now, until nothing more does. */
static void
turn(struct stage *stage)
{
	for (int i = 0; i < STAGE_TURNS_LIMIT; i++) {
		size_t before = keeper_under_way(stage->keeper);
		bool due = stage->wake_ms <= stage->clock.wall_ms;
		bool follows = stage->due_ms <= stage->clock.wall_ms;
		bool asked;

		keeper_step(stage->keeper);
		asked = reader_step(stage->reader);
		if (due) {
			stage->wake_ms = INT64_MAX;
			dispatch_tick(stage->dispatch);
		}
		if (follows) {
			stage->due_ms = INT64_MAX;
			due_look(stage->due);
		}
		if (stage->digest_ms <= stage->clock.wall_ms) {
			stage->digest_ms = INT64_MAX;
			digesting_tick(stage->digesting);
			asked = true;
		}
		if (!end_sends(stage) && before == 0 && !due && !follows &&
			!asked && keeper_under_way(stage->keeper) == 0)
			return;
	}
	abort(); /* it never comes to rest */
}

static void
on_closed(void *context, struct source *source)
{
	(void)context;
	(void)source;
}

/* ---- opening ---- */

static struct part *
find_part(struct stage *stage, const char *name)
{
	for (size_t i = 0; i < STAGE_ACTIONS_LIMIT; i++) {
		struct part *part = &stage->parts[i];

		if (part->name != NULL && strcmp(part->name, name) == 0)
			return part;
		if (part->name != NULL)
			continue;
		part->name = mem_strdup(name);
		part->status = 200;
		part->retry_after_ms = -1;
		part->ids = json_object();
		part->told = json_object();
		part->bodies = json_object();
		part->stage = stage;
		return part;
	}
	abort();
}

/* Every action is played. */
static struct script *
cast(struct stage *stage, const char *yaml, struct err *err)
{
	struct script *script = script_read(yaml, err);

	for (size_t i = 0; script != NULL && i < script->actions.count; i++) {
		struct policy_action *action = &script->policy.actions[i];
		struct part *part = find_part(stage, action->name);

		part->settings = (struct action_settings){
			.limit = {8, script->rate},
			.on_failure = i == 0 ? script->on_failure
					     : (struct setting_texts){0, NULL},
			.on_failure_after_ms = MS_PER_HOUR,
			.retry = {script->first_ms, 3, 6 * MS_PER_HOUR,
				7 * MS_PER_DAY},
			.timeout_ms = 15000,
			.storm = i == 0 ? script->storm
					: (struct storm_terms){0, 0},
		};
		action->kind = script_is_addressed(script, action->name)
				       ? &stage_addressed
				       : &stage_action;
		action->settings = &part->settings;
	}
	return script;
}

static void
on_lane(const struct lane_row *row, void *context)
{
	dispatch_restore(context, row);
}

/* The process: all that a kill takes. */
static bool
boot(struct stage *stage, struct err *err)
{
	struct keeper_settings keeper = {
		.store = &stage->store,
		.clock = &stage->clock.clock,
		.policy = &stage->script->policy,
		.on_turn = on_turn,
		.context = stage,
	};
	struct dispatch_settings dispatch = {
		.clock = &stage->clock.clock,
		.node = stage->store.node,
		.wake_in = on_wake_in,
		.chance = on_chance,
		.context = stage,
	};
	struct due_settings due = {
		.clock = &stage->clock.clock,
		.wake_in = on_due_in,
		.context = stage,
	};
	struct intake_settings intake = {
		.clock = &stage->clock.clock,
		.contact_default = true,
		.on_closed = on_closed,
		.context = stage,
	};

	struct digesting_settings digesting = {
		.clock = &stage->clock.clock,
		.wake_in = on_digest_wake,
		.context = stage,
	};

	stage->metrics = metrics_new();
	keeper.metrics = dispatch.metrics = intake.metrics = stage->metrics;
	due.metrics = digesting.metrics = stage->metrics;
	stage->keeper = keeper_open(&keeper, err);
	if (stage->keeper == NULL)
		return false;
	stage->store.writer = keeper_store(stage->keeper);
	stage->reader = reader_open(&stage->store, err);
	if (stage->reader == NULL)
		return false;
	dispatch.keeper = intake.keeper = due.keeper = stage->keeper;
	stage->dispatch = dispatch_new(&dispatch);
	stage->due = due_new(&due);
	intake.dispatch = stage->dispatch;
	stage->intake = intake_new(&intake);
	digesting.keeper = stage->keeper;
	digesting.reader = stage->reader;
	stage->digest_ms = INT64_MAX;
	stage->digesting = digesting_new(&digesting);
	if (!keeper_each_lane(stage->keeper, on_lane, stage->dispatch, err) ||
		!dispatch_set_policy(
			stage->dispatch, &stage->script->policy, err))
		return false;
	due_look(stage->due);
	digesting_set(stage->digesting, &stage->script->plans);
	turn(stage);
	return true;
}

static void
die(struct stage *stage)
{
	dispatch_free(stage->dispatch);
	digesting_free(stage->digesting);
	stage->digesting = NULL;
	reader_close(stage->reader);
	keeper_close(stage->keeper);
	due_free(stage->due);
	intake_free(stage->intake);
	metrics_free(stage->metrics);
	stage->dispatch = NULL;
	stage->due = NULL;
	stage->due_ms = INT64_MAX;
	stage->reader = NULL;
	stage->keeper = NULL;
	stage->intake = NULL;
	stage->metrics = NULL;
}

static void
drop_scripts(struct stage *stage)
{
	while (stage->script != NULL) {
		struct script *script = stage->script;

		stage->script = script->next;
		script_free(script);
	}
}

static bool
furnish(struct stage *stage, const char *yaml, struct err *err)
{
	stage->script = cast(stage, yaml, err);
	return stage->script != NULL && boot(stage, err);
}

static struct stage *
open_in(bool memory, const char *yaml, int64_t now_ms, struct err *err)
{
	const char *top = getenv("TMPDIR");
	struct stage *stage = mem_new(1, sizeof(*stage));

	clock_set_init(&stage->clock, now_ms);
	stage->renders = stage->opens = true;
	stage->wake_ms = stage->due_ms = INT64_MAX;
	snprintf(stage->folder, sizeof(stage->folder), "%s/npsd-stage-XXXXXX",
		top != NULL ? top : "/tmp");
	if (mkdtemp(stage->folder) == NULL) {
		err_errno(err, "temporary folder");
		free(stage);
		return NULL;
	}
	stage->where = memory ? mem_strdup("memory:")
			      : mem_printf("sqlite:%s/npsd.db", stage->folder);
	stage->store = (struct store_settings){
		.where = stage->where,
		.node = "stage",
	};
	if (furnish(stage, yaml, err))
		return stage;
	stage_close(stage);
	return NULL;
}

struct stage *
stage_open(const char *yaml, int64_t now_ms, struct err *err)
{
	return open_in(false, yaml, now_ms, err);
}

struct stage *
stage_open_in_memory(const char *yaml, int64_t now_ms, struct err *err)
{
	return open_in(true, yaml, now_ms, err);
}

void
stage_close(struct stage *stage)
{
	char *command;

	if (stage == NULL)
		return;
	die(stage);
	for (size_t i = 0; i < STAGE_ACTIONS_LIMIT; i++) {
		free(stage->parts[i].name);
		free(stage->parts[i].last_body);
		json_decref(stage->parts[i].ids);
		json_decref(stage->parts[i].told);
		json_decref(stage->parts[i].bodies);
	}
	for (size_t i = 0; i < stage->voice_count; i++) {
		free(stage->voices[i]->name);
		free(stage->voices[i]);
	}
	drop_scripts(stage);
	command = mem_printf("rm -rf '%s'", stage->folder);
	if (system(command) != 0)
		fprintf(stderr, "%s stays\n", stage->folder);
	free(command);
	free(stage->where);
	free(stage);
}

bool
stage_kill(struct stage *stage, struct err *err)
{
	die(stage);
	return boot(stage, err);
}

bool
stage_down(struct stage *stage, int64_t ms, struct err *err)
{
	die(stage);
	clock_set_advance(&stage->clock, ms);
	return boot(stage, err);
}

bool
stage_restart_with(struct stage *stage, const char *yaml, struct err *err)
{
	die(stage);
	drop_scripts(stage);
	return furnish(stage, yaml, err);
}

struct reloading {
	struct policy_job job;
	bool good;
	struct err *err;
};

static void
on_policy(struct job *job)
{
	struct reloading *reloading = (struct reloading *)job;

	reloading->good = job->good;
	if (!job->good)
		*reloading->err = job->err;
}

bool
stage_reload(struct stage *stage, const char *yaml, struct err *err)
{
	struct script *script = cast(stage, yaml, err);
	struct reloading reloading = {.err = err};

	if (script == NULL ||
		!dispatch_prepare(stage->dispatch, &script->policy, err)) {
		script_free(script);
		return false;
	}
	reloading.job.job.type = JOB_POLICY;
	reloading.job.job.done = on_policy;
	reloading.job.policy = &script->policy;
	keeper_submit(stage->keeper, &reloading.job.job, 0);
	keeper_step(stage->keeper);
	if (!reloading.good) {
		dispatch_abandon(stage->dispatch);
		script_free(script);
		return false;
	}
	dispatch_switch(stage->dispatch);
	due_recompute(stage->due);
	script->next = stage->script;
	stage->script = script;
	digesting_set(stage->digesting, &script->plans);
	turn(stage);
	return true;
}

/* ---- for tests that look behind the scenes ---- */

void
stage_turn(struct stage *stage)
{
	turn(stage);
}

void
stage_renders(struct stage *stage, bool renders)
{
	stage->renders = renders;
}

void
stage_opens_renderers(struct stage *stage, bool opens)
{
	stage->opens = opens;
}

struct metrics *
stage_metrics(struct stage *stage)
{
	return stage->metrics;
}

struct keeper *
stage_keeper(struct stage *stage)
{
	return stage->keeper;
}

const struct clock *
stage_clock(const struct stage *stage)
{
	return &stage->clock.clock;
}

struct reader *
stage_reader(struct stage *stage)
{
	return stage->reader;
}

struct dispatch *
stage_dispatch(struct stage *stage)
{
	return stage->dispatch;
}

struct intake *
stage_intake(struct stage *stage)
{
	return stage->intake;
}

const struct policy *
stage_policy(const struct stage *stage)
{
	return &stage->script->policy;
}

/* ---- time ---- */

int64_t
stage_now_ms(const struct stage *stage)
{
	return stage->clock.wall_ms;
}

void
stage_set_clock(struct stage *stage, int64_t now_ms)
{
	if (now_ms >= stage->clock.wall_ms)
		clock_set_advance(&stage->clock, now_ms - stage->clock.wall_ms);
	stage->clock.wall_ms = now_ms;
	stage->wake_ms = stage->due_ms = now_ms;
	if (stage->digest_ms != INT64_MAX)
		stage->digest_ms = now_ms;
	turn(stage);
}

void
stage_jump(struct stage *stage, int64_t by_ms)
{
	stage->clock.wall_ms += by_ms;
	stage->set_back_ms -= by_ms < 0 ? by_ms : 0;
	/* The wake was asked for as a delay. */
	if (stage->wake_ms != INT64_MAX)
		stage->wake_ms += by_ms;
	if (stage->digest_ms != INT64_MAX)
		stage->digest_ms += by_ms;
	turn(stage);
}

int64_t
stage_set_back_ms(const struct stage *stage)
{
	return stage->set_back_ms;
}

static int64_t
next_ms(const struct stage *stage)
{
	int64_t next = keeper_next_look_ms(stage->keeper);

	next = next < stage->wake_ms ? next : stage->wake_ms;
	next = next < stage->digest_ms ? next : stage->digest_ms;
	return next < stage->due_ms ? next : stage->due_ms;
}

void
stage_pass(struct stage *stage, int64_t ms)
{
	int64_t end_ms = stage->clock.wall_ms + ms;

	while (next_ms(stage) < end_ms) {
		int64_t step = next_ms(stage) - stage->clock.wall_ms;

		clock_set_advance(&stage->clock, step > 0 ? step : 1);
		turn(stage);
	}
	clock_set_advance(&stage->clock, end_ms - stage->clock.wall_ms);
	turn(stage);
}

/* ---- answers ---- */

static void
play_settled(struct source *source, struct batch *batch)
{
	struct stage *stage = ((struct voice *)source)->stage;
	const struct record *record = &batch->records[0];

	stage->result = (struct stage_result){
		.kept = batch->kept,
		.rejected = record->settled_rejected,
		.rejection = record->rejection,
		.standing = record->standing,
		.row = record->row,
	};
	batch_free(batch);
}

static struct voice *
voice(struct stage *stage, const char *name)
{
	struct voice *new;

	for (size_t i = 0; i < stage->voice_count; i++)
		if (strcmp(stage->voices[i]->name, name) == 0)
			return stage->voices[i];
	if (stage->voice_count == 4)
		abort();
	new = mem_new(1, sizeof(*new));
	new->name = mem_strdup(name);
	new->stage = stage;
	new->source =
		(struct source){&stage_source, new->name, &new->settings, NULL};
	/* Sources may carry the same answers: they share a survey. */
	memcpy(new->survey, "survey", sizeof(new->survey));
	new->settings.survey = new->survey;
	new->settings.by_arrival = strcmp(name, "arrivals") == 0;
	stage->voices[stage->voice_count++] = new;
	return new;
}

static struct stage_result
offer(struct stage *stage, const char *source, const char *bytes, bool history)
{
	struct batch *batch =
		batch_new(&voice(stage, source)->source, "scenario");

	batch->history = history;
	batch_add(batch, bytes, strlen(bytes));
	memset(&stage->result, 0, sizeof(stage->result));
	if (!intake_host(stage->intake)->offer(stage->intake, batch))
		abort();
	turn(stage);
	return stage->result;
}

struct stage_result
stage_answer(struct stage *stage, const char *source, const char *bytes)
{
	return offer(stage, source, bytes, false);
}

struct stage_result
stage_history(struct stage *stage, const char *source, const char *bytes)
{
	return offer(stage, source, bytes, true);
}

/* ---- receivers ---- */

static struct part *
part_of(const struct stage *stage, const char *action)
{
	for (size_t i = 0; i < STAGE_ACTIONS_LIMIT; i++)
		if (stage->parts[i].name != NULL &&
			strcmp(stage->parts[i].name, action) == 0)
			return (struct part *)(uintptr_t)&stage->parts[i];
	fprintf(stderr, "no action %s\n", action);
	abort();
}

void
stage_receiver(struct stage *stage, const char *action, int status,
	int64_t retry_after_ms)
{
	struct part *part = part_of(stage, action);

	part->status = status;
	part->once = false;
	part->retry_after_ms = retry_after_ms;
	turn(stage);
}

void
stage_receiver_once(struct stage *stage, const char *action, int status)
{
	struct part *part = part_of(stage, action);

	part->status = status;
	part->once = true;
	part->retry_after_ms = -1;
	turn(stage);
}

struct stage_seen
stage_seen(const struct stage *stage, const char *action)
{
	const struct part *part = part_of(stage, action);

	return (struct stage_seen){part->tries, part->taken,
		(int)json_object_size(part->ids),
		(int)json_object_size(part->bodies), part->last_body};
}

json_t *
stage_receivers(const struct stage *stage)
{
	json_t *all = json_object();

	for (size_t i = 0; i < STAGE_ACTIONS_LIMIT; i++) {
		const struct part *part = &stage->parts[i];

		if (part->name != NULL)
			json_object_set_new(all, part->name,
				json_pack("{s:O, s:O, s:i}", "tried", part->ids,
					"taken", part->told, "changed",
					part->changed));
	}
	return all;
}

/* ---- questions ---- */

struct asking {
	struct question question;
	int list;
	int64_t row, next;
	const char *survey, *id;
	bool explain;
	json_t *result;
	int64_t found;
};

static void
ask(struct question *question, struct store_reader *store)
{
	struct asking *asking = (struct asking *)question;
	struct store_filter filter = {
		.category = -1, .state = -1, .limit = STORE_LIST_LIMIT};
	struct err err = {""};

	filter.before_row = asking->next;

	if (asking->id != NULL)
		asking->found =
			store_row_of(store, asking->survey, asking->id, &err);
	else if (asking->explain)
		asking->result = store_explain(store, asking->row, &err);
	else
		asking->result =
			store_list_rows(store, (enum store_list)asking->list,
				&filter, &asking->next, &err);
	if (err.text[0] != '\0')
		fprintf(stderr, "stage: %s\n", err.text);
}

static void
on_answer(struct question *question)
{
	(void)question;
}

static void
put(struct stage *stage, struct asking *asking)
{
	asking->question.ask = ask;
	asking->question.answer = on_answer;
	if (!reader_ask(stage->reader, &asking->question))
		abort();
	reader_step(stage->reader);
}

json_t *
stage_list(struct stage *stage, int list)
{
	struct asking asking = {.list = list};
	json_t *rows = json_array();

	do {
		put(stage, &asking);
		json_array_extend(rows, asking.result);
		json_decref(asking.result);
	} while (asking.next != 0);
	return rows;
}

json_t *
stage_explain(struct stage *stage, int64_t row)
{
	struct asking asking = {.row = row, .explain = true};

	put(stage, &asking);
	return asking.result;
}

int64_t
stage_row_of(struct stage *stage, const char *survey, const char *id)
{
	struct asking asking = {.survey = survey, .id = id};

	put(stage, &asking);
	return asking.found;
}

struct figuring {
	struct errand errand;
	const char *survey, *segment, *value, *window;
	struct counts counts;
	int64_t delivery;
	bool changed;
};

static void
on_value(const char *value, const struct counts *counts, void *context)
{
	struct figuring *figuring = context;

	if (strcmp(value, figuring->value) == 0)
		figuring->counts = *counts;
}

static bool
run_figures(struct errand *errand, struct store_writer *store,
	struct tally *tally, int64_t now_ms, struct err *err)
{
	struct figuring *figuring = (struct figuring *)errand;
	int window = tally_window(tally, figuring->window);

	(void)store;
	(void)now_ms;
	if (window < 0)
		return err_set(err, "no window %s", figuring->window);
	if (figuring->segment == NULL)
		tally_total(tally, figuring->survey, window, &figuring->counts);
	else
		tally_each(tally, figuring->survey, figuring->segment, window,
			on_value, figuring);
	return true;
}

static void
on_done(struct job *job)
{
	(void)job;
}

static void
submit(struct stage *stage, struct figuring *figuring)
{
	figuring->errand.job.type = JOB_ERRAND;
	figuring->errand.job.done = on_done;
	keeper_submit(stage->keeper, &figuring->errand.job, 0);
	keeper_step(stage->keeper);
	if (!figuring->errand.job.good)
		fprintf(stderr, "stage: %s\n", figuring->errand.job.err.text);
}

json_t *
stage_figures(struct stage *stage, const char *survey, const char *segment,
	const char *value, const char *window)
{
	struct figuring figuring = {.survey = survey,
		.segment = segment,
		.value = value,
		.window = window};
	struct figures figures;

	figuring.errand.run = run_figures;
	submit(stage, &figuring);
	figures_of(&figuring.counts, &figures);
	return figures_json(&figures);
}

struct watching_look {
	struct errand errand;
	json_t *watches;
};

static bool
run_watches(struct errand *errand, struct store_writer *store,
	struct tally *tally, int64_t now_ms, struct err *err)
{
	struct watching_look *look = (struct watching_look *)errand;

	(void)store;
	(void)now_ms;
	(void)err;
	look->watches = watching_json(errand->watching, tally);
	return true;
}

json_t *
stage_watches(struct stage *stage)
{
	struct watching_look look = {.errand.reads = true};

	look.errand.job.type = JOB_ERRAND;
	look.errand.job.done = on_done;
	look.errand.run = run_watches;
	keeper_submit(stage->keeper, &look.errand.job, 0);
	keeper_step(stage->keeper);
	return look.watches;
}

static bool
run_retry(struct errand *errand, struct store_writer *store,
	struct tally *tally, int64_t now_ms, struct err *err)
{
	struct figuring *figuring = (struct figuring *)errand;

	(void)tally;
	return store_retry(
		store, figuring->delivery, now_ms, &figuring->changed, err);
}

static bool
run_cancel(struct errand *errand, struct store_writer *store,
	struct tally *tally, int64_t now_ms, struct err *err)
{
	struct figuring *figuring = (struct figuring *)errand;

	(void)tally;
	return store_cancel(store, figuring->delivery, now_ms, "a person",
		&figuring->changed, err);
}

bool
stage_cancel(struct stage *stage, int64_t delivery)
{
	struct figuring figuring = {.delivery = delivery};

	dispatch_freeze(stage->dispatch, NULL);
	keeper_step(stage->keeper);
	figuring.errand.run = run_cancel;
	submit(stage, &figuring);
	dispatch_thaw(stage->dispatch, NULL);
	turn(stage);
	return figuring.changed;
}

bool
stage_retry(struct stage *stage, int64_t delivery)
{
	struct figuring figuring = {.delivery = delivery};

	figuring.errand.run = run_retry;
	submit(stage, &figuring);
	dispatch_poke(stage->dispatch);
	turn(stage);
	return figuring.changed;
}

static void
keep_job(struct job *job)
{
	if (!job->good)
		fprintf(stderr, "stage: %s\n", job->err.text);
}

struct follow_up_job *
stage_follow_up(struct stage *stage, const char *id,
	const struct follow_up_change *change)
{
	struct follow_up_job *job = follow_up_job_of_answer("survey", id);

	if (change != NULL)
		follow_up_job_change(job, change);
	job->job.done = keep_job;
	follow_up_job_send(stage->keeper, job);
	keeper_step(stage->keeper);
	return job;
}

/* ---- the proof ---- */

struct recount {
	struct question question;
	struct stage *stage;
	const struct window *window;
	struct bucket_range range;
	json_t *rows; /* survey -> [d, p, p, invitations] */
};

static void
on_survey(const char *survey, const struct counts *counts, void *context)
{
	json_object_set_new(context, survey,
		json_pack("[I, I, I, I]", (json_int_t)counts->of[0],
			(json_int_t)counts->of[1], (json_int_t)counts->of[2],
			(json_int_t)counts->invitations));
}

static void
ask_recount(struct question *question, struct store_reader *store)
{
	struct recount *recount = (struct recount *)question;
	struct err err;

	if (!store_recount(store, recount->window->bucket, recount->range.after,
		    recount->range.upto, on_survey, recount->rows, &err))
		fprintf(stderr, "stage: %s\n", err.text);
}

bool
stage_counts_hold(struct stage *stage, char *difference, size_t size)
{
	for (size_t i = 0; i < stage->script->windows.count; i++) {
		struct recount recount = {
			.question = {.ask = ask_recount, .answer = on_answer},
			.window = &stage->script->window_list[i],
			.range = window_range(&stage->script->window_list[i],
				stage->script->zone, stage->clock.wall_ms),
			.rows = json_object(),
		};
		const char *survey;
		json_t *row;

		if (!reader_ask(stage->reader, &recount.question))
			abort();
		reader_step(stage->reader);
		json_object_foreach(recount.rows, survey, row)
		{
			struct figuring figuring = {.survey = survey,
				.window = stage->script->window_list[i].name};
			json_t *standing;
			bool same;

			figuring.errand.run = run_figures;
			submit(stage, &figuring);
			standing = json_pack("[I, I, I, I]",
				(json_int_t)figuring.counts.of[0],
				(json_int_t)figuring.counts.of[1],
				(json_int_t)figuring.counts.of[2],
				(json_int_t)figuring.counts.invitations);
			same = json_equal(standing, row);
			if (!same)
				snprintf(difference, size,
					"survey %s, window %s: standing "
					"%lld/%lld/%lld",
					survey,
					stage->script->window_list[i].name,
					(long long)figuring.counts.of[0],
					(long long)figuring.counts.of[1],
					(long long)figuring.counts.of[2]);
			json_decref(standing);
			if (!same) {
				json_decref(recount.rows);
				return false;
			}
		}
		json_decref(recount.rows);
	}
	return true;
}
