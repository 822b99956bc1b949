/* renderers - the renderer of each action of a policy. */
#include "flow/renderers.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

struct renderers {
	const struct policy *policy;
	struct renderer **items; /* by the policy's order of actions */
};

void
renderers_close(struct renderers *renderers)
{
	if (renderers == NULL)
		return;
	for (size_t i = 0; i < renderers->policy->action_count; i++)
		if (renderers->items[i] != NULL)
			renderers->items[i]->kind->renderer_close(
				renderers->items[i]);
	free(renderers->items);
	free(renderers);
}

struct renderers *
renderers_open(const struct policy *policy, struct err *err)
{
	struct renderers *renderers = mem_new(1, sizeof(*renderers));

	renderers->policy = policy;
	renderers->items =
		mem_new(policy->action_count + 1, sizeof(struct renderer *));
	for (size_t i = 0; i < policy->action_count; i++) {
		const struct policy_action *action = &policy->actions[i];

		renderers->items[i] = action->kind->renderer_open(
			action->name, action->settings, err);
		if (renderers->items[i] == NULL) {
			renderers_close(renderers);
			return NULL;
		}
	}
	return renderers;
}

static struct renderer *
renderer_find(struct renderers *renderers, const char *action, struct err *err)
{
	const struct policy *policy = renderers->policy;

	for (size_t i = 0; i < policy->action_count; i++)
		if (strcmp(policy->actions[i].name, action) == 0)
			return renderers->items[i];
	err_set(err, "action \"%s\" is not in the configuration", action);
	return NULL;
}

bool
renderers_take_text(struct renderers *renderers, const char *action)
{
	const struct renderer *renderer =
		renderer_find(renderers, action, NULL);

	return renderer != NULL && renderer->takes_text;
}

bool
renderers_recipients(struct renderers *renderers, const char *action,
	const json_t *document, struct setting_texts *out, struct err *err)
{
	struct renderer *renderer = renderer_find(renderers, action, err);

	if (renderer == NULL)
		return false;
	if (renderer->kind->recipients != NULL)
		return renderer->kind->recipients(renderer, document, out, err);
	out->count = 1;
	out->items = mem_new(1, sizeof(char *));
	out->items[0] = mem_strdup("");
	return true;
}

bool
renderers_render(struct renderers *renderers, const char *action,
	const struct alert *alert, struct buf *body, struct err *err)
{
	struct renderer *renderer = renderer_find(renderers, action, err);

	if (renderer == NULL ||
		!renderer->kind->render(renderer, alert, body, err))
		return false;
	if (body->length > ACTION_BODY_LIMIT_BYTES)
		return err_set(err,
			"the rendered body has %zu bytes; the limit "
			"is %d: shorten the payload",
			body->length, ACTION_BODY_LIMIT_BYTES);
	return true;
}
