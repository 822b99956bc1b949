/* claimed - deliveries that this node holds. */
#include <stdlib.h>

#include "flow/keeper.h"

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
