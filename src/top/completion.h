/*
 * completion - a script by which a shell completes npsd's command line, made
 * from the tables of commands and options.
 */
#ifndef NPSD_TOP_COMPLETION_H
#define NPSD_TOP_COMPLETION_H

#include <stddef.h>

#include "top/command.h"

/* Prints the script for bash. */
void completion_bash(const struct command *commands, size_t command_count,
	const struct option_row *rows, size_t row_count);

#endif
