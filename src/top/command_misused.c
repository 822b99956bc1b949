/* command_misused - what every command says of words that do not fit it. */
#include <stdio.h>

#include "top/command.h"

int
command_misused(const char *what)
{
	fprintf(stderr, "npsd: %s\n", what);
	return COMMAND_USAGE;
}
