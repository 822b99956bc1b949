/* verify_settings - what is set under `verify:` of a webhook source. */
#include <stdlib.h>
#include <string.h>

#include "base/json_pointer.h"
#include "base/memory.h"
#include "base/text.h"
#include "conf/setting_path.h"
#include "crypt/digest.h"
#include "source/signature.h"
#include "source/signed_text.h"
#include "source/webhook_verify.h"

#define AT(member) offsetof(struct verify_settings, member)

enum { TOKEN_LEAST_BYTES = 16, KEY_LEAST_BYTES = 16 };

static const char *const schemes[] = {"template", "standard-webhooks", NULL};
/* In the order of enum digest_kind and enum signature_encoding. */
static const char *const hmacs[] = {"sha256", "sha1", "sha512", NULL};
static const char *const encodings[] = {"hex", "base64", NULL};
static const char *const keys[] = {"text", "base64", NULL};
static const char *const units[] = {"s", "ms", NULL};

/* ---- single keys ---- */

static bool
read_pointer(struct setting_reader *reader, const struct conf_node *node,
	const char *path, void *where)
{
	return json_pointer_is_good(*(char **)where) ||
	       conf_error(reader->errors, node, path,
		       "expected a JSON pointer such as /data/token");
}

static bool
read_signed(struct setting_reader *reader, const struct conf_node *node,
	const char *path, void *where)
{
	struct signed_text *text;
	struct err err;

	text = signed_text_open(*(char **)where, &err);
	signed_text_close(text);
	return text != NULL ||
	       conf_error(reader->errors, node, path, "%s", err.text);
}

static bool
read_secrets(struct setting_reader *reader, const struct conf_node *node,
	const char *path, void *where)
{
	return setting_read_secrets(
		reader, node, path, VERIFY_SECRETS_LIMIT, where);
}

static void
free_secrets(void *where)
{
	setting_secrets_done(where);
}

/* ---- rows ---- */

#define IN_PLACE(member) offsetof(struct verify_place, member)
static const struct setting place_rows[] = {
	{"header", SETTING_TEXT, IN_PLACE(header), .low = 1, .high = 100,
		.help = "A header."},
	{"query", SETTING_TEXT, IN_PLACE(query), .low = 1, .high = 100,
		.help = "A parameter of the address."},
	{"field", SETTING_TEXT, IN_PLACE(field), .low = 1, .high = 200,
		.help = "A field of a form that was posted."},
	{"pointer", SETTING_TEXT, IN_PLACE(pointer), .low = 1, .high = 500,
		.read = read_pointer,
		.help = "A JSON pointer into the body, as in /data/token."},
	{.key = NULL},
};

static const struct setting timestamp_rows[] = {
	{"header", SETTING_TEXT, IN_PLACE(header), .low = 1, .high = 100,
		.help = "A header."},
	{"query", SETTING_TEXT, IN_PLACE(query), .low = 1, .high = 100,
		.help = "A parameter of the address."},
	{"field", SETTING_TEXT, IN_PLACE(field), .low = 1, .high = 200,
		.help = "A field of a form that was posted."},
	{"unit", SETTING_CHOICE, AT(timestamp.unit) - AT(timestamp),
		.fallback = "s", .choices = units,
		.help = "Seconds or milliseconds since 1970."},
	{.key = NULL},
};

const struct setting verify_settings_rows[] = {
	{"scheme", SETTING_CHOICE, AT(scheme), .fallback = "template",
		.choices = schemes,
		.help = "standard-webhooks is Standard Webhooks 1.0 "
			"(webhook-id, webhook-timestamp, webhook-signature): "
			"beside it only secret, secrets and tolerance can be "
			"set. template is what the keys below say."},
	{"secret", SETTING_SECRET, AT(secret),
		.help = "What npsd and the sender both know: the signing key, "
			"or the token, of at least 16 characters."},
	{"secrets", SETTING_CUSTOM, AT(secrets), .masked = true,
		.read = read_secrets, .done = free_secrets,
		.schema = "{\"type\":\"array\"}",
		.help = "A list of secrets, any of which will do: the new and "
			"the old one, while one is changed."},
	{"hmac", SETTING_CHOICE, AT(hmac), .fallback = "sha256",
		.choices = hmacs, .help = "The digest that signs (HMAC)."},
	{"encoding", SETTING_CHOICE, AT(encoding), .fallback = "hex",
		.choices = encodings, .help = "How the signature is written."},
	{"key", SETTING_CHOICE, AT(key), .fallback = "text", .choices = keys,
		.help = "What the key is: the secret's text as it stands, or "
			"the bytes that it is base64 of, behind whsec_ where "
			"it begins so."},
	{"signature", SETTING_RECORD, AT(signature), .optional = true,
		.fields = place_rows,
		.help = "Where the signature stands, or a list of them with "
			"blanks, commas or semicolons between."},
	{"prefix", SETTING_TEXT, AT(prefix), .fallback = "", .high = 64,
		.help = "What stands before a signature, as in sha256=. In a "
			"list, those that it does not stand before are passed "
			"over."},
	{"signed", SETTING_TEXT, AT(signed_text), .fallback = "\"{body}\"",
		.low = 1, .high = 1000, .read = read_signed,
		.help = "What is signed: text with {body}, {method}, {uri}, "
			"{header:NAME}, {field:NAME} and {timestamp} in it. "
			"{uri} is server.public_url with the path and query."},
	{"timestamp", SETTING_RECORD, AT(timestamp), .optional = true,
		.fields = timestamp_rows,
		.help = "Where the time of sending stands, if it is signed as "
			"well."},
	{"tolerance", SETTING_DURATION, AT(tolerance_ms), .fallback = "5m",
		.low = 1000, .high = (double)(24 * 3600 * 1000),
		.help = "How far that time may be from now, before or after."},
	{"token", SETTING_RECORD, AT(token), .optional = true,
		.fields = place_rows,
		.help = "Where the secret itself stands, for senders that sign "
			"nothing."},
	{.key = NULL},
};

/* ---- all of it ---- */

static int
count_of(const struct verify_place *place)
{
	return (place->header != NULL) + (place->query != NULL) +
	       (place->field != NULL) + (place->pointer != NULL);
}

static bool
check_place(struct setting_reader *reader, const struct conf_node *node,
	const char *path, const char *key, const struct verify_place *place)
{
	char *inner;

	if (conf_node_is_null(conf_node_at(node, key)) || count_of(place) == 1)
		return true;
	inner = setting_path(path, key);
	conf_error(reader->errors, conf_node_at(node, key), inner,
		"expected exactly one of header, query, field, pointer");
	free(inner);
	return false;
}

/* What the scheme says cannot be said otherwise; a default says nothing. */
static bool
check_scheme(struct setting_reader *reader, const struct conf_node *node,
	const char *path, const struct verify_settings *settings)
{
	const struct {
		const char *key;
		bool said;
	} fixed[] = {{"hmac", settings->hmac != 0},
		{"encoding", settings->encoding != 0},
		{"key", settings->key != 0},
		{"signature", count_of(&settings->signature) > 0},
		{"prefix", !text_same(settings->prefix, "")},
		{"signed", !text_same(settings->signed_text, "{body}")},
		{"timestamp", count_of(&settings->timestamp.place) > 0},
		{"token", count_of(&settings->token) > 0}};
	bool good = true;

	for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++)
		if (fixed[i].said)
			good = conf_error(reader->errors,
				conf_node_key(node, fixed[i].key), path,
				"%s is fixed by scheme: standard-webhooks; "
				"leave one of them out",
				fixed[i].key);
	return good;
}

static bool
check_timestamp(struct setting_reader *reader, const struct conf_node *node,
	const char *path, const struct verify_settings *settings)
{
	const char *header = settings->timestamp.place.header;
	char *named = header != NULL ? mem_printf("{header:%s}", header) : NULL;
	bool good = count_of(&settings->timestamp.place) == 0 ||
		    strstr(settings->signed_text, "{timestamp}") != NULL ||
		    (named != NULL &&
			    strcasestr(settings->signed_text, named) != NULL);

	free(named);
	return good ||
	       conf_error(reader->errors, conf_node_at(node, "timestamp"), path,
		       "the time is not signed, so that anybody could put "
		       "another: signed must have {timestamp} in it");
}

static bool
check_template(struct setting_reader *reader, const struct conf_node *node,
	const char *path, const struct verify_settings *settings)
{
	bool has_token = count_of(&settings->token) > 0;
	bool good;

	good = check_place(
		reader, node, path, "signature", &settings->signature);
	good &= check_place(reader, node, path, "token", &settings->token);
	good &= check_place(
		reader, node, path, "timestamp", &settings->timestamp.place);
	if (!good)
		return false;
	if (has_token == (count_of(&settings->signature) > 0))
		return conf_error(reader->errors, node, path,
			has_token ? "has both signature and token; leave one "
				    "of them out"
				  : "expected signature, token, or scheme: "
				    "standard-webhooks");
	return check_timestamp(reader, node, path, settings);
}

/* An empty one stands for a secret that is not on this machine (`check`). */
static bool
check_secret(struct setting_reader *reader, const struct conf_node *node,
	const char *path, const struct verify_settings *settings,
	const char *secret)
{
	struct buf key = {0};
	struct err err;
	bool good = true;

	if (*secret == '\0')
		return true;
	if (count_of(&settings->token) > 0)
		good = strlen(secret) >= TOKEN_LEAST_BYTES ||
		       conf_error(reader->errors, node, path,
			       "expected at least %d characters",
			       TOKEN_LEAST_BYTES);
	else if (!verify_key(settings, secret, &key, &err))
		good = conf_error(reader->errors, node, path, "%s", err.text);
	else if (key.length < KEY_LEAST_BYTES)
		conf_warning(reader->errors, node, path,
			"a key of %zu bytes can be found by trying; agree on "
			"one of %d or more with the sender",
			key.length, KEY_LEAST_BYTES);
	if (key.data != NULL)
		explicit_bzero(key.data, key.length);
	buf_done(&key);
	return good;
}

static bool
check_secrets(struct setting_reader *reader, const struct conf_node *node,
	const char *path, const struct verify_settings *settings)
{
	char *one = setting_path(path, "secret");
	char *more = setting_path(path, "secrets");
	bool good = true;

	if (settings->secret != NULL)
		good = check_secret(reader, conf_node_at(node, "secret"), one,
			settings, settings->secret);
	for (size_t i = 0; i < settings->secrets.count; i++)
		good &= check_secret(reader, conf_node_at(node, "secrets"),
			more, settings, settings->secrets.items[i]);
	if (settings->secret == NULL && settings->secrets.count == 0)
		good = conf_error(reader->errors, node, path,
			"expected a secret: it is what tells the sender from "
			"others");
	free(one);
	free(more);
	return good;
}

bool
verify_settings_read(struct setting_reader *reader,
	const struct conf_node *node, const char *path, void *where)
{
	struct verify_settings *settings = where;
	bool good;

	settings->given = !conf_node_is_null(node);
	if (!settings->given)
		return true;
	good = settings->scheme == VERIFY_STANDARD
		       ? check_scheme(reader, node, path, settings)
		       : check_template(reader, node, path, settings);
	return check_secrets(reader, node, path, settings) && good;
}

bool
verify_settings_need_uri(const struct verify_settings *settings)
{
	return settings->given && settings->scheme == VERIFY_TEMPLATE &&
	       settings->signed_text != NULL &&
	       strstr(settings->signed_text, "{uri}") != NULL;
}
