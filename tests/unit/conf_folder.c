/* conf_folder - a folder of its own for tests (conf_folder.h). */
#include "conf_folder.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void
conf_folder_init(struct conf_folder *folder)
{
	strcpy(folder->path, "/tmp/npsd-conf-XXXXXX");
	cr_assert_not_null(mkdtemp(folder->path), "no folder");
	cr_assert_eq(chdir(folder->path), 0, "cannot enter the folder");
}

static int
remove_one(
	const char *path, const struct stat *status, int type, struct FTW *walk)
{
	(void)status, (void)type, (void)walk;
	return remove(path);
}

void
conf_folder_done(struct conf_folder *folder)
{
	cr_assert_eq(chdir("/"), 0, "cannot leave the folder");
	nftw(folder->path, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

void
conf_folder_write(const char *name, const char *data, size_t length)
{
	FILE *file = fopen(name, "w");

	cr_assert_not_null(file, "cannot write %s", name);
	cr_assert_eq(fwrite(data, 1, length, file), length, "%s", name);
	cr_assert_eq(fclose(file), 0, "%s", name);
	cr_assert_eq(chmod(name, 0600), 0, "%s", name);
}

void
conf_folder_write_text(const char *name, const char *text)
{
	conf_folder_write(name, text, strlen(text));
}

char *
conf_errors_text(const struct conf_errors *errors)
{
	struct buf out = {0};

	buf_append_text(&out, "");
	conf_errors_write(errors, &out);
	return buf_take(&out);
}
