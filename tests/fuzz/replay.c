/*
 * Stands in for a fuzzer where there is none: calls the target once for each
 * file that it is given, folders by their files; then, for FUZZ_SECONDS of the
 * environment, with inputs that mutate.c makes of them. What the target dies of
 * is left in the file that FUZZ_CRASH names.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "mutate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The input under way, for the handler of signals. */
static const uint8_t *volatile current;
static volatile size_t current_size;

static void
die(const char *path)
{
	fprintf(stderr, "%s: %s\n", path, strerror(errno));
	exit(1);
}

static void
on_death(int number)
{
	const char *path = getenv("FUZZ_CRASH");
	int fd = path ? open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644) : -1;

	if (fd >= 0 && write(fd, current, current_size) < 0)
		_exit(1);
	signal(number, SIG_DFL);
	raise(number);
}

/* The buffer is exactly as long as the input, for ASan to guard its end. */
static void
try_input(const struct input *input)
{
	uint8_t *data = malloc(input->size ? input->size : 1);

	if (!data)
		die("malloc");
	memcpy(data, input->data, input->size);
	current_size = input->size;
	current = data;
	LLVMFuzzerTestOneInput(data, input->size);
	free(data);
}

static void
read_file(const char *path, size_t size, struct corpus *corpus)
{
	FILE *file = fopen(path, "rb");
	uint8_t *data = malloc(size ? size : 1);

	if (!file || !data || fread(data, 1, size, file) != size)
		die(path);
	fclose(file);
	corpus->inputs = realloc(
		corpus->inputs, (corpus->count + 1) * sizeof(*corpus->inputs));
	if (!corpus->inputs)
		die(path);
	corpus->inputs[corpus->count++] = (struct input){data, size};
}

static void replay(const char *path, struct corpus *corpus);

static void
replay_folder(const char *path, struct corpus *corpus)
{
	DIR *folder = opendir(path);
	struct dirent *entry;

	if (!folder)
		die(path);
	while ((entry = readdir(folder))) {
		char *below;

		if (entry->d_name[0] == '.')
			continue;
		if (asprintf(&below, "%s/%s", path, entry->d_name) < 0)
			die(path);
		replay(below, corpus);
		free(below);
	}
	closedir(folder);
}

static void
replay(const char *path, struct corpus *corpus)
{
	struct stat info;

	if (stat(path, &info))
		die(path);
	if (S_ISDIR(info.st_mode)) {
		replay_folder(path, corpus);
		return;
	}
	fprintf(stderr, "%s\n", path);
	read_file(path, (size_t)info.st_size, corpus);
	try_input(&corpus->inputs[corpus->count - 1]);
}

static long
mutate_for(const struct corpus *corpus, long seconds)
{
	time_t until = time(NULL) + seconds;
	unsigned int seed = (unsigned int)time(NULL);
	long count = 0;

	fprintf(stderr, "inputs made with seed %u\n", seed);
	while (seconds > 0 && time(NULL) < until) {
		struct input input = mutate(corpus, &seed);

		try_input(&input);
		free(input.data);
		count++;
	}
	return count;
}

int
main(int argc, char **argv)
{
	const char *seconds = getenv("FUZZ_SECONDS");
	struct corpus corpus = {NULL, 0};
	size_t count;
	long made;

	signal(SIGABRT, on_death);
	signal(SIGSEGV, on_death);
	for (int i = 1; i < argc; i++)
		replay(argv[i], &corpus);
	count = corpus.count;
	made = count ? mutate_for(&corpus, seconds ? atol(seconds) : 0) : 0;
	for (size_t i = 0; i < corpus.count; i++)
		free(corpus.inputs[i].data);
	free(corpus.inputs);
	printf("%zu inputs, %ld made of them\n", count, made);
	return count ? 0 : 1;
}
