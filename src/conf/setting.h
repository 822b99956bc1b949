/*
 * setting - tables of settings: one row a key.
 *
 * The same rows load the YAML into a struct, print `npsd config`, the JSON
 * Schema and the manual page. A room that has settings owns a struct and a
 * table of rows for it; the tables are put together at the top.
 *
 *	struct retry { int64_t first_ms; double factor; };
 *	static const struct setting retry_settings[] = {
 *		{"first", SETTING_DURATION, offsetof(struct retry, first_ms),
 *			.fallback = "5s", .low = 1, .help = "..."},
 *		{.key = NULL},
 *	};
 */
#ifndef NPSD_CONF_SETTING_H
#define NPSD_CONF_SETTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "conf/node.h"

enum setting_type {
	SETTING_TEXT,	  /* char *; low, high: bounds of its length in bytes */
	SETTING_INTEGER,  /* int64_t; low, high */
	SETTING_NUMBER,	  /* double; low, high */
	SETTING_BOOLEAN,  /* bool; true or false and nothing else */
	SETTING_DURATION, /* int64_t ms; low, high in ms */
	SETTING_RATE,	  /* struct setting_rate; "200/m" */
	SETTING_CHOICE,	  /* int, the index in choices */
	SETTING_TEXTS,	  /* struct setting_texts; one text or a list of them */
	SETTING_TEXT_MAP, /* struct setting_pairs; a map of text to text */
	SETTING_SECRET,	  /* char * with the secret itself, see below */
	SETTING_SECRET_MAP, /* struct setting_pairs; a map of text to secret */
	SETTING_RECORD,	    /* a struct in place, by fields */
	SETTING_MAP,	/* struct setting_items; records by name, in order */
	SETTING_LIST,	/* struct setting_items; a list of records */
	SETTING_CUSTOM, /* whatever read() makes of the node */
	SETTING_NODE,	/* const struct conf_node *, lent by the document */
};

/* So many in that time; 0 in no time: no limit. */
struct setting_rate {
	int64_t count, per_ms;
};

struct setting_texts {
	size_t count;
	char **items;
};

/* A jq text that may stand in a file of its own. */
struct setting_jq {
	char *text; /* NULL: not set */
	char *file; /* where it was read; NULL: in the configuration */
};

struct setting_pairs {
	size_t count;
	char **names;
	char **values;
};

/*
 * A secret is {file: PATH}, {credential: NAME} (systemd's
 * $CREDENTIALS_DIRECTORY), {env: NAME} or a plain string, of which a warning
 * is made. One newline at the end is cut off; an empty one is an error; a file
 * that others can read gets a warning. No message and no line quoted with one
 * ever shows it.
 */

struct setting;

/* One kind of record where `type:` decides which rows hold (a source's, an
 * action's): the kind's own rows stand beside the common ones. */
struct setting_kind {
	const char *name;	      /* the value of `type:` */
	const struct setting *fields; /* offsets into the kind's struct, whose
	                               * first member is the common struct */
	size_t size;
	const char *help;
};

/* A record of a map or a list. */
struct setting_item {
	char *name;			 /* of a map, or of `name:`; else NULL.
	                                * No two of one list are the same */
	const struct setting_kind *kind; /* where there are kinds */
	const struct conf_node *node; /* where it stood; lent. NULL: default */
	void *record;		      /* the filled struct */
};
struct setting_items {
	size_t count;
	struct setting_item *items;
};

struct setting_reader; /* what a read() may ask, below */

struct setting {
	const char *key;
	enum setting_type type;
	size_t where;	      /* offset in the struct */
	const char *fallback; /* the default as YAML text; NULL: zero or NULL.
	                       * Not for SETTING_RECORD and SETTING_NODE */
	bool required;
	bool optional; /* a record that means something by being there: where it
	                * is missing, none of its defaults is shown */
	bool hidden;   /* accepted, but not in the manual */
	bool masked;   /* may hold a secret: its value is never shown */
	double low, high; /* both 0: no bounds; high below low: only low */
	const char *const *choices;   /* ended by NULL */
	const struct setting *fields; /* of a record, map, list */
	size_t size;		      /* of a record in a map or list */
	const struct setting_kind *const *kinds; /* ended by NULL, or NULL */
	/* SETTING_CUSTOM (and after reading any other type, to check it): false
	 * after conf_error. Called where the key is given or has a default (whose
	 * node lives for the call only), and for a record always: there node is
	 * NULL if it is missing. */
	bool (*read)(struct setting_reader *reader,
		const struct conf_node *node, const char *path, void *where);
	void (*done)(void *where); /* frees what read() made */
	const char *schema;	   /* of a custom one, a JSON Schema fragment */
	const char *unit; /* for the manual, where the type does not say it */
	const char *help; /* sentences for the manual, plain text */
};

struct setting_reader {
	struct conf_errors *errors;
	const char *folder; /* of relative paths; NULL: the working one */
	bool offline; /* `check` on another machine: a secret that is not there
	               * reads as an empty text, without an error */
};

/* Reads a map node (NULL: all defaults, nothing is required) into `record`, which
 * the caller has zeroed. False if there was an error; the record can be freed all
 * the same. Unknown keys are errors that name the nearest known one. A map, a
 * list or a record whose value is left empty counts as missing. */
bool setting_read(struct setting_reader *reader, const struct setting *table,
	const struct conf_node *node, const char *path, void *record);
/* Frees what setting_read made inside the record, not the record. */
void setting_done(const struct setting *table, void *record);

/* For read() functions: the same checks as the types above. */
bool setting_read_text(struct setting_reader *reader,
	const struct conf_node *node, const char *path, char **out);
bool setting_read_texts(struct setting_reader *reader,
	const struct conf_node *node, const char *path,
	struct setting_texts *out);
bool setting_read_secret(struct setting_reader *reader,
	const struct conf_node *node, const char *path, char **out);
/* A list of 1 to `most` secrets. */
bool setting_read_secrets(struct setting_reader *reader,
	const struct conf_node *node, const char *path, size_t most,
	struct setting_texts *out);
/* A jq text or {file: PATH} of one with at most `limit` bytes. */
bool setting_read_jq(struct setting_reader *reader,
	const struct conf_node *node, const char *path, size_t limit,
	struct setting_jq *out);
/* Of an address that may be a secret: warns where it looks like one that stands
 * in the open, and hides it wherever it would be shown. */
void setting_warn_of_url(struct setting_reader *reader,
	const struct conf_node *node, const char *path);
bool setting_read_duration(struct setting_reader *reader,
	const struct conf_node *node, const char *path, int64_t *out);
bool setting_read_rate(struct setting_reader *reader,
	const struct conf_node *node, const char *path,
	struct setting_rate *out);
void setting_texts_done(struct setting_texts *texts);
void setting_pairs_done(struct setting_pairs *pairs);
void setting_secrets_done(struct setting_texts *secrets); /* wiped */
void setting_jq_done(struct setting_jq *jq);

/* The effective configuration as YAML: every key with its value, secrets as
 * "********" (where a secret is to be found is shown), "# FILE:LINE" or
 * "# default" behind each. It can be loaded again. */
void setting_print(const struct setting *table, const struct conf_node *node,
	struct buf *out);
/* The same as JSON: {"key":{"value":...,"origin":"FILE:LINE"|"default"}}. */
void setting_print_json(const struct setting *table,
	const struct conf_node *node, struct buf *out);
/* The rows as a list of mdoc(7) items, nested. */
void setting_manual(const struct setting *table, struct buf *out);
/* A JSON Schema (draft 7) of the table. */
void setting_schema(const struct setting *table, struct buf *out);

#endif
