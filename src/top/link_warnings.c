/* link_warnings - links that are missing, lead nowhere, or go in the clear. */
#include "top/link_warnings.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "loop/listen_socket.h"
#include "loop/wire_url.h"

/* People are written to about its follow-ups, and may say here what became of
 * them. */
static bool
mails_of_follow_up(const struct config *config, const struct rule *rule)
{
	const struct follow_up_terms *terms = &rule->follow_up;
	bool mails = policy_any_is_mail(&config->policy, &rule->actions) ||
		     policy_any_is_mail(&config->policy, &terms->actions);

	for (size_t i = 0; i < terms->escalations.count; i++) {
		const struct follow_up_escalation *escalation =
			terms->escalations.items[i].record;

		mails |= policy_any_is_mail(
			&config->policy, &escalation->actions);
	}
	return terms->given && terms->tracked_in == NULL && mails;
}

/* One is enough: it is mended for all. */
static void
warn_no_links(const struct config *config, struct conf_errors *errors)
{
	const struct rules *rules = &config->ruleset;

	for (size_t i = 0; i < rules->count; i++) {
		char *path;

		if (!mails_of_follow_up(config, rules->items[i]))
			continue;
		path = mem_printf("rules[%zu].follow_up", i);
		conf_warning(errors,
			conf_node_key(rules->items[i]->node, "follow_up"), path,
			"mails about its follow-ups have no link by which one "
			"can claim and close them: say with server.public_url "
			"how npsd is called from outside");
		free(path);
		return;
	}
}

/* "10.0.0.1" or "[::1]", with its port or without, or a name. */
static bool
is_this_machine(const char *host)
{
	const char *after = strrchr(host, ']');
	bool has_port = strchr(after != NULL ? after : host, ':') != NULL;
	size_t length = strcspn(host, ":");
	char *address = mem_printf("%s%s", host, has_port ? "" : ":1");
	bool good = (length == strlen("localhost") &&
			    strncasecmp(host, "localhost", length) == 0) ||
		    listen_socket_is_loopback(address);

	free(address);
	return good;
}

static bool
has_links(const struct config *config)
{
	bool has = config->ruleset.follow_up;

	for (size_t i = 0; i < config->policy.action_count; i++)
		has |= config->policy.actions[i].settings->storm.more_than > 0;
	return has;
}

/* Who reads a link on its way may do what its reader may. */
static void
warn_clear_links(const struct config *config, const struct conf_node *node,
	struct conf_errors *errors)
{
	struct wire_url url;

	if (!has_links(config) ||
		!wire_url_read(config->server.public_url, &url, NULL))
		return;
	if (strcmp(url.scheme, "http") == 0 && !is_this_machine(url.host))
		conf_warning(errors, node, "server.public_url",
			"links lead there by plain http: what they show, and "
			"the tokens by which one claims and closes follow-ups, "
			"travel in the clear; have a proxy or server.listen "
			"speak TLS and say https");
	wire_url_done(&url);
}

/* Sockets from systemd serve everything. */
void
link_warnings(const struct config *config, struct conf_errors *errors)
{
	const struct server_settings *server = &config->server;
	const struct conf_node *node =
		conf_node_at(conf_document_root(config->document), "server");
	bool served = server->listen_count == 0;

	if (server->public_url == NULL) {
		warn_no_links(config, errors);
		return;
	}
	warn_clear_links(config, conf_node_key(node, "public_url"), errors);
	for (size_t i = 0; i < server->listen_count; i++)
		served |= (server->listen[i].services & API_SERVES_LINKS) != 0;
	if (config->ruleset.follow_up && !served)
		conf_warning(errors, conf_node_key(node, "public_url"),
			"server.public_url",
			"links to follow-ups lead there, and nothing answers "
			"them: no entry of server.listen serves links");
}
