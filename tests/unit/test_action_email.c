/* The action email: settings, recipients, the bytes of a mail, and what the
 * replies of a server mean. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "../support/action_case.h"
#include "../support/receiver.h"
#include "action/email_judge.h"
#include "action/email_settings.h"
#include "base/memory.h"
#include "conf_folder.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define ID ACTION_CASE_ID

static struct conf_folder folder;

static void
init(void)
{
	conf_folder_init(&folder);
	conf_folder_write_text("secret", "s3cret\n");
	conf_folder_write_text("broken", "two\nlines\n");
	mkdir("messages", 0700);
	conf_folder_write_text("messages/short.en.txt",
		"Subject: \\(.response.customer.name)\n\n"
		"\\(.response.comment)\n");
	conf_folder_write_text(
		"messages/typo.en.txt", "Subject: \\(.respons.id)\n\nx\n");
	conf_folder_write_text(
		"messages/broken.en.txt", "Subject: \\(.a\n\nx\n");
}

static void
done(void)
{
	conf_folder_done(&folder);
}

TestSuite(action_email, .init = init, .fini = done);

#define F "from: nps@example.com, "
#define S "url: \"smtps://mail.example\", " F
#define T ", to: cx@example.com"
#define SHORT S "message: short" T

Test(action_email, settings)
{
	static const struct {
		const char *yaml;
		bool good;
		const char *told; /* a part of it; NULL: nothing */
	} rows[] = {
		{SHORT, true, NULL},
		{S "message: detractor" T, true, NULL},
		{S "language: nb" T, true, NULL},
		{S "language: xx" T, false, "there is one in en, nb, nl"},
		{S "language: \"../x\"" T, false, "such as en, nl"},
		{S "message: \"../../etc/x\"" T, false, "the name of a mess"},
		{S "message: none" T, false, "no file none.LANGUAGE.txt"},
		{S "message: broken" T, false,
			"broken.en.txt: line 1: the bracket"},
		{S "message: typo" T, true, "did you mean \".response\""},
		{"url: \"smtp://mail.example:587\", message: short, " F
		 "auth: {user: u, password: {file: secret}}" T,
			true, NULL},
		{"url: \"smtp://mail.example\", starttls: optional, message: "
		 "short, " F "auth: {user: u, password: {file: secret}}" T,
			true,
			"the password may go over the network in the "
			"clear"},
		{"url: \"smtp://127.0.0.1:25\", starttls: off, message: "
		 "short, " F "reply_to: cx@example.com" T,
			true, NULL},
		{"url: \"http://mail.example\", " F "message: short" T, false,
			"expected smtp://HOST:PORT"},
		{"url: \"smtp://u:p@mail.example\", " F "message: short" T,
			false, "user name"},
		{"url: \"smtps://mail.example/x\", " F "message: short" T,
			false, "nothing behind the host"},
		{"url: \"smtps://mail.example\", message: short" T, false,
			"from: required"},
		{S "auth: {user: u}" T, false, "password: required"},
		{S "auth: {user: u, password: {file: broken}}" T, false,
			"a line break"},
		{S "headers: {List-Id: \"<nps.example.com>\"}" T, true, NULL},
		{S "headers: {bcc: eve@example.com}" T, false,
			"Bcc is a header that npsd"},
		{S "headers: {\"X Y\": z}" T, false, "header's name"},
		{S "headers: {X-Y: \"z\\r\\nBcc: q\"}" T, false,
			"a line break"},
		{"url: \"smtps://m\", message: short, from: \"NPS "
		 "<nps@example.com>\"" T,
			true, NULL},
		{"url: \"smtps://m\", message: short, from: NPS" T, false,
			"but it has no @"},
		{S "reply_to: \"a b@example.com\"" T, false, "a space"},
		{S "to: [a@example.com, b@example.com]", true, NULL},
		{S "to: []", false, "at least one address"},
		{S "to: [a@example.com, b]", false, "it has no @"},
		{S "to: \"a@example.com\\r\\nDATA\"", false, "a line break"},
		{S "to: \"Jan <jan@example.com>\"", false, "plain address"},
		{S "to: {field: segment.agent, map: {jan: jan@example.com}, "
		   "default: cx@example.com}",
			true, NULL},
		{S "to: {field: owner.email}", true, NULL},
		{S "to: j\xC3\xA4n@b\xC3\xBC"
		   "cher.example",
			true, NULL},
		{S "reply_to: j\xC3\xA4n@example.com" T, false,
			"outside ASCII before the @"},
		{S "reply_to: jan@b\xC3\xBC"
		   "cher.example" T,
			true, NULL},
		{"url: \"smtps://m\xC3\xA4il.example\", message: short, from: "
		 "nps@example.com" T,
			true, NULL},
		{S "certificate: secret, key: secret" T, true,
			"cannot use the certificate"},
		{S "key: secret" T, false, "expected \"certificate\""},
		{S "allow: 10.0.0.0/8, deny: [\"0.0.0.0/0\", \"::/0\"]" T, true,
			NULL},
		{S "deny: [10.0.0.0/8, 10.0.0.1/8]" T, false, "bits behind"},
		{S "proxy: \"http://p\"" T, false, "proxy"},
		{S "timeout_after_data: 5m" T, true, NULL},
		{S "to: {map: {jan: jan@example.com}}", false,
			"field: required"},
		{S "to: {field: .owner}", false, "without a dot"},
		{S "to: {field: a..b}", false, "dots between"},
		{S "to: {field: a, map: {jan: jan}}", false, "no @"},
		{S "to: {field: a, default: jan}", false, "no @"},
		{S "to: {field: a, defaults: jan@example.com}", false,
			"did you mean \"default\""},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct action_case it;
		bool good;

		action_case_init(&it);
		char *told = action_case_check(
			&it, &action_email, rows[i].yaml, false, &good);

		cr_assert_eq(good, rows[i].good, "%s: %s", rows[i].yaml, told);
		if (rows[i].told == NULL)
			cr_assert_str_eq(
				told, "", "%s: %s", rows[i].yaml, told);
		else
			cr_assert_not_null(strstr(told, rows[i].told), "%s: %s",
				rows[i].yaml, told);
		free(told);
		action_case_done(&it);
	}
}

Test(action_email, starttls)
{
	static const struct {
		const char *host, *starttls;
		enum transfer_tls tls;
	} rows[] = {
		{"mail.example", "auto", TRANSFER_TLS_REQUIRED},
		{"127.0.0.1:25", "auto", TRANSFER_TLS_OPTIONAL},
		{"localhost", "auto", TRANSFER_TLS_OPTIONAL},
		{"LOCALHOST:25", "auto", TRANSFER_TLS_OPTIONAL},
		{"[::1]:25", "auto", TRANSFER_TLS_OPTIONAL},
		{"localhost.example", "auto", TRANSFER_TLS_REQUIRED},
		{"127.0.0.1.example", "auto", TRANSFER_TLS_REQUIRED},
		{"mail.example", "optional", TRANSFER_TLS_OPTIONAL},
		{"127.0.0.1", "required", TRANSFER_TLS_REQUIRED},
		{"mail.example", "off", TRANSFER_TLS_OFF},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct action_case it;
		bool good;
		char *yaml = mem_printf("url: \"smtp://%s\", starttls: %s, " F
					"message: short" T,
			rows[i].host, rows[i].starttls);

		action_case_init(&it);
		free(action_case_check(&it, &action_email, yaml, false, &good));
		cr_assert(good, "%s", yaml);
		cr_assert_eq(email_settings_tls(it.settings), rows[i].tls, "%s",
			yaml);
		free(yaml);
		action_case_done(&it);
	}
}

/* ---- recipients ---- */

Test(action_email, recipients)
{
	static const struct {
		const char *to, *alert;
		const char *expected; /* joined; or the reason, with a ! */
	} rows[] = {
		{"cx@example.com", "{}", "cx@example.com"},
		{"[a@b.c, A@B.C, d@e.f, a@b.c]", "{}", "a@b.c d@e.f"},
		{"[a@b\xC3\xBC"
		 "cher.example, a@xn--bcher-kva.example]",
			"{}", "a@xn--bcher-kva.example"},
		{"{field: agent}",
			"{\"response\":{\"agent\":\"\\u00e4@b\\u00fccher.c\"}}",
			"\xC3\xA4@xn--bcher-kva.c"},
		{"{field: owner.email}",
			"{\"response\":{\"owner\":{\"email\":"
			"\"jan@b.c\"}}}",
			"jan@b.c"},
		{"{field: owner.email}",
			"{\"owner\":{\"email\":\"own@b.c\"},"
			"\"response\":{\"owner\":{\"email\":\"jan@b.c\"}}}",
			"own@b.c"},
		{"{field: response.owner.email}",
			"{\"response\":{\"owner\":"
			"{\"email\":\"jan@b.c\"}}}",
			"jan@b.c"},
		{"{field: owners}",
			"{\"response\":{\"owners\":[\"a@b.c\","
			"\"A@b.c\",7,\"d@e.f\"]}}",
			"a@b.c d@e.f"},
		{"{field: agent, map: {jan: jan@b.c, '7': seven@b.c}}",
			"{\"response\":{\"agent\":\"jan\"}}", "jan@b.c"},
		{"{field: agent, map: {jan: jan@b.c, '7': seven@b.c}}",
			"{\"response\":{\"agent\":7}}", "seven@b.c"},
		{"{field: agent, map: {jan: jan@b.c}, default: cx@b.c}",
			"{\"response\":{\"agent\":\"eve@b.c\"}}", "cx@b.c"},
		{"{field: agent, default: [cx@b.c, d@b.c]}", "{}",
			"cx@b.c d@b.c"},
		{"{field: agent, default: cx@b.c}",
			"{\"response\":{\"agent\":null}}", "cx@b.c"},
		{"{field: agent, default: cx@b.c}",
			"{\"response\":{\"agent\":\"a@b.c\\r\\nDATA\"}}",
			"cx@b.c"},
		{"{field: agent, default: cx@b.c}",
			"{\"response\":{\"agent\":{\"x\":1}}}", "cx@b.c"},
		{"{field: agent}", "{}",
			"!nobody to mail, as \"to\" has no \"default\": "
			"\"agent\" is missing in this answer"},
		{"{field: agent}", "{\"response\":{\"agent\":\"\"}}",
			"!nobody to mail, as \"to\" has no \"default\": "
			"\"agent\" is empty or no text in this answer"},
		{"{field: agent}", "{\"response\":{\"agent\":\"anna b\"}}",
			"!nobody to mail, as \"to\" has no \"default\": "
			"\"agent\" is no mail address in this answer: it has "
			"a space"},
		{"{field: agent, map: {jan: jan@b.c}}",
			"{\"response\":{\"agent\":\"anna\"}}",
			"!nobody to mail, as \"to\" has no \"default\": what "
			"\"agent\" is in this answer stands in no line of "
			"\"map\""},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct action_case it;
		struct setting_texts found;
		struct err err = {""};
		struct buf told = {0};
		char *yaml = mem_printf(S "message: short, to: %s", rows[i].to);
		json_t *alert = action_case_document(rows[i].alert);

		action_case_init(&it);
		action_case_open(&it, &action_email, yaml);
		buf_append_text(&told, "");
		if (it.kind->recipients(it.renderer, alert, &found, &err))
			for (size_t j = 0; j < found.count; j++)
				buf_printf(&told, "%s%s", j ? " " : "",
					found.items[j]);
		else
			buf_printf(&told, "!%s", err.text);
		cr_assert_str_eq(told.data, rows[i].expected, "%s: %s",
			rows[i].to, told.data);
		setting_texts_done(&found);
		json_decref(alert);
		buf_done(&told);
		free(yaml);
		action_case_done(&it);
	}
}

/* ---- the bytes ---- */

Test(action_email, a_mail)
{
	static const char expected[] =
		"From: \"NPS, alerts\" <nps@example.com>\r\n"
		"To: jan@example.com\r\n"
		"Reply-To: cx@example.com\r\n"
		"Subject: Anna\r\n"
		"Date: Sat, 21 Nov 2026 09:00:00 +0000\r\n"
		"Message-ID: <" ID "@example.com>\r\n"
		"Auto-Submitted: auto-generated\r\n"
		"List-Id: <nps.example.com>\r\n"
		"Content-Language: en\r\n"
		"MIME-Version: 1.0\r\n"
		"Content-Type: multipart/alternative;\r\n"
		" boundary=\"=_npsd_" ID "\"\r\n"
		"\r\n"
		"--=_npsd_" ID "\r\n"
		"Content-Type: text/plain; charset=utf-8\r\n"
		"Content-Transfer-Encoding: quoted-printable\r\n"
		"\r\n"
		"Waited three weeks.\r\n"
		"--=_npsd_" ID "\r\n"
		"Content-Type: text/html; charset=utf-8\r\n"
		"Content-Transfer-Encoding: quoted-printable\r\n"
		"\r\n"
		"<!DOCTYPE html>\r\n"
		"<html lang=3D\"en\">\r\n"
		"<head><meta charset=3D\"utf-8\"></head>\r\n"
		"<body style=3D\"font-family: sans-serif; line-height: 1.5\">"
		"\r\n"
		"<p>Waited three weeks.</p>\r\n"
		"</body>\r\n"
		"</html>\r\n"
		"--=_npsd_" ID "--\r\n";
	struct action_case it;
	struct err err;
	struct buf first = {0}, second = {0};
	json_t *alert = action_case_alert();

	action_case_init(&it);
	action_case_open(&it, &action_email,
		"url: \"smtps://mail.example\", message: short, from: '\"NPS, "
		"alerts\" <nps@example.com>', reply_to: cx@example.com, "
		"headers: {List-Id: <nps.example.com>}" T);
	cr_assert(
		action_case_render(&it, alert, "jan@example.com", &first, &err),
		"%s", err.text);
	cr_assert_str_eq(first.data, expected, "%s", first.data);
	cr_assert(action_case_render(
			  &it, alert, "jan@example.com", &second, &err),
		"%s", err.text);
	cr_assert_str_eq(first.data, second.data, "two bodies of one id");
	buf_clear(&second);
	cr_assert_not(action_case_render(&it, alert, "jan@example.com\r\nDATA",
			      &second, &err),
		"a recipient with a command in it");
	json_decref(alert);
	buf_done(&first);
	buf_done(&second);
	action_case_done(&it);
}

/* FAULTS M11: whatever stands in a name, the headers stay those of above. */
/* What falls due of a follow-up is no alert. */
Test(action_email, each_occasion_has_its_message)
{
	static const struct {
		const char *document, *text;
	} rows[] = {
		{"{}", "an alert"},
		{"{\"due\":{\"step\":\"remind\"}}", "a reminder"},
		{"{\"due\":{\"step\":\"forgotten\"}}", "a reminder"},
		{"{\"due\":{\"step\":\"try_again\"}}", "a reminder"},
		{"{\"due\":{\"step\":\"escalate\"}}", "higher up"},
		{"{\"due\":null}", "an alert"},
	};
	struct action_case it;

	conf_folder_write_text(
		"messages/one.en.txt", "Subject: s\n\nan alert\n");
	conf_folder_write_text(
		"messages/two.en.txt", "Subject: s\n\na reminder\n");
	conf_folder_write_text(
		"messages/three.en.txt", "Subject: s\n\nhigher up\n");
	action_case_init(&it);
	action_case_open(&it, &action_email,
		S "message: one, reminder: two, escalation: three" T);
	for (size_t i = 0; i < COUNT(rows); i++) {
		json_t *alert = json_loads(rows[i].document, 0, NULL);
		struct buf body = {0};
		struct err err = {""};

		cr_assert(action_case_render(
				  &it, alert, "jan@example.com", &body, &err),
			"%s: %s", rows[i].document, err.text);
		cr_assert_not_null(strstr(body.data, rows[i].text), "%s: %s",
			rows[i].document, body.data);
		json_decref(alert);
		buf_done(&body);
	}
	action_case_done(&it);
}

Test(action_email, no_name_makes_a_header)
{
	static const char *const names[] = {
		"x\\r\\nBcc: eve@example.com",
		"x\\nBcc: eve@example.com\\n\\nbody",
		"x\\rBcc: eve@example.com",
		"\\u2028Bcc: eve@example.com",
		"\\u0085Bcc: eve@example.com",
		"=?utf-8?q?=0D=0ABcc:_eve=40example.com?=",
		"\\u202ename\\u200f \\ud83d\\ude00",
	};
	struct action_case it;

	action_case_init(&it);
	action_case_open(&it, &action_email, SHORT);
	for (size_t i = 0; i < COUNT(names); i++) {
		struct buf body = {0};
		struct err err;
		char *text = mem_printf("{\"response\":{\"comment\":\"c\","
					"\"customer\":{\"name\":\"%s\"}}}",
			names[i]);
		json_t *alert = action_case_document(text);
		int headers = 0;

		cr_assert(action_case_render(
				  &it, alert, "jan@example.com", &body, &err),
			"%s", err.text);
		for (const char *at = body.data; *at != '\r';
			at = strstr(at, "\r\n") + 2)
			headers += *at != ' ';
		cr_assert_eq(headers, 9, "%d: %s", headers, body.data);
		cr_assert_null(strstr(body.data, "\nBcc"), "%s", body.data);
		buf_done(&body);
		json_decref(alert);
		free(text);
	}
	action_case_done(&it);
}

/* ---- replies ---- */

Test(action_email, what_ends_mean)
{
	static const struct {
		enum transfer_end end;
		int status;
		enum transfer_stage stage;
		enum outcome_end expected;
	} rows[] = {
		{TRANSFER_ANSWERED, 250, STAGE_SENT, OUTCOME_DELIVERED},
		{TRANSFER_REFUSED, 421, STAGE_CONNECT, OUTCOME_TRY_LATER},
		{TRANSFER_REFUSED, 554, STAGE_CONNECT, OUTCOME_ENDPOINT_DOWN},
		{TRANSFER_REFUSED, 454, STAGE_AUTH, OUTCOME_ENDPOINT_DOWN},
		{TRANSFER_REFUSED, 421, STAGE_AUTH, OUTCOME_ENDPOINT_DOWN},
		{TRANSFER_REFUSED, 535, STAGE_AUTH, OUTCOME_ENDPOINT_DOWN},
		{TRANSFER_REFUSED, 0, STAGE_AUTH, OUTCOME_ENDPOINT_DOWN},
		{TRANSFER_REFUSED, 530, STAGE_MAIL, OUTCOME_ENDPOINT_DOWN},
		{TRANSFER_REFUSED, 550, STAGE_MAIL, OUTCOME_ENDPOINT_DOWN},
		{TRANSFER_REFUSED, 451, STAGE_MAIL, OUTCOME_TRY_LATER},
		{TRANSFER_REFUSED, 530, STAGE_RCPT, OUTCOME_ENDPOINT_DOWN},
		{TRANSFER_REFUSED, 450, STAGE_RCPT, OUTCOME_TRY_LATER},
		{TRANSFER_REFUSED, 452, STAGE_RCPT, OUTCOME_TRY_LATER},
		{TRANSFER_REFUSED, 552, STAGE_RCPT, OUTCOME_TRY_LATER},
		{TRANSFER_REFUSED, 550, STAGE_RCPT, OUTCOME_GIVE_UP},
		{TRANSFER_REFUSED, 553, STAGE_RCPT, OUTCOME_GIVE_UP},
		{TRANSFER_REFUSED, 554, STAGE_DATA, OUTCOME_GIVE_UP},
		{TRANSFER_REFUSED, 451, STAGE_DATA, OUTCOME_TRY_LATER},
		{TRANSFER_REFUSED, 552, STAGE_SENT, OUTCOME_GIVE_UP},
		{TRANSFER_REFUSED, 421, STAGE_SENT, OUTCOME_TRY_LATER},
		{TRANSFER_UNKNOWN, 0, STAGE_SENT, OUTCOME_TRY_LATER},
		{TRANSFER_NETWORK, 0, STAGE_CONNECT, OUTCOME_TRY_LATER},
		{TRANSFER_TLS, 0, STAGE_CONNECT, OUTCOME_ENDPOINT_DOWN},
		{TRANSFER_DENIED, 0, STAGE_CONNECT, OUTCOME_ENDPOINT_DOWN},
		{TRANSFER_MISUSED, 0, STAGE_CONNECT, OUTCOME_GIVE_UP},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct transfer_result result = {
			.end = rows[i].end,
			.status = rows[i].status,
			.stage = rows[i].stage,
			.retry_after_ms = -1,
			.reason = "mail.example said so",
		};
		struct outcome outcome;

		email_judge(&result, &outcome);
		cr_assert_eq(outcome.end, rows[i].expected, "row %zu: %s", i,
			outcome_name(outcome.end));
		cr_assert_eq(outcome.status, rows[i].status, "row %zu", i);
		cr_assert_eq(outcome.retry_after_ms, -1, "row %zu", i);
		cr_assert_not_null(strstr(outcome.reason, "said so"), "%s",
			outcome.reason);
	}
}

/* 452 always is "later"; 552 is where it means "too many recipients". */
Test(action_email, what_552_means_M03)
{
	static const struct {
		int status;
		enum transfer_stage stage;
		const char *enhanced;
		enum outcome_end expected;
	} rows[] = {
		{452, STAGE_RCPT, "", OUTCOME_TRY_LATER},
		{452, STAGE_RCPT, "4.2.2", OUTCOME_TRY_LATER},
		{452, STAGE_MAIL, "4.3.1", OUTCOME_TRY_LATER},
		{452, STAGE_SENT, "4.3.1", OUTCOME_TRY_LATER},
		{552, STAGE_RCPT, "", OUTCOME_TRY_LATER},
		{552, STAGE_RCPT, "5.5.3", OUTCOME_TRY_LATER},
		{552, STAGE_RCPT, "5.2.2", OUTCOME_GIVE_UP},
		{552, STAGE_DATA, "5.5.3", OUTCOME_GIVE_UP},
		{552, STAGE_DATA, "", OUTCOME_GIVE_UP},
		{552, STAGE_SENT, "5.3.4", OUTCOME_GIVE_UP},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct transfer_result result = {
			.end = TRANSFER_REFUSED,
			.status = rows[i].status,
			.stage = rows[i].stage,
		};
		struct outcome outcome;

		strcpy(result.enhanced, rows[i].enhanced);
		email_judge(&result, &outcome);
		cr_assert_eq(outcome.end, rows[i].expected, "row %zu: %s", i,
			outcome_name(outcome.end));
	}
}

/* FAULTS M01, M02, M04, M05, M06, M09 on the wire. */
Test(action_email, replies)
{
	static const struct {
		const char *at, *reply;
		enum outcome_end end;
		int status;
	} rows[] = {
		{".", NULL, OUTCOME_DELIVERED, 250},
		{"greeting", "421 busy\r\n", OUTCOME_TRY_LATER, 421},
		{"greeting", "554 go away\r\n", OUTCOME_ENDPOINT_DOWN, 554},
		{"AUTH", "535 no\r\n", OUTCOME_ENDPOINT_DOWN, 535},
		{"AUTH", "454 later\r\n", OUTCOME_ENDPOINT_DOWN, 454},
		{"MAIL", "530 log in\r\n", OUTCOME_ENDPOINT_DOWN, 530},
		{"MAIL", "451 later\r\n", OUTCOME_TRY_LATER, 451},
		{"RCPT", "450 grey\r\n", OUTCOME_TRY_LATER, 450},
		{"RCPT", "550 jan@example.com unknown\r\n", OUTCOME_GIVE_UP,
			550},
		{"RCPT", "552 too many\r\n", OUTCOME_TRY_LATER, 552},
		{"RCPT", "552 5.5.3 too many\r\n", OUTCOME_TRY_LATER, 552},
		{"RCPT", "552 5.2.2 mailbox full\r\n", OUTCOME_GIVE_UP, 552},
		{"DATA", "554 no\r\n", OUTCOME_GIVE_UP, 554},
		{".", "451 later\r\n", OUTCOME_TRY_LATER, 451},
		{".", "554 spam\r\n", OUTCOME_GIVE_UP, 554},
		{".", "", OUTCOME_TRY_LATER, 0},
		{"RCPT", "", OUTCOME_TRY_LATER, 0},
	};
	struct action_case it;
	struct buf body = {0};
	struct err err;
	json_t *alert = action_case_alert();

	action_case_init(&it);
	struct receiver *receiver = receiver_open(it.loop, RECEIVER_SMTP);
	char *yaml =
		mem_printf("url: \"smtp://127.0.0.1:%d\", message: short, " F
			   "auth: {user: u, password: {file: secret}}" T,
			receiver_port(receiver));

	action_case_open(&it, &action_email, yaml);
	cr_assert(
		action_case_render(&it, alert, "jan@example.com", &body, &err),
		"%s", err.text);
	for (size_t i = 0; i < COUNT(rows); i++) {
		receiver_answer(receiver, rows[i].at, rows[i].reply);
		struct outcome outcome =
			action_case_send(&it, &body, "jan@example.com", 1);

		cr_assert_eq(outcome.end, rows[i].end, "row %zu: %s: %s", i,
			outcome_name(outcome.end), outcome.reason);
		cr_assert_eq(outcome.status, rows[i].status, "row %zu: %s", i,
			outcome.reason);
		cr_assert_null(
			strstr(outcome.reason, "jan@"), "%s", outcome.reason);
		cr_assert_null(
			strstr(outcome.reason, "s3cret"), "%s", outcome.reason);
		cr_assert(strcmp(rows[i].at, ".") != 0 || rows[i].status != 0 ||
				  strstr(outcome.reason, "unknown") != NULL,
			"%s", outcome.reason);
		receiver_answer(receiver, rows[i].at, NULL);
	}
	cr_assert_not_null(strstr(receiver_commands(receiver),
				   "MAIL FROM:<nps@example.com>\r\n"
				   "RCPT TO:<jan@example.com>\r\nDATA\r\n"),
		"%s", receiver_commands(receiver));
	/* Every one of them, also after "outcome unknown", was the same. */
	for (int i = 0; i < receiver_count(receiver); i++)
		cr_assert_str_eq(receiver_seen(receiver, i)->data, body.data,
			"mail %d", i);
	cr_assert_gt(receiver_count(receiver), 3, "few mails");
	json_decref(alert);
	buf_done(&body);
	free(yaml);
	action_case_close(&it);
	receiver_close(receiver);
	action_case_done(&it);
}
