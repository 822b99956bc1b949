/*
 * message - what a mail says: the files NAME.LANGUAGE.txt and, where there is
 * one, NAME.LANGUAGE.html beside it, read once, made ready where a language is
 * first written in, and filled in for each alert. For one thread.
 *
 *	Subject: \(.response.customer.name // "A customer") is unhappy
 *
 *	The body, to the end of the file.
 */
#ifndef NPSD_ACTION_MESSAGE_H
#define NPSD_ACTION_MESSAGE_H

#include <jansson.h>
#include <stdbool.h>

#include "nps/program.h"
#include "base/err.h"
#include "conf/setting.h"

enum { MESSAGE_LIMIT_BYTES = 48 * 1024, MESSAGE_LANGUAGES_LIMIT = 64 };

/* True for "detractor", "my-message_2". */
bool message_name_is_good(const char *name);

/* A message in all its languages. For each language the first of the folders
 * that has it counts; its HTML is taken from the same folder. */
struct message;
struct message *message_open(const char *name,
	const struct setting_texts *folders, struct err *err) must_check;
void message_free(struct message *message);
/* Whether every language can be made ready; else the first fault with its
 * file. */
bool message_check(const struct message *message, struct err *err) must_check;
bool message_has(const struct message *message, const char *language);
/* "en, nb, nl"; the caller frees it. */
char *message_languages(const struct message *message);
/* Warns of names that no alert has. */
void message_check_names(const struct message *message,
	const struct program_place *place, struct conf_errors *errors);

struct message_text {
	char *subject, *text, *html;
	const char *language; /* lent by the message */
};
/* In the language that is wanted, else in the fallback, else in English, else
 * in any; nl-BE is nl where there is no nl-BE. */
bool message_write(struct message *message, const char *wanted,
	const char *fallback, const json_t *document, struct message_text *out,
	struct err *err) must_check;
void message_text_done(struct message_text *text);

/* Where messages are looked for, in this order: messages/ in the folder of the
 * configuration (may be NULL), /etc/npsd, the data folder, and ../etc beside a
 * program that is not installed. Free with setting_texts_done. */
void message_folders(const char *configuration, struct setting_texts *out);

#endif
