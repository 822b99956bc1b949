/* drop_move - puts a file that was dealt with into a folder beside it. */
#include "source/drop_move.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/text.h"
#include "crypt/uuid.h"

enum { NUMBERS = 1000, FOLDER_MODE = 0750 };

/* Not every file system knows the flag; then a look before must do. */
static bool
rename_new(int folder, const char *name, int into, const char *target)
{
	struct stat status;

	if (renameat2(folder, name, into, target, RENAME_NOREPLACE) == 0)
		return true;
	if (errno != EINVAL)
		return false;
	if (fstatat(into, target, &status, AT_SYMLINK_NOFOLLOW) == 0) {
		errno = EEXIST;
		return false;
	}
	return errno == ENOENT && renameat(folder, name, into, target) == 0;
}

/* NAME.MARK, with less of the name where a name may not be that long. */
static char *
marked(const char *name, const char *mark)
{
	size_t room = NAME_MAX - strlen(mark) - 1;

	return mem_printf(
		"%.*s.%s", (int)text_cut(name, strlen(name), room), name, mark);
}

static bool
move_marked(int folder, const char *name, int into, const char *mark)
{
	char *target = marked(name, mark);
	bool moved = rename_new(folder, name, into, target);

	free(target);
	return moved;
}

static bool
move_numbered(int folder, const char *name, int into)
{
	char id[UUID_TEXT_BYTES];
	bool moved = rename_new(folder, name, into, name);

	for (int i = 2; !moved && errno == EEXIST && i <= NUMBERS; i++) {
		char number[16];

		snprintf(number, sizeof(number), "%d", i);
		moved = move_marked(folder, name, into, number);
	}
	if (!moved && errno == EEXIST) {
		uuid_random(id);
		moved = move_marked(folder, name, into, id);
	}
	return moved;
}

bool
drop_move(int folder, const char *name, const char *into, struct err *err)
{
	int fd;
	bool moved;

	if (mkdirat(folder, into, FOLDER_MODE) != 0 && errno != EEXIST)
		return err_errno(err, "cannot make the folder %s", into);
	fd = openat(
		folder, into, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return err_errno(err, "folder %s", into);
	moved = move_numbered(folder, name, fd);
	if (!moved)
		err_errno(err, "cannot move %s to %s", name, into);
	close(fd);
	return moved;
}
