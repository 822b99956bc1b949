/*
 * limit_sync - what one fdatasync of this disk costs.
 *
 *	limit_sync FOLDER [TIMES]
 *
 * Appends 4 KiB and syncs, over and over, as a store that acknowledges one
 * answer a time has to. Prints one line of JSON.
 */
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/memory.h"
#include "stopwatch.h"

enum { BLOCK = 4096 };

static void
must(bool good, const char *what)
{
	if (good)
		return;
	perror(what);
	exit(1);
}

static void
measure(int fd, int64_t *times, size_t count)
{
	static const char block[BLOCK] = {'x'};

	for (size_t i = 0; i < count; i++) {
		int64_t start = stopwatch_ns();

		must(write(fd, block, BLOCK) == BLOCK, "limit_sync: write");
		must(fdatasync(fd) == 0, "limit_sync: fdatasync");
		times[i] = stopwatch_ns() - start;
	}
}

int
main(int argc, char **argv)
{
	size_t count = argc > 2 ? strtoul(argv[2], NULL, 10) : 2000;
	char *path;
	int64_t *times;
	int fd;

	if (argc < 2 || count == 0)
		return 2;
	path = mem_printf("%s/limit-sync", argv[1]);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	must(fd >= 0, path);
	unlink(path);
	times = mem_new(count, sizeof(*times));
	measure(fd, times, count);
	printf("{\"p50_us\":%.1f,\"p99_us\":%.1f}\n",
		(double)stopwatch_quantile(times, count, 0.5) / 1e3,
		(double)stopwatch_quantile(times, count, 0.99) / 1e3);
	close(fd);
	free(times);
	free(path);
	return 0;
}
