/*
 * smtp_dialogue - the client's side of one SMTP transaction.
 *
 *   stage   MAIL --2xx--> RCPT --2xx--> DATA --354--> (text) SENT --2xx--> over
 *           any 4xx or 5xx ends it where it stands
 *
 * SENT begins when the final dot is handed out for sending: from there a lost
 * connection leaves the outcome unknown.
 */
#include "loop/smtp_dialogue.h"

#include <string.h>
#include <strings.h>

enum {
	CHUNK_BYTES = 16 * 1024,
	REPLIES_LIMIT_BYTES = 64 * 1024, /* all that a server may say */
};

void
smtp_dialogue_init(struct smtp_dialogue *dialogue, const char *from,
	const char *to, const void *text, size_t length)
{
	*dialogue = (struct smtp_dialogue){
		.stage = STAGE_CONNECT,
		.from = from,
		.to = to,
		.text = text,
		.text_length = length,
		.at_line_start = true,
	};
}

void
smtp_dialogue_done(struct smtp_dialogue *dialogue)
{
	buf_done(&dialogue->out);
}

void
smtp_dialogue_overhear_command(
	struct smtp_dialogue *dialogue, const char *line, size_t length)
{
	dialogue->status = 0;
	dialogue->enhanced[0] = '\0';
	if (length > 5 && strncasecmp(line, "AUTH ", 5) == 0)
		dialogue->stage = STAGE_AUTH;
	/* After STARTTLS it is asked anew: what was said before is void. */
	if (length > 5 && strncasecmp(line, "EHLO ", 5) == 0)
		dialogue->has_utf8 = false;
}

/* The code of a reply line, 0 if it is none. *is_last: no line follows. */
static int
reply_code(const char *line, size_t length, bool *is_last)
{
	if (length < 3)
		return 0;
	int code = 0;
	for (int i = 0; i < 3; i++) {
		if (line[i] < '0' || line[i] > '9')
			return 0;
		code = code * 10 + (line[i] - '0');
	}
	char after = length > 3 ? line[3] : ' ';
	*is_last = after != '-';
	bool ends =
		after == '-' || after == ' ' || after == '\r' || after == '\n';
	return ends && code >= 200 && code < 600 ? code : 0;
}

static size_t
digits(const char *text, size_t length, size_t most)
{
	size_t count = 0;
	while (count < length && count < most && text[count] >= '0' &&
		text[count] <= '9')
		count++;
	return count;
}

/* "550 5.1.1 unknown": the three numbers of RFC 3463, if they are there and
 * belong to the code. */
static void
note_enhanced(struct smtp_dialogue *dialogue, const char *line, size_t length)
{
	dialogue->enhanced[0] = '\0';
	if (length < 9 || line[4] != line[0] || line[5] != '.')
		return;
	const char *at = line + 6;
	size_t left = length - 6;
	size_t subject = digits(at, left, 3);
	if (subject == 0 || subject == left || at[subject] != '.')
		return;
	size_t detail = digits(at + subject + 1, left - subject - 1, 3);
	if (detail == 0)
		return;
	size_t all = 2 + subject + 1 + detail;
	memcpy(dialogue->enhanced, line + 4, all);
	dialogue->enhanced[all] = '\0';
}

static bool
is_keyword(const char *line, size_t length, const char *keyword)
{
	size_t end = strlen(keyword);
	return length > 4 && length - 4 >= end &&
	       strncasecmp(line + 4, keyword, end) == 0 &&
	       (length - 4 == end || line[4 + end] == ' ' ||
		       line[4 + end] == '\r' || line[4 + end] == '\n');
}

void
smtp_dialogue_overhear_reply(
	struct smtp_dialogue *dialogue, const char *line, size_t length)
{
	bool is_last = false;
	int code = reply_code(line, length, &is_last);
	if (code == 250 && is_keyword(line, length, "SMTPUTF8"))
		dialogue->has_utf8 = true;
	if (code == 0 || !is_last)
		return;
	dialogue->status = code;
	note_enhanced(dialogue, line, length);
}

static void
end(struct smtp_dialogue *dialogue, int status)
{
	dialogue->is_over = true;
	dialogue->is_garbled = status == 0;
	dialogue->status = status;
	buf_clear(&dialogue->out);
	dialogue->out_sent = 0;
}

static void
say(struct smtp_dialogue *dialogue, enum transfer_stage stage, const char *verb,
	const char *address, const char *parameters)
{
	dialogue->stage = stage;
	dialogue->status = 0;
	buf_printf(&dialogue->out, "%s<%s>%s\r\n", verb, address, parameters);
}

static bool
is_ascii(const char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text >= 0x80)
			return false;
	return true;
}

/* RFC 6531: an address outside ASCII goes only where it is understood; the
 * mail then has it in its headers too. */
void
smtp_dialogue_begin(struct smtp_dialogue *dialogue)
{
	bool plain = is_ascii(dialogue->from) && is_ascii(dialogue->to);
	if (!plain && !dialogue->has_utf8) {
		end(dialogue, 0);
		dialogue->is_garbled = false;
		dialogue->lacks_utf8 = true;
		return;
	}
	say(dialogue, STAGE_MAIL, "MAIL FROM:", dialogue->from,
		plain ? "" : " BODY=8BITMIME SMTPUTF8");
}

/* Appends a piece of the text; a line that starts with a dot gets another. */
static void
tell_more(struct smtp_dialogue *dialogue)
{
	const char *at = dialogue->text + dialogue->text_told;
	size_t left = dialogue->text_length - dialogue->text_told;
	size_t piece = left < CHUNK_BYTES ? left : CHUNK_BYTES;
	const char *stop = at + piece;
	while (at < stop) {
		if (dialogue->at_line_start && *at == '.')
			buf_append_char(&dialogue->out, '.');
		const char *feed = memchr(at, '\n', (size_t)(stop - at));
		const char *next = feed != NULL ? feed + 1 : stop;
		buf_append(&dialogue->out, at, (size_t)(next - at));
		dialogue->at_line_start = feed != NULL;
		at = next;
	}
	dialogue->text_told += piece;
	if (dialogue->text_told < dialogue->text_length)
		return;
	if (!dialogue->at_line_start)
		buf_append_text(&dialogue->out, "\r\n");
	buf_append_text(&dialogue->out, ".\r\n");
	dialogue->is_telling = false;
	dialogue->stage = STAGE_SENT;
	dialogue->status = 0; /* the 354 is no answer to what follows */
}

const char *
smtp_dialogue_output(struct smtp_dialogue *dialogue, size_t *length)
{
	*length = 0;
	if (dialogue->is_over)
		return NULL;
	if (dialogue->out_sent == dialogue->out.length) {
		buf_clear(&dialogue->out);
		dialogue->out_sent = 0;
		if (dialogue->is_telling)
			tell_more(dialogue);
	}
	*length = dialogue->out.length - dialogue->out_sent;
	return *length > 0 ? dialogue->out.data + dialogue->out_sent : NULL;
}

void
smtp_dialogue_sent(struct smtp_dialogue *dialogue, size_t length)
{
	dialogue->out_sent += length;
}

static void
on_good_reply(struct smtp_dialogue *dialogue, int code)
{
	bool is_done = code >= 200 && code < 300;
	bool in_turn = dialogue->out_sent == dialogue->out.length &&
		       !dialogue->is_telling;
	if (in_turn && is_done && dialogue->stage == STAGE_MAIL) {
		say(dialogue, STAGE_RCPT, "RCPT TO:", dialogue->to, "");
	} else if (in_turn && is_done && dialogue->stage == STAGE_RCPT) {
		dialogue->stage = STAGE_DATA;
		dialogue->status = 0;
		buf_append_text(&dialogue->out, "DATA\r\n");
	} else if (in_turn && code == 354 && dialogue->stage == STAGE_DATA) {
		dialogue->status = code;
		dialogue->is_telling = true;
	} else if (in_turn && is_done && dialogue->stage == STAGE_SENT) {
		end(dialogue, code);
	} else {
		end(dialogue, 0); /* an answer to nothing that was asked */
	}
}

static void
refuse(struct smtp_dialogue *dialogue, int code)
{
	note_enhanced(dialogue, dialogue->line, dialogue->line_length);
	end(dialogue, code);
}

static void
on_line(struct smtp_dialogue *dialogue)
{
	bool is_last = false;
	int code = reply_code(dialogue->line, dialogue->line_length, &is_last);
	if (code == 0)
		end(dialogue, 0);
	else if (is_last && code >= 400)
		refuse(dialogue, code);
	else if (is_last)
		on_good_reply(dialogue, code);
}

void
smtp_dialogue_input(
	struct smtp_dialogue *dialogue, const char *data, size_t length)
{
	dialogue->heard_bytes += length;
	for (size_t i = 0; i < length && !dialogue->is_over; i++) {
		if (dialogue->line_length < SMTP_LINE_BYTES)
			dialogue->line[dialogue->line_length++] = data[i];
		if (data[i] != '\n')
			continue;
		on_line(dialogue);
		dialogue->line_length = 0;
	}
	if (!dialogue->is_over && dialogue->heard_bytes > REPLIES_LIMIT_BYTES)
		end(dialogue, 0);
}

bool
smtp_dialogue_is_accepted(const struct smtp_dialogue *dialogue)
{
	return dialogue->is_over && dialogue->stage == STAGE_SENT &&
	       dialogue->status >= 200 && dialogue->status < 300;
}

bool
smtp_dialogue_is_refused(const struct smtp_dialogue *dialogue)
{
	return dialogue->status >= 400;
}

bool
smtp_dialogue_awaits_verdict(const struct smtp_dialogue *dialogue)
{
	return !dialogue->is_over && dialogue->stage == STAGE_SENT &&
	       dialogue->out_sent == dialogue->out.length;
}

bool
smtp_dialogue_may_quit(const struct smtp_dialogue *dialogue)
{
	return dialogue->is_over && !dialogue->is_garbled &&
	       !dialogue->is_telling;
}
