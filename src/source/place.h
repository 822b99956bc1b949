/*
 * place - where a spool file has been read to, as the text that is kept in the
 * transaction of the records before it.
 *
 * The text is JSON, so that a person can read it in the store:
 *	{"path","device","inode","generation","offset","line",
 *	 "fingerprint":{"length","sha256"},"former":SHA256,"at","gone"}
 * Members are only ever added: an older text must be read.
 */
#ifndef NPSD_SOURCE_PLACE_H
#define NPSD_SOURCE_PLACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "crypt/digest.h"
#include "crypt/uuid.h"

struct place {
	char *path; /* as the file was first named */
	uint64_t device, inode;
	char generation[UUID_TEXT_BYTES];   /* new after each truncation */
	int64_t offset, line;		    /* read, both */
	size_t head_length;		    /* bytes at the start of the file */
	char head_sha256[SHA256_HEX_BYTES]; /* and their digest */
	/* The whole head of the generation before, by which a copy of it is
	 * known; "" where there is none. */
	char former_sha256[SHA256_HEX_BYTES];
	/* When what was read up to here was written: the file's mtime. A file
	 * that is younger and has no place was not read yet. */
	int64_t at_ms;
	/* Since when no file is found for it; 0: there is one. */
	int64_t gone_ms;
};

/* The caller frees it. */
char *place_text(const struct place *place);
/* False with a reason: no such text. place_done in any case. */
bool place_read(
	const char *text, struct place *place, struct err *err) must_check;
void place_done(struct place *place);

#endif
