/* fingerprint - what a file looks like at its start. */
#include "source/fingerprint.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

int64_t
read_at(int fd, char *out, size_t length, int64_t offset)
{
	size_t done = 0;

	while (done < length) {
		ssize_t got = pread(
			fd, out + done, length - done, offset + (int64_t)done);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -1;
		if (got == 0)
			break;
		done += (size_t)got;
	}
	return (int64_t)done;
}

static void
set_digest(struct fingerprint *print)
{
	uint8_t sha256[SHA256_BYTES];

	digest_sha256(print->bytes, print->length, sha256);
	digest_hex(sha256, sizeof(sha256), print->sha256);
}

void
fingerprint_init(struct fingerprint *print)
{
	print->length = 0;
	set_digest(print);
}

enum fingerprint_match
fingerprint_restore(struct fingerprint *print, int fd, size_t length,
	const char *sha256, struct err *err)
{
	struct fingerprint found = {.length = length};
	int64_t got;

	if (length > sizeof(found.bytes))
		return FINGERPRINT_OTHER;
	got = read_at(fd, found.bytes, length, 0);
	if (got < 0) {
		err_errno(err, "cannot read");
		return FINGERPRINT_FAILED;
	}
	set_digest(&found);
	if ((size_t)got != length || strcmp(found.sha256, sha256) != 0)
		return FINGERPRINT_OTHER;
	*print = found;
	return FINGERPRINT_SAME;
}

enum fingerprint_match
fingerprint_check(const struct fingerprint *print, int fd, struct err *err)
{
	char bytes[FINGERPRINT_LIMIT_BYTES];
	int64_t got = read_at(fd, bytes, print->length, 0);

	if (got < 0) {
		err_errno(err, "cannot read");
		return FINGERPRINT_FAILED;
	}
	return (size_t)got == print->length &&
			       memcmp(bytes, print->bytes, print->length) == 0
		       ? FINGERPRINT_SAME
		       : FINGERPRINT_OTHER;
}

bool
fingerprint_grow(
	struct fingerprint *print, int fd, int64_t offset, struct err *err)
{
	size_t wanted = offset < FINGERPRINT_LIMIT_BYTES
				? (size_t)offset
				: FINGERPRINT_LIMIT_BYTES;
	int64_t got;

	if (wanted <= print->length)
		return true;
	got = read_at(fd, print->bytes + print->length, wanted - print->length,
		(int64_t)print->length);
	if (got < 0)
		return err_errno(err, "cannot read");
	print->length += (size_t)got;
	set_digest(print);
	return true;
}
