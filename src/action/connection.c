/* connection - rows, readers and checks of how a receiver is reached. */
#include "action/connection.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "action/endpoint.h"
#include "base/memory.h"
#include "conf/errors.h"
#include "conf/setting_path.h"
#include "loop/tls.h"

/* ---- words ---- */

const char connection_ca_help[] =
	"A file with the certificates to trust, in place of the system's.";
const char connection_certificate_help[] =
	"A PEM file with npsd's own certificate, and those that lead from it "
	"to its issuer, for a server that asks for one (mutual TLS).";
const char connection_key_help[] =
	"A PEM file with the key of that certificate, without a passphrase; "
	"where it is left out, the key stands in the same file.";
const char connection_allow_help[] =
	"Addresses that may be connected to, as ranges such as 10.1.0.0/16 or "
	"fd00::/8: exceptions from what is denied. The narrowest range counts.";
const char connection_deny_help[] =
	"Addresses that must not be connected to, whatever name led there. "
	"Link-local ones, multicast and the metadata services of clouds always "
	"are.";
const char connection_proxy_help[] =
	"The HTTP proxy that requests go by: http://HOST:PORT, or a map with "
	"url and auth: {user, password}. The environment is not asked.";

const char connection_ranges_schema[] =
	"{\"type\":[\"string\",\"array\"],\"items\":{\"type\":\"string\"}}";
const char connection_proxy_schema[] =
	"{\"oneOf\":[{\"type\":\"string\"},{\"type\":\"object\","
	"\"required\":[\"url\"],\"properties\":{\"url\":{\"type\":\"string\"},"
	"\"auth\":{\"type\":\"object\"}},\"additionalProperties\":false}]}";

const struct setting connection_policy_settings[] = {
	CONNECTION_RANGES("allow", offsetof(struct address_policy, allow),
		connection_allow_help),
	CONNECTION_RANGES("deny", offsetof(struct address_policy, deny),
		connection_deny_help),
	{.key = NULL},
};

/* ---- files ---- */

bool
connection_read_file(struct setting_reader *reader,
	const struct conf_node *node, const char *path, void *where)
{
	return endpoint_read_file(reader, node, path, where);
}

/* ---- ranges ---- */

bool
connection_read_ranges(struct setting_reader *reader,
	const struct conf_node *node, const char *path, void *where)
{
	struct address_ranges *ranges = where;
	struct setting_texts texts = {0, NULL};
	bool good = setting_read_texts(reader, node, path, &texts);

	for (size_t i = 0; i < texts.count; i++) {
		struct address_range range;
		struct err err;

		if (address_range_parse(&range, texts.items[i], &err))
			address_ranges_add(ranges, &range);
		else
			good = conf_error(reader->errors,
				node->type == CONF_LIST ? node->values[i]
							: node,
				path, "%s", err.text);
	}
	if (texts.count > ADDRESS_RANGES_LIMIT)
		good = conf_error(reader->errors, node, path,
			"at most %d ranges", ADDRESS_RANGES_LIMIT);
	setting_texts_done(&texts);
	return good;
}

void
connection_ranges_done(void *where)
{
	address_ranges_done(where);
}

/* ---- the proxy ---- */

#define PROXY_AT(member) offsetof(struct connection_proxy, member)
#define IN_LOGIN(member) (PROXY_AT(member) - PROXY_AT(user))

static const struct setting proxy_login_settings[] = {
	{"user", SETTING_CUSTOM, IN_LOGIN(user), .required = true,
		.read = endpoint_read_text, .done = endpoint_text_done,
		.schema = endpoint_text_schema},
	{"password", SETTING_SECRET, IN_LOGIN(password), .required = true},
	{.key = NULL},
};

static const struct setting proxy_settings[] = {
	{"url", SETTING_TEXT, PROXY_AT(url), .required = true, .low = 8,
		.high = 1024},
	{"auth", SETTING_RECORD, PROXY_AT(user),
		.fields = proxy_login_settings},
	{.key = NULL},
};

static bool
check_proxy(struct setting_reader *reader, const struct conf_node *node,
	const char *path, const struct connection_proxy *proxy)
{
	static const char *const schemes[] = {"http", NULL};
	struct err err;
	const char *rest;

	if (strchr(proxy->url, '@') != NULL) /* a password, most likely */
		conf_errors_hide(reader->errors, node);
	if (!transfer_url_is_good(proxy->url, schemes, &err))
		return conf_error(reader->errors, node, path,
			"expected http://HOST:PORT, but %s", err.text);
	rest = strstr(proxy->url, "://") + 3;
	rest += strcspn(rest, "/?#");
	if (*rest != '\0' && strcmp(rest, "/") != 0)
		return conf_error(reader->errors, node, path,
			"expected nothing behind the host and the port");
	return endpoint_check_line(proxy->user, node, path, reader->errors) &&
	       endpoint_check_line(proxy->password, node, path, reader->errors);
}

bool
connection_read_proxy(struct setting_reader *reader,
	const struct conf_node *node, const char *path, void *where)
{
	struct connection_proxy *proxy = where;
	bool good;

	if (node->type == CONF_MAP)
		good = setting_read(reader, proxy_settings, node, path, proxy);
	else
		good = setting_read_text(reader, node, path, &proxy->url);
	return good && check_proxy(reader, node, path, proxy);
}

void
connection_proxy_done(void *where)
{
	struct connection_proxy *proxy = where;

	endpoint_text_done(&proxy->user);
	endpoint_text_done(&proxy->password);
	free(proxy->url);
	proxy->url = NULL;
}

/* ---- the whole ---- */

/* A warning: one that has expired must not keep the daemon from its start, and a
 * renewed one may be under way. On another machine it is not there at all. */
static void
warn_of_certificate(const struct connection *connection,
	const struct conf_node *node, const char *path,
	struct conf_errors *errors)
{
	const char *certificate = connection->certificate;
	const char *key =
		connection->key != NULL ? connection->key : certificate;
	struct tls_context *context;
	struct err err = {""};
	char *at;

	if (certificate == NULL || access(certificate, R_OK) != 0 ||
		access(key, R_OK) != 0)
		return;
	context = tls_context_load(certificate, key, &err);
	tls_context_free(context);
	if (context != NULL)
		return;
	at = setting_path(path, "certificate");
	conf_warning(errors, conf_node_at(node, "certificate"), at,
		"%s; as it is, no delivery gets through", err.text);
	free(at);
}

bool
connection_check(const struct connection *connection,
	const struct conf_node *node, const char *path,
	struct conf_errors *errors)
{
	char *at;

	warn_of_certificate(connection, node, path, errors);
	if (connection->key == NULL || connection->certificate != NULL)
		return true;
	at = setting_path(path, "key");
	conf_error(errors, conf_node_at(node, "key"), at,
		"expected \"certificate\" beside it: the file that this key "
		"belongs to");
	free(at);
	return false;
}

void
connection_lend(
	const struct connection *connection, struct transfer_request *request)
{
	request->ca_file = connection->ca;
	request->certificate_file = connection->certificate;
	request->key_file = connection->key;
	request->policy = &connection->policy;
	request->proxy = connection->proxy.url;
	request->proxy_user = connection->proxy.user;
	request->proxy_password = connection->proxy.password;
}
