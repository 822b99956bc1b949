/*
 * drop_file - one dropped file, from the first byte to the move.
 *
 *	hashing --> reading --> read --(all kept)--> moving --> done/, rejected/
 *
 * Its digest comes first, as the ids of answers without one are made of it.
 */
#ifndef NPSD_SOURCE_DROP_FILE_H
#define NPSD_SOURCE_DROP_FILE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "base/err.h"
#include "source/batch_queue.h"
#include "source/csv_reader.h"
#include "source/drop_place.h"
#include "source/line_reader.h"

enum {
	DROP_LINES_LIMIT_BYTES = 1024 * 1024 * 1024, /* of .jsonl and .csv */
	DROP_JSON_LIMIT_BYTES = 4 * 1024 * 1024,     /* of a .json */
};

enum drop_form { DROP_LINES, DROP_JSON, DROP_CSV };
enum drop_state { DROP_HASHING, DROP_READING, DROP_READ };

struct drop_file {
	struct source *source;
	char *key;		  /* of its place */
	struct drop_place place;  /* name, file, and what is read */
	struct drop_place former; /* of an earlier run; name NULL: none */
	enum drop_state state;
	enum drop_form form;
	const struct csv_settings *csv; /* lent */
	int fd;				/* -1 once it is read */
	struct digest *digest;
	int64_t hashed;
	char *id_prefix;
	struct line_reader reader; /* of lines */
	struct csv_reader table;   /* of a .csv */
	json_t *array;		   /* of a .json that has one */
	struct batch_queue queue;
	size_t records;
	bool good;	/* some record was good JSON */
	bool abandoned; /* not all of it will be kept in this run */
};

enum drop_result {
	DROP_BATCH,  /* a batch was put into its queue */
	DROP_WORKED, /* not yet: call again */
	DROP_FAILED, /* it cannot be read now */
};

/* Whether the name is that of a file to be taken: .json, .jsonl or .csv, and
 * not hidden. */
bool drop_file_wants(const char *name);

/* Takes fd. csv: how tables are read, lent. key: of the place, copied. former:
 * what an earlier run kept of this file, or NULL. */
struct drop_file *drop_file_new(struct source *source,
	const struct csv_settings *csv, const char *name, int fd,
	const struct stat *status, const char *key,
	const struct drop_place *former);
void drop_file_free(struct drop_file *file); /* no batch under way */

/* Reads on, up to the state DROP_READ; there is room in its queue. */
enum drop_result drop_file_step(struct drop_file *file, struct err *err);
/* Everything of it is kept: it can be moved. */
bool drop_file_is_kept(const struct drop_file *file);
/* Moves it. True also if another file has its name now. */
bool drop_file_move(
	struct drop_file *file, int folder, struct err *err) must_check;
/* The file whose batch this is. */
struct drop_file *drop_file_of(const struct batch *batch);
/* The source closes: frees the batches that are not under way. */
void drop_file_abandon(struct drop_file *file);
/* A batch came back. */
void drop_file_settled(struct drop_file *file, struct batch *batch);
/* About how many bytes of memory it may take. */
size_t drop_file_weight(const struct drop_file *file);

#endif
