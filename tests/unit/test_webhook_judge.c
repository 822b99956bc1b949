/* What an answer means: the table of the manual, and what settings change. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "action/webhook_judge.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

TestSuite(webhook_judge);

/* Reads {status:, body:} from YAML. */
static void
read_rule(const char *yaml, struct webhook_rule *rule)
{
	struct conf_errors *errors = conf_errors_new();
	struct setting_reader reader = {errors, NULL, false};
	struct conf_document *document =
		conf_document_read("t", yaml, strlen(yaml), errors);
	struct buf told = {0};

	memset(rule, 0, sizeof(*rule));
	buf_append_text(&told, "");
	bool good = setting_read(&reader, webhook_rule_rows,
		conf_document_root(document), "", rule);
	conf_errors_write(errors, &told);
	cr_assert(good, "%s: %s", yaml, told.data);
	buf_done(&told);
	conf_document_free(document);
	conf_errors_free(errors);
}

static struct outcome
judge(const char *success, const char *retry_when, enum transfer_end end,
	int status, const char *body, size_t length)
{
	struct webhook_rule rules[2];
	struct err err = {""};
	struct outcome outcome;
	struct transfer_result result = {
		.end = end,
		.status = status,
		.retry_after_ms = 7000,
		.body = body,
		.body_length = length,
	};

	snprintf(result.reason, sizeof(result.reason), "crm answered %d",
		status);
	read_rule(success, &rules[0]);
	read_rule(retry_when, &rules[1]);
	struct webhook_judge *it =
		webhook_judge_open(&rules[0], &rules[1], &err);
	cr_assert_not_null(it, "%s", err.text);
	memset(&outcome, 0xAA, sizeof(outcome));
	webhook_judge(it, &result, &outcome);
	webhook_judge_close(it);
	for (int i = 0; i < 2; i++)
		setting_done(webhook_rule_rows, &rules[i]);
	return outcome;
}

/* DESIGN 7, FAULTS D05, D07-D09. */
Test(webhook_judge, by_default)
{
	static const struct {
		int low, high;
		enum outcome_end end;
	} rows[] = {
		{200, 299, OUTCOME_DELIVERED},
		{300, 399, OUTCOME_ENDPOINT_DOWN},
		{400, 400, OUTCOME_GIVE_UP},
		{401, 401, OUTCOME_ENDPOINT_DOWN},
		{402, 402, OUTCOME_GIVE_UP},
		{403, 404, OUTCOME_ENDPOINT_DOWN},
		{405, 406, OUTCOME_GIVE_UP},
		{407, 407, OUTCOME_ENDPOINT_DOWN},
		{408, 408, OUTCOME_TRY_LATER},
		{409, 409, OUTCOME_GIVE_UP},
		{410, 410, OUTCOME_ENDPOINT_DOWN},
		{411, 424, OUTCOME_GIVE_UP},
		{425, 425, OUTCOME_TRY_LATER},
		{426, 428, OUTCOME_GIVE_UP},
		{429, 429, OUTCOME_TRY_LATER},
		{430, 499, OUTCOME_GIVE_UP},
		{500, 599, OUTCOME_TRY_LATER},
		{101, 101, OUTCOME_TRY_LATER},
		{999, 999, OUTCOME_TRY_LATER},
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		for (int status = rows[i].low; status <= rows[i].high;
			status++) {
			struct outcome outcome = judge(
				"{}", "{}", TRANSFER_ANSWERED, status, NULL, 0);
			bool later = rows[i].end == OUTCOME_TRY_LATER;

			cr_assert_eq(outcome.end, rows[i].end, "%d: %s", status,
				outcome_name(outcome.end));
			cr_assert_eq(outcome.status, status, "%d", status);
			cr_assert_eq(outcome.retry_after_ms, later ? 7000 : -1,
				"%d", status);
			cr_assert_eq(
				strncmp(outcome.reason, "crm answered ", 13), 0,
				"%s", outcome.reason);
		}
}

Test(webhook_judge, without_an_answer)
{
	static const struct {
		enum transfer_end end;
		enum outcome_end expected;
	} rows[] = {
		{TRANSFER_NETWORK, OUTCOME_TRY_LATER},
		{TRANSFER_UNKNOWN, OUTCOME_TRY_LATER},
		{TRANSFER_TLS, OUTCOME_ENDPOINT_DOWN},
		{TRANSFER_MISUSED, OUTCOME_ENDPOINT_DOWN},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct outcome outcome =
			judge("{}", "{}", rows[i].end, 0, NULL, 0);

		cr_assert_eq(outcome.end, rows[i].expected, "row %zu", i);
		cr_assert_eq(outcome.retry_after_ms, -1, "row %zu", i);
	}
}

#define SLACK "{status: 200, body: '.body == \"ok\"'}"
#define LIMIT "{status: [403], body: '.body | contains(\"LIMIT\")'}"

Test(webhook_judge, by_settings)
{
	static const struct {
		const char *success, *retry_when;
		int status;
		const char *body;
		enum outcome_end end;
	} rows[] = {
		{SLACK, "{}", 200, "ok", OUTCOME_DELIVERED},
		{SLACK, "{}", 200, "no_service", OUTCOME_TRY_LATER},
		{SLACK, "{}", 200, "", OUTCOME_TRY_LATER},
		{SLACK, "{}", 201, "ok", OUTCOME_TRY_LATER},
		{SLACK, "{}", 404, "ok", OUTCOME_ENDPOINT_DOWN},
		{"{status: [2xx, 409]}", "{}", 409, "", OUTCOME_DELIVERED},
		{"{status: [2xx, 409]}", "{}", 204, "", OUTCOME_DELIVERED},
		{"{status: [2xx, 409]}", "{}", 400, "", OUTCOME_GIVE_UP},
		{"{status: 201}", "{}", 200, "", OUTCOME_TRY_LATER},
		{"{body: .json.ok}", "{}", 200, "{\"ok\":true}",
			OUTCOME_DELIVERED},
		{"{body: .json.ok}", "{}", 200, "{\"ok\":false}",
			OUTCOME_TRY_LATER},
		/* null is no boolean; a text has no members */
		{"{body: .json.ok}", "{}", 200, "<html>", OUTCOME_TRY_LATER},
		{"{body: .json.ok}", "{}", 200, "\"x\"", OUTCOME_TRY_LATER},
		{"{body: .json.ok}", "{}", 500, "{\"ok\":true}",
			OUTCOME_TRY_LATER},
		{"{}", LIMIT, 403, "[\"REQUEST_LIMIT\"]", OUTCOME_TRY_LATER},
		{"{}", LIMIT, 403, "denied", OUTCOME_ENDPOINT_DOWN},
		{"{}", LIMIT, 400, "LIMIT", OUTCOME_GIVE_UP},
		{"{}", LIMIT, 200, "LIMIT", OUTCOME_DELIVERED},
		{"{}", "{status: [4xx]}", 422, "", OUTCOME_TRY_LATER},
		{"{}", "{body: '.status == 418'}", 418, "", OUTCOME_TRY_LATER},
		{"{}", "{body: 'error(.body)'}", 400, "x", OUTCOME_GIVE_UP},
		{"{}", "{body: 'def f: f; f'}", 400, "x", OUTCOME_GIVE_UP},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct outcome outcome = judge(rows[i].success,
			rows[i].retry_when, TRANSFER_ANSWERED, rows[i].status,
			rows[i].body, strlen(rows[i].body));

		cr_assert_eq(outcome.end, rows[i].end, "row %zu: %s: %s", i,
			outcome_name(outcome.end), outcome.reason);
		if (rows[i].end == OUTCOME_TRY_LATER)
			cr_assert_eq(
				outcome.retry_after_ms, 7000, "row %zu", i);
	}
}

/* Nothing of a receiver's answer gets into a reason, whatever it is made of. */
Test(webhook_judge, odd_bodies)
{
	static const char body[] = "Anna\0\xFF\xC3 \xF0\x9F\x98\x80 Anna";
	struct outcome outcome = judge("{body: '.body | endswith(\"Anna\")'}",
		"{}", TRANSFER_ANSWERED, 200, body, sizeof(body) - 1);

	cr_assert_eq(outcome.end, OUTCOME_DELIVERED, "%s", outcome.reason);
	outcome = judge("{body: '.body | tonumber'}", "{body: 'error(.body)'}",
		TRANSFER_ANSWERED, 200, body, sizeof(body) - 1);
	cr_assert_eq(outcome.end, OUTCOME_TRY_LATER, "%s", outcome.reason);
	cr_assert_null(strstr(outcome.reason, "Anna"), "%s", outcome.reason);
	cr_assert_not_null(strstr(outcome.reason, "gave no true or false"),
		"%s", outcome.reason);
}
