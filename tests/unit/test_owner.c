/* Who answers for a follow-up. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "nps/owner.h"

TestSuite(owner);

struct read {
	struct setting_items items;
	struct owner_choice choice;
};

static const struct setting rows[] = {
	{"owners", SETTING_MAP, offsetof(struct read, items),
		.fields = owner_settings, .size = sizeof(struct owner)},
	{"owner", SETTING_CUSTOM, offsetof(struct read, choice),
		.read = owner_choice_read, .done = owner_choice_done},
	{.key = NULL},
};

struct house {
	struct conf_errors *errors;
	struct conf_document *document;
	struct read read;
	struct owners owners;
	struct buf said;
	bool good;
};

static void
house_init(struct house *house, const char *yaml)
{
	struct setting_reader reader = {0};

	*house = (struct house){.errors = conf_errors_new()};
	reader.errors = house->errors;
	house->document =
		conf_document_read("t", yaml, strlen(yaml), house->errors);
	cr_assert_not_null(house->document, "%s", yaml);
	const struct conf_node *root = conf_document_root(house->document);

	house->good = setting_read(&reader, rows, root, "", &house->read);
	house->good = owners_init(&house->owners, &house->read.items, NULL,
			      NULL, house->errors) &&
		      house->good;
	house->good =
		owner_choice_check(&house->read.choice, &house->owners,
			conf_node_at(root, "owner"), "owner", house->errors) &&
		house->good;
	conf_errors_write(house->errors, &house->said);
	buf_append(&house->said, "", 1);
}

static void
house_done(struct house *house)
{
	owners_done(&house->owners);
	setting_done(rows, &house->read);
	conf_document_free(house->document);
	conf_errors_free(house->errors);
	buf_done(&house->said);
}

#define PEOPLE                                                             \
	"owners:\n  anna: {name: Anna V, email: Anna@Example.com, "        \
	"language: nl, manager: jan, cover: eva, away: 2026-11-21}\n"      \
	"  eva: {away: [{from: 2026-11-21, to: 2026-11-21}]}\n  jan: {}\n" \
	"  piet: {away: 2026-11-01..2026-11-30}\n"

enum { DAY = 24 * 3600 * 1000 };
#define NOON_21 INT64_C(1795262400000) /* 2026-11-21T12:00:00Z */

static struct response *
decode(const char *text)
{
	const struct response_defaults defaults = {
		.survey = "s", .contact_ok = true, .now_ms = NOON_21};
	struct rejection why;
	struct response *response =
		response_decode(text, strlen(text), &defaults, &why);

	cr_assert_not_null(response, "%s: %s", text, why.text);
	return response;
}

Test(owner, is_chosen)
{
	static const struct {
		const char *owner, *answer;
		int64_t turn, now_ms;
		const char *chosen;
	} cases[] = {
		{"jan", "{}", 0, NOON_21, "jan"},
		{"x@y.nl", "{}", 0, NOON_21, "x@y.nl"},
		/* anna and her cover are away on the 21st */
		{"anna", "{}", 0, NOON_21 - DAY, "anna"},
		{"anna", "{}", 0, NOON_21, "jan"},
		/* nobody stands in for piet */
		{"piet", "{}", 0, NOON_21, "piet"},
		{"[piet, jan, eva]", "{}", 0, NOON_21, "jan"},
		{"[piet, jan, eva]", "{}", 1, NOON_21, "jan"},
		{"[piet, jan, eva]", "{}", 2, NOON_21, "jan"},
		{"[piet, jan, eva]", "{}", 5, NOON_21 + DAY, "eva"},
		{"[piet, eva]", "{}", 1, NOON_21, "eva"},
		{"{field: segment.agent, map: {a: jan}}", "{\"agent\":\"a\"}",
			0, NOON_21, "jan"},
		{"{field: segment.agent, map: {a: jan}}", "{\"agent\":\"b\"}",
			0, NOON_21, NULL},
		{"{field: segment.agent, default: jan}", "{}", 0, NOON_21,
			"jan"},
		{"{field: segment.agent}", "{\"agent\":\"jan\"}", 0, NOON_21,
			"jan"},
		{"{field: segment.agent}", "{\"agent\":\"z@y.nl\"}", 0, NOON_21,
			"z@y.nl"},
		{"{field: segment.agent, default: jan}",
			"{\"agent\":\"no address, @ all\"}", 0, NOON_21, "jan"},
		/* an address of one of ours is that person */
		{"{field: segment.agent}", "{\"agent\":\"anna@example.COM\"}",
			0, NOON_21 + DAY, "anna"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char yaml[600], text[200];
		struct house house;
		struct previous previous = {0};
		struct value value;

		snprintf(yaml, sizeof(yaml), PEOPLE "owner: %s\n",
			cases[i].owner);
		snprintf(text, sizeof(text), "{\"score\":3,\"segment\":%s}",
			cases[i].answer);
		house_init(&house, yaml);
		cr_assert(house.good, "%zu: %s", i, house.said.data);
		struct response *response = decode(text);
		struct subject subject = {response, &previous};
		const char *chosen = owner_choose(&house.read.choice,
			&house.owners, &subject, cases[i].turn, cases[i].now_ms,
			&value);

		if (cases[i].chosen)
			cr_assert(chosen && !strcmp(chosen, cases[i].chosen),
				"%zu: %s", i, chosen ? chosen : "nobody");
		else
			cr_assert_null(chosen, "%zu: %s", i, chosen);
		response_free(response);
		house_done(&house);
	}
}

Test(owner, mistakes_are_told)
{
	static const struct {
		const char *yaml, *said;
	} cases[] = {
		{"owners: {a: {manager: b}}", "there is no owner \"b\""},
		{"owners: {a: {cover: a}}", "this is the same person"},
		{"owners: {a: {email: \"a b\"}}", "expected a plain address"},
		{"owners: {\"a b\": {}}", "no blank"},
		{"owners: {link: {}}", "no owner can have this name"},
		{"owners: {npsd: {}}", "no owner can have this name"},
		{"owners: {a: {away: 2026-02-30}}", "expected days such as"},
		{"owners: {a: {away: [{from: 2026-02-02, to: 2026-02-01}]}}",
			"ends before it begins"},
		{"owners: {anna: {}}\nowner: ana", "did you mean anna?"},
		{"owner: [a@b.nl, nobody]", "no owner \"nobody\""},
		{"owner: {field: a.b, map: {x: nobody}}",
			"no owner \"nobody\""},
		{"owner: {field: \"a..b\"}", "owner"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct house house;

		house_init(&house, cases[i].yaml);
		cr_assert_not(house.good, "%zu", i);
		cr_assert_not_null(strstr(house.said.data, cases[i].said),
			"%zu: %s", i, house.said.data);
		house_done(&house);
	}
}

Test(owner, as_documents_show_one)
{
	static const struct {
		const char *name, *text;
	} cases[] = {
		{NULL, "null"},
		{"anna", "{\"display\":\"Anna "
			 "V\",\"email\":\"Anna@Example.com\","
			 "\"language\":\"nl\",\"manager\":{\"display\":\"jan\","
			 "\"email\":null,\"language\":null,\"name\":\"jan\"},"
			 "\"name\":\"anna\"}"},
		{"x@y.nl", "{\"display\":\"x@y.nl\",\"email\":\"x@y.nl\","
			   "\"language\":null,\"manager\":null,\"name\":\"x@y."
			   "nl\"}"},
	};
	struct house house;

	house_init(&house, PEOPLE);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		json_t *json = owner_json(&house.owners, cases[i].name);
		char *text = json_canonical(json);

		cr_assert_str_eq(text, cases[i].text, "%zu: %s", i, text);
		free(text);
		json_decref(json);
	}
	house_done(&house);
}
