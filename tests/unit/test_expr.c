/*
 * expr - conditions, payloads and messages, through libjq.
 */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <jansson.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/memory.h"
#include "expr/deadline.h"
#include "expr/expr.h"

TestSuite(expr);

#define COUNT(rows) (sizeof(rows) / sizeof(*(rows)))

static const char alert[] =
	"{\"response\":{\"score\":3,\"comment\":\"h\u00e9llo <wait> & se\","
	"\"customer\":{\"name\":\"Zo\u00eb\"},\"tags\":[\"a\",\"b\"]},"
	"\"category\":\"detractor\",\"previous\":null,\"when\":1764000000,"
	"\"empty\":\"\",\"huge\":1e300,\"list\":[3,1,2]}";

static struct expr_input *
input_of(const char *text)
{
	json_error_t error;
	json_t *value = json_loads(text, JSON_DECODE_ANY, &error);
	cr_assert_not_null(value, "%s: %s", text, error.text);
	struct expr_input *input = expr_input_new(value);
	json_decref(value);
	return input;
}

static void
on_unwanted(size_t number, const char *message, void *context)
{
	(void)context;
	cr_expect(false, "expression %zu: %s", number, message);
}

static void
compile(struct expr_set *set)
{
	cr_assert(expr_set_compile(set, on_unwanted, NULL), "not compiled");
}

/* A busy machine may take the processor away for longer than the deadline. */
enum { TRIES = 5 };

static enum expr_end
values_of(struct expr_set *set, size_t number, struct expr_input *input,
	size_t limit, char **text, struct err *err)
{
	json_t *values = NULL;
	enum expr_end end = EXPR_DEADLINE;
	for (int i = 0; i < TRIES && end == EXPR_DEADLINE; i++)
		end = expr_run_values(set, number, input, limit, &values, err);
	*text = end == EXPR_OK ? json_dumps(values, JSON_COMPACT) : NULL;
	json_decref(values);
	return end;
}

/* ---------------------------------------------------------------- tables -- */

struct value_row {
	const char *text;
	const char *values; /* NULL: an error */
	const char *reason; /* part of it */
};

static void
check_values(const struct value_row *rows, size_t count)
{
	struct expr_set *set = expr_set_new();
	for (size_t i = 0; i < count; i++)
		cr_assert_eq(expr_set_add(set, "rule x", rows[i].text), i);
	compile(set);
	struct expr_input *input = input_of(alert);
	for (size_t i = 0; i < count; i++) {
		const struct value_row *row = &rows[i];
		struct err err = {""};
		char *got;
		enum expr_end end = values_of(set, i, input, 4, &got, &err);
		if (row->values) {
			cr_expect_eq(end, EXPR_OK, "row %zu: %s: %s", i,
				row->text, err.text);
			cr_expect(got && strcmp(got, row->values) == 0,
				"row %zu: %s gave %s, not %s", i, row->text,
				got ? got : "nothing", row->values);
		} else {
			cr_expect_eq(end, EXPR_ERROR, "row %zu: %s: %s", i,
				row->text, got ? got : err.text);
			cr_expect(strstr(err.text, row->reason),
				"row %zu: %s: reason %s", i, row->text,
				err.text);
			cr_expect(strncmp(err.text, "rule x: ", 8) == 0,
				"row %zu: no name in: %s", i, err.text);
		}
		free(got);
	}
	expr_input_free(input);
	expr_set_free(set);
}

Test(expr, values)
{
	static const struct value_row rows[] = {
		{".response.score", "[3]", NULL},
		{".response.score <= 6", "[true]", NULL},
		{".list[]", "[3,1,2]", NULL},
		{"empty", "[]", NULL},
		{".nothing", "[null]", NULL},
		{".list | sort", "[[1,2,3]]", NULL},
		{"getpath([\"response\", \"tags\", 1])", "[\"b\"]", NULL},
		{"[limit(2; .list[])]", "[[3,1]]", NULL},
		{"path(.response.score)", "[[\"response\",\"score\"]]", NULL},
		{"[paths] | length > 5", "[true]", NULL},
		{".list |= map(. + 1) | .list", "[[4,2,3]]", NULL},
		{"del(.response) | has(\"response\")", "[false]", NULL},
		{".response.comment | @html",
			"[\"h\u00e9llo &lt;wait&gt; &amp; se\"]", NULL},
		{"@uri \"x=\\(.response.customer.name)\"", "[\"x=Zo%C3%AB\"]",
			NULL},
		{".response.tags | @json", "[\"[\\\"a\\\",\\\"b\\\"]\"]", NULL},
		{"@csv \"\\(.list)\"", "[\"3,1,2\"]", NULL},
		{"\"a\" | @base64", "[\"YQ==\"]", NULL},
		{".response.comment | test(\"W.*T\"; \"i\")", "[true]", NULL},
		{".response.comment | capture(\"<(?<x>[a-z]+)>\")",
			"[{\"x\":\"wait\"}]", NULL},
		{"1e17, -3, 0.5, 100", "[100000000000000000,-3,0.5,100]", NULL},
		{"9007199254740992, 9007199254740993",
			"[9007199254740992,9007199254740992]", NULL},
		{"nan, infinite", "[null,1.7976931348623157e308]", NULL},
		{"{b: 1, a: {c: [null, false]}}",
			"[{\"b\":1,\"a\":{\"c\":[null,false]}}]", NULL},
		{"\"\\u0000\"", "[\"\\u0000\"]", NULL},
		{"now | type", "[\"number\"]", NULL},
		{"now | localtime | mktime | type", "[\"number\"]", NULL},
		{"def f(x): x * 2; def g: f(.); .list | map(g)", "[[6,2,4]]",
			NULL},
		{"reduce .list[] as $x (0; . + $x)", "[6]", NULL},
		{"label $out | .list[] | if . == 1 then ., break $out "
		 "else . end",
			"[3,1]", NULL},
		{". as {list: [$a, $b]} | $a + $b", "[4]", NULL},
		{"try error(\"x\") catch .", "[\"x\"]", NULL},
		{"$__loc__ | .file | type", "[\"string\"]", NULL},
		{".list # the last line is a comment", "[[3,1,2]]", NULL},
		{"# first\r\n.list\r\n| length\r\n", "[3]", NULL},
		{"\"#\" # \" (", "[\"#\"]", NULL},
		{"\"a\\(\"b\\(1 + 1)\")\"", "[\"ab2\"]", NULL},
		{"\";\", \")\", \"\\\"\"", "[\";\",\")\",\"\\\"\"]", NULL},
		{"{def: 1, if: 2} | .def + .if", "[3]", NULL},
		/* errors */
		{".response | .[0]", NULL, "Cannot index object with number"},
		{"error(\"my\\nreason\")", NULL, "my\\x0areason"},
		{"error({a: 1})", NULL, "{\"a\":1}"},
		{".list[], .list[]", NULL, "gave more than 4 values"},
		{"reduce range(300) as $i (0; [.])", NULL, "deeper than"},
	};
	check_values(rows, COUNT(rows));
}

/* Each of them crashed or hung libjq 1.6, some by data alone. */
Test(expr, shielded)
{
	static const struct value_row rows[] = {
		{".response.comment | [match(\"\"; \"g\")] | length", "[0]",
			NULL},
		{".response.comment | [match([\"l*\", \"g\"]).string]",
			"[[\"ll\"]]", NULL},
		{".response.comment | [scan(\"l*\")]", "[[\"ll\"]]", NULL},
		{".response.comment | [scan(\"(l)(o)?\")]",
			"[[[\"l\",null],[\"l\",\"o\"]]]", NULL},
		{".response.comment | [splits(\" *\")] | length", "[4]", NULL},
		{".response.comment | split(\" *\"; null) | length", "[4]",
			NULL},
		{".response.comment | split(\"\"; \"g\") | length", "[1]",
			NULL},
		{".response.comment | [capture(\"(?<x>x*)\"; \"g\")]", "[[]]",
			NULL},
		{".response.comment | gsub(\"[<&>]*\"; \"\")",
			"[\"h\u00e9llo wait  se\"]", NULL},
		{".response.comment | gsub(\"^\"; \">\") | length", "[17]",
			NULL},
		{".response.comment | gsub(\"L\"; \"1\"; \"i\")",
			"[\"h\u00e911o <wait> & se\"]", NULL},
		{".response.comment | sub(\"(?<x>l)\"; \"<\\(.x)>\"; \"g\")",
			"[\"h\u00e9<l><l>o <wait> & se\"]", NULL},
		{".response.comment | sub(\"l\"; \"L\")",
			"[\"h\u00e9Llo <wait> & se\"]", NULL},
		{".empty as $e | .response.comment | index($e), rindex($e)",
			"[null,null]", NULL},
		{".response.tags | index(\"b\"), index(\"x\"), "
		 "rindex(\"a\")",
			"[1,null,0]", NULL},
		{"[1, 2, 1, 2] | indices([1, 2]), indices(2), indices([])",
			"[[0,2],[1,3],[]]", NULL},
		{".response.comment | ltrimstr(1), rtrimstr(null)",
			"[\"h\u00e9llo <wait> & se\","
			"\"h\u00e9llo <wait> & se\"]",
			NULL},
		{".category | ltrimstr(\"de\"), rtrimstr(\"tor\")",
			"[\"tractor\",\"detrac\"]", NULL},
		{".response.comment | indices(\"l\") | length", "[2]", NULL},
		{".response.comment | sub([\"l*\", \"g\"]; \"L\")",
			"[\"h\u00e9Lo <wait> & se\"]", NULL},
		{"(7, 8) % (3, 5)", "[1,2,2,3]", NULL},
		{"[.huge % -1, 7 % -1, -7 % 3, 7 % -2]", "[[0,0,-1,1]]", NULL},
		{"1 % 0", NULL, "the divisor is zero"},
		{"{a: 7} | .a %= 4", "[{\"a\":3}]", NULL},
		{".when | todate", "[\"2025-11-24T16:00:00Z\"]", NULL},
		{".when | strftime(\"%Y\")", "[\"2025\"]", NULL},
		{".when | gmtime | strftime(\"%d\")", "[\"24\"]", NULL},
		{".huge | todate", NULL, "converting number of seconds"},
		{".huge | strftime(\"%Y\")", NULL, "converting number"},
		{".huge | strflocaltime(\"%Y\")", NULL, "converting number"},
		{".when | strftime(null)", NULL, "must be a string"},
		{".when | strflocaltime(1)", NULL, "must be a string"},
		{"[55296] | implode", "[\"\uFFFD\"]", NULL},
	};
	check_values(rows, COUNT(rows));
}

Test(expr, shadowed)
{
	static const struct value_row rows[] = {
		{"env", NULL, "env is not available in an expression"},
		{"env.NPSD_TEST_SECRET", NULL, "env is not available"},
		{"def f: env; f", NULL, "env is not available"},
		{"halt", NULL, "halt is not available"},
		{"halt_error", NULL, "halt_error is not available"},
		{"halt_error(3)", NULL, "halt_error is not available"},
		{"input", NULL, "input is not available"},
		{"inputs", NULL, "inputs is not available"},
		{"_input", NULL, "_input is not available"},
		{"input_filename", NULL, "input_filename is not available"},
		{"input_line_number", NULL, "input_line_number is not"},
		{"\"a\" | modulemeta", NULL, "modulemeta is not available"},
		{"get_search_list", NULL, "get_search_list is not available"},
		{"get_prog_origin", NULL, "get_prog_origin is not available"},
		{"get_jq_origin", NULL, "get_jq_origin is not available"},
		{"_strindices(\"\")", NULL, "_strindices is not available"},
		{"_match_impl(\"\"; \"g\"; false)", NULL, "is not available"},
		{"try halt catch 1", "[1]", NULL},
		{".list | debug | stderr", "[[3,1,2]]", NULL},
		{"def halt: 7; halt", "[7]", NULL},
	};
	setenv("NPSD_TEST_SECRET", "hidden", 1);
	check_values(rows, COUNT(rows));
}

/* --------------------------------------------------------------- one value -- */

struct boolean_row {
	const char *text;
	int value; /* -1: an error */
	const char *reason;
};

Test(expr, boolean)
{
	static const struct boolean_row rows[] = {
		{"true", true, NULL},
		{"false", false, NULL},
		{".response.score <= 6 and .category == \"detractor\"", true,
			NULL},
		{".previous == null", true, NULL},
		{"any(.list[]; . > 2)", true, NULL},
		{"empty", -1,
			"gave no value instead of exactly one true or false"},
		{"true, true", -1, "gave more than one value instead of"},
		{"range(infinite) | true", -1, "gave more than one value"},
		{".no_such", -1, "gave null instead of"},
		{"1", -1, "gave the number 1 instead of"},
		{"\"true\"", -1, "gave the string true instead of"},
		{"[true]", -1, "gave the array [true] instead of"},
		{"{}", -1, "gave the object {} instead of"},
		{"error(null)", -1, "gave no value"},
		{"true, error(\"late\")", -1, "late"},
		{".response.comment > 1 | error", -1, "true"},
	};
	struct expr_set *set = expr_set_new();
	for (size_t i = 0; i < COUNT(rows); i++)
		expr_set_add(set, "rule unhappy", rows[i].text);
	compile(set);
	struct expr_input *input = input_of(alert);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct err err = {""};
		bool value = false;
		enum expr_end end = EXPR_DEADLINE;
		for (int n = 0; n < TRIES && end == EXPR_DEADLINE; n++)
			end = expr_run_boolean(set, i, input, &value, &err);
		cr_expect_eq(end, rows[i].value < 0 ? EXPR_ERROR : EXPR_OK,
			"%s: %s", rows[i].text, err.text);
		if (rows[i].value >= 0)
			cr_expect_eq(value, rows[i].value, "%s", rows[i].text);
		else
			cr_expect(strstr(err.text, rows[i].reason) &&
					  strstr(err.text, "rule unhappy: "),
				"%s: reason %s", rows[i].text, err.text);
	}
	expr_input_free(input);
	expr_set_free(set);
}

Test(expr, text_and_value)
{
	static const struct {
		const char *text;
		const char *string; /* NULL: an error */
		const char *value;
		const char *reason;
	} rows[] = {
		{"\"Dear \\(.response.customer.name)\"", "Dear Zo\u00eb",
			"\"Dear Zo\u00eb\"", NULL},
		{"\"\"", "", "\"\"", NULL},
		{"\"two\nlines\"", "two\nlines", "\"two\\nlines\"", NULL},
		{".list", NULL, "[3,1,2]", "gave the array [3,1,2] instead"},
		{"null", NULL, "null", "gave null instead of exactly one text"},
		{"3", NULL, "3", "gave the number 3 instead"},
		{"\"a\\u0000b\"", NULL, "\"a\\u0000b\"", "a NUL character"},
		{"\"a\", \"b\"", NULL, NULL, "gave more than one value"},
		{"empty", NULL, NULL, "gave no value"},
	};
	struct expr_set *set = expr_set_new();
	for (size_t i = 0; i < COUNT(rows); i++)
		expr_set_add(set, "message", rows[i].text);
	compile(set);
	struct expr_input *input = input_of(alert);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct err err = {""};
		char *string = NULL;
		json_t *value = NULL;
		enum expr_end end = expr_run_text(set, i, input, &string, &err);
		cr_expect_eq(end, rows[i].string ? EXPR_OK : EXPR_ERROR,
			"%s: %s", rows[i].text, err.text);
		if (rows[i].string)
			cr_expect_str_eq(string, rows[i].string);
		else
			cr_expect(strstr(err.text, rows[i].reason),
				"%s: reason %s", rows[i].text, err.text);
		end = expr_run_value(set, i, input, &value, &err);
		cr_expect_eq(end, rows[i].value ? EXPR_OK : EXPR_ERROR,
			"%s: %s", rows[i].text, err.text);
		char *dump = value ? json_dumps(value,
					     JSON_COMPACT | JSON_ENCODE_ANY)
				   : NULL;
		if (rows[i].value)
			cr_expect_str_eq(dump, rows[i].value);
		free(dump);
		free(string);
		json_decref(value);
	}
	expr_input_free(input);
	expr_set_free(set);
}

Test(expr, input)
{
	static const char *const inputs[] = {"null", "true", "false", "0",
		"-1.5", "\"x\"", "[]", "{}", "[[[{\"a\":[1,{\"b\":null}]}]]]",
		"\"\\u0000\u00e9\\ud83d\\ude00\"",
		"{\"z\":1,\"a\":2,\"m\":{\"y\":1,\"b\":2}}", "9007199254740991",
		"-9007199254740991"};
	struct expr_set *set = expr_set_new();
	expr_set_add(set, "same", ".");
	compile(set);
	for (size_t i = 0; i < COUNT(inputs); i++) {
		json_t *before = json_loads(
			inputs[i], JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
		struct expr_input *input = expr_input_new(before);
		struct err err = {""};
		json_t *after = NULL;
		enum expr_end end = expr_run_value(set, 0, input, &after, &err);
		cr_expect_eq(end, EXPR_OK, "%s: %s", inputs[i], err.text);
		cr_expect(json_equal(before, after), "%s changed", inputs[i]);
		expr_input_free(input);
		json_decref(before);
		json_decref(after);
	}
	struct expr_input *none = expr_input_new(NULL);
	struct err err;
	json_t *value = NULL;
	cr_expect_eq(expr_run_value(set, 0, none, &value, &err), EXPR_OK);
	cr_expect(json_is_null(value), "no input is not null");
	expr_input_free(none);
	expr_set_free(set);
}

/* -------------------------------------------------------------- compiling -- */

static void
on_fault(size_t number, const char *message, void *context)
{
	struct buf *faults = context;
	buf_printf(faults, "%zu: %s\n", number, message);
}

struct fault_row {
	const char *text;
	const char *fault;
};

static void
check_fault(const struct fault_row *row)
{
	struct expr_set *set = expr_set_new();
	struct buf faults = {0};
	expr_set_add(set, "rule x", row->text);
	cr_expect(!expr_set_compile(set, on_fault, &faults), "%s compiled",
		row->text);
	struct buf expected = {0};
	buf_printf(&expected, "0: %s\n", row->fault);
	cr_expect(faults.data && strcmp(faults.data, expected.data) == 0,
		"%s\nsaid     %sexpected %s", row->text,
		faults.data ? faults.data : "nothing\n", expected.data);
	struct expr_input *input = input_of("null");
	struct err err = {""};
	bool value;
	cr_expect_eq(expr_run_boolean(set, 0, input, &value, &err), EXPR_ERROR);
	cr_expect_str_eq(err.text, "rule x: not compiled");
	expr_input_free(input);
	buf_done(&faults);
	buf_done(&expected);
	expr_set_free(set);
}

#define MODULES "import, include and module are not available in an expression"
#define NEVER_CLOSED "a bracket that is never closed"
#define CLOSES_NOTHING "a closing bracket that closes nothing"

Test(expr, faults)
{
	static const struct fault_row rows[] = {
		/* jq's own */
		{".a +", "line 1, column 5: syntax error, unexpected end of "
			 "the text"},
		{".a\n| map(\n  .x +* 2)", "line 3, column 7: syntax error, "
					   "unexpected '*'"},
		{"\"\u00e9\u00e9\" | foo", "line 1, column 8: foo/0 is not "
					   "defined"},
		{"foo(1) + bar", "line 1, column 1: foo/1 is not defined; "
				 "line 1, column 10: bar/0 is not defined"},
		{"$x", "line 1, column 1: $x is not defined"},
		{"break $out", "line 1, column 1: label $out is not defined"},
		{".a | \u00e9", "line 1, column 6: syntax error, unexpected a "
				"character that jq does not know"},
		{".a \"x\" \"y\"", "line 1, column 4: syntax error, "
				   "unexpected a string"},
		{"1 as x | x", "line 1, column 6: syntax error, unexpected a "
			       "name, expecting '$' or '[' or '{'"},
		{"def a: 1;", "line 1, column 10: syntax error, unexpected "
			      "end of the text"},
		{"if .a then 1", "line 1, column 13: syntax error, unexpected "
				 "end of the text; line 1, column 1: Possibly "
				 "unterminated 'if' statement"},
		{"{(1): 2}", "line 1, column 2: Cannot use number (1) as "
			     "object key"},
		{"1 / 0", "line 1, column 1: Division by zero?"},
		/* the fence's */
		{"", "the text is empty"},
		{" # nothing\n", "the text is empty"},
		{"(.a", "line 1, column 1: " NEVER_CLOSED},
		{".a | {b: [1, 2}", "line 1, column 15: " CLOSES_NOTHING},
		{".a)", "line 1, column 3: " CLOSES_NOTHING},
		{"\"\\(1\"", "line 1, column 5: a string that is never closed"},
		{"\"abc", "line 1, column 1: a string that is never closed"},
		{"1;", "line 1, column 2: a ';' that ends no definition"},
		{"1; def x: 2", "line 1, column 2: a ';' that ends no "
				"definition"},
		{"def a: 1; 2; def b: 3", "line 1, column 12: a ';' that ends "
					  "no definition"},
		{"def a: 1", "line 1, column 9: a definition that no ';' ends"},
		{"$def; 1", "line 1, column 5: a ';' that ends no definition"},
		{"import \"a\" as a; 1", "line 1, column 1: " MODULES},
		{"include \"a\"; 1", "line 1, column 1: " MODULES},
		{"import \"a\" as $a; 1", "line 1, column 1: " MODULES},
		{"module {}; 1", "line 1, column 1: " MODULES},
		{"def f: import \"a\" as a; 1; f",
			"line 1, column 8: " MODULES},
		{".a | $ENV.HOME", "line 1, column 7: $ENV is not available in "
				   "an expression"},
		{". as $x | $ ENV", "line 1, column 13: $ENV is not available "
				    "in an expression"},
		{"npsd::f0", "line 1, column 1: names that start with npsd:: "
			     "are npsd's own"},
		{"1 |\n(npsd::give)", "line 2, column 2: names that start with "
				      "npsd:: are npsd's own"},
		{"\"\xff\"", "line 1, column 2: no valid UTF-8"},
	};
	for (size_t i = 0; i < COUNT(rows); i++)
		check_fault(&rows[i]);
}

/* In brackets the fence leaves it to jq, which knows modules at the top only. */
Test(expr, import_in_brackets)
{
	static const char *const texts[] = {
		"(import \"a\" as a; 1)",
		"[include \"a\"; 1]",
		"{a: (module {}; 1)}",
	};
	for (size_t i = 0; i < COUNT(texts); i++) {
		struct expr_set *set = expr_set_new();
		struct buf faults = {0};
		expr_set_add(set, "rule x", texts[i]);
		cr_expect(!expr_set_compile(set, on_fault, &faults), "%s",
			texts[i]);
		cr_expect(faults.data && strstr(faults.data, "syntax error"),
			"%s: %s", texts[i], faults.data);
		buf_done(&faults);
		expr_set_free(set);
	}
}

Test(expr, too_long)
{
	struct buf text = {0};
	while (text.length < EXPR_TEXT_LIMIT_BYTES)
		buf_append_char(&text, ' ');
	text.data[0] = '1';
	struct expr_set *set = expr_set_new();
	expr_set_add(set, "rule x", text.data);
	compile(set);
	expr_set_free(set);
	buf_append_char(&text, ' ');
	check_fault(&(struct fault_row){text.data, "longer than 64 KiB"});
	buf_clear(&text);
	for (int i = 0; i < 200; i++)
		buf_append_char(&text, '(');
	check_fault(&(struct fault_row){
		text.data, "line 1, column 129: too deeply nested"});
	buf_clear(&text);
	for (int i = 0; i < 200; i++)
		buf_append_text(&text, "def f:");
	check_fault(&(struct fault_row){
		text.data, "line 1, column 769: too deeply nested"});
	buf_done(&text);
}

static bool
boolean_of(struct expr_set *set, size_t number, struct expr_input *input)
{
	struct err err = {""};
	bool value = false;
	enum expr_end end = EXPR_DEADLINE;
	for (int i = 0; i < TRIES && end == EXPR_DEADLINE; i++)
		end = expr_run_boolean(set, number, input, &value, &err);
	cr_expect_eq(end, EXPR_OK, "%zu: %s", number, err.text);
	return value;
}

/* Three groups, right at their edges too; one and two wrong ones. */
Test(expr, groups)
{
	enum { MANY = 250 };
	static const size_t wrong[] = {MANY, 0, 99, 100, 249};
	struct expr_input *input = input_of("{\"n\":137}");
	for (size_t w = 0; w < COUNT(wrong); w++) {
		struct expr_set *set = expr_set_new();
		struct buf faults = {0};
		for (size_t i = 0; i < MANY; i++) {
			char *text = mem_printf(
				i == wrong[w] ? ".n == %zu +"
					      : "def f0: .n; f0 == %zu # f",
				i);
			cr_assert_eq(expr_set_add(set, "rule", text), i);
			free(text);
		}
		bool compiled = expr_set_compile(set, on_fault, &faults);
		cr_expect_eq(compiled, wrong[w] == MANY);
		char *expected =
			mem_printf("%zu: line 1, column %d: syntax "
				   "error, unexpected end of the text\n",
				wrong[w],
				wrong[w] > 99  ? 12
				: wrong[w] > 9 ? 11
					       : 10);
		if (!compiled)
			cr_expect_str_eq(faults.data, expected);
		for (size_t i = 0; i < MANY; i++)
			if (i != wrong[w])
				cr_expect_eq(boolean_of(set, i, input),
					i == 137, "%zu of %d", i, MANY);
		free(expected);
		buf_done(&faults);
		expr_set_free(set);
	}
	expr_input_free(input);
}

/* None of these may change what the others mean. */
Test(expr, neighbours)
{
	static const struct {
		const char *text;
		bool compiles;
	} rows[] = {
		{"def helper: true; helper", true},
		{"helper", false},
		{"def test(x): false; test(\"\")", true},
		{"true; def test(x): false", false},
		{"true ) | ( def test(x): false", false},
		{"def test(x): false; def npsd::f9: 1", false},
		{"true #", true},
		{"true # \\", true},
		{"\"true # \" | true", true},
		{". as $x | true", true},
		{"$x", false},
		{"$d", false},
		{"label $out | true", true},
		{"break $out", false},
		{"if . then true else false", false},
		{"true | \"", false},
		{"\"a\" | test(\"a\")", true},
	};
	struct expr_set *set = expr_set_new();
	struct buf faults = {0};
	buf_append_char(&faults, '\n');
	for (size_t i = 0; i < COUNT(rows); i++)
		expr_set_add(set, "rule", rows[i].text);
	cr_expect(!expr_set_compile(set, on_fault, &faults));
	struct expr_input *input = input_of("1");
	for (size_t i = 0; i < COUNT(rows); i++) {
		char *start = mem_printf("\n%zu: ", i);
		bool found = strstr(faults.data, start) != NULL;
		cr_expect_eq(found, !rows[i].compiles, "%s\n%s", rows[i].text,
			faults.data);
		free(start);
		bool test = strstr(rows[i].text, "def test") != NULL;
		if (rows[i].compiles)
			cr_expect_eq(boolean_of(set, i, input), !test, "%s",
				rows[i].text);
	}
	cr_expect_null(strstr(faults.data, "npsd::f0"), "%s", faults.data);
	expr_input_free(input);
	buf_done(&faults);
	expr_set_free(set);
}

Test(expr, empty_set)
{
	struct expr_set *set = expr_set_new();
	compile(set);
	expr_set_free(set);
	expr_set_free(expr_set_new());
	expr_set_free(NULL);
	expr_input_free(NULL);
}

/* --------------------------------------------------------------- deadline -- */

static const char *const endless[] = {
	"repeat(.)",
	"[repeat(1)]",
	"def f: f; f",
	"def f: 1 + f; f",
	"[range(infinite)]",
	"reduce range(infinite) as $x ([]; . + [$x])",
	"last(range(infinite))",
	"until(false; .)",
	"[.[] | while(true; .)]",
	"try until(false; .) catch 1",
	/* These leave path expressions that could be resumed. */
	".list[] |= until(false; .)",
	"path(.list | (.[0], .[1])) | until(false; .)",
	"path(.list[] | first(until(false; .)))",
	"to_entries | map(.value |= until(false; .))",
	"limit(1; path(..) | until(false; .))",
	"\"aaaa\" | [scan(\"a\") | until(false; .)]",
};

static void
expect_deadline(struct expr_set *set, size_t number, struct expr_input *input)
{
	struct err err = {""};
	json_t *values = NULL;
	enum expr_end end =
		expr_run_values(set, number, input, 1000, &values, &err);
	if (end == EXPR_ERROR) /* before the deadline if values come out */
		cr_expect(strstr(err.text, "more than 1000 values"), "%s: %s",
			endless[number], err.text);
	else
		cr_expect_eq(end, EXPR_DEADLINE, "%s", endless[number]);
	if (end == EXPR_DEADLINE)
		cr_expect_str_eq(err.text, "rule slow: stopped after 50 ms");
	json_decref(values);
}

static struct expr_set *
endless_set(void)
{
	struct expr_set *set = expr_set_new();
	for (size_t i = 0; i < COUNT(endless); i++)
		expr_set_add(set, "rule slow", endless[i]);
	expr_set_add(set, "rule quick", ".list == [3,1,2]");
	compile(set);
	return set;
}

Test(expr, deadline, .timeout = 60)
{
	struct expr_set *set = endless_set();
	struct expr_input *input = input_of(alert);
	for (int round = 0; round < 2; round++) {
		for (size_t i = 0; i < COUNT(endless); i++) {
			expect_deadline(set, i, input);
			cr_expect(boolean_of(set, COUNT(endless), input),
				"after %s", endless[i]);
		}
	}
	/* Nothing comes once a run is over, and a stranger's is no matter. */
	raise(SIGRTMIN + 3);
	cr_expect(boolean_of(set, COUNT(endless), input));
	/* The one that was stopped last is freed as it is. */
	expect_deadline(set, 10, input);
	expr_input_free(input);
	expr_set_free(set);
}

static void
count_late(void *context)
{
	++*(int *)context;
}

/* What waits for the processor, as on a busy machine, is not late. */
Test(expr, deadline_counts_the_processor, .timeout = 60)
{
	int late = 0;
	struct deadline deadline;
	struct err err;

	deadline_init(&deadline, count_late, &late);
	cr_assert(deadline_start(&deadline, 20, &err), "%s", err.text);
	poll(NULL, 0, 60);
	cr_expect_not(deadline_stop(&deadline), "it did nothing");
	cr_expect_eq(late, 0, "nothing was stopped");
	cr_assert(deadline_start(&deadline, 20, &err), "%s", err.text);
	while (*(volatile int *)&late == 0)
		continue;
	cr_expect(deadline_stop(&deadline), "it worked for longer");
	deadline_done(&deadline);
}

/* A fork has no timers, and a set must find that out. */
Test(expr, forked, .timeout = 60)
{
	struct expr_set *other = endless_set();
	struct expr_set *set = endless_set();
	struct expr_input *input = input_of(alert);
	expect_deadline(other, 0, input);
	expect_deadline(set, 0, input);
	pid_t child = fork();
	if (child == 0) {
		struct err err;
		json_t *values = NULL;
		struct expr_set *sets[] = {set, other, set};
		for (size_t i = 0; i < COUNT(sets); i++)
			if (expr_run_values(sets[i], 10, input, 1, &values,
				    &err) != EXPR_DEADLINE)
				_exit(1);
		_exit(0);
	}
	int status = -1;
	cr_assert_eq(waitpid(child, &status, 0), child);
	cr_expect_eq(status, 0, "the child ended with %d", status);
	expect_deadline(other, 10, input);
	expr_input_free(input);
	expr_set_free(set);
	expr_set_free(other);
}

static void *
run_thread(void *context)
{
	size_t *good = context;
	struct expr_set *set = endless_set();
	struct expr_input *input = input_of(alert);
	for (int i = 0; i < 500; i++) {
		if (i % 250 == 0)
			expect_deadline(set, 10, input);
		*good += boolean_of(set, COUNT(endless), input);
	}
	expr_input_free(input);
	expr_set_free(set);
	return NULL;
}

Test(expr, threads, .timeout = 60)
{
	size_t good[2] = {0, 0};
	pthread_t threads[2];
	for (size_t i = 0; i < COUNT(threads); i++)
		cr_assert_eq(
			pthread_create(&threads[i], NULL, run_thread, &good[i]),
			0);
	for (size_t i = 0; i < COUNT(threads); i++) {
		pthread_join(threads[i], NULL);
		cr_expect_eq(good[i], 500, "thread %zu: %zu", i, good[i]);
	}
}

/* A set whose document is freed while a stopped run still had it. */
Test(expr, document_is_let_go)
{
	static const char *const texts[] = {".list[] |= until(false; .)",
		".list[]", ".list | error", ". as $d | until(false; .)"};
	struct expr_set *set = expr_set_new();
	for (size_t i = 0; i < COUNT(texts); i++)
		expr_set_add(set, "rule", texts[i]);
	compile(set);
	for (size_t i = 0; i < COUNT(texts); i++) {
		struct expr_input *input = input_of(alert);
		struct err err;
		bool value;
		cr_expect_neq(
			expr_run_boolean(set, i, input, &value, &err), EXPR_OK);
		expr_input_free(input);
	}
	expr_set_free(set);
}

/* ---------------------------------------------------------------- silence -- */

Test(expr, prints_nothing)
{
	static const char *const texts[] = {"debug", "stderr", "\"x\" | debug",
		"debug(\"x\")", "error(\"x\")", "halt_error", ".a.b.c", "input",
		"until(false; .)", "syntax error", "import \"a\" as a; 1"};
	char name[] = "/tmp/test_expr.XXXXXX";
	int file = mkstemp(name);
	cr_assert_geq(file, 0);
	unlink(name);
	int out = dup(STDOUT_FILENO), error = dup(STDERR_FILENO);
	dup2(file, STDOUT_FILENO);
	dup2(file, STDERR_FILENO);

	struct expr_set *set = expr_set_new();
	for (size_t i = 0; i < COUNT(texts); i++)
		expr_set_add(set, "rule", texts[i]);
	struct buf faults = {0};
	bool compiled = expr_set_compile(set, on_fault, &faults);
	struct expr_input *input = input_of("\"a\"");
	for (size_t i = 0; i < COUNT(texts); i++) {
		struct err err;
		bool value;
		(void)!expr_run_boolean(set, i, input, &value, &err);
	}
	expr_input_free(input);
	expr_set_free(set);
	buf_done(&faults);
	fflush(NULL);

	dup2(out, STDOUT_FILENO);
	dup2(error, STDERR_FILENO);
	struct stat status;
	cr_assert_eq(fstat(file, &status), 0);
	cr_expect_eq(status.st_size, 0, "%ld bytes were printed",
		(long)status.st_size);
	cr_expect(!compiled);
	close(file);
	close(out);
	close(error);
}
