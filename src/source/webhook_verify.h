/*
 * webhook_verify - is a request from whom it says: by a signature over what was
 * sent, or by a token that only the sender knows.
 *
 * Settings are a template that fits most senders; Standard Webhooks 1.0 has a
 * name. On the loop's thread.
 */
#ifndef NPSD_SOURCE_WEBHOOK_VERIFY_H
#define NPSD_SOURCE_WEBHOOK_VERIFY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "conf/setting.h"
#include "source/webhook_body.h"

enum { VERIFY_SECRETS_LIMIT = 8 };

enum verify_scheme { VERIFY_TEMPLATE, VERIFY_STANDARD };

/* Where in a request a value stands: one of these, or none. */
struct verify_place {
	char *header, *query, *field, *pointer;
};

struct verify_settings {
	bool given;	    /* there is a `verify:` */
	int scheme;	    /* enum verify_scheme */
	int hmac, encoding; /* enum digest_kind, enum signature_encoding */
	int key;	    /* 1: base64 */
	struct verify_place signature, token;
	char *prefix;
	char *signed_text;
	struct {
		struct verify_place place;
		int unit;
	} timestamp;
	int64_t tolerance_ms;
	char *secret;
	struct setting_texts secrets;
};

extern const struct setting verify_settings_rows[];
/* The read() of the row whose record has these rows. */
bool verify_settings_read(struct setting_reader *reader,
	const struct conf_node *node, const char *path, void *where);
/* True if what is signed holds {uri}, for which server.public_url is needed. */
bool verify_settings_need_uri(const struct verify_settings *settings);

/* The key of a secret, appended. False: it is no base64 where it must be. */
bool verify_key(const struct verify_settings *settings, const char *secret,
	struct buf *key, struct err *err) must_check;

struct verifier;
/* Both are lent. public_url may be NULL where {uri} is not needed. NULL where
 * a secret is no key. */
struct verifier *verifier_open(const struct verify_settings *settings,
	const char *public_url, struct err *err) must_check;
void verifier_close(struct verifier *verifier); /* NULL is fine */
/* False with a reason that quotes nothing of the request. Else the body knows
 * which header with a key is signed. */
bool verifier_judge(struct verifier *verifier, struct webhook_body *body,
	int64_t now_ms, struct err *err) must_check;

#endif
