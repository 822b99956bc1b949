/* access - who asks, and what may they do. */
#include "api/access.h"

#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "crypt/digest.h"
#include "loop/problem.h"

const char *const api_role_names[] = {
	[ROLE_INTAKE] = "intake",
	[ROLE_FIGURES] = "figures",
	[ROLE_FOLLOW_UP] = "follow-up",
	[ROLE_READ] = "read",
	[ROLE_ADMIN] = "admin",
	NULL,
};

static bool
role_may(enum api_role role, enum api_role needed)
{
	bool reads = role == ROLE_READ || role == ROLE_FOLLOW_UP;

	return role == needed || role == ROLE_ADMIN ||
	       (reads && (needed == ROLE_FIGURES ||
				 needed == ROLE_SEES_FOLLOW_UPS));
}

static const char *
bearer_of(const struct http_request *request)
{
	static const char scheme[] = "Bearer ";
	const char *header = http_request_header(request, "Authorization");

	if (header == NULL ||
		strncasecmp(header, scheme, sizeof(scheme) - 1) != 0)
		return NULL;
	return header + sizeof(scheme) - 1;
}

/* "localhost", "127.0.0.1", "[::1]", each with any port. */
static bool
host_is_loopback(const char *host)
{
	static const char *const names[] = {"localhost", "127.0.0.1", "[::1]"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		size_t length = strlen(names[i]);

		if (strncasecmp(host, names[i], length) == 0 &&
			(host[length] == '\0' || host[length] == ':'))
			return true;
	}
	return false;
}

static bool
origin_is_loopback(const char *origin)
{
	const char *host = strstr(origin, "://");

	return host != NULL && host_is_loopback(host + 3);
}

/* Straight from this machine, not through a proxy or a foreign page. */
static bool
is_local(const struct http_request *request)
{
	static const char *const forwarded[] = {"Forwarded", "X-Forwarded-For",
		"X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP", "Via"};
	const char *host = http_request_header(request, "Host");
	const char *origin = http_request_header(request, "Origin");

	for (size_t i = 0; i < sizeof(forwarded) / sizeof(forwarded[0]); i++)
		if (http_request_header(request, forwarded[i]) != NULL)
			return false;
	return http_request_peer_is_loopback(request) &&
	       (host == NULL || host_is_loopback(host)) &&
	       (origin == NULL || origin_is_loopback(origin));
}

static bool
is_secret(const char *given, const char *secret)
{
	return secret_equal(given, strlen(given), secret, strlen(secret));
}

enum access
access_judge(const struct api_access *access,
	const struct http_request *request, enum api_role needed,
	const char *token)
{
	const char *given = bearer_of(request);
	enum access best = ACCESS_UNKNOWN;

	if (http_request_is_unix(request))
		return ACCESS_GRANTED;
	if (given == NULL)
		return access->count == 0 && token == NULL && is_local(request)
			       ? ACCESS_GRANTED
			       : ACCESS_UNKNOWN;
	/* Every token is compared, so that time does not tell which one. */
	for (size_t i = 0; i < access->count; i++) {
		if (!is_secret(given, access->tokens[i].secret))
			continue;
		if (role_may(access->tokens[i].role, needed))
			best = ACCESS_GRANTED;
		else if (best == ACCESS_UNKNOWN)
			best = ACCESS_DENIED;
	}
	if (token != NULL && needed == ROLE_INTAKE && is_secret(given, token))
		best = ACCESS_GRANTED;
	return best;
}

const char *
access_who(const struct api_access *access, const struct http_request *request)
{
	const char *given = bearer_of(request);
	const char *by = http_request_query(request, "by");

	for (size_t i = 0; given != NULL && i < access->count; i++)
		if (is_secret(given, access->tokens[i].secret))
			return access->tokens[i].name;
	if (http_request_is_unix(request))
		return by != NULL ? by : "the control socket";
	return "this machine";
}

bool
access_passes(const struct api_access *access, struct http_request *request,
	enum api_role needed, const char *token, struct access_guard *guard)
{
	switch (access_judge(access, request, needed, token)) {
	case ACCESS_GRANTED:
		return true;
	case ACCESS_UNKNOWN:
		if (guard != NULL && bearer_of(request) != NULL &&
			access_guard_blame(guard, request, NULL, NULL))
			return false;
		http_reply_header(
			request, "WWW-Authenticate", "Bearer realm=\"npsd\"");
		http_problem(request, 401, "unauthorized", "Who are you?",
			"Send a bearer token that the configuration names "
			"under "
			"server.tokens.",
			NULL);
		return false;
	case ACCESS_DENIED:
		break;
	}
	http_problem(request, 403, "forbidden", "This token may not do that",
		"Use a token with another role.", NULL);
	return false;
}
