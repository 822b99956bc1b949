/*
 * store_silences - the verbs for silences: see nps/silence.h. Part of store.h's
 * interface: the same rules hold.
 */
#ifndef NPSD_STORE_STORE_SILENCES_H
#define NPSD_STORE_STORE_SILENCES_H

#include "store/store.h"

/* Texts are lent. */
struct silence_row {
	int64_t row;	   /* never used again: verdicts tell it */
	const char *rule;  /* NULL: every rule */
	const char *match; /* JSON; NULL: every answer */
	int64_t since_ms, until_ms;
	int64_t ended_ms;     /* 0: nobody has noted its end yet */
	const char *ended_by; /* NULL: its time was over, or not known */
	const char *by;	      /* NULL: not known */
	const char *why;
	int64_t silenced; /* answers that it kept quiet, each revision */
};
typedef void (*on_silence_fn)(const struct silence_row *silence, void *context);

/* row is filled in. */
bool store_put_silence(struct store_writer *store, struct silence_row *silence,
	struct err *err) must_check;
/* STORE_FOUND or STORE_NONE. */
enum store_found store_get_silence(struct store_writer *store, int64_t row,
	on_silence_fn on_found, void *context, struct err *err) must_check;
/* Notes the end of one whose end is not noted. *changed false: there is none
 * such. */
bool store_end_silence(struct store_writer *store, int64_t row,
	int64_t ended_ms, const char *by, bool *changed,
	struct err *err) must_check;
/* Those whose end is not noted, by row. */
bool store_each_silence(struct store_writer *store, on_silence_fn on_one,
	void *context, struct err *err) must_check;
/* One more answer that it kept quiet. */
bool store_count_silenced(
	struct store_writer *store, int64_t row, struct err *err) must_check;
/* Removes at most `limit` that ended before `before_ms`. */
bool store_purge_silences(struct store_writer *store, int64_t before_ms,
	int limit, int *removed, struct err *err) must_check;

#endif
