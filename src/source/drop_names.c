/* drop_names - which names of a folder are to be looked at next. */
#include "source/drop_names.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "source/drop_file.h"

void
drop_names_init(struct drop_names *names)
{
	*names = (struct drop_names){
		.written = json_object(), .complete = json_object()};
}

static void
drop_portion(struct drop_names *names)
{
	for (size_t i = 0; i < names->count; i++)
		free(names->names[i]);
	names->count = names->at = 0;
}

static void
end(struct drop_names *names)
{
	if (names->folder != NULL)
		closedir(names->folder);
	names->folder = NULL;
}

void
drop_names_done(struct drop_names *names)
{
	drop_portion(names);
	end(names);
	free(names->names);
	json_decref(names->written);
	json_decref(names->complete);
}

bool
drop_names_start(struct drop_names *names, int fd, struct err *err)
{
	drop_portion(names);
	end(names);
	names->folder = fdopendir(fd);
	if (names->folder != NULL) {
		/* The descriptor may have been read before. */
		rewinddir(names->folder);
		return true;
	}
	close(fd);
	return err_errno(err, "cannot read the folder");
}

static int
compare(const void *a, const void *b)
{
	const char *const *left = a;
	const char *const *right = b;

	return strcmp(*left, *right);
}

static void
read_portion(struct drop_names *names)
{
	const struct dirent *entry = NULL;

	drop_portion(names);
	if (names->names == NULL)
		names->names = mem_new(DROP_NAMES_LIMIT, sizeof(char *));
	while (names->count < DROP_NAMES_LIMIT &&
		(entry = readdir(names->folder)) != NULL)
		if (drop_file_wants(entry->d_name))
			names->names[names->count++] =
				mem_strdup(entry->d_name);
	if (entry == NULL)
		end(names);
	qsort(names->names, names->count, sizeof(char *), compare);
}

const char *
drop_names_next(struct drop_names *names)
{
	while (names->at == names->count && names->folder != NULL)
		read_portion(names);
	return names->at < names->count ? names->names[names->at++] : NULL;
}

bool
drop_names_at_end(const struct drop_names *names)
{
	return names->at == names->count && names->folder == NULL;
}

/* ---- marks ---- */

/* Marks are hints: where there are too many, all go, and time must tell. */
static void
mark(json_t *marks, const char *name)
{
	if (json_object_size(marks) >= DROP_MARKS_LIMIT)
		json_object_clear(marks);
	json_object_set_new_nocheck(marks, name, json_true());
}

void
drop_names_note_written(struct drop_names *names, const char *name)
{
	mark(names->written, name);
	json_object_del(names->complete, name);
}

void
drop_names_note_closed(struct drop_names *names, const char *name)
{
	json_object_del(names->written, name);
}

void
drop_names_note_complete(struct drop_names *names, const char *name)
{
	mark(names->complete, name);
	json_object_del(names->written, name);
}

void
drop_names_forget(struct drop_names *names, const char *name)
{
	json_object_del(names->complete, name);
	json_object_del(names->written, name);
}

void
drop_names_forget_all(struct drop_names *names)
{
	json_object_clear(names->complete);
	json_object_clear(names->written);
}

bool
drop_names_is_written(const struct drop_names *names, const char *name)
{
	return json_object_get(names->written, name) != NULL;
}

bool
drop_names_is_complete(const struct drop_names *names, const char *name)
{
	return json_object_get(names->complete, name) != NULL;
}
