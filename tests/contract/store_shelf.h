/*
 * store_shelf - a store of each kind to test with: opened in a temporary
 * folder, filled by short calls, and told as one JSON text to compare.
 */
#ifndef NPSD_TESTS_STORE_SHELF_H
#define NPSD_TESTS_STORE_SHELF_H

#include <criterion/criterion.h>
#include <stdbool.h>
#include <stdint.h>

#include "store/store.h"

enum { STORE_KINDS = 2 };
extern const char *const store_kind_names[STORE_KINDS];

struct shelf {
	const char *kind;
	char folder[64];
	char path[96]; /* of "sqlite" */
	char where[112];
	struct store_settings settings;
	struct store_writer *store;
	struct store_reader *reader;
	enum delivery_state told; /* of the one claimed last: how it stood */
};

void shelf_open(struct shelf *shelf, const char *kind);
void shelf_close(struct shelf *shelf);
/* Closes and opens again; "memory" stays as it is. */
void shelf_reopen(struct shelf *shelf);

#define ANSWERED_MS INT64_C(1763719200000) /* 2025-11-21T10:00:00Z */

#define EACH_KIND(shelf)                                               \
	for (size_t kind_ = 0;                                         \
		kind_ < STORE_KINDS &&                                 \
		(shelf_open(&(shelf), store_kind_names[kind_]), true); \
		shelf_close(&(shelf)), kind_++)

#define GOOD(call)                                                          \
	do {                                                                \
		struct err err = {""};                                      \
		cr_assert(call, "%s: %s: %s", shelf.kind, #call, err.text); \
	} while (0)
#define BAD(call)                                                          \
	do {                                                               \
		struct err err = {""};                                     \
		cr_assert_not(call, "%s: %s", shelf.kind, #call);          \
		cr_assert_str_neq(err.text, "", "a reason for %s", #call); \
	} while (0)

/* A transaction around one thing. */
void shelf_begin(struct shelf *shelf);
void shelf_commit(struct shelf *shelf);

/* An answer with content; returns its row. score below 0: an invitation. */
struct answer_row shelf_answer(
	const char *id, int score, int64_t answered_ms, const char *customer);
int64_t shelf_put(struct shelf *shelf, const char *id, int score,
	int64_t answered_ms, const char *customer);

/* An answer of anna to that survey. */
void put_of_survey(struct shelf *at, const char *survey, const char *id,
	int score, int64_t answered_ms);

void shelf_count(struct shelf *at, int64_t slot, enum bucket_width width,
	int64_t bucket, const struct counts *delta);

/* A pending delivery with body "body"; returns its row. */
struct delivery_row shelf_delivery(int number, const char *action,
	int64_t answer, int64_t due_ms, char id[DELIVERY_ID_BYTES]);
int64_t shelf_put_delivery(struct shelf *shelf, int number, const char *action,
	int64_t answer, int64_t due_ms);

/* Claims at most n and returns how many; their rows in rows where not NULL. */
int shelf_claim(struct shelf *shelf, const char *node, const char *action,
	int64_t now_ms, int n, int64_t *rows);
/* Settles; returns held. */
bool shelf_settle(struct shelf *shelf, int64_t delivery,
	enum delivery_state state, const char *outcome, int status);

json_t *shelf_list(struct shelf *shelf, enum store_list list,
	const struct store_filter *filter, int64_t *next);
extern const struct store_filter shelf_any; /* no filter */
/* One delivery with body and attempts, by row. */
json_t *shelf_find_delivery(struct shelf *shelf, int64_t row);
json_t *shelf_explain(struct shelf *shelf, int64_t row);

/* All that the store tells, as one text; the caller frees it. */
char *shelf_tell(struct shelf *shelf);

/* What a find told, copied. */
struct seen {
	int calls;
	struct answer_row answer;
	char text[200];
};

void on_found(const struct answer_row *answer, void *context);
/* The score of the customer's answer before; -1: none. */
int previous_score(
	struct shelf *shelf, const char *customer, int64_t before_ms);
/* The string member, or "null". */
const char *text_at(json_t *object, const char *key);

void put_rejected(
	struct shelf *at, const char *bytes, size_t length, int64_t arrived_ms);
/* A store with something of everything; the doings below refer to it. */
struct scene {
	int64_t old, fresh; /* answers; old has nothing waiting */
	int64_t pending, claimed, dead, cancelled, unrendered;
};

struct scene build_scene(struct shelf *at);

#endif
