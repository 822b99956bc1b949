/* webhook_headers - the headers of each try. */
#include "action/webhook_headers.h"

#include <stdlib.h>
#include <strings.h>

#include "action/webhook_render.h"
#include "action/webhook_sign.h"
#include "base/memory.h"

enum { OWN_LIMIT = 12 }; /* headers that are made for each try */

struct webhook_headers {
	const struct webhook_settings *settings;
	char *source;		   /* "ce-source: ..." */
	bool has_type;		   /* the settings give a Content-Type */
	struct webhook_sign *sign; /* or NULL */

	const char **all; /* the fixed ones first */
	char **fixed;
	size_t fixed_count;
	struct buf text; /* of those of this try, each with its NUL */
	size_t starts[OWN_LIMIT];
	size_t count;
};

static void
fix(struct webhook_headers *headers, char *header)
{
	headers->fixed = mem_grow(
		headers->fixed, headers->fixed_count + 1, sizeof(char *));
	headers->fixed[headers->fixed_count++] = header;
}

static void
fix_pairs(struct webhook_headers *headers, const struct setting_pairs *pairs)
{
	for (size_t i = 0; i < pairs->count; i++) {
		fix(headers, mem_printf("%s: %s", pairs->names[i],
				     pairs->values[i]));
		if (strcasecmp(pairs->names[i], "Content-Type") == 0)
			headers->has_type = true;
	}
}

static bool
open_sign(struct webhook_headers *headers, struct err *err)
{
	const struct webhook_settings *settings = headers->settings;

	const char *const *secrets =
		(const char *const *)settings->sign.secrets.items;
	const char *one[] = {settings->sign.secret};

	if (settings->sign.secrets.count > 0)
		headers->sign = webhook_sign_open(
			secrets, settings->sign.secrets.count, err);
	else if (settings->sign.secret != NULL)
		headers->sign = webhook_sign_open(one, 1, err);
	else
		return true;
	return headers->sign != NULL;
}

struct webhook_headers *
webhook_headers_open(const char *name, const struct webhook_settings *settings,
	struct err *err)
{
	struct webhook_headers *headers = mem_new(1, sizeof(*headers));

	headers->settings = settings;
	headers->source =
		mem_printf("ce-source: " WEBHOOK_SOURCE_PREFIX "%s", name);
	fix_pairs(headers, &settings->headers);
	fix_pairs(headers, &settings->auth.header);
	if (settings->auth.bearer != NULL)
		fix(headers, mem_printf("Authorization: Bearer %s",
				     settings->auth.bearer));
	headers->all =
		mem_new(headers->fixed_count + OWN_LIMIT + 1, sizeof(char *));
	for (size_t i = 0; i < headers->fixed_count; i++)
		headers->all[i] = headers->fixed[i];
	if (open_sign(headers, err))
		return headers;
	webhook_headers_close(headers);
	return NULL;
}

void
webhook_headers_close(struct webhook_headers *headers)
{
	if (headers == NULL)
		return;
	for (size_t i = 0; i < headers->fixed_count; i++)
		free(headers->fixed[i]);
	free(headers->fixed);
	free(headers->all);
	free(headers->source);
	webhook_sign_close(headers->sign);
	buf_done(&headers->text);
	free(headers);
}

static void
begin(struct webhook_headers *headers, const char *name)
{
	if (headers->text.length > 0)
		buf_append_char(&headers->text, '\0');
	headers->starts[headers->count++] = headers->text.length;
	buf_append_text(&headers->text, name);
}

static void
add(struct webhook_headers *headers, const char *name, const char *value)
{
	begin(headers, name);
	buf_append_text(&headers->text, value);
}

static void
add_number(struct webhook_headers *headers, const char *name, int64_t value)
{
	begin(headers, name);
	buf_append_integer(&headers->text, value);
}

/* CloudEvents 1.0, HTTP binding, binary mode. */
static void
add_event(struct webhook_headers *headers, const struct parcel *parcel)
{
	char time[TIME_TEXT_BYTES];

	time_to_rfc3339(parcel->created_ms, time);
	add(headers, "ce-specversion: 1.0", "");
	add(headers, "ce-type: " WEBHOOK_EVENT_TYPE, "");
	add(headers, headers->source, "");
	add(headers, "ce-id: ", parcel->delivery_id);
	add(headers, "ce-time: ", time);
}

/* By the body and not by the settings, which may have changed since it was
 * made. */
static void
add_kind(struct webhook_headers *headers, const struct parcel *parcel)
{
	bool payload = headers->settings->payload.text != NULL;
	bool event =
		!payload && webhook_is_event(parcel->body, parcel->body_length);

	if (event && !headers->has_type)
		add(headers,
			"Content-Type: application/cloudevents+json; "
			"charset=utf-8",
			"");
	else if (!headers->has_type)
		add(headers, "Content-Type: application/json", "");
	if (!payload && !event)
		add_event(headers, parcel);
}

static void
add_signature(struct webhook_headers *headers, const struct parcel *parcel,
	int64_t now_ms)
{
	int64_t now_s = now_ms / MS_PER_SECOND;

	add(headers, "webhook-id: ", parcel->delivery_id);
	add_number(headers, "webhook-timestamp: ", now_s);
	begin(headers, "webhook-signature: ");
	webhook_sign_append(headers->sign, &headers->text, parcel->delivery_id,
		now_s, parcel->body, parcel->body_length);
}

const char *const *
webhook_headers_of(struct webhook_headers *headers, const struct parcel *parcel,
	int64_t now_ms)
{
	const char **own = headers->all + headers->fixed_count;

	buf_clear(&headers->text);
	headers->count = 0;
	add(headers, "Idempotency-Key: ", parcel->delivery_id);
	add_number(headers, "npsd-attempt: ", parcel->tries);
	add_kind(headers, parcel);
	if (headers->sign != NULL)
		add_signature(headers, parcel, now_ms);
	for (size_t i = 0; i < headers->count; i++)
		own[i] = headers->text.data + headers->starts[i];
	own[headers->count] = NULL;
	return headers->all;
}
