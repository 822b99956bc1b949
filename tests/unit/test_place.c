/* Where a spool file stands, as text; and names that a rotation gives. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "source/place.h"
#include "source/rotation.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define GENERATION "0f8fad5b-d9cb-469f-a165-70867728950e"
#define SHA256 \
	"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

TestSuite(place);

Test(place, comes_back_as_it_was)
{
	static char paths[][32] = {
		"/var/spool/x.jsonl", "/a \"b\"\\c\n", "/\xC3\xA9"};

	for (size_t i = 0; i < COUNT(paths); i++) {
		struct place place = {
			.path = paths[i],
			.device = UINT64_MAX,
			.inode = UINT64_MAX - 1,
			.generation = GENERATION,
			.offset = INT64_MAX,
			.line = 12,
			.head_length = 1024,
			.head_sha256 = SHA256,
			.at_ms = INT64_C(1795255200123),
		};

		if (i > 0)
			strcpy(place.former_sha256, SHA256);
		if (i > 1)
			place.gone_ms = INT64_C(1795255300456);
		struct place back;
		struct err err = {""};
		char *text = place_text(&place);

		cr_assert(place_read(text, &back, &err), "%s: %s", text,
			err.text);
		cr_assert_str_eq(back.path, paths[i], "path");
		cr_assert_eq(back.device, place.device, "device");
		cr_assert_eq(back.inode, place.inode, "inode");
		cr_assert_str_eq(back.generation, GENERATION, "generation");
		cr_assert_eq(back.offset, place.offset, "offset");
		cr_assert_eq(back.line, 12, "line");
		cr_assert_eq(back.head_length, 1024, "length");
		cr_assert_str_eq(back.head_sha256, SHA256, "sha256");
		cr_assert_eq(back.at_ms, place.at_ms, "at");
		cr_assert_eq(back.gone_ms, place.gone_ms, "gone");
		cr_assert_str_eq(
			back.former_sha256, place.former_sha256, "former");
		place_done(&back);
		free(text);
	}
}

#define GOOD                                                                \
	"{\"path\":\"/x\",\"device\":\"1\",\"inode\":\"2\",\"generation\":" \
	"\"" GENERATION "\",\"offset\":3,\"line\":4,\"fingerprint\":{"      \
	"\"length\":3,\"sha256\":\"" SHA256                                 \
	"\"},\"at\":\"2026-11-21T10:00:00Z\",\"new\":true}"

/* The good one with one piece of it exchanged. */
static char *
exchange(const char *piece, const char *with)
{
	const char *at = strstr(GOOD, piece);
	struct buf out = {0};

	cr_assert_not_null(at, "%s", piece);
	buf_append(&out, GOOD, (size_t)(at - GOOD));
	buf_append_text(&out, with);
	buf_append_text(&out, at + strlen(piece));
	return buf_take(&out);
}

Test(place, refuses_what_it_did_not_write)
{
	static const char *const rows[][2] = {
		{"\"path\"", "\"pat\""},
		{"\"/x\"", "7"},
		{"\"device\":\"1\"", "\"device\":\"-1\""},
		{"\"inode\":\"2\"", "\"inode\":\"2x\""},
		{GENERATION, "short"},
		{GENERATION, "0f8fad5b/d9cb/469f/a165/70867728950e"},
		{"\"offset\":3", "\"offset\":-3"},
		{"\"offset\":3", "\"offset\":\"3\""},
		{"\"line\":4", "\"line\":4.5"},
		{"\"length\":3", "\"length\":-1"},
		{SHA256, ""},
		{"2026-11-21", "2026-11-31"},
		{"\"new\":true", "\"former\":\"\""},
		{"\"new\":true", "\"gone\":\"yesterday\""},
		{GOOD, "[]"},
		{GOOD, "{"},
		{GOOD, ""},
	};
	struct place place;
	struct err err = {""};

	cr_assert(place_read(GOOD, &place, &err), "%s", err.text);
	place_done(&place);
	for (size_t i = 0; i < COUNT(rows); i++) {
		char *text = exchange(rows[i][0], rows[i][1]);

		err.text[0] = '\0';
		cr_assert_not(
			place_read(text, &place, &err), "taken: %s", text);
		cr_assert(err.text[0], "no reason for %s", text);
		place_done(&place);
		free(text);
	}
}

Test(place, names_of_rotated_files)
{
	static const struct {
		const char *pattern, *name;
		const char *origin; /* NULL: no rotated file of it */
		bool matches;
		bool compressed;
	} rows[] = {
		{"r.jsonl", "r.jsonl", NULL, true, false},
		{"r.jsonl", "r.jsonl.1", "r.jsonl", false, false},
		{"r.jsonl", "r.jsonl.12", "r.jsonl", false, false},
		{"r.jsonl", "r.jsonl-20261122", "r.jsonl", false, false},
		{"r.jsonl", "r.jsonl-20261122-1795", "r.jsonl", false, false},
		{"r.jsonl", "r.jsonl.2026-11-22", "r.jsonl", false, false},
		{"r.jsonl", "r.jsonl.2026-11-22T10:00:00Z", "r.jsonl", false,
			false},
		{"r.jsonl", "r-20261122.jsonl", "r.jsonl", false, false},
		{"r.jsonl", "r.1.jsonl", "r.jsonl", false, false},
		{"r.jsonl", "r.jsonl.old", "r.jsonl", false, false},
		{"r.jsonl", "r.jsonl.1.gz", NULL, false, true},
		{"r.jsonl", "r.jsonl.gz", NULL, false, true},
		{"r.jsonl", "r.jsonl-20261122.zst", NULL, false, true},
		{"r.jsonl", "r.jsonl.bak", NULL, false, false},
		{"r.jsonl", "r.jsonl.", NULL, false, false},
		{"r.jsonl", "r.jsonl.tmp1", NULL, false, false},
		{"r.jsonl", "other.jsonl.1", NULL, false, false},
		{"r.jsonl", "", NULL, false, false},
		{"r", "r.1", "r", false, false},
		{"*.jsonl", "a.jsonl", NULL, true, false},
		{"*.jsonl", "a.jsonl.1", "a.jsonl", false, false},
		{"*.jsonl", ".a.jsonl", NULL, false, false},
		{"*", "a.gz", NULL, true, true},
		{"[ab].jsonl", "a.jsonl.3", "a.jsonl", false, false},
		{"[ab].jsonl", "c.jsonl", NULL, false, false},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		char *origin = rows[i].matches
				       ? NULL
				       : rotation_origin(
						 rows[i].pattern, rows[i].name);

		cr_assert_eq(rotation_matches(rows[i].pattern, rows[i].name),
			rows[i].matches, "%s matches", rows[i].name);
		cr_assert_eq(rotation_is_compressed(rows[i].name),
			rows[i].compressed, "%s compressed", rows[i].name);
		cr_assert_eq(origin == NULL, rows[i].origin == NULL, "%s: %s",
			rows[i].name, origin);
		if (origin != NULL)
			cr_assert_str_eq(origin, rows[i].origin, "origin");
		if (rows[i].origin != NULL)
			cr_assert(
				rotation_is_near(rows[i].pattern, rows[i].name),
				"%s is near", rows[i].name);
		free(origin);
	}
	cr_assert_not(rotation_is_near("r.jsonl", "s.jsonl"), "not near");
}
