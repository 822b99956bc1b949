/*
 * lexeme - the words of a jq text, as jq's own lexer cuts them.
 *
 * For asking about a text before or without compiling it. This is no parser:
 * it knows which brackets are open, and nothing of what stands between them.
 * White space lies between two lexemes and is none itself.
 */
#ifndef NPSD_EXPR_LEXEME_H
#define NPSD_EXPR_LEXEME_H

#include <stdbool.h>
#include <stddef.h>

/* Deepest nesting of brackets and strings; jq and its C stack have theirs. */
enum { LEXER_DEPTH_LIMIT = 128 };

enum lexeme_kind {
	LEXEME_END,
	LEXEME_BROKEN,	/* `problem` says what is wrong; the text ends here */
	LEXEME_COMMENT, /* from # up to the end of the line */
	LEXEME_WORD,	/* a name or a keyword, also with :: in it */
	LEXEME_FIELD,	/* .name */
	LEXEME_FORMAT,	/* @name */
	LEXEME_NUMBER,
	LEXEME_SYMBOL,	   /* an operator, or a byte that jq does not know */
	LEXEME_OPEN,	   /* ( [ { */
	LEXEME_CLOSE,	   /* ) ] } */
	LEXEME_QUOTE,	   /* " at the start of a string */
	LEXEME_CHARACTERS, /* inside a string */
	LEXEME_INSERT,	   /* \( inside a string */
	LEXEME_INSERTED,   /* the ) that ends it */
	LEXEME_UNQUOTE,	   /* " at the end of a string */
};

struct lexeme {
	enum lexeme_kind kind;
	const char *at;
	size_t length;
};

struct lexer {
	const char *next;
	const char *problem;
	size_t depth;
	struct {
		char kind; /* ( [ { or " or \ for \( */
		const char *at;
	} open[LEXER_DEPTH_LIMIT];
};

/* The text is lent and must outlive the lexer. */
void lexer_init(struct lexer *lexer, const char *text);
/* The next lexeme. After LEXEME_END and LEXEME_BROKEN always that again. */
struct lexeme lexer_next(struct lexer *lexer);

bool lexeme_is(struct lexeme lexeme, const char *text);
bool lexeme_starts(struct lexeme lexeme, const char *prefix);

#endif
