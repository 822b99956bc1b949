/*
 * email_settings - what is set for an action of type email. Immutable once
 * read; both halves of the action lean on it.
 */
#ifndef NPSD_ACTION_EMAIL_SETTINGS_H
#define NPSD_ACTION_EMAIL_SETTINGS_H

#include "action/action.h"
#include "action/connection.h"
#include "action/email_to.h"
#include "action/mail_address.h"

/* `starttls`, in the order of its choices. */
enum email_starttls {
	STARTTLS_AUTO, /* required, but optional to this machine */
	STARTTLS_REQUIRED,
	STARTTLS_OPTIONAL,
	STARTTLS_OFF,
};

struct email_settings {
	struct action_settings common;
	char *url;
	int starttls;
	struct {
		char *user, *password;
	} auth;
	struct mailbox from, reply_to; /* reply_to.address may be NULL */
	struct email_to to;
	struct setting_pairs headers;
	char *message;
	char *reminder, *escalation; /* messages too: of what falls due */
	char *language;
	int64_t timeout_after_data_ms;
	struct connection connection; /* without a proxy */
	char *folder;		      /* of the configuration; may be NULL */
};

extern const struct setting email_settings_rows[];
bool email_settings_check(const void *settings, const struct conf_node *node,
	const char *path, struct conf_errors *errors);

/* What `starttls` comes to for this URL. */
enum transfer_tls email_settings_tls(const struct email_settings *settings);

#endif
