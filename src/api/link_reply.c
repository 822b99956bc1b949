/* link_reply - how pages behind links are answered. */
#include "api/link_reply.h"

#include <stdio.h>
#include <string.h>

#include "api/follow_up_page.h"
#include "base/json.h"

enum { LANGUAGE_BYTES = LANGUAGE_NAME_LIMIT_BYTES + 1, TRY_LATER_S = 60 };

const struct language *
link_language(const struct api *api, const struct http_request *request,
	const json_t *view)
{
	const struct languages *languages =
		api->host.languages(api->host.context);
	const char *own =
		json_string_at(json_object_get(view, "reader"), "language");
	const char *wanted = http_request_header(request, "Accept-Language");
	char name[LANGUAGE_BYTES];

	if (own != NULL && languages_has(languages, own))
		return languages_find(languages, own);
	if (wanted == NULL)
		return languages_find(languages, NULL);
	snprintf(name, sizeof(name), "%.*s", (int)strcspn(wanted, " ,;"),
		wanted);
	return languages_find(
		languages, languages_has(languages, name) ? name : NULL);
}

void
page_reply_headers(struct http_request *request, const char *policy)
{
	http_reply_header(request, "Content-Security-Policy", policy);
	http_reply_header(request, "Referrer-Policy", "no-referrer");
	http_reply_header(request, "X-Content-Type-Options", "nosniff");
	http_reply_header(request, "X-Frame-Options", "DENY");
	http_reply_header(request, "Cache-Control", "no-store");
	http_reply_header(request, "X-Robots-Tag", "noindex, nofollow");
}

void
link_reply_headers(struct http_request *request)
{
	struct buf policy = {0};

	follow_up_page_append_policy(&policy);
	page_reply_headers(request, policy.data);
	buf_done(&policy);
}

void
link_reply_page(struct http_request *request, int status, struct buf *page)
{
	link_reply_headers(request);
	http_reply(request, status, "text/html; charset=utf-8", page->data,
		page->length);
	buf_done(page);
}

void
link_reply_text(const struct api *api, struct http_request *request, int status,
	const char *key, const char *name)
{
	struct buf page = {0};

	follow_up_page_append_text(
		&page, link_language(api, request, NULL), key, name);
	link_reply_page(request, status, &page);
}

void
link_reply_later(const struct api *api, struct http_request *request)
{
	char seconds[8];

	snprintf(seconds, sizeof(seconds), "%d", TRY_LATER_S);
	http_reply_header(request, "Retry-After", seconds);
	link_reply_text(api, request, 503, "page.try_later", NULL);
}
