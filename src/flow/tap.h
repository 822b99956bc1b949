/*
 * tap - tells whoever listens what happens just now: answers as they are kept,
 * records as they are refused, deliveries as they end or are put off.
 *
 * One line of JSON each, after its commit, made only where somebody listens and
 * a filter lets it pass. A reader never slows anything: it gets at most
 * TAP_LINES_PER_SECOND in the long run, what it has not taken is its sink's to
 * bound, and what does not fit is counted and told. Everything on the loop's
 * thread.
 */
#ifndef NPSD_FLOW_TAP_H
#define NPSD_FLOW_TAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/metrics.h"
#include "base/time.h"
#include "nps/decide.h"
#include "nps/rule.h"
#include "source/source.h"

enum {
	TAP_READERS_LIMIT = 16,
	TAP_TICK_MS = 200, /* between two calls of tap_tick */
	TAP_LINES_PER_SECOND = 2000,
	TAP_LINES_AT_ONCE = 4000, /* that one may get in a burst */
	TAP_ALIVE_MS = 15 * 1000, /* of quiet until a sign of life */
};

/* Public names. */
enum tap_event { TAP_ANSWER, TAP_REJECTED, TAP_DELIVERY, TAP_EVENTS };
extern const char *const tap_event_names[]; /* ended by NULL */

/* What passes: of what is asked for (not NULL, not -1) all must be so. What an
 * event has not is not as asked. Lent. */
struct tap_filter {
	const char *survey, *id; /* of answers */
	int category;		 /* the same */
	const char *source;	 /* of answers, rejected records */
	const char *reason;	 /* of rejected records */
	const char *rule;	 /* of answers, deliveries */
	const char *action;	 /* of deliveries */
	int state;		 /* the same */
	int event;
};

struct tap;
struct tap_reader;

/* Takes a line with its end, or returns false: there is no room. */
typedef bool (*tap_put_fn)(const char *line, size_t length, void *context);

struct tap *tap_new(const struct clock *clock, struct metrics *metrics);
void tap_free(struct tap *tap);
/* Somebody listens. tap may be NULL: nobody does. */
bool tap_is_open(const struct tap *tap);
/* The filter is copied. NULL: TAP_READERS_LIMIT listen already. */
struct tap_reader *tap_open(struct tap *tap, const struct tap_filter *filter,
	tap_put_fn put, void *context);
void tap_close(struct tap_reader *reader);
/* Every TAP_TICK_MS while it is open: tells what was missed, and gives signs of
 * life. */
void tap_tick(struct tap *tap);
/* To one reader, before it is closed: why. */
void tap_tell_end(struct tap_reader *reader, const char *reason);
/* To each: a configuration was put in force. */
void tap_tell_reload(struct tap *tap, const char *hash);

/* The rules that had something to say of an answer, for tap_tell_answer: the
 * caller's, lines of "VERDICT RULE\n"; NULL: none had. Any thread. */
char *tap_note_rules(const struct rules *rules, const struct verdict *verdicts);

/* A record that was committed; does nothing for what changed nothing. response
 * is NULL where it was refused; rules as tap_note_rules made it. */
void tap_tell_record(struct tap *tap, const struct batch *batch,
	const struct record *record, const struct response *response,
	const char *rules);

/* What became of a delivery, or of a try. Lent. */
struct tap_delivery {
	int64_t row, answer; /* 0: not known, of none */
	const char *action, *rule;
	enum delivery_state state;
	int tries, status;
	int64_t due_ms;	    /* of RETRYING */
	const char *reason; /* or NULL */
};
void tap_tell_delivery(struct tap *tap, const struct tap_delivery *delivery);

#endif
