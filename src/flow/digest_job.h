/*
 * digest_job - a digest's letters into the queue, and that it was sent, in one
 * transaction: what is put once for a time of its schedule is not put again.
 */
#ifndef NPSD_FLOW_DIGEST_JOB_H
#define NPSD_FLOW_DIGEST_JOB_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "flow/keep.h"

#define DIGEST_CAUSE "digest" /* of the deliveries of one */

/* One mail to some readers. */
struct digest_letter {
	json_t *document; /* what a webhook gets; .digest */
	char *value;	  /* of the segment, or NULL */
	char *subject, *text, *html, *language;
	struct setting_texts to;
};

struct digest_job {
	struct job job; /* first */
	char *name;	/* of the digest */
	char *action;
	int64_t due_ms;
	int64_t read_ms; /* what it tells was read from then on */
	bool by_hand;	 /* an extra one: nothing is kept of it */
	struct digest_letter *letters;
	size_t letter_count;
	int64_t put; /* comes back: letters put */
};
void digest_job_free(struct digest_job *job);

/* The last time that a digest was sent for; 0: never. Store thread. */
bool digest_find_sent(struct store_writer *store, const char *name,
	int64_t *due_ms, struct err *err) must_check;
bool digest_keep_sent(struct store_writer *store, const char *name,
	int64_t due_ms, struct err *err) must_check;
/* Store thread, inside the transaction. */
bool digest_write(struct keeping *keeping, struct digest_job *job,
	struct err *err) must_check;

#endif
