/*
 * link_reply - how pages behind links are answered: with headers that let a
 * browser do nothing but show them, in the reader's language.
 */
#ifndef NPSD_API_LINK_REPLY_H
#define NPSD_API_LINK_REPLY_H

#include <jansson.h>

#include "api/private.h"
#include "base/buf.h"
#include "conf/language.h"

/* The reader's of a view, else what the browser wants first. view may be NULL.
 * Lent. */
const struct language *link_language(const struct api *api,
	const struct http_request *request, const json_t *view);
/* Of every page: policy is the value of Content-Security-Policy. */
void page_reply_headers(struct http_request *request, const char *policy);
/* Of every answer here, whatever it is. */
void link_reply_headers(struct http_request *request);
/* Empties the page. */
void link_reply_page(
	struct http_request *request, int status, struct buf *page);
/* A page that says no more than the text of a key; name: of whom looks after it
 * now, or NULL. */
void link_reply_text(const struct api *api, struct http_request *request,
	int status, const char *key, const char *name);
/* npsd cannot say now. */
void link_reply_later(const struct api *api, struct http_request *request);

#endif
