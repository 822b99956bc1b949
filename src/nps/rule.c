/*
 * rule - the settings of rules, and what can be known of them before any
 * answer comes. Judging is judge.c's.
 */
#include "nps/rule.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/text.h"
#include "base/time.h"

enum { NAME_LIMIT_BYTES = 64 };
#define WAIT_LIMIT_MS (7 * MS_PER_DAY)

const struct setting rule_settings[] = {
	{"name", SETTING_TEXT, offsetof(struct rule, name), .required = true,
		.low = 1, .high = NAME_LIMIT_BYTES,
		.help = "What the rule is called in explain, metrics and "
			"alerts: letters, digits, and . _ - in them. No two "
			"rules have the same."},
	{"match", SETTING_CUSTOM, offsetof(struct rule, match),
		.read = matchers_read, .done = matchers_done,
		.schema = "{\"type\":\"object\"}",
		.help = "Fields of the answer and what they must be; all must "
			"hold. A value (category: detractor), any of a list "
			"(segment.region: [NL, BE]), a comparison "
			"(account.value: \">=10000\"), a range (score: 0-3), "
			"present or absent, or {contains: [words]}, where "
			"small and capital letters of ASCII are the same. "
			"Without it every answer matches."},
	{"when", SETTING_TEXT, offsetof(struct rule, when), .low = 1,
		.high = EXPR_TEXT_LIMIT_BYTES,
		.help = "A jq expression over the alert document that gives "
			"exactly one boolean, for what match cannot say. It is "
			"asked only where match holds. One that fails, or "
			"takes longer than 50 ms of the processor, counts as "
			"true, and explain says so; after three answers in a "
			"row that it took "
			"too long for it is not asked any more."},
	{"do", SETTING_TEXTS, offsetof(struct rule, actions), .required = true,
		.low = 1, .high = NAME_LIMIT_BYTES,
		.help = "The actions to fire, by name. An action that several "
			"rules ask for fires once, for the first of them."},
	{"owner", SETTING_CUSTOM, offsetof(struct rule, owner),
		.read = owner_choice_read, .done = owner_choice_done,
		.schema = owner_choice_schema,
		.help = "Who answers for it: a name of owners:, a mail "
			"address, "
			"several of these in turn (with follow_up), or {field: "
			"PATH, map: {...}, default: NAME}, where a value that "
			"stands in no line of map may be a name or an address "
			"itself. While an owner is away the cover gets it."},
	{"follow_up", SETTING_RECORD, offsetof(struct rule, follow_up),
		.optional = true, .fields = follow_up_settings,
		.read = follow_up_note_given,
		.help = "Opens a follow-up for whom the rule fires: an owner, "
			"deadlines, an outcome. See FOLLOW-UPS."},
	{"continue", SETTING_BOOLEAN, offsetof(struct rule, go_on),
		.fallback = "false",
		.help = "Whether the rules below are looked at too once this "
			"one has fired."},
	{"max_age", SETTING_DURATION, offsetof(struct rule, max_age_ms),
		.fallback = "7d", .low = 1000,
		.high = 36600.0 * 24 * 3600 * 1000,
		.help = "Answers that were given longer ago are counted, and "
			"fire nothing."},
	{"wait", SETTING_DURATION, offsetof(struct rule, wait_ms),
		.fallback = "0", .low = 0, .high = (double)WAIT_LIMIT_MS,
		.help = "How long an alert is held, counted from the answer's "
			"first arrival and never prolonged: what is amended "
			"meanwhile, such as a comment that comes after the "
			"score, travels with it."},
	{"on_amend", SETTING_TEXTS, offsetof(struct rule, on_amend), .low = 1,
		.high = NAME_LIMIT_BYTES,
		.help = "Actions to be told when a comment comes, or the "
			"score changes, after an alert of the rule has left. "
			"They see what was before in .before."},
	{"cooldown", SETTING_RECORD, offsetof(struct rule, cooldown),
		.optional = true, .fields = cooldown_settings,
		.help = "After an alert of the rule, further answers of the "
			"same customer or account send nothing for a while, "
			"unless that alert dies or is taken back. It keeps "
			"follow-ups from nothing."},
	{"shadow", SETTING_BOOLEAN, offsetof(struct rule, shadow),
		.fallback = "false",
		.help = "Try the rule: it is judged, counted and shown by "
			"explain, but it sends nothing, opens nothing, and "
			"the rules below are looked at as if it were not "
			"there."},
	{.key = NULL},
};

/* What the checks of one rule need. */
struct check {
	struct conf_errors *errors;
	const char *const *actions;
	struct rule *rule;
	size_t number;
};

static bool
fail(const struct check *check, const struct conf_node *node, const char *key,
	const char *message)
{
	char *path = mem_printf("rules[%zu].%s", check->number, key);

	conf_error(check->errors, node ? node : check->rule->node, path, "%s",
		message);
	free(path);
	return false;
}

static bool
check_name(const struct check *check)
{
	static const char allowed[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
		"0123456789_.-";
	const char *name = check->rule->name;

	if (!name)
		return false; /* the settings have told */
	if (*name && strlen(name) <= NAME_LIMIT_BYTES &&
		strspn(name, allowed) == strlen(name))
		return true;
	return fail(check, conf_node_at(check->rule->node, "name"), "name",
		"a name is made of 1 to 64 letters, digits, and . _ -");
}

static bool
is_among(const char *word, const char *const *words)
{
	for (; *words; words++)
		if (!strcmp(word, *words))
			return true;
	return false;
}

/* The node of the action: one of a list, or the only one. */
static const struct conf_node *
action_node(const struct check *check, const char *key, size_t i)
{
	const struct conf_node *node = conf_node_at(check->rule->node, key);

	if (node && node->type == CONF_LIST && i < node->count)
		return node->values[i];
	return node;
}

static bool
check_action(const struct check *check, const char *key,
	const struct setting_texts *actions, size_t i)
{
	const char *name = actions->items[i];
	const struct conf_node *node = action_node(check, key, i);

	for (size_t j = 0; j < i; j++)
		if (!strcmp(name, actions->items[j]))
			return fail(check, node, key,
				"the action stands there twice");
	if (is_among(name, check->actions))
		return true;

	const char *nearest = text_nearest(name, check->actions);
	char *message = mem_printf("there is no action \"%s\"%s%s%s", name,
		nearest ? "; did you mean " : "", nearest ? nearest : "",
		nearest ? "?" : "");

	fail(check, node, key, message);
	free(message);
	return false;
}

static bool
check_list(const struct check *check, const char *key,
	const struct setting_texts *actions)
{
	const struct conf_node *node = conf_node_at(check->rule->node, key);
	bool ok = true;

	if (actions->count > RULE_ACTIONS_LIMIT)
		return fail(check, node, key, "a rule has at most 32 actions");
	for (size_t i = 0; i < actions->count; i++)
		ok = check_action(check, key, actions, i) && ok;
	return ok;
}

static bool
check_actions(const struct check *check)
{
	size_t count = check->rule->actions.count;
	const struct conf_node *node = conf_node_at(check->rule->node, "do");

	if (!count && node)
		return fail(check, node, "do", "a rule needs an action");
	return check_list(check, "do", &check->rule->actions) &&
	       check_list(check, "on_amend", &check->rule->on_amend) &&
	       count > 0;
}

/* What a condition sees at the top. */
static const char *const document_names[] = {
	"response", "category", "previous", NULL};

/* Why no answer has ".NAME.REST"; NULL if one may have it. The caller frees. */
static char *
describe_path(const char *name, const char *rest)
{
	struct field field = {0};
	const char *nearest;
	char *why = NULL;

	if (is_among(name, field_known_names()) &&
		!is_among(name, document_names))
		return mem_printf("there is no .%s; did you mean .response.%s?",
			name, name);
	if (!is_among(name, document_names))
		return mem_printf("there is no .%s, only .response, .category "
				  "and .previous",
			name);
	if (!rest || !*rest || !strcmp(name, "category"))
		return NULL;
	char *path = mem_printf("%s.%s", name, rest);

	if (!field_parse(&field, path, NULL)) {
		if (!strcmp(name, "previous"))
			why = mem_printf(".previous has score, category, "
					 "answered_at, movement and "
					 "repeat_detractor");
	} else if (!field_is_known(&field)) {
		nearest = text_nearest(field.parts[0], field_known_names());
		why = mem_printf("\"%s\" is no field of the response format"
				 "%s%s%s",
			field.parts[0], nearest ? "; did you mean " : "",
			nearest ? nearest : "", nearest ? "?" : "");
	}
	field_done(&field);
	free(path);
	return why;
}

/* jq makes null of a path that is misspelt, and null sorts below every number:
 * such a condition would hold for everyone. */
static void
on_path(const char *path, size_t length, void *context)
{
	const struct check *check = context;
	char *copy = mem_copy(path, length);
	char *rest = copy + strspn(copy, ".");
	char *name = strsep(&rest, ".[");
	char *why = *name ? describe_path(name, rest) : NULL;

	if (why) {
		char *where = mem_printf("rules[%zu].when", check->number);

		conf_warning(check->errors,
			conf_node_at(check->rule->node, "when"), where, "%s",
			why);
		free(where);
	}
	free(why);
	free(copy);
}

static bool
check_rule(struct check *check)
{
	bool ok = check_name(check);

	ok = check_actions(check) && ok;
	if (check->rule->when)
		expr_scan_paths(check->rule->when, on_path, check);
	return ok;
}

static void
append_string(struct buf *out, const char *text)
{
	json_append_string(out, text, strlen(text));
}

static void
append_names(struct buf *out, const struct setting_texts *names)
{
	buf_append_text(out, ",[");
	for (size_t i = 0; i < names->count; i++) {
		append_string(out, names->items[i]);
		buf_append_char(out, ',');
	}
	buf_append_char(out, ']');
}

/* All of a rule that decides, in a text that no other rule has. */
static void
append_rule(struct buf *out, const struct rule *rule)
{
	struct buf matcher = {0};

	buf_append_char(out, '[');
	append_string(out, rule->name ? rule->name : "");
	buf_append_text(out, ",[");
	for (size_t i = 0; i < rule->match.count; i++) {
		buf_clear(&matcher);
		matcher_describe(&rule->match, i, &matcher);
		json_append_string(out, matcher.data, matcher.length);
		buf_append_char(out, ',');
	}
	buf_append_text(out, "],");
	append_string(out, rule->when ? rule->when : "");
	append_names(out, &rule->actions);
	append_names(out, &rule->on_amend);
	buf_printf(out, ",%d,%d,%" PRId64 ",%" PRId64, rule->go_on,
		rule->shadow, rule->max_age_ms, rule->wait_ms);
	if (rule->cooldown.for_ms > 0)
		buf_printf(out, ",%" PRId64 " %d", rule->cooldown.for_ms,
			rule->cooldown.per);
	if (rule->follow_up.given)
		buf_printf(out, ",%d,%d", rule->follow_up.contact,
			rule->follow_up.per);
	buf_append_text(out, "]\n");
	buf_done(&matcher);
}

static void
make_hash(struct rules *rules)
{
	uint8_t digest[SHA256_BYTES];
	char hex[SHA256_HEX_BYTES];
	struct buf text = {0};

	for (size_t i = 0; i < rules->count; i++)
		append_rule(&text, rules->items[i]);
	digest_sha256(text.data, text.length, digest);
	digest_hex(digest, sizeof(digest), hex);
	memcpy(rules->hash, hex, sizeof(rules->hash) - 1);
	rules->hash[sizeof(rules->hash) - 1] = '\0';
	buf_done(&text);
}

bool
rules_init(struct rules *rules, const struct setting_items *items,
	const char *const *actions, struct conf_errors *errors)
{
	bool ok = true;

	*rules = (struct rules){0};
	if (items->count > RULES_LIMIT)
		return conf_error(errors, items->items[RULES_LIMIT].node,
			"rules", "there may be %d rules at most", RULES_LIMIT);
	rules->items = mem_new(items->count, sizeof(struct rule *));
	for (size_t i = 0; i < items->count; i++) {
		struct rule *rule = items->items[i].record;
		struct check check = {errors, actions, rule, i};

		rule->node = items->items[i].node;
		rules->items[rules->count++] = rule;
		ok = check_rule(&check) && ok;
	}
	for (size_t i = 0; i < rules->count; i++) {
		const struct rule *rule = rules->items[i];

		rules->tell_amended |= rule->on_amend.count > 0;
		rules->ask_previous |= rule->when != NULL ||
				       matchers_ask(&rule->match, "previous");
		rules->cool_down |= rule->cooldown.for_ms > 0;
		rules->follow_up |= rule->follow_up.given;
		rules->owned |= rule->follow_up.given ||
				!owner_choice_is_none(&rule->owner);
	}
	make_hash(rules);
	return ok;
}

void
rules_done(struct rules *rules)
{
	free(rules->items);
	*rules = (struct rules){0};
}

const struct rule *
rules_find(const struct rules *rules, const char *name)
{
	for (size_t i = 0; i < rules->count; i++)
		if (strcmp(rules->items[i]->name, name) == 0)
			return rules->items[i];
	return NULL;
}
