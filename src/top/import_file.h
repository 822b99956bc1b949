/*
 * import_file - a file to be imported as bytes that can be read again: what
 * comes through a pipe, and JSON that is no line each, is put aside first.
 */
#ifndef NPSD_TOP_IMPORT_FILE_H
#define NPSD_TOP_IMPORT_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "crypt/digest.h"

struct import_file {
	const char *name; /* for people; lent */
	int fd;
	int64_t size;
	bool is_csv;		       /* else lines of JSON */
	char digest[SHA256_HEX_BYTES]; /* of the file as it was given */
};

/* name: a path, or "-" for stdin. format: "csv", "jsonl", "json", or NULL: by
 * the name, else by how it begins. */
bool import_file_open(struct import_file *file, const char *name,
	const char *format, struct err *err) must_check;
void import_file_close(struct import_file *file);

#endif
