/* config - the whole configuration: tables put together, loaded, checked. */
#include "top/config.h"

#include <stdlib.h>
#include <string.h>

#include "action/connection.h"
#include "base/memory.h"
#include "base/text.h"
#include "conf/preset.h"
#include "conf/table_merge.h"
#include "crypt/digest.h"
#include "nps/hours.h"
#include "top/calendars.h"
#include "top/config_warnings.h"
#include "top/failure_chain.h"
#include "top/kinds.h"

#define AT(member) offsetof(struct config, member)

/* ---- score, metrics, privacy ---- */

#define IN_SCORE(member) (AT(score.member) - AT(score))
static const struct setting score_settings[] = {
	{"windows", SETTING_TEXTS, IN_SCORE(windows),
		.fallback = "[24h, 7d, 30d, 90d, month, quarter]", .low = 1,
		.high = 15,
		.help = "The stretches of time that a score is told for: "
			"rolling ones such as 24h or 30d, and day, week, "
			"month, quarter, year by the calendar. Time is counted "
			"in minutes up to 24h and in hours beyond."},
	{"segments", SETTING_TEXTS, IN_SCORE(segments), .low = 1,
		.high = RESPONSE_NAME_LIMIT_BYTES,
		.help = "Members of an answer's segment that scores are also "
			"told for. The survey always is one."},
	{"max_segments", SETTING_INTEGER, IN_SCORE(max_segments),
		.fallback = "10000", .low = 1, .high = 1000000,
		.help = "Most values counted apart; answers with further ones "
			"count under the value \"other\"."},
	{"timezone", SETTING_TEXT, IN_SCORE(timezone), .fallback = "UTC",
		.low = 1, .high = 64,
		.help = "The zone of calendar windows, as in "
			"Europe/Amsterdam."},
	{.key = NULL},
};

#define IN_METRICS(member) (AT(metrics.member) - AT(metrics))
static const struct setting metrics_settings[] = {
	{"segments", SETTING_TEXTS, IN_METRICS(segments), .low = 1,
		.high = RESPONSE_NAME_LIMIT_BYTES,
		.help = "Segments whose values may be labels of npsd_score."},
	{"max_series", SETTING_INTEGER, IN_METRICS(max_series),
		.fallback = "1000", .low = 1, .high = 100000,
		.help = "Most series of npsd_score."},
	{.key = NULL},
};

#define IN_LINKS(member) (AT(links.member) - AT(links))
static const struct setting links_settings[] = {
	{"valid_for", SETTING_DURATION, IN_LINKS(valid_for_ms),
		.fallback = "30d", .low = (double)MS_PER_HOUR,
		.high = 366.0 * (double)MS_PER_DAY,
		.help = "How long a link in a mail is good for, from when the "
			"mail was written."},
	{.key = NULL},
};

#define IN_PRIVACY(member) (AT(privacy.member) - AT(privacy))
static const struct setting privacy_settings[] = {
	{"keep_responses", SETTING_DURATION, IN_PRIVACY(keep_responses_ms),
		.fallback = "400d", .low = (double)MS_PER_DAY, .high = -1,
		.help = "How long an answer's content is kept. What it was "
			"counted as stays, and a keyed hash of its identity, "
			"so that a resent one is known."},
	{"keep_rejected", SETTING_DURATION, IN_PRIVACY(keep_rejected_ms),
		.fallback = "30d", .low = (double)MS_PER_HOUR, .high = -1,
		.help = "How long refused records are kept."},
	{"contact_default", SETTING_BOOLEAN, IN_PRIVACY(contact_default),
		.fallback = "true",
		.help = "What an answer without contact_ok means."},
	{.key = NULL},
};

/* ---- all of it ---- */

const struct setting config_settings[] = {
	{"include", SETTING_TEXTS, AT(include),
		.help = "Further files, by name or pattern, read as if they "
			"stood here. Paths are relative to this file."},
	{"server", SETTING_RECORD, AT(server), .fields = server_settings,
		.help = "Where npsd is asked and told."},
	{"store", SETTING_TEXT, AT(store), .fallback = CONFIG_STORE, .low = 1,
		.high = 4096, .help = "Where everything is kept."},
	{"score", SETTING_RECORD, AT(score), .fields = score_settings,
		.help = "The rolling Net Promoter Score."},
	{"metrics", SETTING_RECORD, AT(metrics), .fields = metrics_settings,
		.help = "What /metrics shows."},
	{"outgoing", SETTING_RECORD, AT(outgoing),
		.fields = connection_policy_settings,
		.help = "Which addresses all actions connect to."},
	{"sources", SETTING_MAP, AT(sources), .fields = source_settings,
		.kinds = source_setting_kinds,
		.help = "Where answers come from, by name."},
	{"owners", SETTING_MAP, AT(owners), .fields = owner_settings,
		.size = sizeof(struct owner),
		.help = "Who answers for follow-ups, by name; or {file: "
			"owners.csv}, with columns name, display, email, "
			"language, manager, cover and away. See FOLLOW-UPS."},
	{"reasons", SETTING_TEXTS, AT(reasons), .low = 1, .high = 64,
		.fallback = "[product, price, delivery, service, "
			    "communication, other]",
		.help = "What the trouble was, for follow-ups that are "
			"resolved or lost: one of these is asked for."},
	{"hours", SETTING_MAP, AT(hours), .fields = hours_settings,
		.size = sizeof(struct hours),
		.help = "When somebody works, by name: what clocks of "
			"follow-ups run by. See HOURS."},
	{"actions", SETTING_MAP, AT(actions), .fields = action_settings,
		.kinds = action_setting_kinds,
		.help = "What can be done about one, by name."},
	{"rules", SETTING_LIST, AT(rules), .fields = rule_settings,
		.size = sizeof(struct rule),
		.help = "What is done about which, in order: the first that "
			"matches is the last one looked at, unless it says "
			"continue: true."},
	{"watches", SETTING_LIST, AT(watch_items), .fields = watch_settings,
		.size = sizeof(struct watch),
		.help = "Which figures call for somebody: a score that falls "
			"or is too low, answers that cease, too few answers."},
	{"digests", SETTING_LIST, AT(digests), .fields = digest_plan_settings,
		.size = sizeof(struct digest_plan),
		.help = "Mails of figures that go out by a schedule."},
	{"links", SETTING_RECORD, AT(links), .fields = links_settings,
		.help = "Links to follow-ups, by which their owners claim and "
			"close them. They need server.public_url; see LINKS."},
	{"privacy", SETTING_RECORD, AT(privacy), .fields = privacy_settings,
		.help = "What is kept, and how long."},
	{.key = NULL},
};

static bool
make_windows(struct config *config, struct conf_errors *errors)
{
	const struct conf_node *node = conf_node_at(
		conf_node_at(conf_document_root(config->document), "score"),
		"windows");
	bool good = true;

	if (config->score.windows.count > WINDOWS_LIMIT)
		return conf_error(errors, node, "score.windows",
			"at most %d windows", WINDOWS_LIMIT);
	for (size_t i = 0; i < config->score.windows.count; i++) {
		struct err err;
		const struct conf_node *at =
			node != NULL && node->type == CONF_LIST
				? node->values[i]
				: node;

		if (!window_parse(&config->windows[i],
			    config->score.windows.items[i], &err))
			good = conf_error(
				errors, at, "score.windows", "%s", err.text);
	}
	return good;
}

static bool
make_tally(struct config *config, struct conf_errors *errors)
{
	const struct conf_node *score =
		conf_node_at(conf_document_root(config->document), "score");
	struct err err;

	if (config->score.segments.count > TALLY_SEGMENTS_LIMIT)
		return conf_error(errors, conf_node_at(score, "segments"),
			"score.segments", "at most %d segments",
			TALLY_SEGMENTS_LIMIT);
	config->zone = zone_open(config->score.timezone, &err);
	if (config->zone == NULL)
		return conf_error(errors, conf_node_at(score, "timezone"),
			"score.timezone", "%s", err.text);
	config->tally = (struct tally_settings){
		.windows = config->windows,
		.window_count = config->score.windows.count,
		.segments = (const char *const *)config->score.segments.items,
		.segment_count = config->score.segments.count,
		.max_slots = (size_t)config->score.max_segments,
		.zone = config->zone,
	};
	return true;
}

static bool
bind_rules(struct config *config, const char *const *actions,
	struct conf_errors *errors)
{
	const struct rule_names names = {
		&config->people, &config->calendars, &config->reasons, actions};
	bool good = owners_init(&config->people, &config->owners,
		conf_node_at(conf_document_root(config->document), "owners"),
		config->zone, errors);

	return rules_bind(&config->ruleset, &names, errors) && good;
}

static bool
make_policy(struct config *config, struct conf_errors *errors)
{
	size_t count = config->actions.count;
	const char **names = mem_new(count + 1, sizeof(char *));
	bool good = true;

	config->policy.actions =
		mem_new(count + 1, sizeof(struct policy_action));
	config->policy.action_count = count;
	for (size_t i = 0; i < count; i++) {
		const struct setting_item *item = &config->actions.items[i];
		struct policy_action *action = &config->policy.actions[i];
		char *path = mem_printf("actions.%s", item->name);

		names[i] = item->name;
		action->name = item->name;
		action->settings = item->record;
		action->kind =
			item->kind != NULL ? action_kind_of(item->kind) : NULL;
		if (action->kind != NULL && action->kind->check != NULL &&
			!action->kind->check(
				item->record, item->node, path, errors))
			good = false;
		free(path);
	}
	good &= failure_chain_check(&config->actions, errors);
	good &= rules_init(&config->ruleset, &config->rules, names, errors);
	good &= bind_rules(config, names, errors);
	free(names);
	config->policy.rules = &config->ruleset;
	config->policy.tally = &config->tally;
	config->policy.contact_default = config->privacy.contact_default;
	config->policy.public_url = config->server.public_url;
	config->policy.links_valid_ms = config->links.valid_for_ms;
	config->policy.keep_responses_ms = config->privacy.keep_responses_ms;
	config->policy.keep_rejected_ms = config->privacy.keep_rejected_ms;
	return good;
}

/* The names of records, ended by NULL; the caller frees the list. */
static const char **
names_of(const struct setting_items *items)
{
	const char **names = mem_new(items->count + 1, sizeof(char *));

	for (size_t i = 0; i < items->count; i++)
		names[i] = items->items[i].name;
	return names;
}

/* What watches count is counted beside the windows. */
static bool
make_watches(struct config *config, struct conf_errors *errors)
{
	size_t count = config->score.segments.count;
	const char **actions = names_of(&config->actions);
	const char **sources = names_of(&config->sources);
	const char **segments = mem_new(count + 1, sizeof(char *));
	const struct watches_names names = {
		actions, segments, sources, &config->calendars};
	bool good;

	for (size_t i = 0; i < count; i++)
		segments[i] = config->score.segments.items[i];
	good = watches_init(
		&config->watches, &config->watch_items, &names, errors);
	config->tally.stretches = config->watches.stretches;
	config->tally.stretch_count = config->watches.stretch_count;
	config->policy.watches = &config->watches;
	free(actions);
	free(sources);
	free(segments);
	return good;
}

/* Conditions are compiled once here, so that a bad one is told with its place;
 * the store thread compiles its own. */
static bool
check_conditions(struct config *config, struct conf_errors *errors)
{
	struct judge *judge = judge_new(&config->ruleset, errors);
	bool good = judge != NULL;

	judge_free(judge);
	return good;
}

static bool
has_intake_token(const struct config *config)
{
	for (size_t i = 0; i < config->server.tokens.count; i++) {
		const struct server_token *record =
			config->server.tokens.items[i].record;

		if (record->role == ROLE_INTAKE || record->role == ROLE_ADMIN)
			return true;
	}
	return false;
}

static const char *
path_of(const struct setting_item *item)
{
	const struct source_kind *kind =
		item->kind != NULL ? source_kind_of(item->kind) : NULL;

	return kind != NULL && kind->path != NULL ? kind->path(item->record)
						  : NULL;
}

/* A hook says who may post to it, and has a path of its own. */
static bool
check_hook(const struct config *config, const struct setting_item *item,
	const char *path, struct conf_errors *errors)
{
	struct source_webhook_access access;

	if (path_of(item) == NULL)
		return true;
	for (size_t i = 0; &config->sources.items[i] != item; i++) {
		const char *other = path_of(&config->sources.items[i]);

		if (other != NULL && strcmp(other, path_of(item)) == 0)
			return conf_error(errors, item->node, path,
				"source \"%s\" hears at %s already",
				config->sources.items[i].name, other);
	}
	access = source_webhook_access(item->record);
	if (access.open || access.token != NULL || has_intake_token(config))
		return true;
	return conf_error(errors, item->node, path,
		"says not who may post to it: give it verify: or token:, or "
		"name a token with role intake under server.tokens, or say "
		"open: true");
}

static bool
check_sources(struct config *config, struct conf_errors *errors)
{
	bool good = true;

	for (size_t i = 0; i < config->sources.count; i++) {
		const struct setting_item *item = &config->sources.items[i];
		const struct source_kind *kind =
			item->kind != NULL ? source_kind_of(item->kind) : NULL;
		char *path = mem_printf("sources.%s", item->name);
		struct source_settings *common = item->record;

		common->public_url = config->server.public_url;
		if (strcmp(item->name, "api") == 0 ||
			strcmp(item->name, "import") == 0)
			good = conf_error(errors, item->node, path,
				"\"%s\" is a built-in source; choose another "
				"name",
				item->name);
		good &= check_hook(config, item, path, errors);
		if (kind != NULL && kind->check != NULL &&
			!kind->check(item->record, item->node, path, errors))
			good = false;
		free(path);
	}
	return good;
}

static void
make_access(struct config *config)
{
	size_t count = config->server.tokens.count;

	config->tokens = mem_new(count + 1, sizeof(struct api_token));
	for (size_t i = 0; i < count; i++) {
		const struct setting_item *item =
			&config->server.tokens.items[i];
		const struct server_token *record = item->record;

		config->tokens[i] = (struct api_token){item->name,
			(enum api_role)record->role, record->secret};
	}
	config->access = (struct api_access){config->tokens, count};
	config->metric_segments =
		mem_new(config->metrics.segments.count + 1, sizeof(char *));
	for (size_t i = 0; i < config->metrics.segments.count; i++)
		config->metric_segments[i] = config->metrics.segments.items[i];
}

static bool
check_metrics(const struct config *config, struct conf_errors *errors)
{
	const struct conf_node *node = conf_node_at(
		conf_node_at(conf_document_root(config->document), "metrics"),
		"segments");
	bool good = true;

	for (size_t i = 0; i < config->metrics.segments.count; i++) {
		const char *name = config->metrics.segments.items[i];
		bool found = false;

		for (size_t j = 0; j < config->score.segments.count; j++)
			found |= strcmp(name,
					 config->score.segments.items[j]) == 0;
		if (!found)
			good = conf_error(errors, node, "metrics.segments",
				"\"%s\" is not among score.segments", name);
	}
	return good;
}

static void
hash_config(struct config *config)
{
	struct buf text = {0};
	uint8_t digest[SHA256_BYTES];
	char hex[SHA256_HEX_BYTES];

	setting_print(
		config_settings, conf_document_root(config->document), &text);
	digest_sha256(text.data, text.length, digest);
	digest_hex(digest, sizeof(digest), hex);
	memcpy(config->hash, hex, sizeof(config->hash) - 1);
	buf_done(&text);
}

static char *
folder_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == NULL ? mem_strdup(".")
			     : mem_copy(path, (size_t)(slash - path) + 1);
}

/* An empty file is one that is being written, not a wish for nothing. */
static bool
is_there(const struct config *config, struct conf_errors *errors)
{
	const struct conf_node *root = conf_document_root(config->document);

	return root->count > 0 ||
	       conf_error(errors, root, "", "the file is empty");
}

struct conf_document *
config_read(const char *path, struct conf_errors *errors)
{
	static const char *const sections[] = {"sources", "actions"};
	static const char *const owner_heads[] = {"display", "name", NULL};
	struct conf_document *document = conf_document_load(path, errors);
	char *folder = folder_of(path);

	for (size_t i = 0; document != NULL && i < 2; i++)
		preset_merge(document, sections[i], folder, errors);
	if (document != NULL)
		table_merge(document, "owners", owner_heads, folder, errors);
	free(folder);
	return document;
}

struct config *
config_load(const char *path, bool offline, struct conf_errors *errors)
{
	struct config *config = mem_new(1, sizeof(*config));
	char *folder = folder_of(path);
	struct setting_reader reader = {errors, folder, offline};
	bool good;

	config->path = mem_strdup(path);
	config->document = config_read(path, errors);
	good = config->document != NULL && is_there(config, errors) &&
	       setting_read(&reader, config_settings,
		       conf_document_root(config->document), "", config);
	if (good) {
		good = make_windows(config, errors);
		good &= make_tally(config, errors);
		good &= calendars_make(&config->calendars, &config->hours,
			config->score.timezone, folder, errors);
		good &= check_sources(config, errors);
		good &= check_metrics(config, errors);
		good &= make_policy(config, errors);
		good &= make_watches(config, errors);
		good &= digest_set_make(&config->digest_set, config, errors);
		if (good)
			good = check_conditions(config, errors);
	}
	config->languages = languages_open(folder, errors);
	config->digest_set.plans.languages = config->languages;
	free(folder);
	if (!good || conf_errors_count(errors) > 0) {
		config_free(config);
		return NULL;
	}
	config_warn(config, errors);
	make_access(config);
	hash_config(config);
	return config;
}

void
config_free(struct config *config)
{
	if (config == NULL)
		return;
	rules_done(&config->ruleset);
	watches_done(&config->watches);
	owners_done(&config->people);
	calendars_done(&config->calendars);
	setting_done(config_settings, config);
	digest_set_done(&config->digest_set);
	zone_close(config->zone);
	languages_free(config->languages);
	free(config->policy.actions);
	free(config->tokens);
	free(config->metric_segments);
	conf_document_free(config->document);
	free(config->path);
	free(config);
}
