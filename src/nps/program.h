/*
 * program - jq texts of settings: what is wrong with one, told
 * where it stands. Running them is expr's.
 */
#ifndef NPSD_NPS_PROGRAM_H
#define NPSD_NPS_PROGRAM_H

#include <stdbool.h>

#include "base/err.h"
#include "conf/node.h"
#include "expr/expr.h"

/* Compiles the set; false with the first reason. */
bool program_compile(struct expr_set *set, struct err *err) must_check;

/* Where a text came from. */
struct program_place {
	const struct conf_node *node;
	const char *path;
	const char *file; /* NULL: it is the node's own text */
	bool sees_alert;  /* its input is an alert document: names that there
			   * are not get a warning */
	bool is_map;	  /* see expr_set_add_map */
};
/* Compiles a text once for what is wrong with it; false after conf_error. */
bool program_check(const char *text, const struct program_place *place,
	struct conf_errors *errors) must_check;
/* The warnings alone, of a text that was compiled elsewhere. */
void program_check_names(const char *text, const struct program_place *place,
	struct conf_errors *errors);

/* Takes out of jq's message the values that it quotes: they may be a customer's
 * words. */
void program_hush(struct err *err);

#endif
