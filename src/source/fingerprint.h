/*
 * fingerprint - what a file looks like at its start, by which it is known
 * again. It grows with what was read of the file, up to a limit, so that a file
 * of any size has one.
 */
#ifndef NPSD_SOURCE_FINGERPRINT_H
#define NPSD_SOURCE_FINGERPRINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "crypt/digest.h"

enum { FINGERPRINT_LIMIT_BYTES = 1024 };

struct fingerprint {
	size_t length;
	char bytes[FINGERPRINT_LIMIT_BYTES];
	char sha256[SHA256_HEX_BYTES]; /* of the bytes */
};

enum fingerprint_match {
	FINGERPRINT_SAME,
	FINGERPRINT_OTHER,
	FINGERPRINT_FAILED
};

void fingerprint_init(struct fingerprint *print); /* of nothing */
/* Takes over one that was kept as length and digest, if the file has it. */
enum fingerprint_match fingerprint_restore(struct fingerprint *print, int fd,
	size_t length, const char *sha256, struct err *err);
/* Whether the file still begins with it. */
enum fingerprint_match fingerprint_check(
	const struct fingerprint *print, int fd, struct err *err);
/* Grows to what the file has up to offset; false if it cannot be read. */
bool fingerprint_grow(struct fingerprint *print, int fd, int64_t offset,
	struct err *err) must_check;

/* pread until `length` bytes are there or the file ends; -1 with errno. */
int64_t read_at(int fd, char *out, size_t length, int64_t offset);

#endif
