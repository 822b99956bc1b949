/* Ids: their form, and that derived ones never change. */
#include <criterion/criterion.h>
#include <string.h>

#include "crypt/uuid.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define BYTES(literal) literal, sizeof(literal) - 1

TestSuite(uuid);

/* Lower case, of that version, of the variant of RFC 9562. */
static void
check_form(const char *id, char version)
{
	cr_assert_eq(strlen(id), UUID_TEXT_BYTES - 1, "%s", id);
	for (size_t i = 0; i < UUID_TEXT_BYTES - 1; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;

		cr_assert_not_null(
			strchr(dash ? "-" : "0123456789abcdef", id[i]), "%s",
			id);
	}
	cr_assert_eq(id[14], version, "version of %s", id);
	cr_assert_not_null(strchr("89ab", id[19]), "variant of %s", id);
}

Test(uuid, random_ones_differ)
{
	static char ids[200][UUID_TEXT_BYTES];

	for (size_t i = 0; i < COUNT(ids); i++) {
		uuid_random(ids[i]);
		check_form(ids[i], '4');
		for (size_t j = 0; j < i; j++)
			cr_assert_str_neq(ids[i], ids[j], "twice");
	}
}

/* What is written here stands in people's stores: a change of any of these is
 * a change of every derived id. */
Test(uuid, derived_ones_are_for_ever)
{
	static const struct {
		const char *name;
		size_t length;
		const char *id;
	} rows[] = {
		{BYTES(""), "92ee06e1-e6ff-57bf-8651-c676e427bb79"},
		{BYTES("a"), "7bc70511-f442-51e4-9fa9-62c0acd094dd"},
		{BYTES("[\"alert\",1,0]"),
			"c5da3588-95c1-5b12-b93f-0620c9fee50d"},
		{BYTES("a\0b"), "24170bff-394f-595a-859c-325f685e3ab0"},
		{BYTES("\xC3\xBC"), "f30aa34a-94af-5ec3-bae7-4a71c8ff9757"},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		char id[UUID_TEXT_BYTES];

		uuid_from_name(rows[i].name, rows[i].length, id);
		check_form(id, '5');
		cr_assert_str_eq(id, rows[i].id, "row %zu: %s", i, id);
	}
}
