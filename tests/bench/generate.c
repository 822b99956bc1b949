/*
 * generate - prints answers as JSON lines.
 *
 *	generate [-s SEED] [-t LAST] [-f FIRST] [-d] COUNT
 *
 * The answers FIRST.. (0) of COUNT, the last one answered at LAST (now); -d:
 * only their number and that of the detractors, as JSON.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "answers.h"

enum { CHUNK = 256 * 1024 };

static void
print(const struct answers *answers, int64_t first)
{
	struct buf out = {0};

	for (int64_t n = first; n < answers->count; n++) {
		answer_write(answers, n, &out);
		buf_append_char(&out, '\n');
		if (out.length < CHUNK && n + 1 < answers->count)
			continue;
		if (fwrite(out.data, 1, out.length, stdout) != out.length)
			exit(1);
		buf_clear(&out);
	}
	buf_done(&out);
}

int
main(int argc, char **argv)
{
	struct answers answers = {.seed = 1, .last = time(NULL)};
	int64_t first = 0;
	bool only_count = false;
	int option;

	while ((option = getopt(argc, argv, "s:t:f:d")) != -1) {
		if (option == 's')
			answers.seed = strtoull(optarg, NULL, 10);
		else if (option == 't')
			answers.last = (time_t)strtoll(optarg, NULL, 10);
		else if (option == 'f')
			first = strtoll(optarg, NULL, 10);
		else if (option == 'd')
			only_count = true;
		else
			return 2;
	}
	if (optind + 1 != argc)
		return 2;
	answers.count = strtoll(argv[optind], NULL, 10);
	if (only_count)
		printf("{\"answers\":%" PRId64 ",\"detractors\":%" PRId64 "}\n",
			answers.count - first,
			answer_detractors(&answers, first, answers.count));
	else
		print(&answers, first);
	return fflush(stdout) == 0 ? 0 : 1;
}
