/*
 * sqlite_files - the files of a SQLite store, as tests look at them and spoil
 * them.
 */
#include "sqlite_files.h"

#include <criterion/criterion.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"

static const char *const endings[] = {"", "-wal", ".lock"};

/* The whole file; NULL: there is none. The caller frees it. */
char *
read_file(const char *path, size_t *length)
{
	FILE *file = fopen(path, "rb");

	*length = 0;
	if (!file)
		return NULL;
	fseek(file, 0, SEEK_END);
	*length = (size_t)ftell(file);
	rewind(file);
	char *bytes = mem_new(*length + 1, 1);

	cr_assert_eq(fread(bytes, 1, *length, file), *length, "%s", path);
	fclose(file);
	return bytes;
}

void
write_file(const char *path, const char *bytes, size_t length)
{
	FILE *file = fopen(path, "wb");

	cr_assert_not_null(file, "%s", path);
	cr_assert_eq(fwrite(bytes, 1, length, file), length, "%s", path);
	fclose(file);
}

const char *
path_of(const struct shelf *shelf, const char *ending)
{
	static char path[160];

	snprintf(path, sizeof(path), "%s%s", shelf->path, ending);
	return path;
}

struct image
take_image(const struct shelf *shelf)
{
	struct image image;

	for (size_t i = 0; i < FILES; i++)
		image.bytes[i] =
			read_file(path_of(shelf, endings[i]), &image.length[i]);
	return image;
}

void
put_image(const struct shelf *shelf, const struct image *image)
{
	unlink(path_of(shelf, "-shm"));
	for (size_t i = 0; i < FILES; i++)
		if (image->bytes[i])
			write_file(path_of(shelf, endings[i]), image->bytes[i],
				image->length[i]);
		else
			unlink(path_of(shelf, endings[i]));
}

bool
same_image(const struct image *a, const struct image *b)
{
	/* SQLite makes an empty WAL where there is none. */
	for (size_t i = 0; i < FILES; i++)
		if (a->length[i] != b->length[i] ||
			(a->length[i] && memcmp(a->bytes[i], b->bytes[i],
						 a->length[i]) != 0))
			return false;
	return true;
}

void
free_image(struct image *image)
{
	for (size_t i = 0; i < FILES; i++)
		free(image->bytes[i]);
}

void
close_store(struct shelf *shelf)
{
	store_reader_close(shelf->reader);
	store_close(shelf->store);
	shelf->reader = NULL;
	shelf->store = NULL;
}

void
remove_folder(struct shelf *shelf)
{
	static const char *const all[] = {"", "-wal", "-shm", ".lock", ".new",
		".new-journal", "-journal"};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		unlink(path_of(shelf, all[i]));
	cr_assert_eq(rmdir(shelf->folder), 0, "nothing strange is left");
}

/* A store with three commits in its WAL, closed; its image as a crash would
 * leave it. */
struct image
build_crashed(struct shelf *shelf)
{
	shelf_open(shelf, "sqlite");
	for (int i = 0; i < 3; i++) {
		char id[16];

		snprintf(id, sizeof(id), "a%d", i);
		shelf_begin(shelf);
		shelf_put(shelf, id, i, ANSWERED_MS, "anna");
		shelf_commit(shelf);
	}
	struct image image = take_image(shelf);

	cr_assert_gt(image.length[1], 4096, "there is something in the WAL");
	close_store(shelf);
	put_image(shelf, &image);
	return image;
}

int
count_answers(struct shelf *shelf)
{
	json_t *items = shelf_list(shelf, STORE_RESPONSES, &shelf_any, NULL);
	int count = (int)json_array_size(items);

	json_decref(items);
	return count;
}

void
run_sql(const char *path, const char *text)
{
	sqlite3 *db;

	cr_assert_eq(sqlite3_open(path, &db), SQLITE_OK, "%s", path);
	cr_assert_eq(sqlite3_exec(db, text, NULL, NULL, NULL), SQLITE_OK,
		"%s: %s", text, sqlite3_errmsg(db));
	sqlite3_close(db);
}
