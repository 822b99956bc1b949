/*
 * Stands in for a fuzzer: calls the target once for each file that it is
 * given, folders by their files. It makes up no input of its own.
 */
#include <dirent.h>
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
die(const char *path)
{
	fprintf(stderr, "%s: %s\n", path, strerror(errno));
	exit(1);
}

/* The buffer is exactly as long as the file, for ASan to guard its end. */
static void
replay_file(const char *path, size_t size)
{
	FILE *file = fopen(path, "rb");
	uint8_t *data = malloc(size ? size : 1);

	if (!file || !data || fread(data, 1, size, file) != size)
		die(path);
	fclose(file);
	LLVMFuzzerTestOneInput(data, size);
	free(data);
}

static int replay(const char *path);

static int
replay_folder(const char *path)
{
	DIR *folder = opendir(path);
	struct dirent *entry;
	int count = 0;

	if (!folder)
		die(path);
	while ((entry = readdir(folder))) {
		char *below;

		if (entry->d_name[0] == '.')
			continue;
		if (asprintf(&below, "%s/%s", path, entry->d_name) < 0)
			die(path);
		count += replay(below);
		free(below);
	}
	closedir(folder);
	return count;
}

static int
replay(const char *path)
{
	struct stat info;

	if (stat(path, &info))
		die(path);
	if (S_ISDIR(info.st_mode))
		return replay_folder(path);
	fprintf(stderr, "%s\n", path);
	replay_file(path, (size_t)info.st_size);
	return 1;
}

int
main(int argc, char **argv)
{
	int count = 0;

	for (int i = 1; i < argc; i++)
		count += replay(argv[i]);
	printf("%d inputs\n", count);
	return count ? 0 : 1;
}
