/* message - what a mail says, in files. */
#include "action/message.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "action/template.h"
#include "base/buf.h"
#include "base/memory.h"
#include "base/text.h"
#include "conf/conf_file.h"
#include "conf/data_folder.h"
#include "conf/language.h"

/* One language: the numbers of its expressions. */
struct edition {
	char *language;
	char *file; /* with its folder */
	size_t subject, text, html;
	bool has_html; /* of its own */
};

struct message {
	char *name;
	struct edition *editions;
	size_t count;
	struct expr_set *set;
	struct buf texts; /* all expressions, for message_check_names */
};

bool
message_name_is_good(const char *name)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "abcdefghijklmnopqrstuvwxyz0123456789_-";
	size_t length = strlen(name);

	return length > 0 && length <= 64 && strspn(name, allowed) == length;
}

void
message_folders(const char *configuration, struct setting_texts *out)
{
	data_folders(configuration, "messages", out);
}

/* ---- finding the files ---- */

static const struct edition *
edition_of(const struct message *message, const char *language, size_t length)
{
	for (size_t i = 0; i < message->count; i++) {
		const char *own = message->editions[i].language;

		if (strlen(own) == length &&
			strncasecmp(own, language, length) == 0)
			return &message->editions[i];
	}
	return NULL;
}

/* The language of a file "NAME.LANGUAGE.txt", or NULL; the caller frees it. */
static char *
language_of(const char *file, const char *name)
{
	size_t prefix = strlen(name), length = strlen(file);
	char *language;

	if (length < prefix + 6 || !text_starts(file, name) ||
		file[prefix] != '.' || strcmp(file + length - 4, ".txt") != 0)
		return NULL;
	language = mem_copy(file + prefix + 1, length - prefix - 5);
	if (language_name_is_good(language))
		return language;
	free(language);
	return NULL;
}

static int
by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static void
take_file(struct message *message, const char *folder, const char *file)
{
	char *language = language_of(file, message->name);

	if (language == NULL || message->count == MESSAGE_LANGUAGES_LIMIT ||
		edition_of(message, language, strlen(language)) != NULL) {
		free(language);
		return;
	}
	message->editions = mem_grow(
		message->editions, message->count + 1, sizeof(struct edition));
	message->editions[message->count++] = (struct edition){
		.language = language,
		.file = mem_printf("%s/%s", folder, file),
	};
}

static void
take_folder(struct message *message, const char *folder)
{
	struct dirent **files;
	int count = scandir(folder, &files, NULL, by_name);

	for (int i = 0; i < count; i++) {
		take_file(message, folder, files[i]->d_name);
		free(files[i]);
	}
	if (count >= 0)
		free(files);
}

/* ---- reading one ---- */

/* Lines end in LF alone, and there is no byte order mark. */
static void
even_out(struct buf *text)
{
	size_t to = 0, from = 0;

	buf_append(text, "", 0);
	if (text_starts(text->data, "\xEF\xBB\xBF"))
		from = 3;
	for (; from < text->length; from++)
		if (text->data[from] != '\r' || text->data[from + 1] != '\n')
			text->data[to++] = text->data[from];
	text->length = to;
	text->data[to] = '\0';
}

static bool
read_whole(const char *file, struct buf *text, bool *missing, struct err *err)
{
	size_t bad;

	if (!conf_file_read(
		    file, MESSAGE_LIMIT_BYTES, text, NULL, missing, err))
		return false;
	if (!text_is_utf8(text->data, text->length, &bad) ||
		(text->length > 0 &&
			memchr(text->data, '\0', text->length) != NULL))
		return err_set(err, "it is no text in UTF-8");
	even_out(text);
	return true;
}

/* "Subject: ...", an empty line, the body. */
static bool
split(const struct buf *whole, struct text *subject, struct text *body,
	struct err *err)
{
	static const char key[] = "Subject:";
	const char *end = strchr(whole->data, '\n');
	size_t blank;

	if (strncasecmp(whole->data, key, sizeof(key) - 1) != 0 || end == NULL)
		return err_set(err, "line 1: expected \"Subject: \" and what "
				    "the mail is about");
	subject->data = whole->data + sizeof(key) - 1;
	subject->length = (size_t)(end - subject->data);
	*subject = text_trim(*subject);
	if (subject->length == 0)
		return err_set(err, "line 1: the subject is empty");
	blank = strspn(end + 1, " \t");
	if (end[1 + blank] != '\n')
		return err_set(err, "line 2: expected an empty line between "
				    "the subject and the text");
	body->data = end + 2 + blank;
	body->length = strlen(body->data);
	return true;
}

/* Adds one expression; lines tells how many lines of the file are above. */
static bool
add_expression(struct message *message, const char *file, struct text template,
	enum template_form form, int lines, size_t *number, struct err *err)
{
	struct buf jq = {0};
	const char *name = strrchr(file, '/') + 1;
	bool good;

	for (int i = 0; i < lines; i++)
		buf_append_char(&jq, '\n');
	good = template_to_jq(template, form, &jq, err);
	if (good) {
		*number = expr_set_add(message->set, name, jq.data);
		buf_printf(&message->texts, "%s%s",
			message->texts.length > 0 ? ",\n" : "", jq.data);
	}
	buf_done(&jq);
	return good;
}

static bool
add_html(struct message *message, struct edition *edition, struct text body,
	struct err *err)
{
	size_t length = strlen(edition->file) - 4;
	char *file = mem_printf("%.*s.html", (int)length, edition->file);
	struct buf html = {0};
	bool missing = false;
	bool good = read_whole(file, &html, &missing, err);

	if (good) {
		edition->has_html = true;
		good = add_expression(message, file,
			(struct text){html.data, html.length}, TEMPLATE_HTML, 0,
			&edition->html, err);
	} else if (missing) {
		good = add_expression(message, edition->file, body,
			TEMPLATE_AS_HTML, 2, &edition->html, err);
	}
	if (!good)
		err_prefix(err, "%s", file);
	buf_done(&html);
	free(file);
	return good;
}

static bool
add_edition(struct message *message, struct edition *edition, struct err *err)
{
	struct buf whole = {0};
	struct text subject = {"", 0}, body = {"", 0};
	bool good = read_whole(edition->file, &whole, NULL, err) &&
		    split(&whole, &subject, &body, err) &&
		    add_expression(message, edition->file, subject,
			    TEMPLATE_TEXT, 0, &edition->subject, err) &&
		    add_expression(message, edition->file, body, TEMPLATE_TEXT,
			    2, &edition->text, err);

	if (!good)
		err_prefix(err, "%s", edition->file);
	else
		good = add_html(message, edition, body, err);
	buf_done(&whole);
	return good;
}

/* ---- all of it ---- */

struct fault {
	const struct message *message;
	struct err *err;
	bool told;
};

/* Which of the files has the expression of this number. */
static char *
file_of(const struct message *message, size_t number)
{
	for (size_t i = 0; i < message->count; i++) {
		const struct edition *edition = &message->editions[i];
		size_t length = strlen(edition->file) - 4;

		if (number == edition->html && edition->has_html)
			return mem_printf(
				"%.*s.html", (int)length, edition->file);
		if (number == edition->subject || number == edition->text ||
			number == edition->html)
			return mem_strdup(edition->file);
	}
	return mem_strdup(message->name);
}

/* The column is that of the expression made of the text; it is left out. */
static void
on_error(size_t number, const char *text, void *context)
{
	struct fault *fault = context;
	const char *column = strstr(text, ", column ");
	const char *rest = column != NULL ? strchr(column, ':') : NULL;
	char *file;

	if (fault->told)
		return;
	fault->told = true;
	file = file_of(fault->message, number);
	if (text_starts(text, "line ") && rest != NULL)
		err_set(fault->err, "%s: %.*s%s", file, (int)(column - text),
			text, rest);
	else
		err_set(fault->err, "%s: %s", file, text);
	free(file);
}

static bool
open_all(struct message *message, const struct setting_texts *folders,
	struct err *err)
{
	struct fault fault = {message, err, false};

	for (size_t i = 0; i < folders->count; i++)
		take_folder(message, folders->items[i]);
	if (message->count == 0)
		return err_set(err,
			"there is no file %s.LANGUAGE.txt in %s or "
			"%s",
			message->name,
			folders->count > 0 ? folders->items[0] : "",
			NPSD_DATA_DIR "/messages");
	for (size_t i = 0; i < message->count; i++)
		if (!add_edition(message, &message->editions[i], err))
			return false;
	return expr_set_compile(message->set, on_error, &fault);
}

struct message *
message_open(
	const char *name, const struct setting_texts *folders, struct err *err)
{
	struct message *message = mem_new(1, sizeof(*message));

	message->name = mem_strdup(name);
	message->set = expr_set_new();
	if (open_all(message, folders, err))
		return message;
	message_free(message);
	return NULL;
}

void
message_free(struct message *message)
{
	if (message == NULL)
		return;
	for (size_t i = 0; i < message->count; i++) {
		free(message->editions[i].language);
		free(message->editions[i].file);
	}
	free(message->editions);
	expr_set_free(message->set);
	buf_done(&message->texts);
	free(message->name);
	free(message);
}

/* nl-BE, then nl. */
static const struct edition *
find(const struct message *message, const char *language)
{
	const struct edition *edition =
		edition_of(message, language, strlen(language));

	if (edition != NULL)
		return edition;
	return edition_of(message, language, strcspn(language, "-_"));
}

bool
message_has(const struct message *message, const char *language)
{
	return find(message, language) != NULL;
}

char *
message_languages(const struct message *message)
{
	struct buf out = {0};

	for (size_t i = 0; i < message->count; i++)
		buf_printf(&out, "%s%s", i > 0 ? ", " : "",
			message->editions[i].language);
	return buf_take(&out);
}

void
message_check_names(const struct message *message,
	const struct program_place *place, struct conf_errors *errors)
{
	program_check_names(message->texts.data, place, errors);
}

static const struct edition *
choose(const struct message *message, const char *wanted, const char *fallback)
{
	const char *const order[] = {wanted, fallback, "en"};

	for (size_t i = 0; i < 3; i++) {
		const struct edition *edition =
			order[i] != NULL && *order[i] != '\0'
				? find(message, order[i])
				: NULL;

		if (edition != NULL)
			return edition;
	}
	return &message->editions[0];
}

static bool
write_edition(struct message *message, const struct edition *edition,
	struct expr_input *input, struct message_text *out, struct err *err)
{
	struct buf page = {0};

	if (expr_run_text(message->set, edition->subject, input, &out->subject,
		    err) != EXPR_OK ||
		expr_run_text(message->set, edition->text, input, &out->text,
			err) != EXPR_OK ||
		expr_run_text(message->set, edition->html, input, &out->html,
			err) != EXPR_OK)
		return false;
	if (edition->has_html)
		return true;
	template_lay_out(&page, out->html, edition->language);
	free(out->html);
	out->html = buf_take(&page);
	return true;
}

bool
message_write(struct message *message, const char *wanted, const char *fallback,
	const json_t *document, struct message_text *out, struct err *err)
{
	const struct edition *edition = choose(message, wanted, fallback);
	struct expr_input *input = expr_input_new(document);
	bool good;

	*out = (struct message_text){.language = edition->language};
	good = write_edition(message, edition, input, out, err);
	expr_input_free(input);
	if (!good) {
		program_hush(err);
		message_text_done(out);
	}
	return good;
}

void
message_text_done(struct message_text *text)
{
	free(text->subject);
	free(text->text);
	free(text->html);
	*text = (struct message_text){0};
}
