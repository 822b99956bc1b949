/* The contract of actions, over every kind: what the header promises to
 * dispatch and to the store. A new kind gets a line in the table. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "../support/action_case.h"
#include "../support/receiver.h"
#include "../unit/conf_folder.h"
#include "base/memory.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* One kind: settings with @ for the port, and how its receiver is made
 * to take, to hang up, to say nothing. */
static const struct kind {
	const struct action_kind *kind;
	int receiver; /* enum receiver_kind; -1: it needs none */
	const char *yaml;
	const char *recipient;
	const char *at; /* where it takes it */
} kinds[] = {
	{&action_webhook, RECEIVER_HTTP, "url: \"http://127.0.0.1:@/private\"",
		"", ""},
	{&action_email, RECEIVER_SMTP,
		"url: \"smtp://127.0.0.1:@\", from: nps@example.com, to: "
		"jan@example.com",
		"jan@example.com", "."},
	{&action_log, -1, "path: out", "", NULL},
};

static struct conf_folder folder;

static void
init(void)
{
	conf_folder_init(&folder);
}

static void
done(void)
{
	conf_folder_done(&folder);
}

TestSuite(contract_action, .init = init, .fini = done);

struct play {
	const struct kind *of;
	struct action_case it;
	struct receiver *receiver;
	struct buf body;
};

static void
play_open(struct play *play, const struct kind *of)
{
	char yaml[200];
	struct err err;
	json_t *alert = action_case_alert();

	*play = (struct play){.of = of};
	action_case_init(&play->it);
	if (of->receiver >= 0)
		play->receiver = receiver_open(
			play->it.loop, (enum receiver_kind)of->receiver);
	const char *rest = strchr(of->yaml, '@');

	if (rest != NULL)
		snprintf(yaml, sizeof(yaml), "%.*s%d%s", (int)(rest - of->yaml),
			of->yaml, receiver_port(play->receiver), rest + 1);
	else
		snprintf(yaml, sizeof(yaml), "%s", of->yaml);
	action_case_open(&play->it, of->kind, yaml);
	cr_assert(action_case_render(
			  &play->it, alert, of->recipient, &play->body, &err),
		"%s: %s", of->kind->setting.name, err.text);
	json_decref(alert);
}

static void
play_done(struct play *play)
{
	buf_done(&play->body);
	action_case_close(&play->it);
	receiver_close(play->receiver);
	action_case_done(&play->it);
}

static const char *
name_of(const struct play *play)
{
	return play->of->kind->setting.name;
}

/* One id always means one body: rendering asks no clock and no chance. */
Test(contract_action, one_alert_has_one_body)
{
	for (size_t i = 0; i < COUNT(kinds); i++) {
		struct play play;
		struct buf again = {0};
		struct err err;
		json_t *alert = action_case_alert();

		play_open(&play, &kinds[i]);
		clock_set_advance(&play.it.clock, 3600 * 1000);
		cr_assert(action_case_render(&play.it, alert,
				  kinds[i].recipient, &again, &err),
			"%s", err.text);
		cr_assert_gt(again.length, 0, "%s: empty", name_of(&play));
		cr_assert_eq(
			again.length, play.body.length, "%s", name_of(&play));
		cr_assert_eq(memcmp(again.data, play.body.data, again.length),
			0, "%s: two bodies", name_of(&play));
		json_decref(alert);
		buf_done(&again);
		play_done(&play);
	}
}

/* Without the function there is one, without a name; else at least one. */
Test(contract_action, somebody_gets_it)
{
	for (size_t i = 0; i < COUNT(kinds); i++) {
		struct play play;
		struct setting_texts found = {0, NULL};
		struct err err = {""};
		json_t *alert = action_case_alert();

		play_open(&play, &kinds[i]);
		if (kinds[i].kind->recipients != NULL) {
			cr_assert(kinds[i].kind->recipients(play.it.renderer,
					  alert, &found, &err),
				"%s: %s", name_of(&play), err.text);
			cr_assert_eq(found.count, 1, "%s", name_of(&play));
			cr_assert_str_eq(found.items[0], kinds[i].recipient,
				"%s", name_of(&play));
		}
		setting_texts_done(&found);
		json_decref(alert);
		play_done(&play);
	}
}

/* Each try carries the same bytes, and is told about once, from the loop. */
Test(contract_action, every_try_sends_the_same)
{
	for (size_t i = 0; i < COUNT(kinds); i++) {
		struct play play;

		play_open(&play, &kinds[i]);
		for (int tries = 1; tries <= 3; tries++) {
			struct outcome outcome = action_case_send(&play.it,
				&play.body, kinds[i].recipient, tries);

			cr_assert_eq(outcome.end, OUTCOME_DELIVERED, "%s: %s",
				name_of(&play), outcome.reason);
			cr_assert_str_neq(outcome.reason, "", "%s: no reason",
				name_of(&play));
		}
		loop_step(play.it.loop, 0);
		cr_assert_eq(play.it.done, 3, "%s: told twice", name_of(&play));
		for (int j = 0; play.receiver != NULL && j < 3; j++) {
			const struct buf *seen =
				receiver_seen(play.receiver, j);

			cr_assert_geq(seen->length, play.body.length, "%s",
				name_of(&play));
			cr_assert_str_eq(
				seen->data + seen->length - play.body.length,
				play.body.data, "%s", name_of(&play));
		}
		play_done(&play);
	}
}

/* A receiver that hangs up is asked again later. */
Test(contract_action, a_lost_connection_is_tried_later)
{
	for (size_t i = 0; i < COUNT(kinds); i++) {
		struct play play;

		if (kinds[i].receiver < 0)
			continue;
		play_open(&play, &kinds[i]);
		receiver_answer(play.receiver, kinds[i].at, "");
		struct outcome outcome = action_case_send(
			&play.it, &play.body, kinds[i].recipient, 1);

		cr_assert_eq(outcome.end, OUTCOME_TRY_LATER, "%s: %s",
			name_of(&play), outcome.reason);
		cr_assert_null(strstr(outcome.reason, "private"), "%s",
			outcome.reason);
		cr_assert_null(
			strstr(outcome.reason, "jan@"), "%s", outcome.reason);
		receiver_answer(play.receiver, kinds[i].at, NULL);
		outcome = action_case_send(
			&play.it, &play.body, kinds[i].recipient, 2);
		cr_assert_eq(outcome.end, OUTCOME_DELIVERED, "%s: %s",
			name_of(&play), outcome.reason);
		play_done(&play);
	}
}

/* Nobody there at all. */
Test(contract_action, nobody_there_is_tried_later)
{
	for (size_t i = 0; i < COUNT(kinds); i++) {
		struct play play;

		if (kinds[i].receiver < 0)
			continue;
		play_open(&play, &kinds[i]);
		receiver_close(play.receiver);
		play.receiver = NULL;
		struct outcome outcome = action_case_send(
			&play.it, &play.body, kinds[i].recipient, 1);

		cr_assert_eq(outcome.end, OUTCOME_TRY_LATER, "%s: %s",
			name_of(&play), outcome.reason);
		cr_assert_eq(outcome.retry_after_ms, -1, "%s", name_of(&play));
		play_done(&play);
	}
}

/* What was cancelled is never told about; others go on. */
Test(contract_action, cancelled_ones_are_silent)
{
	for (size_t i = 0; i < COUNT(kinds); i++) {
		struct play play;
		struct send *sends[4];

		play_open(&play, &kinds[i]);
		for (int j = 0; j < 4; j++)
			sends[j] = action_case_start(
				&play.it, &play.body, kinds[i].recipient, 1);
		kinds[i].kind->cancel(sends[0]);
		kinds[i].kind->cancel(sends[3]);
		action_case_wait(&play.it, 2);
		/* One that the receiver leaves without an answer. */
		if (play.receiver != NULL)
			receiver_answer(play.receiver, kinds[i].at, "-");
		struct send *last = action_case_start(
			&play.it, &play.body, kinds[i].recipient, 1);

		for (int j = 0; j < 50 && play.receiver != NULL &&
				receiver_count(play.receiver) < 3;
			j++)
			loop_step(play.it.loop, 100);
		kinds[i].kind->cancel(last);
		for (int j = 0; j < 5; j++)
			loop_step(play.it.loop, 0);
		cr_assert_eq(play.it.done, 2, "%s: %d told", name_of(&play),
			play.it.done);
		play_done(&play);
	}
}

/* Dispatch may end the action, or start the next try, as it is told. */
struct from_inside {
	struct play *play;
	int left;
	bool closed;
};

static void
on_told(const struct outcome *outcome, void *context)
{
	struct from_inside *inside = context;
	struct play *play = inside->play;
	const struct parcel parcel = {
		.delivery_id = ACTION_CASE_ID,
		.action = "crm",
		.recipient = play->of->recipient,
		.created_ms = ACTION_CASE_NOW_MS,
		.tries = 1,
		.body = play->body.data,
		.body_length = play->body.length,
	};

	cr_assert_eq(outcome->end, OUTCOME_DELIVERED, "%s", outcome->reason);
	if (--inside->left > 0) {
		play->of->kind->send(play->it.sender, &parcel, on_told, inside);
		return;
	}
	play->of->kind->sender_close(play->it.sender);
	play->it.sender = NULL;
	inside->closed = true;
}

Test(contract_action, started_and_closed_from_inside)
{
	for (size_t i = 0; i < COUNT(kinds); i++) {
		struct play play;
		struct from_inside inside = {&play, 3, false};
		struct outcome start = {.end = OUTCOME_DELIVERED};

		play_open(&play, &kinds[i]);
		inside.left = 4;
		on_told(&start, &inside);
		for (int j = 0; j < 100 && !inside.closed; j++)
			loop_step(play.it.loop, 100);
		cr_assert(inside.closed, "%s", name_of(&play));
		play_done(&play);
	}
}

/* Either half opens and closes without the other and without use. */
Test(contract_action, halves_stand_alone)
{
	for (size_t i = 0; i < COUNT(kinds); i++) {
		const struct action_kind *kind = kinds[i].kind;
		struct play play;
		struct err err = {""};

		play_open(&play, &kinds[i]);
		struct renderer *renderer =
			kind->renderer_open("b", play.it.settings, &err);
		struct action_host host = {
			play.it.loop, play.it.transfers, &play.it.clock.clock};
		struct sender *sender =
			kind->sender_open("b", play.it.settings, &host, &err);

		cr_assert_not_null(renderer, "%s", err.text);
		cr_assert_not_null(sender, "%s", err.text);
		cr_assert_eq(renderer->kind, kind, "renderer's kind");
		cr_assert_eq(sender->kind, kind, "sender's kind");
		kind->sender_close(sender);
		kind->renderer_close(renderer);
		play_done(&play);
	}
}

/* Tables of settings: names, help, defaults that can be read. */
Test(contract_action, settings_are_described)
{
	for (size_t i = 0; i < COUNT(kinds); i++) {
		const struct setting_kind *setting = &kinds[i].kind->setting;

		cr_assert_not_null(setting->help, "%s", setting->name);
		for (const struct setting *row = setting->fields;
			row->key != NULL; row++) {
			cr_assert_not_null(
				row->help, "%s.%s", setting->name, row->key);
			cr_assert(row->type != SETTING_CUSTOM ||
					  row->schema != NULL,
				"%s.%s has no schema", setting->name, row->key);
		}
	}
}
