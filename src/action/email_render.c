/* email_render - the store thread's half of the action email. */
#include "action/email_render.h"

#include <stdlib.h>
#include <string.h>

#include "action/email_settings.h"
#include "action/mail.h"
#include "action/message.h"
#include "base/memory.h"

/* A document with this member is not about an answer: it has a message of this
 * name. */
static const char *const own_documents[] = {
	"amended", "failure", "watch", "storm"};
enum { OWN_DOCUMENTS = sizeof(own_documents) / sizeof(own_documents[0]) };

struct email_renderer {
	struct renderer base;
	const struct email_settings *settings;
	struct message *message;
	/* What is no alert of an answer: by own_documents; NULL until it is
	 * needed. */
	struct message *own[OWN_DOCUMENTS];
	/* Of follow-ups, what falls due: the same. */
	struct message *reminder, *escalation;
};

struct renderer *
email_renderer_open(const char *name, const void *settings, struct err *err)
{
	const struct email_settings *email = settings;
	struct email_renderer *renderer;
	struct setting_texts folders;
	struct message *message;

	message_folders(email->folder, &folders);
	message = message_open(email->message, &folders, err);
	setting_texts_done(&folders);
	if (message == NULL) {
		err_prefix(err, "action %s", name);
		return NULL;
	}
	renderer = mem_new(1, sizeof(*renderer));
	renderer->settings = email;
	renderer->message = message;
	return &renderer->base;
}

void
email_renderer_close(struct renderer *renderer)
{
	struct email_renderer *email = (struct email_renderer *)renderer;

	if (email == NULL)
		return;
	message_free(email->message);
	for (size_t i = 0; i < OWN_DOCUMENTS; i++)
		message_free(email->own[i]);
	message_free(email->reminder);
	message_free(email->escalation);
	free(email);
}

bool
email_recipients(struct renderer *renderer, const json_t *document,
	struct setting_texts *out, struct err *err)
{
	struct email_renderer *email = (struct email_renderer *)renderer;

	return email_to_find(&email->settings->to, document, out, err);
}

static struct message *
open_once(struct email_renderer *email, const char *name,
	struct message **message, struct err *err)
{
	struct setting_texts folders;

	if (*message != NULL)
		return *message;
	message_folders(email->settings->folder, &folders);
	*message = message_open(name, &folders, err);
	setting_texts_done(&folders);
	return *message;
}

/* The message of an alert, or of what npsd tells by itself. */
static struct message *
message_for(struct email_renderer *email, const struct alert *alert,
	struct err *err)
{
	const json_t *due = json_object_get(alert->document, "due");
	const char *step = json_string_value(json_object_get(due, "step"));

	if (step != NULL && strcmp(step, "escalate") == 0)
		return open_once(email, email->settings->escalation,
			&email->escalation, err);
	if (step != NULL)
		return open_once(email, email->settings->reminder,
			&email->reminder, err);
	for (size_t i = 0; i < OWN_DOCUMENTS; i++)
		if (json_object_get(alert->document, own_documents[i]) != NULL)
			return open_once(
				email, own_documents[i], &email->own[i], err);
	return email->message;
}

/* What the mail says, by its message. */
static bool
write_text(struct email_renderer *email, const struct alert *alert,
	struct message_text *text, struct err *err)
{
	struct message *message = message_for(email, alert, err);

	return message != NULL &&
	       message_write(message, alert->language,
		       email->settings->language, alert->document, text, err);
}

bool
email_render(struct renderer *renderer, const struct alert *alert,
	struct buf *body, struct err *err)
{
	struct email_renderer *email = (struct email_renderer *)renderer;
	const struct email_settings *settings = email->settings;
	struct message_text made = {0};
	struct alert_mail mail;
	struct err why;

	/* It stands in a command and a header: whoever chose it. */
	if (!mail_address_is_good(alert->recipient, &why))
		return err_set(
			err, "the recipient is no mail address: %s", why.text);
	if (alert->mail == NULL && !write_text(email, alert, &made, err))
		return false;
	mail = alert->mail != NULL
		       ? *alert->mail
		       : (struct alert_mail){made.subject, made.text, made.html,
				 made.language};
	mail_append(body, &(struct mail){
				  .id = alert->delivery_id,
				  .date_ms = alert->created_ms,
				  .from = &settings->from,
				  .to = alert->recipient,
				  .reply_to = &settings->reply_to,
				  .headers = &settings->headers,
				  .language = mail.language,
				  .subject = mail.subject,
				  .text = mail.text,
				  .html = mail.html,
			  });
	message_text_done(&made);
	return true;
}
