/* import_progress - how far an import is. */
#include "top/import_progress.h"

#include <stdio.h>
#include <unistd.h>

#include "base/text.h"
#include "base/time.h"

enum { BAR_WIDTH = 30 };

void
import_progress_start(
	struct import_progress *progress, const char *name, int64_t size)
{
	int64_t now_us = clock_monotonic_us(&clock_system);

	*progress = (struct import_progress){.name = name,
		.size = size,
		.is_terminal = isatty(STDERR_FILENO) == 1,
		.began_us = now_us,
		.told_us = now_us};
}

static void
draw_bar(struct import_progress *progress, int percent, int64_t rows,
	int64_t rate)
{
	char bar[BAR_WIDTH + 1];

	for (int i = 0; i < BAR_WIDTH; i++)
		bar[i] = i * 100 < percent * BAR_WIDTH ? '#' : '.';
	bar[BAR_WIDTH] = '\0';
	fprintf(stderr, "\r[%s] %3d%%  %lld %s  %lld/s\033[K", bar, percent,
		(long long)rows, text_plural(rows, "record", "records"),
		(long long)rate);
	progress->shown = true;
}

void
import_progress_tell(
	struct import_progress *progress, int64_t done, int64_t rows)
{
	int64_t now_us = clock_monotonic_us(&clock_system);
	int64_t passed_us = now_us - progress->began_us;
	int percent =
		progress->size > 0
			? (int)((double)done * 100 / (double)progress->size)
			: 100;
	int64_t rate =
		passed_us > 0
			? (int64_t)((double)rows * 1e6 / (double)passed_us)
			: 0;
	int64_t pause_ms = progress->is_terminal ? IMPORT_PROGRESS_BAR_MS
						 : IMPORT_PROGRESS_LINE_MS;

	if (now_us - progress->told_us < pause_ms * 1000)
		return;
	progress->told_us = now_us;
	if (progress->is_terminal)
		draw_bar(progress, percent, rows, rate);
	else
		fprintf(stderr, "%s: %d%%, %lld %s, %lld/s\n", progress->name,
			percent, (long long)rows,
			text_plural(rows, "record", "records"),
			(long long)rate);
}

void
import_progress_clear(struct import_progress *progress)
{
	if (progress->shown)
		fputs("\r\033[K", stderr);
	progress->shown = false;
}
