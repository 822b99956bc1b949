/* api - the table of routes. */
#include "api/api.h"

#include <stdlib.h>
#include <string.h>

#include "api/access.h"
#include "api/private.h"
#include "base/memory.h"
#include "base/text.h"
#include "crypt/link_token.h"
#include "loop/problem.h"

/* Which methods a route answers. */
enum { GETS = 1, POSTS = 2 };

const char *const api_service_names[] = {
	"hooks", "api", "metrics", "health", "links", NULL};

struct route {
	const char *path; /* with "/" behind something: a prefix */
	int methods;
	bool guarded; /* false: anybody may ask */
	enum api_role role;
	api_route_fn run;
};

static const struct route routes[] = {
	{"/api/v1/score", GETS, true, ROLE_FIGURES, api_score},
	{"/api/v1/recovery", GETS, true, ROLE_FIGURES, api_recovery},
	{"/api/v1/watches", GETS, true, ROLE_FIGURES, api_watches},
	{"/api/v1/digests", GETS, true, ROLE_FIGURES, api_digests},
	{"/api/v1/digests/", GETS, true, ROLE_READ, api_digest},
	{"/api/v1/digests/", POSTS, true, ROLE_ADMIN, api_digest_send},
	{"/api/v1/responses", GETS, true, ROLE_READ, api_responses},
	{"/api/v1/responses/", GETS, true, ROLE_READ, api_responses},
	{"/api/v1/responses/", POSTS, true, ROLE_ADMIN, api_replay},
	{"/api/v1/deliveries", GETS, true, ROLE_READ, api_deliveries},
	{"/api/v1/deliveries/", GETS, true, ROLE_READ, api_deliveries},
	{"/api/v1/deliveries/", POSTS, true, ROLE_ADMIN, api_delivery_act},
	{"/api/v1/rejected", GETS, true, ROLE_READ, api_rejected},
	{"/api/v1/rejected/", GETS, true, ROLE_READ, api_rejected},
	{"/api/v1/follow-ups", GETS, true, ROLE_SEES_FOLLOW_UPS,
		api_follow_ups},
	{"/api/v1/follow-ups/", GETS, true, ROLE_SEES_FOLLOW_UPS,
		api_follow_ups},
	{"/api/v1/follow-ups/", POSTS, true, ROLE_FOLLOW_UP, api_follow_up_act},
	{"/api/v1/silences", GETS, true, ROLE_READ, api_silences},
	{"/api/v1/silences", POSTS, true, ROLE_ADMIN, api_silence_begin},
	{"/api/v1/silences/", GETS, true, ROLE_READ, api_silences},
	{"/api/v1/silences/", POSTS, true, ROLE_ADMIN, api_silence_end},
	{"/api/v1/forget", POSTS, true, ROLE_ADMIN, api_forget},
	{"/api/v1/erasures", GETS, true, ROLE_READ, api_erasures},
	{"/api/v1/erasures/", GETS, true, ROLE_READ, api_erasures},
	{"/api/v1/events", GETS, true, ROLE_READ, api_events},
	{"/api/v1/audit", GETS, true, ROLE_READ, api_audit},
	{"/api/v1/actions/", POSTS, true, ROLE_ADMIN, api_action_act},
	{"/api/v1/status", GETS, true, ROLE_FIGURES, api_status},
	{"/api/v1/backup", POSTS, true, ROLE_ADMIN, api_backup},
	{"/api/v1/backup", GETS, true, ROLE_FIGURES, api_backup_state},
	{"/api/v1/reload", POSTS, true, ROLE_ADMIN, api_reload},
	{"/f/", GETS, false, ROLE_READ, api_link},
	{"/f/", POSTS, false, ROLE_READ, api_link},
	/* It asks itself: who sends no token is told in HTML. */
	{"/", GETS, false, ROLE_FIGURES, api_overview},
	{"/healthz", GETS, false, ROLE_FIGURES, api_healthz},
	{"/readyz", GETS, false, ROLE_FIGURES, api_readyz},
	{"/metrics", GETS, true, ROLE_FIGURES, api_metrics},
};

static bool
path_fits(const struct route *route, const char *path, const char **rest)
{
	size_t length = strlen(route->path);

	if (length == 1 || route->path[length - 1] != '/') {
		*rest = "";
		return strcmp(path, route->path) == 0;
	}
	*rest = path + length;
	return strncmp(path, route->path, length) == 0 && **rest != '\0';
}

static int
method_bit(const struct http_request *request)
{
	switch (http_request_method(request)) {
	case HTTP_GET:
	case HTTP_HEAD:
		return GETS;
	case HTTP_POST:
		return POSTS;
	case HTTP_PUT:
	case HTTP_DELETE:
	case HTTP_PATCH:
	case HTTP_OPTIONS:
	case HTTP_OTHER:
		break;
	}
	return 0;
}

const void *
api_listener_tag(unsigned services)
{
	static const unsigned tags[API_SERVES_ALL + 1] = {0, 1, 2, 3, 4, 5, 6,
		7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23,
		24, 25, 26, 27, 28, 29, 30, 31};

	return &tags[services & API_SERVES_ALL];
}

static enum api_service
service_of(const char *path)
{
	if (strncmp(path, "/api/", 5) == 0 || strcmp(path, "/") == 0)
		return API_SERVES_API;
	if (strcmp(path, "/metrics") == 0)
		return API_SERVES_METRICS;
	if (strcmp(path, "/healthz") == 0 || strcmp(path, "/readyz") == 0)
		return API_SERVES_HEALTH;
	if (text_starts(path, LINK_TOKEN_PATH))
		return API_SERVES_LINKS;
	return API_SERVES_HOOKS;
}

static bool
is_served(const struct http_request *request)
{
	const unsigned *services = http_request_tag(request);

	return services == NULL ||
	       (*services & service_of(http_request_path(request))) != 0;
}

static bool
to_source(struct api *api, struct http_request *request)
{
	const char *token = NULL;
	struct source *source = api->host.source_at(
		api->host.context, http_request_path(request));

	if (source == NULL && api->host.is_stopping(api->host.context) &&
		method_bit(request) == POSTS) {
		http_problem_busy(request, 5, "npsd is being stopped.");
		return true;
	}
	if (source == NULL)
		return false;
	if (api->host.source_is_open(api->host.context, source, &token) ||
		method_bit(request) == GETS ||
		access_passes(&api->access, request,
			source->kind->privileged ? ROLE_ADMIN : ROLE_INTAKE,
			token, api->guard))
		source->kind->request(source, request);
	return true;
}

static const char *
allowed(int methods)
{
	return methods == (GETS | POSTS) ? "GET, HEAD, POST"
	       : methods == GETS	 ? "GET, HEAD"
					 : "POST";
}

static void
refuse_path(struct http_request *request)
{
	http_problem(request, 404, "not-found", "Nothing is here",
		"Look at the manual, npsd(1), for the paths.", NULL);
}

void
api_handle(struct http_request *request, void *context)
{
	struct api *api = context;
	const char *path = http_request_path(request);
	int bit = method_bit(request), methods = 0;

	if (!is_served(request)) {
		refuse_path(request);
		return;
	}
	for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
		const struct route *route = &routes[i];
		const char *rest;

		if (!path_fits(route, path, &rest))
			continue;
		methods |= route->methods;
		if ((route->methods & bit) == 0)
			continue;
		if (!route->guarded || access_passes(&api->access, request,
					       route->role, NULL, api->guard))
			route->run(api, request, rest);
		return;
	}
	if (to_source(api, request))
		return;
	if (methods != 0)
		http_problem_method(request, allowed(methods));
	else
		refuse_path(request);
}

struct api *
api_new(const struct api_host *host, const struct api_access *access)
{
	struct api *api = mem_new(1, sizeof(*api));

	api->host = *host;
	api->access = *access;
	api->guard = access_guard_new(host->loop, host->clock);
	api_make_metrics(api);
	return api;
}

void
api_free(struct api *api)
{
	if (api == NULL)
		return;
	api_backup_free(api);
	api_taps_free(api);
	api_replay_free(api);
	access_guard_free(api->guard);
	free(api);
}

void
api_set_access(struct api *api, const struct api_access *access)
{
	api->access = *access;
	api_taps_judge(api);
}

void
api_stop(struct api *api)
{
	api_taps_end(api, "npsd is being stopped");
}
