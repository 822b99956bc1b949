/*
 * email_render - the store thread's half of the action email: who gets the
 * mail, and its bytes.
 */
#ifndef NPSD_ACTION_EMAIL_RENDER_H
#define NPSD_ACTION_EMAIL_RENDER_H

#include "action/action.h"

/* As in struct action_kind. The caller of open fills in the kind. */
struct renderer *email_renderer_open(
	const char *name, const void *settings, struct err *err) must_check;
void email_renderer_close(struct renderer *renderer);
bool email_recipients(struct renderer *renderer, const json_t *document,
	struct setting_texts *out, struct err *err);
bool email_render(struct renderer *renderer, const struct alert *alert,
	struct buf *body, struct err *err);

#endif
