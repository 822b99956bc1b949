/*
 * erasing_private - what the files of erasing share: erasing.c (its life, the
 * phases), erasing_row.c (as it is kept), erasing_answer.c (one answer),
 * erasing_search.c (what is looked through), erasing_report.c, erasing_job.c (on
 * its way to the store thread).
 */
#ifndef NPSD_FLOW_ERASING_PRIVATE_H
#define NPSD_FLOW_ERASING_PRIVATE_H

#include "flow/erasing.h"

enum {
	ERASING_SLICE_ANSWERS = 20,
	ERASING_PASSES = 8,	/* over the answers, until nothing is new */
	ERASING_ROWS_TOLD = 20, /* of those that only name the person */
	ERASING_WAIT_US = 100 * 1000,
	ERASING_AGAIN_US = 1000 * 1000,	       /* after what failed */
	ERASING_BLOCKED_US = 30 * 1000 * 1000, /* by somebody's long reading */
	ERASING_FILE_BYTES = 4 * 1024 * 1024,  /* searched in a slice */
};

struct erasing_one {
	struct erasure_row row;	 /* row 0: a dry one */
	struct erasing_job *job; /* of a dry one; owned */
	bool reread;		 /* the words are gone: a restart */
	struct person person;
	int64_t *found; /* answers, by row */
	size_t found_count;
	json_t *report;

	/* of the phase */
	int64_t at;  /* row or offset that was reached */
	size_t next; /* of found */
	int pass;
	bool learnt;	/* something new in this pass */
	bool releasing; /* of settling: nothing is in flight any more */
	enum store_words what;
	int64_t in_flight;
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
	struct erasing_job *waiting; /* dry ones, by job.item.next */
	bool look;		     /* the store may have one to be done */
	int64_t next_us;
};

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
/* The first that is not done, as far as it came; *one stays NULL where there is
 * none. */
bool erasing_read_next(struct erasing_one **one, struct keeping *keeping,
	struct err *err) must_check;

/* erasing_answer.c */
/* All of one answer; some alerts of others are sent anew. */
bool erasing_erase(struct erasing_one *one, struct keeping *keeping,
	int64_t answer, struct err *err) must_check;
/* Its deliveries once more: adds to one->in_flight. */
bool erasing_settle(struct erasing_one *one, struct keeping *keeping,
	int64_t answer, struct err *err) must_check;
/* By what actions it left. */
bool erasing_tell_left(struct erasing_one *one, struct keeping *keeping,
	int64_t answer, struct err *err) must_check;
bool erasing_holds(const struct erasing_one *one, int64_t answer);

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
