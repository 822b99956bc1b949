/* transfer_desk - one transfer after the other. */
#include "transfer_desk.h"

#include <criterion/criterion.h>

enum { TURNS_LIMIT = 4000 };

void
transfer_desk_open(struct transfer_desk *desk)
{
	struct err err = {""};

	*desk = (struct transfer_desk){0};
	desk->loop = loop_new(&err);
	cr_assert_not_null(desk->loop, "%s", err.text);
	desk->pool = transfer_pool_new(desk->loop, 4, &err);
	cr_assert_not_null(desk->pool, "%s", err.text);
}

void
transfer_desk_close(struct transfer_desk *desk)
{
	transfer_pool_free(desk->pool);
	loop_free(desk->loop);
	buf_done(&desk->body);
}

static void
on_done(const struct transfer_result *result, void *context)
{
	struct transfer_desk *desk = context;

	desk->done++;
	desk->result = *result;
	desk->result.body = NULL;
	buf_clear(&desk->body);
	buf_append(&desk->body, result->body, result->body_length);
}

void
transfer_desk_run(
	struct transfer_desk *desk, const struct transfer_request *request)
{
	struct err err = {""};
	int wanted = desk->done + 1;

	cr_assert_not_null(
		transfer_start(desk->pool, request, on_done, desk, &err), "%s",
		err.text);
	for (int i = 0; i < TURNS_LIMIT && desk->done < wanted; i++)
		loop_step(desk->loop, 10);
	cr_assert_eq(desk->done, wanted, "it ended");
}
