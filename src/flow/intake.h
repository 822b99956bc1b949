/*
 * intake - from a source's bytes to the keeper, and back to the source.
 *
 * Decodes each record of a batch on the loop's thread, hands the answers to the
 * keeper and, when they are committed, counts what became of them and settles
 * the batch.
 */
#ifndef NPSD_FLOW_INTAKE_H
#define NPSD_FLOW_INTAKE_H

#include <jansson.h>
#include <stdbool.h>

#include "base/metrics.h"
#include "base/time.h"
#include "flow/dispatch.h"
#include "flow/keeper.h"
#include "flow/tap.h"
#include "source/source.h"

struct intake;

struct intake_settings {
	struct keeper *keeper;
	struct dispatch *dispatch;
	struct tap *tap; /* NULL: nobody ever listens */
	struct loop *loop;
	const struct clock *clock;
	struct metrics *metrics;
	bool contact_default;
	/* A source that was closed is gone. */
	void (*on_closed)(void *context, struct source *source);
	/* The open source of that name; may be NULL. */
	const struct source *(*find)(void *context, const char *source);
	void *context;
};

struct intake *intake_new(const struct intake_settings *settings);
void intake_set_contact_default(struct intake *intake, bool contact_ok);
/* A place that the store keeps of a source, for its open(); forgotten by
 * intake_forget_places. */
void intake_add_place(struct intake *intake, const char *source,
	const char *key, const char *place);
void intake_forget_places(struct intake *intake);
/* What sources are opened with; context is the intake. */
const struct source_host *intake_host(const struct intake *intake);
/* Takes no more batches: offers are refused (the daemon stops). */
void intake_drain(struct intake *intake);
/* Sources that wait for room are told (after jobs came back). */
void intake_room(struct intake *intake);
/* A source of that name was opened: it is in intake_state until it is closed. */
void intake_source_opened(struct intake *intake, const char *name);
/* Closes a source: it waits for room no more, what it offered is settled. */
void intake_close_source(struct intake *intake, struct source *source);
/* [{"source","healthy","reason","behind_bytes","rejected","last_response"}]:
 * rejected counts records since the start, last_response is when the last one
 * that was not rejected came. New. */
json_t *intake_state(const struct intake *intake);
/* Batches handed over and not settled yet. */
size_t intake_under_way(const struct intake *intake);
void intake_free(struct intake *intake);

#endif
