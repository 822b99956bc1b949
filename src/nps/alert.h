/*
 * alert - the document that conditions, payloads and messages see.
 *
 *	{"response":{...},"category":"detractor",
 *	 "previous":{"score":9,"category":"promoter","answered_at":"...",
 *	             "movement":"down","repeat_detractor":false}|null,
 *	 "owner":{"name":"anna","email":"...","manager":{...}}|null,
 *	 "follow_up":{"id":"7","state":"open","contact_by":"..."}|null,
 *	 "rule":"unhappy","nps":{"30d":FIGURES,...},"delivery":{"id":"..."}}
 */
#ifndef NPSD_NPS_ALERT_H
#define NPSD_NPS_ALERT_H

#include <jansson.h>

#include "base/buf.h"
#include "base/text.h"
#include "nps/field.h"

/* Who answers for it; members may be NULL. */
struct alert_people {
	json_t *owner, *follow_up; /* owned */
};
void alert_people_done(struct alert_people *people);

/* What a condition sees: response, category, previous. New reference. */
json_t *alert_subject(const struct subject *subject);
/* Adds what payloads and messages see too. nps is lent (may be NULL). */
void alert_complete(json_t *document, const char *rule, json_t *nps,
	const char *delivery_id);
/* Before alert_complete: whose it is. Else both are null. */
void alert_set_people(json_t *document, const struct alert_people *people);

/*
 * Appends the text of the complete document, without building it: the response
 * is its content as it is kept. nps is the text of the figures.
 */
void alert_append_text(struct buf *out, const struct subject *subject,
	const struct alert_people *people, const char *rule, struct text nps,
	const char *delivery_id);

#endif
