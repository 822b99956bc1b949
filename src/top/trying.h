/*
 * trying - a configuration tried on answers that nobody gave: what render,
 * explain - and test have in common. Nothing is kept or sent.
 */
#ifndef NPSD_TOP_TRYING_H
#define NPSD_TOP_TRYING_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "flow/trial.h"
#include "top/command.h"
#include "top/config.h"

enum { TRYING_INPUT_LIMIT_BYTES = 1024 * 1024 };

struct trying_setup {
	struct config *config;
	struct trial *trial;
};

/* Loads --config (secrets need not be there) and opens a trial. What is wrong is
 * talked about; COMMAND_OK, or the exit code. */
int trying_open(
	const struct command_options *options, struct trying_setup *setup);
void trying_close(struct trying_setup *setup);

/* The whole of a file, "-" being standard input. */
bool trying_read(const char *path, struct buf *out, struct err *err) must_check;

/* The verdicts and alerts of trial_run for people; the exit code. */
int trying_show(const json_t *result);

#endif
