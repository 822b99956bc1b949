/*
 * response - one answer (or one invitation) in npsd's own format, decoded and
 * checked; or the reason why it is none.
 */
#ifndef NPSD_NPS_RESPONSE_H
#define NPSD_NPS_RESPONSE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/flat.h"
#include "nps/category.h"

enum {
	RESPONSE_LIMIT_BYTES = 64 * 1024, /* of one record as it came */
	RESPONSE_ID_LIMIT_BYTES = 512,	  /* of id, and of a customer's key */
	RESPONSE_NAME_LIMIT_BYTES =
		128,		      /* of survey, a segment's name, value */
	RESPONSE_SEGMENTS_LIMIT = 64, /* members of segment and of answers */
	RESPONSE_AHEAD_LIMIT_MS = 24 * 3600 * 1000, /* answered_at from now */
};

/* Stored as these numbers: never renumber. */
enum response_kind { RESPONSE_ANSWER = 0, RESPONSE_INVITATION = 1 };

struct response {
	enum response_kind kind;
	const char *id; /* NULL until response_set_id where it was missing */
	const char *survey;
	int64_t revision; /* 0 where it was missing */
	int score;	  /* of an answer */
	enum category category;
	int64_t answered_ms;
	bool answered_missing; /* time of arrival was taken */
	bool contact_ok;
	const char *customer; /* key: id, else lower-cased email, else phone; or
	                       * NULL */
	const char *account;  /* account.id or NULL */
	struct flat *record;  /* the whole, normalised: score an integer, id,
	                       * survey and answered_at filled in; owned */
	char *content;	      /* the text to keep, NUL-terminated, on one line;
	                       * owned */
	size_t content_length;
	size_t content_room; /* private: bytes that lie behind the struct */
	char *texts;	     /* private: where those of the record lie ... */
	struct response_text *more_texts; /* ... but for these */
	size_t record_room;		  /* private: values */
};

/* Why a record was refused; names are public (metric label, API). */
enum rejection_reason {
	REJECTED_JSON,	     /* "json": no well-formed JSON text */
	REJECTED_NOT_OBJECT, /* "not_object" */
	REJECTED_TOO_LONG,   /* "too_long" */
	REJECTED_ENCODING,   /* "encoding": NUL or invalid UTF-8 */
	REJECTED_SCORE,	     /* "score": missing, no integer, out of range */
	REJECTED_TIME,	/* "time": answered_at no RFC 3339, too far ahead */
	REJECTED_FIELD, /* "field": another field has the wrong type or size */
	REJECTED_CONFLICT,   /* "conflict": same identity and revision, other
	                       * content: the first stands */
	REJECTED_INCOMPLETE, /* "incomplete": a last line without its end */
	REJECTED_STORE,	     /* "store": the store refused this one */
	REJECTED_CSV,  /* "csv": a row that cannot be cut into its columns */
	REJECTED_FORM, /* "form": no well-formed form */
	REJECTED_MAP,  /* "map": the source's map failed on it */
};
const char *rejection_reason_name(enum rejection_reason reason);

struct rejection {
	enum rejection_reason reason;
	char pointer[64]; /* JSON pointer (RFC 6901) of the field, or "" */
	size_t offset;	  /* of the fault in the record, in bytes */
	bool offset_known;
	char text[240]; /* a sentence; never quotes a customer's text */
};

/* What a source knows of its answers. */
struct response_defaults {
	const char *survey; /* where the record names none */
	bool contact_ok;    /* privacy.contact_default */
	bool mapped;	    /* a map made it: refusals speak of what it can */
	int64_t now_ms;	    /* time of arrival */
	/* answered_at where it is missing; 0: the time of arrival;
	 * RESPONSE_TIME_NEEDED: the record is refused. */
	int64_t missing_ms;
};
enum { RESPONSE_TIME_NEEDED = -1 };

/* Decodes one record. NULL with *why filled if it is refused. content is the
 * record as it came, without the blanks around it; what was missing (survey,
 * answered_at, later id) is added at its end; only where a value had to be
 * changed, or the record is on several lines, it is written anew. null is the
 * same as missing in every member of the format. */
struct response *response_decode(const char *bytes, size_t length,
	const struct response_defaults *defaults,
	struct rejection *why) must_check;
/* The same for a value that was parsed already (a map's output, an array's
 * element); takes the reference also on failure. */
struct response *response_from_json(json_t *document,
	const struct response_defaults *defaults,
	struct rejection *why) must_check;
/* Reads back what response_decode made and the store kept (content); contact
 * default as given. NULL with a reason if it is damaged. */
struct response *response_restore(const char *content, size_t length,
	bool contact_ok, struct err *err) must_check;
void response_free(struct response *response);

/* The record as a tree, for expressions; the caller drops the reference. */
json_t *response_tree(const struct response *response) must_check;

/* Gives an answer without an id the one its source made; copies it, and
 * updates record and content. */
void response_set_id(struct response *response, const char *id);

bool response_is_detractor(const struct response *response);

/* True if both say the same (RFC 8259 values, key order and the spelling of
 * numbers and times do not matter), leaving revision out of it. Where one has
 * answered_missing, times are not compared: its time is that of its arrival. */
bool response_same_content(const struct response *a, const struct response *b);

/* Draws the record's line with a caret under the fault, for people:
 *   {"score": 11}
 *             ^ score: ...
 * At most `width` columns around the fault, escaped. */
struct buf;
void rejection_draw(const struct rejection *why, const char *bytes,
	size_t length, size_t width, struct buf *out);

#endif
