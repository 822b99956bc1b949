/*
 * setting_value - one value that holds no others (setting_value.h, setting.h).
 */
#include "conf/setting_value.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/text.h"
#include "base/time.h"
#include "conf/errors.h"
#include "conf/setting_path.h"

bool
setting_integer_from_text(const char *text, int64_t *value)
{
	return text_to_integer(text, INT64_MIN, INT64_MAX, value);
}

bool
setting_number_from_text(const char *text, double *value)
{
	/* A number here is a number of JSON, so its reader is asked. */
	struct json_fault fault;

	if (!*text || !strchr("-0123456789", *text))
		return false;
	json_t *number = json_read(text, strlen(text), &fault);
	bool ok = number && json_is_number(number);

	if (ok)
		*value = json_number_value(number);
	json_decref(number);
	return ok;
}

bool
setting_has_low(const struct setting *row)
{
	return row->low < 0 || row->low > 0 || row->high > 0;
}

bool
setting_has_high(const struct setting *row)
{
	return setting_has_low(row) && row->high >= row->low;
}

static void
append_amount(struct buf *out, const struct setting *row, double amount)
{
	char duration[TIME_TEXT_BYTES];

	if (row->type == SETTING_DURATION) {
		duration_to_text((int64_t)amount, duration);
		buf_append_text(out, duration);
	} else {
		text_append_double(out, amount);
	}
}

bool
setting_append_bounds(struct buf *out, const struct setting *row)
{
	bool lengths = row->type != SETTING_INTEGER &&
		       row->type != SETTING_NUMBER &&
		       row->type != SETTING_DURATION;

	if (!setting_has_low(row))
		return false;
	if (!setting_has_high(row)) {
		buf_append_text(out, "at least ");
		append_amount(out, row, row->low);
	} else if (lengths && row->low <= 0) {
		buf_append_text(out, "at most ");
		append_amount(out, row, row->high);
	} else {
		append_amount(out, row, row->low);
		buf_append_text(out, " to ");
		append_amount(out, row, row->high);
	}
	if (lengths)
		buf_append_text(out, " bytes");
	return true;
}

static void
append_choices(struct buf *out, const char *const *choices)
{
	for (size_t i = 0; choices[i]; i++) {
		if (i > 0)
			buf_append_text(out, choices[i + 1] ? ", " : " or ");
		buf_append_text(out, choices[i]);
	}
}

void
setting_append_expected(struct buf *out, const struct setting *row)
{
	static const char *const words[] = {
		[SETTING_TEXT] = "a text",
		[SETTING_INTEGER] = "a whole number",
		[SETTING_NUMBER] = "a number",
		[SETTING_BOOLEAN] = "true or false",
		[SETTING_DURATION] = "a duration such as 90s, 15m, 48h or 7d",
		[SETTING_RATE] = "a rate such as 10/s, 200/m, 50/h or 1000/d",
		[SETTING_CHOICE] = "a choice",
		[SETTING_TEXTS] = "a text or a list of texts",
		[SETTING_TEXT_MAP] = "a map of texts",
		[SETTING_SECRET] = "a secret such as {file: PATH}",
		[SETTING_SECRET_MAP] = "a map of secrets",
		[SETTING_RECORD] = "a map of settings",
		[SETTING_MAP] = "a map of names",
		[SETTING_LIST] = "a list",
		[SETTING_CUSTOM] = "a value",
		[SETTING_NODE] = "a value",
	};

	if (row->type == SETTING_CHOICE) {
		append_choices(out, row->choices);
		return;
	}
	buf_append_text(out, words[row->type]);
	if (row->type == SETTING_DURATION || row->type == SETTING_TEXT ||
		row->type == SETTING_INTEGER || row->type == SETTING_NUMBER) {
		struct buf bounds = {0};

		if (setting_append_bounds(&bounds, row))
			buf_printf(out, ", %s", bounds.data);
		buf_done(&bounds);
	}
}

/* "found X, expected Y", and what may help. Always false. */
static bool
refuse(struct setting_reader *reader, const struct setting *row,
	const struct conf_node *node, const char *path, const char *advice)
{
	struct buf expected = {0};

	setting_append_expected(&expected, row);
	conf_error(reader->errors, node, path, "found %s, expected %s%s%s",
		conf_found(node).text, expected.data, advice ? "; " : "",
		advice ? advice : "");
	buf_done(&expected);
	return false;
}

static bool
is_scalar(const struct conf_node *node)
{
	return !conf_node_is_null(node) && node->type == CONF_SCALAR;
}

static bool
is_within(const struct setting *row, double value)
{
	return (!setting_has_low(row) || value >= row->low) &&
	       (!setting_has_high(row) || value <= row->high);
}

static bool
check_bounds(struct setting_reader *reader, const struct setting *row,
	const struct conf_node *node, const char *path, double value)
{
	struct buf bounds = {0};

	if (is_within(row, value))
		return true;
	setting_append_bounds(&bounds, row);
	conf_error(reader->errors, node, path, "found %s, expected %s",
		conf_found(node).text, bounds.data);
	buf_done(&bounds);
	return false;
}

/* Text that would be right without its quotes. Always false. */
static bool
refuse_quotes(struct setting_reader *reader, const struct conf_node *node,
	const char *path)
{
	return conf_error(reader->errors, node, path, "%s is text; write %s",
		conf_quote(node->text).text, node->text);
}

static bool
refuse_number(struct setting_reader *reader, const struct setting *row,
	const struct conf_node *node, const char *path)
{
	char *advice = NULL;
	double number;

	if (!is_scalar(node))
		return refuse(reader, row, node, path, NULL);
	if (node->quoted && setting_number_from_text(node->text, &number))
		return refuse_quotes(reader, node, path);
	size_t zeros = strspn(node->text, "0");
	const char *rest = node->text + zeros;

	if (zeros > 0 && strspn(rest, "0123456789") == strlen(rest))
		advice = mem_printf(
			"without zeros in front it is %s", *rest ? rest : "0");
	refuse(reader, row, node, path, advice);
	free(advice);
	return false;
}

static bool
read_integer(struct setting_reader *reader, const struct setting *row,
	const struct conf_node *node, const char *path, int64_t *out)
{
	int64_t value;

	if (!is_scalar(node) || node->quoted ||
		!setting_integer_from_text(node->text, &value))
		return refuse_number(reader, row, node, path);
	if (!check_bounds(reader, row, node, path, (double)value))
		return false;
	*out = value;
	return true;
}

static bool
read_number(struct setting_reader *reader, const struct setting *row,
	const struct conf_node *node, const char *path, double *out)
{
	double value;

	if (!is_scalar(node) || node->quoted ||
		!setting_number_from_text(node->text, &value))
		return refuse_number(reader, row, node, path);
	if (!check_bounds(reader, row, node, path, value))
		return false;
	*out = value;
	return true;
}

static bool
read_boolean(struct setting_reader *reader, const struct setting *row,
	const struct conf_node *node, const char *path, bool *out)
{
	bool is_true = is_scalar(node) && strcmp(node->text, "true") == 0;
	bool is_false = is_scalar(node) && strcmp(node->text, "false") == 0;

	if (!is_true && !is_false)
		return refuse(reader, row, node, path, NULL);
	if (node->quoted)
		return refuse_quotes(reader, node, path);
	*out = is_true;
	return true;
}

bool
setting_read_duration(struct setting_reader *reader,
	const struct conf_node *node, const char *path, int64_t *out)
{
	static const struct setting row = {.type = SETTING_DURATION};
	struct err err = {0};

	if (!is_scalar(node))
		return refuse(reader, &row, node, path, NULL);
	if (!duration_from_text(node->text, out, &err))
		return conf_error(reader->errors, node, path, "found %s: %s",
			conf_found(node).text, err.text);
	return true;
}

static bool
read_duration(struct setting_reader *reader, const struct setting *row,
	const struct conf_node *node, const char *path, int64_t *out)
{
	int64_t value;

	if (!setting_read_duration(reader, node, path, &value) ||
		!check_bounds(reader, row, node, path, (double)value))
		return false;
	*out = value;
	return true;
}

static bool
read_choice(struct setting_reader *reader, const struct setting *row,
	const struct conf_node *node, const char *path, int *out)
{
	char *advice = NULL;

	for (int i = 0; is_scalar(node) && row->choices[i]; i++)
		if (strcmp(node->text, row->choices[i]) == 0) {
			*out = i;
			return true;
		}
	if (is_scalar(node)) {
		const char *near = text_nearest(node->text, row->choices);

		if (near)
			advice = mem_printf("did you mean \"%s\"?", near);
	}
	refuse(reader, row, node, path, advice);
	free(advice);
	return false;
}

static bool
read_text(struct setting_reader *reader, const struct setting *row,
	const struct conf_node *node, const char *path, char **out)
{
	if (!is_scalar(node))
		return refuse(reader, row, node, path,
			conf_node_is_null(node) ? "an empty one is \"\""
						: NULL);
	size_t length = strlen(node->text);

	if (!is_within(row, (double)length)) {
		struct buf bounds = {0};

		setting_append_bounds(&bounds, row);
		conf_error(reader->errors, node, path,
			"found a text of %zu bytes, expected %s", length,
			bounds.data);
		buf_done(&bounds);
		return false;
	}
	*out = mem_strdup(node->text);
	return true;
}

bool
setting_read_text(struct setting_reader *reader, const struct conf_node *node,
	const char *path, char **out)
{
	static const struct setting row = {.type = SETTING_TEXT};

	return read_text(reader, &row, node, path, out);
}

static bool
read_texts(struct setting_reader *reader, const struct setting *row,
	const struct conf_node *node, const char *path,
	struct setting_texts *out)
{
	struct setting one = {
		.type = SETTING_TEXT, .low = row->low, .high = row->high};
	bool ok = true;

	if (conf_node_is_null(node) || node->type == CONF_MAP)
		return refuse(reader, row, node, path, NULL);
	bool is_list = node->type == CONF_LIST;
	size_t count = is_list ? node->count : 1;

	out->items = mem_new(count + 1, sizeof(*out->items));
	for (size_t i = 0; i < count; i++) {
		char *inner = is_list ? setting_path_index(path, i)
				      : mem_strdup(path);

		if (read_text(reader, &one, is_list ? node->values[i] : node,
			    inner, &out->items[out->count]))
			out->count++;
		else
			ok = false;
		free(inner);
	}
	return ok;
}

bool
setting_read_texts(struct setting_reader *reader, const struct conf_node *node,
	const char *path, struct setting_texts *out)
{
	static const struct setting row = {.type = SETTING_TEXTS};

	return read_texts(reader, &row, node, path, out);
}

static bool
read_pairs(struct setting_reader *reader, const struct setting *row,
	const struct conf_node *node, const char *path,
	struct setting_pairs *out)
{
	struct setting one = {
		.type = SETTING_TEXT, .low = row->low, .high = row->high};
	bool ok = true;

	if (node->type != CONF_MAP) {
		if (row->type == SETTING_SECRET_MAP || row->masked) {
			conf_errors_hide(reader->errors, node);
			return conf_error(reader->errors, node, path,
				"expected a map of secrets by name");
		}
		return refuse(reader, row, node, path, NULL);
	}
	out->names = mem_new(node->count + 1, sizeof(*out->names));
	out->values = mem_new(node->count + 1, sizeof(*out->values));
	for (size_t i = 0; i < node->count; i++) {
		const struct conf_node *value = node->values[i];
		const char *name = node->keys[i]->text;
		char *inner = setting_path(path, name);
		bool good;

		if (!*name)
			good = conf_error(reader->errors, node->keys[i], inner,
				"a name is empty");
		else if (row->type == SETTING_SECRET_MAP)
			good = setting_read_secret(
				reader, value, inner, &out->values[out->count]);
		else
			good = read_text(reader, &one, value, inner,
				&out->values[out->count]);
		if (good)
			out->names[out->count++] = mem_strdup(name);
		ok = ok && good;
		free(inner);
	}
	return ok;
}

bool
setting_is_value(enum setting_type type)
{
	return type != SETTING_RECORD && type != SETTING_MAP &&
	       type != SETTING_LIST && type != SETTING_CUSTOM &&
	       type != SETTING_NODE;
}

bool
setting_value_read(struct setting_reader *reader, const struct setting *row,
	const struct conf_node *node, const char *path, void *where)
{
	switch (row->type) {
	case SETTING_TEXT:
		return read_text(reader, row, node, path, where);
	case SETTING_INTEGER:
		return read_integer(reader, row, node, path, where);
	case SETTING_NUMBER:
		return read_number(reader, row, node, path, where);
	case SETTING_BOOLEAN:
		return read_boolean(reader, row, node, path, where);
	case SETTING_DURATION:
		return read_duration(reader, row, node, path, where);
	case SETTING_RATE:
		return setting_read_rate(reader, node, path, where);
	case SETTING_CHOICE:
		return read_choice(reader, row, node, path, where);
	case SETTING_TEXTS:
		return read_texts(reader, row, node, path, where);
	case SETTING_TEXT_MAP:
	case SETTING_SECRET_MAP:
		return read_pairs(reader, row, node, path, where);
	case SETTING_SECRET:
		return setting_read_secret(reader, node, path, where);
	case SETTING_RECORD:
	case SETTING_MAP:
	case SETTING_LIST:
	case SETTING_CUSTOM:
	case SETTING_NODE:
		break;
	}
	return false;
}

/* Overwrites a secret before its memory goes back. */
static void
free_secret(char *secret)
{
	if (secret)
		explicit_bzero(secret, strlen(secret));
	free(secret);
}

void
setting_texts_done(struct setting_texts *texts)
{
	for (size_t i = 0; i < texts->count; i++)
		free(texts->items[i]);
	free(texts->items);
	*texts = (struct setting_texts){0};
}

void
setting_pairs_done(struct setting_pairs *pairs)
{
	for (size_t i = 0; i < pairs->count; i++) {
		free(pairs->names[i]);
		free_secret(pairs->values[i]);
	}
	free(pairs->names);
	free(pairs->values);
	*pairs = (struct setting_pairs){0};
}

void
setting_value_done(enum setting_type type, void *where)
{
	char **text = where;

	if (type == SETTING_TEXT || type == SETTING_SECRET) {
		free_secret(*text);
		*text = NULL;
	} else if (type == SETTING_TEXTS) {
		setting_texts_done(where);
	} else if (type == SETTING_TEXT_MAP || type == SETTING_SECRET_MAP) {
		setting_pairs_done(where);
	}
}
