/*
 * tls - the server's side of TLS: a certificate with its key, ready to answer
 * connections. TLS 1.2 and 1.3. Loop thread only; what is shared with running
 * connections is counted by OpenSSL.
 */
#ifndef NPSD_LOOP_TLS_H
#define NPSD_LOOP_TLS_H

#include <stdbool.h>

#include "base/err.h"

struct bufferevent;
struct event_base;
struct tls_context;

/* certificate: a PEM file with the chain, the server's own first; key: its
 * private key, not encrypted. NULL with the reason, which names the file, if they
 * cannot be read, don't belong together or have expired. */
struct tls_context *tls_context_load(
	const char *certificate, const char *key, struct err *err) must_check;
/* Another holder; NULL gives NULL. Each frees its own. */
struct tls_context *tls_context_share(struct tls_context *context);
/* Connections go on with what they began with. */
void tls_context_free(struct tls_context *context);
/* Days until the certificate ends; negative: it has. */
int tls_context_days_left(const struct tls_context *context);

/* ---- for the other files of this room ---- */

/* A bufferevent that waits for its socket, and then for a handshake. */
struct bufferevent *tls_accept(
	const struct tls_context *context, struct event_base *base);
/* Its handshake is over. */
bool tls_is_open(struct bufferevent *buffer);
/* Tells the peer that nothing more follows (close_notify). */
void tls_say_goodbye(struct bufferevent *buffer);

#endif
