/*
 * webhook_headers - the headers of each try: what the settings fix, and what
 * tells this delivery and this try from others. Loop thread.
 *
 *	Idempotency-Key, webhook-id, ce-id	the delivery: the same at every
 *						try
 *	npsd-attempt, webhook-timestamp,
 *	webhook-signature			this try
 */
#ifndef NPSD_ACTION_WEBHOOK_HEADERS_H
#define NPSD_ACTION_WEBHOOK_HEADERS_H

#include "action/action.h"
#include "action/webhook_settings.h"

struct webhook_headers;
/* name: of the action. settings are lent. */
struct webhook_headers *webhook_headers_open(const char *name,
	const struct webhook_settings *settings, struct err *err) must_check;
void webhook_headers_close(struct webhook_headers *headers);
/* "Name: value" and NULL at the end; good until the next call. */
const char *const *webhook_headers_of(struct webhook_headers *headers,
	const struct parcel *parcel, int64_t now_ms);

#endif
