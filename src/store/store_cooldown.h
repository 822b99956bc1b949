/*
 * store_cooldown - the verbs for cooldowns: which answer's alert began one, and
 * which answers it silenced; part of store.h's interface: the same rules hold.
 */
#ifndef NPSD_STORE_STORE_COOLDOWN_H
#define NPSD_STORE_STORE_COOLDOWN_H

#include "store/store.h"

/* One that began with the alert of an answer. Texts are lent. */
struct cooldown_row {
	const char *rule;
	const char *key;  /* whose: the rule says of what kind */
	int64_t answer;	  /* its row */
	int64_t since_ms; /* its arrival */
};

/* STORE_FOUND or STORE_NONE; answer and since_ms are filled in. */
enum store_found store_find_cooldown(struct store_writer *store,
	struct cooldown_row *cooldown, struct err *err) must_check;
/* Makes it, or puts another in its place. */
bool store_put_cooldown(struct store_writer *store,
	const struct cooldown_row *cooldown, struct err *err) must_check;
/* An answer that a cooldown silenced for a rule: to be decided again should the
 * alert of `by` come to nothing. Put twice is put once. */
bool store_put_suppressed(struct store_writer *store, int64_t by,
	int64_t answer, struct err *err) must_check;
/* The rules whose cooldowns began with an answer. */
bool store_each_cooldown_of(struct store_writer *store, int64_t answer,
	void (*on_rule)(const char *rule, void *context), void *context,
	struct err *err) must_check;
/* Ends what began with an answer for a rule. Purging the answer does it, too. */
bool store_end_cooldown(struct store_writer *store, int64_t answer,
	const char *rule, struct err *err) must_check;
/* Takes out all that an answer silenced, for whatever rule: each once, in order
 * of arrival. */
bool store_take_suppressed(struct store_writer *store, int64_t by,
	void (*on_answer)(int64_t row, void *context), void *context,
	struct err *err) must_check;

/* The answer that a delivery is an alert of; 0: none. */
bool store_answer_of(struct store_writer *store, int64_t delivery,
	int64_t *answer, struct err *err) must_check;
/* What the rules say of an answer now, without amending it. */
bool store_set_verdicts(struct store_writer *store, int64_t answer,
	const char *verdicts, const char *rules_hash,
	struct err *err) must_check;

#endif
