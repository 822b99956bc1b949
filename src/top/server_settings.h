/*
 * server_settings - the settings under `server:`: where HTTP is heard, by whom
 * and how much of it.
 */
#ifndef NPSD_TOP_SERVER_SETTINGS_H
#define NPSD_TOP_SERVER_SETTINGS_H

#include <stddef.h>

#include "api/api.h"
#include "conf/setting.h"
#include "loop/address_policy.h"
#include "loop/http_server.h"
#include "loop/tls.h"

#define CONFIG_CONTROL "/run/npsd/control.sock"

/* How an address is kept from being overheard. */
enum server_tls {
	SERVER_TLS_UNSAID,
	SERVER_TLS_OFF,	  /* it is not, and that is meant */
	SERVER_TLS_PROXY, /* a proxy in front does it */
	SERVER_TLS_OWN	  /* by a certificate */
};

struct server_listen_tls {
	enum server_tls kind;
	char *certificate, *key;     /* paths */
	struct tls_context *context; /* NULL: not read (`check --offline`) */
};

struct server_listen {
	char *address;
	struct setting_texts serve;
	unsigned services; /* of these, see api.h */
	struct server_listen_tls tls;
};

struct server_token {
	int role;
	char *secret;
};

struct server_settings {
	struct server_listen *listen;
	size_t listen_count;
	struct address_ranges trusted_proxies;
	struct http_limits limits;
	char *control;
	struct setting_items tokens; /* struct server_token */
	char *public_url;	     /* without a slash at its end, or NULL */
};

extern const struct setting server_settings[];

#endif
