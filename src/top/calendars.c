/* calendars - the calendars of `hours:`, with their lists of holidays. */
#include "top/calendars.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "conf/conf_file.h"
#include "conf/data_folder.h"
#include "nps/hours.h"

enum { LIST_LIMIT_BYTES = 64 * 1024, NAMES_LIMIT = 200 };
static const char ending[] = ".txt";

/* The lists that were read, each once. */
struct shelf {
	struct setting_texts folders;
	struct conf_errors *errors;
	struct kept {
		char *name;
		struct holiday_list *list; /* NULL: none that is good */
	} * items;
	size_t count;
};

/* ---- a list ---- */

/* The names of the lists that there are; ended by NULL. */
struct names {
	char *items[NAMES_LIMIT + 1];
	size_t count;
};

static void
add_name(struct names *names, const char *file)
{
	size_t length = strlen(file), tail = sizeof(ending) - 1;

	if (names->count < NAMES_LIMIT && length > tail &&
		strcmp(file + length - tail, ending) == 0)
		names->items[names->count++] = mem_copy(file, length - tail);
}

/* "; did you mean ...?", or which there are. */
static void
append_advice(struct buf *out, const struct shelf *shelf, const char *name)
{
	struct names names = {.count = 0};
	const char *near;

	for (size_t i = 0; i < shelf->folders.count; i++) {
		DIR *folder = opendir(shelf->folders.items[i]);
		const struct dirent *entry;

		while (folder != NULL && (entry = readdir(folder)) != NULL)
			add_name(&names, entry->d_name);
		if (folder != NULL)
			(void)closedir(folder);
	}
	near = text_nearest(name, (const char *const *)names.items);
	if (near != NULL)
		buf_printf(out, "; did you mean \"%s\"?", near);
	else if (names.count > 0)
		buf_append_text(out, "; a file NAME.txt there makes one");
	for (size_t i = 0; i < names.count; i++)
		free(names.items[i]);
}

static struct holiday_list *
read_list(struct shelf *shelf, const char *name, const struct conf_node *node,
	const char *path)
{
	struct holiday_list *list = NULL;
	struct buf text = {0}, advice = {0};
	struct err err;
	bool missing = true;

	for (size_t i = 0; missing && i < shelf->folders.count; i++) {
		char *file = mem_printf(
			"%s/%s%s", shelf->folders.items[i], name, ending);

		if (conf_file_read(file, LIST_LIMIT_BYTES, &text, NULL,
			    &missing, &err))
			list = holiday_list_read(text.data, text.length, &err);
		if (list == NULL && !missing)
			conf_error(shelf->errors, node, path, "%s: %s", file,
				err.text);
		free(file);
	}
	if (missing) {
		buf_append_text(&advice, "");
		append_advice(&advice, shelf, name);
		conf_error(shelf->errors, node, path,
			"there is no list of holidays \"%s\" in %s%s", name,
			shelf->folders.items[0], advice.data);
	}
	buf_done(&advice);
	buf_done(&text);
	return list;
}

static const struct holiday_list *
list_of(const char *name, const struct conf_node *node, const char *path,
	void *context)
{
	struct shelf *shelf = context;

	for (size_t i = 0; i < shelf->count; i++)
		if (strcmp(shelf->items[i].name, name) == 0 &&
			shelf->items[i].list != NULL)
			return shelf->items[i].list;
	shelf->items =
		mem_grow(shelf->items, shelf->count + 1, sizeof(struct kept));
	shelf->items[shelf->count++] = (struct kept){
		mem_strdup(name), read_list(shelf, name, node, path)};
	return shelf->items[shelf->count - 1].list;
}

static void
shelf_done(struct shelf *shelf)
{
	for (size_t i = 0; i < shelf->count; i++) {
		free(shelf->items[i].name);
		holiday_list_free(shelf->items[i].list);
	}
	free(shelf->items);
	setting_texts_done(&shelf->folders);
}

/* ---- all of them ---- */

bool
calendars_make(struct calendars *calendars, const struct setting_items *hours,
	const char *timezone, const char *folder, struct conf_errors *errors)
{
	struct shelf shelf = {.errors = errors};
	bool good = true;

	data_folders(folder, "holidays", &shelf.folders);
	for (size_t i = 0; i < hours->count; i++) {
		const struct setting_item *item = &hours->items[i];
		char *path = mem_printf("hours.%s", item->name);
		struct calendar *calendar = hours_calendar(item->record,
			item->node, path, timezone, list_of, &shelf, errors);

		calendars_add(calendars, item->name, calendar);
		good &= calendar != NULL;
		free(path);
	}
	shelf_done(&shelf);
	return good;
}
