/*
 * transfer_plan - copies and comparisons.
 */
#include "loop/transfer_plan.h"

#include <stdlib.h>

#include "base/memory.h"
#include "base/text.h"

static const struct address_policy no_policy;

static const struct address_policy *
policy_of(const struct transfer_request *request)
{
	return request->policy != NULL ? request->policy : &no_policy;
}

void
transfer_plan_init(struct transfer_plan *plan,
	const struct transfer_request *request, char *host, char *ascii_url,
	bool is_mail)
{
	*plan = (struct transfer_plan){
		.url = mem_strdup(request->url),
		.ascii_url = ascii_url,
		.method = mem_strdup(request->method),
		.user = mem_strdup(request->user),
		.password = mem_strdup(request->password),
		.ca_file = mem_strdup(request->ca_file),
		.certificate_file = mem_strdup(request->certificate_file),
		.key_file = mem_strdup(request->key_file),
		.proxy = mem_strdup(request->proxy),
		.proxy_user = mem_strdup(request->proxy_user),
		.proxy_password = mem_strdup(request->proxy_password),
		.unix_path = mem_strdup(request->unix_path),
		.body_limit = request->body_limit,
		.host = host,
		.tls = request->tls,
		.has_body = request->body_length > 0,
		.is_mail = is_mail,
	};
	address_policy_copy(&plan->policy, policy_of(request));
}

void
transfer_plan_done(struct transfer_plan *plan)
{
	free(plan->url);
	free(plan->ascii_url);
	free(plan->method);
	free(plan->user);
	free(plan->password);
	free(plan->ca_file);
	free(plan->certificate_file);
	free(plan->key_file);
	free(plan->proxy);
	free(plan->proxy_user);
	free(plan->proxy_password);
	free(plan->unix_path);
	address_policy_done(&plan->policy);
	free(plan->host);
	*plan = (struct transfer_plan){0};
}

static bool
fits_tls_and_proxy(const struct transfer_plan *plan,
	const struct transfer_request *request)
{
	return text_same(plan->ca_file, request->ca_file) &&
	       text_same(plan->certificate_file, request->certificate_file) &&
	       text_same(plan->key_file, request->key_file) &&
	       text_same(plan->proxy, request->proxy) &&
	       text_same(plan->proxy_user, request->proxy_user) &&
	       text_same(plan->proxy_password, request->proxy_password) &&
	       text_same(plan->unix_path, request->unix_path);
}

bool
transfer_plan_fits(const struct transfer_plan *plan,
	const struct transfer_request *request)
{
	return plan->host != NULL && plan->tls == request->tls &&
	       plan->has_body == (request->body_length > 0) &&
	       text_same(plan->url, request->url) &&
	       text_same(plan->method, request->method) &&
	       text_same(plan->user, request->user) &&
	       text_same(plan->password, request->password) &&
	       fits_tls_and_proxy(plan, request) &&
	       address_policy_is_same(&plan->policy, policy_of(request)) &&
	       plan->body_limit == request->body_limit;
}
