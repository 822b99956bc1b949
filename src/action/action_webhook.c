/*
 * action_webhook - an alert as an HTTP request: to a CRM, a chat, a program of
 * one's own. The body is made once and is the same at every try; what belongs
 * to one try stands in headers.
 */
#include <stdlib.h>

#include "action/action.h"
#include "action/sending.h"
#include "action/webhook_headers.h"
#include "action/webhook_judge.h"
#include "action/webhook_render.h"
#include "action/webhook_settings.h"
#include "base/memory.h"

struct webhook_sender {
	struct sender base;
	const struct webhook_settings *settings;
	const struct clock *clock;
	struct webhook_headers *headers;
	struct webhook_judge *judge;
	struct sending_desk *desk;
};

static struct renderer *
renderer_open(const char *name, const void *settings, struct err *err)
{
	struct renderer *renderer = webhook_renderer_open(name, settings, err);

	if (renderer != NULL)
		renderer->kind = &action_webhook;
	return renderer;
}

static void
judge(const struct transfer_result *result, struct outcome *outcome,
	void *context)
{
	webhook_judge(context, result, outcome);
}

static void
sender_close(struct sender *sender)
{
	struct webhook_sender *webhook = (struct webhook_sender *)sender;

	if (webhook == NULL)
		return;
	sending_desk_free(webhook->desk);
	webhook_judge_close(webhook->judge);
	webhook_headers_close(webhook->headers);
	free(webhook);
}

static struct sender *
sender_open(const char *name, const void *settings,
	const struct action_host *host, struct err *err)
{
	const struct webhook_settings *webhook = settings;
	struct webhook_sender *sender = mem_new(1, sizeof(*sender));

	sender->base.kind = &action_webhook;
	sender->settings = webhook;
	sender->clock = host->clock;
	sender->headers = webhook_headers_open(name, webhook, err);
	if (sender->headers != NULL)
		sender->judge = webhook_judge_open(
			&webhook->success, &webhook->retry_when, err);
	if (sender->judge == NULL) {
		err_prefix(err, "action %s", name);
		sender_close(&sender->base);
		return NULL;
	}
	sender->desk = sending_desk_new(host, judge, sender->judge);
	return &sender->base;
}

static struct send *
send_parcel(struct sender *sender, const struct parcel *parcel,
	send_done_fn on_done, void *context)
{
	struct webhook_sender *webhook = (struct webhook_sender *)sender;
	const struct webhook_settings *settings = webhook->settings;
	struct transfer_request request = {
		.url = settings->url,
		.method = webhook_methods[settings->method],
		.headers = webhook_headers_of(webhook->headers, parcel,
			clock_wall_ms(webhook->clock)),
		.body = parcel->body,
		.body_length = parcel->body_length,
		.exchange = parcel->exchange,
		.user = settings->auth.basic.user,
		.password = settings->auth.basic.password,
		.timeout_ms = settings->common.timeout_ms,
	};

	connection_lend(&settings->connection, &request);
	return sending_start(webhook->desk, &request, on_done, context);
}

const struct action_kind action_webhook = {
	.setting = {"webhook", webhook_settings_rows,
		sizeof(struct webhook_settings),
		"Sends an HTTP request: the alert as JSON, or what a jq text "
		"makes of it."},
	.check = webhook_settings_check,
	.renderer_open = renderer_open,
	.renderer_close = webhook_renderer_close,
	.render = webhook_render,
	.sender_open = sender_open,
	.sender_close = sender_close,
	.send = send_parcel,
	.cancel = sending_cancel,
};
