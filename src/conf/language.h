/*
 * language - what npsd says to people, as files: languages/LANGUAGE.yaml, each a
 * flat map of keys to texts. A file added is a language added. Immutable once
 * opened, so that threads may share it.
 *
 *	page.done.claim: This is yours now. Call by {time}.
 *
 * Folders are those of data_folder.h; the first that has a key counts, so that a
 * file of one's own may hold only what it changes. A key that a language lacks
 * is taken from English.
 */
#ifndef NPSD_CONF_LANGUAGE_H
#define NPSD_CONF_LANGUAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/time.h"
#include "conf/node.h"
#include "conf/setting.h"

enum {
	LANGUAGES_LIMIT = 64,	  /* with English */
	LANGUAGE_FILES_LIMIT = 8, /* of one, in several folders */
	LANGUAGE_NAME_LIMIT_BYTES = 35,
};

/* True for "en", "pt-BR". */
bool language_name_is_good(const char *name);
/* The same for a row of a settings table whose text is such a name. */
bool language_name_check(struct setting_reader *reader,
	const struct conf_node *node, const char *path, void *where);

struct languages;
struct language;

/* All there are; `folder` is the configuration's, or NULL. Never NULL: of what
 * cannot be read errors tell; that there is no English is a warning. */
struct languages *languages_open(
	const char *folder, struct conf_errors *errors);
void languages_free(struct languages *languages);
/* Warns of keys that a language lacks or that English does not have, and of
 * words in braces that English does not give. */
void languages_check(
	const struct languages *languages, struct conf_errors *errors);
/* True if there is this one, or "nl" of "nl-BE". */
bool languages_has(const struct languages *languages, const char *name);
/* "en, nb, nl"; the caller frees it. */
char *languages_list(const struct languages *languages);
/* This one, else "nl" of "nl-BE", else English. Never NULL; name may be. Lent
 * by the languages, as is all it hands out. */
const struct language *languages_find(
	const struct languages *languages, const char *name);

/* "nl". */
const char *language_name(const struct language *language);
/* The text of a key; the key itself where no language has it. */
const char *language_text(const struct language *language, const char *key);

/* What stands for {name} in a text. A list ends with name NULL. */
struct language_word {
	const char *name, *text;
};
/* Appends the text with its words filled in; words may be NULL. Nothing is
 * escaped. */
void language_append(const struct language *language, const char *key,
	const struct language_word *words, struct buf *out);
/* The same with KEY.one for a count of 1 and KEY.other for any other; {count}
 * is given. At most LANGUAGE_WORDS_LIMIT words. */
enum { LANGUAGE_WORDS_LIMIT = 12 };
void language_append_count(const struct language *language, const char *key,
	int64_t count, const struct language_word *words, struct buf *out);

/* Rounded to that many decimals, with the language's signs: "-12,345.6". What
 * rounds to nothing has no minus. */
void language_append_number(const struct language *language, double value,
	int decimals, struct buf *out);
/* The same with a plus where it is more than nothing. */
void language_append_change(const struct language *language, double value,
	int decimals, struct buf *out);
/* A date or time by the pattern that stands under `key`: "date", "date.short",
 * "date.weekday", "time", "date_time". */
void language_append_time(const struct language *language, const char *key,
	const struct civil *civil, struct buf *out);

#endif
