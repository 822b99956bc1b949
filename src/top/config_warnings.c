/* config_warnings - what is good and yet probably not meant. */
#include "top/config_warnings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/log.h"
#include "base/memory.h"
#include "conf/setting_path.h"
#include "top/link_warnings.h"

/* ---- actions ---- */

/* Where actions are named, wherever such a key stands. */
static const char *const naming_keys[] = {"do", "on_amend", "on_failure", NULL};

static bool
names_actions(const char *key)
{
	for (const char *const *name = naming_keys; *name != NULL; name++)
		if (strcmp(key, *name) == 0)
			return true;
	return false;
}

/* Collects what stands in such a place as members of `used`. */
static void
collect(const struct conf_node *node, bool naming, json_t *used)
{
	if (node->type == CONF_SCALAR) {
		if (naming)
			json_object_set_new(used, node->text, json_true());
		return;
	}
	for (size_t i = 0; i < node->count; i++)
		collect(node->values[i],
			node->type == CONF_MAP
				? names_actions(node->keys[i]->text)
				: naming,
			used);
}

static void
warn_unused(const struct config *config, struct conf_errors *errors)
{
	const struct conf_node *root = conf_document_root(config->document);
	json_t *used = json_object();

	collect(root, false, used);
	for (size_t i = 0; i < config->digest_set.plans.count; i++)
		json_object_set_new(used,
			config->digest_set.plans.items[i]->through,
			json_true());
	for (size_t i = 0; i < config->actions.count; i++) {
		const char *name = config->actions.items[i].name;
		char *path;

		if (json_object_get(used, name) != NULL)
			continue;
		path = mem_printf("actions.%s", name);
		conf_warning(errors,
			conf_node_key(conf_node_at(root, "actions"), name),
			path, "nothing uses the action");
		free(path);
	}
	json_decref(used);
}

/* Whose mail goes to what stands in a field, and nowhere if it is missing. */
static const char *
field_of_mail(const struct conf_node *actions, const char *action)
{
	const struct conf_node *to =
		conf_node_at(conf_node_at(actions, action), "to");
	const struct conf_node *field =
		to != NULL && to->type == CONF_MAP &&
				conf_node_at(to, "default") == NULL
			? conf_node_at(to, "field")
			: NULL;

	return field != NULL && field->type == CONF_SCALAR ? field->text : NULL;
}

/* What an action may be told of, and what it is sure to lack: all fields but
 * those that begin with `has`, or only those that begin with `lacks`. */
struct told_of {
	const char *what, *has, *lacks;
};
static const struct told_of a_watch = {"a watch", .has = "watch."};
static const struct told_of a_failure = {"a failure", .has = "failure."};
static const struct told_of an_ownerless = {
	"a rule without owner", .lacks = "owner."};

static bool
is_missing(const struct told_of *of, const char *field)
{
	return of->has != NULL
		       ? strncmp(field, of->has, strlen(of->has)) != 0
		       : strncmp(field, of->lacks, strlen(of->lacks)) == 0;
}

/* `told` is a list of names of actions, or one name. */
static void
warn_of_nobody(const struct conf_node *actions, const struct conf_node *told,
	const char *path, const struct told_of *of, struct conf_errors *errors)
{
	const char *field;

	if (told == NULL)
		return;
	if (told->type != CONF_SCALAR) {
		for (size_t i = 0; i < told->count; i++)
			warn_of_nobody(
				actions, told->values[i], path, of, errors);
		return;
	}
	field = field_of_mail(actions, told->text);
	if (field != NULL && is_missing(of, field))
		conf_warning(errors, told, path,
			"mails of action %s go to what stands in \"%s\", which "
			"%s does not have: give its \"to\" a default, or name "
			"another action",
			told->text, field, of->what);
}

/* Wherever a part of a rule names actions. */
static void
warn_of_ownerless(const struct conf_node *actions, const struct conf_node *part,
	const char *path, struct conf_errors *errors)
{
	for (size_t i = 0; i < part->count; i++) {
		const char *key =
			part->type == CONF_MAP ? part->keys[i]->text : "";
		char *inner = part->type == CONF_MAP
				      ? setting_path(path, key)
				      : setting_path_index(path, i);

		if (names_actions(key))
			warn_of_nobody(actions, part->values[i], inner,
				&an_ownerless, errors);
		else if (part->values[i]->type != CONF_SCALAR)
			warn_of_ownerless(
				actions, part->values[i], inner, errors);
		free(inner);
	}
}

/* Mails that would find nobody, and die. */
static void
warn_nobody(const struct config *config, struct conf_errors *errors)
{
	const struct conf_node *root = conf_document_root(config->document);
	const struct conf_node *actions = conf_node_at(root, "actions");
	const struct conf_node *watches = conf_node_at(root, "watches");
	const struct conf_node *rules = conf_node_at(root, "rules");

	for (size_t i = 0; watches != NULL && i < watches->count; i++) {
		char *path = mem_printf("watches[%zu].do", i);

		warn_of_nobody(actions, conf_node_at(watches->values[i], "do"),
			path, &a_watch, errors);
		free(path);
	}
	for (size_t i = 0; rules != NULL && i < rules->count; i++) {
		char *path = setting_path_index("rules", i);

		if (conf_node_at(rules->values[i], "owner") == NULL)
			warn_of_ownerless(
				actions, rules->values[i], path, errors);
		free(path);
	}
	for (size_t i = 0; actions != NULL && i < actions->count; i++) {
		char *path = mem_printf(
			"actions.%s.on_failure", actions->keys[i]->text);

		warn_of_nobody(actions,
			conf_node_at(actions->values[i], "on_failure"), path,
			&a_failure, errors);
		free(path);
	}
}

/* Without tokens whoever comes from this machine may ask everything, and what a
 * proxy passes on comes from this machine. */
static void
warn_open_proxy(const struct config *config, struct conf_errors *errors)
{
	const struct server_settings *server = &config->server;
	bool proxied =
		address_ranges_hold(&server->trusted_proxies, "127.0.0.1") ||
		address_ranges_hold(&server->trusted_proxies, "::1");

	for (size_t i = 0; i < server->listen_count; i++)
		proxied |= server->listen[i].tls.kind == SERVER_TLS_PROXY &&
			   (server->listen[i].services & API_SERVES_API) != 0;
	if (proxied && server->tokens.count == 0)
		conf_warning(errors,
			conf_node_at(
				conf_document_root(config->document), "server"),
			"server",
			"a proxy and no tokens: what it passes on without "
			"X-Forwarded-For looks like this machine, which may "
			"ask for everything; name tokens");
}

/* ---- follow-ups ---- */

static bool
has_contact_clock(const struct follow_up_terms *terms)
{
	return terms->given && terms->tracked_in == NULL &&
	       (!span_is_zero(&terms->contact_within) ||
		       !span_is_zero(&terms->claimed_within));
}

/* What makes a ticket of each alert makes one of each reminder too. */
static void
warn_reminders(const struct config *config, struct conf_errors *errors)
{
	const struct rules *rules = &config->ruleset;

	for (size_t i = 0; i < rules->count; i++) {
		const struct rule *rule = rules->items[i];
		char *path;

		if (!has_contact_clock(&rule->follow_up) ||
			rule->follow_up.actions.count > 0 ||
			policy_any_is_mail(&config->policy, &rule->actions))
			continue;
		path = mem_printf("rules[%zu].follow_up", i);
		conf_warning(errors, conf_node_key(rule->node, "follow_up"),
			path,
			"reminders go to the rule's own actions, none of which "
			"is a mail: a receiver may take each for another "
			"alert; name in \"do\" of follow_up who is to be "
			"reminded");
		free(path);
	}
}

static void
warn_at(const struct rule *rule, size_t number, const char *key,
	const char *text, struct conf_errors *errors)
{
	char *path = mem_printf("rules[%zu].follow_up.%s", number, key);

	conf_warning(errors,
		conf_node_key(conf_node_at(rule->node, "follow_up"), key), path,
		"%s", text);
	free(path);
}

/* Clocks that say something, and never do. */
static void
warn_clocks(const struct config *config, struct conf_errors *errors)
{
	const struct rules *rules = &config->ruleset;

	for (size_t i = 0; i < rules->count; i++) {
		const struct rule *rule = rules->items[i];
		const struct follow_up_terms *terms = &rule->follow_up;
		const struct span *contact = &terms->contact_within;
		const struct span *remind = &terms->remind_before;

		if (terms->given && terms->tracked_in != NULL &&
			(!span_is_zero(contact) ||
				!span_is_zero(&terms->resolve_within)))
			warn_at(rule, i, "tracked_in",
				"what it names owns the clock: deadlines of "
				"the rule count for nothing",
				errors);
		else if (remind->ms >= contact->ms &&
			 remind->working_days >= contact->working_days &&
			 !span_is_zero(remind))
			warn_at(rule, i, "remind_before",
				"nobody is ever reminded: it is not shorter "
				"than contact_within",
				errors);
	}
}

/* ---- languages ---- */

/* Languages that readers of this part of the configuration are to be written to
 * in, and that no file is in. */
static void
warn_of_languages(const struct config *config, const struct conf_node *node,
	const char *path, struct conf_errors *errors)
{
	for (size_t i = 0; node != NULL && i < node->count; i++) {
		const struct conf_node *value = node->values[i];
		const char *key =
			node->type == CONF_MAP ? node->keys[i]->text : "";
		char *inner = node->type == CONF_MAP
				      ? setting_path(path, key)
				      : setting_path_index(path, i);

		if (value->type != CONF_SCALAR) {
			warn_of_languages(config, value, inner, errors);
		} else if (strcmp(key, "language") == 0 &&
			   !languages_has(config->languages, value->text)) {
			char *list = languages_list(config->languages);

			conf_warning(errors, value, inner,
				"there is no file languages/%s.yaml, so that "
				"it will be English; there are %s",
				value->text, list);
			free(list);
		}
		free(inner);
	}
}

static void
warn_languages(const struct config *config, struct conf_errors *errors)
{
	static const char *const sections[] = {"owners", "digests", NULL};
	const struct conf_node *root = conf_document_root(config->document);

	languages_check(config->languages, errors);
	for (const char *const *name = sections; *name != NULL; name++)
		warn_of_languages(
			config, conf_node_at(root, *name), *name, errors);
}

void
config_warn(const struct config *config, struct conf_errors *errors)
{
	warn_open_proxy(config, errors);
	rules_warn(&config->ruleset, errors);
	warn_unused(config, errors);
	warn_nobody(config, errors);
	link_warnings(config, errors);
	warn_reminders(config, errors);
	warn_clocks(config, errors);
	warn_languages(config, errors);
}

/* ---- telling ---- */

static void
log_fault(bool warning, const char *line, void *context)
{
	const bool *warnings_only = context;

	if (warning)
		log_warning("%s", line);
	else if (!*warnings_only)
		log_error("%s", line);
}

void
config_log_warnings(const struct conf_errors *errors)
{
	bool warnings_only = true;

	conf_errors_each(errors, log_fault, &warnings_only);
}

void
config_log(const struct conf_errors *errors)
{
	bool warnings_only = false;
	struct buf text = {0};

	if (log_form_in_force() != LOG_FORM_PLAIN) {
		conf_errors_each(errors, log_fault, &warnings_only);
		return;
	}
	conf_errors_write(errors, &text);
	if (text.length > 0)
		fputs(text.data, stderr);
	buf_done(&text);
}

json_t *
config_warnings_json(const struct conf_errors *errors)
{
	struct buf text = {0};
	json_t *all, *warnings = json_array(), *fault;
	size_t i;

	conf_errors_write_json(errors, &text);
	all = json_read(text.data, text.length, NULL);
	json_array_foreach(all, i, fault)
	{
		const char *severity =
			json_string_value(json_object_get(fault, "severity"));

		if (strcmp(severity, "warning") == 0)
			json_array_append(warnings, fault);
	}
	json_decref(all);
	buf_done(&text);
	return warnings;
}
