/* answer_restore - a kept answer as what it was when it came. */
#include "flow/answer_restore.h"

struct restored {
	struct response *response;
	bool contact_default;
};

static void
on_answer(const struct answer_row *row, void *context)
{
	struct restored *restored = context;
	struct err err;

	if (row->content != NULL)
		restored->response = response_restore(row->content,
			row->content_length, restored->contact_default, &err);
}

bool
answer_restore(struct keeping *keeping, int64_t answer,
	struct response **response, struct err *err)
{
	struct restored restored = {
		.contact_default = keeping->policy->contact_default,
	};
	bool good = store_get_answer(keeping->store, answer, on_answer,
			    &restored, err) != STORE_ERROR;

	*response = restored.response;
	return good;
}
