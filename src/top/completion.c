/* completion - a script for bash, made from the tables. */
#include "top/completion.h"

#include <stdio.h>
#include <string.h>

/* What may follow; a name that is none of these is not completed. */
static const struct {
	const char *option, *words;
} values[] = {
	{"category", "detractor passive promoter"},
	{"encoding", "utf-8 windows-1252"},
	{"event", "answer rejected delivery"},
	{"log-form", "plain journal json"},
	{"log-level", "error warning notice info debug"},
	{"state", "pending claimed retrying delivered dead cancelled folded "
		  "open contacted resolved lost in_force ended"},
};

static const struct {
	const char *command, *words;
} words[] = {
	{"completion", "bash"},
	{"config", "schema manual"},
};

static const char script_start[] =
	"# Completes the command line of npsd in bash. Printed by\n"
	"# \"npsd completion bash\".\n"
	"_npsd()\n"
	"{\n"
	"\tlocal cur=${COMP_WORDS[COMP_CWORD]} options words files=\n"
	"\tCOMPREPLY=()\n";

static const char script_end[] =
	"\tif [[ $cur == -* ]]; then\n"
	"\t\twords=\"$options --help\"\n"
	"\t\tfiles=\n"
	"\tfi\n"
	"\tif [[ -n $files ]]; then\n"
	"\t\tcompopt -o filenames 2>/dev/null\n"
	"\t\tmapfile -t COMPREPLY < <(compgen -f -- \"$cur\")\n"
	"\telse\n"
	"\t\tmapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$cur\")\n"
	"\tfi\n"
	"}\n"
	"complete -F _npsd npsd\n";

static const char *
words_of_option(const char *name)
{
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		if (strcmp(values[i].option, name) == 0)
			return values[i].words;
	return "";
}

static const char *
words_of_command(const char *name)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(words[i].command, name) == 0)
			return words[i].words;
	return "";
}

static bool
is_file(const char *value)
{
	return strcmp(value, "FILE") == 0 || strcmp(value, "PATH") == 0;
}

/* The first word is a command. */
static void
print_first(const struct command *commands, size_t count)
{
	printf("\tif ((COMP_CWORD == 1)); then\n"
	       "\t\tmapfile -t COMPREPLY < <(compgen -W \"--help --version");
	for (size_t i = 0; i < count; i++)
		printf(" \\\n\t\t\t%s", commands[i].name);
	printf("\" -- \"$cur\")\n"
	       "\t\treturn\n"
	       "\tfi\n");
}

/* More than one command may mean something of its own by a name. */
static bool
is_again(const struct option_row *rows, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (strcmp(rows[i].name, rows[at].name) == 0)
			return true;
	return false;
}

/* Behind an option that takes a value stands its value. */
static void
print_values(const struct option_row *rows, size_t count)
{
	printf("\tcase ${COMP_WORDS[COMP_CWORD - 1]} in\n");
	for (size_t i = 0; i < count; i++) {
		const struct option_row *row = &rows[i];

		if (row->value == NULL || is_again(rows, i))
			continue;
		printf("\t--%s)\n", row->name);
		if (is_file(row->value))
			printf("\t\tcompopt -o filenames 2>/dev/null\n"
			       "\t\tmapfile -t COMPREPLY < "
			       "<(compgen -f -- \"$cur\")\n");
		else if (*words_of_option(row->name) != '\0')
			printf("\t\tmapfile -t COMPREPLY < "
			       "<(compgen -W \"%s\" -- \"$cur\")\n",
				words_of_option(row->name));
		printf("\t\treturn ;;\n");
	}
	printf("\tesac\n");
}

static void
print_command(const struct command *command, const struct option_row *rows,
	size_t count)
{
	printf("\t%s)\n\t\toptions=\"", command->name);
	for (size_t i = 0; i < count; i++)
		if (strchr(command->options, rows[i].letter) != NULL)
			printf("--%s ", rows[i].name);
	printf("\"\n\t\twords=\"%s\"\n", words_of_command(command->name));
	/* A word FILE of its own, not that of "--config FILE". */
	if (command->most > 0 && strstr(command->usage, "FILE") != NULL &&
		*words_of_command(command->name) == '\0')
		printf("\t\tfiles=yes\n");
	printf("\t\t;;\n");
}

void
completion_bash(const struct command *commands, size_t command_count,
	const struct option_row *rows, size_t row_count)
{
	fputs(script_start, stdout);
	print_first(commands, command_count);
	print_values(rows, row_count);
	printf("\tcase ${COMP_WORDS[1]} in\n");
	for (size_t i = 0; i < command_count; i++)
		print_command(&commands[i], rows, row_count);
	printf("\t*)\n\t\treturn ;;\n\tesac\n");
	fputs(script_end, stdout);
}
