/* listeners - the sockets that are heard: configured, control, systemd's. */
#include <grp.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "base/log.h"
#include "base/memory.h"
#include "top/npsd.h"

enum { CONTROL_MODE = 0660 };
#define CONTROL_GROUP "npsd"

struct listener {
	struct listener *next;
	char *address; /* NULL: the control socket's */
	bool fixed;    /* no configuration closes it */
	struct http_listener *http;
};

static void
listener_add(struct npsd *npsd, const char *address, bool fixed,
	struct http_listener *http)
{
	struct listener *listener = mem_new(1, sizeof(*listener));

	listener->fixed = fixed;
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

/* As a configuration writes it, so that one that names the same address means
 * this socket. False: it has no such address (a path, say). */
static bool
address_of(int fd, char *text, size_t size)
{
	struct sockaddr_storage address;
	socklen_t length = sizeof(address);
	char host[NI_MAXHOST], port[NI_MAXSERV];

	if (getsockname(fd, (struct sockaddr *)&address, &length) != 0 ||
		(address.ss_family != AF_INET &&
			address.ss_family != AF_INET6) ||
		getnameinfo((struct sockaddr *)&address, length, host,
			sizeof(host), port, sizeof(port),
			NI_NUMERICHOST | NI_NUMERICSERV) != 0)
		return false;
	snprintf(text, size,
		address.ss_family == AF_INET6 ? "[%s]:%s" : "%s:%s", host,
		port);
	return true;
}

/* A socket of this machine is a control socket, whoever made it; and systemd's
 * default for its file is that everybody may write. */
static void
warn_of_power(int fd)
{
	struct sockaddr_un name = {.sun_family = AF_UNSPEC};
	socklen_t length = sizeof(name);
	struct stat status;

	if (getsockname(fd, (struct sockaddr *)&name, &length) != 0 ||
		name.sun_family != AF_UNIX)
		return;
	if (stat(name.sun_path, &status) == 0 && S_ISSOCK(status.st_mode) &&
		(status.st_mode & S_IWOTH) == 0)
		return;
	log_warning("everybody on this machine may do everything by the socket "
		    "%s that systemd passed; write SocketMode=0660 and "
		    "SocketGroup=npsd in its unit",
		name.sun_path);
}

static bool
open_passed(struct npsd *npsd, int fd, struct err *err)
{
	char address[NI_MAXHOST + NI_MAXSERV + 4];
	bool known = address_of(fd, address, sizeof(address));
	struct http_listener *http = http_listen_fd(npsd->http, fd, NULL, err);

	if (http == NULL)
		return false;
	warn_of_power(fd);
	listener_add(npsd, known ? address : NULL, true, http);
	log_info("hears HTTP at %s, passed by systemd",
		known ? address : "a socket");
	return true;
}

static bool
open_fixed(struct npsd *npsd, const struct config *config, struct err *err)
{
	int passed = sd_listen_fds(1);
	struct http_listener *http;

	for (int i = 0; i < passed; i++)
		if (!open_passed(npsd, SD_LISTEN_FDS_START + i, err))
			return false;
	if (config->server.control[0] == '\0')
		return true;
	http = http_listen_unix(npsd->http, config->server.control,
		CONTROL_MODE, control_group(), NULL, err);
	if (http == NULL)
		return false;
	listener_add(npsd, NULL, true, http);
	return true;
}

static void
set_up(struct http_listener *http, const struct server_listen *listen)
{
	http_listener_set_tag(http, api_listener_tag(listen->services));
	http_listener_set_tls(http, listen->tls.context);
}

static bool
open_configured(struct npsd *npsd, const struct config *config, struct err *err)
{
	for (size_t i = 0; i < config->server.listen_count; i++) {
		const struct server_listen *listen = &config->server.listen[i];
		const char *address = listen->address;
		struct http_listener *http;

		if (is_open(npsd, address))
			continue;
		http = http_listen_tcp(npsd->http, address, NULL, err);
		if (http == NULL)
			return false;
		set_up(http, listen);
		listener_add(npsd, address, false, http);
		log_info("hears %s at %s (port %d)",
			listen->tls.context != NULL ? "HTTPS" : "HTTP", address,
			http_listener_port(http));
	}
	return true;
}

static const struct server_listen *
named(const struct config *config, const char *address)
{
	for (size_t i = 0; i < config->server.listen_count; i++)
		if (strcmp(config->server.listen[i].address, address) == 0)
			return &config->server.listen[i];
	return NULL;
}

void
listeners_apply(struct npsd *npsd, const struct config *config)
{
	http_server_set_limits(npsd->http, &config->server.limits);
	http_server_set_trusted(npsd->http, &config->server.trusted_proxies);
	for (struct listener *listener = npsd->listeners; listener != NULL;
		listener = listener->next) {
		const struct server_listen *listen =
			listener->address != NULL
				? named(config, listener->address)
				: NULL;

		if (listen != NULL)
			set_up(listener->http, listen);
	}
}

bool
listeners_open(struct npsd *npsd, const struct config *config, struct err *err)
{
	bool first = npsd->listeners == NULL;

	if ((first && !open_fixed(npsd, config, err)) ||
		!open_configured(npsd, config, err))
		return false;
	if (first)
		listeners_apply(npsd, config);
	return true;
}

void
listeners_trim(struct npsd *npsd, const struct config *config)
{
	struct listener **at = &npsd->listeners;

	while (*at != NULL) {
		struct listener *listener = *at;

		if (listener->fixed ||
			named(config, listener->address) != NULL) {
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
