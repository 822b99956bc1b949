/*
 * webhook_body - the body of a request: what it is, and its parts, read when
 * they are asked for. Without a map its records.
 */
#ifndef NPSD_SOURCE_WEBHOOK_BODY_H
#define NPSD_SOURCE_WEBHOOK_BODY_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/form.h"
#include "loop/http_server.h"
#include "nps/response.h"
#include "source/source.h"

enum {
	WEBHOOK_BODY_LIMIT_BYTES = 1024 * 1024,
	WEBHOOK_RECORDS_LIMIT = 2 * SOURCE_BATCH_RECORDS,
	/* Kept of a line that is too long. */
	WEBHOOK_KEPT_BYTES = 8 * 1024,
};

enum body_form {
	BODY_JSON,
	BODY_LINES,
	BODY_URLENCODED,
	BODY_MULTIPART,
	BODY_OTHER
};

struct webhook_body {
	struct http_request *request; /* lent */
	const char *key_header; /* lent; the one that is signed; NULL: none */
	enum body_form form;
	const char *bytes; /* lent by the request; never NULL */
	size_t length;
	/* Filled by webhook_body_fields and webhook_body_tree. */
	bool fields_read, tree_read;
	bool fields_good;
	struct form fields;
	json_t *tree;
	struct rejection why; /* of a tree that is none */
	struct err fields_err;
};

/* False: the request was answered, with what is wrong with its type or size. A
 * source with a map takes forms too, and one without lines. */
bool webhook_body_open(struct webhook_body *body, struct http_request *request,
	bool mapped) must_check;
void webhook_body_done(struct webhook_body *body);
/* The fields of a form; NULL: it is no form, or no good one. */
const struct form *webhook_body_fields(struct webhook_body *body);
/* The whole as one value, lent: JSON, or the object of a form. NULL: it is
 * none, and body->why says why. */
json_t *webhook_body_tree(struct webhook_body *body);

/* A batch of the body's records as they are, labelled "request". NULL: the
 * request was answered. */
struct batch *webhook_body_read(
	struct source *source, struct webhook_body *body);
/* An id for records that have none, from the request's own key: the signed one
 * where there is one, as whoever sends a request again may write another. */
void webhook_body_give_ids(
	struct batch *batch, const struct webhook_body *body, bool is_batch);

#endif
