/*
 * follow_up_record - what another system says of a follow-up, as a record of
 * npsd's own format: a webhook back from the CRM through a source's map.
 *
 *	{"kind":"follow-up","follow_up":"7","state":"resolved",
 *	 "reason":"price","note":"...","owner":"anna","by":"desk"}
 *
 * Instead of follow_up: survey and id of the answer. Instead of state: act, as
 * follow_up_act_name has it. With neither, owner alone assigns and note alone is
 * a note.
 */
#ifndef NPSD_NPS_FOLLOW_UP_RECORD_H
#define NPSD_NPS_FOLLOW_UP_RECORD_H

#include <jansson.h>
#include <stdbool.h>

#include "nps/follow_up.h"
#include "nps/response.h"

/* Texts are lent by the record. */
struct follow_up_record {
	int64_t row;			/* 0: by survey and id */
	const char *survey, *id;	/* survey NULL: the source's */
	struct follow_up_change change; /* who NULL: the source */
};

bool follow_up_record_is_one(const json_t *record);
/* False with *why, as for an answer that is refused. */
bool follow_up_record_read(const json_t *json, struct follow_up_record *record,
	struct rejection *why) must_check;

#endif
