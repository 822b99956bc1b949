/*
 * source - where answers come from: a spool file, dropped files, requests.
 *
 * A source gets bytes and settles receipts; it never classifies, stores or
 * retries. It hands a batch of records to its host and hears, after the commit,
 * what became of each. Everything on the loop's thread.
 *
 *	source -- offer(batch) --> intake -> store thread -> commit
 *	source <-- settled(batch) ------------------------------'
 *
 * A batch may carry a place (where the source stands then), written in the same
 * transaction as its records.
 */
#ifndef NPSD_SOURCE_SOURCE_H
#define NPSD_SOURCE_SOURCE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/time.h"
#include "base/wall_jump.h"
#include "conf/setting.h"
#include "loop/http_server.h"
#include "loop/loop.h"
#include "nps/csv_settings.h"
#include "nps/decide.h"
#include "nps/response.h"

enum {
	SOURCE_BATCH_RECORDS = 500,	 /* most records of one batch */
	SOURCE_BATCH_BYTES = 512 * 1024, /* and their bytes, of a file */
};

/* What every source has; the first member of a kind's own settings struct. */
struct source_settings {
	char *survey;	 /* where a record names none; NULL: the source's
	                        * name */
	bool by_arrival; /* revisions: arrival */
	char *preset;	 /* merged before: for people */
	/* server.public_url or NULL; lent by whoever read the settings. */
	const char *public_url;
};
extern const struct setting source_settings[];

/* One record as it came. */
struct record {
	/* Either bytes (lent from the batch's buffer by offset) ... */
	size_t offset, length;
	/* ... or a value that was parsed already (an array's element), or that
	 * a map made of these bytes. */
	json_t *value; /* owned by the batch, or NULL */
	/* Refused by the source itself (too long, an incomplete last line). */
	bool refused;
	enum rejection_reason reason; /* or the whole of it in rejection */
	size_t full_length;	      /* as it came; length is what was kept */
	/* For an answer without an id: the name its id is made from
	 * (UUIDv5), or an id to take as it is; NULL: the batch's id_prefix
	 * followed by id_number in decimal is the name; without that a
	 * random id. */
	char *id_name;
	bool id_name_is_id;
	int64_t id_number;
	int64_t line; /* for people; 0: none */
	/* Where the bytes were made from others (a row of a table): those, in
	 * the batch's buffer, for people; length 0: they are the same. */
	size_t raw_offset, raw_length;

	/* What became of it: filled before settled(). */
	bool settled_rejected;
	struct rejection rejection; /* of a rejected one */
	enum standing standing;
	int64_t row; /* the answer's, 0 for a rejected one */
};

struct source;
struct batch;

struct batch {
	struct source *source;
	struct buf bytes;
	struct record *records;
	size_t count, capacity;
	char *label;	 /* what people call it: file name, "request" */
	char *id_prefix; /* see id_name of a record; may be NULL */
	char *place_key; /* NULL: no place */
	char *place;	 /* NULL with a key: the place is removed */
	/* Offered while a batch before it with the same place_key was still
	 * under way: it must not be kept if that one is not, for its place
	 * lies behind both. */
	bool follows;
	/* Answers of the past: counted in their own time, they fire nothing. */
	bool history;
	int64_t missing_ms; /* as in struct response_defaults */
	bool mapped;	    /* the same */
	/* Where they go under another source's name: that, its survey and
	 * whether later arrivals amend; NULL: the source's own. */
	char *as;
	char *survey; /* NULL: the source's own */
	bool as_by_arrival;
	/* For records with raw bytes: where in them the member stands that a
	 * refusal names. NULL: that is not known. */
	void (*locate)(const struct batch *batch, const struct record *record,
		struct rejection *why);
	const void *locator; /* locate's own, lent */
	void *receipt;	     /* the source's own, lent */
	int64_t mark;	     /* the same */
	/* False: nothing of it was kept (the store could not): the source offers
	 * it again later, or tells its sender so. */
	bool kept;
};
struct batch *batch_new(struct source *source, const char *label);
/* The record's place in the batch, zeroed; bytes are appended. Valid until the
 * next one is added. */
struct record *batch_add(struct batch *batch, const char *bytes, size_t length);
/* The same for bytes that lie in batch->bytes already. */
struct record *batch_add_at(struct batch *batch, size_t offset, size_t length);
/* The same for a value; takes the reference. */
struct record *batch_add_value(struct batch *batch, json_t *value);
void batch_free(struct batch *batch); /* NULL is fine */
/* Under which source its records go, their survey, whether they amend. */
const char *batch_source(const struct batch *batch);
const char *batch_survey(const struct batch *batch);
bool batch_by_arrival(const struct batch *batch);

/* What a source may ask of whoever opened it. */
struct source_host {
	void *context;
	struct loop *loop;
	const struct clock *clock;
	struct wall_watch *wall; /* of all sources, before and after a reload */
	/* Takes the batch and true, or false while the inbox is full: then
	 * room() of the source is called when there is some again. */
	bool (*offer)(void *context, struct batch *batch);
	/* Whether offer would take a batch now: for those who need not read
	 * what could not be kept. */
	bool (*has_room)(void *context);
	/* Calls on_place for every place kept of this source (at open). */
	bool (*each_place)(void *context, const char *source,
		void (*on_place)(const char *key, const char *place, void *to),
		void *to, struct err *err);
	/* The open source of that name, lent for the moment; NULL: none. */
	const struct source *(*find)(void *context, const char *source);
	/* Answers may have been lost before they were read (a counter); what
	 * happened is told by health. */
	void (*lost)(void *context, const char *source);
	/* How many bytes wait unread (a gauge). */
	void (*behind)(void *context, const char *source, int64_t bytes);
	/* After close(): the source is about to free itself; settings are not
	 * needed any more. */
	void (*closed)(void *context, struct source *source);
	/* A request was refused since nobody who may had sent it; why is told
	 * in the log, at a bounded rate, and counted. May be NULL. */
	void (*unverified)(
		void *context, const char *source, const char *reason);
	/* A request had nothing in it to keep, as its map says; counted. May be
	 * NULL. */
	void (*ignored)(void *context, const char *source);
	/* The source works, or does not and why (health, rate-limited log). */
	void (*health)(void *context, const char *source, bool good,
		const char *reason);
};

struct source_kind {
	/* `type:`, settings rows (without the common ones), size of the struct. */
	struct setting_kind setting;
	bool (*check)(const void *settings, const struct conf_node *node,
		const char *path, struct conf_errors *errors);
	/* settings and host are lent for the source's life. */
	struct source *(*open)(const char *name, const void *settings,
		const struct source_host *host, struct err *err);
	/* Stops reading; batches under way may still come back by settled(),
	 * which must bear it. When the last is back it says closed() to its host
	 * and frees itself; that may be during this call. */
	void (*close)(struct source *source);
	/* A batch it offered is done; takes it. */
	void (*settled)(struct source *source, struct batch *batch);
	/* The inbox has room again. */
	void (*room)(struct source *source);
	/* Of sources that hear HTTP: the path, and a request to it. NULL else.
	 * Who may ask was judged before. */
	const char *(*path)(const void *settings);
	bool privileged; /* only for the role admin */
	void (*request)(struct source *source, struct http_request *request);
};

struct source {
	const struct source_kind *kind;
	const char *name; /* lent from the settings */
	const struct source_settings *settings;
	const struct source_host *host;
};

extern const struct source_kind source_file;
extern const struct source_kind source_directory;
extern const struct source_kind source_webhook;
/* Built in: `npsd import`. It has no settings. */
extern const struct source_kind source_import;

/* How a source of the kind directory reads tables; NULL: of another kind. */
const struct csv_settings *source_directory_csv(const struct source *source);

/* Of source_webhook, for whoever judges who may ask: the settings rows `open:`,
 * `token:` and `verify:`. */
struct source_webhook_access {
	bool open;	   /* to everybody; or the source verifies by itself */
	const char *token; /* bearer token of its own, or NULL */
};
struct source_webhook_access source_webhook_access(const void *settings);
/* From now on requests to it are not verified: for who tries its map. False: they
 * never were. */
bool source_webhook_trust(void *settings);
/* The built-in source "api": the same kind, answering in the API's form. */
const void *source_webhook_api_settings(void);

#endif
