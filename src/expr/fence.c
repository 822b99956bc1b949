#include "expr/fence.h"

#include <string.h>

#include "base/text.h"
#include "expr/fault.h"
#include "expr/lexeme.h"

struct fence {
	const char *text;
	struct lexer lexer;
	struct lexeme before; /* the one before, comments left out */
	size_t definitions;   /* begun outside of brackets, not yet ended */
	bool empty;
};

static bool
refuse(const struct fence *fence, const char *at, struct err *err,
	const char *what)
{
	struct fault_place place =
		fault_place(fence->text, (size_t)(at - fence->text));
	return err_set(err, "line %zu, column %zu: %s", place.line,
		place.column, what);
}

/* `$env` and `{env: 1}` are a variable and a key, whatever the word. */
static bool
after_dollar(const struct fence *fence)
{
	return fence->before.kind == LEXEME_SYMBOL &&
	       lexeme_is(fence->before, "$");
}

static bool
is_module_word(struct lexeme lexeme)
{
	return lexeme_is(lexeme, "import") || lexeme_is(lexeme, "include") ||
	       lexeme_is(lexeme, "module");
}

static bool
check_word(struct fence *fence, struct lexeme word, struct err *err)
{
	if (lexeme_starts(word, FENCE_OWN))
		return refuse(fence, word.at, err,
			"names that start with " FENCE_OWN " are npsd's own");
	if (after_dollar(fence)) {
		if (lexeme_is(word, "ENV"))
			return refuse(fence, word.at, err,
				"$ENV is not available in an expression");
		return true;
	}
	if (fence->lexer.depth > 0)
		return true;
	if (is_module_word(word))
		return refuse(fence, word.at, err,
			"import, include and module are not available in an "
			"expression");
	if (lexeme_is(word, "def"))
		fence->definitions++;
	if (fence->definitions > LEXER_DEPTH_LIMIT)
		return refuse(fence, word.at, err, "too deeply nested");
	return true;
}

/* Outside of brackets a semicolon can only end a definition. */
static bool
check_symbol(struct fence *fence, struct lexeme symbol, struct err *err)
{
	if (fence->lexer.depth > 0 || !lexeme_is(symbol, ";"))
		return true;
	if (fence->definitions == 0)
		return refuse(
			fence, symbol.at, err, "a ';' that ends no definition");
	fence->definitions--;
	return true;
}

static bool
check_lexeme(struct fence *fence, struct lexeme lexeme, struct err *err)
{
	if (lexeme.kind == LEXEME_BROKEN)
		return refuse(fence, lexeme.at, err, fence->lexer.problem);
	if (lexeme.kind == LEXEME_WORD)
		return check_word(fence, lexeme, err);
	if (lexeme.kind == LEXEME_SYMBOL)
		return check_symbol(fence, lexeme, err);
	if (lexeme.kind != LEXEME_END)
		return true;
	if (fence->empty)
		return err_set(err, "the text is empty");
	if (fence->definitions > 0)
		return refuse(
			fence, lexeme.at, err, "a definition that no ';' ends");
	return true;
}

static void
append_space(struct buf *out, const char *at, size_t length)
{
	for (size_t i = 0; i < length; i++)
		buf_append_char(out, at[i] == '\n' ? '\n' : ' ');
}

static void
append_lexeme(struct buf *out, struct lexeme lexeme)
{
	if (lexeme.kind == LEXEME_COMMENT)
		append_space(out, lexeme.at, lexeme.length);
	else
		buf_append(out, lexeme.at, lexeme.length);
}

static bool
fence_lexemes(struct fence *fence, struct buf *out, struct err *err)
{
	struct lexeme lexeme;
	do {
		const char *end = fence->lexer.next;
		lexeme = lexer_next(&fence->lexer);
		if (!check_lexeme(fence, lexeme, err))
			return false;
		append_space(out, end, (size_t)(lexeme.at - end));
		append_lexeme(out, lexeme);
		if (lexeme.kind == LEXEME_COMMENT)
			continue;
		fence->before = lexeme;
		fence->empty = false;
	} while (lexeme.kind != LEXEME_END);
	return true;
}

bool
fence_text(const char *text, struct buf *out, struct err *err)
{
	struct fence fence = {.text = text, .empty = true};
	size_t bad;
	if (!text_is_utf8(text, strlen(text), &bad))
		return refuse(&fence, text + bad, err, "no valid UTF-8");
	lexer_init(&fence.lexer, text);
	return fence_lexemes(&fence, out, err);
}
