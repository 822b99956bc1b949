/*
 * expr - the door to libjq: conditions, payloads, messages.
 *
 * A program reads one value and gives values. It cannot see the environment,
 * read input, stop the process, or import: these names are shadowed by a
 * prefix that error texts never show. A run ends at its deadline. Programs
 * and running belong to the thread that compiled them: nothing here crosses
 * threads, and neither may a struct expr_input.
 *
 * Numbers are doubles inside: an integer beyond 2^53 loses its last digits.
 * libjq 1.6 is shielded where data could make it crash or hang, at a price:
 * regular expressions with the flag "g" (scan, splits, gsub and the like)
 * leave out empty matches, and an empty string is found nowhere.
 * libjq reads $HOME/.jq when it compiles: take HOME out of the environment.
 */
#ifndef NPSD_EXPR_EXPR_H
#define NPSD_EXPR_EXPR_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

enum {
	EXPR_DEADLINE_MS = 50,	/* of one run */
	EXPR_GROUP_LIMIT = 100, /* expressions put into one program */
	EXPR_TEXT_LIMIT_BYTES = 64 * 1024, /* a longer one does not compile */
};

enum expr_end {
	EXPR_OK,
	EXPR_ERROR,    /* the expression raised an error, or gave no value or
	                * more values than asked for, or another type */
	EXPR_DEADLINE, /* stopped after EXPR_DEADLINE_MS */
};

/*
 * Many expressions over the same kind of input, compiled together in groups,
 * since jq takes some 17 ms for a program whatever its size.
 */
struct expr_set;
struct expr_set *expr_set_new(void);
void expr_set_free(struct expr_set *set);
/* Adds an expression and gives its number (from 0). Text and name are
 * copied; name stands in error texts ("rule unhappy"). */
size_t expr_set_add(struct expr_set *set, const char *name, const char *text);
/* The same for a map, whose input is an array of three: what was sent, which is
 * `.`; what is said of the request, which is $request; and an object of the
 * JSON texts in what was sent with the values that they are, which `fromjson`
 * gives. It has from_epoch and from_epoch_ms, too. */
size_t expr_set_add_map(
	struct expr_set *set, const char *name, const char *text);
/* Compiles all that was added, once. A group that fails is halved until each
 * culprit stands alone; on_error is called with each culprit's number and
 * jq's own message, with line and column inside its text, and false is
 * returned. */
bool expr_set_compile(struct expr_set *set,
	void (*on_error)(size_t number, const char *message, void *context),
	void *context) must_check;

/* The value all expressions of a run are asked about, converted once. */
struct expr_input;
struct expr_input *expr_input_new(const json_t *value);
void expr_input_free(struct expr_input *input);

/* Exactly one boolean, nothing else. */
enum expr_end expr_run_boolean(struct expr_set *set, size_t number,
	struct expr_input *input, bool *value, struct err *err) must_check;
/* Exactly one value; the caller owns it. */
enum expr_end expr_run_value(struct expr_set *set, size_t number,
	struct expr_input *input, json_t **value, struct err *err) must_check;
/* Exactly one string; the caller frees it. */
enum expr_end expr_run_text(struct expr_set *set, size_t number,
	struct expr_input *input, char **value, struct err *err) must_check;
/* Every value it gives as a new array; more than `limit` are an error. */
enum expr_end expr_run_values(struct expr_set *set, size_t number,
	struct expr_input *input, size_t limit, json_t **values,
	struct err *err) must_check;

/* The field paths that the text reads from its input, as far as a scan of the
 * text can tell (".response.customer.name"), each passed to on_path: for the
 * warning about unknown ones. */
void expr_scan_paths(const char *text,
	void (*on_path)(const char *path, size_t length, void *context),
	void *context);

#endif
