/* source_case - one source as the daemon has it (source_case.h). */
#include "source_case.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/memory.h"

/* ---- the host ---- */

static int64_t
on_wall(void *context)
{
	const struct source_case *it = context;

	return clock_wall_ms(&clock_system) + it->ahead_ms + it->jump_ms;
}

static int64_t
on_monotonic(void *context)
{
	const struct source_case *it = context;

	return clock_monotonic_us(&clock_system) + it->ahead_ms * 1000;
}

static bool
on_has_room(void *context)
{
	const struct source_case *it = context;

	return !it->full;
}

static bool
on_offer(void *context, struct batch *batch)
{
	struct source_case *it = context;
	size_t bytes = 0;

	if (it->full) {
		it->waits_for_room = true;
		return false;
	}
	cr_assert_lt(it->held_count, SOURCE_CASE_HELD, "too many batches");
	cr_assert_leq(batch->count, 2 * SOURCE_BATCH_RECORDS, "batch too big");
	it->held[it->held_count++] = batch;
	it->offers++;
	for (size_t i = 0; i < it->held_count; i++)
		bytes += it->held[i]->bytes.capacity;
	if (bytes > it->most_held_bytes)
		it->most_held_bytes = bytes;
	return true;
}

static bool
on_each_place(void *context, const char *source,
	void (*on_place)(const char *key, const char *place, void *to),
	void *to, struct err *err)
{
	struct source_case *it = context;
	const char *key;
	json_t *place;

	(void)source;
	(void)err;
	json_object_foreach(it->places, key, place)
		on_place(key, json_string_value(place), to);
	return true;
}

static void
on_lost(void *context, const char *source)
{
	struct source_case *it = context;

	(void)source;
	it->losses++;
}

static void
on_behind(void *context, const char *source, int64_t bytes)
{
	struct source_case *it = context;

	(void)source;
	it->behind = bytes;
}

static void
on_closed(void *context, struct source *source)
{
	struct source_case *it = context;

	cr_assert_eq(source, it->source, "another source was closed");
	it->source = NULL;
	it->closed++;
}

static void
on_health(void *context, const char *source, bool good, const char *reason)
{
	struct source_case *it = context;

	(void)source;
	it->good = good;
	it->bad_news += !good;
	snprintf(it->reason, sizeof(it->reason), "%s", good ? "" : reason);
}

static void
on_ignored(void *context, const char *source)
{
	struct source_case *it = context;

	(void)source;
	it->ignored++;
}

static void
on_unverified(void *context, const char *source, const char *reason)
{
	struct source_case *it = context;

	(void)source;
	it->unverified++;
	snprintf(it->unverified_reason, sizeof(it->unverified_reason), "%s",
		reason);
}

/* ---- settling ---- */

static char *
id_name_of(const struct batch *batch, const struct record *record)
{
	if (record->id_name != NULL)
		return mem_strdup(record->id_name);
	return batch->id_prefix == NULL ? NULL
					: mem_printf("%s%lld", batch->id_prefix,
						  (long long)record->id_number);
}

static void
remember(struct source_case *it, const struct batch *batch,
	const struct record *record)
{
	struct kept_record *kept;

	if (it->kept_count == it->kept_room) {
		it->kept_room = it->kept_room * 2 + 16;
		it->kept = mem_grow(
			it->kept, it->kept_room, sizeof(struct kept_record));
	}
	kept = &it->kept[it->kept_count++];
	*kept = (struct kept_record){
		.text = record->value != NULL
				? json_text(record->value)
				: mem_copy(batch->bytes.data + record->offset,
					  record->length),
		.label = mem_strdup(batch->label),
		.id_name = id_name_of(batch, record),
		.line = record->line,
		.refused = record->refused,
		.reason = record->reason,
		.full_length = record->full_length,
	};
}

/* As intake and the keeper do it; a known id is a duplicate. */
static void
judge(struct source_case *it, struct batch *batch, struct record *record)
{
	struct response_defaults defaults = {.survey = it->source->name,
		.contact_ok = true,
		.mapped = batch->mapped,
		.now_ms = clock_wall_ms(&it->clock)};
	struct response *response = NULL;

	memset(&record->rejection, 0, sizeof(record->rejection));
	record->rejection.reason = record->reason;
	if (record->refused)
		strcpy(record->rejection.text, "refused by the source");
	else if (record->value != NULL)
		response = response_from_json(json_incref(record->value),
			&defaults, &record->rejection);
	else
		response = response_decode(batch->bytes.data + record->offset,
			record->length, &defaults, &record->rejection);
	record->settled_rejected = response == NULL;
	if (response == NULL)
		return;
	record->standing = STANDING_NEW;
	if (response->id != NULL && strncmp(response->id, "dup", 3) == 0)
		record->standing = STANDING_DUPLICATE;
	else if (response->id != NULL && strncmp(response->id, "late", 4) == 0)
		record->standing = STANDING_LATE;
	else if (response->id != NULL && strncmp(response->id, "conf", 4) == 0)
		record->standing = STANDING_CONFLICT;
	response_free(response);
}

static void
keep(struct source_case *it, struct batch *batch)
{
	for (size_t i = 0; i < batch->count && !it->forgetful; i++) {
		remember(it, batch, &batch->records[i]);
		judge(it, batch, &batch->records[i]);
	}
	it->counted += batch->count;
	if (batch->place_key == NULL)
		return;
	if (batch->place == NULL)
		json_object_del(it->places, batch->place_key);
	else
		json_object_set_new(it->places, batch->place_key,
			json_string(batch->place));
}

void
source_case_settle(struct source_case *it, size_t n)
{
	while (n-- > 0 && it->held_count > 0) {
		struct batch *batch = it->held[0];

		it->held_count--;
		memmove(it->held, it->held + 1,
			it->held_count * sizeof(it->held[0]));
		batch->kept = !it->broken;
		if (batch->kept)
			keep(it, batch);
		it->kind->settled(it->source, batch);
	}
}

void
source_case_turn(struct source_case *it)
{
	loop_step(it->loop, 5);
	if (!it->by_hand)
		source_case_settle(it, it->held_count);
}

void
source_case_room(struct source_case *it)
{
	it->full = false;
	if (!it->waits_for_room)
		return;
	it->waits_for_room = false;
	it->kind->room(it->source);
}

void
source_case_run(struct source_case *it, int ms)
{
	int64_t until_us =
		clock_monotonic_us(&clock_system) + (int64_t)ms * 1000;

	while (clock_monotonic_us(&clock_system) < until_us)
		source_case_turn(it);
}

void
source_case_expect(struct source_case *it, size_t records)
{
	source_case_until(it, it->counted >= records);
	source_case_run(it, 60);
	cr_assert_eq(it->counted, records, "%zu records instead of %zu",
		it->counted, records);
}

/* ---- life ---- */

void
source_case_init(struct source_case *it, const struct source_kind *kind)
{
	struct err err = {""};

	memset(it, 0, sizeof(*it));
	strcpy(it->folder, "/tmp/npsd-source-XXXXXX");
	cr_assert_not_null(mkdtemp(it->folder), "no folder");
	cr_assert_eq(chdir(it->folder), 0, "cannot enter the folder");
	it->loop = loop_new(&err);
	cr_assert_not_null(it->loop, "%s", err.text);
	it->kind = kind;
	it->good = true;
	it->places = json_object();
	it->clock = (struct clock){on_wall, on_monotonic, it};
	it->host = (struct source_host){
		.context = it,
		.loop = it->loop,
		.clock = &it->clock,
		.wall = &it->wall,
		.offer = on_offer,
		.has_room = on_has_room,
		.each_place = on_each_place,
		.lost = on_lost,
		.behind = on_behind,
		.closed = on_closed,
		.health = on_health,
		.unverified = on_unverified,
		.ignored = on_ignored,
	};
}

static char *
with_folder(const struct source_case *it, const char *yaml)
{
	const char *at = strstr(yaml, "FOLDER");

	return at == NULL ? mem_strdup(yaml)
			  : mem_printf("%.*s%s%s", (int)(at - yaml), yaml,
				    it->folder, at + strlen("FOLDER"));
}

static void
free_settings(struct source_case *it)
{
	if (it->settings == NULL)
		return;
	setting_done(it->kind->setting.fields, it->settings);
	setting_done(source_settings, it->settings);
	free(it->settings);
	it->settings = NULL;
	conf_document_free(it->document);
}

/* The common rows and the kind's, one after the other, as a map of both would
 * be refused for unknown keys. */
static struct setting *
all_rows(const struct source_kind *kind)
{
	size_t common = 0, own = 0;
	struct setting *rows;

	while (source_settings[common].key != NULL)
		common++;
	while (kind->setting.fields[own].key != NULL)
		own++;
	rows = mem_new(common + own + 1, sizeof(*rows));
	memcpy(rows, source_settings, common * sizeof(*rows));
	memcpy(rows + common, kind->setting.fields, own * sizeof(*rows));
	return rows;
}

char *
source_case_check(struct source_case *it, const char *yaml)
{
	struct conf_errors *errors = conf_errors_new();
	struct setting_reader reader = {.errors = errors};
	char *text = with_folder(it, yaml);
	struct setting *rows = all_rows(it->kind);
	struct buf out = {0};

	free_settings(it);
	it->document = conf_document_read("test", text, strlen(text), errors);
	it->settings = mem_new(1, it->kind->setting.size);
	cr_assert_not_null(it->document, "not YAML: %s", yaml);

	const struct conf_node *root = conf_document_root(it->document);

	if (setting_read(&reader, rows, root, "s", it->settings) &&
		it->kind->check != NULL)
		it->kind->check(it->settings, root, "s", errors);
	buf_append_text(&out, "");
	conf_errors_write(errors, &out);
	conf_errors_free(errors);
	free(rows);
	free(text);
	return buf_take(&out);
}

void
source_case_open(struct source_case *it, const char *yaml)
{
	struct err err = {""};
	char *errors = source_case_check(it, yaml);

	cr_assert(strstr(errors, "warning") != NULL || errors[0] == '\0', "%s",
		errors);
	free(errors);
	it->source = it->kind->open("spool", it->settings, &it->host, &err);
	cr_assert_not_null(it->source, "%s", err.text);
}

void
source_case_close(struct source_case *it)
{
	int closed = it->closed;

	if (it->source == NULL)
		return;
	it->kind->close(it->source);
	source_case_settle(it, it->held_count);
	cr_assert_eq(it->closed, closed + 1, "it did not say closed()");
	cr_assert_null(it->source, "still open");
}

void
source_case_kill(struct source_case *it)
{
	bool broken = it->broken;

	it->broken = true;
	source_case_close(it);
	it->broken = broken;
}

static int
remove_one(
	const char *path, const struct stat *status, int type, struct FTW *walk)
{
	(void)status, (void)walk;
	if (type == FTW_DNR)
		chmod(path, 0700);
	return remove(path);
}

void
source_case_done(struct source_case *it)
{
	source_case_close(it);
	free_settings(it);
	for (size_t i = 0; i < it->kept_count; i++) {
		free(it->kept[i].text);
		free(it->kept[i].label);
		free(it->kept[i].id_name);
	}
	free(it->kept);
	json_decref(it->places);
	loop_free(it->loop);
	cr_assert_eq(chdir("/"), 0, "cannot leave the folder");
	nftw(it->folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* ---- files ---- */

void
append_file(const char *name, const char *data, size_t length)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_APPEND, 0600);

	cr_assert_geq(fd, 0, "cannot open %s", name);
	cr_assert_eq(write(fd, data, length), (ssize_t)length, "%s", name);
	close(fd);
}

void
append_text(const char *name, const char *text)
{
	append_file(name, text, strlen(text));
}

void
write_text(const char *name, const char *text)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	cr_assert_geq(fd, 0, "cannot open %s", name);
	cr_assert_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text), "%s",
		name);
	close(fd);
}

bool
file_exists(const char *name)
{
	return access(name, F_OK) == 0;
}

char *
file_text(const char *name)
{
	struct buf out = {0};
	FILE *file = fopen(name, "r");
	char bytes[4096];
	size_t got;

	cr_assert_not_null(file, "no %s", name);
	buf_append_text(&out, "");
	while ((got = fread(bytes, 1, sizeof(bytes), file)) > 0)
		buf_append(&out, bytes, got);
	fclose(file);
	return buf_take(&out);
}
