/* reply - answers in JSON. */
#include <stdlib.h>
#include <string.h>

#include "api/private.h"
#include "base/json.h"

void
api_reply_json(struct http_request *request, int status, json_t *value)
{
	char *text = json_text(value);

	json_decref(value);
	http_reply(request, status, "application/json", text, strlen(text));
	free(text);
}
