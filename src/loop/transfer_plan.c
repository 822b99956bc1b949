/*
 * transfer_plan - copies and comparisons.
 */
#include "loop/transfer_plan.h"

#include <stdlib.h>

#include "base/memory.h"
#include "base/text.h"

void
transfer_plan_init(struct transfer_plan *plan,
	const struct transfer_request *request, char *host, bool is_mail)
{
	*plan = (struct transfer_plan){
		.url = mem_strdup(request->url),
		.method = mem_strdup(request->method),
		.user = mem_strdup(request->user),
		.password = mem_strdup(request->password),
		.ca_file = mem_strdup(request->ca_file),
		.unix_path = mem_strdup(request->unix_path),
		.body_limit = request->body_limit,
		.host = host,
		.tls = request->tls,
		.has_body = request->body_length > 0,
		.is_mail = is_mail,
	};
}

void
transfer_plan_done(struct transfer_plan *plan)
{
	free(plan->url);
	free(plan->method);
	free(plan->user);
	free(plan->password);
	free(plan->ca_file);
	free(plan->unix_path);
	free(plan->host);
	*plan = (struct transfer_plan){0};
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
	       text_same(plan->ca_file, request->ca_file) &&
	       text_same(plan->unix_path, request->unix_path) &&
	       plan->body_limit == request->body_limit;
}
