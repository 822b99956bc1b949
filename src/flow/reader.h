/*
 * reader - the thread that answers questions from what is stored: lists,
 * explain, backlog. It has a read-only connection of its own and no snapshot
 * that outlives one question.
 */
#ifndef NPSD_FLOW_READER_H
#define NPSD_FLOW_READER_H

#include <stdbool.h>

#include "base/inbox.h"
#include "store/store.h"

enum { READER_QUESTIONS_LIMIT = 64 }; /* waiting at once */

struct reader;

struct question {
	struct inbox_item item; /* first */
	/* Reader thread. */
	void (*ask)(struct question *question, struct store_reader *store);
	/* Loop thread; takes the question. */
	void (*answer)(struct question *question);
};

struct reader *reader_open(
	const struct store_settings *settings, struct err *err) must_check;
bool reader_start(struct reader *reader, struct err *err) must_check;
void reader_stop(struct reader *reader); /* hands back what waits */
void reader_close(struct reader *reader);
/* Without a thread: answers what waits. False: nothing did. */
bool reader_step(struct reader *reader);
/* Any thread. True once an answer could not be read because of damage. */
bool reader_is_broken(const struct reader *reader);
int reader_fd(const struct reader *reader);
void reader_collect(struct reader *reader);
/* Loop thread. False: too many wait, or it stops. */
bool reader_ask(struct reader *reader, struct question *question) must_check;
/* Any thread. Asks an idle reader thread for a sign of life. */
void reader_wake(struct reader *reader);
/* Any thread. Monotonic time of its last one, by the system's clock. */
int64_t reader_alive_us(const struct reader *reader);

#endif
