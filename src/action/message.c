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

enum part { PART_SUBJECT, PART_TEXT, PART_HTML, PARTS };

/* One language: its expressions. */
struct edition {
	char *language;
	char *file; /* with its folder */
	char *html_file;
	char *jq[PARTS];
	bool has_html; /* of its own */
	/* With the parts as its numbers; NULL until it is first written in, as
	 * jq takes its time. */
	struct expr_set *set;
};

struct message {
	char *name;
	struct edition *editions;
	size_t count;
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

static struct edition *
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

/* Makes one expression; lines tells how many lines of the file are above. */
static bool
make_jq(struct text template, enum template_form form, int lines, char **out,
	struct err *err)
{
	struct buf jq = {0};

	for (int i = 0; i < lines; i++)
		buf_append_char(&jq, '\n');
	if (template_to_jq(template, form, &jq, err)) {
		*out = buf_take(&jq);
		return true;
	}
	buf_done(&jq);
	return false;
}

static bool
read_html(struct edition *edition, struct text body, struct err *err)
{
	size_t length = strlen(edition->file) - 4;
	char **jq = &edition->jq[PART_HTML];
	struct buf html = {0};
	bool missing = false, good;

	edition->html_file =
		mem_printf("%.*s.html", (int)length, edition->file);
	good = read_whole(edition->html_file, &html, &missing, err);
	edition->has_html = good;
	if (good)
		good = make_jq((struct text){html.data, html.length},
			TEMPLATE_HTML, 0, jq, err);
	else if (missing)
		good = make_jq(body, TEMPLATE_AS_HTML, 2, jq, err);
	if (!good)
		err_prefix(err, "%s", edition->html_file);
	buf_done(&html);
	return good;
}

static bool
read_edition(struct edition *edition, struct err *err)
{
	struct buf whole = {0};
	struct text subject = {"", 0}, body = {"", 0};
	bool good =
		read_whole(edition->file, &whole, NULL, err) &&
		split(&whole, &subject, &body, err) &&
		make_jq(subject, TEMPLATE_TEXT, 0, &edition->jq[PART_SUBJECT],
			err) &&
		make_jq(body, TEMPLATE_TEXT, 2, &edition->jq[PART_TEXT], err);

	if (!good)
		err_prefix(err, "%s", edition->file);
	else
		good = read_html(edition, body, err);
	buf_done(&whole);
	return good;
}

/* ---- compiling ---- */

struct fault {
	const struct edition *editions; /* each with PARTS numbers */
	struct err *err;
	bool told;
};

/* The column is that of the expression made of the text; it is left out. */
static void
on_error(size_t number, const char *text, void *context)
{
	struct fault *fault = context;
	const struct edition *edition = &fault->editions[number / PARTS];
	const char *file = number % PARTS == PART_HTML && edition->has_html
				   ? edition->html_file
				   : edition->file;
	const char *column = strstr(text, ", column ");
	const char *rest = column != NULL ? strchr(column, ':') : NULL;

	if (fault->told)
		return;
	fault->told = true;
	if (text_starts(text, "line ") && rest != NULL)
		err_set(fault->err, "%s: %.*s%s", file, (int)(column - text),
			text, rest);
	else
		err_set(fault->err, "%s: %s", file, text);
}

/* The expressions of some editions in one set; NULL: one of them is wrong. */
static struct expr_set *
compile(const struct edition *editions, size_t count, struct err *err)
{
	struct expr_set *set = expr_set_new();
	struct fault fault = {editions, err, false};

	for (size_t i = 0; i < count * PARTS; i++) {
		const struct edition *edition = &editions[i / PARTS];
		bool html = i % PARTS == PART_HTML && edition->has_html;
		const char *file = html ? edition->html_file : edition->file;

		(void)expr_set_add(
			set, strrchr(file, '/') + 1, edition->jq[i % PARTS]);
	}
	if (expr_set_compile(set, on_error, &fault))
		return set;
	expr_set_free(set);
	return NULL;
}

bool
message_check(const struct message *message, struct err *err)
{
	struct expr_set *set = compile(message->editions, message->count, err);
	bool good = set != NULL;

	expr_set_free(set);
	return good;
}

/* ---- all of it ---- */

static bool
open_all(struct message *message, const struct setting_texts *folders,
	struct err *err)
{
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
		if (!read_edition(&message->editions[i], err))
			return false;
	return true;
}

struct message *
message_open(
	const char *name, const struct setting_texts *folders, struct err *err)
{
	struct message *message = mem_new(1, sizeof(*message));

	message->name = mem_strdup(name);
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
		struct edition *edition = &message->editions[i];

		free(edition->language);
		free(edition->file);
		free(edition->html_file);
		for (int part = 0; part < PARTS; part++)
			free(edition->jq[part]);
		expr_set_free(edition->set);
	}
	free(message->editions);
	free(message->name);
	free(message);
}

/* nl-BE, then nl. */
static struct edition *
find(const struct message *message, const char *language)
{
	struct edition *edition =
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
	struct buf all = {0};

	for (size_t i = 0; i < message->count * PARTS; i++)
		buf_printf(&all, "%s%s", i > 0 ? ",\n" : "",
			message->editions[i / PARTS].jq[i % PARTS]);
	program_check_names(all.data, place, errors);
	buf_done(&all);
}

static struct edition *
choose(const struct message *message, const char *wanted, const char *fallback)
{
	const char *const order[] = {wanted, fallback, "en"};

	for (size_t i = 0; i < 3; i++) {
		struct edition *edition = order[i] != NULL && *order[i] != '\0'
						  ? find(message, order[i])
						  : NULL;

		if (edition != NULL)
			return edition;
	}
	return &message->editions[0];
}

static bool
write_part(struct edition *edition, enum part part, struct expr_input *input,
	char **out, struct err *err)
{
	return expr_run_text(edition->set, part, input, out, err) == EXPR_OK;
}

static bool
write_edition(struct edition *edition, struct expr_input *input,
	struct message_text *out, struct err *err)
{
	struct buf page = {0};

	if (!write_part(edition, PART_SUBJECT, input, &out->subject, err) ||
		!write_part(edition, PART_TEXT, input, &out->text, err) ||
		!write_part(edition, PART_HTML, input, &out->html, err))
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
	struct edition *edition = choose(message, wanted, fallback);
	struct expr_input *input;
	bool good;

	*out = (struct message_text){.language = edition->language};
	if (edition->set == NULL)
		edition->set = compile(edition, 1, err);
	if (edition->set == NULL)
		return false;
	input = expr_input_new(document);
	good = write_edition(edition, input, out, err);
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
