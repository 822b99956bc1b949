/* Paths and the values they lead to. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "nps/field.h"

TestSuite(field);

static struct response *
decode(const char *text)
{
	const struct response_defaults defaults = {
		.survey = "s", .contact_ok = true, .now_ms = 1795255200000};
	struct rejection why;
	struct response *response =
		response_decode(text, strlen(text), &defaults, &why);

	cr_assert_not_null(response, "%s: %s", text, why.text);
	return response;
}

static const char full[] =
	"{\"id\":\"r\",\"score\":3.0,\"comment\":\"\",\"zero\":null,"
	"\"answered_at\":\"2026-11-21T10:00:00Z\",\"own\":{\"a\":{\"b\":[1]}},"
	"\"segment\":{\"region\":\"NL\",\"vip\":true,\"floor\":-2.5},"
	"\"account\":{\"value\":12000},\"customer\":{\"id\":\"c\"},"
	"\"category\":\"mine\",\"previous\":{\"score\":1}}";

struct row {
	const char *path;
	enum value_type type;
	const char *text;
	double number;
};

static void
check(const struct row *row, const struct subject *subject)
{
	struct field field;
	struct value value;
	struct err err;

	cr_assert(field_parse(&field, row->path, &err), "%s: %s", row->path,
		err.text);
	field_find(&field, subject, &value);
	cr_assert_eq(value.type, row->type, "%s: type %d", row->path,
		(int)value.type);
	if (row->text)
		cr_assert_str_eq(value.text, row->text, "%s", row->path);
	if (value.type == VALUE_NUMBER)
		cr_assert(fabs(value.number - row->number) < 1e-12, "%s: %g",
			row->path, value.number);
	if (value.type == VALUE_BOOLEAN)
		cr_assert_eq(value.boolean, row->number > 0, "%s", row->path);
	field_done(&field);
}

Test(field, finds)
{
	static const struct row rows[] = {
		{"score", VALUE_NUMBER, NULL, 3},
		{"response.score", VALUE_NUMBER, NULL, 3},
		{"category", VALUE_TEXT, "detractor", 0},
		{"id", VALUE_TEXT, "r", 0},
		{"survey", VALUE_TEXT, "s", 0},
		{"comment", VALUE_TEXT, "", 0},
		{"answered_at", VALUE_TEXT, "2026-11-21T10:00:00Z", 0},
		{"revision", VALUE_NUMBER, NULL, 0},
		{"contact_ok", VALUE_BOOLEAN, NULL, 1},
		{"kind", VALUE_TEXT, "response", 0},
		{"segment.region", VALUE_TEXT, "NL", 0},
		{"segment.vip", VALUE_BOOLEAN, NULL, 1},
		{"segment.floor", VALUE_NUMBER, NULL, -2.5},
		{"segment", VALUE_OTHER, NULL, 0},
		{"segment.none", VALUE_NONE, NULL, 0},
		{"segment.region.none", VALUE_NONE, NULL, 0},
		{"account.value", VALUE_NUMBER, NULL, 12000},
		{"customer.id", VALUE_TEXT, "c", 0},
		{"zero", VALUE_NONE, NULL, 0},
		{"own.a.b", VALUE_OTHER, NULL, 0},
		{"own.a.c", VALUE_NONE, NULL, 0},
		{"nothing", VALUE_NONE, NULL, 0},
		{"previous.score", VALUE_NUMBER, NULL, 9},
		{"previous.category", VALUE_TEXT, "promoter", 0},
		{"previous.answered_at", VALUE_TEXT, "1970-01-01T00:00:01Z", 0},
		{"previous.movement", VALUE_TEXT, "down", 0},
		{"previous.repeat_detractor", VALUE_BOOLEAN, NULL, 0},
	};
	const struct previous previous = {true, 9, CATEGORY_PROMOTER, 1000};
	struct response *response = decode(full);
	const struct subject subject = {response, &previous};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		check(&rows[i], &subject);
	response_free(response);
}

Test(field, without_previous)
{
	static const struct row rows[] = {
		{"previous.score", VALUE_NONE, NULL, 0},
		{"previous.category", VALUE_NONE, NULL, 0},
		{"previous.answered_at", VALUE_NONE, NULL, 0},
		{"previous.movement", VALUE_NONE, NULL, 0},
		{"previous.repeat_detractor", VALUE_NONE, NULL, 0},
	};
	const struct previous unknown = {false, 9, CATEGORY_PROMOTER, 1000};
	struct response *response = decode(full);

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		check(&rows[i], &(struct subject){response, &unknown});
		check(&rows[i], &(struct subject){response, NULL});
	}
	response_free(response);
}

Test(field, refuses)
{
	static const char *const bad[] = {"", ".", "a.", ".a", "a..b",
		"response.", "a.b.c.d.e.f.g.h.i", "category.x", "previous",
		"previous.x", "previous.score.x", "response.previous.id"};
	char longest[FIELD_TEXT_LIMIT_BYTES + 2];
	struct field field;
	struct err err;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		err.text[0] = '\0';
		cr_assert(!field_parse(&field, bad[i], &err), "\"%s\"", bad[i]);
		cr_assert(err.text[0], "\"%s\" has a reason", bad[i]);
	}
	memset(longest, 'a', sizeof(longest));
	longest[sizeof(longest) - 1] = '\0';
	cr_assert(!field_parse(&field, longest, NULL), "257 bytes");
	longest[sizeof(longest) - 2] = '\0';
	cr_assert(field_parse(&field, longest, NULL), "256 bytes");
	cr_assert(!field_is_known(&field), "an unknown name");
	field_done(&field);
	cr_assert(field_parse(&field, "response.a.b.c.d.e.f.g.h", NULL),
		"8 parts");
	field_done(&field);
}

Test(field, known_names)
{
	static const struct {
		const char *path;
		bool known;
	} rows[] = {
		{"score", true},
		{"segment.anything", true},
		{"response.customer.email", true},
		{"previous.score", true},
		{"category", true},
		{"scores", false},
		{"Score", false},
		{"own.score", false},
	};
	struct field field;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		cr_assert(field_parse(&field, rows[i].path, NULL), "%s",
			rows[i].path);
		cr_assert_eq(field_is_known(&field), rows[i].known, "%s",
			rows[i].path);
		field_done(&field);
	}
}
