/* problem_text - a problem as JSON. */
#include "loop/problem_text.h"

#include <jansson.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/memory.h"

#define PROBLEM_TYPE_PREFIX "urn:npsd:problem:"

char *
problem_text(int status, const char *name, const char *title,
	const char *detail, const char *pointer)
{
	char *type = mem_printf("%s%s", PROBLEM_TYPE_PREFIX, name);
	json_t *problem = json_pack("{s:s, s:s, s:i}", "type", type, "title",
		title, "status", status);
	char *text;

	free(type);
	if (detail != NULL)
		json_object_set_new(problem, "detail", json_string(detail));
	if (pointer != NULL)
		json_object_set_new(problem, "pointer", json_string(pointer));
	text = json_text(problem);
	json_decref(problem);
	return text;
}
