/*
 * normal_member - one member of a record that is being checked: finding it,
 * refusing it, changing it. For normal.c and normal_parts.c.
 */
#ifndef NPSD_NPS_NORMAL_MEMBER_H
#define NPSD_NPS_NORMAL_MEMBER_H

#include <stdbool.h>

#include "nps/normal.h"

/* The members that the format knows. */
enum normal_member {
	MEMBER_ID,
	MEMBER_KIND,
	MEMBER_SCORE,
	MEMBER_SURVEY,
	MEMBER_WEIGHT,
	MEMBER_ACCOUNT,
	MEMBER_SEGMENT,
	MEMBER_ANSWERS,
	MEMBER_REVISION,
	MEMBER_CUSTOMER,
	MEMBER_CONTACT_OK,
	MEMBER_ANSWERED_AT,
	MEMBERS,
};

/* What all the functions below work on. */
struct normal_work {
	struct response *response;
	struct flat *members[MEMBERS]; /* NULL where there is none */
	const struct response_defaults *defaults;
	struct normal *normal;
	struct rejection *why;
};

/* Finds the record's members. */
void normal_find_members(struct normal_work *work);
bool normal_is_text(const struct flat *value); /* NULL is none */
/* What a value is, for a sentence that must not quote it. */
const char *normal_describe(const struct flat *value);
/* "must be EXPECTED; this is ..." for a member whose type is wrong. Always
 * false. */
bool normal_refuse_type(struct normal_work *work, const char *parent,
	const char *name, const struct flat *value, const char *expected);
/* Puts a text in the place of a value that is there. */
void normal_rewrite_text(
	struct normal_work *work, struct flat *value, const char *text);
/*
 * A text or an integer, which becomes its decimal text; NULL in *text where it
 * is missing. Bounds are the caller's.
 */
bool normal_take_key(struct normal_work *work, struct flat *value,
	const char *parent, const char *name, const char **text) must_check;

#endif
