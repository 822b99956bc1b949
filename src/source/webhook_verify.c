/* webhook_verify - is a request from whom it says? */
#include "source/webhook_verify.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/json_pointer.h"
#include "base/memory.h"
#include "base/text.h"
#include "base/time.h"
#include "crypt/digest.h"
#include "source/signature.h"
#include "source/signed_text.h"

/* What `scheme: standard-webhooks` stands for. */
static const struct verify_settings standard = {
	.hmac = DIGEST_SHA256,
	.encoding = SIGNATURE_BASE64,
	.signature = {.header = (char[]){"webhook-signature"}},
	.prefix = (char[]){"v1,"},
	.signed_text = (char[]){"{header:webhook-id}.{timestamp}.{body}"},
	.timestamp = {.place = {.header = (char[]){"webhook-timestamp"}}},
};

struct verifier {
	struct verify_settings settings; /* texts lent */
	char *public_url;
	struct signed_text *signed_text;
	char *secrets[VERIFY_SECRETS_LIMIT + 1]; /* lent */
	struct hmac *keys[VERIFY_SECRETS_LIMIT + 1];
	size_t count;
};

/* ---- keys ---- */

bool
verify_key(const struct verify_settings *settings, const char *secret,
	struct buf *key, struct err *err)
{
	static const char prefix[] = "whsec_";
	bool marked = text_starts(secret, prefix);

	/* Standard Webhooks marks those that are base64. */
	if (settings->scheme == VERIFY_STANDARD ? !marked
						: settings->key == 0) {
		buf_append_text(key, secret);
		return true;
	}
	if (marked)
		secret += sizeof(prefix) - 1;
	if (base64_decode(secret, strlen(secret), key, NULL) && key->length > 0)
		return true;
	return err_set(err, "the secret is no base64%s",
		marked ? " behind whsec_" : "");
}

static bool
add_key(struct verifier *verifier, const struct verify_settings *settings,
	char *secret, struct err *err)
{
	struct buf key = {0};
	bool good = verify_key(settings, secret, &key, err);

	if (good) {
		verifier->secrets[verifier->count] = secret;
		verifier->keys[verifier->count++] =
			hmac_new_of((enum digest_kind)verifier->settings.hmac,
				key.data, key.length);
	}
	if (key.data != NULL)
		explicit_bzero(key.data, key.length);
	buf_done(&key);
	return good;
}

struct verifier *
verifier_open(const struct verify_settings *settings, const char *public_url,
	struct err *err)
{
	struct verifier *verifier = mem_new(1, sizeof(*verifier));
	bool good = true;

	verifier->settings =
		settings->scheme == VERIFY_STANDARD ? standard : *settings;
	verifier->settings.tolerance_ms = settings->tolerance_ms;
	verifier->public_url = mem_strdup(public_url != NULL ? public_url : "");
	verifier->signed_text =
		signed_text_open(verifier->settings.signed_text, err);
	good = verifier->signed_text != NULL;
	if (good && settings->secret != NULL)
		good = add_key(verifier, settings, settings->secret, err);
	for (size_t i = 0; good && i < settings->secrets.count; i++)
		good = add_key(
			verifier, settings, settings->secrets.items[i], err);
	if (good)
		return verifier;
	verifier_close(verifier);
	return NULL;
}

void
verifier_close(struct verifier *verifier)
{
	if (verifier == NULL)
		return;
	for (size_t i = 0; i < verifier->count; i++)
		hmac_free(verifier->keys[i]);
	signed_text_close(verifier->signed_text);
	free(verifier->public_url);
	free(verifier);
}

/* ---- values ---- */

/* The value at a place, lent; NULL: it is not there. */
static const char *
value_at(const struct verify_place *place, struct webhook_body *body)
{
	const struct form *fields;

	if (place->header != NULL)
		return http_request_header(body->request, place->header);
	if (place->query != NULL)
		return http_request_query(body->request, place->query);
	if (place->pointer != NULL) {
		const json_t *tree = webhook_body_tree(body);

		return json_string_value(json_pointer_at(tree, place->pointer));
	}
	fields = webhook_body_fields(body);
	return fields != NULL ? form_value(fields, place->field) : NULL;
}

static const char *
name_of(const struct verify_place *place)
{
	return place->header != NULL  ? place->header
	       : place->query != NULL ? place->query
	       : place->field != NULL ? place->field
				      : place->pointer;
}

static bool
take(const struct verify_place *place, struct webhook_body *body,
	const char *what, const char **value, struct err *err)
{
	*value = value_at(place, body);
	return *value != NULL ||
	       err_set(err, "there is no %s in %s", what, name_of(place));
}

/* ---- judging ---- */

static bool
check_time(const struct verifier *verifier, const char *text, int64_t now_ms,
	struct err *err)
{
	int64_t most = INT64_C(99999999999), sent;
	bool seconds = verifier->settings.timestamp.unit == 0;
	char off[TIME_TEXT_BYTES];

	if (!text_to_integer(text, 0, seconds ? most : most * 1000, &sent))
		return err_set(err, "its time is no number of %s since 1970",
			seconds ? "seconds" : "milliseconds");
	if (seconds)
		sent *= 1000;
	if (llabs(now_ms - sent) <= verifier->settings.tolerance_ms)
		return true;
	duration_to_text(llabs(now_ms - sent) / 1000 * 1000, off);
	return err_set(err, "it was sent %s %s, by its time and this clock",
		off, sent < now_ms ? "ago" : "ahead");
}

/* Adds one part of what was signed to each key's code. False: it is missing. */
static bool
sign_part(struct verifier *verifier, const struct signed_part *part,
	struct webhook_body *body, const char *stamp, struct err *err)
{
	struct verify_place place = {0};
	struct text text = text_of(part->text);

	switch (part->kind) {
	case PART_TEXT:
		break;
	case PART_BODY:
		text = (struct text){body->bytes, body->length};
		break;
	case PART_METHOD:
		text = text_of(http_request_method_text(body->request));
		break;
	case PART_URI:
		text = text_of(verifier->public_url);
		for (size_t i = 0; i < verifier->count; i++)
			hmac_add(verifier->keys[i], text.data, text.length);
		text = text_of(http_request_target(body->request));
		break;
	case PART_TIMESTAMP:
		text = text_of(stamp);
		break;
	case PART_HEADER:
	case PART_FIELD:
		if (part->kind == PART_HEADER)
			place.header = part->text;
		else
			place.field = part->text;
		if (value_at(&place, body) == NULL)
			return err_set(err,
				"there is no %s, which has to be signed",
				part->text);
		text = text_of(value_at(&place, body));
		break;
	}
	for (size_t i = 0; i < verifier->count; i++)
		hmac_add(verifier->keys[i], text.data, text.length);
	return true;
}

static bool
judge_signature(struct verifier *verifier, struct webhook_body *body,
	const char *stamp, const char *given, struct err *err)
{
	const struct verify_settings *settings = &verifier->settings;
	uint8_t codes[(VERIFY_SECRETS_LIMIT + 1) * DIGEST_LIMIT_BYTES];
	size_t bytes = hmac_bytes(verifier->keys[0]);

	for (size_t i = 0; i < verifier->count; i++)
		hmac_begin(verifier->keys[i]);
	for (size_t i = 0; i < verifier->signed_text->count; i++)
		if (!sign_part(verifier, &verifier->signed_text->parts[i], body,
			    stamp, err))
			return false;
	for (size_t i = 0; i < verifier->count; i++)
		hmac_end(verifier->keys[i], codes + i * bytes);
	return signature_holds(given, settings->prefix,
		       (enum signature_encoding)settings->encoding, codes,
		       bytes, verifier->count) ||
	       err_set(err, "the signature in %s fits none of the secrets",
		       name_of(&settings->signature));
}

/* The header with the request's own key that is signed; NULL: none is. */
static const char *
signed_key(const struct verifier *verifier)
{
	for (size_t i = 0; i < verifier->signed_text->count; i++) {
		const struct signed_part *part =
			&verifier->signed_text->parts[i];

		if (part->kind == PART_HEADER &&
			(strcasecmp(part->text, "Idempotency-Key") == 0 ||
				strcasecmp(part->text, "webhook-id") == 0))
			return part->text;
	}
	return NULL;
}

static bool
judge_token(
	struct verifier *verifier, struct webhook_body *body, struct err *err)
{
	const struct verify_place *place = &verifier->settings.token;
	const char *given;
	bool holds = false;

	if (!take(place, body, "token", &given, err))
		return false;
	/* Every one is compared, so that time does not tell which. */
	for (size_t i = 0; i < verifier->count; i++)
		holds |= secret_equal(given, strlen(given),
			verifier->secrets[i], strlen(verifier->secrets[i]));
	return holds || err_set(err, "the token in %s is none of the secrets",
				name_of(place));
}

bool
verifier_judge(struct verifier *verifier, struct webhook_body *body,
	int64_t now_ms, struct err *err)
{
	const struct verify_settings *settings = &verifier->settings;
	const char *stamp = "", *given;

	if (name_of(&settings->token) != NULL)
		return judge_token(verifier, body, err);
	if (!take(&settings->signature, body, "signature", &given, err))
		return false;
	if (name_of(&settings->timestamp.place) != NULL &&
		(!take(&settings->timestamp.place, body, "time", &stamp, err) ||
			!check_time(verifier, stamp, now_ms, err)))
		return false;
	body->key_header = signed_key(verifier);
	return judge_signature(verifier, body, stamp, given, err);
}
