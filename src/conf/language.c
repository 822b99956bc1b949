/* language - what npsd says to people, as files. */
#include "conf/language.h"

#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "base/text.h"
#include "conf/conf_file.h"
#include "conf/data_folder.h"

static const char ending[] = ".yaml";
static const char english_name[] = "en";

/* One language: its files, those that count first in front. */
struct language {
	char *name;
	struct conf_document *files[LANGUAGE_FILES_LIMIT];
	size_t count;
	const struct language *english; /* itself, of English */
};

struct languages {
	struct language items[LANGUAGES_LIMIT];
	size_t count;
	struct language *english;
	struct setting_texts paths; /* lent to the documents */
};

bool
language_name_is_good(const char *name)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "abcdefghijklmnopqrstuvwxyz0123456789-";
	size_t first = strcspn(name, "0123456789-");
	size_t length = strlen(name);

	return first >= 2 && first <= 8 &&
	       length <= LANGUAGE_NAME_LIMIT_BYTES &&
	       (name[first] == '\0' || name[first] == '-') &&
	       strspn(name, letters) == length;
}

/* ---- reading the files ---- */

static bool
is_called(const struct language *language, const char *name, size_t length)
{
	return strlen(language->name) == length &&
	       strncasecmp(language->name, name, length) == 0;
}

/* To be changed. */
static struct language *
find_exactly(struct languages *languages, const char *name, size_t length)
{
	for (size_t i = 0; i < languages->count; i++)
		if (is_called(&languages->items[i], name, length))
			return &languages->items[i];
	return NULL;
}

/* What stands in it is texts and nothing else. */
static void
check_form(const struct conf_document *document, struct conf_errors *errors)
{
	const struct conf_node *root = conf_document_root(document);

	if (root->type != CONF_MAP) {
		conf_error(
			errors, root, NULL, "expected keys with their texts");
		return;
	}
	for (size_t i = 0; i < root->count; i++)
		if (root->values[i]->type != CONF_SCALAR)
			conf_error(errors, root->values[i], root->keys[i]->text,
				"expected a text");
}

static struct conf_document *
read_file(struct languages *languages, char *path, struct conf_errors *errors)
{
	struct setting_texts *paths = &languages->paths;
	struct conf_document *document = NULL;
	struct buf data = {0};
	struct err err;

	paths->items = mem_grow(paths->items, paths->count + 1, sizeof(char *));
	paths->items[paths->count++] = path;
	buf_append(&data, "", 0);
	if (!conf_file_read(
		    path, CONF_FILE_LIMIT_BYTES, &data, NULL, NULL, &err))
		conf_error(errors, NULL, path, "%s", err.text);
	else
		document = conf_document_read(
			path, data.data, data.length, errors);
	if (document != NULL)
		check_form(document, errors);
	buf_done(&data);
	return document;
}

static void
take_file(struct languages *languages, const char *folder, const char *file,
	struct conf_errors *errors)
{
	size_t length = strlen(file), tail = sizeof(ending) - 1;
	struct language *language;
	char *name;

	if (length <= tail || strcmp(file + length - tail, ending) != 0)
		return;
	length -= tail;
	name = mem_copy(file, length);
	language = find_exactly(languages, name, length);
	if (!language_name_is_good(name) ||
		(language == NULL && languages->count == LANGUAGES_LIMIT - 1)) {
		free(name);
		return;
	}
	if (language == NULL) {
		language = &languages->items[languages->count++];
		language->name = mem_strdup(name);
	}
	free(name);
	if (language->count < LANGUAGE_FILES_LIMIT) {
		struct conf_document *document = read_file(
			languages, mem_printf("%s/%s", folder, file), errors);

		if (document != NULL)
			language->files[language->count++] = document;
	}
}

static int
by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static void
take_folder(struct languages *languages, const char *folder,
	struct conf_errors *errors)
{
	struct dirent **files;
	int count = scandir(folder, &files, NULL, by_name);

	for (int i = 0; i < count; i++) {
		take_file(languages, folder, files[i]->d_name, errors);
		free(files[i]);
	}
	if (count >= 0)
		free(files);
}

static int
compare(const void *a, const void *b)
{
	return strcmp(((const struct language *)a)->name,
		((const struct language *)b)->name);
}

bool
language_name_check(struct setting_reader *reader, const struct conf_node *node,
	const char *path, void *where)
{
	char **name = where;

	if (language_name_is_good(*name))
		return true;
	return conf_error(reader->errors, node, path,
		"expected a language such as en, nl or pt-BR");
}

struct languages *
languages_open(const char *folder, struct conf_errors *errors)
{
	struct languages *languages = mem_new(1, sizeof(*languages));
	size_t length = sizeof(english_name) - 1;
	struct setting_texts folders;

	data_folders(folder, "languages", &folders);
	for (size_t i = 0; i < folders.count; i++)
		take_folder(languages, folders.items[i], errors);
	if (find_exactly(languages, english_name, length) == NULL) {
		/* No reason to send no alerts. */
		conf_warning(errors, NULL, NULL,
			"there is no language file en.yaml in %s or %s: people "
			"will see the keys of texts",
			folders.items[0], folders.items[folders.count - 1]);
		languages->items[languages->count++].name =
			mem_strdup(english_name);
	}
	qsort(languages->items, languages->count, sizeof(languages->items[0]),
		compare);
	languages->english = find_exactly(languages, english_name, length);
	for (size_t i = 0; i < languages->count; i++)
		languages->items[i].english = languages->english;
	setting_texts_done(&folders);
	return languages;
}

void
languages_free(struct languages *languages)
{
	if (languages == NULL)
		return;
	for (size_t i = 0; i < languages->count; i++) {
		struct language *one = &languages->items[i];

		for (size_t j = 0; j < one->count; j++)
			conf_document_free(one->files[j]);
		free(one->name);
	}
	setting_texts_done(&languages->paths);
	free(languages);
}

/* ---- asking ---- */

/* The text's node in this language alone, or NULL. */
static const struct conf_node *
own_node(const struct language *language, const char *key)
{
	for (size_t i = 0; i < language->count; i++) {
		const struct conf_node *node = conf_node_at(
			conf_document_root(language->files[i]), key);

		if (node != NULL && node->type == CONF_SCALAR)
			return node;
	}
	return NULL;
}

const char *
language_name(const struct language *language)
{
	return language->name;
}

const char *
language_text(const struct language *language, const char *key)
{
	const struct conf_node *node = own_node(language, key);

	if (node == NULL)
		node = own_node(language->english, key);
	return node != NULL ? node->text : key;
}

static const struct language *
find_whole(const struct languages *languages, const char *name, size_t length)
{
	for (size_t i = 0; i < languages->count; i++)
		if (is_called(&languages->items[i], name, length))
			return &languages->items[i];
	return NULL;
}

static const struct language *
find(const struct languages *languages, const char *name)
{
	const struct language *found;

	if (name == NULL || *name == '\0')
		return NULL;
	found = find_whole(languages, name, strlen(name));
	if (found == NULL)
		found = find_whole(languages, name, strcspn(name, "-_"));
	return found;
}

bool
languages_has(const struct languages *languages, const char *name)
{
	return find(languages, name) != NULL;
}

const struct language *
languages_find(const struct languages *languages, const char *name)
{
	const struct language *found = find(languages, name);

	return found != NULL ? found : languages->english;
}

char *
languages_list(const struct languages *languages)
{
	struct buf out = {0};

	for (size_t i = 0; i < languages->count; i++)
		buf_printf(&out, "%s%s", i > 0 ? ", " : "",
			languages->items[i].name);
	return buf_take(&out);
}

/* ---- checking ---- */

/* The next {word} of a text: where it begins behind its brace, and its length;
 * NULL at the end. Braces around anything else are text. */
static const char *
next_word(const char *text, size_t *length)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz_";

	while ((text = strchr(text, '{')) != NULL) {
		text++;
		*length = strspn(text, allowed);
		if (*length > 0 && text[*length] == '}')
			return text;
	}
	return NULL;
}

static bool
has_word(const char *text, const char *word, size_t length)
{
	size_t other;

	while ((text = next_word(text, &other)) != NULL)
		if (other == length && memcmp(text, word, length) == 0)
			return true;
	return false;
}

/* A date may show all that it knows. */
static bool
is_pattern(const char *key)
{
	return text_starts(key, "date") || strcmp(key, "time") == 0;
}

static void
check_words(const struct conf_node *node, const char *key, const char *english,
	struct conf_errors *errors)
{
	const char *word = node->text;
	size_t length;

	while (!is_pattern(key) && (word = next_word(word, &length)) != NULL)
		if (!has_word(english, word, length))
			conf_warning(errors, node, key,
				"nothing fills in {%.*s}; the English text is "
				"\"%s\"",
				(int)length, word, english);
}

static void
check_keys(const struct languages *languages, const struct conf_node *root,
	struct conf_errors *errors)
{
	for (size_t i = 0; i < root->count; i++) {
		const char *key = root->keys[i]->text;
		const struct conf_node *english =
			own_node(languages->english, key);

		if (english == NULL)
			conf_warning(errors, root->keys[i], key,
				"no text has this key");
		else if (root->values[i]->type == CONF_SCALAR)
			check_words(
				root->values[i], key, english->text, errors);
	}
}

/* English as it came with npsd has all keys. */
static const struct conf_node *
all_keys(const struct languages *languages)
{
	const struct language *english = languages->english;

	return english->count == 0
		       ? NULL
		       : conf_document_root(english->files[english->count - 1]);
}

static void
check_missing(const struct languages *languages,
	const struct language *language, struct conf_errors *errors)
{
	const struct conf_node *all = all_keys(languages);
	struct buf names = {0};
	size_t missing = 0;

	for (size_t i = 0; all != NULL && i < all->count; i++) {
		const char *key = all->keys[i]->text;

		if (own_node(language, key) == NULL)
			buf_printf(
				&names, "%s%s", missing++ > 0 ? ", " : "", key);
	}
	if (missing > 0)
		conf_warning(errors,
			language->count > 0
				? conf_document_root(language->files[0])
				: NULL,
			NULL,
			"language %s lacks %zu %s, where English stands in: %s",
			language->name, missing,
			text_plural((int64_t)missing, "text", "texts"),
			names.data);
	buf_done(&names);
}

void
languages_check(const struct languages *languages, struct conf_errors *errors)
{
	for (size_t i = 0; i < languages->count; i++) {
		const struct language *one = &languages->items[i];

		check_missing(languages, one, errors);
		for (size_t j = 0; j < one->count; j++)
			check_keys(languages, conf_document_root(one->files[j]),
				errors);
	}
}

/* ---- filling in ---- */

static const char *
word_of(const struct language_word *words, const char *name, size_t length)
{
	for (; words != NULL && words->name != NULL; words++)
		if (strlen(words->name) == length &&
			memcmp(words->name, name, length) == 0)
			return words->text != NULL ? words->text : "";
	return NULL;
}

/* A word that nobody gives stays as it stands. */
static void
fill(const char *text, const struct language_word *words, struct buf *out)
{
	const char *word;
	size_t length;

	while ((word = next_word(text, &length)) != NULL) {
		const char *value = word_of(words, word, length);

		buf_append(out, text, (size_t)(word - 1 - text));
		if (value != NULL)
			buf_append_text(out, value);
		else
			buf_printf(out, "{%.*s}", (int)length, word);
		text = word + length + 1;
	}
	buf_append_text(out, text);
}

void
language_append(const struct language *language, const char *key,
	const struct language_word *words, struct buf *out)
{
	fill(language_text(language, key), words, out);
}

void
language_append_count(const struct language *language, const char *key,
	int64_t count, const struct language_word *words, struct buf *out)
{
	char *full = mem_printf("%s.%s", key, count == 1 ? "one" : "other");
	struct language_word all[LANGUAGE_WORDS_LIMIT + 2];
	struct buf number = {0};
	size_t used = 1;

	language_append_number(language, (double)count, 0, &number);
	all[0] = (struct language_word){"count", number.data};
	for (; words != NULL && words->name != NULL &&
		used <= LANGUAGE_WORDS_LIMIT;
		words++)
		all[used++] = *words;
	all[used] = (struct language_word){NULL, NULL};
	language_append(language, full, all, out);
	buf_done(&number);
	free(full);
}

/* ---- numbers and times ---- */

enum { DECIMALS_LIMIT = 9 };

void
language_append_number(const struct language *language, double value,
	int decimals, struct buf *out)
{
	/* Digits alone: the locale of the process has no say. */
	double scale = pow(10, decimals > 0 ? decimals : 0);
	double scaled = round(fabs(value) * scale);
	char digits[400];
	int whole;

	if (decimals > DECIMALS_LIMIT || !isfinite(value) || scaled > 1e15) {
		buf_printf(out, "%g", value);
		return;
	}
	if (value < 0 && scaled > 0)
		buf_append_text(out, language_text(language, "minus"));
	whole = snprintf(digits, sizeof(digits), "%.0f", floor(scaled / scale));
	for (int i = 0; i < whole; i++) {
		if (i > 0 && (whole - i) % 3 == 0)
			buf_append_text(out, language_text(language, "group"));
		buf_append_char(out, digits[i]);
	}
	if (decimals > 0)
		buf_printf(out, "%s%0*.0f", language_text(language, "decimal"),
			decimals, fmod(scaled, scale));
}

void
language_append_change(const struct language *language, double value,
	int decimals, struct buf *out)
{
	double scale = pow(10, decimals > 0 ? decimals : 0);

	if (round(value * scale) > 0)
		buf_append_char(out, '+');
	language_append_number(language, value, decimals, out);
}

void
language_append_time(const struct language *language, const char *key,
	const struct civil *civil, struct buf *out)
{
	char day[16], year[16], hour[16], minute[16], name[32];
	const char *weekday, *month, *month_short;

	snprintf(day, sizeof(day), "%d", civil->day);
	snprintf(year, sizeof(year), "%d", civil->year);
	snprintf(hour, sizeof(hour), "%02d", civil->hour);
	snprintf(minute, sizeof(minute), "%02d", civil->minute);
	snprintf(name, sizeof(name), "weekday.%d", civil_weekday(*civil) + 1);
	weekday = language_text(language, name);
	snprintf(name, sizeof(name), "month.%d", civil->month);
	month = language_text(language, name);
	snprintf(name, sizeof(name), "month_short.%d", civil->month);
	month_short = language_text(language, name);
	const struct language_word words[] = {
		{"day", day},
		{"year", year},
		{"hour", hour},
		{"minute", minute},
		{"weekday", weekday},
		{"month", month},
		{"month_short", month_short},
		{NULL, NULL},
	};
	language_append(language, key, words, out);
}
