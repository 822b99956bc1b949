/* server_settings - the table of `server:`, and what its listen entries mean. */
#include "top/server_settings.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "action/connection.h"
#include "base/memory.h"
#include "base/text.h"
#include "base/time.h"
#include "conf/conf_file.h"
#include "loop/listen_socket.h"
#include "loop/wire_url.h"

enum {
	TOKEN_LEAST_BYTES = 16,
	EXPIRES_SOON_DAYS = 14,
};

#define AT(member) offsetof(struct server_settings, member)
#define IN_LISTEN(member) offsetof(struct server_listen, member)
#define IN_TLS(member) offsetof(struct server_listen_tls, member)
#define IN_LIMITS(member) (AT(limits.member) - AT(limits))

/* ---- tls ---- */

/* Paths start from the folder of the main file. */
static bool
check_file(struct setting_reader *reader, const struct conf_node *node,
	const char *path, void *where)
{
	char **name = where;
	char *whole = conf_file_path(reader->folder, *name);

	(void)node;
	(void)path;
	free(*name);
	*name = whole;
	return true;
}

static const struct setting tls_settings[] = {
	{"certificate", SETTING_TEXT, IN_TLS(certificate), .required = true,
		.low = 1, .high = 4096, .read = check_file,
		.help = "A PEM file with the certificate, and behind it those "
			"that lead to a known one."},
	{"key", SETTING_TEXT, IN_TLS(key), .required = true, .low = 1,
		.high = 4096, .read = check_file,
		.help = "A PEM file with its private key, without a "
			"passphrase."},
	{.key = NULL},
};

static bool
load_certificate(struct setting_reader *reader, const struct conf_node *node,
	const char *path, struct server_listen_tls *tls)
{
	struct err err;
	int days;

	if (reader->offline && (access(tls->certificate, R_OK) != 0 ||
				       access(tls->key, R_OK) != 0))
		return true;
	tls->context = tls_context_load(tls->certificate, tls->key, &err);
	if (tls->context == NULL)
		return conf_error(reader->errors, node, path, "%s", err.text);
	days = tls_context_days_left(tls->context);
	if (days < EXPIRES_SOON_DAYS)
		conf_warning(reader->errors, node, path,
			"the certificate %s ends in %d %s", tls->certificate,
			days, text_plural(days, "day", "days"));
	return true;
}

static bool
read_tls(struct setting_reader *reader, const struct conf_node *node,
	const char *path, void *where)
{
	struct server_listen_tls *tls = where;

	if (node->type == CONF_SCALAR && strcmp(node->text, "off") == 0) {
		tls->kind = SERVER_TLS_OFF;
		return true;
	}
	if (node->type == CONF_SCALAR && strcmp(node->text, "proxy") == 0) {
		tls->kind = SERVER_TLS_PROXY;
		return true;
	}
	if (node->type != CONF_MAP)
		return conf_error(reader->errors, node, path,
			"expected {certificate: FILE, key: FILE}, proxy or "
			"off");
	tls->kind = SERVER_TLS_OWN;
	return setting_read(reader, tls_settings, node, path, tls) &&
	       load_certificate(reader, node, path, tls);
}

static void
tls_done(void *where)
{
	struct server_listen_tls *tls = where;

	setting_done(tls_settings, tls);
	tls_context_free(tls->context);
	memset(tls, 0, sizeof(*tls));
}

/* ---- listen ---- */

/* As it will be at the start, so that check and start agree. */
static bool
check_address(struct setting_reader *reader, const struct conf_node *node,
	const char *path, void *where)
{
	const char *address = *(char **)where;
	struct err err;

	return listen_socket_check(address, &err) ||
	       conf_error(reader->errors, node, path, "%s", err.text);
}

static const struct setting listen_settings[] = {
	{"address", SETTING_TEXT, IN_LISTEN(address), .required = true,
		.low = 3, .high = 256, .read = check_address,
		.help = "Address and port, as in 127.0.0.1:8677 or "
			"[::1]:8677."},
	{"serve", SETTING_TEXTS, IN_LISTEN(serve), .low = 1, .high = 64,
		.help = "What is answered here: hooks, api, metrics, health, "
			"links; all of them by default."},
	{"tls", SETTING_CUSTOM, IN_LISTEN(tls), .read = read_tls,
		.done = tls_done,
		.schema = "{\"oneOf\":[{\"enum\":[\"proxy\",\"off\"]},"
			  "{\"type\":\"object\",\"required\":[\"certificate\","
			  "\"key\"],\"properties\":{\"certificate\":{\"type\":"
			  "\"string\"},\"key\":{\"type\":\"string\"}},"
			  "\"additionalProperties\":false}]}",
		.help = "A certificate and its key, proxy or off."},
	{.key = NULL},
};

static unsigned
service_bit(const char *name)
{
	for (unsigned i = 0; api_service_names[i] != NULL; i++)
		if (strcmp(api_service_names[i], name) == 0)
			return 1U << i;
	return 0;
}

static bool
check_services(struct setting_reader *reader, const struct conf_node *node,
	const char *path, struct server_listen *listen)
{
	const struct conf_node *serve = conf_node_at(node, "serve");

	if (serve == NULL)
		listen->services = API_SERVES_ALL;
	else if (listen->serve.count == 0)
		return conf_error(reader->errors, serve, path,
			"serves nothing: name some of hooks, api, metrics, "
			"health, links");
	for (size_t i = 0; i < listen->serve.count; i++) {
		unsigned bit = service_bit(listen->serve.items[i]);

		if (bit == 0)
			return conf_error(reader->errors,
				serve->type == CONF_LIST ? serve->values[i]
							 : serve,
				path,
				"\"%s\" cannot be served: expected hooks, api, "
				"metrics, health or links",
				listen->serve.items[i]);
		listen->services |= bit;
	}
	return true;
}

static bool
check_overheard(struct setting_reader *reader, const struct conf_node *node,
	const char *path, const struct server_listen *listen)
{
	return listen->tls.kind != SERVER_TLS_UNSAID ||
	       listen_socket_is_loopback(listen->address) ||
	       conf_error(reader->errors, node, path,
		       "%s can be reached from other machines, and what is "
		       "said "
		       "there is not encrypted. Write {address: \"%s\", tls: "
		       "{certificate: FILE, key: FILE}}; or tls: proxy where a "
		       "proxy before it encrypts, or tls: off where it may be "
		       "read by others",
		       listen->address, listen->address);
}

static bool
read_one_listen(struct setting_reader *reader, const struct conf_node *node,
	const char *path, struct server_listen *listen)
{
	bool good;

	if (node->type == CONF_SCALAR)
		good = setting_read_text(
			       reader, node, path, &listen->address) &&
		       check_address(reader, node, path, &listen->address);
	else if (node->type == CONF_MAP)
		good = setting_read(
			reader, listen_settings, node, path, listen);
	else
		return conf_error(reader->errors, node, path,
			"expected an address such as \"127.0.0.1:8677\", or a "
			"map with address");
	return good && check_services(reader, node, path, listen) &&
	       check_overheard(reader, node, path, listen);
}

struct listens {
	struct server_listen *items;
	size_t count;
};

/* Port 0 is another one each time. */
static bool
is_heard_twice(const struct listens *listens)
{
	const char *last = listens->items[listens->count - 1].address;
	size_t length = last != NULL ? strlen(last) : 0;

	if (length < 2 || strcmp(last + length - 2, ":0") == 0)
		return false;
	for (size_t i = 0; i + 1 < listens->count; i++)
		if (listens->items[i].address != NULL &&
			strcmp(listens->items[i].address, last) == 0)
			return true;
	return false;
}

/* A string, a map, or a list of them; [] listens nowhere. */
static bool
read_listen(struct setting_reader *reader, const struct conf_node *node,
	const char *path, void *where)
{
	struct listens *listens = where;
	bool good = true;
	size_t count = node->type == CONF_LIST ? node->count : 1;

	listens->items = mem_new(count + 1, sizeof(struct server_listen));
	for (size_t i = 0; i < count; i++) {
		const struct conf_node *one =
			node->type == CONF_LIST ? node->values[i] : node;
		char *at = node->type == CONF_LIST
				   ? mem_printf("%s[%zu]", path, i)
				   : mem_strdup(path);

		listens->count++;
		if (!read_one_listen(reader, one, at, &listens->items[i]))
			good = false;
		else if (is_heard_twice(listens))
			good = conf_error(reader->errors, one, at,
				"%s is heard already",
				listens->items[i].address);
		free(at);
	}
	return good;
}

static void
listen_done(void *where)
{
	struct listens *listens = where;

	for (size_t i = 0; i < listens->count; i++)
		setting_done(listen_settings, &listens->items[i]);
	free(listens->items);
	memset(listens, 0, sizeof(*listens));
}

/* ---- limits ---- */

static const struct setting limit_settings[] = {
	{"connections", SETTING_INTEGER, IN_LIMITS(connections),
		.fallback = "2000", .low = 1, .high = 1000000,
		.help = "Most connections at once; fewer where open files are "
			"few. Further ones wait until one ends; those that are "
			"idle go first. The control socket's don't count."},
	{"per_address", SETTING_INTEGER, IN_LIMITS(per_address),
		.fallback = "250", .low = 1, .high = 1000000,
		.help = "Most of them with one address (of IPv6: with one /64 "
			"network); further ones get 429. Trusted proxies are "
			"not counted."},
	{"handshake", SETTING_DURATION, IN_LIMITS(handshake_ms),
		.fallback = "10s", .low = 100, .high = (double)MS_PER_HOUR,
		.help = "How long the handshake of TLS may take."},
	{"headers", SETTING_DURATION, IN_LIMITS(head_ms), .fallback = "10s",
		.low = 100, .high = (double)MS_PER_HOUR,
		.help = "How long the head of a request may take, from the "
			"connection, or from its first byte on one that is "
			"used again."},
	{"body", SETTING_DURATION, IN_LIMITS(body_ms), .fallback = "30s",
		.low = 100, .high = (double)MS_PER_HOUR,
		.help = "How long its body may take then."},
	{"answer", SETTING_DURATION, IN_LIMITS(answer_ms), .fallback = "60s",
		.low = 100, .high = (double)MS_PER_HOUR,
		.help = "How long a client may take to read an answer."},
	{"idle", SETTING_DURATION, IN_LIMITS(idle_ms), .fallback = "60s",
		.low = 100, .high = (double)MS_PER_DAY,
		.help = "How long a connection is kept from an answer to the "
			"next request."},
	{.key = NULL},
};

/* ---- tokens ---- */

/* An empty one stands for a secret that is not on this machine (`check`). */
static bool
check_token(struct setting_reader *reader, const struct conf_node *node,
	const char *path, void *where)
{
	const char *token = *(char **)where;

	return *token == '\0' || strlen(token) >= TOKEN_LEAST_BYTES ||
	       conf_error(reader->errors, node, path,
		       "expected at least %d characters", TOKEN_LEAST_BYTES);
}

static const struct setting token_settings[] = {
	{"role", SETTING_CHOICE, offsetof(struct server_token, role),
		.required = true, .choices = api_role_names,
		.help = "What its holder may do: intake posts answers; figures "
			"reads scores and metrics; follow-up sees and changes "
			"follow-ups too; read sees lists, follow-ups and "
			"explain, with personal data; admin may all."},
	{"secret", SETTING_SECRET, offsetof(struct server_token, secret),
		.required = true, .read = check_token,
		.help = "The bearer token: at least 16 characters."},
	{.key = NULL},
};

/* ---- all of it ---- */

/* Without the slash at its end: paths begin with one. */
static bool
read_public_url(struct setting_reader *reader, const struct conf_node *node,
	const char *path, void *where)
{
	char *url = *(char **)where;
	size_t length = strlen(url);
	struct wire_url parts;
	struct err err;

	if ((strncasecmp(url, "https://", 8) != 0 &&
		    strncasecmp(url, "http://", 7) != 0) ||
		strpbrk(url, " ?#\"<>\\") != NULL)
		return conf_error(reader->errors, node, path,
			"expected the start of an address, such as "
			"https://nps.example.com");
	if (!wire_url_read(url, &parts, &err))
		return conf_error(reader->errors, node, path,
			"%s; expected the start of an address, such as "
			"https://nps.example.com",
			err.text);
	wire_url_done(&parts);
	if (url[length - 1] == '/')
		url[length - 1] = '\0';
	return true;
}

const struct setting server_settings[] = {
	{"listen", SETTING_CUSTOM, AT(listen), .fallback = "127.0.0.1:8677",
		.read = read_listen, .done = listen_done,
		.schema = "{\"type\":[\"string\",\"object\",\"array\"]}",
		.help = "Where HTTP is heard: an address, a map with address, "
			"serve and tls, or a list of them; see LISTENING. "
			"Sockets that systemd passes are heard as well; [] "
			"hears on those alone."},
	CONNECTION_RANGES("trusted_proxies", AT(trusted_proxies),
		"Addresses or ranges of proxies in front of npsd. From them "
		"X-Forwarded-For is believed; from others it is not looked "
		"at."),
	{"limits", SETTING_RECORD, AT(limits), .fields = limit_settings,
		.help = "How many connections there may be at once and how "
			"long they may take. No byte that comes puts a limit "
			"off."},
	{"control", SETTING_TEXT, AT(control), .fallback = CONFIG_CONTROL,
		.low = 1, .high = 100,
		.help = "The socket that the commands talk to. Who may open "
			"the file may do everything."},
	{"tokens", SETTING_MAP, AT(tokens), .fields = token_settings,
		.size = sizeof(struct server_token),
		.help = "Bearer tokens by name. With none, the API answers "
			"peers on loopback only."},
	{"public_url", SETTING_TEXT, AT(public_url), .low = 9, .high = 1000,
		.read = read_public_url,
		.help = "How npsd is called from outside, as in "
			"https://nps.example.com: needed by links in mails, "
			"and by signatures over the address."},
	{.key = NULL},
};
