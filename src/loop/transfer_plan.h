/*
 * transfer_plan - the part of a request that is the same for every delivery to
 * one destination. Two requests of equal plans can use one prepared handle.
 */
#ifndef NPSD_LOOP_TRANSFER_PLAN_H
#define NPSD_LOOP_TRANSFER_PLAN_H

#include <stdbool.h>

#include "loop/transfer.h"

/* Copies; zero initialisation is an empty plan, which fits nothing. */
struct transfer_plan {
	char *url;
	char *ascii_url; /* the same, with its host in ASCII */
	char *method;	 /* NULL: POST */
	char *user;
	char *password;
	char *ca_file;
	char *certificate_file, *key_file;
	char *proxy, *proxy_user, *proxy_password;
	char *unix_path;
	struct address_policy policy;
	size_t body_limit;
	char *host; /* for sentences; NULL: the URL cannot be read */
	enum transfer_tls tls;
	bool has_body;
	bool is_mail;
};

/* Takes host and ascii_url (freed with free). */
void transfer_plan_init(struct transfer_plan *plan,
	const struct transfer_request *request, char *host, char *ascii_url,
	bool is_mail);
void transfer_plan_done(struct transfer_plan *plan); /* empty again */
bool transfer_plan_fits(const struct transfer_plan *plan,
	const struct transfer_request *request);

#endif
