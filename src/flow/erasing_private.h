/*
 * erasing_private - what the files of erasing share: erasing.c (its life, which
 * one is next), erasing_phases.c, erasing_ask.c (what is asked for),
 * erasing_row.c (as it is kept), erasing_answer.c (one answer),
 * erasing_flight.c (what is being sent), erasing_lone.c (deliveries of no
 * answer), erasing_search.c (what is looked through), erasing_report.c,
 * erasing_job.c (on its way to the store thread).
 */
#ifndef NPSD_FLOW_ERASING_PRIVATE_H
#define NPSD_FLOW_ERASING_PRIVATE_H

#include "flow/erasing.h"

enum {
	ERASING_SLICE_ANSWERS = 20,
	ERASING_PLAN_ANSWERS = 500, /* taken in in a slice */
	ERASING_SPAN_ROWS = 500,    /* looked through in a slice */
	ERASING_DRY_ANSWERS = 200,  /* of more, a dry one counts the first */
	ERASING_PASSES = 8,	    /* over the answers, until nothing is new */
	ERASING_ROWS_TOLD = 20,	    /* of those that only name the person */
	ERASING_WAIT_US = 100 * 1000,
	ERASING_AGAIN_US = 1000 * 1000,	       /* after what failed */
	ERASING_BLOCKED_US = 30 * 1000 * 1000, /* by somebody's long reading */
	ERASING_FILE_BYTES = 4 * 1024 * 1024,  /* searched in a slice ... */
	ERASING_FILE_LEAST_BYTES = 128 * 1024, /* ... for many words less */
};

/* What is being sent as its words go: they go from it when that has ended. */
struct erasing_flight {
	int64_t row; /* of an answer, or of a lone delivery */
	int64_t count;
	bool lone, ended;
};

struct erasing_one {
	struct erasing_one *behind; /* that waits to be cleaned, too */
	struct erasure_row row;	    /* row 0: a dry one */
	struct erasing_job *job;    /* of a dry one; owned */
	bool reread;		    /* the words are gone: a restart */
	struct person person;
	int64_t *found; /* answers, by row */
	size_t found_count;
	json_t *report;

	/* of the phase */
	int64_t at;  /* row or offset that was reached */
	size_t next; /* of found */
	int pass;
	bool learnt;	/* something new in this pass */
	bool planning;	/* of finding: all are found */
	bool again;	/* it was read anew: what was in flight is not known */
	bool landing;	/* of settling: something has come to its end ... */
	bool releasing; /* ... and nothing is in flight any more */
	enum store_words what;
	struct erasing_flight *flights;
	size_t flight_count;
	int64_t since_ms;  /* arrival of the first one; INT64_MAX: none */
	int64_t *messages; /* of storms, whose words went */
	size_t message_count;
	int64_t *silences; /* that end with this transaction */
	size_t silence_count;
	bool checkpointed, blocked, cleaned;
	size_t words_kept; /* of the person: in the store */
};

struct erasing {
	struct erasing_one *one;     /* or NULL */
	struct erasing_one *blocked; /* that wait to be cleaned, by row */
	int64_t blocked_us;	     /* until then */
	struct erasing_one *dry;     /* goes before them; or NULL */
	struct erasing_job *waiting; /* dry ones, by job.item.next */
	bool look;		     /* the store may have one to be done */
	int64_t next_us;
};

/* erasing_phases.c */
/* What a slice does. */
bool erasing_run(struct erasing_one *one, struct keeping *keeping,
	struct err *err) must_check;
/* The next one writes nothing: something is in flight. */
bool erasing_only_looks(const struct erasing_one *one);

/* erasing_ask.c */
/* An answer that is asked for must be there: job->not_there. */
bool erasing_check(struct keeping *keeping, struct erasing_job *job,
	struct err *err) must_check;
/* *text: what row->report points at; the caller frees it. */
bool erasing_put_asked(struct keeping *keeping, const struct erasing_job *job,
	struct erasure_row *row, char **text, struct err *err) must_check;
/* Takes the job. */
struct erasing_one *erasing_one_dry(struct erasing_job *job);

/* erasing_row.c */
/* Its report is none yet. */
struct erasing_one *erasing_one_new(const struct erasure_row *row);
void erasing_one_free(struct erasing_one *one);
/* Phase, report, end; of a dry one nothing. */
bool erasing_write_row(struct erasing_one *one, struct keeping *keeping,
	struct err *err) must_check;
/* The words of a person behind the first `from`. */
bool erasing_put_words(struct keeping *keeping, int64_t row,
	const struct person *person, size_t from, struct err *err) must_check;
/* The first behind a row that is not done, as far as it came; *one stays NULL
 * where there is none. */
bool erasing_read_next(struct erasing_one **one, struct keeping *keeping,
	int64_t after, struct err *err) must_check;

/* erasing_answer.c */
/* All of one answer; some alerts of others are sent anew. */
bool erasing_erase(struct erasing_one *one, struct keeping *keeping,
	int64_t answer, struct err *err) must_check;
/* Its deliveries once more. */
bool erasing_settle(struct erasing_one *one, struct keeping *keeping,
	int64_t answer, struct err *err) must_check;
/* By what actions it left. */
bool erasing_tell_left(struct erasing_one *one, struct keeping *keeping,
	int64_t answer, struct err *err) must_check;
bool erasing_holds(const struct erasing_one *one, int64_t answer);

/* erasing_flight.c */
/* So much of it is being sent; 0: nothing any more. */
void erasing_note_flight(
	struct erasing_one *one, int64_t row, bool lone, int64_t count);
/* Only reads. *ended: something has come to its end, or nothing was left. */
bool erasing_look_at_flights(struct erasing_one *one, struct keeping *keeping,
	bool *ended, struct err *err) must_check;
/* Puts into the report how much is in flight. */
void erasing_tell_flights(struct erasing_one *one);

/* erasing_lone.c */
/* Deliveries of no answer up to a row; *more: there may be some behind it. */
bool erasing_search_lone(struct erasing_one *one, struct keeping *keeping,
	int64_t upto, int64_t *at, bool *more, struct err *err) must_check;

/* erasing_search.c */
/* A span; *more false: all were looked at. */
bool erasing_find(struct erasing_one *one, struct keeping *keeping, bool *more,
	struct err *err) must_check;
bool erasing_search(struct erasing_one *one, struct keeping *keeping,
	bool *more, struct err *err) must_check;
bool erasing_search_file(struct erasing_one *one, struct keeping *keeping,
	bool *more, struct err *err) must_check;
/* Takes an answer in. */
void erasing_take(struct erasing_one *one, int64_t answer);

/* erasing_report.c */
/* Of nothing yet. New. */
json_t *erasing_report_new(void);
/* Adds to a number of the report: "erased.answers", "told.crm". */
void erasing_count(struct erasing_one *one, const char *part, const char *name,
	int64_t count);

#endif
