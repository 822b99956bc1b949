/* main - the one binary: everything else is a command. */
#include "top/command.h"

int
main(int argc, char **argv)
{
	return command_main(argc, argv);
}
