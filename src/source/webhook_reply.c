/* webhook_reply - what the sender of a request hears of its records. */
#include "source/webhook_reply.h"

#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "loop/problem.h"

enum { LATER_S = 5, REPLY_ROOM_BYTES = 160 };

struct counts {
	int accepted, duplicates, late, conflicts, rejected;
	const struct rejection *first; /* of a rejected one */
};

static struct counts
count(const struct batch *batch)
{
	struct counts counts = {0};

	for (size_t i = 0; i < batch->count; i++) {
		const struct record *record = &batch->records[i];

		if (record->settled_rejected) {
			if (counts.rejected++ == 0)
				counts.first = &record->rejection;
			continue;
		}
		switch (record->standing) {
		case STANDING_NEW:
		case STANDING_AMENDS:
			counts.accepted++;
			break;
		case STANDING_DUPLICATE:
			counts.duplicates++;
			break;
		case STANDING_LATE:
			counts.late++;
			break;
		case STANDING_CONFLICT:
			counts.conflicts++;
			break;
		}
	}
	return counts;
}

static void
append_count(struct buf *out, const char *before, int count)
{
	buf_append_text(out, before);
	buf_append_integer(out, count);
}

void
webhook_reply_plain(struct http_request *request, const struct batch *batch)
{
	struct counts counts = count(batch);
	struct buf out = {0};

	append_count(
		&out, "{\"accepted\":", (int)batch->count - counts.rejected);
	buf_append_char(&out, '}');
	http_reply(request, 200, "application/json", out.data, out.length);
	buf_done(&out);
}

static void
append_text_member(struct buf *out, const char *name, const char *text)
{
	buf_printf(out, ",\"%s\":", name);
	json_append_string(out, text, strlen(text));
}

static void
append_item(struct buf *out, size_t index, const struct record *record)
{
	const struct rejection *why = &record->rejection;

	append_count(
		out, index > 0 ? ",{\"index\":" : "{\"index\":", (int)index);
	buf_append_text(out, ",\"status\":\"");
	if (!record->settled_rejected) {
		buf_append_text(out, standing_name(record->standing));
		buf_append_text(out, "\"}");
		return;
	}
	buf_append_text(out, "rejected\",\"reason\":\"");
	buf_append_text(out, rejection_reason_name(why->reason));
	buf_append_char(out, '"');
	if (why->pointer[0] != '\0')
		append_text_member(out, "pointer", why->pointer);
	append_text_member(out, "detail", why->text);
	buf_append_char(out, '}');
}

/* The members that make it a problem (RFC 9457); the others follow. */
static void
append_problem(struct buf *out, const struct rejection *why)
{
	buf_append_text(out, "\"type\":\"urn:npsd:problem:rejected\",\"title\":"
			     "\"No good answer\",\"status\":422");
	append_text_member(out, "detail", why->text);
	if (why->pointer[0] != '\0')
		append_text_member(out, "pointer", why->pointer);
	buf_append_char(out, ',');
}

void
webhook_reply_api(struct http_request *request, const struct batch *batch)
{
	struct counts counts = count(batch);
	bool all_bad =
		counts.rejected > 0 && counts.rejected == (int)batch->count;
	struct buf out = {0};

	buf_reserve(&out, REPLY_ROOM_BYTES);
	buf_append_char(&out, '{');
	if (all_bad)
		append_problem(&out, counts.first);
	append_count(&out, "\"accepted\":", counts.accepted);
	append_count(&out, ",\"duplicates\":", counts.duplicates);
	append_count(&out, ",\"late\":", counts.late);
	append_count(&out, ",\"conflicts\":", counts.conflicts);
	append_count(&out, ",\"rejected\":", counts.rejected);
	buf_append_text(&out, ",\"items\":[");
	for (size_t i = 0; i < batch->count; i++)
		append_item(&out, i, &batch->records[i]);
	buf_append_text(&out, "]}");
	if (all_bad)
		http_reply(request, 422, "application/problem+json", out.data,
			out.length);
	else
		http_reply(request, counts.accepted > 0 ? 202 : 200,
			"application/json", out.data, out.length);
	buf_done(&out);
}

void
webhook_reply_later(struct http_request *request)
{
	http_problem_busy(request, LATER_S,
		"Nothing of this request was kept. Send it again.");
}
