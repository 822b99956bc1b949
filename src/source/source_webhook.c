/* source_webhook - answers that come as HTTP requests. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "loop/problem.h"
#include "source/source.h"
#include "source/webhook_body.h"
#include "source/webhook_reply.h"

#define API_PATH "/api/v1/responses"

enum { TOKEN_LEAST_BYTES = 16 };

struct webhook_settings {
	struct source_settings common; /* first */
	char *path;
	bool open;
	char *token;
};

struct webhook {
	struct source source; /* first */
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
	{.key = NULL},
};

/* That anybody may post at all, whoever knows of tokens checks. */
static bool
webhook_check(const void *settings, const struct conf_node *node,
	const char *path, struct conf_errors *errors)
{
	const struct webhook_settings *own = settings;

	if (own->open && own->token != NULL)
		conf_warning(errors, conf_node_at(node, "open"), path,
			"open: true lets everybody post, with or without the "
			"token");
	return true;
}

struct source_webhook_access
source_webhook_access(const void *settings)
{
	const struct webhook_settings *own = settings;

	return (struct source_webhook_access){own->open, own->token};
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

static void
webhook_request(struct source *source, struct http_request *request)
{
	struct webhook *webhook = (struct webhook *)source;
	const struct source_host *host = source->host;
	enum http_method method = http_request_method(request);
	struct batch *batch;

	/* Tools look whether somebody is there before they post. */
	if (method == HTTP_GET || method == HTTP_HEAD) {
		http_reply(request, 200, "application/json", "{}", 2);
		return;
	}
	if (method != HTTP_POST) {
		http_problem_method(request, "GET, HEAD, POST");
		return;
	}
	batch = webhook_body_read(source, request);
	if (batch == NULL)
		return;
	batch->receipt = request;
	webhook->under_way++;
	if (host->offer(host->context, batch))
		return;
	webhook->under_way--;
	batch_free(batch);
	http_problem_busy(request, 1,
		"More answers wait than can be kept at once. Send it again.");
}

static void
end_if_done(struct webhook *webhook)
{
	const struct source_host *host = webhook->source.host;

	if (!webhook->closing || webhook->under_way > 0)
		return;
	host->closed(host->context, &webhook->source);
	free(webhook);
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
	struct webhook *webhook = mem_new(1, sizeof(*webhook));

	(void)err;
	webhook->source =
		(struct source){&source_webhook, name, settings, host};
	return &webhook->source;
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
