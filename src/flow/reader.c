/* reader - the thread that answers questions from what is stored. */
#include "flow/reader.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/pulse.h"

enum { READER_IDLE_MS = 60 * 1000 };

struct reader {
	struct inbox *in, *out;
	struct store_reader *store; /* the reader thread's */
	pthread_t thread;
	bool threaded;
	atomic_bool stopping;
	atomic_bool broken;
	struct pulse pulse;
};

static void
on_progress(void *context)
{
	pulse_beat(&((struct reader *)context)->pulse, &clock_system);
}

struct reader *
reader_open(const struct store_settings *settings, struct err *err)
{
	struct reader *reader = mem_new(1, sizeof(*reader));
	struct store_settings store = *settings;

	store.on_progress = on_progress;
	store.context = reader;
	on_progress(reader);
	reader->in = inbox_new(READER_QUESTIONS_LIMIT, err);
	reader->out = inbox_new(0, err);
	reader->store = store_reader_open(&store, err);
	if (reader->in != NULL && reader->out != NULL && reader->store != NULL)
		return reader;
	reader_close(reader);
	return NULL;
}

static void
look_for_damage(struct reader *reader)
{
	if (atomic_load(&reader->broken) ||
		!store_reader_is_broken(reader->store))
		return;
	atomic_store(&reader->broken, true);
	log_error("the database is damaged: something in it could not be read; "
		  "go back to a backup (npsd restore)");
}

static void
work(struct reader *reader, struct inbox_item *list)
{
	while (list != NULL) {
		struct question *question = (struct question *)list;

		list = list->next;
		question->ask(question, reader->store);
		look_for_damage(reader);
		inbox_push(reader->out, &question->item);
		on_progress(reader);
	}
}

static void *
reader_thread(void *context)
{
	struct reader *reader = context;

	pthread_setname_np(pthread_self(), "npsd-reader");
	for (;;) {
		struct inbox_item *list =
			inbox_wait(reader->in, READER_IDLE_MS);

		on_progress(reader);
		if (list == NULL && atomic_load(&reader->stopping))
			return NULL;
		work(reader, list);
		if (atomic_load(&reader->stopping))
			inbox_wake(reader->in);
	}
}

bool
reader_start(struct reader *reader, struct err *err)
{
	int failure =
		pthread_create(&reader->thread, NULL, reader_thread, reader);

	reader->threaded = failure == 0;
	if (failure == 0)
		return true;
	return err_set(
		err, "the reader thread cannot start: %s", strerror(failure));
}

void
reader_stop(struct reader *reader)
{
	atomic_store(&reader->stopping, true);
	if (reader->threaded) {
		inbox_wake(reader->in);
		pthread_join(reader->thread, NULL);
		reader->threaded = false;
	}
	reader_collect(reader);
}

void
reader_close(struct reader *reader)
{
	if (reader == NULL)
		return;
	store_reader_close(reader->store);
	inbox_free(reader->in);
	inbox_free(reader->out);
	free(reader);
}

bool
reader_step(struct reader *reader)
{
	struct inbox_item *list = inbox_take(reader->in);
	bool any = list != NULL;

	work(reader, list);
	reader_collect(reader);
	return any;
}

void
reader_wake(struct reader *reader)
{
	inbox_wake(reader->in);
}

int64_t
reader_alive_us(const struct reader *reader)
{
	return pulse_last_us(&reader->pulse);
}

bool
reader_is_broken(const struct reader *reader)
{
	return atomic_load(&reader->broken);
}

int
reader_fd(const struct reader *reader)
{
	return inbox_fd(reader->out);
}

void
reader_collect(struct reader *reader)
{
	struct inbox_item *list = inbox_take(reader->out);

	while (list != NULL) {
		struct question *question = (struct question *)list;

		list = list->next;
		question->answer(question);
	}
}

bool
reader_ask(struct reader *reader, struct question *question)
{
	if (atomic_load(&reader->stopping))
		return false;
	question->item.weight = 1;
	return inbox_offer(reader->in, &question->item);
}
