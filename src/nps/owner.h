/*
 * owner - who answers for a follow-up: people by name, who covers for whom, and
 * how a rule chooses one. Immutable once built, so threads may share it.
 *
 *	owners:
 *	  anna: {name: Anna Visser, email: anna@example.com, manager: jan,
 *	         cover: eva, away: [{from: 2026-12-20, to: 2027-01-03}]}
 *	rules:
 *	  - owner: anna | [anna, jan] | {field: segment.agent, map:, default:}
 */
#ifndef NPSD_NPS_OWNER_H
#define NPSD_NPS_OWNER_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/time.h"
#include "conf/setting.h"
#include "nps/field.h"

/* Who is told of where a name stands, and no owner's name: whoever used a link of
 * a follow-up without owner, and the daemon itself. */
#define OWNER_NOBODY "link"
#define OWNER_NPSD "npsd"

enum { OWNER_ABSENCES_LIMIT = 100, OWNER_NAME_LIMIT_BYTES = 64 };

/* Days since 1970-01-01, both in it. */
struct absence {
	int64_t from_day, to_day;
};
struct absences {
	struct absence *items;
	size_t count;
};

struct owner {
	const char *name; /* lent, set by owners_init */
	char *display;	  /* name: */
	char *email, *language, *manager, *cover;
	struct absences away;
};
extern const struct setting owner_settings[];

struct owners {
	size_t count;
	const struct owner **items; /* lent from the configuration */
	const struct zone *zone;    /* whose days absences are; lent */
	/* Some were refused: who is not in it may be one of them. */
	bool partial;
};
/* Takes the records of a SETTING_MAP of owner_settings (lent), which stood at
 * this node (may be NULL). After false it can be done away with all the same. */
bool owners_init(struct owners *owners, const struct setting_items *items,
	const struct conf_node *node, const struct zone *zone,
	struct conf_errors *errors);
void owners_done(struct owners *owners);

/* By name, or by mail address; NULL: none, also of NULL. */
const struct owner *owners_find(const struct owners *owners, const char *name);
/* True of an owner, of a mail address, and of anybody where none are configured;
 * else false with who there is. */
bool owners_know(const struct owners *owners, const char *name,
	struct err *err) must_check;
bool owner_is_away(
	const struct owners *owners, const struct owner *owner, int64_t now_ms);
/* Who stands in: the owner, or while away the cover, or while that one is away
 * too the manager; if nobody is there, the owner. */
const struct owner *owner_at_work(
	const struct owners *owners, const struct owner *owner, int64_t now_ms);
/* {"name","display","email","language","manager":{...}|null} of a name or an
 * address, or null. New. */
json_t *owner_json(const struct owners *owners, const char *name);

/* ---- how a rule chooses (owner_choice.c) ---- */

struct owner_choice {
	struct setting_texts names; /* one; more take turns */
	char *field;
	struct field path; /* of field */
	struct setting_pairs map;
	char *fallback; /* default: */
};
/* For a row of SETTING_CUSTOM. */
bool owner_choice_read(struct setting_reader *reader,
	const struct conf_node *node, const char *path, void *where);
void owner_choice_done(void *where);
extern const char owner_choice_schema[];

bool owner_choice_is_none(const struct owner_choice *choice);
bool owner_choice_takes_turns(const struct owner_choice *choice);
/* Every name must be an owner's, or an address, or may have been one that was
 * refused. False after conf_error. */
bool owner_choice_check(const struct owner_choice *choice,
	const struct owners *owners, const struct conf_node *node,
	const char *path, struct conf_errors *errors);
/* A name in owners, or an address straight from the answer or the rule; NULL:
 * nobody. Who is away is passed over for who stands in. turn: of those who take
 * turns. Lent by the choice, the owners or the subject. */
const char *owner_choose(const struct owner_choice *choice,
	const struct owners *owners, const struct subject *subject,
	int64_t turn, int64_t now_ms, struct value *value);

#endif
