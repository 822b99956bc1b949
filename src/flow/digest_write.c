/* digest_write - puts a digest's letters into the queue. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/text.h"
#include "crypt/digest.h"
#include "flow/digest_job.h"
#include "flow/frozen.h"

/* Beside the places of sources: no source can have this name. */
#define DIGEST_PLACES "digests:"

struct sent {
	const char *name;
	int64_t due_ms;
};

static void
on_place(const char *key, const char *place, void *context)
{
	struct sent *sent = context;

	if (strcmp(key, sent->name) == 0 &&
		!text_to_integer(place, 0, INT64_MAX, &sent->due_ms))
		sent->due_ms = 0;
}

bool
digest_find_sent(struct store_writer *store, const char *name, int64_t *due_ms,
	struct err *err)
{
	struct sent sent = {name, 0};
	bool good =
		store_each_place(store, DIGEST_PLACES, on_place, &sent, err);

	*due_ms = sent.due_ms;
	return good;
}

bool
digest_keep_sent(struct store_writer *store, const char *name, int64_t due_ms,
	struct err *err)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRId64, due_ms);
	return store_put_place(store, DIGEST_PLACES, name, text, err);
}

/* The same digest of the same time about the same value has one key. */
static char *
key_of(const struct digest_job *job, const struct digest_letter *letter)
{
	unsigned char chance[8];
	char extra[2 * sizeof(chance) + 1] = "";
	json_t *parts;
	char *key;

	if (job->by_hand) {
		random_bytes(chance, sizeof(chance));
		digest_hex(chance, sizeof(chance), extra);
	}
	parts = json_pack("[s, I, s, s]", job->name, (json_int_t)job->due_ms,
		letter->value != NULL ? letter->value : "", extra);
	key = json_text(parts);
	json_decref(parts);
	return key;
}

static bool
put_letter(struct keeping *keeping, const struct digest_job *job,
	const struct digest_letter *letter, struct err *err)
{
	struct alert_mail mail = {
		letter->subject, letter->text, letter->html, letter->language};
	char *key = key_of(job, letter);
	struct frozen frozen = {
		.cause = DIGEST_CAUSE,
		.key = key,
		.rule = job->name,
		.language = letter->language,
		.document = letter->document,
		.to = &letter->to,
		.mail = &mail,
	};
	bool good = frozen_put(keeping, &frozen, job->action, err);

	free(key);
	return good;
}

bool
digest_write(struct keeping *keeping, struct digest_job *job, struct err *err)
{
	int64_t sent_ms = 0;

	job->put = 0;
	/* It may quote who is not to be quoted any more. */
	if (keeping->erased_ms >= job->read_ms &&
		keeping->erased_ms <= keeping->now_ms)
		return err_set(err,
			"somebody was forgotten while it was made; it has to "
			"be made anew");
	if (!job->by_hand &&
		!digest_find_sent(keeping->store, job->name, &sent_ms, err))
		return false;
	if (!job->by_hand && sent_ms >= job->due_ms)
		return true;
	for (size_t i = 0; i < job->letter_count; i++) {
		if (!put_letter(keeping, job, &job->letters[i], err))
			return false;
		job->put++;
	}
	return job->by_hand ||
	       digest_keep_sent(keeping->store, job->name, job->due_ms, err);
}

void
digest_job_free(struct digest_job *job)
{
	if (job == NULL)
		return;
	for (size_t i = 0; i < job->letter_count; i++) {
		struct digest_letter *letter = &job->letters[i];

		json_decref(letter->document);
		free(letter->value);
		free(letter->subject);
		free(letter->text);
		free(letter->html);
		free(letter->language);
		setting_texts_done(&letter->to);
	}
	free(job->letters);
	free(job->name);
	free(job->action);
	free(job);
}
