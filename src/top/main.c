/* main - the one binary: everything else is a command. */
#include <malloc.h>
#include <stdlib.h>

#include "top/command.h"

int
main(int argc, char **argv)
{
	/* libjq reads $HOME/.jq at every compile: expressions are to mean the
	 * same for everybody. */
	unsetenv("HOME");
	/* Buffers of batches go back to the system when they are done with:
	 * left to itself glibc takes to keeping them, in holes. */
	mallopt(M_MMAP_THRESHOLD, 128 * 1024);
	return command_main(argc, argv);
}
