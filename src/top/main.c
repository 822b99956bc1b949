/* main - the one binary: everything else is a command. */
#include <stdlib.h>

#include "top/command.h"

int
main(int argc, char **argv)
{
	/* libjq reads $HOME/.jq at every compile: expressions are to mean the
	 * same for everybody. */
	unsetenv("HOME");
	return command_main(argc, argv);
}
