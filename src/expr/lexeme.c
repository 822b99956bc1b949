/*
 * Follows the lexer of jq 1.6 rule by rule (longest match, then the first
 * rule), with two differences: a carriage return before a line feed is white
 * space, and brackets that do not match end the text.
 */
#include "expr/lexeme.h"

#include <assert.h>
#include <string.h>

void
lexer_init(struct lexer *lexer, const char *text)
{
	lexer->next = text;
	lexer->problem = NULL;
	lexer->depth = 0;
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool
is_word(char c)
{
	return is_letter(c) || is_digit(c);
}

static size_t
word_length(const char *at)
{
	size_t length = 0;
	while (is_word(at[length])) {
		length++;
		if (at[length] == ':' && at[length + 1] == ':' &&
			is_letter(at[length + 2]))
			length += 2;
	}
	return length;
}

static size_t
plain_length(const char *at)
{
	size_t length = 0;
	while (is_word(at[length]))
		length++;
	return length;
}

static size_t
number_length(const char *at)
{
	size_t length = 0;
	while (is_digit(at[length]) || at[length] == '.')
		length++;
	if (at[length] != 'e' && at[length] != 'E')
		return length;
	size_t exponent = length + 1;
	if (at[exponent] == '+' || at[exponent] == '-')
		exponent++;
	if (!is_digit(at[exponent]))
		return length;
	while (is_digit(at[exponent]))
		exponent++;
	return exponent;
}

static size_t
symbol_length(const char *at)
{
	static const char *const symbols[] = {"?//", "//=", "!=", "==", "//",
		"|=", "+=", "-=", "*=", "/=", "%=", "<=", ">=", ".."};
	for (size_t i = 0; i < sizeof(symbols) / sizeof(*symbols); i++) {
		size_t length = strlen(symbols[i]);
		if (strncmp(at, symbols[i], length) == 0)
			return length;
	}
	return 1;
}

static struct lexeme
take(struct lexer *lexer, enum lexeme_kind kind, size_t length)
{
	struct lexeme lexeme = {kind, lexer->next, length};
	lexer->next += length;
	return lexeme;
}

/* Stays where it is, so that asking again gives the same. */
static struct lexeme
broken(struct lexer *lexer, const char *at, const char *problem)
{
	lexer->problem = problem;
	lexer->next = at;
	return (struct lexeme){LEXEME_BROKEN, at, 0};
}

static struct lexeme
enter(struct lexer *lexer, enum lexeme_kind kind, size_t length)
{
	if (lexer->depth == LEXER_DEPTH_LIMIT)
		return broken(lexer, lexer->next, "too deeply nested");
	lexer->open[lexer->depth].kind = *lexer->next;
	lexer->open[lexer->depth].at = lexer->next;
	lexer->depth++;
	return take(lexer, kind, length);
}

static char
inside(const struct lexer *lexer)
{
	if (lexer->depth == 0)
		return '\0';
	return lexer->open[lexer->depth - 1].kind;
}

static struct lexeme
leave(struct lexer *lexer)
{
	char open = inside(lexer);
	char closes = *lexer->next;
	bool matches = (closes == ')' && (open == '(' || open == '\\')) ||
		       (closes == ']' && open == '[') ||
		       (closes == '}' && open == '{');
	if (!matches)
		return broken(lexer, lexer->next,
			"a closing bracket that closes nothing");
	lexer->depth--;
	return take(lexer, open == '\\' ? LEXEME_INSERTED : LEXEME_CLOSE, 1);
}

static struct lexeme
in_string(struct lexer *lexer)
{
	const char *at = lexer->next;
	if (*at == '"') {
		lexer->depth--;
		return take(lexer, LEXEME_UNQUOTE, 1);
	}
	if (at[0] == '\\' && at[1] == '(')
		return enter(lexer, LEXEME_INSERT, 2);
	size_t length = 0;
	while (at[length] && at[length] != '"') {
		if (at[length] == '\\' && at[length + 1] == '(')
			break;
		if (at[length] == '\\' && at[length + 1])
			length++;
		length++;
	}
	return take(lexer, LEXEME_CHARACTERS, length);
}

static const char *
skip_space(const char *at)
{
	while (*at == ' ' || *at == '\t' || *at == '\n' ||
		(at[0] == '\r' && at[1] == '\n'))
		at++;
	return at;
}

static struct lexeme
at_end(struct lexer *lexer)
{
	switch (inside(lexer)) {
	case '\0':
		return take(lexer, LEXEME_END, 0);
	case '"':
		return broken(lexer, lexer->open[lexer->depth - 1].at,
			"a string that is never closed");
	default:
		return broken(lexer, lexer->open[lexer->depth - 1].at,
			"a bracket that is never closed");
	}
}

static struct lexeme
outside_string(struct lexer *lexer)
{
	const char *at = lexer->next;
	if (*at == '#')
		return take(lexer, LEXEME_COMMENT, strcspn(at, "\r\n"));
	if (strchr("([{", *at))
		return enter(lexer, LEXEME_OPEN, 1);
	if (strchr(")]}", *at))
		return leave(lexer);
	if (*at == '"')
		return enter(lexer, LEXEME_QUOTE, 1);
	if (is_letter(*at))
		return take(lexer, LEXEME_WORD, word_length(at));
	if (*at == '@' && is_word(at[1]))
		return take(lexer, LEXEME_FORMAT, 1 + plain_length(at + 1));
	if (*at == '.' && is_letter(at[1]))
		return take(lexer, LEXEME_FIELD, 1 + plain_length(at + 1));
	size_t symbol = symbol_length(at);
	size_t number = number_length(at);
	bool longer = number > symbol || is_digit(*at);
	return longer ? take(lexer, LEXEME_NUMBER, number)
		      : take(lexer, LEXEME_SYMBOL, symbol);
}

struct lexeme
lexer_next(struct lexer *lexer)
{
	if (lexer->problem)
		return broken(lexer, lexer->next, lexer->problem);
	bool string = inside(lexer) == '"';
	if (!string)
		lexer->next = skip_space(lexer->next);
	if (!*lexer->next)
		return at_end(lexer);
	return string ? in_string(lexer) : outside_string(lexer);
}

bool
lexeme_is(struct lexeme lexeme, const char *text)
{
	return strlen(text) == lexeme.length &&
	       memcmp(lexeme.at, text, lexeme.length) == 0;
}

bool
lexeme_starts(struct lexeme lexeme, const char *prefix)
{
	size_t length = strlen(prefix);
	return lexeme.length >= length &&
	       memcmp(lexeme.at, prefix, length) == 0;
}
