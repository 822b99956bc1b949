/* data_folder - where the files lie that come with npsd. */
#include "conf/data_folder.h"

#include <string.h>
#include <unistd.h>

#include "base/memory.h"

#ifndef NPSD_DATA_DIR
#define NPSD_DATA_DIR "/usr/share/npsd"
#endif

static void
add(struct setting_texts *folders, char *folder)
{
	folders->items =
		mem_grow(folders->items, folders->count + 1, sizeof(char *));
	folders->items[folders->count++] = folder;
}

void
data_folders(
	const char *configuration, const char *leaf, struct setting_texts *out)
{
	char program[4096];
	ssize_t length =
		readlink("/proc/self/exe", program, sizeof(program) - 1);

	*out = (struct setting_texts){0, NULL};
	if (configuration != NULL)
		add(out, mem_printf("%s/%s", configuration, leaf));
	add(out, mem_printf("/etc/npsd/%s", leaf));
	add(out, mem_printf(NPSD_DATA_DIR "/%s", leaf));
	if (length <= 0)
		return;
	program[length] = '\0';
	*strrchr(program, '/') = '\0';
	add(out, mem_printf("%s/../etc/%s", program, leaf));
}
