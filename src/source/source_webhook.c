/* source_webhook - answers that come as HTTP requests. */
#include <stdlib.h>
#include <string.h>

#include "base/date_format.h"
#include "base/memory.h"
#include "base/text.h"
#include "loop/problem.h"
#include "source/source.h"
#include "source/webhook_body.h"
#include "source/webhook_map.h"
#include "source/webhook_reply.h"
#include "source/webhook_verify.h"

#define API_PATH "/api/v1/responses"

enum { TOKEN_LEAST_BYTES = 16 };

struct webhook_settings {
	struct source_settings common; /* first */
	char *path;
	bool open;
	char *token;
	struct verify_settings verify;
	struct map_settings map;
};

struct webhook {
	struct source source;	   /* first */
	struct verifier *verifier; /* NULL: others judge who may ask */
	struct webhook_map *map;   /* NULL: answers in npsd's own format */
	size_t under_way;
	bool closing;
};

/* Of the built-in source; its path and who may ask are not settings. */
static const struct webhook_settings api_settings;

const void *
source_webhook_api_settings(void)
{
	return &api_settings;
}

bool
source_webhook_trust(void *settings)
{
	struct webhook_settings *own = settings;
	bool verified = own->verify.given;

	own->verify.given = false;
	return verified;
}

/* ---- settings ---- */

static bool
is_taken(const char *path)
{
	static const char *const taken[] = {
		"/healthz", "/readyz", "/metrics", "/api", "/f"};

	for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++) {
		size_t length = strlen(taken[i]);

		if (strncmp(path, taken[i], length) == 0 &&
			(path[length] == '\0' || path[length] == '/'))
			return true;
	}
	return path[1] == '\0';
}

static bool
read_path(struct setting_reader *reader, const struct conf_node *node,
	const char *path, void *where)
{
	static const char good[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
		"0123456789-._~/";
	const char *text = *(char **)where;

	if (text[0] != '/' || text[strspn(text, good)] != '\0' ||
		strstr(text, "//") != NULL)
		return conf_error(reader->errors, node, path,
			"expected a path of letters, digits, - . _ ~ and /, as "
			"in /hooks/typeform");
	if (is_taken(text))
		return conf_error(reader->errors, node, path,
			"npsd itself answers there; choose another path, such "
			"as /hooks/typeform");
	return true;
}

/* An empty one stands for a secret that is not on this machine (`check`). */
static bool
read_token(struct setting_reader *reader, const struct conf_node *node,
	const char *path, void *where)
{
	const char *token = *(char **)where;

	if (*token != '\0' && strlen(token) < TOKEN_LEAST_BYTES)
		return conf_error(reader->errors, node, path,
			"expected at least %d characters", TOKEN_LEAST_BYTES);
	return true;
}

static const struct setting webhook_settings[] = {
	{"path", SETTING_TEXT, offsetof(struct webhook_settings, path),
		.required = true, .low = 2, .high = 200, .read = read_path,
		.help = "Where requests come in, as in /hooks/typeform. A POST "
			"carries one object, an array of objects, or objects "
			"a line each (application/x-ndjson)."},
	{"token", SETTING_SECRET, offsetof(struct webhook_settings, token),
		.read = read_token,
		.help = "The bearer token of those who may post here, at least "
			"16 characters."},
	{"open", SETTING_BOOLEAN, offsetof(struct webhook_settings, open),
		.fallback = "false", .help = "Lets everybody post here."},
	{"verify", SETTING_RECORD, offsetof(struct webhook_settings, verify),
		.optional = true, .fields = verify_settings_rows,
		.read = verify_settings_read,
		.help = "How a request shows that it comes from the sender: by "
			"a signature, or by a token in another place than "
			"Authorization. What does not is answered with 401 and "
			"not kept."},
	{"map", SETTING_CUSTOM, offsetof(struct webhook_settings, map),
		.read = map_read, .done = map_done, .schema = map_schema,
		.help = "For what is not in npsd's own format: a jq text, or "
			"{file: PATH} of one, whose input is what was posted "
			"(JSON, or the fields of a form) and each of whose "
			"values is an answer."},
	{"date_format", SETTING_TEXT,
		offsetof(struct webhook_settings, map.date_format), .low = 2,
		.high = DATE_FORMAT_LIMIT_BYTES, .read = map_read_date_format,
		.help = "How the map's answered_at is written, where it is "
			"another way than 2026-11-21T10:00:00+01:00 or "
			"2026-11-21 10:00: in strftime's letters, as in "
			"%d-%m-%Y %H:%M:%S."},
	{"timezone", SETTING_TEXT,
		offsetof(struct webhook_settings, map.timezone), .low = 1,
		.high = 64, .read = map_read_timezone,
		.help = "The zone of times that say none, as in "
			"Europe/Amsterdam. Without it they are refused."},
	{.key = NULL},
};

/* That anybody may post at all, whoever knows of tokens checks. */
static bool
webhook_check(const void *settings, const struct conf_node *node,
	const char *path, struct conf_errors *errors)
{
	const struct webhook_settings *own = settings;

	if (own->open && (own->token != NULL || own->verify.given))
		conf_warning(errors, conf_node_at(node, "open"), path,
			own->verify.given
				? "open: true says nothing beside verify:"
				: "open: true lets everybody post, with or "
				  "without the token");
	if (verify_settings_need_uri(&own->verify) &&
		own->common.public_url == NULL)
		return conf_error(errors,
			conf_node_at(conf_node_at(node, "verify"), "signed"),
			path,
			"{uri} is what senders call npsd by: say so in "
			"server.public_url");
	return map_check(&own->map, node, path, errors);
}

struct source_webhook_access
source_webhook_access(const void *settings)
{
	const struct webhook_settings *own = settings;

	/* With a token of its own too, both must be good. */
	return (struct source_webhook_access){
		own->open || (own->verify.given && own->token == NULL),
		own->token};
}

static const char *
webhook_path(const void *settings)
{
	const struct webhook_settings *own = settings;

	return own == &api_settings ? API_PATH : own->path;
}

/* ---- requests ---- */

static bool
is_api(const struct webhook *webhook)
{
	return (const void *)webhook->source.settings == &api_settings;
}

static bool
is_verified(struct webhook *webhook, struct webhook_body *body)
{
	const struct source_host *host = webhook->source.host;
	struct err err;

	if (webhook->verifier == NULL ||
		verifier_judge(webhook->verifier, body,
			clock_wall_ms(host->clock), &err))
		return true;
	if (host->unverified != NULL)
		host->unverified(host->context, webhook->source.name, err.text);
	http_problem(body->request, 401, "unverified", "Not verified", err.text,
		NULL);
	return false;
}

static void
refuse_busy(struct http_request *request)
{
	http_problem_busy(request, 1,
		"More answers wait than can be kept at once. Send it again.");
}

/* Takes the batch. */
static void
offer(struct webhook *webhook, struct batch *batch,
	struct http_request *request)
{
	const struct source_host *host = webhook->source.host;

	batch->receipt = request;
	webhook->under_way++;
	if (host->offer(host->context, batch))
		return;
	webhook->under_way--;
	batch_free(batch);
	refuse_busy(request);
}

/* Nobody's body is read who would be refused anyway. */
static bool
has_room(const struct webhook *webhook, struct http_request *request)
{
	const struct source_host *host = webhook->source.host;

	if (host->has_room(host->context))
		return true;
	refuse_busy(request);
	return false;
}

static void
take_post(struct webhook *webhook, struct http_request *request)
{
	struct webhook_body body;
	struct batch *batch = NULL;

	if (!webhook_body_open(&body, request, webhook->map != NULL))
		return;
	if (is_verified(webhook, &body) && has_room(webhook, request))
		batch = webhook->map != NULL
				? webhook_map_run(
					  webhook->map, &webhook->source, &body)
				: webhook_body_read(&webhook->source, &body);
	webhook_body_done(&body);
	if (batch == NULL)
		return;
	if (webhook->map == NULL || batch->count > 0) {
		offer(webhook, batch, request);
		return;
	}
	/* A ping, a test, an answer to another question. */
	if (webhook->source.host->ignored != NULL)
		webhook->source.host->ignored(
			webhook->source.host->context, webhook->source.name);
	webhook_reply_plain(request, batch);
	batch_free(batch);
}

static void
webhook_request(struct source *source, struct http_request *request)
{
	enum http_method method = http_request_method(request);

	/* Tools look whether somebody is there before they post. */
	if (method == HTTP_GET || method == HTTP_HEAD)
		http_reply(request, 200, "application/json", "{}", 2);
	else if (method != HTTP_POST)
		http_problem_method(request, "GET, HEAD, POST");
	else
		take_post((struct webhook *)source, request);
}

static void
webhook_free(struct webhook *webhook)
{
	verifier_close(webhook->verifier);
	webhook_map_close(webhook->map);
	free(webhook);
}

static void
end_if_done(struct webhook *webhook)
{
	const struct source_host *host = webhook->source.host;

	if (!webhook->closing || webhook->under_way > 0)
		return;
	host->closed(host->context, &webhook->source);
	webhook_free(webhook);
}

static void
webhook_settled(struct source *source, struct batch *batch)
{
	struct webhook *webhook = (struct webhook *)source;
	struct http_request *request = batch->receipt;

	if (!batch->kept)
		webhook_reply_later(request);
	else if (is_api(webhook))
		webhook_reply_api(request, batch);
	else
		webhook_reply_plain(request, batch);
	batch_free(batch);
	webhook->under_way--;
	end_if_done(webhook);
}

/* ---- life ---- */

static struct source *
webhook_open(const char *name, const void *settings,
	const struct source_host *host, struct err *err)
{
	const struct webhook_settings *own = settings;
	struct webhook *webhook = mem_new(1, sizeof(*webhook));

	webhook->source =
		(struct source){&source_webhook, name, settings, host};
	if (own->verify.given)
		webhook->verifier = verifier_open(
			&own->verify, own->common.public_url, err);
	if (own->map.jq.text != NULL)
		webhook->map = webhook_map_open(&own->map, err);
	if ((!own->verify.given || webhook->verifier != NULL) &&
		(own->map.jq.text == NULL || webhook->map != NULL))
		return &webhook->source;
	webhook_free(webhook);
	return NULL;
}

static void
webhook_close(struct source *source)
{
	struct webhook *webhook = (struct webhook *)source;

	webhook->closing = true;
	end_if_done(webhook);
}

/* Who was refused for want of room has been told so. */
static void
webhook_room(struct source *source)
{
	(void)source;
}

const struct source_kind source_webhook = {
	.setting = {"webhook", webhook_settings,
		sizeof(struct webhook_settings),
		"Answers that are posted over HTTP."},
	.check = webhook_check,
	.open = webhook_open,
	.close = webhook_close,
	.settled = webhook_settled,
	.room = webhook_room,
	.path = webhook_path,
	.request = webhook_request,
};
