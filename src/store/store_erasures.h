/*
 * store_erasures - the verbs for erasing what is kept of a person; part of
 * store.h's interface: the same rules hold.
 *
 *	erasure        asked for, by whom, how far it has come, its report
 *	erasure word   what it looks for; unreadable in the file, gone at its end
 *	erased         which answers it takes in; row of the erasure, when
 *
 * An erased answer keeps survey, score, category, times, slots and verdicts: its
 * id and its customer become marks, which are drawn anew and tell nothing. Its
 * deliveries and follow-ups keep what became of them, and no words.
 */
#ifndef NPSD_STORE_STORE_ERASURES_H
#define NPSD_STORE_STORE_ERASURES_H

#include "store/store.h"

/* Why a delivery was cancelled, and a follow-up closed. */
#define ERASURE_REASON "forgotten"

/* Stored as these numbers: never renumber. */
enum erasure_scope {
	ERASURE_OF_PERSON = 0,	 /* known by a key, an address or a number */
	ERASURE_OF_CUSTOMER = 1, /* by the customer's key alone */
	ERASURE_OF_RESPONSE = 2, /* one answer */
};
enum erasure_phase {
	ERASURE_FINDING = 0,
	ERASURE_ERASING = 1,
	ERASURE_SEARCHING = 2, /* what is of no answer */
	ERASURE_SETTLING = 3,  /* what was being sent comes to its end */
	ERASURE_CLEANING = 4,  /* its words are gone; the WAL has yet to */
	ERASURE_DONE = 5,
};
/* Of a report that is not done: for the erasure itself, and not listed. */
#define ERASURE_SINCE "since_ms"
enum { ERASURE_PHASES = ERASURE_DONE + 1 };
/* "finding" "erasing" "searching" "settling" "cleaning" "done" */
const char *erasure_phase_name(enum erasure_phase phase);

/* Texts are lent. */
struct erasure_row {
	int64_t row; /* never used again */
	int64_t asked_ms;
	const char *by, *why; /* or NULL */
	enum erasure_scope scope;
	bool mentions; /* answers that only name the person are taken, too */
	enum erasure_phase phase;
	int64_t upto;	    /* answers above came later: not looked at */
	const char *report; /* JSON: nothing of the person */
	int64_t ended_ms;   /* 0: not yet */
};
typedef void (*on_erasure_fn)(const struct erasure_row *erasure, void *context);

/* What an erasure looks for (nps/person.h). Texts are lent. */
struct erasure_word {
	int kind;
	const char *text, *mark; /* mark: or NULL */
};

/* row is filled in. */
bool store_put_erasure(struct store_writer *store, struct erasure_row *erasure,
	struct err *err) must_check;
/* phase, report, ended_ms. */
bool store_change_erasure(struct store_writer *store,
	const struct erasure_row *erasure, struct err *err) must_check;
/* The first behind `after` that is not done: STORE_FOUND or STORE_NONE. */
enum store_found store_next_erasure(struct store_writer *store, int64_t after,
	on_erasure_fn on_found, void *context, struct err *err) must_check;
bool store_put_erasure_word(struct store_writer *store, int64_t erasure,
	const struct erasure_word *word, struct err *err) must_check;
bool store_each_erasure_word(struct store_writer *store, int64_t erasure,
	void (*on_word)(const struct erasure_word *word, void *context),
	void *context, struct err *err) must_check;
bool store_drop_erasure_words(struct store_writer *store, int64_t erasure,
	struct err *err) must_check;

/* Takes an answer in; one that any erasure took in already stays there. */
bool store_plan_erased(struct store_writer *store, int64_t erasure,
	int64_t answer, struct err *err) must_check;
/* At most n answers of an erasure behind `after`, by row. erased_ms 0: not
 * yet. on_answer must not write. */
bool store_each_erased(struct store_writer *store, int64_t erasure,
	int64_t after, int n,
	void (*on_answer)(int64_t answer, int64_t erased_ms, void *context),
	void *context, struct err *err) must_check;

/* How much was erased. */
struct erased_counts {
	int64_t revisions; /* former ones */
	int64_t deliveries, cancelled, bodies, attempts;
	int64_t follow_ups, closed, notes;
	int64_t cooldowns;
};
/* Makes an answer that was taken in bare, with all that hangs on it but its
 * deliveries. mark: instead of the customer, NULL: none. verdicts false: these
 * go too. counts is added to. */
bool store_erase_answer(struct store_writer *store, int64_t answer,
	const char *mark, bool verdicts, int64_t now_ms,
	struct erased_counts *counts, struct err *err) must_check;
/* Its deliveries: bodies, receivers, reasons go; what waits or is dead is
 * cancelled. *in_flight is added those that are being sent: they are to be
 * erased again. Folded ones stay folded. May be done again; counts is added
 * what is new. */
bool store_erase_deliveries(struct store_writer *store, int64_t answer,
	int64_t now_ms, struct erased_counts *counts, int64_t *in_flight,
	struct err *err) must_check;
/* How much of an answer is being sent: its deliveries, and messages of storms
 * into which its alerts were folded. */
bool store_count_in_flight(struct store_writer *store, int64_t answer,
	int64_t *count, struct err *err) must_check;
/* Actions by which something of an answer left, a call for each delivery. */
bool store_each_left(struct store_writer *store, int64_t answer,
	void (*on_left)(const char *action, void *context), void *context,
	struct err *err) must_check;

/* Texts in which a person may stand. */
enum store_words {
	WORDS_ANSWERS,	/* contents of answers and their former revisions */
	WORDS_REJECTED, /* and of conflicts: `of` is the answer */
	WORDS_LONE,	/* deliveries of no answer */
	WORDS_NOTES,	/* row: of the follow-up */
	WORDS_SILENCES,
	WORDS_RECIPIENTS, /* of lone deliveries: only to be erased */
};
enum { STORE_WORDS = WORDS_SILENCES + 1 };
struct words_row {
	int64_t row;
	int64_t of;	      /* of a conflict: the answer; else 0 */
	const char *customer; /* key; or NULL */
	const char *source;   /* or NULL */
	const char *texts[3]; /* NULL: none */
	size_t lengths[3];
	/* Of lone deliveries, whose texts are recipient, reason and body. */
	const char *cause, *rule;
	enum delivery_state state;
	int64_t created_ms;
};
/* A span of rows behind *row, up to `upto` (0: the last); *row then is the last
 * that was looked at. on_words must not write. */
bool store_read_words(struct store_writer *store, enum store_words what,
	int64_t upto, int64_t *row, bool *more,
	void (*on_words)(const struct words_row *words, void *context),
	void *context, struct err *err) must_check;
/* Rejected: the row goes. Lone: body and reasons. Notes: those of the follow-up.
 * Silences: it ends, and what it matched and why goes. */
bool store_erase_words(struct store_writer *store, enum store_words what,
	int64_t row, int64_t now_ms, struct err *err) must_check;
/* Windows of storms of a receiver. */
bool store_drop_storms(struct store_writer *store, const char *recipient,
	struct err *err) must_check;
/* Between transactions, after a checkpoint: the bytes of the file as they lie
 * on disk. *length 0: the end, or there is no file. */
bool store_read_file(struct store_writer *store, int64_t offset, void *bytes,
	size_t room, size_t *length, struct err *err) must_check;

#endif
