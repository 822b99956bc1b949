/* import_reply - what `npsd import` hears of the piece that it sent. */
#include "source/import_reply.h"

#include <string.h>

#include "base/buf.h"
#include "base/json.h"

enum { DRAWING_WIDTH = 76 };

static void
append_text(struct buf *out, const char *name, const char *text, size_t length)
{
	buf_printf(out, ",\"%s\":", name);
	json_append_string(out, text, length);
}

static void
append_rejected(
	struct buf *out, const struct batch *batch, const struct record *record)
{
	const struct rejection *why = &record->rejection;
	bool is_raw = record->raw_length > 0;
	struct buf drawing = {0};

	buf_printf(out,
		"{\"line\":%lld,\"status\":\"rejected\",\"reason\":\"%s\","
		"\"row\":%lld",
		(long long)record->line, rejection_reason_name(why->reason),
		(long long)record->row);
	if (why->pointer[0] != '\0')
		append_text(out, "pointer", why->pointer, strlen(why->pointer));
	append_text(out, "detail", why->text, strlen(why->text));
	rejection_draw(why,
		batch->bytes.data +
			(is_raw ? record->raw_offset : record->offset),
		is_raw ? record->raw_length : record->length, DRAWING_WIDTH,
		&drawing);
	append_text(out, "drawing", drawing.data, drawing.length);
	buf_append_char(out, '}');
	buf_done(&drawing);
}

static void
append_conflict(struct buf *out, const struct record *record)
{
	buf_printf(out, "{\"line\":%lld,\"status\":\"conflict\",\"row\":%lld}",
		(long long)record->line, (long long)record->row);
}

static void
append_items(struct buf *out, const struct batch *batch)
{
	bool first = true;

	buf_append_text(out, "\"items\":[");
	for (size_t i = 0; i < batch->count; i++) {
		const struct record *record = &batch->records[i];
		bool is_conflict = !record->settled_rejected &&
				   record->standing == STANDING_CONFLICT;

		if (!record->settled_rejected && !is_conflict)
			continue;
		if (!first)
			buf_append_char(out, ',');
		first = false;
		if (is_conflict)
			append_conflict(out, record);
		else
			append_rejected(out, batch, record);
	}
	buf_append_char(out, ']');
}

static void
append_counts(struct buf *out, const struct batch *batch)
{
	static const char *const names[] = {
		[STANDING_NEW] = "accepted",
		[STANDING_AMENDS] = "amended",
		[STANDING_DUPLICATE] = "duplicates",
		[STANDING_LATE] = "late",
		[STANDING_CONFLICT] = "conflicts",
	};
	enum { NAMES = sizeof(names) / sizeof(names[0]) };
	size_t counts[NAMES] = {0}, rejected = 0;

	for (size_t i = 0; i < batch->count; i++) {
		const struct record *record = &batch->records[i];

		if (record->settled_rejected)
			rejected++;
		else
			counts[record->standing]++;
	}
	for (size_t i = 0; i < NAMES; i++)
		buf_printf(out, "\"%s\":%zu,", names[i], counts[i]);
	buf_printf(out, "\"rejected\":%zu,", rejected);
}

void
import_reply(struct http_request *request, const struct batch *batch,
	const struct import_body *body)
{
	struct buf out = {0};

	buf_printf(&out,
		"{\"used\":%zu,\"lines\":%lld,\"head\":%zu,\"skip\":%s,"
		"\"ended\":%s,",
		body->used, (long long)body->lines, body->next_head,
		body->next_skip ? "true" : "false",
		body->ended ? "true" : "false");
	if (body->delimiter != '\0') {
		buf_append_text(&out, "\"delimiter\":");
		json_append_string(&out, &body->delimiter, 1);
		buf_append_char(&out, ',');
	}
	append_counts(&out, batch);
	append_items(&out, batch);
	buf_append_char(&out, '}');
	http_reply(request, 200, "application/json", out.data, out.length);
	buf_done(&out);
}
