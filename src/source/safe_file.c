/* safe_file - opens a file that others put into a folder. */
#include "source/safe_file.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static const char *
type_word(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFDIR:
		return "a folder";
	case S_IFLNK:
		return "a symbolic link";
	case S_IFIFO:
		return "a FIFO";
	case S_IFSOCK:
		return "a socket";
	default:
		return "a device";
	}
}

/* A link that root or npsd's own user made is an operator's; any other may
 * lead to where its maker could not read. */
static bool
is_foreign_link(const struct stat *status)
{
	return S_ISLNK(status->st_mode) && status->st_uid != 0 &&
	       status->st_uid != geteuid();
}

int
safe_folder_open(const char *path, struct err *err)
{
	struct stat status;
	int fd;

	/* First without following: so it cannot become a link meanwhile. */
	fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd >= 0)
		return fd;
	if (lstat(path, &status) == 0 && is_foreign_link(&status)) {
		err_set(err,
			"folder %s is a symbolic link of another user: not "
			"followed",
			path);
		errno = ELOOP;
		return -1;
	}
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		err_errno(err, "folder %s", path);
	return fd;
}

bool
safe_file_check(int folder, const char *name, const struct stat *status,
	struct err *err)
{
	struct stat home;

	if (!S_ISREG(status->st_mode))
		return err_set(err, "%s is %s: only regular files are read",
			name, type_word(status->st_mode));
	if (status->st_nlink < 2 || status->st_uid == geteuid())
		return true;
	if (fstat(folder, &home) == 0 && home.st_uid == status->st_uid)
		return true;
	return err_set(err,
		"%s is a hard link to a file of another user: not "
		"read",
		name);
}

int
safe_file_open(
	int folder, const char *name, struct stat *status, struct err *err)
{
	/* Looked at before: opening some devices does something by itself. */
	if (fstatat(folder, name, status, AT_SYMLINK_NOFOLLOW) != 0) {
		err_errno(err, "%s", name);
		return -1;
	}
	if (!safe_file_check(folder, name, status, err)) {
		errno = EINVAL;
		return -1;
	}

	int fd = openat(folder, name,
		O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	if (fd < 0) {
		err_errno(err, "%s", name);
		return -1;
	}
	if (fstat(fd, status) == 0 &&
		safe_file_check(folder, name, status, err))
		return fd;
	close(fd);
	errno = EINVAL;
	return -1;
}
