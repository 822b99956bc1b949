/*
 * follow_up - what becomes of an unhappy customer: a state machine, its clocks,
 * and what falls due. Pure; time comes in as a parameter.
 *
 *	        contact                resolve, lose
 *	 OPEN ----------> CONTACTED ------------------> RESOLVED, LOST
 *	  |  ^               |                              |
 *	  |  '--- reopen ----+------------ reopen ----------'
 *	  '-- resolve, lose, the third time not reached --> RESOLVED, LOST
 *
 * A claim says who has it and since when; the state stays. One is unfinished
 * while it is open or contacted.
 */
#ifndef NPSD_NPS_FOLLOW_UP_H
#define NPSD_NPS_FOLLOW_UP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "conf/setting.h"
#include "nps/span.h"

struct calendar; /* nps/calendar.h */

enum {
	FOLLOW_UP_NOTE_LIMIT_BYTES = 4000,
	FOLLOW_UP_NAME_LIMIT_BYTES = 320, /* of owner, who, reason */
	FOLLOW_UP_ATTEMPTS_LIMIT = 3,	  /* not reached so often: lost */
	FOLLOW_UP_TRY_AGAIN_MS = 4 * 3600 * 1000,
	/* The same said again by the same person so soon is the same click. */
	FOLLOW_UP_CLICK_MS = 60 * 1000,
	FOLLOW_UP_ESCALATIONS_LIMIT = 16,
};
#define FOLLOW_UP_UNREACHABLE "unreachable" /* a reason that needs no rows */

/* Stored as these numbers: never renumber. */
enum follow_up_state {
	FOLLOW_UP_OPEN = 0,
	FOLLOW_UP_CONTACTED = 1,
	FOLLOW_UP_RESOLVED = 2,
	FOLLOW_UP_LOST = 3,
};
enum { FOLLOW_UP_STATES = 4 };
/* "open" "contacted" "resolved" "lost" */
const char *follow_up_state_name(enum follow_up_state state);
bool follow_up_state_from_name(const char *name, enum follow_up_state *state);

/* Stored by name: never rename. */
enum follow_up_act {
	FOLLOW_UP_OPENED,      /* "opened" */
	FOLLOW_UP_CLAIM,       /* "claim": owner and time; the state stays */
	FOLLOW_UP_ASSIGN,      /* "assign": to change->owner */
	FOLLOW_UP_CONTACT,     /* "contacted": "I called" */
	FOLLOW_UP_NOT_REACHED, /* "not_reached": an attempt; try again later */
	FOLLOW_UP_RESOLVE,     /* "resolved": asks for a reason */
	FOLLOW_UP_LOSE,	       /* "lost": asks for a reason and a note */
	FOLLOW_UP_REOPEN,      /* "reopen" */
	FOLLOW_UP_NOTE,	       /* "note" */
	FOLLOW_UP_FOLD,	       /* "fold": a further low score, change->answer */
	FOLLOW_UP_IMPROVE,     /* "improved": an amendment took it out of
	                       * detractor */
	FOLLOW_UP_ESCALATE,    /* "escalated" */
	FOLLOW_UP_REMIND, /* "reminded": of the deadline, or to try again */
	FOLLOW_UP_FORGET, /* "forgotten": claimed, and nobody called: the
	                       * claim is taken off */
};
enum { FOLLOW_UP_ACTS = FOLLOW_UP_FORGET + 1 };
const char *follow_up_act_name(enum follow_up_act act);
bool follow_up_act_from_name(const char *name, enum follow_up_act *act);
/* The act that leads to a state: CONTACT, RESOLVE, LOSE, REOPEN. */
enum follow_up_act follow_up_act_to(enum follow_up_state state);

/* Texts are lent by whoever fills it; follow_up_copy makes one that owns them.
 * Times 0: not yet, or none. */
struct follow_up {
	int64_t row;
	const char *survey;   /* of the first answer */
	const char *customer; /* key or NULL */
	const char *account;  /* key or NULL */
	const char *scope;    /* see follow_up_scope */
	int64_t answer;	      /* row of the first */
	int64_t last_answer; /* of the last that was folded in; else the first */
	int folds;
	const char *rule;
	enum follow_up_state state;
	const char *owner; /* a name in owners:, an address, or NULL */
	int64_t claimed_ms;
	const char *claimed_by;
	int64_t opened_ms;
	int64_t clock_ms; /* where the clocks began: opened, or reopened */
	int64_t contact_by_ms, resolve_by_ms;
	int64_t contacted_ms, closed_ms;
	int attempts;
	int64_t try_again_ms;
	const char *reason; /* of resolved and lost */
	const char *note;   /* the last one */
	bool improved;
	const char *tracked_in; /* who owns the clock; NULL: npsd does */
	unsigned fired;		/* 1 << step of what must not fire again */
	int fires;		/* how many steps fired: makes ids of them */
	int64_t next_due_ms;	/* INT64_MAX: nothing */
	/* What was done last, by whom, when: a double click is one. */
	enum follow_up_act last_act;
	const char *last_by;
	int64_t last_ms;
};
bool follow_up_is_finished(const struct follow_up *follow_up);
/* True while a deadline that counts has passed. */
bool follow_up_is_overdue(const struct follow_up *follow_up, int64_t now_ms);
struct follow_up *follow_up_copy(const struct follow_up *follow_up);
void follow_up_free(struct follow_up *copy);

/* What a customer's follow-ups have in common, so that at most one of them is
 * unfinished: the JSON array ["customer",survey,key], ["account",key], or, where
 * there is no key, ["answer",row]. The caller frees it. */
enum follow_up_per { FOLLOW_UP_PER_CUSTOMER, FOLLOW_UP_PER_ACCOUNT };
char *follow_up_scope(enum follow_up_per per, const char *survey,
	const char *customer, const char *account, int64_t answer);

enum follow_up_clock { FOLLOW_UP_CONTACT_CLOCK, FOLLOW_UP_RESOLVE_CLOCK };
struct follow_up_escalation {
	struct span overdue; /* behind the clock's deadline */
	int clock;	     /* enum follow_up_clock */
	struct setting_texts actions;
};

/* What a rule says of its follow-ups. A span of nothing: no such clock. */
enum follow_up_contact { FOLLOW_UP_CONTACT_OK, FOLLOW_UP_CONTACT_ANY };
struct follow_up_terms {
	bool given; /* the rule opens follow-ups */
	struct span contact_within, resolve_within;
	struct span remind_before;  /* contact_by */
	struct span claimed_within; /* none: contact_within */
	struct setting_texts
		actions; /* told on remind; none: the rule's mails */
	struct setting_items escalations; /* struct follow_up_escalation */
	char *hours;			  /* name, or NULL */
	const struct calendar *calendar;  /* of hours; lent; NULL: 24x7 */
	int per;			  /* enum follow_up_per */
	char *tracked_in; /* the action or system that owns the clock; NULL */
	int contact; /* enum follow_up_contact: ANY: also who asked not to be */
	/* Of resolved and lost; lent. NULL or none: any text will do. */
	const struct setting_texts *reasons;
};
/* The rows of follow_up: in a rule, over struct follow_up_terms. */
extern const struct setting follow_up_settings[];
/* The read of that record. */
bool follow_up_note_given(struct setting_reader *reader,
	const struct conf_node *node, const char *path, void *where);
/* Of a rule that is gone: deadlines stay as they were, and nothing falls due. */
extern const struct follow_up_terms follow_up_no_terms;

struct follow_up_change {
	enum follow_up_act act;
	const char *who; /* an owner's name, a token's, "npsd" */
	const char *how; /* "link" "api" "command" "webhook" "npsd" */
	const char *owner, *reason, *note; /* or NULL */
	int64_t answer;			   /* of OPENED, FOLD, IMPROVE */
	int64_t at_ms;
};

/* Fills in state and clocks of a new one; texts, answer and owner are the
 * caller's, set before. */
void follow_up_start(struct follow_up *follow_up,
	const struct follow_up_terms *terms, int64_t now_ms);

/*
 * Changes it. False: refused, err says what is possible. *changed false: it was
 * so already (the same act again): nothing to be kept, no event. change->act
 * becomes what happened in fact: a third NOT_REACHED is LOSE with its reason and
 * note. Texts of the change are lent to the follow-up.
 */
bool follow_up_apply(struct follow_up *follow_up,
	struct follow_up_change *change, const struct follow_up_terms *terms,
	bool *changed, struct err *err) must_check;

/* ---- what falls due (follow_up_due.c) ---- */

enum follow_up_step {
	FOLLOW_UP_STEP_REMIND,	  /* contact_by - remind_before */
	FOLLOW_UP_STEP_FORGOTTEN, /* claimed_ms + claimed_within, no contact */
	FOLLOW_UP_STEP_TRY_AGAIN, /* not reached, try_again_ms */
	FOLLOW_UP_STEP_ESCALATE,  /* + i: escalation i, overdue */
};
enum { FOLLOW_UP_STEPS = FOLLOW_UP_STEP_ESCALATE + 1 };
struct follow_up_due {
	int64_t due_ms;
	enum follow_up_step step;
	size_t escalation; /* index of STEP_ESCALATE */
	int n;		   /* rises with each step: for the delivery's id */
};
/* "remind" "forgotten" "try_again" "escalate" */
const char *follow_up_step_name(enum follow_up_step step);
/* The earliest step that has not fired; false: none, whatever the time. */
bool follow_up_next_due(const struct follow_up *follow_up,
	const struct follow_up_terms *terms, struct follow_up_due *due);
/* Marks it as fired (a forgotten claim is taken off) and moves next_due_ms on.
 * change gets what is to be kept as its event, by "npsd". */
void follow_up_fire(struct follow_up *follow_up,
	const struct follow_up_terms *terms, const struct follow_up_due *due,
	int64_t now_ms, struct follow_up_change *change);
/* Deadlines from clock_ms and next_due_ms anew: terms or calendar changed. */
void follow_up_recompute(
	struct follow_up *follow_up, const struct follow_up_terms *terms);
/* from + span in the terms' hours. */
int64_t follow_up_later(const struct follow_up_terms *terms, int64_t from_ms,
	const struct span *span);

#endif
