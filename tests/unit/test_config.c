/*
 * config - what the whole configuration means and refuses. How keys are read is
 * tested with setting; here is what this file puts together and checks itself.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "conf_folder.h"
#include "top/config.h"
#include "top/kinds.h"

static struct conf_folder folder;

static void
enter(void)
{
	conf_folder_init(&folder);
}

static void
leave(void)
{
	conf_folder_done(&folder);
}

TestSuite(config, .init = enter, .fini = leave);

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))
#define SECRET "0123456789abcdef"

/* NULL with *errors: the caller frees both. */
static struct config *
load(const char *yaml, char **errors)
{
	struct conf_errors *list = conf_errors_new();
	struct config *config;

	conf_folder_write_text("npsd.yaml", yaml);
	config = config_load("npsd.yaml", false, list);
	*errors = conf_errors_text(list);
	conf_errors_free(list);
	return config;
}

static struct config *
good(const char *yaml)
{
	char *errors;
	struct config *config = load(yaml, &errors);

	cr_assert_not_null(config, "%s: %s", yaml, errors);
	cr_assert_str_eq(errors, "", "no warning: %s", errors);
	free(errors);
	return config;
}

/* ---- what is meant ---- */

Test(config, defaults)
{
	static const char *const windows[] = {
		"24h", "7d", "30d", "90d", "month", "quarter"};
	struct config *config = good("sources: {}\n");

	cr_assert_eq(config->server.listen_count, 1, "one address");
	cr_assert_str_eq(
		config->server.listen[0].address, "127.0.0.1:8677", "listen");
	cr_assert_str_eq(
		config->server.control, "/run/npsd/control.sock", "control");
	cr_assert_eq(config->access.count, 0, "no tokens");
	cr_assert_str_eq(
		config->store, "sqlite:/var/lib/npsd/npsd.db", "store");
	cr_assert_eq(config->tally.window_count, COUNT(windows), "windows");
	for (size_t i = 0; i < COUNT(windows); i++)
		cr_assert_str_eq(
			config->windows[i].name, windows[i], "in order");
	cr_assert_eq(config->tally.segment_count, 0, "no segments");
	cr_assert_eq(config->tally.max_slots, 10000, "max_segments");
	cr_assert_eq(config->metrics.max_series, 1000, "max_series");
	cr_assert_null(config->metric_segments[0], "no labels");
	cr_assert_eq(config->policy.action_count, 0, "no actions");
	cr_assert_eq(config->policy.rules->count, 0, "no rules");
	cr_assert_eq(config->policy.keep_responses_ms, 400 * MS_PER_DAY,
		"keep_responses");
	cr_assert_eq(config->policy.keep_rejected_ms, 30 * MS_PER_DAY,
		"keep_rejected");
	cr_assert(config->policy.contact_default, "contact_default");
	cr_assert_eq(strlen(config->hash), 16, "a hash");
	config_free(config);
	config_free(NULL);
}

static const char whole[] =
	"server:\n"
	"  listen: [\"127.0.0.1:1\", {address: \"[::1]:2\"}]\n"
	"  control: ./control.sock\n"
	"  tokens:\n"
	"    shop: {role: intake, secret: {file: shop.token}}\n"
	"    ops: {role: admin, secret: {file: ops.token}}\n"
	"store: \"memory:\"\n"
	"score: {windows: [1h, day], segments: [region, agent],\n"
	"  max_segments: 5, timezone: Europe/Amsterdam}\n"
	"metrics: {segments: [agent], max_series: 7}\n"
	"sources:\n"
	"  spool: {type: file, path: /tmp/x.jsonl, survey: s}\n"
	"  hook: {type: webhook, path: /hooks/x}\n"
	"actions:\n"
	"  note: {type: log, limit: {concurrent: 3}}\n"
	"rules:\n"
	"  - {name: one, match: {category: detractor}, do: [note]}\n"
	"privacy: {keep_responses: 2d, keep_rejected: 2h,\n"
	"  contact_default: false}\n";

static void
write_tokens(void)
{
	conf_folder_write_text("shop.token", SECRET "-shop\n");
	conf_folder_write_text("ops.token", SECRET "-ops\n");
}

Test(config, every_key_arrives)
{
	struct config *config;

	write_tokens();
	config = good(whole);
	cr_assert_eq(config->server.listen_count, 2, "addresses");
	cr_assert_str_eq(config->server.listen[1].address, "[::1]:2", "second");
	cr_assert_str_eq(config->server.control, "./control.sock", "control");
	cr_assert_eq(config->access.count, 2, "tokens");
	cr_assert_str_eq(config->access.tokens[0].name, "shop", "name");
	cr_assert_eq(config->access.tokens[0].role, ROLE_INTAKE, "role");
	cr_assert_str_eq(
		config->access.tokens[0].secret, SECRET "-shop", "secret");
	cr_assert_eq(config->access.tokens[1].role, ROLE_ADMIN, "role");
	cr_assert_eq(config->tally.window_count, 2, "windows");
	cr_assert_eq(config->tally.segment_count, 2, "segments");
	cr_assert_str_eq(config->tally.segments[1], "agent", "segment");
	cr_assert_eq(config->tally.max_slots, 5, "max_segments");
	cr_assert_str_eq(config->metric_segments[0], "agent", "label");
	cr_assert_null(config->metric_segments[1], "that one only");
	cr_assert_eq(config->sources.count, 2, "sources");
	cr_assert_eq(source_kind_of(config->sources.items[0].kind),
		&source_file, "a file");
	cr_assert_eq(source_kind_of(config->sources.items[1].kind),
		&source_webhook, "a hook");
	cr_assert_eq(config->policy.action_count, 1, "actions");
	cr_assert_str_eq(config->policy.actions[0].name, "note", "note");
	cr_assert_eq(config->policy.actions[0].kind, &action_log, "a log");
	cr_assert_eq(config->policy.actions[0].settings->limit.concurrent, 3,
		"limit");
	cr_assert_eq(config->policy.rules->count, 1, "rules");
	cr_assert_eq(
		config->policy.keep_responses_ms, 2 * MS_PER_DAY, "responses");
	cr_assert_eq(
		config->policy.keep_rejected_ms, 2 * MS_PER_HOUR, "rejected");
	cr_assert_not(config->policy.contact_default, "contact_default");
	config_free(config);
}

/* By which a report says what it speaks of. */
Test(config, the_hash_tells_one_from_another)
{
	struct config *first = good("store: \"memory:\"\n");
	struct config *second = good("store: \"memory:\"\n");
	struct config *third = good("store: sqlite:/tmp/x.db\n");

	cr_assert_str_eq(first->hash, second->hash, "the same");
	cr_assert_str_neq(first->hash, third->hash, "another store");
	config_free(first);
	config_free(second);
	config_free(third);
}

Test(config, listens_as_each_entry_says)
{
	struct config *config = good(
		"server:\n"
		"  listen:\n"
		"    - {address: \"127.0.0.1:1\", serve: [metrics, health]}\n"
		"    - {address: \"0.0.0.0:2\", tls: proxy, serve: hooks}\n"
		"    - {address: \"[::]:3\", tls: off}\n"
		"    - \"[::1]:4\"\n"
		"  trusted_proxies: [10.0.0.0/8, \"::1\"]\n"
		"  tokens: {a: {role: read, secret: {env: PATH}}}\n"
		"  limits: {connections: 5, body: 2s}\n");
	const struct server_settings *server = &config->server;
	static const struct {
		unsigned services;
		enum server_tls tls;
	} rows[] = {
		{API_SERVES_METRICS | API_SERVES_HEALTH, SERVER_TLS_UNSAID},
		{API_SERVES_HOOKS, SERVER_TLS_PROXY},
		{API_SERVES_ALL, SERVER_TLS_OFF},
		{API_SERVES_ALL, SERVER_TLS_UNSAID},
	};

	cr_assert_eq(server->listen_count, COUNT(rows), "entries");
	for (size_t i = 0; i < COUNT(rows); i++) {
		cr_assert_eq(server->listen[i].services, rows[i].services,
			"%zu: serves", i);
		cr_assert_eq(
			server->listen[i].tls.kind, rows[i].tls, "%zu: tls", i);
	}
	cr_assert(address_ranges_hold(&server->trusted_proxies, "10.1.2.3"),
		"in the range");
	cr_assert(address_ranges_hold(
			  &server->trusted_proxies, "::ffff:10.1.2.3"),
		"mapped");
	cr_assert(
		address_ranges_hold(&server->trusted_proxies, "::1"), "alone");
	cr_assert_not(address_ranges_hold(&server->trusted_proxies, "11.0.0.1"),
		"no proxy");
	cr_assert_not(address_ranges_hold(&server->trusted_proxies, "x"),
		"no address");
	cr_assert_eq(server->limits.connections, 5, "set");
	cr_assert_eq(server->limits.body_ms, 2000, "set");
	cr_assert_eq(server->limits.head_ms, http_limits_default.head_ms,
		"the default");
	cr_assert_eq(server->limits.per_address,
		http_limits_default.per_address, "the default");
	cr_assert_eq(server->limits.answer_ms, http_limits_default.answer_ms,
		"the default");
	config_free(config);
}

Test(config, listens_nowhere_by_an_empty_list)
{
	struct config *config = good("server: {listen: []}\n");

	cr_assert_eq(config->server.listen_count, 0, "nowhere");
	config_free(config);
}

Test(config, needs_no_secrets_offline)
{
	struct conf_errors *errors = conf_errors_new();
	struct config *config;

	conf_folder_write_text("npsd.yaml", whole);
	config = config_load("npsd.yaml", true, errors);
	cr_assert_not_null(config, "good without its secrets");
	config_free(config);
	cr_assert_null(config_load("npsd.yaml", false, errors), "not so");
	conf_errors_free(errors);
}

/* Keys of a preset count where the record says nothing. */
Test(config, takes_presets)
{
	struct config *config;
	const struct setting_item *item;

	cr_assert_eq(mkdir("presets", 0700), 0);
	cr_assert_eq(mkdir("presets/actions", 0700), 0);
	cr_assert_eq(mkdir("presets/sources", 0700), 0);
	conf_folder_write_text("presets/actions/note.yaml",
		"type: log\nlimit: {concurrent: 3}\ntimeout: 20s\n");
	conf_folder_write_text("presets/sources/drop.yaml",
		"type: directory\nrevisions: arrival\n");
	config = good("sources: {a: {preset: drop, path: /tmp/x}}\n"
		      "actions: {n: {preset: note, timeout: 9s}}\n"
		      "rules: [{name: r, do: n}]\n");
	item = &config->sources.items[0];
	cr_expect_eq(source_kind_of(item->kind), &source_directory, "kind");
	cr_expect(((struct source_settings *)item->record)->by_arrival, "key");
	cr_expect_eq(config->policy.actions[0].settings->limit.concurrent, 3,
		"deep");
	cr_expect_eq(
		config->policy.actions[0].settings->timeout_ms, 9000, "own");
	config_free(config);
}

Test(config, includes_rules)
{
	struct config *config;

	conf_folder_write_text("more.yaml",
		"rules:\n  - {name: two, match: {category: passive}, "
		"do: [note]}\n");
	config = good("include: [more.yaml]\n"
		      "actions: {note: {type: log}}\n");
	cr_assert_eq(config->policy.rules->count, 1, "rules");
	cr_assert_str_eq(config->policy.rules->items[0]->name, "two", "two");
	config_free(config);
}

/* ---- what is refused ---- */

static const struct {
	const char *yaml;
	const char *place; /* FILE:LINE:COLUMN: KEY */
	const char *why;
} errors[] = {
	/* server */
	{"server: {listen: {port: 1}}\n", "server.listen", "address"},
	{"server: {listen: [[x]]}\n", "server.listen[0]",
		"expected an address such as"},
	{"server: {listen: \"0.0.0.0:1\"}\n", "server.listen", "tls: proxy"},
	{"server: {listen: {address: \"[::]:1\"}}\n", "server.listen",
		"other machines"},
	{"server: {listen: {address: \"127.0.0.1:1\", serve: [pages]}}\n",
		"server.listen", "\"pages\" cannot be served"},
	{"server: {listen: {address: \"127.0.0.1:1\", serve: []}}\n",
		"server.listen", "serves nothing"},
	{"server: {listen: {address: \"127.0.0.1:1\", tls: on}}\n",
		"server.listen.tls", "certificate"},
	{"server: {listen: {address: \"127.0.0.1:1\", tls: {key: k}}}\n",
		"server.listen.tls", "certificate"},
	{"server: {listen: {address: \"127.0.0.1:1\","
	 " tls: {certificate: none.crt, key: k}}}\n",
		"server.listen.tls", "none.crt"},
	{"server: {listen: [\"127.0.0.1:1\", \"127.0.0.1:1\"]}\n",
		"server.listen[1]", "heard already"},
	{"server: {trusted_proxies: [proxy.example.com]}\n",
		"server.trusted_proxies", "range"},
	{"server: {limits: {connections: 0}}\n", "server.limits.connections",
		""},
	{"server: {limits: {headers: 0s}}\n", "server.limits.headers", ""},
	{"server: {listen: nowhere}\n", "npsd.yaml:1:18: server.listen", ""},
	{"server: {listen: [\"127.0.0.1:8677\", \"127.0.0.1:99999\"]}\n",
		"server.listen[1]", ""},
	{"server: {control: ''}\n", "server.control", ""},
	{"server: {tokens: {a: {role: boss, secret: " SECRET "}}}\n",
		"server.tokens.a.role", "expected"},
	{"server: {tokens: {a: {role: admin, secret: short}}}\n",
		"server.tokens.a.secret", "at least 16"},
	{"server: {tokens: {a: {secret: " SECRET "}}}\n", "server.tokens.a",
		"role"},
	{"server: {tokens: {a: {role: read}}}\n", "server.tokens.a", "secret"},
	{"server: {public_url: nps.example.com}\n", "server.public_url",
		"such as https://nps.example.com"},
	{"server: {public_url: \"https://nps.example.com:99999\"}\n",
		"npsd.yaml:1:22: server.public_url", "ort number"},
	{"server: {public_url: \"https://nps.example.com:http\"}\n",
		"server.public_url", "ort number"},
	{"server: {public_url: \"https://\"}\n", "server.public_url", ""},
	{"server: {public_url: \"https:///x\"}\n", "server.public_url", ""},
	{"server: {public_url: \"https://a@nps.example.com\"}\n",
		"server.public_url", "user name"},
	{"server: {public_url: \"https://nps.example.com/?a\"}\n",
		"server.public_url", ""},
	{"server: {lisen: x}\n", "npsd.yaml:1:10: server",
		"did you mean \"listen\"?"},
	/* score */
	{"score: {windows: [24h, 5]}\n", "npsd.yaml:1:24: score.windows", ""},
	{"score: {windows: [24h, fortnight]}\n",
		"npsd.yaml:1:24: score.windows", ""},
	{"score: {timezone: Europe/Atlantis}\n",
		"npsd.yaml:1:19: score.timezone", "Europe/Atlantis"},
	{"score: {segments: [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p]}"
	 "\n",
		"score.segments", "15"},
	{"score: {max_segments: 0}\n", "score.max_segments", ""},
	/* who is told of a failure */
	{"actions: {a: {type: log, on_failure: [b]}}\n", "actions.a.on_failure",
		"there is no action \"b\""},
	{"actions: {a: {type: log, on_failure: [a]}}\n", "actions.a.on_failure",
		"in a ring: a, a"},
	{"actions: {a: {type: log, on_failure: [b]}, b: {type: log, "
	 "on_failure: [c]}, c: {type: log, on_failure: [d, b]}, d: {type: "
	 "log}}\n",
		"actions.c.on_failure", "in a ring: b, c, b"},
	{"actions: {a: {type: log, limit: {rate: 5}}}\n",
		"actions.a.limit.rate", "200/m"},
	/* metrics */
	{"metrics: {segments: [region]}\n", "npsd.yaml:1:21: metrics.segments",
		"\"region\" is not among score.segments"},
	{"metrics: {max_series: 0}\n", "metrics.max_series", ""},
	/* privacy */
	{"privacy: {keep_responses: 1h}\n", "privacy.keep_responses", ""},
	{"privacy: {keep_rejected: 1s}\n", "privacy.keep_rejected", ""},
	{"privacy: {contact_default: perhaps}\n", "privacy.contact_default",
		""},
	/* sources */
	{"sources: {api: {type: file, path: /x}}\n", "sources.api",
		"\"api\" is a built-in source"},
	{"sources: {a: {type: fle, path: /x}}\n", "sources.a.type",
		"did you mean \"file\"?"},
	{"sources: {a: {path: /x}}\n", "sources.a", "type"},
	{"sources: {a: {type: webhook, path: /h, open: true},\n"
	 "  b: {type: webhook, path: /h, open: true}}\n",
		"npsd.yaml:2:6: sources.b", "source \"a\" hears at /h already"},
	{"sources: {a: {type: webhook, path: /h}}\n", "sources.a",
		"says not who may post to it"},
	{"server: {tokens: {a: {role: figures, secret: " SECRET "}}}\n"
	 "sources: {a: {type: webhook, path: /h}}\n",
		"sources.a", "says not who may post to it"},
	/* actions and rules */
	{"actions: {a: {type: lg}}\n", "actions.a.type", "did you mean"},
	{"rules:\n  - {name: a, match: {category: detractor}, do: [crm]}\n",
		"npsd.yaml:2:50: rules[0].do", "crm"},
	{"actions: {crm: {type: log}}\nrules:\n"
	 "  - {name: a, match: {category: detractor}, do: [cmr]}\n",
		"rules[0].do", "did you mean crm?"},
	{"actions: {a: {type: log}}\nrules:\n"
	 "  - {name: a, match: {category: detractor}, when: '.response.', "
	 "do: [a]}\n",
		"npsd.yaml:3", "when"},
	/* the whole */
	{"", "npsd.yaml", ""},
	{"[]\n", "npsd.yaml:1", ""},
	{"store: x\nstore: y\n", "npsd.yaml:2:1", "store"},
	{"stoer: x\n", "npsd.yaml:1:1", "did you mean \"store\"?"},
};

Test(config, every_error_has_its_place)
{
	for (size_t i = 0; i < COUNT(errors); i++) {
		char *text;
		struct config *config = load(errors[i].yaml, &text);

		cr_assert_null(config, "%s: is refused", errors[i].yaml);
		cr_assert_not_null(strstr(text, errors[i].place), "%s: %s: %s",
			errors[i].yaml, errors[i].place, text);
		cr_assert_not_null(strstr(text, errors[i].why), "%s: %s: %s",
			errors[i].yaml, errors[i].why, text);
		cr_assert_null(strstr(text, SECRET), "%s: no secret: %s",
			errors[i].yaml, text);
		free(text);
	}
}

Test(config, all_errors_at_once)
{
	char *text;
	struct config *config = load("metrics: {segments: [x]}\n"
				     "score: {timezone: Europe/Atlantis}\n"
				     "sources: {api: {type: file, path: /x}}\n"
				     "rules:\n  - {name: a, match: {category: "
				     "detractor}, do: [crm]}\n",
		&text);

	cr_assert_null(config, "refused");
	cr_assert_not_null(strstr(text, "metrics.segments"), "%s", text);
	cr_assert_not_null(strstr(text, "score.timezone"), "%s", text);
	cr_assert_not_null(strstr(text, "sources.api"), "%s", text);
	cr_assert_not_null(strstr(text, "rules"), "%s", text);
	free(text);
}

#define TOLD                                                               \
	"actions: {out: {type: log}}\n"                                    \
	"rules: [{name: a, owner: anna, follow_up: {contact_within: 1wd, " \
	"hours: office}, do: out}]\n"                                      \
	"watches: [{name: b, silent_for: 2h, hours: office, do: out}]\n"
#define WORKED "hours: {office: {from: 9:00, to: 17:00}}\n"
#define ANNA "owners: {anna: {email: a@example.com}}\n"
#define TABLE "owners: {file: owners.csv}\n"

/* What names something that was refused is no fault of its own. */
Test(config, one_fault_is_one_message)
{
	static const struct {
		const char *yaml, *table, *why;
	} rows[] = {
		{ANNA "hours: {office: {from: 9.00, to: 17:00}}\n", NULL,
			"hours.office.from"},
		{ANNA "hours: {office: {from: 9:00}}\n", NULL,
			"hours.office.days"},
		{ANNA "hours: {office: {from: 9:00, to: 17:00, timezone: "
		      "Mars/X}}\n",
			NULL, "hours.office.timezone"},
		{ANNA "hours: {office: {from: 9:00, to: 17:00, holidays: "
		      "none}}\n",
			NULL, "hours.office.holidays"},
		{TABLE WORKED, NULL, "owners.csv: No such file"},
		{TABLE WORKED, "name,email\n", "it names nobody"},
		{TABLE WORKED, "name,email,colour\nanna,a@example.com,red\n",
			"owners.anna.colour"},
		{TABLE WORKED,
			"name,manager\nanna,jan\njan,\nanna,jan\nanna,jan\n",
			"line 4"},
		{TABLE WORKED, "mail\na@example.com\n", "expected a column"},
		{"owners: {file: owners.csv, jan: {}}\n" WORKED, NULL,
			"beside the file"},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		char *yaml = mem_printf(TOLD "%s", rows[i].yaml), *said;
		int faults = 0;

		if (rows[i].table != NULL)
			conf_folder_write_text("owners.csv", rows[i].table);
		cr_assert_null(load(yaml, &said), "%s", yaml);
		for (const char *at = said; (at = strstr(at, "npsd.yaml:"));
			at++)
			faults++;
		cr_assert_eq(faults, 1, "%d: %s", faults, said);
		cr_assert_not_null(strstr(said, rows[i].why), "%s", said);
		free(said);
		free(yaml);
	}
}

Test(config, a_file_that_is_not_there)
{
	struct conf_errors *list = conf_errors_new();
	char *text;

	cr_assert_null(config_load("nothing.yaml", false, list), "refused");
	text = conf_errors_text(list);
	cr_assert_not_null(strstr(text, "nothing.yaml"), "%s", text);
	free(text);
	conf_errors_free(list);
}

/* ---- who may post to a hook ---- */

Test(config, hooks_say_who_may_post)
{
	static const struct {
		const char *role, *hook;
		bool good;
	} rows[] = {
		{NULL, "open: true", true},
		{NULL, "token: " SECRET, true},
		{NULL, "open: false", false},
		{"intake", "open: false", true},
		{"admin", "open: false", true},
		{"read", "open: false", false},
		{"figures", "open: false", false},
		{"figures", "token: " SECRET, true},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		char *text, *yaml = mem_printf("%s%s%ssources: {a: {type: "
					       "webhook, path: /h, %s}}\n",
				    rows[i].role != NULL
					    ? "server: {tokens: {t: {role: "
					    : "",
				    rows[i].role != NULL ? rows[i].role : "",
				    rows[i].role != NULL ? ", secret: " SECRET
							   "}}}\n"
							 : "",
				    rows[i].hook);
		struct config *config = load(yaml, &text);

		cr_assert_eq(
			config != NULL, rows[i].good, "%s: %s", yaml, text);
		config_free(config);
		free(text);
		free(yaml);
	}
}

/* ---- what is shipped ---- */

Test(config, the_shipped_one_is_good)
{
	const char *top = getenv("top_srcdir");
	char *path = mem_printf("%s/etc/npsd.yaml", top != NULL ? top : "");
	struct conf_errors *list = conf_errors_new();
	struct config *config;
	char *text;

	if (top == NULL)
		cr_skip_test("top_srcdir is not set");
	config = config_load(path, false, list);
	text = conf_errors_text(list);
	cr_assert_not_null(config, "%s", text);
	cr_assert_str_eq(text, "", "without a warning");
	cr_assert_eq(config->policy.rules->count, 1, "its rule");
	config_free(config);
	conf_errors_free(list);
	free(text);
	free(path);
}
