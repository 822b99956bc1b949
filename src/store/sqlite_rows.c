/*
 * sqlite_rows - columns to row structs.
 */
#include "store/sqlite_rows.h"

#include <string.h>

/* ---- slots ---- */

size_t
slots_pack(const struct slots *slots, unsigned char bytes[SLOTS_LIMIT_BYTES])
{
	size_t length = 0;

	for (size_t i = 0; i < slots->count; i++) {
		uint64_t id = (uint64_t)slots->ids[i];

		for (; id >= 0x80; id >>= 7)
			bytes[length++] = (unsigned char)(id | 0x80);
		bytes[length++] = (unsigned char)id;
	}
	return length;
}

static void
slots_unpack(const unsigned char *bytes, size_t length, struct slots *slots)
{
	uint64_t id = 0;
	unsigned shift = 0;

	slots->count = 0;
	for (size_t at = 0; at < length; at++) {
		if (slots->count == SLOTS_PER_ANSWER_LIMIT || shift > 63)
			return;
		id |= (uint64_t)(bytes[at] & 0x7f) << shift;
		shift += 7;
		if (bytes[at] & 0x80)
			continue;
		slots->ids[slots->count++] = (int64_t)id;
		id = 0;
		shift = 0;
	}
}

/* ---- answers ---- */

void
read_answer(struct sql_statement *statement, struct answer_row *answer)
{
	size_t length;
	const void *slots = sql_bytes_at(statement, 12, &length);

	*answer = (struct answer_row){
		.row = sql_number_at(statement, 0),
		.kind = (enum response_kind)sql_number_at(statement, 1),
		.survey = sql_text_at(statement, 2),
		.id = sql_text_at(statement, 3),
		.revision = sql_number_at(statement, 4),
		.source = sql_text_at(statement, 5),
		.score = (int)sql_number_at(statement, 6),
		.category = (enum category)sql_number_at(statement, 7),
		.answered_ms = sql_number_at(statement, 8),
		.arrived_ms = sql_number_at(statement, 9),
		.customer = sql_text_at(statement, 10),
		.account = sql_text_at(statement, 11),
		.verdicts = sql_text_at(statement, 13),
		.rules_hash = sql_text_at(statement, 14),
	};
	slots_unpack(slots, length, &answer->slots);
	answer->content = sql_bytes_at(statement, 15, &answer->content_length);
}

void
read_past(struct sql_statement *statement, struct answer_row *answer)
{
	*answer = (struct answer_row){
		.revision = sql_number_at(statement, 0),
		.source = sql_text_at(statement, 1),
		.score = (int)sql_number_at(statement, 2),
		.category = (enum category)sql_number_at(statement, 3),
		.answered_ms = sql_number_at(statement, 4),
		.arrived_ms = sql_number_at(statement, 5),
		.customer = sql_text_at(statement, 6),
		.account = sql_text_at(statement, 7),
		.verdicts = sql_text_at(statement, 8),
		.rules_hash = sql_text_at(statement, 9),
	};
	answer->content = sql_bytes_at(statement, 10, &answer->content_length);
}

void
read_rejected(struct sql_statement *statement, struct rejected_row *rejected,
	const char **reason_name)
{
	*rejected = (struct rejected_row){
		.row = sql_number_at(statement, 0),
		.source = sql_text_at(statement, 1),
		.place = sql_text_at(statement, 2),
		.pointer = sql_text_at(statement, 4),
		.offset = sql_number_at(statement, 5),
		.text = sql_text_at(statement, 6),
		.arrived_ms = sql_number_at(statement, 7),
		.full_length = sql_number_at(statement, 9),
	};
	*reason_name = sql_text_at(statement, 3);
	rejected->bytes = sql_bytes_at(statement, 8, &rejected->length);
}

/* ---- deliveries ---- */

static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

/* Where the text of an id has its dashes. */
static bool
is_dash_at(size_t at)
{
	return at == 8 || at == 13 || at == 18 || at == 23;
}

bool
delivery_id_pack(const char *text, unsigned char bytes[DELIVERY_ID_LENGTH])
{
	size_t nibble = 0;

	for (size_t at = 0; at < DELIVERY_ID_BYTES - 1; at++) {
		if (is_dash_at(at)) {
			if (text[at] != '-')
				return false;
			continue;
		}
		int value = hex_value(text[at]);

		if (value < 0)
			return false;
		unsigned char high = (unsigned char)(value << 4);

		if (nibble % 2 == 0)
			bytes[nibble / 2] = high;
		else
			bytes[nibble / 2] |= (unsigned char)value;
		nibble++;
	}
	return text[DELIVERY_ID_BYTES - 1] == '\0';
}

static void
delivery_id_unpack(
	const unsigned char *bytes, size_t length, char id[DELIVERY_ID_BYTES])
{
	static const char digits[] = "0123456789abcdef";
	size_t nibble = 0;

	id[0] = '\0';
	if (length != DELIVERY_ID_LENGTH)
		return;
	for (size_t at = 0; at < DELIVERY_ID_BYTES - 1; at++) {
		if (is_dash_at(at)) {
			id[at] = '-';
			continue;
		}
		unsigned char byte = bytes[nibble / 2];

		id[at] = digits[nibble % 2 ? byte & 15 : byte >> 4];
		nibble++;
	}
	id[DELIVERY_ID_BYTES - 1] = '\0';
}

void
read_delivery(struct sql_statement *statement, struct delivery_row *delivery,
	char id[DELIVERY_ID_BYTES])
{
	size_t length;
	const void *bytes = sql_bytes_at(statement, 1, &length);

	delivery_id_unpack(bytes, length, id);
	*delivery = (struct delivery_row){
		.row = sql_number_at(statement, 0),
		.id = id,
		.cause = sql_text_at(statement, 2),
		.answer = sql_number_at(statement, 3),
		.rule = sql_text_at(statement, 4),
		.action = sql_text_at(statement, 5),
		.recipient = sql_text_at(statement, 6),
		.state = (enum delivery_state)sql_number_at(statement, 7),
		.was_claimed = sql_number_at(statement, 8) != 0,
		.created_ms = sql_number_at(statement, 9),
		.due_ms = sql_number_at(statement, 10),
		.first_try_ms = sql_number_at(statement, 11),
		.settled_ms = sql_number_at(statement, 12),
		.tries = (int)sql_number_at(statement, 13),
		.status = (int)sql_number_at(statement, 14),
		.reason = sql_text_at(statement, 15),
		.node = sql_text_at(statement, 16),
	};
	if (delivery->state == DELIVERY_CLAIMED) {
		delivery->lease_ms = delivery->due_ms;
		delivery->due_ms = 0;
	}
}

void
read_message(struct sql_statement *statement, struct delivery_row *delivery)
{
	int64_t stands = sql_number_at(statement, DELIVERY_COLUMN_COUNT + 1);

	delivery->message = sql_number_at(statement, DELIVERY_COLUMN_COUNT);
	if (delivery->message == 0)
		return;
	delivery->message_state = (enum delivery_state)(stands / 2);
	if (delivery->state == DELIVERY_FOLDED)
		delivery->was_claimed = stands % 2 != 0;
}

/* ---- follow-ups ---- */

void
read_follow_up(struct sql_statement *statement, struct follow_up *follow_up)
{
	const char *last_act = sql_text_at(statement, 28);
	bool has_due = sql_text_at(statement, 27) != NULL;

	*follow_up = (struct follow_up){
		.row = sql_number_at(statement, 0),
		.scope = sql_text_at(statement, 1),
		.survey = sql_text_at(statement, 2),
		.customer = sql_text_at(statement, 3),
		.account = sql_text_at(statement, 4),
		.answer = sql_number_at(statement, 5),
		.rule = sql_text_at(statement, 6),
		.last_answer = sql_number_at(statement, 7),
		.folds = (int)sql_number_at(statement, 8),
		.state = (enum follow_up_state)sql_number_at(statement, 9),
		.owner = sql_text_at(statement, 10),
		.claimed_ms = sql_number_at(statement, 11),
		.claimed_by = sql_text_at(statement, 12),
		.opened_ms = sql_number_at(statement, 13),
		.clock_ms = sql_number_at(statement, 14),
		.contact_by_ms = sql_number_at(statement, 15),
		.resolve_by_ms = sql_number_at(statement, 16),
		.contacted_ms = sql_number_at(statement, 17),
		.closed_ms = sql_number_at(statement, 18),
		.attempts = (int)sql_number_at(statement, 19),
		.try_again_ms = sql_number_at(statement, 20),
		.reason = sql_text_at(statement, 21),
		.note = sql_text_at(statement, 22),
		.improved = sql_number_at(statement, 23) != 0,
		.tracked_in = sql_text_at(statement, 24),
		.fired = (unsigned)sql_number_at(statement, 25),
		.fires = (int)sql_number_at(statement, 26),
		.next_due_ms =
			has_due ? sql_number_at(statement, 27) : INT64_MAX,
		.last_by = sql_text_at(statement, 29),
		.last_ms = sql_number_at(statement, 30),
	};
	if (!follow_up_act_from_name(last_act, &follow_up->last_act))
		follow_up->last_act = FOLLOW_UP_NOTE;
}

/* ---- silences ---- */

void
read_silence(struct sql_statement *statement, struct silence_row *silence)
{
	*silence = (struct silence_row){
		.row = sql_number_at(statement, 0),
		.rule = sql_text_at(statement, 1),
		.match = sql_text_at(statement, 2),
		.since_ms = sql_number_at(statement, 3),
		.until_ms = sql_number_at(statement, 4),
		.ended_ms = sql_number_at(statement, 5),
		.ended_by = sql_text_at(statement, 6),
		.by = sql_text_at(statement, 7),
		.why = sql_text_at(statement, 8),
		.silenced = sql_number_at(statement, 9),
	};
}

/* ---- erasures ---- */

void
read_erasure(struct sql_statement *statement, struct erasure_row *erasure)
{
	*erasure = (struct erasure_row){
		.row = sql_number_at(statement, 0),
		.asked_ms = sql_number_at(statement, 1),
		.by = sql_text_at(statement, 2),
		.why = sql_text_at(statement, 3),
		.scope = (enum erasure_scope)sql_number_at(statement, 4),
		.mentions = sql_number_at(statement, 5) != 0,
		.phase = (enum erasure_phase)sql_number_at(statement, 6),
		.upto = sql_number_at(statement, 7),
		.report = sql_text_at(statement, 8),
		.ended_ms = sql_number_at(statement, 9),
	};
}
