/*
 * errors - what is wrong with a configuration (node.h, errors.h): collected in
 * any order, told in the order of the files.
 */
#include "conf/errors.h"
#include "base/json.h"

#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "base/text.h"
#include "conf/excerpt.h"

enum {
	KEPT_LIMIT = 1000, /* of each kind; the rest is only counted */
	PATH_LIMIT_BYTES = 300,
	MESSAGE_LIMIT_BYTES = 2000,
	QUOTE_LIMIT_BYTES = 60,
};

struct fault {
	bool warning;
	bool careful; /* see conf_error_at */
	size_t file;  /* in sources; 0: no place */
	struct excerpt_place place;
	size_t order;
	char *path;
	char *message;
};

struct source {
	char *name;
	char *data; /* NULL: only the name is known */
	size_t length;
};

struct hidden {
	size_t file;
	struct excerpt_span span;
};

struct conf_errors {
	size_t error_count, warning_count;
	struct fault *faults;
	size_t fault_count;
	struct source *sources; /* [0] stands for no file */
	size_t source_count;
	struct hidden *hidden;
	size_t hidden_count;
};

struct conf_errors *
conf_errors_new(void)
{
	struct conf_errors *errors = mem_new(1, sizeof(*errors));

	errors->sources = mem_new(1, sizeof(*errors->sources));
	errors->source_count = 1;
	return errors;
}

void
conf_errors_free(struct conf_errors *errors)
{
	if (!errors)
		return;
	for (size_t i = 0; i < errors->fault_count; i++) {
		free(errors->faults[i].path);
		free(errors->faults[i].message);
	}
	for (size_t i = 0; i < errors->source_count; i++) {
		free(errors->sources[i].name);
		free(errors->sources[i].data);
	}
	free(errors->faults);
	free(errors->sources);
	free(errors->hidden);
	free(errors);
}

size_t
conf_errors_count(const struct conf_errors *errors)
{
	return errors->error_count;
}

size_t
conf_warnings_count(const struct conf_errors *errors)
{
	return errors->warning_count;
}

/* Room for one more in an array that grows by doubling. */
static void *
grow(void *items, size_t count, size_t size)
{
	if (count > 0 && (count & (count - 1)) != 0)
		return items;
	return mem_grow(items, count > 0 ? 2 * count : 1, size);
}

/* The number of a file; a name that is new is added. */
static size_t
source_at(struct conf_errors *errors, const char *name)
{
	if (!name)
		return 0;
	for (size_t i = 1; i < errors->source_count; i++)
		if (strcmp(errors->sources[i].name, name) == 0)
			return i;
	errors->sources = grow(errors->sources, errors->source_count,
		sizeof(*errors->sources));
	errors->sources[errors->source_count] =
		(struct source){.name = mem_strdup(name)};
	return errors->source_count++;
}

void
conf_errors_source(struct conf_errors *errors, const char *file,
	const char *data, size_t length)
{
	size_t index = source_at(errors, file); /* may move the sources */
	struct source *source = &errors->sources[index];

	free(source->data);
	source->data = mem_copy(data, length);
	source->length = length;
}

void
conf_errors_hide(struct conf_errors *errors, const struct conf_node *node)
{
	for (size_t i = 0; node && i < node->count; i++)
		conf_errors_hide(errors, node->values[i]);
	if (!node || node->type != CONF_SCALAR)
		return;
	errors->hidden = grow(
		errors->hidden, errors->hidden_count, sizeof(*errors->hidden));
	errors->hidden[errors->hidden_count++] = (struct hidden){
		.file = source_at(errors, node->file),
		.span = {{node->line, node->column},
			{node->end_line, node->end_column}},
	};
}

/* printf into memory of its own. */
__attribute__((format(printf, 1, 0))) static char *
format_message(const char *format, va_list arguments)
{
	char *text;

	if (vasprintf(&text, format, arguments) < 0)
		abort(); /* out of memory */
	return text;
}

/* Takes the strings of the fault. */
static void
keep(struct conf_errors *errors, struct fault fault)
{
	size_t *count =
		fault.warning ? &errors->warning_count : &errors->error_count;

	if (++*count > KEPT_LIMIT) {
		free(fault.path);
		free(fault.message);
		return;
	}
	fault.order = errors->fault_count;
	errors->faults = grow(
		errors->faults, errors->fault_count, sizeof(*errors->faults));
	errors->faults[errors->fault_count++] = fault;
}

__attribute__((format(printf, 5, 0))) static void
keep_at_node(struct conf_errors *errors, bool warning,
	const struct conf_node *node, const char *path, const char *format,
	va_list arguments)
{
	struct fault fault = {
		.warning = warning,
		.file = source_at(errors, node ? node->file : NULL),
		.path = mem_strdup(path),
		.message = format_message(format, arguments),
	};

	if (node)
		fault.place = (struct excerpt_place){node->line, node->column};
	keep(errors, fault);
}

bool
conf_error(struct conf_errors *errors, const struct conf_node *node,
	const char *path, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	keep_at_node(errors, false, node, path, format, arguments);
	va_end(arguments);
	return false;
}

void
conf_warning(struct conf_errors *errors, const struct conf_node *node,
	const char *path, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	keep_at_node(errors, true, node, path, format, arguments);
	va_end(arguments);
}

bool
conf_error_inside(struct conf_errors *errors, const struct conf_node *node,
	size_t offset, const char *path, const char *format, ...)
{
	struct conf_node place = {0};
	va_list arguments;

	if (node)
		place = *node;
	if (node && node->type == CONF_SCALAR) {
		size_t index = source_at(errors, node->file);
		const struct source *source = &errors->sources[index];
		struct excerpt excerpt = {
			.data = source->data, .length = source->length};
		struct excerpt_place at = {node->line, node->column};

		excerpt_move(&excerpt, node->text, offset, &at);
		place.line = at.line;
		place.column = at.column;
	}
	va_start(arguments, format);
	keep_at_node(
		errors, false, node ? &place : NULL, path, format, arguments);
	va_end(arguments);
	return false;
}

bool
conf_error_at(struct conf_errors *errors, const char *file, int line,
	int column, const char *path, const char *format, ...)
{
	struct fault fault = {
		.careful = true,
		.file = source_at(errors, file),
		.place = {line, column},
		.path = mem_strdup(path),
	};
	va_list arguments;

	va_start(arguments, format);
	fault.message = format_message(format, arguments);
	va_end(arguments);
	keep(errors, fault);
	return false;
}

struct conf_quote
conf_quote(const char *text)
{
	struct conf_quote quote;
	size_t length = strlen(text);
	size_t shown = text_cut(text, length, QUOTE_LIMIT_BYTES);

	snprintf(quote.text, sizeof(quote.text), "\"%.*s%s\"", (int)shown, text,
		shown < length ? "..." : "");
	return quote;
}

struct conf_quote
conf_found(const struct conf_node *node)
{
	if (conf_node_is_null(node))
		return (struct conf_quote){"nothing"};
	switch (node->type) {
	case CONF_MAP:
		return (struct conf_quote){"a map"};
	case CONF_LIST:
		return (struct conf_quote){"a list"};
	case CONF_SCALAR:
		break;
	}
	return conf_quote(node->text);
}

static const char *const secret_words[] = {"secret", "passw", "token", "bearer",
	"credential", "api_key", "api-key", "apikey", "x-key", "authorization",
	NULL};

bool
conf_key_is_secret(const char *key)
{
	for (const char *const *word = secret_words; *word; word++)
		if (strcasestr(key, *word))
			return true;
	return false;
}

/* Where on a line that nobody understood a secret may begin: behind the colon
 * that follows a telling word. 0 if there is none. */
static int
column_of_secret(const struct source *source, int line)
{
	const char *start;
	size_t bytes;

	if (!source->data || !excerpt_line(source->data, source->length, line,
				     &start, &bytes))
		return 0;
	char *text = mem_copy(start, bytes);
	const char *first = NULL;

	for (const char *const *word = secret_words; *word; word++) {
		const char *found = strcasestr(text, *word);
		const char *colon = found ? strchr(found, ':') : NULL;

		if (colon && (!first || colon < first))
			first = colon;
	}
	int column = 0;

	for (const char *at = text; first && at <= first; at++)
		if (((unsigned char)*at & 0xC0) != 0x80)
			column++;
	free(text);
	return column ? column + 1 : 0;
}

static void
write_excerpt(const struct conf_errors *errors, const struct fault *fault,
	struct buf *out)
{
	const struct source *source = &errors->sources[fault->file];
	struct excerpt excerpt = {
		.data = source->data,
		.length = source->length,
		.place = fault->place,
	};
	struct excerpt_span *spans =
		mem_new(errors->hidden_count + 1, sizeof(*spans));
	int secret = fault->careful
			     ? column_of_secret(source, fault->place.line)
			     : 0;

	for (size_t i = 0; i < errors->hidden_count; i++)
		if (errors->hidden[i].file == fault->file)
			spans[excerpt.hidden_count++] = errors->hidden[i].span;
	if (secret)
		spans[excerpt.hidden_count++] =
			(struct excerpt_span){{fault->place.line, secret},
				{fault->place.line + 1, 1}};
	excerpt.hidden = spans;
	excerpt_append(out, &excerpt);
	free(spans);
}

static void
write_line(const struct conf_errors *errors, const struct fault *fault,
	const char *severity, struct buf *out)
{
	const char *file = errors->sources[fault->file].name;

	if (file) {
		text_append_escaped(out, file, strlen(file), PATH_LIMIT_BYTES);
		buf_printf(out, ":%d:%d: ", fault->place.line,
			fault->place.column);
	}
	buf_append_text(out, severity);
	if (fault->path && *fault->path) {
		text_append_escaped(out, fault->path, strlen(fault->path),
			PATH_LIMIT_BYTES);
		buf_append_text(out, ": ");
	}
	text_append_escaped(out, fault->message, strlen(fault->message),
		MESSAGE_LIMIT_BYTES);
}

static void
write_fault(const struct conf_errors *errors, const struct fault *fault,
	struct buf *out)
{
	write_line(errors, fault, fault->warning ? "warning: " : "", out);
	buf_append_char(out, '\n');
	write_excerpt(errors, fault, out);
}

static int
compare_faults(const void *left, const void *right)
{
	const struct fault *a = *(const struct fault *const *)left;
	const struct fault *b = *(const struct fault *const *)right;

	if (a->warning != b->warning)
		return a->warning ? 1 : -1;
	if (a->file != b->file)
		return a->file < b->file ? -1 : 1;
	if (a->place.line != b->place.line)
		return a->place.line < b->place.line ? -1 : 1;
	if (a->place.column != b->place.column)
		return a->place.column < b->place.column ? -1 : 1;
	return a->order < b->order ? -1 : a->order > b->order;
}

/* The faults in their order; the caller frees the array. */
static const struct fault **
sorted_faults(const struct conf_errors *errors)
{
	const struct fault **sorted =
		mem_new(errors->fault_count + 1, sizeof(*sorted));

	for (size_t i = 0; i < errors->fault_count; i++)
		sorted[i] = &errors->faults[i];
	qsort(sorted, errors->fault_count, sizeof(*sorted), compare_faults);
	return sorted;
}

void
conf_errors_write(const struct conf_errors *errors, struct buf *out)
{
	const struct fault **sorted = sorted_faults(errors);
	size_t total = errors->error_count + errors->warning_count;
	size_t shown = errors->fault_count;

	if (shown > CONF_ERRORS_LIMIT)
		shown = CONF_ERRORS_LIMIT;
	for (size_t i = 0; i < shown; i++)
		write_fault(errors, sorted[i], out);
	if (shown < total)
		buf_printf(out, "... and %zu more\n", total - shown);
	free(sorted);
}

void
conf_errors_each(const struct conf_errors *errors,
	void (*on_fault)(bool warning, const char *line, void *context),
	void *context)
{
	const struct fault **sorted = sorted_faults(errors);
	struct buf line = {0};

	for (size_t i = 0; i < errors->fault_count; i++) {
		buf_clear(&line);
		write_line(errors, sorted[i], "", &line);
		on_fault(sorted[i]->warning, line.data, context);
	}
	buf_done(&line);
	free(sorted);
}

/* A message may quote a file's bytes that are no UTF-8, or NULL. */
static json_t *
json_of_text(const char *text)
{
	if (!text)
		return json_null();
	if (text_is_utf8(text, strlen(text), NULL))
		return json_string(text);
	struct buf escaped = {0};

	text_append_escaped(&escaped, text, strlen(text), strlen(text));
	json_t *value = json_string(escaped.data ? escaped.data : "");

	buf_done(&escaped);
	return value;
}

void
conf_errors_write_json(const struct conf_errors *errors, struct buf *out)
{
	const struct fault **sorted = sorted_faults(errors);
	json_t *list = json_array();

	for (size_t i = 0; i < errors->fault_count; i++) {
		const struct fault *fault = sorted[i];
		json_t *item = json_object();

		json_object_set_new(item, "severity",
			json_string(fault->warning ? "warning" : "error"));
		json_object_set_new(item, "file",
			json_of_text(errors->sources[fault->file].name));
		json_object_set_new(item, "line",
			fault->file ? json_integer(fault->place.line)
				    : json_null());
		json_object_set_new(item, "column",
			fault->file ? json_integer(fault->place.column)
				    : json_null());
		json_object_set_new(item, "path", json_of_text(fault->path));
		json_object_set_new(
			item, "message", json_of_text(fault->message));
		json_array_append_new(list, item);
	}
	char *text = json_text_with(list, JSON_COMPACT);

	buf_append_text(out, text ? text : "[]");
	free(text);
	json_decref(list);
	free(sorted);
}
