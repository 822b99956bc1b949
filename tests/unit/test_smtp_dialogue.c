/* The SMTP dialogue without a socket: what is said to which answers. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/memory.h"
#include "loop/smtp_dialogue.h"

TestSuite(smtp_dialogue);

/* Says all it has to say, `step` bytes at a time. */
static void
let_speak(struct smtp_dialogue *dialogue, struct buf *said, size_t step)
{
	size_t length;
	const char *bytes;
	while ((bytes = smtp_dialogue_output(dialogue, &length)) != NULL) {
		size_t piece = length < step ? length : step;
		buf_append(said, bytes, piece);
		smtp_dialogue_sent(dialogue, piece);
	}
}

/* Plays a server whose answers stand one after the other, each ended by a
 * line that goes on with a blank; "" says nothing. */
static void
play(struct smtp_dialogue *dialogue, const char *const *answers,
	struct buf *said)
{
	smtp_dialogue_begin(dialogue);
	let_speak(dialogue, said, 7);
	for (; *answers != NULL && !dialogue->is_over; answers++) {
		smtp_dialogue_input(dialogue, *answers, strlen(*answers));
		let_speak(dialogue, said, 7);
	}
}

#define OPENING "MAIL FROM:<a@x>\r\n"
#define TO OPENING "RCPT TO:<b@y>\r\n"
#define DATA TO "DATA\r\n"
#define ALL DATA "Hi\r\n..\r\n.\r\n"

static const struct row {
	const char *name;
	const char *answers[8];
	enum transfer_stage stage;
	int status;
	bool accepted, refused, garbled, may_quit;
	const char *said;
} rows[] = {
	{"taken", {"250 ok\r\n", "250 ok\r\n", "354 go\r\n", "250 ok\r\n"},
		STAGE_SENT, 250, true, false, false, true, ALL},
	{"in pieces and in many lines",
		{"250-o", "ne\r\n250-two\r", "\n250 three\r\n", "251 fwd\n",
			"354\r\n", "250-x\r\n", "250 y\r\n"},
		STAGE_SENT, 250, true, false, false, true, ALL},
	{"M04 sender refused", {"550 no\r\n"}, STAGE_MAIL, 550, false, true,
		false, true, OPENING},
	{"M02 recipient later", {"250 ok\r\n", "450 later\r\n"}, STAGE_RCPT,
		450, false, true, false, true, TO},
	{"M04 recipient refused", {"250 ok\r\n", "550-no\r\n550 no\r\n"},
		STAGE_RCPT, 550, false, true, false, true, TO},
	{"DATA refused", {"250 ok\r\n", "250 ok\r\n", "554 no\r\n"}, STAGE_DATA,
		554, false, true, false, true, DATA},
	{"M04 mail refused",
		{"250 ok\r\n", "250 ok\r\n", "354 go\r\n", "554 spam\r\n"},
		STAGE_SENT, 554, false, true, false, true, ALL},
	{"M05 nothing after the dot",
		{"250 ok\r\n", "250 ok\r\n", "354 go\r\n"}, STAGE_SENT, 0,
		false, false, false, false, ALL},
	{"M05 half an answer after the dot",
		{"250 ok\r\n", "250 ok\r\n", "354 go\r\n", "250 o"}, STAGE_SENT,
		0, false, false, false, false, ALL},
	{"a 354 after the dot",
		{"250 ok\r\n", "250 ok\r\n", "354 go\r\n", "354 go\r\n"},
		STAGE_SENT, 0, false, false, true, false, ALL},
	{"250 instead of 354", {"250 ok\r\n", "250 ok\r\n", "250 ok\r\n"},
		STAGE_DATA, 0, false, false, true, false, DATA},
	{"answers before the question",
		{"250 ok\r\n250 ok\r\n354 go\r\n250 ok\r\n"}, STAGE_RCPT, 0,
		false, false, true, false, OPENING},
	{"another protocol", {"SSH-2.0-x\r\n"}, STAGE_MAIL, 0, false, false,
		true, false, OPENING},
	{"no code at all", {"\r\n"}, STAGE_MAIL, 0, false, false, true, false,
		OPENING},
	{"a code of four digits", {"2500 ok\r\n"}, STAGE_MAIL, 0, false, false,
		true, false, OPENING},
	{"a code that is none", {"199 hm\r\n"}, STAGE_MAIL, 0, false, false,
		true, false, OPENING},
	{"closing while it is asked", {"250 ok\r\n", "421 bye\r\n"}, STAGE_RCPT,
		421, false, true, false, true, TO},
};

Test(smtp_dialogue, goes_step_by_step)
{
	static const char text[] = "Hi\r\n.\r\n";
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct row *row = &rows[i];
		struct smtp_dialogue dialogue;
		struct buf said = {0};
		smtp_dialogue_init(
			&dialogue, "a@x", "b@y", text, sizeof text - 1);
		play(&dialogue, row->answers, &said);
		cr_expect_eq(dialogue.stage, row->stage, "%s: stage %d",
			row->name, (int)dialogue.stage);
		cr_expect_eq(dialogue.status, row->status, "%s: status %d",
			row->name, dialogue.status);
		cr_expect_eq(smtp_dialogue_is_accepted(&dialogue),
			row->accepted, "%s: accepted", row->name);
		cr_expect_eq(smtp_dialogue_is_refused(&dialogue), row->refused,
			"%s: refused", row->name);
		cr_expect_eq(dialogue.is_garbled, row->garbled, "%s: garbled",
			row->name);
		cr_expect_eq(smtp_dialogue_may_quit(&dialogue), row->may_quit,
			"%s: quit", row->name);
		cr_expect_str_eq(said.data, row->said, "%s", row->name);
		buf_done(&said);
		smtp_dialogue_done(&dialogue);
	}
}

static const char *const willing[] = {
	"250 ok\r\n", "250 ok\r\n", "354 go\r\n", "250 ok\r\n", NULL};

Test(smtp_dialogue, stuffs_dots_and_ends_the_last_line)
{
	static const struct {
		const char *text;
		const char *told;
	} texts[] = {
		{"", ".\r\n"},
		{"x", "x\r\n.\r\n"},
		{".", "..\r\n.\r\n"},
		{"..\r\n", "...\r\n.\r\n"},
		{"a.b\r\n.\r\n.c\r\n", "a.b\r\n..\r\n..c\r\n.\r\n"},
		{"a\r\n\r\n.", "a\r\n\r\n..\r\n.\r\n"},
	};
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct smtp_dialogue dialogue;
		struct buf said = {0};
		smtp_dialogue_init(&dialogue, "", "b@y", texts[i].text,
			strlen(texts[i].text));
		play(&dialogue, willing, &said);
		cr_expect_not_null(strstr(said.data, "MAIL FROM:<>\r\n"),
			"no return path");
		cr_expect_str_eq(strstr(said.data, "DATA\r\n") + 6,
			texts[i].told, "row %zu", i);
		buf_done(&said);
		smtp_dialogue_done(&dialogue);
	}
}

/* A text longer than a piece, with dots wherever pieces may end. */
Test(smtp_dialogue, tells_a_long_text_whole)
{
	enum { LINES = 20000 };
	struct buf text = {0}, expected = {0}, said = {0};
	struct smtp_dialogue dialogue;
	for (int i = 0; i < LINES; i++) {
		buf_append_text(&text, i % 3 == 0 ? ".\r\n" : "line\r\n");
		buf_append_text(&expected, i % 3 == 0 ? "..\r\n" : "line\r\n");
	}
	buf_append_text(&expected, ".\r\n");
	smtp_dialogue_init(&dialogue, "a@x", "b@y", text.data, text.length);
	play(&dialogue, willing, &said);
	cr_assert(smtp_dialogue_is_accepted(&dialogue), "taken");
	cr_assert_str_eq(strstr(said.data, "DATA\r\n") + 6, expected.data,
		"byte for byte");
	smtp_dialogue_done(&dialogue);
	buf_done(&text);
	buf_done(&expected);
	buf_done(&said);
}

Test(smtp_dialogue, hears_a_refusal_in_the_middle_of_the_text)
{
	struct smtp_dialogue dialogue;
	size_t length;
	struct buf said = {0};
	char *text = mem_new(100000, 1);
	memset(text, 'x', 100000);
	smtp_dialogue_init(&dialogue, "a@x", "b@y", text, 100000);
	const char *const opening[] = {"250 ok\r\n", "250 ok\r\n", NULL};
	play(&dialogue, opening, &said);
	smtp_dialogue_input(&dialogue, "354 go\r\n", 8);
	cr_assert_not_null(smtp_dialogue_output(&dialogue, &length), "a piece");
	smtp_dialogue_sent(&dialogue, 10);
	smtp_dialogue_input(&dialogue, "552 too long\r\n", 14);
	cr_expect(smtp_dialogue_is_refused(&dialogue), "refused");
	cr_expect_eq(dialogue.status, 552, "status");
	cr_expect_eq(dialogue.stage, STAGE_DATA, "the dot never went");
	cr_expect_not(smtp_dialogue_may_quit(&dialogue),
		"a QUIT would be part of the mail");
	cr_expect_null(smtp_dialogue_output(&dialogue, &length), "silence");
	smtp_dialogue_done(&dialogue);
	buf_done(&said);
	free(text);
}

Test(smtp_dialogue, is_not_talked_to_death)
{
	static const char line[] = "250-and another thing\r\n";
	struct smtp_dialogue dialogue;
	smtp_dialogue_init(&dialogue, "a@x", "b@y", "", 0);
	smtp_dialogue_begin(&dialogue);
	for (int i = 0; i < 10000 && !dialogue.is_over; i++)
		smtp_dialogue_input(&dialogue, line, sizeof line - 1);
	cr_expect(dialogue.is_garbled, "it has heard enough");
	smtp_dialogue_done(&dialogue);
}

/* FAULTS M13: an address outside ASCII only goes to a server that takes it; and
 * what was said before TLS does not count. */
Test(smtp_dialogue, asks_for_smtputf8_M13)
{
	static const struct {
		const char *name;
		const char *from, *to;
		const char *heard[5]; /* "" is a new EHLO */
		const char *said;     /* NULL: nothing, it is over */
	} cases[] = {
		{"ASCII", "a@x", "b@y", {"250 h\r\n"}, "MAIL FROM:<a@x>\r\n"},
		{"ASCII, offered", "a@x", "b@y", {"250 SMTPUTF8\r\n"},
			"MAIL FROM:<a@x>\r\n"},
		{"offered", "a@x", "\xC3\xA4@y",
			{"250-h\r\n", "250-SMTPUTF8\r\n", "250 SIZE\r\n"},
			"MAIL FROM:<a@x> BODY=8BITMIME SMTPUTF8\r\n"},
		{"offered in small letters, last", "\xC3\xA4@x", "b@y",
			{"250-h\r\n", "250 smtputf8\r\n"},
			"MAIL FROM:<\xC3\xA4@x> BODY=8BITMIME SMTPUTF8\r\n"},
		{"not offered", "a@x", "\xC3\xA4@y", {"250 h\r\n"}, NULL},
		{"another word", "a@x", "\xC3\xA4@y",
			{"250-SMTPUTF80\r\n", "250 XSMTPUTF8\r\n"}, NULL},
		{"as a refusal", "a@x", "\xC3\xA4@y", {"550 SMTPUTF8\r\n"},
			NULL},
		{"before TLS only", "a@x", "\xC3\xA4@y",
			{"250 SMTPUTF8\r\n", "", "250 h\r\n"}, NULL},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct smtp_dialogue dialogue;
		size_t length = 0;
		smtp_dialogue_init(
			&dialogue, cases[i].from, cases[i].to, "", 0);
		smtp_dialogue_overhear_command(&dialogue, "EHLO h\r\n", 8);
		for (const char *const *heard = cases[i].heard; *heard != NULL;
			heard++) {
			if (**heard == '\0')
				smtp_dialogue_overhear_command(
					&dialogue, "EHLO h\r\n", 8);
			else
				smtp_dialogue_overhear_reply(
					&dialogue, *heard, strlen(*heard));
		}
		smtp_dialogue_begin(&dialogue);
		const char *said = smtp_dialogue_output(&dialogue, &length);
		cr_expect_eq(dialogue.lacks_utf8, cases[i].said == NULL, "%s",
			cases[i].name);
		cr_expect_eq(dialogue.is_over, cases[i].said == NULL, "%s",
			cases[i].name);
		if (cases[i].said == NULL)
			cr_expect_null(said, "%s: %s", cases[i].name, said);
		else
			cr_expect_str_eq(
				said, cases[i].said, "%s", cases[i].name);
		cr_expect_not(
			smtp_dialogue_is_refused(&dialogue), "not by a code");
		smtp_dialogue_done(&dialogue);
	}
}

/* RFC 3463, with or without sense behind the code. */
Test(smtp_dialogue, reads_enhanced_codes_M03)
{
	static const struct {
		const char *reply, *enhanced;
	} cases[] = {
		{"552 5.5.3 too many\r\n", "5.5.3"},
		{"452 4.2.2 full\r\n", "4.2.2"},
		{"550 5.1.10\r\n", "5.1.10"},
		{"550 5.123.999\r\n", "5.123.999"},
		{"550-5.1.1 no\r\n550 5.1.2 no\r\n", "5.1.2"},
		{"552 too many\r\n", ""},
		{"552\r\n", ""},
		{"552 4.5.3 of another class\r\n", ""},
		{"552 5.5 three\r\n", ""},
		{"552 5..3\r\n", ""},
		{"552 5.5.\r\n", ""},
		{"552 5.\r\n", ""},
		{"552 5.1234.1\r\n", ""},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct smtp_dialogue dialogue;
		smtp_dialogue_init(&dialogue, "a@x", "b@y", "", 0);
		smtp_dialogue_begin(&dialogue);
		smtp_dialogue_input(
			&dialogue, cases[i].reply, strlen(cases[i].reply));
		cr_expect_str_eq(dialogue.enhanced, cases[i].enhanced, "%s: %s",
			cases[i].reply, dialogue.enhanced);
		smtp_dialogue_done(&dialogue);
	}
}

Test(smtp_dialogue, overhears_what_came_before)
{
	struct smtp_dialogue dialogue;
	smtp_dialogue_init(&dialogue, "a@x", "b@y", "", 0);
	smtp_dialogue_overhear_reply(&dialogue, "554 go away\r\n", 13);
	cr_expect_eq(dialogue.status, 554, "the greeting");
	smtp_dialogue_overhear_command(&dialogue, "EHLO h\r\n", 8);
	cr_expect_eq(dialogue.status, 0, "a command waits for its own answer");
	smtp_dialogue_overhear_reply(&dialogue, "250-h\r\n", 7);
	cr_expect_eq(dialogue.status, 0, "an unfinished answer is none");
	smtp_dialogue_overhear_reply(&dialogue, "250 x\r\n", 7);
	cr_expect_eq(dialogue.status, 250, "a finished one is");
	cr_expect_eq(dialogue.stage, STAGE_CONNECT, "no log-in so far");
	smtp_dialogue_overhear_command(&dialogue, "AUTH PLAIN\r\n", 12);
	smtp_dialogue_overhear_command(&dialogue, "c2VjcmV0\r\n", 10);
	smtp_dialogue_overhear_reply(&dialogue, "535 no\r\n", 8);
	cr_expect_eq(dialogue.stage, STAGE_AUTH, "log-in");
	cr_expect(smtp_dialogue_is_refused(&dialogue), "refused");
	smtp_dialogue_done(&dialogue);
}
