/*
 * command - the subcommands of the one binary.
 *
 * A command is one const struct; a new one is a function and a line in the table.
 * Data goes to stdout, talk to stderr.
 */
#ifndef NPSD_TOP_COMMAND_H
#define NPSD_TOP_COMMAND_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/* Exit codes (sysexits.h where it has one). Public: never change. */
enum {
	COMMAND_OK = 0,
	COMMAND_NEGATIVE = 1, /* asked and answered: no */
	COMMAND_USAGE = 2,
	COMMAND_UNREACHABLE = 69, /* EX_UNAVAILABLE: the daemon */
	COMMAND_CONFIG = 78,	  /* EX_CONFIG */
};

enum { COMMAND_COLUMNS_LIMIT = 200 }; /* of --column, --header, --match */

/* What stands before or behind a command's name. */
struct command_options {
	const char *config;	/* --config; NULL: not given */
	const char *control;	/* --control */
	const char *server;	/* --server */
	const char *token_file; /* --token-file */
	bool json;		/* --json */
	bool csv;		/* --csv */
	bool dry_run, html;	/* --dry-run, --html */
	bool owners;		/* --owners */
	/* of follow-ups, claim, close */
	const char *owner, *as, *assign, *note;
	bool overdue, resolved, lost, contacted, not_reached, reopen;
	bool offline;	       /* --offline */
	bool force;	       /* --force */
	bool strict;	       /* --strict */
	const char *log_level; /* --log-level */
	const char *log_form;  /* --log-form */
	/* filters of lists, each NULL where not given */
	const char *survey, *window, *segment, *id, *category, *state, *source,
		*action, *reason, *since, *limit, *cursor, *rule, *status,
		*response, *storm, *event, *number;
	const char *to;	 /* a recipient */
	const char *why; /* kept with an act */
	bool dead, all_pending, yes, all;
	/* of silence */
	const char *matches[COMMAND_COLUMNS_LIMIT + 1]; /* "FIELD=VALUE" */
	const char *span, *until, *end;
	bool list;
	/* of forget */
	const char *customer;
	bool mentions;
	/* of import */
	bool fire, no_header;
	const char *delimiter, *encoding, *timezone, *date_format, *answered_at,
		*format;
	const char *columns[COMMAND_COLUMNS_LIMIT + 1]; /* "MEMBER=NAME" */
	const char *headers[COMMAND_COLUMNS_LIMIT + 1]; /* "Name: value" */
	int count; /* words that are no options */
	char **words;
};

/* One option: a letter of its own (not a short form), where it goes, help. */
struct option_row {
	char letter;
	const char *name;
	const char *value; /* NULL: a switch */
	size_t where;
	const char *help;
};

struct command {
	const char *name;
	const char *summary; /* one line */
	const char *usage;   /* behind "npsd NAME " */
	const char *options; /* the letters of option_rows it takes */
	const char *help;    /* paragraphs and examples */
	int least, most;     /* words it takes */
	int (*run)(const struct command_options *options);
};

/* Says it to stderr; COMMAND_USAGE. */
int command_misused(const char *what);

int command_run(const struct command_options *options);
int command_check(const struct command_options *options);
int command_config(const struct command_options *options);
int command_status(const struct command_options *options);
int command_digest(const struct command_options *options);
int command_recovery(const struct command_options *options);
int command_watches(const struct command_options *options);
int command_score(const struct command_options *options);
int command_explain(const struct command_options *options);
int command_responses(const struct command_options *options);
int command_rejected(const struct command_options *options);
int command_deliveries(const struct command_options *options);
int command_follow_ups(const struct command_options *options);
int command_claim(const struct command_options *options);
int command_close(const struct command_options *options);
int command_silence(const struct command_options *options);
int command_audit(const struct command_options *options);
int command_import(const struct command_options *options);
int command_retry(const struct command_options *options);
int command_cancel(const struct command_options *options);
int command_send(const struct command_options *options);
int command_pause(const struct command_options *options);
int command_resume(const struct command_options *options);
int command_backup(const struct command_options *options);
int command_restore(const struct command_options *options);
int command_forget(const struct command_options *options);
int command_replay(const struct command_options *options);
int command_tap(const struct command_options *options);
int command_reload(const struct command_options *options);
/* explain -: of an answer that nobody gave. */
int command_explain_supposed(const struct command_options *options);
int command_render(const struct command_options *options);
int command_map(const struct command_options *options);
int command_test(const struct command_options *options);
int command_completion(const struct command_options *options);
int command_version(const struct command_options *options);

/* A command line to its end: the exit code. */
int command_main(int argc, char **argv);

/* ---- asking the daemon (client.c) ---- */

/*
 * One request to the daemon: over the control socket (--control, or found
 * through --config, or the default), or to --server with the token. The status
 * and the parsed body (may be NULL) on true. False: not reachable, with what to
 * do about it.
 */
bool client_ask(const struct command_options *options, const char *method,
	const char *path, int *status, json_t **body,
	struct err *err) must_check;
/* The same with a body, lent. */
bool client_send(const struct command_options *options, const char *method,
	const char *path, const void *bytes, size_t length, int *status,
	json_t **body, struct err *err) must_check;
/* As client_ask, and talks about every failure; the exit code, COMMAND_OK only for a
 * 2xx, whose body the caller gets. */
int client_get(const struct command_options *options, const char *method,
	const char *path, json_t **body);
/* POST of a JSON object, lent; the same. */
int client_post(const struct command_options *options, const char *path,
	const json_t *object, json_t **body);
/* Who asks, for the record: behind sudo, whoever called it; NULL: not known.
 * (command_act.c) */
const char *client_name(void);
/* GET of what comes line by line, on a loop of the caller's, who may stop it. The
 * exit code: COMMAND_OK where it was stopped, or where the answer came to its end;
 * all else was talked about. */
struct loop;
struct client_follower {
	/* A line without its end, lent; NUL-terminated. */
	void (*on_line)(const char *line, size_t length, void *context);
	void *context;
};
int client_follow(const struct command_options *options, const char *path,
	struct loop *loop, const struct client_follower *follower);
/* GET of one row; missing: the sentence to tell where there is none. */
int client_get_row(const struct command_options *options, const char *path,
	const char *missing, json_t **body);
/* Appends "?name=value" or "&name=value", percent-encoded; value NULL:
 * nothing. */
struct buf;
void client_add_query(struct buf *path, const char *name, const char *value);

/* ---- showing (show.c) ---- */

/* Prints JSON on one line. */
void show_json(const json_t *value);
/* Prints rows (objects) as columns; each column is "TITLE=member". Text from
 * outside is escaped; widths are counted in characters. A title that begins with
 * '?' is of a column that is left out where no row has anything in it. */
void show_table(const json_t *rows, const char *const *columns);
/* One with its events, as the API gives it. */
void show_follow_up(const json_t *follow_up);
/* The same as CSV (RFC 4180), with members' names for titles: lists and objects
 * as JSON, null as nothing; what a spreadsheet would take for a formula has a
 * quote in front. */
void show_csv(const json_t *rows, const char *const *columns);
/* The member as text for people: numbers, dates as they are, "-" for null. */
char *show_text(const json_t *value);
/* The head alone, and rows without it: for what comes in pages. */
void show_csv_head(const char *const *columns);
void show_csv_rows(const json_t *rows, const char *const *columns);
/* What each rule said of an answer, a line each. */
void show_verdicts(const json_t *verdicts);

#endif
