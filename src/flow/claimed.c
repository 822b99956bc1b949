/* claimed - deliveries that this node holds. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "flow/claimed.h"

struct claimed *
claimed_new(const struct delivery_row *row)
{
	struct claimed *claimed = mem_new(1, sizeof(*claimed));

	claimed->row = row->row;
	memcpy(claimed->id, row->id, DELIVERY_ID_BYTES);
	claimed->action = mem_strdup(row->action);
	claimed->recipient = mem_strdup(row->recipient);
	claimed->created_ms = row->created_ms;
	claimed->first_try_ms = row->first_try_ms;
	claimed->tries = row->tries;
	if (row->body != NULL) {
		claimed->body = mem_copy(row->body, row->body_length);
		claimed->body_length = row->body_length;
	}
	return claimed;
}

void
claimed_free(struct claimed *claimed)
{
	if (claimed == NULL)
		return;
	free(claimed->action);
	free(claimed->recipient);
	free(claimed->body);
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
