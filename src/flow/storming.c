/* storming - which alerts are folded into one message. */
#include "flow/storming.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "base/memory.h"

enum {
	STORMING_TELL_US = 1000000, /* one line in that time */
};

bool
storming_look(struct keeping *keeping, struct policy_action *action,
	struct delivery_row *row, struct storming *storming, struct err *err)
{
	const struct storm_terms *terms = &action->settings->storm;

	*storming = (struct storming){.due_ms = row->due_ms};
	if (terms->more_than == 0)
		return true;
	storming->action = action;
	storming->storm.action = row->action;
	storming->storm.recipient = row->recipient;
	if (store_find_storm(keeping->store, &storming->storm, err) ==
		STORE_ERROR)
		return false;
	storming->folds =
		storm_take(&storming->storm.window, terms, keeping->now_ms);
	if (storming->folds) {
		row->state = DELIVERY_FOLDED;
		row->due_ms = 0;
	} else if (storming->storm.window.alerts == 1) {
		storming->storm.message = 0; /* another window's */
	}
	return true;
}

static void
tell(struct keeping *keeping, const struct storming *storming)
{
	char until[TIME_TEXT_BYTES];
	int64_t held;

	if (!log_limit_passes(&keeping->storm_limit, keeping->now_ms * 1000,
		    STORMING_TELL_US, &held))
		return;
	time_to_rfc3339(storming->storm.window.until_ms, until);
	log_notice("action %s: a storm: alerts to one receiver until %s are "
		   "folded into delivery %lld; npsd deliveries --storm %lld "
		   "lists them%s",
		storming->storm.action, until,
		(long long)storming->storm.message,
		(long long)storming->storm.message,
		held > 0 ? " (others before it not shown)" : "");
}

/* Due at the window's end, and not before what it tells would have been. */
static int64_t
due_of(const struct storming *storming)
{
	int64_t until_ms = storming->storm.window.until_ms;

	return storming->due_ms > until_ms ? storming->due_ms : until_ms;
}

/* The key is the window's start, and what makes it another one where that comes
 * once more: a clock was set back, or the message before it was cancelled. */
static bool
put_message(struct keeping *keeping, struct storming *storming,
	const struct delivery_row *first, struct err *err)
{
	struct delivery_row message = {
		.cause = STORM_CAUSE,
		.action = storming->storm.action,
		.recipient = storming->storm.recipient,
		.state = DELIVERY_PENDING,
		.created_ms = keeping->now_ms,
		.due_ms = due_of(storming),
	};
	char *key = mem_printf("%lld %lld %lld",
		(long long)storming->storm.window.since_ms,
		(long long)first->row, (long long)storming->storm.message);
	char id[DELIVERY_ID_BYTES];

	delivery_id(STORM_CAUSE, key, 0, message.action, message.recipient, id);
	free(key);
	message.id = id;
	if (!store_put_delivery(keeping->store, &message, err))
		return false;
	if (message.row == 0)
		return err_set(err, "there is a message of this storm already");
	storming->storm.message = message.row;
	atomic_store(&storming->action->waiting, true);
	tell(keeping, storming);
	return true;
}

static void
count_folded(struct keeping *keeping, const char *action)
{
	json_t *count = json_object_get(keeping->folded, action);

	json_object_set_new(keeping->folded, action,
		json_integer(json_integer_value(count) + 1));
}

static bool
fold(struct keeping *keeping, struct storming *storming,
	const struct delivery_row *row, struct err *err)
{
	struct storm_row *storm = &storming->storm;
	bool begins = storm->window.alerts == 1; /* and so does its message */
	bool good = true;

	if (begins || storm->message == 0 || !storm->message_waits)
		good = put_message(keeping, storming, row, err);
	else if (due_of(storming) > storm->window.until_ms)
		good = store_put_off(
			keeping->store, storm->message, due_of(storming), err);
	count_folded(keeping, storm->action);
	return good &&
	       store_put_folded(keeping->store, row->row, storm->message, err);
}

bool
storming_keep(struct keeping *keeping, struct storming *storming,
	const struct delivery_row *row, struct err *err)
{
	if (storming->action == NULL)
		return true;
	if (storming->folds && !fold(keeping, storming, row, err))
		return false;
	return store_put_storm(keeping->store, &storming->storm, err);
}

bool
storming_left(struct keeping *keeping, int64_t delivery, struct err *err)
{
	int64_t message, left = 1;
	bool changed;

	if (!store_message_of(keeping->store, delivery, &message, err) ||
		(message != 0 && !store_count_folded(
					 keeping->store, message, &left, err)))
		return false;
	return left > 0 ||
	       store_cancel(keeping->store, message, keeping->now_ms,
		       STORMING_EMPTY, &changed, err);
}

/* ---- all that is folded ---- */

struct slice {
	struct folded_row rows[STORMING_SLICE];
	char *rules[STORMING_SLICE];
	int count;
};

static void
on_row(const struct folded_row *folded, void *context)
{
	struct slice *slice = context;

	slice->rules[slice->count] = mem_strdup(folded->rule);
	slice->rows[slice->count] = *folded;
	slice->rows[slice->count].rule = slice->rules[slice->count];
	slice->count++;
}

static bool
each_of_slice(struct keeping *keeping, const struct slice *slice,
	bool (*on_folded)(struct keeping *keeping,
		const struct folded_row *folded, void *context,
		struct err *err),
	void *context, struct err *err)
{
	for (int i = 0; i < slice->count; i++) {
		pulse_beat(keeping->pulse, keeping->clock);
		if (!on_folded(keeping, &slice->rows[i], context, err))
			return false;
	}
	return true;
}

bool
storming_some(struct keeping *keeping, int64_t message, int64_t *after,
	bool (*on_folded)(struct keeping *keeping,
		const struct folded_row *folded, void *context,
		struct err *err),
	void *context, bool *more, struct err *err)
{
	struct slice slice = {.count = 0};
	bool good = store_each_folded(keeping->store, message, *after,
			    STORMING_SLICE, on_row, &slice, err) &&
		    each_of_slice(keeping, &slice, on_folded, context, err);

	*more = slice.count == STORMING_SLICE;
	if (slice.count > 0)
		*after = slice.rows[slice.count - 1].delivery;
	for (int i = 0; i < slice.count; i++)
		free(slice.rules[i]);
	return good;
}

bool
storming_each(struct keeping *keeping, int64_t message,
	bool (*on_folded)(struct keeping *keeping,
		const struct folded_row *folded, void *context,
		struct err *err),
	void *context, struct err *err)
{
	int64_t after = 0;
	bool good, more;

	do {
		good = storming_some(keeping, message, &after, on_folded,
			context, &more, err);
	} while (good && more);
	return good;
}
