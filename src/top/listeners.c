/* listeners - the sockets that are heard: configured, control, systemd's. */
#include <grp.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "base/log.h"
#include "base/memory.h"
#include "top/npsd.h"

enum { CONTROL_MODE = 0660 };
#define CONTROL_GROUP "npsd"

struct listener {
	struct listener *next;
	char *address; /* NULL: the control socket's or systemd's */
	struct http_listener *http;
};

static void
listener_add(struct npsd *npsd, const char *address, struct http_listener *http)
{
	struct listener *listener = mem_new(1, sizeof(*listener));

	listener->address = mem_strdup(address);
	listener->http = http;
	listener->next = npsd->listeners;
	npsd->listeners = listener;
}

static bool
is_open(const struct npsd *npsd, const char *address)
{
	for (const struct listener *listener = npsd->listeners;
		listener != NULL; listener = listener->next)
		if (listener->address != NULL &&
			strcmp(listener->address, address) == 0)
			return true;
	return false;
}

/* Root gives the socket to the group; anyone else's own group has it already. */
static const char *
control_group(void)
{
	return geteuid() == 0 && getgrnam(CONTROL_GROUP) != NULL ? CONTROL_GROUP
								 : NULL;
}

static bool
open_fixed(struct npsd *npsd, const struct config *config, struct err *err)
{
	int passed = sd_listen_fds(1);
	struct http_listener *http;

	for (int i = 0; i < passed; i++) {
		http = http_listen_fd(
			npsd->http, SD_LISTEN_FDS_START + i, NULL, err);
		if (http == NULL)
			return false;
		listener_add(npsd, NULL, http);
	}
	if (config->server.control[0] == '\0')
		return true;
	http = http_listen_unix(npsd->http, config->server.control,
		CONTROL_MODE, control_group(), NULL, err);
	if (http == NULL)
		return false;
	listener_add(npsd, NULL, http);
	return true;
}

static bool
open_configured(struct npsd *npsd, const struct config *config, struct err *err)
{
	for (size_t i = 0; i < config->server.listen_count; i++) {
		const char *address = config->server.listen[i].address;
		struct http_listener *http;

		if (is_open(npsd, address))
			continue;
		http = http_listen_tcp(npsd->http, address, NULL, err);
		if (http == NULL)
			return false;
		listener_add(npsd, address, http);
		log_info("hears HTTP at %s (port %d)", address,
			http_listener_port(http));
	}
	return true;
}

bool
listeners_open(struct npsd *npsd, const struct config *config, struct err *err)
{
	if (npsd->listeners == NULL && !open_fixed(npsd, config, err))
		return false;
	return open_configured(npsd, config, err);
}

static bool
is_named(const struct config *config, const char *address)
{
	for (size_t i = 0; i < config->server.listen_count; i++)
		if (strcmp(config->server.listen[i].address, address) == 0)
			return true;
	return false;
}

void
listeners_trim(struct npsd *npsd, const struct config *config)
{
	struct listener **at = &npsd->listeners;

	while (*at != NULL) {
		struct listener *listener = *at;

		if (listener->address == NULL ||
			is_named(config, listener->address)) {
			at = &listener->next;
			continue;
		}
		*at = listener->next;
		http_listener_close(listener->http);
		free(listener->address);
		free(listener);
	}
}

void
listeners_close(struct npsd *npsd)
{
	while (npsd->listeners != NULL) {
		struct listener *listener = npsd->listeners;

		npsd->listeners = listener->next;
		http_listener_close(listener->http);
		free(listener->address);
		free(listener);
	}
}
