/*
 * rule - what the configuration wants to be told about.
 *
 * Rules are immutable and shared by threads. Judging needs a struct judge,
 * which owns the compiled conditions and belongs to one thread.
 */
#ifndef NPSD_NPS_RULE_H
#define NPSD_NPS_RULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf/setting.h"
#include "crypt/digest.h"
#include "expr/expr.h"
#include "nps/cooldown.h"
#include "nps/field.h"
#include "nps/follow_up.h"
#include "nps/matcher.h"
#include "nps/owner.h"

enum { RULES_LIMIT = 1000, RULE_ACTIONS_LIMIT = 32, RULE_TRIP_DEADLINES = 3 };

struct rule {
	char *name;
	struct matchers match;
	char *when;		      /* jq, exactly one boolean; or NULL */
	struct setting_texts actions; /* do: names */
	int64_t max_age_ms;
	int64_t wait_ms; /* an alert is held so long, from the answer's first
	                  * arrival */
	struct setting_texts on_amend; /* names of actions */
	bool go_on;		       /* continue: */
	struct cooldown cooldown;
	bool shadow; /* decides and is recorded, and sends nothing */
	struct owner_choice owner;
	struct follow_up_terms follow_up;
	/* Where it stood, for messages; lent, set by rules_init. Read while
	 * the configuration is built only. */
	const struct conf_node *node;
};
/* The rows of one rule, over struct rule. */
extern const struct setting rule_settings[];

struct rules {
	size_t count;
	struct rule **items; /* in order; lent from the configuration */
	char hash[17];	     /* of all that decides, hex; for explain */
	bool ask_previous;   /* some rule may look at the previous answer */
	bool tell_amended;   /* some rule has an on_amend: */
	bool cool_down;	     /* some rule has a cooldown: */
	bool follow_up;	     /* some rule opens follow-ups */
	bool owned;	     /* some rule says owner: or follow_up: */
	const struct owners *owners; /* lent by rules_bind; or NULL */
};
/* Takes the records of a SETTING_LIST of rule_settings (lent for the life of
 * the rules); every action must be among `actions` (ended by NULL). That names
 * are unique is the settings' to see. After false it can be done away with all
 * the same. */
bool rules_init(struct rules *rules, const struct setting_items *items,
	const char *const *actions, struct conf_errors *errors);
void rules_done(struct rules *rules);
/* The one of that name; NULL: there is none. */
const struct rule *rules_find(const struct rules *rules, const char *name);

/* What rules name beside actions; all lent for the life of the rules. */
struct rule_names {
	const struct owners *owners;
	const struct calendars *calendars;
	const struct setting_texts *reasons; /* of resolved and lost */
	const char *const *actions;	     /* ended by NULL */
};
/* Looks up the owners and hours that rules name. False after conf_error. */
bool rules_bind(struct rules *rules, const struct rule_names *names,
	struct conf_errors *errors);

/* Warns of rules that no answer ever reaches, or that match none. */
void rules_warn(const struct rules *rules, struct conf_errors *errors);

/* How one rule judged one answer. Stored by name: never rename. */
enum verdict_end {
	VERDICT_FIRED,		/* "fired" */
	VERDICT_NO_MATCH,	/* "no_match": matcher `detail` failed first */
	VERDICT_WHEN_FALSE,	/* "when_false" */
	VERDICT_TOO_OLD,	/* "too_old" */
	VERDICT_NOT_ASKED,	/* "not_asked": an earlier rule was the last */
	VERDICT_COOLDOWN,	/* "cooldown": fired, but the alert of `answer`
	                         * keeps it quiet */
	VERDICT_SHADOW,		/* "shadow": would have fired, but only tries */
	VERDICT_CONTACT_NOT_OK, /* "contact_not_ok": it opens a follow-up, and
	                         * the customer asked not to be contacted */
	VERDICT_HISTORY,  /* "history": would have fired, but the answer was
	                     * brought in as one of the past */
	VERDICT_SILENCED, /* "silenced": fired, while `silence` held */
};
struct silence;
struct verdict {
	enum verdict_end end;
	size_t matcher;		       /* of VERDICT_NO_MATCH */
	int64_t answer;		       /* of VERDICT_COOLDOWN: its row */
	const struct silence *silence; /* of VERDICT_SILENCED; lent */
	bool when_failed; /* fired because when: failed; `error` says how */
	bool tripped; /* when: was not asked: it kept passing its deadline */
	char error[160];
};
const char *verdict_end_name(enum verdict_end end);

struct judge;
/* Compiles the conditions (into one set, since a program of jq costs 17 ms
 * whatever its size); NULL names each bad one through errors. */
struct judge *judge_new(
	const struct rules *rules, struct conf_errors *errors) must_check;
void judge_free(struct judge *judge);
/* Judges by all rules; verdicts has rules->count places. now_ms decides
 * max_age. The alert document for when: is built only if one is asked. */
void judge_answer(struct judge *judge, const struct subject *subject,
	int64_t now_ms, struct verdict *verdicts);
/* True if the rule's when: is no longer asked. */
bool judge_is_tripped(const struct judge *judge, size_t rule);

#endif
