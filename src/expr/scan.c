/*
 * Walks over the lexemes of a text and follows what `.` means at each place,
 * as far as that is a path from the input:
 *
 *	.response | select(.score < 3) | .customer.name
 *
 * reads .response, .response.score and .response.customer.name. Where it can
 * not be told (after a call, in a function's body, over an array's items) it
 * says nothing. It may miss a path and, in a text that jq itself refuses,
 * name a wrong one: it is for a warning.
 */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "expr/expr.h"
#include "expr/lexeme.h"
#include "expr/reading.h"

/* `if` and `def` are levels too. */
enum { LEVEL_LIMIT = 2 * LEXER_DEPTH_LIMIT };

enum level_kind {
	LEVEL_TEXT,	 /* the whole text */
	LEVEL_GROUP,	 /* ( ) around an expression */
	LEVEL_ARGUMENTS, /* ( ) after a name */
	LEVEL_FOLD,	 /* ( ) of reduce and foreach */
	LEVEL_ARRAY,	 /* [ ] */
	LEVEL_INDEX,	 /* [ ] after a value */
	LEVEL_OBJECT,	 /* { } */
	LEVEL_INSERT,	 /* \( ) in a string */
	LEVEL_IF,	 /* if to end */
	LEVEL_DEF,	 /* def to ; */
};

struct level {
	enum level_kind kind;
	struct reading reading;
	bool folding;	    /* reduce or foreach, before `as` */
	bool fold_next;	    /* and behind it: its bracket comes */
	bool keeps;	    /* the call whose arguments these are gives `.` */
	bool key;	    /* of an object: a key, not a value */
	struct lexeme name; /* that key, or the only string of an index */
	size_t strings;	    /* in an index */
	bool other;	    /* something but a string is in an index */
};

struct scan {
	struct lexer lexer;
	struct lexeme before;
	bool naming; /* in a string that is a field's name: ."name" */
	size_t depth;
	struct level *levels;
	struct reader reader;
};

static struct level *
top(struct scan *scan)
{
	return &scan->levels[scan->depth];
}

/* --------------------------------------------------------------- levels -- */

static struct level *
push(struct scan *scan, enum level_kind kind, bool known)
{
	if (scan->depth + 1 == LEVEL_LIMIT) {
		scan->lexer.next += strlen(scan->lexer.next);
		return top(scan);
	}
	const struct reading *outer = &top(scan)->reading;
	struct path start = outer->here;
	if (!known || outer->blind || outer->blind_next)
		start.known = false;
	struct level *level = &scan->levels[++scan->depth];
	*level = (struct level){
		.kind = kind,
		.reading = reading_of(&start),
		.key = kind == LEVEL_OBJECT,
	};
	level->reading.pattern = outer->pattern;
	return level;
}

static void
close_group(struct scan *scan, struct level *level)
{
	struct reading *outer = &top(scan)->reading;
	if (level->reading.simple && level->reading.value == VALUE_PATH) {
		reading_take(outer, &level->reading);
		return;
	}
	reading_begin_other(outer);
	reading_end(&level->reading, &scan->reader);
}

static void
close_index(struct scan *scan, struct level *level)
{
	struct reading *outer = &top(scan)->reading;
	reading_end(&level->reading, &scan->reader);
	if (level->strings == 1 && !level->other && level->name.at)
		reading_add_field(outer, level->name.at, level->name.length);
	else
		reading_blur(outer);
}

static void
end_shorthand(const struct scan *scan, struct level *level)
{
	if (level->key && level->name.at && !level->reading.pattern)
		reading_tell_field(&level->reading, &scan->reader,
			level->name.at, level->name.length);
	level->name.at = NULL;
}

static void
pop(struct scan *scan)
{
	if (scan->depth == 0)
		return;
	struct level *level = &scan->levels[scan->depth--];
	if (level->kind == LEVEL_GROUP) {
		close_group(scan, level);
		return;
	}
	if (level->kind == LEVEL_INDEX) {
		close_index(scan, level);
		return;
	}
	if (level->kind == LEVEL_OBJECT)
		end_shorthand(scan, level);
	reading_end(&level->reading, &scan->reader);
	if (level->kind == LEVEL_INSERT || level->kind == LEVEL_DEF)
		return;
	if (level->keeps)
		reading_begin_path(&top(scan)->reading);
	else
		reading_begin_other(&top(scan)->reading);
}

/* `if` and `def` that a bracket's end leaves open are no longer of interest. */
static void
pop_to_bracket(struct scan *scan)
{
	while (top(scan)->kind == LEVEL_IF || top(scan)->kind == LEVEL_DEF)
		scan->depth--;
	pop(scan);
}

/* ---------------------------------------------------------------- words -- */

static bool
is_one_of(struct lexeme word, const char *const *names)
{
	for (; *names; names++)
		if (lexeme_is(word, *names))
			return true;
	return false;
}

static bool
is_keyword(struct lexeme word)
{
	static const char *const keywords[] = {"def", "if", "then", "elif",
		"else", "end", "as", "reduce", "foreach", "label", "try",
		"catch", "and", "or", "import", "include", "module", NULL};
	return is_one_of(word, keywords);
}

/* Functions that ask their arguments about their own input. */
static bool
is_transparent(struct lexeme word)
{
	static const char *const names[] = {"select", "path", "del", "first",
		"last", "isempty", "limit", "error", "test", "match", "capture",
		"scan", "split", "splits", "contains", "inside", "startswith",
		"endswith", "ltrimstr", "rtrimstr", "has", "index", "rindex",
		"indices", "join", "range", "flatten", "getpath", "setpath",
		"delpaths", "strftime", "strptime", "pow", "IN", NULL};
	return is_one_of(word, names);
}

static void
on_as(struct scan *scan, struct level *level)
{
	reading_end(&level->reading, &scan->reader);
	level->reading.pattern = true;
	if (level->folding)
		level->fold_next = true;
	else
		level->reading.binding = true;
	level->folding = false;
}

static void
on_if_word(struct scan *scan, struct lexeme word)
{
	struct level *level = top(scan);
	if (lexeme_is(word, "if"))
		push(scan, LEVEL_IF, true);
	else if (level->kind != LEVEL_IF)
		return;
	else if (lexeme_is(word, "end"))
		pop(scan);
	else
		reading_restart(&level->reading, &scan->reader);
}

static void
on_keyword(struct scan *scan, struct lexeme word)
{
	struct level *level = top(scan);
	if (lexeme_is(word, "as")) {
		on_as(scan, level);
	} else if (lexeme_is(word, "label")) {
		level->reading.binding = true;
	} else if (lexeme_is(word, "reduce") || lexeme_is(word, "foreach")) {
		level->folding = true;
	} else if (lexeme_is(word, "def")) {
		push(scan, LEVEL_DEF, false);
	} else if (lexeme_is(word, "catch")) {
		reading_operator(&level->reading, &scan->reader);
		level->reading.blind_next = true;
	} else if (lexeme_is(word, "and") || lexeme_is(word, "or")) {
		reading_operator(&level->reading, &scan->reader);
	} else {
		on_if_word(scan, word);
	}
}

static void
on_word(struct scan *scan, struct lexeme word)
{
	struct level *level = top(scan);
	if (scan->before.kind == LEXEME_SYMBOL && lexeme_is(scan->before, "$"))
		return;
	if (level->kind == LEVEL_OBJECT && level->key) {
		level->name = word;
		return;
	}
	if (is_keyword(word))
		on_keyword(scan, word);
	else
		reading_begin_other(&level->reading);
}

/* ------------------------------------------------------------- brackets -- */

static void
open_round(struct scan *scan)
{
	struct level *level = top(scan);
	struct lexeme before = scan->before;
	if (level->fold_next) {
		level->fold_next = false;
		level->reading.pattern = false;
		push(scan, LEVEL_FOLD, true);
		return;
	}
	if (before.kind != LEXEME_WORD || is_keyword(before)) {
		push(scan, LEVEL_GROUP, true);
		return;
	}
	bool keeps = lexeme_is(before, "select");
	push(scan, LEVEL_ARGUMENTS, is_transparent(before))->keeps = keeps;
}

static void
on_open(struct scan *scan, struct lexeme bracket)
{
	struct level *level = top(scan);
	level->other = true;
	if (*bracket.at == '(')
		open_round(scan);
	else if (*bracket.at == '{')
		push(scan, LEVEL_OBJECT, true);
	else if (level->reading.value == VALUE_NONE)
		push(scan, LEVEL_ARRAY, true);
	else
		push(scan, LEVEL_INDEX, true);
}

/* -------------------------------------------------------------- symbols -- */

static void
on_semicolon(struct scan *scan)
{
	struct level *level = top(scan);
	if (level->kind == LEVEL_DEF) {
		pop(scan);
		return;
	}
	reading_restart(&level->reading, &scan->reader);
	/* Behind the first, `.` is what has been folded so far. */
	if (level->kind == LEVEL_FOLD)
		level->reading.here.known = false;
}

static void
on_comma(struct scan *scan, struct level *level)
{
	if (level->kind != LEVEL_OBJECT) {
		reading_operator(&level->reading, &scan->reader);
		level->reading.blind = false;
		return;
	}
	end_shorthand(scan, level);
	reading_restart(&level->reading, &scan->reader);
	level->key = true;
}

static void
on_colon(struct scan *scan, struct level *level)
{
	if (level->kind != LEVEL_OBJECT) {
		reading_operator(&level->reading, &scan->reader);
		return;
	}
	reading_end(&level->reading, &scan->reader);
	level->key = false;
	level->name.at = NULL;
}

static void
on_dot(struct level *level)
{
	if (level->reading.value == VALUE_NONE)
		reading_begin_path(&level->reading);
}

static void
on_assignment(struct scan *scan, struct level *level, bool update)
{
	if (!update)
		level->reading.reads = false;
	reading_operator(&level->reading, &scan->reader);
	level->reading.blind = update;
}

static void
on_symbol(struct scan *scan, struct lexeme symbol)
{
	struct level *level = top(scan);
	level->other = true;
	if (lexeme_is(symbol, "|"))
		reading_pipe(&level->reading, &scan->reader);
	else if (lexeme_is(symbol, ","))
		on_comma(scan, level);
	else if (lexeme_is(symbol, ":"))
		on_colon(scan, level);
	else if (lexeme_is(symbol, ";"))
		on_semicolon(scan);
	else if (lexeme_is(symbol, "."))
		on_dot(level);
	else if (lexeme_is(symbol, "=") || lexeme_is(symbol, "|="))
		on_assignment(scan, level, symbol.length == 2);
	else if (lexeme_is(symbol, "$") || lexeme_is(symbol, ".."))
		reading_begin_other(&level->reading);
	else if (!lexeme_is(symbol, "?"))
		reading_operator(&level->reading, &scan->reader);
}

/* -------------------------------------------------------------- strings -- */

static void
on_quote(struct scan *scan)
{
	struct level *level = top(scan);
	scan->naming = scan->before.kind == LEXEME_SYMBOL &&
		       lexeme_is(scan->before, ".");
	level->strings++;
	level->name.at = NULL;
	if (level->reading.value == VALUE_NONE && !level->key)
		reading_begin_other(&level->reading);
}

static void
on_characters(struct level *level, struct lexeme characters)
{
	level->name = characters;
}

static void
on_unquote(struct scan *scan)
{
	struct level *level = top(scan);
	if (scan->naming && level->name.at)
		reading_add_field(
			&level->reading, level->name.at, level->name.length);
	else if (scan->naming)
		reading_blur(&level->reading);
	scan->naming = false;
}

static void
on_insert(struct scan *scan)
{
	struct level *level = top(scan);
	if (scan->naming)
		reading_blur(&level->reading);
	scan->naming = false;
	level->other = true;
	level->name.at = NULL;
	push(scan, LEVEL_INSERT, true);
}

static void
on_field(struct level *level, struct lexeme field)
{
	level->other = true;
	if (level->reading.value == VALUE_NONE)
		reading_begin_path(&level->reading);
	reading_add_field(&level->reading, field.at + 1, field.length - 1);
}

static void
on_lexeme(struct scan *scan, struct lexeme lexeme)
{
	struct level *level = top(scan);
	switch (lexeme.kind) {
	case LEXEME_WORD:
		level->other = true;
		on_word(scan, lexeme);
		break;
	case LEXEME_FIELD:
		on_field(level, lexeme);
		break;
	case LEXEME_FORMAT:
	case LEXEME_NUMBER:
		level->other = true;
		reading_begin_other(&level->reading);
		break;
	case LEXEME_SYMBOL:
		on_symbol(scan, lexeme);
		break;
	case LEXEME_OPEN:
		on_open(scan, lexeme);
		break;
	case LEXEME_CLOSE:
	case LEXEME_INSERTED:
		pop_to_bracket(scan);
		break;
	case LEXEME_QUOTE:
		on_quote(scan);
		break;
	case LEXEME_CHARACTERS:
		on_characters(level, lexeme);
		break;
	case LEXEME_INSERT:
		on_insert(scan);
		break;
	case LEXEME_UNQUOTE:
		on_unquote(scan);
		break;
	case LEXEME_COMMENT:
	case LEXEME_END:
	case LEXEME_BROKEN:
		break;
	}
}

void
expr_scan_paths(const char *text,
	void (*on_path)(const char *path, size_t length, void *context),
	void *context)
{
	struct scan scan = {.reader = {on_path, context}};
	const struct path input = {.known = true};
	scan.levels = mem_new(LEVEL_LIMIT, sizeof(*scan.levels));
	scan.levels[0].reading = reading_of(&input);
	lexer_init(&scan.lexer, text);
	for (;;) {
		struct lexeme lexeme = lexer_next(&scan.lexer);
		if (lexeme.kind == LEXEME_END || lexeme.kind == LEXEME_BROKEN)
			break;
		on_lexeme(&scan, lexeme);
		if (lexeme.kind != LEXEME_COMMENT)
			scan.before = lexeme;
	}
	reading_end(&top(&scan)->reading, &scan.reader);
	free(scan.levels);
}
