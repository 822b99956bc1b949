/* claimed - deliveries that this node holds. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "flow/claimed.h"

/* Puts bytes and a NUL at the end of what there is; returns where. */
static const char *
put(char **end, const void *bytes, size_t length)
{
	char *at = *end;

	memcpy(at, bytes, length);
	at[length] = '\0';
	*end += length + 1;
	return at;
}

/* One piece of memory: it is freed by another thread than the one that made it,
 * and each piece of those takes a lock. */
struct claimed *
claimed_new(const struct delivery_row *row)
{
	size_t action = strlen(row->action), recipient = strlen(row->recipient);
	size_t rule = row->rule != NULL ? strlen(row->rule) : 0;
	size_t body = row->body != NULL ? row->body_length + 1 : 0;
	struct claimed *claimed = mem_grow(NULL,
		sizeof(*claimed) + action + 1 + recipient + 1 + rule + 1 + body,
		1);
	char *end = claimed->bytes;

	*claimed = (struct claimed){
		.row = row->row,
		.answer = row->answer,
		.created_ms = row->created_ms,
		.first_try_ms = row->first_try_ms,
		.tries = row->tries,
	};
	memcpy(claimed->id, row->id, DELIVERY_ID_BYTES);
	claimed->action = put(&end, row->action, action);
	claimed->recipient = put(&end, row->recipient, recipient);
	claimed->rule = put(&end, rule > 0 ? row->rule : "", rule);
	if (row->body != NULL) {
		claimed->body = put(&end, row->body, row->body_length);
		claimed->body_length = row->body_length;
	}
	return claimed;
}

void
claimed_set_body(struct claimed *claimed, char *body, size_t length)
{
	claimed->body = claimed->later_body = body;
	claimed->body_length = length;
}

void
claimed_free(struct claimed *claimed)
{
	if (claimed == NULL)
		return;
	free(claimed->later_body);
	free(claimed);
}

struct claimed *
claimed_reversed(struct claimed *list)
{
	struct claimed *front = NULL;

	while (list != NULL) {
		struct claimed *next = list->next;

		list->next = front;
		front = list;
		list = next;
	}
	return front;
}
