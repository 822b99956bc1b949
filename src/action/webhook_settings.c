/* webhook_settings - what is set for an action of type webhook. */
#include "action/webhook_settings.h"

#include "action/endpoint.h"
#include "action/webhook_sign.h"
#include "conf/errors.h"
#include "expr/expr.h"

#define AT(member) offsetof(struct webhook_settings, member)

/* ---- payload ---- */

static bool
read_payload(struct setting_reader *reader, const struct conf_node *node,
	const char *path, void *where)
{
	return setting_read_jq(
		reader, node, path, EXPR_TEXT_LIMIT_BYTES, where);
}

static void
free_payload(void *where)
{
	setting_jq_done(where);
}

/* ---- rows ---- */

#define IN_BASIC(member) (AT(auth.basic.member) - AT(auth.basic))
static const struct setting basic_rows[] = {
	{"user", SETTING_CUSTOM, IN_BASIC(user), .required = true,
		.read = endpoint_read_text, .done = endpoint_text_done,
		.schema = endpoint_text_schema, .help = "The user's name."},
	{"password", SETTING_SECRET, IN_BASIC(password), .required = true,
		.help = "The password."},
	{.key = NULL},
};

#define IN_AUTH(member) (AT(auth.member) - AT(auth))
static const struct setting auth_rows[] = {
	{"basic", SETTING_RECORD, IN_AUTH(basic), .fields = basic_rows,
		.help = "HTTP Basic: a user and a password."},
	{"bearer", SETTING_SECRET, IN_AUTH(bearer),
		.help = "A token for \"Authorization: Bearer TOKEN\"."},
	{"header", SETTING_SECRET_MAP, IN_AUTH(header),
		.help = "Headers with a secret, as in {X-Api-Key: {file: "
			"PATH}}."},
	{.key = NULL},
};

/* ---- keys ---- */

static const char secrets_schema[] =
	"{\"type\":\"array\",\"minItems\":1,\"items\":{\"type\":["
	"\"string\",\"object\"]}}";

static bool
read_secrets(struct setting_reader *reader, const struct conf_node *node,
	const char *path, void *where)
{
	return setting_read_secrets(
		reader, node, path, WEBHOOK_KEYS_LIMIT, where);
}

static void
free_secrets(void *where)
{
	setting_secrets_done(where);
}

#define IN_SIGN(member) (AT(sign.member) - AT(sign))
static const struct setting sign_rows[] = {
	{"secret", SETTING_SECRET, IN_SIGN(secret),
		.help = "The key: base64 behind whsec_, or else the text "
			"itself; 24 to 64 bytes."},
	{"secrets", SETTING_CUSTOM, IN_SIGN(secrets), .masked = true,
		.read = read_secrets, .done = free_secrets,
		.schema = secrets_schema,
		.help = "In place of secret, while one key is exchanged for "
			"another: a list of them, the new one first. There is "
			"a signature by each, so that receivers can change "
			"over one by one."},
	{.key = NULL},
};

const char *const webhook_methods[] = {"POST", "PUT", "PATCH", NULL};
static const char *const formats[] = {"alert", "cloudevents", NULL};

const struct setting webhook_settings_rows[] = {
	{"url", SETTING_CUSTOM, AT(url), .required = true,
		.read = endpoint_read_text, .done = endpoint_text_done,
		.schema = endpoint_text_schema,
		.help = "Where alerts are sent to: http:// or https://. Where "
			"the address itself is a secret, {file: PATH}, "
			"{credential: NAME} or {env: NAME}."},
	{"method", SETTING_CHOICE, AT(method), .fallback = "POST",
		.choices = webhook_methods, .help = "The method."},
	{"payload", SETTING_CUSTOM, AT(payload), .read = read_payload,
		.done = free_payload,
		.schema = "{\"type\":[\"string\",\"object\"]}",
		.help = "What is sent, as a jq text over the alert or as "
			"{file: PATH} of one. It gives one value, which is "
			"sent as JSON; a text is sent as it is. Without it the "
			"alert itself is sent."},
	{"format", SETTING_CHOICE, AT(format), .fallback = "alert",
		.choices = formats,
		.help = "Without a payload: alert sends the alert, with the "
			"headers of a CloudEvent (binary mode); cloudevents "
			"wraps it into one (structured mode)."},
	{"auth", SETTING_RECORD, AT(auth), .fields = auth_rows,
		.help = "How npsd logs in: one of basic, bearer, header."},
	{"headers", SETTING_TEXT_MAP, AT(headers), .high = 4096,
		.help = "Further headers with fixed text. A Content-Type here "
			"takes the place of application/json."},
	{"sign", SETTING_RECORD, AT(sign), .optional = true,
		.fields = sign_rows,
		.help = "Signs each request as Standard Webhooks 1.0 says: "
			"webhook-id, webhook-timestamp, webhook-signature."},
	CONNECTION_ROWS(AT(connection)),
	CONNECTION_PROXY_ROW(AT(connection)),
	{"success", SETTING_RECORD, AT(success), .fields = webhook_rule_rows,
		.help = "Which answers mean that the alert arrived, where that "
			"is not just any 2xx. A 2xx that is none is tried "
			"again."},
	{"retry_when", SETTING_RECORD, AT(retry_when),
		.fields = webhook_rule_rows,
		.help = "Which answers mean that it may go better later, "
			"beside 408, 425, 429 and 5xx."},
	{.key = NULL},
};
