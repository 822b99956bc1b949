/*
 * sqlite_files - the files of a SQLite store, as tests look at them and spoil
 * them.
 */
#ifndef NPSD_TESTS_SQLITE_FILES_H
#define NPSD_TESTS_SQLITE_FILES_H

#include <stdbool.h>
#include <stddef.h>

#include "store_shelf.h"

/* The whole file; NULL: there is none. The caller frees it. */
char *read_file(const char *path, size_t *length);
void write_file(const char *path, const char *bytes, size_t length);
/* Of the database with that ending; lent until the next call. */
const char *path_of(const struct shelf *shelf, const char *ending);
/* Through a connection of its own. */
void run_sql(const char *path, const char *text);

/* What a crash would leave: the files as they are while the store is open. */
enum { FILES = 3 };
struct image {
	char *bytes[FILES];
	size_t length[FILES];
};
struct image take_image(const struct shelf *shelf);
void put_image(const struct shelf *shelf, const struct image *image);
bool same_image(const struct image *a, const struct image *b);
void free_image(struct image *image);

/* A store with three commits in its WAL, closed; its image as a crash would
 * leave it. */
struct image build_crashed(struct shelf *shelf);
/* The parts of shelf_close. */
void close_store(struct shelf *shelf);
void remove_folder(struct shelf *shelf);

int count_answers(struct shelf *shelf);

#endif
