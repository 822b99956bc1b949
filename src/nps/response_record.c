/* response_record - the pieces that hold a response's values. */
#include "nps/response_record.h"

#include <assert.h>
#include <string.h>

#include "base/json_memory.h"

/* A text that did not come with the record. */
struct response_text {
	struct response_text *next;
	char text[];
};

bool
record_read(struct response *response, const char *data, size_t length,
	struct record_room *room)
{
	response->texts = json_memory_new(length);
	memcpy(response->texts, data, length);
	if (flat_read(response->texts, length, room->values,
		    RECORD_QUICK_VALUES) == 0) {
		json_memory_free(response->texts);
		response->texts = NULL;
		return false;
	}
	response->record = room->values;
	response->record_room = RECORD_QUICK_VALUES + RECORD_ADDED_VALUES;
	return true;
}

void
record_lay(struct response *response, const json_t *tree)
{
	size_t bytes = 0;

	response->record_room =
		flat_measure(tree, &bytes) + RECORD_ADDED_VALUES;
	response->record = json_memory_new(
		response->record_room * sizeof(*response->record));
	response->texts = json_memory_new(bytes);
	flat_lay(tree, response->record, response->texts);
}

void
record_settle(struct response *response, const struct record_room *room)
{
	size_t count = room->values[0].span;

	if (response->record != room->values)
		return;
	/* The id is yet to come. */
	response->record_room = count + (response->id == NULL);
	response->record = json_memory_new(
		response->record_room * sizeof(*response->record));
	memcpy(response->record, room->values,
		count * sizeof(*response->record));
}

void
record_free(struct response *response)
{
	while (response->more_texts) {
		struct response_text *one = response->more_texts;

		response->more_texts = one->next;
		json_memory_free(one);
	}
	json_memory_free(response->texts);
	json_memory_free(response->record);
}

char *
record_keep_text(struct response *response, const char *text)
{
	size_t bytes = strlen(text) + 1;
	struct response_text *kept = json_memory_new(sizeof(*kept) + bytes);

	memcpy(kept->text, text, bytes);
	kept->next = response->more_texts;
	response->more_texts = kept;
	return kept->text;
}

void
record_set_text(struct response *response, struct flat *value, const char *text)
{
	value->type = JSON_STRING;
	value->text = record_keep_text(response, text);
	value->text_length = (uint32_t)strlen(text);
}

const char *
record_add_text(struct response *response, const char *name, const char *text)
{
	struct flat *record = response->record;
	struct flat *member = record + record->span;

	assert(record->span < response->record_room);
	*member = (struct flat){
		.key = name,
		.key_length = (uint32_t)strlen(name),
		.span = 1,
	};
	record_set_text(response, member, text);
	record->span++;
	return member->text;
}

json_t *
response_tree(const struct response *response)
{
	return flat_tree(response->record);
}
