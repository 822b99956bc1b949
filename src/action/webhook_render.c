/* webhook_render - the store thread's half of the action webhook. */
#include "action/webhook_render.h"

#include <stdlib.h>
#include <string.h>

#include "nps/program.h"
#include "action/webhook_settings.h"
#include "base/json.h"
#include "base/memory.h"

/* What every event of ours starts with, and nothing else that is sent without a
 * payload. */
static const char event_start[] = "{\"specversion\":\"1.0\",\"id\":";

struct webhook_renderer {
	struct renderer base;
	const struct webhook_settings *settings;
	char *name;	      /* of the action */
	struct expr_set *set; /* NULL: no payload */
};

struct renderer *
webhook_renderer_open(const char *name, const void *settings, struct err *err)
{
	struct webhook_renderer *renderer = mem_new(1, sizeof(*renderer));

	renderer->settings = settings;
	renderer->name = mem_strdup(name);
	renderer->base.takes_text = renderer->settings->payload.text == NULL;
	if (renderer->base.takes_text)
		return &renderer->base;
	renderer->set = expr_set_new();
	expr_set_add(
		renderer->set, "payload", renderer->settings->payload.text);
	if (program_compile(renderer->set, err))
		return &renderer->base;
	err_prefix(err, "action %s: payload", name);
	webhook_renderer_close(&renderer->base);
	return NULL;
}

void
webhook_renderer_close(struct renderer *renderer)
{
	struct webhook_renderer *webhook = (struct webhook_renderer *)renderer;

	if (webhook == NULL)
		return;
	expr_set_free(webhook->set);
	free(webhook->name);
	free(webhook);
}

static void
append_value(struct buf *body, const json_t *value)
{
	char *text = json_text(value);

	buf_append_text(body, text);
	free(text);
}

static bool
render_payload(struct webhook_renderer *webhook, const struct alert *alert,
	struct buf *body, struct err *err)
{
	struct expr_input *input = expr_input_new(alert->document);
	json_t *value = NULL;
	bool good =
		expr_run_value(webhook->set, 0, input, &value, err) == EXPR_OK;

	expr_input_free(input);
	if (!good)
		program_hush(err);
	else if (json_is_string(value))
		buf_append(body, json_string_value(value),
			json_string_length(value));
	else
		append_value(body, value);
	json_decref(value);
	return good;
}

static void
append_member(struct buf *body, const char *start, const char *text)
{
	buf_append_text(body, start);
	json_append_string(body, text, strlen(text));
}

static void
render_event(const struct webhook_renderer *webhook, const struct alert *alert,
	struct buf *body)
{
	char time[TIME_TEXT_BYTES];
	struct buf source = {0};

	time_to_rfc3339(alert->created_ms, time);
	buf_printf(&source, WEBHOOK_SOURCE_PREFIX "%s", webhook->name);
	append_member(body, event_start, alert->delivery_id);
	append_member(body, ",\"source\":", source.data);
	append_member(body, ",\"type\":", WEBHOOK_EVENT_TYPE);
	append_member(body, ",\"time\":", time);
	append_member(body, ",\"datacontenttype\":", "application/json");
	buf_append_text(body, ",\"data\":");
	action_append_document(body, alert);
	buf_append_char(body, '}');
	buf_done(&source);
}

bool
webhook_render(struct renderer *renderer, const struct alert *alert,
	struct buf *body, struct err *err)
{
	struct webhook_renderer *webhook = (struct webhook_renderer *)renderer;

	if (webhook->set != NULL)
		return render_payload(webhook, alert, body, err);
	if (webhook->settings->format == FORMAT_CLOUDEVENTS)
		render_event(webhook, alert, body);
	else
		action_append_document(body, alert);
	return true;
}

bool
webhook_is_event(const char *body, size_t length)
{
	return length >= sizeof(event_start) &&
	       memcmp(body, event_start, sizeof(event_start) - 1) == 0;
}
