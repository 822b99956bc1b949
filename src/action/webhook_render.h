/*
 * webhook_render - the store thread's half of the action webhook: the body.
 */
#ifndef NPSD_ACTION_WEBHOOK_RENDER_H
#define NPSD_ACTION_WEBHOOK_RENDER_H

#include "action/action.h"

/* As in struct action_kind. The caller of open fills in the kind. */
struct renderer *webhook_renderer_open(
	const char *name, const void *settings, struct err *err) must_check;
void webhook_renderer_close(struct renderer *renderer);
bool webhook_render(struct renderer *renderer, const struct alert *alert,
	struct buf *body, struct err *err);

/* True for a body that is a CloudEvent in structured mode. */
bool webhook_is_event(const char *body, size_t length);

#endif
