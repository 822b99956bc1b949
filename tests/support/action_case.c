/* action_case - one action as the daemon has it, for tests. */
#include "action_case.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"

void
action_case_init(struct action_case *it)
{
	struct err err = {""};

	memset(it, 0, sizeof(*it));
	unsetenv("HOME");
	it->loop = loop_new(&err);
	cr_assert_not_null(it->loop, "%s", err.text);
	it->transfers = transfer_pool_new(it->loop, 16, &err);
	cr_assert_not_null(it->transfers, "%s", err.text);
	clock_set_init(&it->clock, ACTION_CASE_NOW_MS);
}

void
action_case_done(struct action_case *it)
{
	action_case_close(it);
	transfer_pool_free(it->transfers);
	loop_free(it->loop);
}

char *
action_case_check(struct action_case *it, const struct action_kind *kind,
	const char *yaml, bool offline, bool *good)
{
	struct conf_errors *errors = conf_errors_new();
	struct setting_reader reader = {errors, ".", offline};
	const struct setting_kind *const kinds[] = {&kind->setting, NULL};
	const struct setting table[] = {
		{"actions", SETTING_MAP, 0, .fields = action_settings,
			.kinds = kinds},
		{NULL},
	};
	struct setting_items items = {0, NULL};
	struct buf told = {0};
	char *whole = mem_printf(
		"actions: {crm: {type: %s, %s}}", kind->setting.name, yaml);

	it->kind = kind;
	it->document =
		conf_document_read("npsd.yaml", whole, strlen(whole), errors);
	cr_assert_not_null(it->document, "%s", whole);
	*good = setting_read(
		&reader, table, conf_document_root(it->document), "", &items);
	if (*good && kind->check != NULL)
		*good = kind->check(items.items[0].record, items.items[0].node,
			"actions.crm", errors);
	*good = *good && conf_errors_count(errors) == 0;
	buf_append_text(&told, "");
	conf_errors_write(errors, &told);
	conf_errors_free(errors);
	free(whole);
	/* The record goes on living without its list. */
	if (items.count > 0) {
		it->settings = items.items[0].record;
		free(items.items[0].name);
	}
	free(items.items);
	return buf_take(&told);
}

void
action_case_open(struct action_case *it, const struct action_kind *kind,
	const char *yaml)
{
	struct action_host host = {it->loop, it->transfers, &it->clock.clock};
	struct err err = {""};
	bool good;
	char *told = action_case_check(it, kind, yaml, false, &good);

	cr_assert(good, "%s: %s", yaml, told);
	free(told);
	it->renderer = kind->renderer_open("crm", it->settings, &err);
	cr_assert_not_null(it->renderer, "%s", err.text);
	it->sender = kind->sender_open("crm", it->settings, &host, &err);
	cr_assert_not_null(it->sender, "%s", err.text);
}

void
action_case_close(struct action_case *it)
{
	if (it->renderer != NULL)
		it->kind->renderer_close(it->renderer);
	if (it->sender != NULL)
		it->kind->sender_close(it->sender);
	if (it->settings != NULL) {
		setting_done(action_settings, it->settings);
		setting_done(it->kind->setting.fields, it->settings);
		free(it->settings);
	}
	conf_document_free(it->document);
	it->renderer = NULL;
	it->sender = NULL;
	it->settings = NULL;
	it->document = NULL;
}

json_t *
action_case_document(const char *text)
{
	struct json_fault fault;
	json_t *value = json_read(text, strlen(text), &fault);

	cr_assert_not_null(value, "%s: %s", fault.reason, text);
	return value;
}

json_t *
action_case_alert(void)
{
	return action_case_document(
		"{\"response\":{\"id\":\"r-1\",\"survey\":\"s\",\"score\":3,"
		"\"comment\":\"Waited three weeks.\",\"customer\":{\"name\":"
		"\"Anna\",\"email\":\"anna@example.com\"},\"segment\":{"
		"\"agent\":\"jan\"}},\"category\":\"detractor\",\"previous\":"
		"null,\"rule\":\"unhappy\",\"nps\":{},\"delivery\":{\"id\":"
		"\"" ACTION_CASE_ID "\"}}");
}

bool
action_case_render(struct action_case *it, const json_t *document,
	const char *recipient, struct buf *body, struct err *err)
{
	struct alert alert = {
		.document = document,
		.delivery_id = ACTION_CASE_ID,
		.recipient = recipient,
		.created_ms = ACTION_CASE_NOW_MS,
		.language = "",
	};

	*err->text = '\0';
	return it->kind->render(it->renderer, &alert, body, err);
}

static void
on_done(const struct outcome *outcome, void *context)
{
	struct action_case *it = context;

	it->outcome = *outcome;
	it->done++;
}

struct send *
action_case_start(struct action_case *it, const struct buf *body,
	const char *recipient, int tries)
{
	struct parcel parcel = {
		.delivery_id = ACTION_CASE_ID,
		.action = "crm",
		.recipient = recipient,
		.created_ms = ACTION_CASE_NOW_MS,
		.tries = tries,
		.body = body->data,
		.body_length = body->length,
	};

	return it->kind->send(it->sender, &parcel, on_done, it);
}

void
action_case_wait(struct action_case *it, int count)
{
	int64_t end_us = clock_monotonic_us(&clock_system) + 10 * 1000000;

	while (it->done < count) {
		loop_step(it->loop, 1000);
		cr_assert_lt(clock_monotonic_us(&clock_system), end_us,
			"no outcome within 10 s");
	}
}

struct outcome
action_case_send(struct action_case *it, const struct buf *body,
	const char *recipient, int tries)
{
	int before = it->done;

	cr_assert_not_null(
		action_case_start(it, body, recipient, tries), "no send");
	cr_assert_eq(it->done, before, "told from inside of send()");
	action_case_wait(it, before + 1);
	return it->outcome;
}
