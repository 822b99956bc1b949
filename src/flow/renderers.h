/*
 * renderers - the renderer of each action of a policy. Store thread.
 */
#ifndef NPSD_FLOW_RENDERERS_H
#define NPSD_FLOW_RENDERERS_H

#include <stdbool.h>

#include "action/action.h"
#include "base/err.h"
#include "flow/policy.h"

struct renderers;
/* Opens one for each action; NULL with the first reason. */
struct renderers *renderers_open(
	const struct policy *policy, struct err *err) must_check;
void renderers_close(struct renderers *renderers);

/* Who gets an alert of this action: at least one on true. The caller frees with
 * setting_texts_done. */
bool renderers_recipients(struct renderers *renderers, const char *action,
	const json_t *document, struct setting_texts *out,
	struct err *err) must_check;
/* Whether the text of the alert document is enough for it. */
bool renderers_take_text(struct renderers *renderers, const char *action);
/* The exact bytes; false also for an action that is not there any more. */
bool renderers_render(struct renderers *renderers, const char *action,
	const struct alert *alert, struct buf *body,
	struct err *err) must_check;

#endif
