/*
 * frozen - deliveries that are no alert of an answer: notices, watches and what
 * else npsd tells by itself. Their body is made and frozen at once, because what
 * they are about will not be asked again. Store thread, inside the transaction.
 */
#ifndef NPSD_FLOW_FROZEN_H
#define NPSD_FLOW_FROZEN_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "flow/keep.h"

struct frozen {
	const char *cause; /* of the delivery, and of its id */
	const char *key;   /* what it is about: the same, and the same n, is the
	                    * same delivery, which is put once */
	int n;
	int64_t answer;	      /* its row, where it is about one; else 0 */
	const char *rule;     /* shown with it; NULL: none */
	const char *language; /* of a message; NULL: the action's */
	json_t *document;     /* gets the member "delivery" */
	/* Who gets it, where the action has recipients; NULL: as it says. */
	const struct setting_texts *to;
	const struct alert_mail *mail; /* see struct alert */
};
/* Puts one for each recipient of an action; none where there is no such action.
 * One that cannot be made is put dead, with its reason. */
bool frozen_put(struct keeping *keeping, const struct frozen *frozen,
	const char *action, struct err *err) must_check;

#endif
