/*
 * action_email - an alert as a mail, by SMTP. Each recipient gets a mail of
 * its own, whose bytes, Date and Message-ID are the same at every try.
 */
#include <stdlib.h>

#include "action/action.h"
#include "action/email_judge.h"
#include "action/email_render.h"
#include "action/email_settings.h"
#include "action/sending.h"
#include "base/memory.h"

struct email_sender {
	struct sender base;
	const struct email_settings *settings;
	enum transfer_tls tls;
	struct sending_desk *desk;
};

static struct renderer *
renderer_open(const char *name, const void *settings, struct err *err)
{
	struct renderer *renderer = email_renderer_open(name, settings, err);

	if (renderer != NULL)
		renderer->kind = &action_email;
	return renderer;
}

static void
judge(const struct transfer_result *result, struct outcome *outcome,
	void *context)
{
	(void)context;
	email_judge(result, outcome);
}

static struct sender *
sender_open(const char *name, const void *settings,
	const struct action_host *host, struct err *err)
{
	struct email_sender *sender = mem_new(1, sizeof(*sender));

	(void)name;
	(void)err;
	sender->base.kind = &action_email;
	sender->settings = settings;
	sender->tls = email_settings_tls(settings);
	sender->desk = sending_desk_new(host, judge, NULL);
	return &sender->base;
}

static void
sender_close(struct sender *sender)
{
	struct email_sender *email = (struct email_sender *)sender;

	if (email == NULL)
		return;
	sending_desk_free(email->desk);
	free(email);
}

static struct send *
send_parcel(struct sender *sender, const struct parcel *parcel,
	send_done_fn on_done, void *context)
{
	struct email_sender *email = (struct email_sender *)sender;
	const struct email_settings *settings = email->settings;
	struct transfer_request request = {
		.url = settings->url,
		.body = parcel->body,
		.body_length = parcel->body_length,
		.exchange = parcel->exchange,
		.user = settings->auth.user,
		.password = settings->auth.password,
		.mail_from = settings->from.address,
		.mail_to = parcel->recipient,
		.tls = email->tls,
		.timeout_ms = settings->common.timeout_ms,
		.dot_timeout_ms = settings->timeout_after_data_ms,
	};

	connection_lend(&settings->connection, &request);
	return sending_start(email->desk, &request, on_done, context);
}

const struct action_kind action_email = {
	.setting = {"email", email_settings_rows, sizeof(struct email_settings),
		"Sends a mail by SMTP. The text comes from a message file; "
		"the mail is made once and is the same at every try."},
	.check = email_settings_check,
	.renderer_open = renderer_open,
	.renderer_close = email_renderer_close,
	.recipients = email_recipients,
	.render = email_render,
	.sender_open = sender_open,
	.sender_close = sender_close,
	.send = send_parcel,
	.cancel = sending_cancel,
};
