/*
 * action - how an alert leaves: a webhook, a mail, a line.
 *
 * A kind of action is one const struct of functions in one file; a new kind is
 * one file, one line in the table of kinds, its settings table, its paragraph
 * in the manual. An action has two halves that share only its settings, which
 * are immutable:
 *
 *	renderer  store thread  says who gets it and makes the exact bytes
 *	sender    loop thread   sends bytes that were made before, says how it
 *	                        ended
 *
 * It never retries and never reads the queue.
 */
#ifndef NPSD_ACTION_ACTION_H
#define NPSD_ACTION_ACTION_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/text.h"
#include "base/time.h"
#include "conf/setting.h"
#include "loop/loop.h"
#include "loop/transfer.h"
#include "nps/retry.h"
#include "nps/storm.h"

enum {
	ACTION_CONCURRENT_LIMIT = 256,
	ACTION_RECIPIENTS_LIMIT = 50, /* of one alert */
	ACTION_BODY_LIMIT_BYTES = 1024 * 1024,
};

/* What every action has; the first member of a kind's own settings struct. */
struct action_settings {
	struct {
		int64_t concurrent;	  /* in flight at most */
		struct setting_rate rate; /* count 0: none */
	} limit;
	struct retry retry;
	int64_t timeout_ms;
	char *preset;			 /* merged before: for people */
	struct setting_texts on_failure; /* names of actions */
	int64_t on_failure_after_ms;
	struct storm_terms storm; /* more_than 0: none */
};
extern const struct setting action_settings[];

/* A mail that is written already. */
struct alert_mail {
	const char *subject, *text, *html, *language;
};

/* One alert to be rendered: the alert document (response, category, previous,
 * rule, nps, delivery.id) as a tree, or, where that is enough for the renderer,
 * as its JSON text. All lent. */
struct alert {
	const json_t *document; /* NULL only where the renderer takes text */
	struct text text;	/* data NULL: made of the document */
	const char *delivery_id;
	const char *recipient;
	int64_t created_ms;	       /* of the delivery: its Date */
	const char *language;	       /* wanted, "" for the default */
	const struct alert_mail *mail; /* for an email; NULL: to be written */
};

/* Appends the document's JSON text. */
void action_append_document(struct buf *out, const struct alert *alert);

/* What a sender gets: a claimed delivery. Lent until on_done. */
struct parcel {
	const char *delivery_id;
	const char *action;
	const char *recipient;
	int64_t created_ms;
	int tries; /* this one included */
	const char *body;
	size_t body_length;
	struct exchange *exchange; /* gets what is said; NULL: nobody looks */
};

enum outcome_end {
	OUTCOME_DELIVERED,
	OUTCOME_TRY_LATER,     /* retry_after_ms may say when */
	OUTCOME_GIVE_UP,       /* this message's fault */
	OUTCOME_ENDPOINT_DOWN, /* the endpoint's fault: hold the action */
};
enum { OUTCOMES = OUTCOME_ENDPOINT_DOWN + 1 };
/* "delivered" "try_later" "give_up" "endpoint_down": public. */
const char *outcome_name(enum outcome_end end);

struct outcome {
	enum outcome_end end;
	int status;		/* HTTP or SMTP code, 0: none */
	int64_t retry_after_ms; /* -1: not said */
	char reason[200];	/* for people; no secret, no personal data */
};

struct action_host {
	struct loop *loop;
	struct transfer_pool *transfers;
	const struct clock *clock;
};

struct renderer;
struct sender;
struct send; /* one try in flight */
typedef void (*send_done_fn)(const struct outcome *outcome, void *context);

struct action_kind {
	/* `type:`, settings rows (without the common ones), size of the struct. */
	struct setting_kind setting;

	/* Any thread. Checks beyond the rows (files, addresses, jq text). */
	bool (*check)(const void *settings, const struct conf_node *node,
		const char *path, struct conf_errors *errors);

	/* Store thread. */
	struct renderer *(*renderer_open)(
		const char *name, const void *settings, struct err *err);
	void (*renderer_close)(struct renderer *renderer);
	/* The receivers of this alert, each a delivery of its own; NULL
	 * function: one, "". False: none can be told, with the reason; no
	 * receiver at all is such a case. Items are new strings. */
	bool (*recipients)(struct renderer *renderer, const json_t *document,
		struct setting_texts *out, struct err *err);
	/* The exact bytes. */
	bool (*render)(struct renderer *renderer, const struct alert *alert,
		struct buf *body, struct err *err);

	/* Loop thread. */
	struct sender *(*sender_open)(const char *name, const void *settings,
		const struct action_host *host, struct err *err);
	/* No send may be in flight. */
	void (*sender_close)(struct sender *sender);
	/* on_done comes later, once, from the loop. */
	struct send *(*send)(struct sender *sender, const struct parcel *parcel,
		send_done_fn on_done, void *context);
	/* Ends it without on_done. */
	void (*cancel)(struct send *send);
};

/* Of a renderer and a sender, a kind's struct begins with these. */
struct renderer {
	const struct action_kind *kind;
	/* It looks at nothing in the document: its text is enough. */
	bool takes_text;
};
struct sender {
	const struct action_kind *kind;
};

extern const struct action_kind action_webhook;
extern const struct action_kind action_email;
extern const struct action_kind action_log;

#endif
