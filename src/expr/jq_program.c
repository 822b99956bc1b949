#include "expr/jq_program.h"

#include <string.h>

#include "base/buf.h"
#include "expr/fence.h"

/* Names that reach out of a program, with their parameters. */
static const char *const refused[] = {
	"env",
	"halt",
	"halt_error",
	"halt_error(f)",
	"_input",
	"input",
	"inputs",
	"input_filename",
	"input_line_number",
	"modulemeta",
	"get_search_list",
	"get_prog_origin",
	"get_jq_origin",
	"_match_impl(a; b; c)",
	"_strindices(a)",
};

/*
 * What else is not as libjq 1.6 has it:
 * - a regular expression that matches nothing makes it read beyond the string
 *   if it is applied to a whole text with letters beyond ASCII (flag "g"), so
 *   empty matches are left out there (flag "n");
 * - it never ends the search for an empty string;
 * - it dies of the least integer modulo -1 (`%` is a call of _mod);
 * - it aborts if it formats a date beyond all years, or if the format is no
 *   string;
 * - it leaks memory in searches through arrays and for what is no string.
 */
static const char *const mended[] = {
	"def debug: .;",
	"def debug(f): .;",
	"def stderr: .;",

	"def npsd::flags:",
	"if type == \"string\" and contains(\"g\") then . + \"n\" else . end;",
	"def npsd::pattern: if type == \"array\" and length > 1",
	"then [.[0], (.[1] | npsd::flags)] else . end;",
	"def npsd::match($p): match($p);",
	"def npsd::match(r; f): match(r; f);",
	"def npsd::capture($p): capture($p);",
	"def npsd::capture(r; f): capture(r; f);",
	"def npsd::splits(r; f): splits(r; f);",
	"def npsd::sub(r; s): sub(r; s);",
	"def npsd::sub(r; s; f): sub(r; s; f);",
	"def npsd::gsub(r; s; f): gsub(r; s; f);",
	"def match(p): npsd::match(p | npsd::pattern);",
	"def match(r; f): npsd::match(r; f | npsd::flags);",
	"def capture(p): npsd::capture(p | npsd::pattern);",
	"def capture(r; f): npsd::capture(r; f | npsd::flags);",
	"def scan(r): npsd::match(r; \"gn\")",
	"| if .captures == [] then .string else [.captures[].string] end;",
	"def splits(r): npsd::splits(r; \"n\");",
	"def splits(r; f): npsd::splits(r; f | . + \"n\");",
	"def split(r; f): [splits(r; f)];",
	"def sub(r; s): npsd::sub(r | npsd::pattern; s);",
	"def sub(r; s; f): npsd::sub(r; s; f | npsd::flags);",
	"def gsub(r; s): npsd::gsub(r; s; \"n\");",
	"def gsub(r; s; f): npsd::gsub(r; s; f | . + \"n\");",

	"def npsd::indices($i): indices($i);",
	"def npsd::places($i): ($i | length) as $n | [range(length - $n + 1)",
	"as $at | select(.[$at:$at + $n] == $i) | $at];",
	"def indices($i): if $i == \"\" or $i == [] then []",
	"elif type != \"array\" then npsd::indices($i)",
	"elif ($i | type) == \"array\" then npsd::places($i)",
	"else npsd::places([$i]) end;",
	"def index($i): indices($i) | .[0];",
	"def rindex($i): indices($i) | .[-1:][0];",

	"def npsd::tonumber: tonumber;",

	"def npsd::mod($a; $b): $a % $b;",
	"def _mod(a; b): b as $b | a as $a | npsd::mod($a;",
	"if ($b | type) == \"number\" and $b > -2 and $b <= -1",
	"then 1 else $b end);",

	"def npsd::strings($s):",
	"type == \"string\" and ($s | type) == \"string\";",
	"def npsd::ltrimstr($s): ltrimstr($s);",
	"def npsd::rtrimstr($s): rtrimstr($s);",
	"def ltrimstr($s):",
	"if npsd::strings($s) then npsd::ltrimstr($s) else . end;",
	"def rtrimstr($s):",
	"if npsd::strings($s) then npsd::rtrimstr($s) else . end;",

	"def npsd::strftime($f): strftime($f);",
	"def npsd::strflocaltime($f): strflocaltime($f);",
	"def npsd::format: if type == \"string\" then .",
	"else error(\"the format of a date must be a string\") end;",
	"def strftime(f): (f | npsd::format) as $f",
	"| if type == \"number\" then gmtime else . end | npsd::strftime($f);",
	"def strflocaltime(f): (f | npsd::format) as $f",
	"| if type == \"number\" then localtime else . end",
	"| npsd::strflocaltime($f);",
	"def todateiso8601: strftime(\"%Y-%m-%dT%H:%M:%SZ\");",
	"def todate: todateiso8601;",
};

/*
 * What a map has besides. Its texts come from strangers: only what looks like a
 * number goes to libjq's reader, and JSON texts were read before. Times are
 * checked for their unit, which no two share between 1973 and 5138.
 */
static const char *const map_words[] = {
	".[1] as $request | .[2] as $npsd::texts | .[0] |",
	"def npsd::missing($word): if . == null",
	"then error($word + \": it is null, the member is missing\") else . "
	"end;",
	"def tonumber: npsd::missing(\"tonumber\") |",
	"if type == \"number\" then . elif type != \"string\"",
	"then error(\"tonumber: the value is no text and no number\")",
	"elif test(\"\\\\A[ ]*-?[0-9]{1,18}([.][0-9]{1,18})?"
	"([eE][-+]?[0-9]{1,2})?[ ]*\\\\z\") then npsd::tonumber",
	"else error(\"tonumber: the text is no number\") end;",
	"def fromjson: npsd::missing(\"fromjson\") | . as $text | if type != "
	"\"string\"",
	"then error(\"fromjson: the value is no text\")",
	"elif $npsd::texts | has($text) then $npsd::texts[$text]",
	"elif . == \"true\" then true elif . == \"false\" then false",
	"elif . == \"null\" then null",
	"else try tonumber catch error(\"fromjson: the text is no JSON\") end;",
	"def npsd::epoch($least; $most; $unit):",
	"npsd::missing(\"from_epoch\") |",
	"(if type == \"string\" then tonumber else . end) |",
	"if type == \"number\" and . >= $least and . < $most then .",
	"else error(\"the time is no number of \" + $unit + \" since 1970\")",
	"end;",
	"def npsd::instant: (. % 1000) as $ms |",
	"(. / 1000 | floor | todate | rtrimstr(\"Z\")) +",
	"(if $ms > 0 then \".\" + (\"00\\($ms)\" | .[-3:]) else \"\" end)",
	"+ \"Z\";",
	"def from_epoch: npsd::epoch(1e8; 1e11; \"seconds\") |",
	". * 1000 | floor | npsd::instant;",
	"def from_epoch_ms: npsd::epoch(1e11; 1e14; \"milliseconds\") |",
	"floor | npsd::instant;",
};

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* In one line. */
static void
append_prelude(struct buf *program)
{
	buf_append_text(program,
		"def npsd::give: debug; def npsd::refuse(n): "
		"error(n + \" is not available in an expression\"); ");
	for (size_t i = 0; i < COUNT(refused); i++)
		buf_printf(program, "def %s: npsd::refuse(\"%.*s\"); ",
			refused[i], (int)strcspn(refused[i], "("), refused[i]);
	for (size_t i = 0; i < COUNT(mended); i++)
		buf_printf(program, "%s ", mended[i]);
	/* The fence refuses $ENV; should one slip through, it is empty. */
	buf_append_text(program, "{} as $ENV |\n");
}

/* jq has no jump table: a tree of comparisons over the number in `.`. */
static void
append_dispatch(struct buf *program, size_t low, size_t high)
{
	if (high - low == 1) {
		buf_printf(program, "($d | " FENCE_OWN "f%zu)", low);
		return;
	}
	size_t middle = (low + high) / 2;
	buf_printf(program, "if . < %zu then ", middle);
	append_dispatch(program, low, middle);
	buf_append_text(program, " else ");
	append_dispatch(program, middle, high);
	buf_append_text(program, " end");
}

char *
jq_program(const struct jq_function *functions, size_t count)
{
	struct buf program = {0};
	append_prelude(&program);
	for (size_t i = 0; i < count; i++) {
		const struct text *text = &functions[i].text;
		buf_printf(&program, "def " FENCE_OWN "f%zu:", i);
		for (size_t w = 0; functions[i].is_map && w < COUNT(map_words);
			w++)
			buf_printf(&program, " %s", map_words[w]);
		buf_append_char(&program, '\n');
		buf_append(&program, text->data, text->length);
		buf_append_text(&program, "\n;\n");
	}
	buf_append_text(&program, "path((.[1] as $d | .[0] | ");
	append_dispatch(&program, 0, count);
	buf_append_text(&program, " | npsd::give | empty) as $x | empty)\n");
	return buf_take(&program);
}
