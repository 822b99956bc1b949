/* storm_page - the list behind a storm's link: all of it text, each alert with the
 * key to its own follow-up. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "api/storm_page.h"
#include "base/memory.h"
#include "conf/errors.h"
#include "flow/follow_up_link.h"
#include "flow/storm_link.h"

TestSuite(storm_page);

#define NOW INT64_C(1795255200000)
#define TOLD INT64_C(1795251600000) /* 2026-11-21T09:00:00Z */

static const uint8_t key[LINK_KEY_BYTES] = {1, 2, 3};

/* The caller frees it. */
static char *
page_to(const char *recipient, json_t *answers, int64_t next)
{
	struct conf_errors *errors = conf_errors_new();
	struct languages *languages = languages_open(NULL, errors);
	const struct storm_page page = {
		.language = languages_find(languages, "en"),
		.count = 7,
		.answers = answers,
		.next = next,
		.link_key = key,
		.expires_ms = NOW,
		.told_ms = TOLD,
		.action = "call",
		.recipient = recipient,
	};
	struct buf out = {0};

	cr_assert_not_null(answers);
	storm_page_append(&out, &page);
	languages_free(languages);
	conf_errors_free(errors);
	json_decref(answers);
	return buf_take(&out);
}

/* The caller frees it. */
static char *
page_of(json_t *answers, int64_t next)
{
	return page_to("", answers, next);
}

static void
expect(const char *page, bool there, const char *text)
{
	cr_expect_eq(strstr(page, text) != NULL, there, "%s%s in %s",
		there ? "" : "no ", text, page);
}

Test(storm_page, shows_each_as_text)
{
	char *long_text = mem_new(1001, 1);
	char *page;

	memset(long_text, 'x', 1000);
	page = page_of(
		json_pack("[{s:i, s:{s:{s:s}, s:{s:s}, s:s}, s:[]},"
			  " {s:i, s:{s:s}, s:[{s:s, s:s, s:s}]},"
			  " {s:i, s:n, s:[]}]",
			"score", 3, "response", "customer", "name", "<b>Jo</b>",
			"account", "name", "A & B", "comment", "\"><script>",
			"follow_ups", "score", 0, "response", "comment",
			long_text, "follow_ups", "row", "5", "state", "open",
			"owner", "a<b", "score", 1, "response", "follow_ups"),
		0);
	expect(page, true, "7 alerts");
	expect(page, true, "3 out of 10");
	expect(page, true, "&lt;b&gt;Jo&lt;/b&gt;, A &amp; B");
	expect(page, false, "<script");
	expect(page, false, "<b>");
	expect(page, true, "a customer");
	expect(page, true, "xxx …");
	expect(page, false, long_text);
	expect(page, true, "open, a&lt;b");
	expect(page, true, "no longer kept");
	expect(page, false, "?cursor=");
	free(page);
	free(long_text);
}

/* In a channel, or in a team's mail box, each link says that it is theirs, and
 * not that the owner of the follow-up acts. */
Test(storm_page, leads_to_each_follow_up_as_whom_it_reached)
{
	static const struct {
		const char *recipient, *owner, *holder;
	} rows[] = {
		{"anna@example.com", "anna@example.com", "anna@example.com"},
		{"ANNA@example.com", "anna@example.com", "anna@example.com"},
		{"team@example.com", "anna@example.com",
			"\ncall\nanna@example.com"},
		{"", "anna@example.com", "\ncall\nanna@example.com"},
		{"", "anna", "\ncall\nanna"},
		{"team@example.com", NULL, FOLLOW_UP_LINK_NOBODY},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct link_token token;
		char text[LINK_TOKEN_LENGTH + 1];
		const char *owner = rows[i].owner;
		char *page = page_to(rows[i].recipient,
			json_pack("[{s:i, s:{}, s:[{s:s}, {s:s, s:s, s:s?,"
				  "s:[{s:s, s:s?}]}]}]",
				"score", 3, "response", "follow_ups", "row",
				"4", "row", "5", "state", "open", "owner",
				owner, "events", "at", "2026-11-21T08:00:00Z",
				"owner", owner),
			17);
		const char *link = strstr(page, "href=\"");

		cr_assert_not_null(link, "%s", page);
		strncpy(text, link + 6, LINK_TOKEN_LENGTH);
		text[LINK_TOKEN_LENGTH] = '\0';
		cr_assert_eq(link_token_read(key, text, NOW - 1, &token),
			LINK_GOOD, "%s", text);
		cr_assert_eq(token.follow_up, 5, "the newest");
		cr_assert_eq(token.expires_ms, NOW, "no longer than the page");
		cr_assert(link_token_is_for(key, &token, rows[i].holder),
			"%zu: whose", i);
		expect(page, true, "?cursor=17");
		free(page);
	}
}

/* A link is its owner's alone: the message went to the one before. */
Test(storm_page, what_went_to_another_has_no_link)
{
	static const struct {
		const char *events, *owner;
		bool link;
	} rows[] = {
		{"[{\"at\":\"2026-11-21T08:00:00Z\",\"owner\":\"anna\"}]",
			"anna", true},
		{"[{\"at\":\"2026-11-21T08:00:00Z\",\"owner\":\"anna\"},"
		 "{\"at\":\"2026-11-21T08:30:00Z\",\"owner\":\"jan\"}]",
			"jan", true},
		{"[{\"at\":\"2026-11-21T08:00:00Z\",\"owner\":\"anna\"},"
		 "{\"at\":\"2026-11-21T09:30:00Z\",\"owner\":\"jan\"}]",
			"jan", false},
		{"[{\"at\":\"2026-11-21T08:00:00Z\",\"owner\":\"anna\"},"
		 "{\"at\":\"2026-11-21T09:30:00Z\",\"act\":\"claim\","
		 "\"who\":\"eva\"}]",
			"eva", false},
		{"[{\"at\":\"2026-11-21T08:00:00Z\",\"owner\":\"anna\"},"
		 "{\"at\":\"2026-11-21T08:30:00Z\",\"act\":\"claim\","
		 "\"who\":\"eva\"},"
		 "{\"at\":\"2026-11-21T09:30:00Z\",\"act\":\"note\","
		 "\"who\":\"jan\"}]",
			"eva", true},
		{"[{\"at\":\"2026-11-21T08:00:00Z\",\"owner\":null},"
		 "{\"at\":\"2026-11-21T09:30:00Z\",\"act\":\"claim\","
		 "\"who\":\"link\"}]",
			"link", true},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *page = page_of(
			json_pack("[{s:i, s:{}, s:[{s:s, s:s, s:o}]}]", "score",
				3, "response", "follow_ups", "row", "5",
				"owner", rows[i].owner, "events",
				json_loads(rows[i].events, 0, NULL)),
			0);

		cr_expect_eq(strstr(page, "href=") != NULL, rows[i].link,
			"%zu: %s", i, page);
		cr_expect_eq(
			strstr(page, "</a>") != NULL, rows[i].link, "%zu", i);
		free(page);
	}
}

/* A key to one is no key to the other, whatever their numbers. */
Test(storm_page, its_link_is_no_link_to_a_follow_up)
{
	static char url[] = "https://nps.example.com";
	struct policy policy = {.public_url = url, .links_valid_ms = 1000};
	json_t *link = storm_link(&policy, key, 5, NOW);
	const char *text = strstr(json_string_value(link), LINK_TOKEN_PATH);
	char follow_up[LINK_TOKEN_LENGTH + 1];
	struct link_token token;

	cr_assert_not_null(text, "%s", json_string_value(link));
	text += sizeof(LINK_TOKEN_PATH) - 1;
	cr_assert_eq(storm_link_read(key, text, NOW, &token), LINK_GOOD, "it");
	cr_assert_eq(token.follow_up, 5, "its row");
	cr_assert_eq(storm_link_read(key, text, NOW + 1001, &token),
		LINK_EXPIRED, "in time");
	cr_assert_eq(link_token_read(key, text, NOW, &token), LINK_WRONG,
		"no follow-up's");
	link_token_write(key, 5, "", NOW + 1000, follow_up);
	cr_assert_eq(storm_link_read(key, follow_up, NOW, &token), LINK_WRONG,
		"no storm's");
	json_decref(link);
	policy.public_url = NULL;
	link = storm_link(&policy, key, 5, NOW);
	cr_assert(json_is_null(link), "nowhere to lead to");
	json_decref(link);
}
