/* import_file - a file to be imported as bytes that can be read again. */
#include "top/import_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/memory.h"
#include "base/text.h"
#include "top/json_elements.h"

enum { CHUNK_BYTES = 256 * 1024 };

enum form { FORM_CSV, FORM_LINES, FORM_JSON, FORM_UNKNOWN };

/* A file without a name, gone when it is closed. */
static int
make_aside(struct err *err)
{
	const char *folder = getenv("TMPDIR");
	int fd;

	if (folder == NULL || *folder == '\0')
		folder = "/tmp";
	fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (fd < 0) {
		char *name = mem_printf("%s/npsd-import-XXXXXX", folder);

		fd = mkostemp(name, O_CLOEXEC);
		if (fd >= 0)
			unlink(name);
		else
			err_errno(err, "cannot make a file in %s (TMPDIR)",
				folder);
		free(name);
	}
	return fd;
}

static bool
write_all(int fd, const char *data, size_t length, struct err *err)
{
	while (length > 0) {
		ssize_t done = write(fd, data, length);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return err_errno(
				err, "cannot write to a file in TMPDIR");
		data += done;
		length -= (size_t)done;
	}
	return true;
}

/* Reads the file to its end, making its digest; what it says goes aside too
 * where `aside` is a file, through `elements` where that is not NULL. */
static bool
read_through(struct import_file *file, int aside,
	struct json_elements *elements, struct err *err)
{
	char *chunk = mem_grow(NULL, CHUNK_BYTES, 1);
	struct digest *digest = digest_new();
	uint8_t sha256[SHA256_BYTES];
	struct buf lines = {0};
	bool good = true;
	ssize_t got = 1;

	file->size = 0;
	while (good && got != 0) {
		got = read(file->fd, chunk, CHUNK_BYTES);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			good = err_errno(err, "cannot read");
			break;
		}
		digest_add(digest, chunk, (size_t)got);
		buf_clear(&lines);
		if (elements != NULL)
			json_elements_add(elements, chunk, (size_t)got, &lines);
		if (elements != NULL && got == 0)
			json_elements_end(elements, &lines);
		file->size += elements != NULL ? (int64_t)lines.length : got;
		if (aside >= 0)
			good = write_all(aside,
				elements != NULL ? lines.data : chunk,
				elements != NULL ? lines.length : (size_t)got,
				err);
	}
	digest_end(digest, sha256);
	digest_hex(sha256, sizeof(sha256), file->digest);
	buf_done(&lines);
	free(chunk);
	return good;
}

static void
replace(struct import_file *file, int aside)
{
	close(file->fd);
	file->fd = aside;
}

/* Copies a pipe aside, so that it can be read again. */
static bool
put_aside(struct import_file *file, struct err *err)
{
	int aside = make_aside(err);

	if (aside < 0)
		return false;
	if (read_through(file, aside, NULL, err) &&
		lseek(aside, 0, SEEK_SET) == 0) {
		replace(file, aside);
		return true;
	}
	close(aside);
	return false;
}

/* JSON becomes lines of it, an element each. */
static bool
spread(struct import_file *file, struct err *err)
{
	struct json_elements elements = {0};
	int aside = make_aside(err);
	bool good = aside >= 0 && read_through(file, aside, &elements, err);

	if (good)
		replace(file, aside);
	else if (aside >= 0)
		close(aside);
	return good;
}

static enum form
form_of_name(const char *name)
{
	static const struct {
		const char *ending;
		enum form form;
	} rows[] = {
		{"csv", FORM_CSV},
		{"tsv", FORM_CSV},
		{"jsonl", FORM_LINES},
		{"ndjson", FORM_LINES},
		{"json", FORM_JSON},
	};
	const char *dot = strrchr(name, '.');
	const char *ending = dot != NULL ? dot + 1 : name;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcasecmp(ending, rows[i].ending) == 0)
			return rows[i].form;
	return FORM_UNKNOWN;
}

/* By how it begins: "[" is an array, "{" a line, all else a table. */
static enum form
form_of_start(int fd)
{
	char start[64];
	ssize_t got = pread(fd, start, sizeof(start), 0);
	struct text text = {start, got > 0 ? (size_t)got : 0};

	if (text.length >= 3 && memcmp(start, "\xEF\xBB\xBF", 3) == 0)
		text = (struct text){start + 3, text.length - 3};
	text = text_trim(text);
	if (text.length > 0 && text.data[0] == '{')
		return FORM_LINES;
	return text.length > 0 && text.data[0] == '[' ? FORM_JSON : FORM_CSV;
}

static bool
open_named(struct import_file *file, const char *name, struct err *err)
{
	struct stat status;
	bool is_stdin = strcmp(name, "-") == 0;

	file->fd = is_stdin ? dup(STDIN_FILENO)
			    : open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (file->fd < 0 || fstat(file->fd, &status) != 0)
		return err_errno(err, "cannot open");
	if (S_ISDIR(status.st_mode))
		return err_set(err, "is a folder; name the files in it");
	if (S_ISREG(status.st_mode) && lseek(file->fd, 0, SEEK_SET) == 0)
		return true;
	return put_aside(file, err);
}

bool
import_file_open(struct import_file *file, const char *name, const char *format,
	struct err *err)
{
	enum form form = form_of_name(format != NULL ? format : name);
	bool good;

	*file = (struct import_file){
		.name = strcmp(name, "-") == 0 ? "stdin" : name, .fd = -1};
	good = open_named(file, name, err);
	if (good && form == FORM_UNKNOWN)
		form = form_of_start(file->fd);
	file->is_csv = form == FORM_CSV;
	good = good && (form == FORM_JSON ? spread(file, err)
					  : read_through(file, -1, NULL, err));
	if (!good) {
		err_prefix(err, "%s", file->name);
		import_file_close(file);
	}
	return good;
}

void
import_file_close(struct import_file *file)
{
	if (file->fd >= 0)
		close(file->fd);
	file->fd = -1;
}
