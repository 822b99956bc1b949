/*
 * normal - checks the members of a record and brings them to the form that is
 * kept: score and revision integers, ids text, survey and answered_at there.
 * For response.c only.
 */
#ifndef NPSD_NPS_NORMAL_H
#define NPSD_NPS_NORMAL_H

#include <stdbool.h>

#include "nps/response.h"

/* What became of the record. */
struct normal {
	bool rewritten;	   /* a value was changed: the bytes no longer say it */
	bool survey_added; /* these were absent and stand at the end now */
	bool answered_added;
};

/* Fills the typed fields of a response whose record is an object; pointers lead
 * to the record's texts. False with
 * *why filled if it is no response. */
bool normal_apply(struct response *response,
	const struct response_defaults *defaults, struct normal *normal,
	struct rejection *why) must_check;

#endif
