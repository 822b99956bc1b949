/*
 * response_record - where the values of a response and their texts lie. For
 * response.c and normal.c; everybody else reads response->record.
 */
#ifndef NPSD_NPS_RESPONSE_RECORD_H
#define NPSD_NPS_RESPONSE_RECORD_H

#include <stdbool.h>
#include <stddef.h>

#include "nps/response.h"

enum {
	/* A record of more values is read the slow way. */
	RECORD_QUICK_VALUES = 128,
	/* survey, answered_at and id, where they are missing. */
	RECORD_ADDED_VALUES = 3,
};

/* Room on the stack for reading one record. */
struct record_room {
	struct flat values[RECORD_QUICK_VALUES + RECORD_ADDED_VALUES];
};

/* Reads the text quickly: the record lies in `room`, until record_settle gives
 * it one of its own. False: not sure. */
bool record_read(struct response *response, const char *data, size_t length,
	struct record_room *room) must_check;
/* Lays a tree out as the record; the tree is lent. */
void record_lay(struct response *response, const json_t *tree);
/* The record moves out of `room`, if it lies there. */
void record_settle(struct response *response, const struct record_room *room);
void record_free(struct response *response);

/* A copy that lives as long as the response. */
char *record_keep_text(struct response *response, const char *text);
/* Makes a text of a value that is there; copies it. */
void record_set_text(
	struct response *response, struct flat *value, const char *text);
/* A further member at the end of the record; the name is a literal. Returns the
 * copy of the text. */
const char *record_add_text(
	struct response *response, const char *name, const char *text);

#endif
