/*
 * renderers - one for each action of a policy, found by its name.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "flow/renderers.h"

TestSuite(renderers);

static int open_count;

struct fake {
	struct renderer renderer; /* first */
	const char *name;
};

static struct renderer *fake_open(
	const char *name, const void *settings, struct err *err);

static void
fake_close(struct renderer *renderer)
{
	open_count--;
	free(renderer);
}

/* Its name, or as many bytes as its settings say. */
static bool
fake_render(struct renderer *renderer, const struct alert *alert,
	struct buf *body, struct err *err)
{
	const struct fake *fake = (const struct fake *)renderer;

	(void)alert;
	(void)err;
	if (strcmp(fake->name, "big") == 0) {
		buf_reserve(body, ACTION_BODY_LIMIT_BYTES + 1);
		memset(body->data, 'x', ACTION_BODY_LIMIT_BYTES + 1);
		body->length = ACTION_BODY_LIMIT_BYTES + 1;
		body->data[body->length] = '\0';
	} else {
		buf_append_text(body, fake->name);
	}
	return true;
}

static bool
fake_recipients(struct renderer *renderer, const json_t *document,
	struct setting_texts *out, struct err *err)
{
	const struct fake *fake = (const struct fake *)renderer;

	(void)document;
	if (strcmp(fake->name, "lost") == 0)
		return err_set(err, "nobody is there");
	out->items = mem_new(2, sizeof(char *));
	out->items[out->count++] = mem_strdup("jan@example.com");
	out->items[out->count++] = mem_strdup("anna@example.com");
	return true;
}

static const struct action_kind plain = {
	.renderer_open = fake_open,
	.renderer_close = fake_close,
	.render = fake_render,
};
static const struct action_kind addressed = {
	.renderer_open = fake_open,
	.renderer_close = fake_close,
	.render = fake_render,
	.recipients = fake_recipients,
};

static struct renderer *
fake_open(const char *name, const void *settings, struct err *err)
{
	struct fake *fake;

	if (strcmp(name, "bad") == 0) {
		err_set(err, "bad cannot be opened");
		return NULL;
	}
	fake = mem_new(1, sizeof(*fake));
	fake->renderer.kind = settings;
	fake->name = name;
	open_count++;
	return &fake->renderer;
}

static struct policy_action actions[] = {
	{.name = "note", .kind = &plain, .settings = (const void *)&plain},
	{.name = "mail",
		.kind = &addressed,
		.settings = (const void *)&addressed},
	{.name = "lost",
		.kind = &addressed,
		.settings = (const void *)&addressed},
	{.name = "big", .kind = &plain, .settings = (const void *)&plain},
	{.name = "bad", .kind = &plain, .settings = (const void *)&plain},
};

static struct policy
policy_of(size_t count)
{
	return (struct policy){.actions = actions, .action_count = count};
}

Test(renderers, are_found_by_name)
{
	struct policy policy = policy_of(4);
	struct err err = {""};
	struct renderers *renderers = renderers_open(&policy, &err);
	struct alert alert = {0};
	struct buf body = {0};

	cr_assert_not_null(renderers, "%s", err.text);
	cr_assert_eq(open_count, 4, "one each");
	cr_assert(renderers_render(renderers, "mail", &alert, &body, &err),
		"%s", err.text);
	cr_assert_str_eq(body.data, "mail", "its own");
	buf_clear(&body);
	cr_assert_not(renderers_render(renderers, "crm", &alert, &body, &err),
		"not there");
	cr_assert_str_eq(err.text, "action \"crm\" is not in the configuration",
		"says so");
	cr_assert_not(renderers_render(renderers, "big", &alert, &body, &err),
		"too big");
	cr_assert_not_null(
		strstr(err.text, "the limit is 1048576"), "%s", err.text);
	buf_done(&body);
	renderers_close(renderers);
	cr_assert_eq(open_count, 0, "all are closed");
}

Test(renderers, tell_the_recipients)
{
	struct policy policy = policy_of(4);
	struct err err = {""};
	struct renderers *renderers = renderers_open(&policy, &err);
	struct setting_texts out = {0};

	cr_assert(renderers_recipients(renderers, "note", NULL, &out, &err),
		"%s", err.text);
	cr_assert_eq(out.count, 1, "one");
	cr_assert_str_eq(out.items[0], "", "without a name");
	setting_texts_done(&out);
	cr_assert(renderers_recipients(renderers, "mail", NULL, &out, &err),
		"%s", err.text);
	cr_assert_eq(out.count, 2, "two");
	cr_assert_str_eq(out.items[1], "anna@example.com", "the second");
	setting_texts_done(&out);
	cr_assert_not(renderers_recipients(renderers, "lost", NULL, &out, &err),
		"none");
	cr_assert_str_eq(err.text, "nobody is there", "its reason");
	cr_assert_not(renderers_recipients(renderers, "crm", NULL, &out, &err),
		"not there");
	renderers_close(renderers);
}

Test(renderers, close_what_was_open_when_one_is_bad)
{
	struct policy policy = policy_of(5);
	struct err err = {""};

	cr_assert_null(renderers_open(&policy, &err), "refused");
	cr_assert_str_eq(err.text, "bad cannot be opened", "its reason");
	cr_assert_eq(open_count, 0, "none is left open");
	renderers_close(NULL);
}
