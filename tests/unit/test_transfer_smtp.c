/* Mail over scripted SMTP servers: M01, M02, M04, M05, M06, M08, M09. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "loop/transfer.h"
#include "scripted_peer.h"

TestSuite(transfer_smtp, .timeout = 60);

enum { TURNS_LIMIT = 4000, SHORT_MS = 200, LONG_MS = 20000 };

static const char mail[] = "Subject: x\r\n\r\nHello\r\n.\r\nend\r\n";

#define EHLO "250-h\r\n250-AUTH PLAIN LOGIN\r\n250 SIZE 1000000\r\n"
#define EHLO_TLS "250-h\r\n250 STARTTLS\r\n"
#define OK "250 ok\r\n"
#define GO "354 go\r\n"

static const struct row {
	const char *name;
	/* the greeting, then an answer to each line, and to the dot; NULL
	 * closes */
	const char *answers[9];
	enum transfer_tls tls;
	const char *password;
	enum transfer_end end;
	int status;
	enum transfer_stage stage;
	const char *reason; /* must hold this */
} rows[] = {
	{"M03 552 at RCPT", {"220 h\r\n", EHLO, OK, "552 5.2.2 full\r\n"},
		TRANSFER_TLS_OFF, NULL, TRANSFER_REFUSED, 552, STAGE_RCPT,
		"refused the recipient with 552 5.2.2"},
	{"taken", {"220 h\r\n", EHLO, OK, OK, GO, OK, "221 bye\r\n"},
		TRANSFER_TLS_OFF, NULL, TRANSFER_ANSWERED, 250, STAGE_SENT,
		"answered 250"},
	{"TLS where it is offered", {"220 h\r\n", EHLO, OK, OK, GO, OK},
		TRANSFER_TLS_OPTIONAL, NULL, TRANSFER_ANSWERED, 250, STAGE_SENT,
		""},
	{"logged in",
		{"220 h\r\n", EHLO, "334 \r\n", "235 in\r\n", OK, OK, GO, OK},
		TRANSFER_TLS_OFF, "secret", TRANSFER_ANSWERED, 250, STAGE_SENT,
		""},
	{"M09 log-in refused", {"220 h\r\n", EHLO, "334 \r\n", "535 no\r\n"},
		TRANSFER_TLS_OFF, "secret", TRANSFER_REFUSED, 535, STAGE_AUTH,
		"refused the log-in with 535"},
	{"M09 log-in later", {"220 h\r\n", EHLO, "454 later\r\n"},
		TRANSFER_TLS_OFF, "secret", TRANSFER_REFUSED, 454, STAGE_AUTH,
		"454"},
	{"M01 greeted with 554", {"554 go away\r\n"}, TRANSFER_TLS_OFF, NULL,
		TRANSFER_REFUSED, 554, STAGE_CONNECT,
		"refused the connection with 554"},
	{"M01 greeted with 421", {"421 busy\r\n"}, TRANSFER_TLS_OFF, NULL,
		TRANSFER_REFUSED, 421, STAGE_CONNECT, ""},
	{"M01 wrong protocol", {"SSH-2.0-x\r\n"}, TRANSFER_TLS_OFF, NULL,
		TRANSFER_NETWORK, 0, STAGE_CONNECT, ""},
	{"M01 closed at once", {NULL}, TRANSFER_TLS_OFF, NULL, TRANSFER_NETWORK,
		0, STAGE_CONNECT, "lost the connection"},
	{"EHLO refused, HELO taken",
		{"220 h\r\n", "502 what\r\n", OK, OK, OK, GO, OK},
		TRANSFER_TLS_OFF, NULL, TRANSFER_ANSWERED, 250, STAGE_SENT, ""},
	{"EHLO and HELO refused", {"220 h\r\n", "502 what\r\n", "550 no\r\n"},
		TRANSFER_TLS_OFF, NULL, TRANSFER_REFUSED, 550, STAGE_CONNECT,
		""},
	{"M02 450 at MAIL", {"220 h\r\n", EHLO, "450 later\r\n"},
		TRANSFER_TLS_OFF, NULL, TRANSFER_REFUSED, 450, STAGE_MAIL,
		"refused the sender with 450"},
	{"M02 450 at RCPT", {"220 h\r\n", EHLO, OK, "450 later\r\n"},
		TRANSFER_TLS_OFF, NULL, TRANSFER_REFUSED, 450, STAGE_RCPT,
		"refused the recipient with 450"},
	{"M04 550 at RCPT",
		{"220 h\r\n", EHLO, OK, "550 <secret@x> unknown\r\n"},
		TRANSFER_TLS_OFF, NULL, TRANSFER_REFUSED, 550, STAGE_RCPT, ""},
	{"M04 554 at DATA", {"220 h\r\n", EHLO, OK, OK, "554 no\r\n"},
		TRANSFER_TLS_OFF, NULL, TRANSFER_REFUSED, 554, STAGE_DATA, ""},
	{"M04 554 at the dot", {"220 h\r\n", EHLO, OK, OK, GO, "554 spam\r\n"},
		TRANSFER_TLS_OFF, NULL, TRANSFER_REFUSED, 554, STAGE_SENT,
		"refused the mail with 554"},
	{"closed at RCPT", {"220 h\r\n", EHLO, OK, NULL}, TRANSFER_TLS_OFF,
		NULL, TRANSFER_NETWORK, 0, STAGE_RCPT, ""},
	{"M05 closed after the dot", {"220 h\r\n", EHLO, OK, OK, GO, NULL},
		TRANSFER_TLS_OFF, NULL, TRANSFER_UNKNOWN, 0, STAGE_SENT,
		"after the mail was sent"},
	{"M06 half an answer to the dot",
		{"220 h\r\n", EHLO, OK, OK, GO, "250", NULL}, TRANSFER_TLS_OFF,
		NULL, TRANSFER_UNKNOWN, 0, STAGE_SENT, ""},
	{"M05 no answer to the dot", {"220 h\r\n", EHLO, OK, OK, GO, ""},
		TRANSFER_TLS_OFF, NULL, TRANSFER_UNKNOWN, 0, STAGE_SENT,
		"did not answer within"},
	{"no answer to EHLO", {"220 h\r\n", ""}, TRANSFER_TLS_OFF, NULL,
		TRANSFER_NETWORK, 0, STAGE_CONNECT, "did not answer within"},
	{"no answer to MAIL", {"220 h\r\n", EHLO, ""}, TRANSFER_TLS_OFF, NULL,
		TRANSFER_NETWORK, 0, STAGE_MAIL, "did not answer within"},
	{"M08 STARTTLS absent", {"220 h\r\n", EHLO}, TRANSFER_TLS_REQUIRED,
		"secret", TRANSFER_TLS, 0, STAGE_CONNECT, "STARTTLS"},
	{"M08 EHLO refused, so no TLS", {"220 h\r\n", "502 what\r\n"},
		TRANSFER_TLS_REQUIRED, "secret", TRANSFER_REFUSED, 502,
		STAGE_CONNECT, ""},
	{"M08 STARTTLS refused", {"220 h\r\n", EHLO_TLS, "454 not now\r\n"},
		TRANSFER_TLS_REQUIRED, "secret", TRANSFER_TLS, 454,
		STAGE_CONNECT, ""},
	{"M08 no TLS after STARTTLS",
		{"220 h\r\n", EHLO_TLS, "220 go\r\n", "!nonsense\r\n"},
		TRANSFER_TLS_REQUIRED, "secret", TRANSFER_TLS, 0, STAGE_CONNECT,
		""},
	{"M08 answers put in before TLS",
		{"220 h\r\n", EHLO_TLS, "220 go\r\n" EHLO OK OK GO OK},
		TRANSFER_TLS_REQUIRED, "secret", TRANSFER_NETWORK, 0,
		STAGE_CONNECT, ""},
};

struct desk {
	struct loop *loop;
	struct transfer_pool *pool;
	struct transfer_result result;
	int done;
};

static void
open_desk(struct desk *desk)
{
	struct err err = {""};
	*desk = (struct desk){0};
	desk->loop = loop_new(&err);
	cr_assert_not_null(desk->loop, "%s", err.text);
	desk->pool = transfer_pool_new(desk->loop, 4, &err);
	cr_assert_not_null(desk->pool, "%s", err.text);
}

static void
close_desk(struct desk *desk)
{
	transfer_pool_free(desk->pool);
	loop_free(desk->loop);
}

static void
on_done(const struct transfer_result *result, void *context)
{
	struct desk *desk = context;
	desk->done++;
	desk->result = *result;
}

static void
run(struct desk *desk, const struct transfer_request *request)
{
	struct err err = {""};
	int wanted = desk->done + 1;
	cr_assert_not_null(
		transfer_start(desk->pool, request, on_done, desk, &err), "%s",
		err.text);
	for (int i = 0; i < TURNS_LIMIT && desk->done < wanted; i++)
		loop_step(desk->loop, 10);
	cr_assert_eq(desk->done, wanted, "it ended");
}

static bool
is_silent(const struct row *row)
{
	for (size_t i = 0; i < sizeof row->answers / sizeof *row->answers; i++)
		if (row->answers[i] != NULL && row->answers[i][0] == '\0')
			return true;
	return false;
}

static void
expect_row(struct desk *desk, const struct row *row, const struct peer *peer)
{
	const struct transfer_result *result = &desk->result;
	cr_expect_eq(result->end, row->end, "%s: end %d, %s", row->name,
		(int)result->end, result->reason);
	cr_expect_eq(result->status, row->status, "%s: status %d", row->name,
		result->status);
	cr_expect_eq(result->stage, row->stage, "%s: stage %d", row->name,
		(int)result->stage);
	cr_expect_not_null(strstr(result->reason, row->reason), "%s: %s",
		row->name, result->reason);
	cr_expect_null(strstr(result->reason, "secret"), "%s: %s", row->name,
		result->reason);
	cr_expect_eq(result->retry_after_ms, -1, "%s: none", row->name);
	if (row->tls == TRANSFER_TLS_REQUIRED) {
		cr_expect_null(strstr(peer->heard, "AUTH"),
			"%s: no password in clear", row->name);
		cr_expect_null(strstr(peer->heard, "MAIL"),
			"%s: no mail in clear", row->name);
	}
	if (row->end == TRANSFER_ANSWERED)
		cr_expect_not_null(
			strstr(peer->heard,
				"MAIL FROM:<nps@x>\r\nRCPT TO:<secret@x>\r\n"
				"DATA\r\nSubject: x\r\n\r\nHello\r\n..\r\n"
				"end\r\n.\r\n"),
			"%s: %s", row->name, peer->heard);
}

Test(transfer_smtp, is_judged_by_the_servers_codes)
{
	struct desk desk;
	open_desk(&desk);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct row *row = &rows[i];
		struct peer peer;
		char url[64];
		peer_start_smtp(&peer, row->answers,
			sizeof row->answers / sizeof *row->answers);
		snprintf(url, sizeof url, "smtp://127.0.0.1:%d", peer.port);
		run(&desk, &(struct transfer_request){
				   .url = url,
				   .body = mail,
				   .body_length = sizeof mail - 1,
				   .user = row->password ? "user" : NULL,
				   .password = row->password,
				   .mail_from = "nps@x",
				   .mail_to = "secret@x",
				   .tls = row->tls,
				   .timeout_ms =
					   is_silent(row) ? SHORT_MS : LONG_MS,
				   .dot_timeout_ms = SHORT_MS,
			   });
		peer_stop(&peer);
		expect_row(&desk, row, &peer);
	}
	close_desk(&desk);
}

/* Each has its own: before the dot one, from there on the other. */
Test(transfer_smtp, waits_longer_for_the_answer_to_the_dot_M05)
{
	static const char *const after[] = {"220 h\r\n", EHLO, OK, OK, GO, ""};
	static const char *const before[] = {"220 h\r\n", EHLO, OK, OK, ""};
	static const struct {
		const char *const *answers;
		size_t count;
		int64_t timeout_ms, dot_timeout_ms;
		enum transfer_end end;
		const char *reason;
		int64_t least_us;
	} cases[] = {
		{after, 6, SHORT_MS, 3 * SHORT_MS, TRANSFER_UNKNOWN,
			"within 0.6 s after the mail was sent",
			3 * SHORT_MS * 1000},
		{after, 6, LONG_MS, SHORT_MS, TRANSFER_UNKNOWN, "within 0.2 s",
			SHORT_MS * 1000},
		{before, 5, SHORT_MS, LONG_MS, TRANSFER_NETWORK, "within 0.2 s",
			SHORT_MS * 1000},
	};
	struct desk desk;
	open_desk(&desk);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct peer peer;
		char url[64];
		peer_start_smtp(&peer, cases[i].answers, cases[i].count);
		snprintf(url, sizeof url, "smtp://127.0.0.1:%d", peer.port);
		run(&desk, &(struct transfer_request){
				   .url = url,
				   .body = mail,
				   .body_length = sizeof mail - 1,
				   .mail_to = "a@x",
				   .tls = TRANSFER_TLS_OFF,
				   .timeout_ms = cases[i].timeout_ms,
				   .dot_timeout_ms = cases[i].dot_timeout_ms,
			   });
		peer_stop(&peer);
		cr_expect_eq(desk.result.end, cases[i].end, "%s",
			desk.result.reason);
		cr_expect_not_null(strstr(desk.result.reason, cases[i].reason),
			"%s", desk.result.reason);
		/* Timers count whole milliseconds. */
		cr_expect_geq(desk.result.elapsed_us, cases[i].least_us - 1000,
			"case %zu: %ld us", i, (long)desk.result.elapsed_us);
	}
	close_desk(&desk);
}

#define EHLO_UTF8 "250-h\r\n250 SMTPUTF8\r\n"

/* FAULTS M13 on the wire. */
Test(transfer_smtp, sends_other_scripts_only_where_they_are_taken_M13)
{
	static const char *const with[] = {
		"220 h\r\n", EHLO_UTF8, OK, OK, GO, OK};
	static const char *const without[] = {"220 h\r\n", EHLO, "221 bye\r\n"};
	struct desk desk;
	open_desk(&desk);
	for (int i = 0; i < 2; i++) {
		struct peer peer;
		char url[64];
		peer_start_smtp(&peer, i == 0 ? with : without, i == 0 ? 6 : 3);
		snprintf(url, sizeof url, "smtp://127.0.0.1:%d", peer.port);
		run(&desk, &(struct transfer_request){
				   .url = url,
				   .body = mail,
				   .body_length = sizeof mail - 1,
				   .mail_from = "nps@x",
				   .mail_to = "j\xC3\xA4n@x",
				   .tls = TRANSFER_TLS_OFF,
				   .timeout_ms = LONG_MS,
			   });
		peer_stop(&peer);
		cr_expect_eq(desk.result.end,
			i == 0 ? TRANSFER_ANSWERED : TRANSFER_MISUSED, "%s",
			desk.result.reason);
		if (i == 0)
			cr_expect_not_null(
				strstr(peer.heard,
					"MAIL FROM:<nps@x> "
					"BODY=8BITMIME SMTPUTF8\r\n"
					"RCPT TO:<j\xC3\xA4n@x>\r\n"),
				"%s", peer.heard);
		else
			cr_expect_null(
				strstr(peer.heard, "MAIL"), "%s", peer.heard);
	}
	cr_expect_not_null(strstr(desk.result.reason, "SMTPUTF8"), "%s",
		desk.result.reason);
	cr_expect_null(strstr(desk.result.reason, "@"), "no address in %s",
		desk.result.reason);
	close_desk(&desk);
}

/* A server that is slow to answer, also to the dot and to QUIT, keeps nobody
 * else waiting. */
Test(transfer_smtp, never_holds_the_loop)
{
	static const char *const answers[] = {
		"220 h\r\n", EHLO, OK, OK, GO, ""};
	struct desk desk;
	struct peer peer;
	struct err err = {""};
	char url[64];
	open_desk(&desk);
	peer_start_smtp(&peer, answers, sizeof answers / sizeof *answers);
	snprintf(url, sizeof url, "smtp://127.0.0.1:%d", peer.port);
	struct transfer_request request = {.url = url,
		.body = mail,
		.body_length = sizeof mail - 1,
		.mail_to = "a@x",
		.tls = TRANSFER_TLS_OFF,
		.timeout_ms = LONG_MS,
		.dot_timeout_ms = 1000};
	cr_assert_not_null(
		transfer_start(desk.pool, &request, on_done, &desk, &err), "%s",
		err.text);
	int64_t longest_us = 0;
	while (desk.done == 0) {
		int64_t before_us = clock_monotonic_us(&clock_system);
		loop_step(desk.loop, 1);
		int64_t turn_us = clock_monotonic_us(&clock_system) - before_us;
		longest_us = turn_us > longest_us ? turn_us : longest_us;
	}
	cr_expect_eq(
		desk.result.end, TRANSFER_UNKNOWN, "%s", desk.result.reason);
	cr_expect_lt(
		longest_us, 500000, "a turn took %ld us", (long)longest_us);
	peer_stop(&peer);
	close_desk(&desk);
}

Test(transfer_smtp, is_sent_over_a_connection_of_its_own)
{
	static const char *const answers[] = {
		"220 h\r\n", EHLO, OK, OK, GO, OK, "221 bye\r\n"};
	struct desk desk;
	open_desk(&desk);
	for (int i = 0; i < 3; i++) {
		struct peer peer;
		char url[64], to[32];
		peer_start_smtp(
			&peer, answers, sizeof answers / sizeof *answers);
		snprintf(url, sizeof url, "smtp://127.0.0.1:%d", peer.port);
		snprintf(to, sizeof to, "RCPT TO:<%d@x>", i);
		char *address = strndup(to + 9, 3);
		run(&desk, &(struct transfer_request){
				   .url = url,
				   .body = mail,
				   .body_length = sizeof mail - 1,
				   .mail_to = address,
				   .tls = TRANSFER_TLS_OFF,
				   .timeout_ms = LONG_MS,
			   });
		free(address);
		peer_stop(&peer);
		cr_expect_eq(desk.result.end, TRANSFER_ANSWERED, "%s",
			desk.result.reason);
		cr_expect_not_null(strstr(peer.heard, to), "%s", peer.heard);
		cr_expect_not_null(strstr(peer.heard, "\r\n.\r\nQUIT\r\n"),
			"%s", peer.heard);
	}
	close_desk(&desk);
}
