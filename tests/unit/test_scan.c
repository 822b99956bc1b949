/*
 * scan - the paths that a jq text reads, as far as a scan can tell.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "base/buf.h"
#include "expr/expr.h"

TestSuite(scan);

static void
on_path(const char *path, size_t length, void *context)
{
	struct buf *found = context;
	if (found->length)
		buf_append_char(found, ' ');
	buf_append(found, path, length);
}

struct row {
	const char *text;
	const char *paths;
};

static const struct row rows[] = {
	/* chains */
	{".response.customer.name", ".response.customer.name"},
	{".a .b", ".a.b"},
	{".a?.b?", ".a.b"},
	{".a.\"b\".c", ".a.b.c"},
	{".\"a\"", ".a"},
	{".[\"a\"].b", ".a.b"},
	{".a[\"b c\"].d", ".a"},
	{".a[\"b\" + .x].d", ".x .a"},
	{".a[\"b\\(.c)\"].d", ".c .a"},
	{".a.\"b\\(.c)\".d", ".c .a"},
	{".a[].b", ".a"},
	{".a[0].b", ".a"},
	{".a[.b].c", ".b .a"},
	{".a[1:.n]", ".n .a"},
	{".", ""},
	{"..", ""},
	{".. | .a", ""},
	/* pipes change what `.` is */
	{".a | .b | .c", ".a .a.b .a.b.c"},
	{".a, .b | .c", ".a .b"},
	{".a | .b, .c", ".a .a.b .a.c"},
	{".a | not | .b", ".a"},
	{".a + .b | .c", ".a .b"},
	{"1 | .a", ""},
	{". | .a", ".a"},
	{".a | select(.b < 3) | .c", ".a .a.b .a.c"},
	{"select(.a).b", ".a .b"},
	{"(.a | .b).c", ".a .a.b.c"},
	{"(.a, .b).c", ".a .b"},
	{"(.a).b", ".a.b"},
	/* variables do not */
	{".a as $x | .b", ".a .b"},
	{". as $dot | .a | $dot.b", ".a"},
	{".a as {b: $c, d: [$e]} | .f", ".a .f"},
	{".a as [$x] ?// $x | .f", ".a .f"},
	{"$x.a.b", ""},
	{"$__loc__ | .a", ""},
	{"label $out | .a", ".a"},
	/* keywords */
	{"if .a then .b elif .c then .d else .e | .f end",
		".a .b .c .d .e .e.f"},
	{".a | if . then .b else . end | .c", ".a .a.b"},
	{"reduce .a[] as $x (.b; . + .c) | .d", ".a .b"},
	{"reduce (.a | .b) as $x (0; .c)", ".a .a.b"},
	{"foreach .a[] as [$x] (0; . + $x; .z)", ".a"},
	{"try .a catch .b", ".a"},
	{"try .a catch (.b | .c)", ".a"},
	{"def f: .x; .y | f | .z", ".y"},
	{"def f(g; $h): g | .x; .y", ".y"},
	{".a and .b or .c", ".a .b .c"},
	{".a // .b.c", ".a .b.c"},
	{"-.a", ".a"},
	/* calls */
	{"map(.a)", ""},
	{"sort_by(.a) | .b", ""},
	{".a | test(.b; \"i\")", ".a .a.b"},
	{".a.b | test(\"x\")", ".a.b"},
	{"limit(1; .a[])", ".a"},
	{"not.a", ""},
	/* writing is not reading */
	{".a = .b", ".b"},
	{".a |= .b, .c", ".a .c"},
	{".a |= (.b) | .c", ".a"},
	{".a.b += .c", ".a.b .c"},
	/* making */
	{"[.a, .b]", ".a .b"},
	{"{a, b: .c.d, \"e\", (.k): .v | .w, $z, \"f\": 1, @text \"g\": 2}",
		".a .c.d .e .k .v .v.w"},
	{"{if, then: .a}", ".if .a"},
	{"{a: 1} | .a", ""},
	{"\"x \\(.a.b) \\(\"\\(.c)\")\"", ".a.b .c"},
	{"@html \"x \\(.a | .b)\"", ".a .a.b"},
	{"@json", ""},
	/* no text, half a text, no jq at all */
	{"", ""},
	{"# .a", ""},
	{"# .a\r\n.b", ".b"},
	{".a |", ".a"},
	{".a | (.b", ".a .a.b"},
	{")]} .a", ""},
	{"end then ; : , .a", ".a"},
	{"\"\\(.a", ".a"},
	{"if if if .a", ".a"},
};

Test(scan, paths)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct buf found = {0};
		buf_append_text(&found, "");
		expr_scan_paths(rows[i].text, on_path, &found);
		cr_expect_str_eq(found.data, rows[i].paths,
			"row %zu: %s\nfound    %s\nexpected %s", i,
			rows[i].text, found.data, rows[i].paths);
		buf_done(&found);
	}
}

Test(scan, limits)
{
	struct buf text = {0};
	struct buf found = {0};
	for (int i = 0; i < 20000; i++)
		buf_append_text(&text, i % 2 ? "if " : "(.a|");
	expr_scan_paths(text.data, on_path, &found);
	cr_assert(found.length > 0, "found nothing in a deep text");
	buf_clear(&text);
	buf_clear(&found);
	for (int i = 0; i < 20000; i++)
		buf_append_text(&text, "def f: .a ");
	expr_scan_paths(text.data, on_path, &found);
	buf_clear(&text);
	for (int i = 0; i < 1000; i++)
		buf_append_text(&text, ".abcdefghij");
	buf_clear(&found);
	expr_scan_paths(text.data, on_path, &found);
	cr_assert(found.length > 200 && found.length <= 256,
		"a path of %zu bytes", found.length);
	buf_done(&text);
	buf_done(&found);
}
