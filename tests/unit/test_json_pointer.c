/* RFC 6901, section 5, and what is no pointer. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/json_pointer.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

Test(json_pointer, finds)
{
	static const char text[] =
		"{\"foo\":[\"bar\",\"baz\"],\"\":0,\"a/b\":1,\"c%d\":2,"
		"\"m~n\":8,\"x\":{\"y\":[{\"z\":9}]}}";
	static const struct {
		const char *pointer, *wanted; /* NULL: nothing */
	} rows[] = {
		{"/foo", "[\"bar\",\"baz\"]"},
		{"/foo/0", "\"bar\""},
		{"/foo/1", "\"baz\""},
		{"/foo/2", NULL},
		{"/foo/01", NULL},
		{"/foo/-", NULL},
		{"/foo/0/1", NULL},
		{"/", "0"},
		{"/a~1b", "1"},
		{"/c%d", "2"},
		{"/m~0n", "8"},
		{"/x/y/0/z", "9"},
		{"/x/z", NULL},
	};
	struct json_fault fault;
	json_t *value = json_read(text, strlen(text), &fault);

	cr_expect_eq(json_pointer_at(value, ""), value, "the whole");
	for (size_t i = 0; i < COUNT(rows); i++) {
		const json_t *found = json_pointer_at(value, rows[i].pointer);
		char *shown = found != NULL ? json_text(found) : NULL;

		cr_expect_eq(found == NULL, rows[i].wanted == NULL, "%s",
			rows[i].pointer);
		if (shown != NULL && rows[i].wanted != NULL)
			cr_expect_str_eq(
				shown, rows[i].wanted, "%s", rows[i].pointer);
		free(shown);
	}
	json_decref(value);
	cr_expect_null(json_pointer_at(NULL, "/a"), "in nothing");
	cr_expect(json_pointer_is_good(""), "the whole");
	cr_expect(json_pointer_is_good("/a~0~1"), "escapes");
	cr_expect_not(json_pointer_is_good("a"), "no slash");
	cr_expect_not(json_pointer_is_good("/a~2"), "no escape");
	cr_expect_not(json_pointer_is_good("/a~"), "half an escape");
}
