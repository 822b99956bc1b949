/*
 * conf_file - a small regular file, read whole (conf_file.h).
 */
#include "conf/conf_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"

static const char *
kind_of_file(mode_t mode)
{
	if (S_ISDIR(mode))
		return "a folder";
	if (S_ISFIFO(mode))
		return "a pipe";
	if (S_ISSOCK(mode))
		return "a socket";
	return "a device";
}

static bool
reason(struct err *err, int number)
{
	char space[128];

	return err_set(err, "%s", strerror_r(number, space, sizeof(space)));
}

static bool
read_all(int fd, size_t limit, struct buf *out, struct err *err)
{
	size_t start = out->length;

	for (;;) {
		char block[16384];
		ssize_t got = read(fd, block, sizeof(block));

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return reason(err, errno);
		if (got == 0)
			return true;
		buf_append(out, block, (size_t)got);
		if (out->length - start > limit)
			return err_set(err,
				"it is larger than %zu bytes, the limit",
				limit);
	}
}

static bool
read_regular(int fd, size_t limit, struct buf *out,
	struct conf_file_identity *identity, struct err *err)
{
	struct stat status;

	if (fstat(fd, &status) < 0)
		return reason(err, errno);
	if (!S_ISREG(status.st_mode))
		return err_set(err, "it is %s, expected a regular file",
			kind_of_file(status.st_mode));
	if (status.st_size > 0 && (uintmax_t)status.st_size > limit)
		return err_set(
			err, "it is larger than %zu bytes, the limit", limit);
	if (identity)
		*identity = (struct conf_file_identity){
			status.st_dev, status.st_ino, status.st_mode};
	return read_all(fd, limit, out, err);
}

bool
conf_file_read(const char *path, size_t limit, struct buf *out,
	struct conf_file_identity *identity, bool *missing, struct err *err)
{
	/* Without O_NONBLOCK opening a pipe waits for a writer. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (missing)
		*missing = fd < 0 && (errno == ENOENT || errno == ENOTDIR);
	if (fd < 0 && errno == ENXIO)
		return err_set(err, "it is a socket or a device, expected a "
				    "regular file");
	if (fd < 0)
		return reason(err, errno);
	bool ok = read_regular(fd, limit, out, identity, err);

	close(fd);
	return ok;
}

char *
conf_file_path(const char *folder, const char *path)
{
	if (!folder || !*folder || *path == '/')
		return mem_strdup(path);
	const char *slash = folder[strlen(folder) - 1] == '/' ? "" : "/";

	return mem_printf("%s%s%s", folder, slash, path);
}
