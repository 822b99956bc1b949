/*
 * connection - how an action reaches its receiver: whom it trusts, who it says
 * it is, which addresses it connects to, and by which proxy.
 */
#ifndef NPSD_ACTION_CONNECTION_H
#define NPSD_ACTION_CONNECTION_H

#include <stdbool.h>
#include <stddef.h>

#include "conf/setting.h"
#include "loop/transfer.h"

struct connection_proxy {
	char *url; /* NULL: none */
	char *user, *password;
};

struct connection {
	char *ca;
	char *certificate, *key;
	struct address_policy policy;
	struct connection_proxy proxy; /* HTTP */
};

/* Rows `allow` and `deny` into a struct address_policy. */
extern const struct setting connection_policy_settings[];

bool connection_read_file(struct setting_reader *reader,
	const struct conf_node *node, const char *path, void *where);
bool connection_read_ranges(struct setting_reader *reader,
	const struct conf_node *node, const char *path, void *where);
void connection_ranges_done(void *where);
bool connection_read_proxy(struct setting_reader *reader,
	const struct conf_node *node, const char *path, void *where);
void connection_proxy_done(void *where);
extern const char connection_ranges_schema[], connection_proxy_schema[];
extern const char connection_ca_help[], connection_certificate_help[],
	connection_key_help[], connection_allow_help[], connection_deny_help[],
	connection_proxy_help[];

#define CONNECTION_AT(where, member) \
	((where) + offsetof(struct connection, member))
#define CONNECTION_FILE(name, where, member, text)                            \
	{                                                                     \
		name, SETTING_TEXT, CONNECTION_AT(where, member),             \
			.low = 1, .high = 4096, .read = connection_read_file, \
			.help = text                                          \
	}
#define CONNECTION_RANGES(name, at, text)                                     \
	{                                                                     \
		name, SETTING_CUSTOM, at, .read = connection_read_ranges,     \
					  .done = connection_ranges_done,     \
					  .schema = connection_ranges_schema, \
					  .help = text                        \
	}

/* The rows of a struct connection that lies at `where`; the proxy's is one of
 * its own. */
#define CONNECTION_ROWS(where)                                                 \
	CONNECTION_FILE("ca", where, ca, connection_ca_help),                  \
		CONNECTION_FILE("certificate", where, certificate,             \
			connection_certificate_help),                          \
		CONNECTION_FILE("key", where, key, connection_key_help),       \
		CONNECTION_RANGES("allow", CONNECTION_AT(where, policy.allow), \
			connection_allow_help),                                \
		CONNECTION_RANGES("deny", CONNECTION_AT(where, policy.deny),   \
			connection_deny_help)
#define CONNECTION_PROXY_ROW(where)                                   \
	{                                                             \
		"proxy", SETTING_CUSTOM, CONNECTION_AT(where, proxy), \
			.read = connection_read_proxy,                \
			.done = connection_proxy_done,                \
			.schema = connection_proxy_schema,            \
			.help = connection_proxy_help                 \
	}

/* What the rows cannot tell; node is the action's. */
bool connection_check(const struct connection *connection,
	const struct conf_node *node, const char *path,
	struct conf_errors *errors);
/* Lends all of it to a request. */
void connection_lend(
	const struct connection *connection, struct transfer_request *request);

#endif
