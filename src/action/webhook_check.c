/* webhook_check - what the rows of a webhook's settings cannot tell. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "action/endpoint.h"
#include "action/mail_header.h"
#include "nps/program.h"
#include "action/webhook_settings.h"
#include "action/webhook_sign.h"
#include "base/memory.h"
#include "base/text.h"
#include "conf/setting_path.h"

struct checker {
	const struct webhook_settings *settings;
	const struct conf_node *node;
	const char *path;
	struct conf_errors *errors;
};

/* The place of "key" or, with inner not NULL, of "key.inner". */
struct place {
	const struct conf_node *node;
	char *path; /* the caller frees it */
};

static struct place
place_of(const struct checker *checker, const char *key, const char *inner)
{
	struct place place = {conf_node_at(checker->node, key),
		setting_path(checker->path, key)};

	if (inner != NULL) {
		char *path = setting_path(place.path, inner);

		free(place.path);
		place.path = path;
		place.node = conf_node_at(place.node, inner);
	}
	return place;
}

static bool
fault(const struct checker *checker, const char *key, const char *inner,
	const char *text)
{
	struct place place = place_of(checker, key, inner);

	conf_error(checker->errors, place.node, place.path, "%s", text);
	free(place.path);
	return false;
}

static void
warn(const struct checker *checker, const char *key, const char *inner,
	const char *text)
{
	struct place place = place_of(checker, key, inner);

	conf_warning(checker->errors, place.node, place.path, "%s", text);
	free(place.path);
}

static bool
has_auth(const struct webhook_settings *settings)
{
	return settings->auth.basic.user != NULL ||
	       settings->auth.bearer != NULL || settings->auth.header.count > 0;
}

static bool
check_url(const struct checker *checker)
{
	static const char *const schemes[] = {"http", "https", NULL};
	const struct webhook_settings *settings = checker->settings;
	struct err err;

	if (*settings->url == '\0')
		return true; /* a secret of another machine */
	if (!transfer_url_is_good(settings->url, schemes, &err)) {
		err_prefix(&err, "expected an address that starts with "
				 "https:// or http://");
		return fault(checker, "url", NULL, err.text);
	}
	if (endpoint_has_scheme(settings->url, "http") &&
		!endpoint_is_loopback(settings->url))
		warn(checker, "url", NULL,
			has_auth(settings)
				? "answers and the log-in go over the network "
				  "in the clear; use https://"
				: "answers go over the network in the clear; "
				  "use https://");
	return true;
}

static bool
check_auth(const struct checker *checker)
{
	const struct webhook_settings *settings = checker->settings;
	struct place place = place_of(checker, "auth", NULL);
	int ways = (settings->auth.basic.user != NULL) +
		   (settings->auth.bearer != NULL) +
		   (settings->auth.header.count > 0);
	bool good = true;

	if (ways == 0 && place.node != NULL && place.node->count > 0)
		good = fault(checker, "auth", NULL,
			"expected one of basic, bearer, header");
	if (ways > 1)
		good = fault(checker, "auth", NULL,
			"expected one of basic, bearer, header, not several");
	good &= endpoint_check_line(settings->auth.basic.user, place.node,
		place.path, checker->errors);
	good &= endpoint_check_line(settings->auth.basic.password, place.node,
		place.path, checker->errors);
	good &= endpoint_check_line(
		settings->auth.bearer, place.node, place.path, checker->errors);
	free(place.path);
	return good;
}

/* Headers that npsd or the protocol itself is answerable for. */
static bool
is_own_header(const char *name)
{
	static const char *const names[] = {"Host", "Content-Length",
		"Transfer-Encoding", "Connection", "Expect", "Upgrade",
		"Trailer", "Idempotency-Key", "webhook-id", "webhook-timestamp",
		"webhook-signature", "npsd-attempt", NULL};

	for (size_t i = 0; names[i] != NULL; i++)
		if (strcasecmp(names[i], name) == 0)
			return true;
	return strncasecmp(name, "ce-", 3) == 0;
}

static bool
check_pairs(const struct checker *checker, const char *key, const char *inner,
	const struct setting_pairs *pairs)
{
	struct place place = place_of(checker, key, inner);
	bool good = true;

	for (size_t i = 0; i < pairs->count; i++) {
		const char *name = pairs->names[i];

		if (!mail_header_name_is_good(name))
			good = fault(checker, key, inner,
				"a name has a character that a header's name "
				"cannot have, or too many");
		else if (is_own_header(name))
			good = fault(checker, key, inner,
				"it names a header that npsd sends itself "
				"(Host, Content-Length, Idempotency-Key, ce-*, "
				"webhook-* and the like)");
		good &= endpoint_check_line(pairs->values[i],
			conf_node_at(place.node, name), place.path,
			checker->errors);
	}
	free(place.path);
	return good;
}

static bool
check_headers(const struct checker *checker)
{
	const struct setting_pairs *headers = &checker->settings->headers;

	for (size_t i = 0; i < headers->count; i++)
		if (strcasecmp(headers->names[i], "Authorization") == 0) {
			if (has_auth(checker->settings))
				return fault(checker, "headers", NULL,
					"Authorization comes from \"auth\"");
			warn(checker, "headers", NULL,
				"a log-in belongs into \"auth\", where it is "
				"kept as a secret");
		}
	return check_pairs(checker, "headers", NULL, headers);
}

static bool
check_key(const struct checker *checker, const char *inner, const char *secret)
{
	struct buf key = {0};
	struct err err;
	char text[160];
	bool good;

	if (secret == NULL || *secret == '\0')
		return true;
	good = webhook_key(secret, &key, &err);
	if (!good) {
		fault(checker, "sign", inner, err.text);
	} else if (key.length < WEBHOOK_KEY_LOW_BYTES ||
		   key.length > WEBHOOK_KEY_HIGH_BYTES) {
		snprintf(text, sizeof(text),
			"the key has %zu bytes; Standard "
			"Webhooks asks for %d to %d",
			key.length, WEBHOOK_KEY_LOW_BYTES,
			WEBHOOK_KEY_HIGH_BYTES);
		warn(checker, "sign", inner, text);
	}
	if (key.data != NULL)
		explicit_bzero(key.data, key.length);
	buf_done(&key);
	return good;
}

static bool
check_sign(const struct checker *checker)
{
	const struct webhook_settings *settings = checker->settings;
	const struct setting_texts *secrets = &settings->sign.secrets;
	const char *secret = settings->sign.secret;
	bool good = check_key(checker, "secret", secret);

	for (size_t i = 0; i < secrets->count; i++)
		good &= check_key(checker, "secrets", secrets->items[i]);
	if (secret != NULL && secrets->count > 0)
		good = fault(checker, "sign", NULL,
			"expected one of secret, secrets, not both");
	if (secret == NULL && secrets->count == 0 &&
		!conf_node_is_null(conf_node_at(checker->node, "sign")))
		good = fault(checker, "sign", NULL,
			"expected a secret, or secrets while one is exchanged");
	return good;
}

static bool
check_program(const struct checker *checker, const char *key, const char *inner,
	const char *text, const char *file)
{
	struct place at = place_of(checker, key, inner);
	struct program_place place = {
		.node = at.node,
		.path = at.path,
		.file = file,
		.sees_alert = inner == NULL,
	};
	bool good =
		text == NULL || program_check(text, &place, checker->errors);

	free(at.path);
	return good;
}

static bool
check_programs(const struct checker *checker)
{
	const struct webhook_settings *settings = checker->settings;
	bool good = check_program(checker, "payload", NULL,
		settings->payload.text, settings->payload.file);

	good &= check_program(
		checker, "success", "body", settings->success.body, NULL);
	good &= check_program(
		checker, "retry_when", "body", settings->retry_when.body, NULL);
	return good;
}

/* What makes something of an answer makes nothing good of a storm. */
static void
warn_of_storms(const struct checker *checker)
{
	const struct webhook_settings *settings = checker->settings;

	if (settings->common.storm.more_than > 0 &&
		settings->payload.text != NULL &&
		strstr(settings->payload.text, ".response") != NULL &&
		strstr(settings->payload.text, ".storm") == NULL)
		warn(checker, "storm", NULL,
			"the payload does not look at .storm, which the "
			"message of a storm has instead of .response");
}

bool
webhook_settings_check(const void *settings, const struct conf_node *node,
	const char *path, struct conf_errors *errors)
{
	struct checker checker = {settings, node, path, errors};
	const struct webhook_settings *webhook = settings;
	bool good = check_url(&checker);

	good &= check_auth(&checker);
	good &= check_headers(&checker);
	good &= check_pairs(&checker, "auth", "header", &webhook->auth.header);
	good &= check_sign(&checker);
	good &= connection_check(&webhook->connection, node, path, errors);
	if (webhook->payload.text != NULL && webhook->format != FORMAT_ALERT)
		good = fault(&checker, "format", NULL,
			"the payload says what is sent: take one of the two "
			"away");
	good &= check_programs(&checker);
	warn_of_storms(&checker);
	return good;
}
