/* source - the settings that every source has, and batches of records. */
#include "source/source.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"

enum { FIRST_RECORDS = 1 }; /* of most requests the only one */

static bool
read_revisions(struct setting_reader *reader, const struct conf_node *node,
	const char *path, void *where)
{
	bool *by_arrival = where;
	char *text = NULL;
	bool good = setting_read_text(reader, node, path, &text);

	if (good && text_same(text, "arrival"))
		*by_arrival = true;
	else if (good && !text_same(text, "number"))
		good = conf_error(reader->errors, node, path,
			"expected number or arrival");
	free(text);
	return good;
}

const struct setting source_settings[] = {
	{"survey", SETTING_TEXT, offsetof(struct source_settings, survey),
		.low = 1, .high = RESPONSE_NAME_LIMIT_BYTES,
		.help = "The survey of answers that name none; the source's "
			"own name by default. Sources that may carry the same "
			"answers must share it, so that each answer is counted "
			"once."},
	{"revisions", SETTING_CUSTOM,
		offsetof(struct source_settings, by_arrival),
		.fallback = "number", .read = read_revisions,
		.schema = "{\"enum\":[\"number\",\"arrival\"]}",
		.help = "How an answer that is known already is amended: by a "
			"higher number in its member revision, or, with "
			"arrival, by each later arrival that says something "
			"else."},
	{"preset", SETTING_TEXT, offsetof(struct source_settings, preset),
		.low = 1, .high = 64,
		.help = "Settings that come ready made, for what this source's "
			"own keys do not say: NAME of the file NAME.yaml. It "
			"is looked for in presets/sources beside the "
			"configuration, in /etc/npsd/presets/sources, and "
			"among those that came with npsd."},
	{.key = NULL},
};

struct batch *
batch_new(struct source *source, const char *label)
{
	struct batch *batch = mem_new(1, sizeof(*batch));

	batch->source = source;
	batch->label = mem_strdup(label);
	return batch;
}

struct record *
batch_add_at(struct batch *batch, size_t offset, size_t length)
{
	struct record *record;

	if (batch->count == batch->capacity) {
		batch->capacity = batch->capacity > 0 ? batch->capacity * 2
						      : FIRST_RECORDS;
		batch->records = mem_grow(
			batch->records, batch->capacity, sizeof(struct record));
	}
	record = &batch->records[batch->count++];
	memset(record, 0, sizeof(*record));
	record->offset = offset;
	record->length = length;
	return record;
}

struct record *
batch_add(struct batch *batch, const char *bytes, size_t length)
{
	size_t offset = batch->bytes.length;

	buf_append(&batch->bytes, bytes, length);
	return batch_add_at(batch, offset, length);
}

struct record *
batch_add_value(struct batch *batch, json_t *value)
{
	struct record *record = batch_add_at(batch, batch->bytes.length, 0);

	record->value = value;
	return record;
}

void
batch_free(struct batch *batch)
{
	if (batch == NULL)
		return;
	for (size_t i = 0; i < batch->count; i++) {
		json_decref(batch->records[i].value);
		free(batch->records[i].id_name);
	}
	free(batch->records);
	buf_done(&batch->bytes);
	free(batch->label);
	free(batch->as);
	free(batch->survey);
	free(batch->id_prefix);
	free(batch->place_key);
	free(batch->place);
	free(batch);
}

const char *
batch_source(const struct batch *batch)
{
	return batch->as != NULL ? batch->as : batch->source->name;
}

const char *
batch_survey(const struct batch *batch)
{
	const struct source_settings *settings = batch->source->settings;

	if (batch->survey != NULL)
		return batch->survey;
	return settings->survey != NULL ? settings->survey
					: batch_source(batch);
}

bool
batch_by_arrival(const struct batch *batch)
{
	return batch->as != NULL ? batch->as_by_arrival
				 : batch->source->settings->by_arrival;
}
