/* What became of a detractor, read off what explain tells. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/time.h"
#include "nps/audit.h"

TestSuite(audit);

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))
#define NOW "2026-11-21T12:00:00Z"

static int64_t
now_ms(void)
{
	int64_t now;
	struct err err;

	cr_assert(time_from_rfc3339(NOW, strlen(NOW), &now, &err));
	return now;
}

static json_t *
read_json(const char *text)
{
	struct json_fault fault;
	json_t *value = json_read(text, strlen(text), &fault);

	cr_assert_not_null(value, "%s: %s", text, fault.reason);
	return value;
}

/* One member of the line, as JSON. */
static void
expect(const char *explained_text, const char *member, const char *expected)
{
	json_t *explained = read_json(explained_text);
	json_t *line = audit_line(explained, now_ms());
	const json_t *value = json_object_get(line, member);
	char *text;

	cr_assert_not_null(value, "%s has no %s", explained_text, member);
	text = json_text(value);
	cr_expect_str_eq(text, expected, "%s of %s: %s, not %s", member,
		explained_text, text, expected);
	free(text);
	json_decref(line);
	json_decref(explained);
}

#define VERDICT(rest) "{\"verdicts\":[{\"rule\":\"r\",\"verdict\":" rest "}]}"

Test(audit, why_no_rule_fired)
{
	static const struct {
		const char *explained, *why_not;
	} rows[] = {
		{VERDICT("\"fired\""), "null"},
		{VERDICT("\"no_match\",\"matcher\":\"score\""), "\"no rule\""},
		{VERDICT("\"when_false\""), "\"no rule\""},
		{VERDICT("\"too_old\""), "\"too old\""},
		{VERDICT("\"shadow\""), "\"shadow\""},
		{VERDICT("\"history\""), "\"an answer of the past\""},
		{VERDICT("\"cooldown\",\"by\":41"), "\"cooldown by 41\""},
		{VERDICT("\"silenced\",\"silence\":3,\"until\":\"2026-11-21T"
			 "12:00:00Z\",\"why\":\"mail migration\""),
			"\"silenced by 3: mail migration\""},
		{VERDICT("\"contact_not_ok\""),
			"\"asked not to be contacted\""},
		{"{\"verdicts\":[]}", "\"no rule\""},
		{"{\"verdicts\":null,\"forgotten\":true}", "\"forgotten\""},
		/* What tells more comes first. */
		{"{\"verdicts\":[{\"rule\":\"a\",\"verdict\":\"too_old\"},"
		 "{\"rule\":\"b\",\"verdict\":\"cooldown\",\"by\":7}]}",
			"\"cooldown by 7\""},
		{"{\"verdicts\":[{\"rule\":\"a\",\"verdict\":\"too_old\"},"
		 "{\"rule\":\"b\",\"verdict\":\"fired\"}]}",
			"null"},
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		expect(rows[i].explained, "why_not", rows[i].why_not);
	expect(VERDICT("\"fired\""), "rule", "\"r\"");
	expect(VERDICT("\"shadow\""), "rule", "null");
}

#define SENT(state, created, due)                                       \
	"{\"deliveries\":[{\"row\":\"5\",\"action\":\"crm\",\"state\":" \
	"\"" state "\",\"created_at\":\"" created "\",\"due_at\":" due  \
	",\"settled_at\":null}]}"

Test(audit, deliveries)
{
	static const struct {
		const char *explained, *alert, *hangs;
	} rows[] = {
		{"{}", "null", "null"},
		{SENT("delivered", "2026-11-20T12:00:00Z", "null"),
			"\"delivered\"", "null"},
		{SENT("cancelled", "2026-11-20T12:00:00Z", "null"),
			"\"cancelled\"", "null"},
		{SENT("dead", "2026-11-21T11:59:00Z", "null"), "\"dead\"",
			"\"delivery 5 to crm is dead\""},
		/* An hour, from when it was due or made. */
		{SENT("claimed", "2026-11-21T11:00:00Z", "null"), "\"waiting\"",
			"null"},
		{SENT("claimed", "2026-11-21T10:59:59Z", "null"), "\"waiting\"",
			"\"delivery 5 to crm still waits\""},
		{SENT("pending", "2026-11-21T09:00:00Z",
			 "\"2026-11-21T11:00:00Z\""),
			"\"waiting\"", "null"},
		{SENT("pending", "2026-11-21T09:00:00Z",
			 "\"2026-11-21T10:00:00Z\""),
			"\"waiting\"", "\"delivery 5 to crm still waits\""},
		{SENT("retrying", "2026-11-21T09:00:00Z",
			 "\"2026-11-21T13:00:00Z\""),
			"\"waiting\"", "\"delivery 5 to crm still waits\""},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		expect(rows[i].explained, "alert", rows[i].alert);
		expect(rows[i].explained, "hangs", rows[i].hangs);
	}
}

#define FOLDED(state, due, settled)                                            \
	"{\"deliveries\":[{\"row\":\"5\",\"action\":\"crm\",\"state\":"        \
	"\"folded\",\"created_at\":\"2026-11-20T10:00:00Z\",\"due_at\":"       \
	"null,\"settled_at\":null,\"storm\":{\"row\":\"9\",\"state\":\"" state \
	"\",\"created_at\":\"2026-11-20T10:00:00Z\",\"due_at\":" due           \
	",\"settled_at\":" settled "}}]}"

Test(audit, what_was_folded_is_what_its_message_is)
{
	static const struct {
		const char *explained, *alert, *alerted_at, *hangs;
	} rows[] = {
		{FOLDED("pending", "\"2026-11-21T11:00:00Z\"", "null"),
			"\"waiting\"", "null", "null"},
		{FOLDED("pending", "\"2026-11-21T10:00:00Z\"", "null"),
			"\"waiting\"", "null",
			"\"delivery 9, a storm, to crm still waits\""},
		{FOLDED("retrying", "\"2026-11-21T13:00:00Z\"", "null"),
			"\"waiting\"", "null",
			"\"delivery 9, a storm, to crm still waits\""},
		{FOLDED("delivered", "null", "\"2026-11-21T09:00:00Z\""),
			"\"delivered\"", "\"2026-11-21T09:00:00Z\"", "null"},
		{FOLDED("dead", "null", "\"2026-11-21T09:00:00Z\""), "\"dead\"",
			"null", "\"delivery 9, a storm, to crm is dead\""},
		{FOLDED("cancelled", "null", "\"2026-11-21T09:00:00Z\""),
			"\"cancelled\"", "null", "null"},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		expect(rows[i].explained, "alert", rows[i].alert);
		expect(rows[i].explained, "alerted_at", rows[i].alerted_at);
		expect(rows[i].explained, "hangs", rows[i].hangs);
	}
}

#define FOLLOWED(rest) \
	"{\"follow_ups\":[{\"row\":\"1\"},{\"row\":\"3\"," rest "}]}"
#define LATE "\"2026-11-21T11:00:00Z\""
#define AHEAD "\"2026-11-21T13:00:00Z\""
#define OVERDUE "\"follow-up 3 is overdue\""

Test(audit, follow_ups)
{
	static const struct {
		const char *explained, *in_time, *hangs;
	} rows[] = {
		{FOLLOWED("\"state\":\"open\",\"contact_by\":" AHEAD), "null",
			"null"},
		{FOLLOWED("\"state\":\"open\",\"contact_by\":" LATE), "null",
			OVERDUE},
		{FOLLOWED("\"state\":\"contacted\",\"contact_by\":" LATE
			  ",\"contacted_at\":" LATE),
			"true", "null"},
		{FOLLOWED("\"state\":\"contacted\",\"contact_by\":" LATE
			  ",\"contacted_at\":" AHEAD),
			"false", "null"},
		{FOLLOWED("\"state\":\"contacted\",\"resolve_by\":" LATE),
			"null", OVERDUE},
		{FOLLOWED("\"state\":\"resolved\",\"resolve_by\":" LATE),
			"null", "null"},
		{FOLLOWED("\"state\":\"open\",\"contact_by\":" LATE
			  ",\"tracked_in\":\"crm\""),
			"null", "null"},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		expect(rows[i].explained, "in_time", rows[i].in_time);
		expect(rows[i].explained, "hangs", rows[i].hangs);
		expect(rows[i].explained, "follow_up", "\"3\"");
	}
}
