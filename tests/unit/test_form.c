/* Forms: urlencoded and multipart, and the object that they make. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/form.h"
#include "base/json.h"
#include "base/memory.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define TYPE "multipart/form-data; boundary=B"
#define PART(name, value)                                     \
	"--B\r\nContent-Disposition: form-data; name=\"" name \
	"\"\r\n\r\n" value "\r\n"

/* The object as text, or "! " and the reason; the caller frees it. */
static char *
object_of(const char *type, const char *data, size_t length)
{
	struct form form = {NULL, 0};
	struct err err = {""};
	json_t *object = NULL;
	char *text;

	if (type == NULL ? form_read_urlencoded(&form, data, length, &err)
			 : form_read_multipart(&form, type, data, length, &err))
		object = form_to_json(&form, &err);
	text = object != NULL ? json_text(object)
			      : mem_printf("! %s", err.text);
	json_decref(object);
	form_done(&form);
	return text;
}

static void
expect(const char *type, const char *data, size_t length, const char *wanted)
{
	char *text = object_of(type, data, length);

	if (*wanted == '!')
		cr_expect_not_null(
			strstr(text, wanted + 1), "%s: %s", data, text);
	else
		cr_expect_str_eq(text, wanted, "%s: %s", data, text);
	free(text);
}

Test(form, urlencoded)
{
	static const struct {
		const char *data, *wanted;
	} rows[] = {
		{"", "{}"},
		{"a=1", "{\"a\":\"1\"}"},
		{"a=1&b=x+y%20%c3%a9&c", "{\"a\":\"1\",\"b\":\"x y \303\251\","
					 "\"c\":\"\"}"},
		{"a=%zz%2&=v", "{\"a\":\"%zz%2\",\"\":\"v\"}"},
		{"&&a=1&", "{\"a\":\"1\"}"},
		{"a=b=c", "{\"a\":\"b=c\"}"},
		/* brackets nest */
		{"r[score]=3&r[who][email]=a%40b",
			"{\"r\":{\"score\":\"3\",\"who\":{\"email\":\"a@b\"}}"
			"}"},
		{"r%5Bscore%5D=3", "{\"r\":{\"score\":\"3\"}}"},
		{"a[]=1&a[]=2", "{\"a\":[\"1\",\"2\"]}"},
		{"a[b][]=1", "{\"a\":{\"b\":[\"1\"]}}"},
		{"a[][b]=1", "{\"a\":{\"\":{\"b\":\"1\"}}}"},
		{"a[0]=1&a[1]=2", "{\"a\":{\"0\":\"1\",\"1\":\"2\"}}"},
		/* a name that comes again is a list */
		{"a=1&a=2&a=3", "{\"a\":[\"1\",\"2\",\"3\"]}"},
		{"r[a]=1&r[a]=2", "{\"r\":{\"a\":[\"1\",\"2\"]}}"},
		/* no brackets that mean anything */
		{"a[=1", "{\"a[\":\"1\"}"},
		{"[a]=1", "{\"[a]\":\"1\"}"},
		{"a[b]c=1", "{\"a[b]c\":\"1\"}"},
		{"a]=1", "{\"a]\":\"1\"}"},
		/* contradictions and rubbish */
		{"a=1&a[b]=2", "!field 2 of the form contradicts"},
		{"a[b]=1&a=2", "!field 2 of the form contradicts"},
		{"a[]=1&a[b]=2", "!contradicts"},
		{"a[b]=1&a[]=2", "!contradicts"},
		{"a=%00", "!field 1 of the form has a NUL"},
		{"a=1&b=%ff", "!field 2 of the form has a NUL or bytes"},
		{"%ff=1", "!no UTF-8"},
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		expect(NULL, rows[i].data, strlen(rows[i].data),
			rows[i].wanted);
}

Test(form, limits)
{
	struct buf text = {0};

	for (int i = 0; i <= FORM_FIELDS_LIMIT; i++)
		buf_append_text(&text, "a=1&");
	expect(NULL, text.data, text.length, "!more than 2000 fields");
	buf_clear(&text);
	buf_append_text(&text, "a");
	for (int i = 0; i < 40; i++)
		buf_append_text(&text, "[b]");
	expect(NULL, text.data, text.length, "!nests deeper than 32 levels");
	buf_clear(&text);
	for (int i = 0; i <= FORM_NAME_LIMIT_BYTES; i++)
		buf_append_char(&text, 'n');
	expect(NULL, text.data, text.length, "!longer than 1024 bytes");
	buf_done(&text);
}

Test(form, multipart)
{
	static const struct {
		const char *type, *data, *wanted;
	} rows[] = {
		{TYPE, PART("a", "1") PART("b", "x\r\ny") "--B--\r\n",
			"{\"a\":\"1\",\"b\":\"x\\r\\ny\"}"},
		{TYPE, "--B--", "{}"},
		{TYPE, "hello\r\n" PART("a", "") "--B--", "{\"a\":\"\"}"},
		{TYPE, PART("a[b]", "1") "--B--bye", "{\"a\":{\"b\":\"1\"}}"},
		{TYPE, PART("a", "--B") "--B--", "{\"a\":\"--B\"}"},
		{"multipart/form-data; charset=utf-8; Boundary=\"B\"",
			PART("a", "1") "--B--", "{\"a\":\"1\"}"},
		{TYPE,
			"--B \t\r\nContent-Type: text/plain\r\n"
			"content-disposition:form-data;name=a\r\n\r\n1\r\n--B-"
			"-",
			"{\"a\":\"1\"}"},
		{TYPE,
			"--B\r\nContent-Disposition: form-data; "
			"x=\"; name=no\"; name=\"a \\\"b\\\\\"\r\n\r\n1\r\n"
			"--B--",
			"{\"a \\\"b\\\\\":\"1\"}"},
		/* files are left out */
		{TYPE,
			"--B\r\nContent-Disposition: form-data; name=\"f\"; "
			"filename=\"\"\r\n\r\n\xff\r\n" PART("a", "1") "--B--",
			"{\"a\":\"1\"}"},
		{TYPE, PART("a", "\xff") "--B--", "!no UTF-8"},
		{TYPE, PART("a", "1") PART("a[b]", "1") "--B--",
			"!contradicts"},
		{TYPE, "", "!does not begin with the boundary"},
		{TYPE, "--C\r\n", "!does not begin with the boundary"},
		{TYPE, "--B", "!does not begin with the boundary"},
		{TYPE, "--B\r\n", "!part 1 of the form has no whole headers"},
		{TYPE, "--B\r\nA: b\r\n\r\nx",
			"!part 1 of the form has no end"},
		{TYPE, "--B\r\nA: b\r\n\r\nx\r\n--B--", "!has no name"},
		{TYPE, PART("a", "1") "--Bx\r\n", "!a boundary of the form"},
		{"multipart/form-data", "--B--", "!names no boundary"},
		{"multipart/form-data; boundary=", "--B--", "!no boundary"},
		{"multipart/form-data; boundary", "--B--", "!no boundary"},
		{"multipart/form-data; boundary="
		 "0123456789012345678901234567890123456789"
		 "0123456789012345678901234567890",
			"--B--", "!no boundary of 1 to 70"},
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		expect(rows[i].type, rows[i].data, strlen(rows[i].data),
			rows[i].wanted);
}

Test(form, values)
{
	struct form form = {NULL, 0};
	struct err err;

	cr_assert(form_read_urlencoded(&form, "a=1&b=2&b=3", 11, &err), "");
	cr_expect_str_eq(form_value(&form, "a"), "1", "once");
	cr_expect_null(form_value(&form, "b"), "twice: which?");
	cr_expect_null(form_value(&form, "c"), "not there");
	form_done(&form);
}
