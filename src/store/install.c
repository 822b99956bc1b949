/* install - a file made beside its place, then moved there. */
#include "store/install.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"

void
install_drop(const char *path)
{
	static const char *const endings[] = {"", "-journal", "-wal", "-shm"};

	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
		char *name = mem_printf("%s%s", path, endings[i]);

		unlink(name);
		free(name);
	}
}

bool
install_begin(const char *path, mode_t mode, struct err *err)
{
	install_drop(path);
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, mode);

	if (fd < 0)
		return err_errno(err, "%s", path);
	bool good = fchmod(fd, mode) == 0;

	if (!good)
		err_errno(err, "%s", path);
	close(fd);
	return good;
}

static bool
sync_path(const char *path, int flags, struct err *err)
{
	int fd = open(path, flags | O_RDONLY | O_CLOEXEC);
	bool good = fd >= 0 && fsync(fd) == 0;

	if (!good)
		err_errno(err, "%s: sync", path);
	if (fd >= 0)
		close(fd);
	return good;
}

bool
install_sync_folder(const char *path, struct err *err)
{
	char *copy = mem_strdup(path);
	bool good = sync_path(dirname(copy), O_DIRECTORY, err);

	free(copy);
	return good;
}

/* Fails where the name is taken, in one step where the file system can. */
static int
move_to_free(const char *path, const char *name)
{
	if (link(path, name) == 0)
		return unlink(path);
	if (errno != EPERM && errno != ENOTSUP && errno != ENOSYS)
		return -1;
	if (access(name, F_OK) == 0) {
		errno = EEXIST;
		return -1;
	}
	return rename(path, name);
}

bool
install_end(const char *path, const char *name, bool replace, struct err *err)
{
	if (!sync_path(path, 0, err))
		return false;
	if ((replace ? rename(path, name) : move_to_free(path, name)) != 0)
		return err_errno(err, "%s", name);
	return install_sync_folder(name, err);
}
