/*
 * source_case - one source as the daemon has it, for tests: settings from
 * YAML, a loop, a folder of its own, and a host that keeps what it is offered
 * and settles it when it is told.
 */
#ifndef NPSD_TESTS_SOURCE_CASE_H
#define NPSD_TESTS_SOURCE_CASE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "source/source.h"

enum { SOURCE_CASE_HELD = 4096 };

/* A record that was kept. */
struct kept_record {
	char *text;
	char *label;
	char *id_name; /* as intake makes it, or NULL */
	int64_t line;
	bool refused;
	enum rejection_reason reason;
	size_t full_length;
};

struct source_case {
	struct loop *loop;
	struct clock clock;
	int64_t ahead_ms; /* of the clocks, before the real ones */
	int64_t jump_ms;  /* of the wall clock alone */
	struct source_host host;
	struct wall_watch wall;
	const struct source_kind *kind;
	struct conf_document *document;
	void *settings;
	struct source *source; /* NULL: closed */
	char folder[64];

	bool full;	/* offers are refused */
	bool broken;	/* nothing can be kept */
	bool by_hand;	/* batches stay until source_case_settle */
	bool forgetful; /* records are counted, not copied */
	struct batch *held[SOURCE_CASE_HELD]; /* offered, oldest first */
	size_t held_count;
	bool waits_for_room;
	size_t offers; /* that were taken */

	struct kept_record *kept;
	size_t kept_count, kept_room;
	size_t counted; /* records settled as kept */
	size_t most_held_bytes;
	json_t *places; /* key -> text */
	bool good;
	char reason[512];
	int bad_news; /* how often health turned bad */
	int unverified, ignored;
	char unverified_reason[512];
	int64_t behind;
	int losses;
	int closed;
};

/* With a folder, which is the working one. */
void source_case_init(struct source_case *it, const struct source_kind *kind);
/* Closes the source and everything; the folder goes. */
void source_case_done(struct source_case *it);
/* Errors of these settings as text, which the caller frees; "" if good. The
 * text FOLDER in the YAML stands for the folder. */
char *source_case_check(struct source_case *it, const char *yaml);
void source_case_open(struct source_case *it, const char *yaml);
/* Closes it and settles what is under way; places stay, as in a restart. */
void source_case_close(struct source_case *it);
/* As kill -9: what was offered and not settled is lost. */
void source_case_kill(struct source_case *it);

/* One turn of the loop; settles what is held unless it is done by hand. */
void source_case_turn(struct source_case *it);
/* Hands the oldest `n` batches back. */
void source_case_settle(struct source_case *it, size_t n);
/* The inbox has room again. */
void source_case_room(struct source_case *it);
/* Turns until so many records were kept (10 s); then a little longer, so that
 * one too many is noticed. */
void source_case_expect(struct source_case *it, size_t records);
/* Turns until the condition holds; ends the test after 10 s. */
#define source_case_until(it, condition)                                \
	do {                                                            \
		int64_t until_us =                                      \
			clock_monotonic_us(&clock_system) + 10000000;   \
		while (!(condition)) {                                  \
			cr_assert_lt(clock_monotonic_us(&clock_system), \
				until_us, "never: %s", #condition);     \
			source_case_turn(it);                           \
		}                                                       \
	} while (0)
/* Turns for this long. */
void source_case_run(struct source_case *it, int ms);

/* Bytes added to a file, made if it is not there. */
void append_file(const char *name, const char *data, size_t length);
void append_text(const char *name, const char *text);
void write_text(const char *name, const char *text); /* from nothing */
bool file_exists(const char *name);
char *file_text(const char *name); /* the caller frees it */

#endif
