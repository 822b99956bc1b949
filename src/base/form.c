/* form - fields, and the object that they make. */
#include "base/form.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/text.h"

/* ---- fields ---- */

static bool
is_good(const char *text, size_t length)
{
	size_t at;

	return memchr(text, '\0', length) == NULL &&
	       text_is_utf8(text, length, &at);
}

bool
form_add(struct form *form, char *name, size_t name_length, char *value,
	size_t value_length, struct err *err)
{
	bool good = false;

	if (form->count == FORM_FIELDS_LIMIT)
		err_set(err, "the form has more than %d fields",
			FORM_FIELDS_LIMIT);
	else if (name_length > FORM_NAME_LIMIT_BYTES)
		err_set(err,
			"the name of field %zu of the form is longer than %d "
			"bytes",
			form->count + 1, FORM_NAME_LIMIT_BYTES);
	else if (!is_good(name, name_length) || !is_good(value, value_length))
		err_set(err,
			"field %zu of the form has a NUL or bytes that are no "
			"UTF-8",
			form->count + 1);
	else
		good = true;
	if (!good) {
		free(name);
		free(value);
		return false;
	}
	/* Room for as many again at each power of two. */
	if ((form->count & (form->count - 1)) == 0)
		form->fields = mem_grow(form->fields,
			form->count > 0 ? 2 * form->count : 1,
			sizeof(struct form_field));
	form->fields[form->count++] = (struct form_field){name, value};
	return true;
}

void
form_done(struct form *form)
{
	for (size_t i = 0; i < form->count; i++) {
		free(form->fields[i].name);
		free(form->fields[i].value);
	}
	free(form->fields);
	*form = (struct form){NULL, 0};
}

const char *
form_value(const struct form *form, const char *name)
{
	const char *value = NULL;

	for (size_t i = 0; i < form->count; i++) {
		if (strcmp(form->fields[i].name, name) != 0)
			continue;
		if (value != NULL)
			return NULL;
		value = form->fields[i].value;
	}
	return value;
}

/* ---- the object ---- */

/* True for name[a][]: brackets that close, up to the end, behind a name. */
static bool
has_brackets(const char *name)
{
	const char *at = strchr(name, '[');

	if (at == NULL || at == name)
		return false;
	while (*at == '[') {
		at = strchr(at, ']');
		if (at == NULL)
			return false;
		at++;
	}
	return *at == '\0';
}

/* The member of an object that is a map or a list itself, made where it is
 * missing; NULL: it is something else. */
static json_t *
inner_of(json_t *object, const char *key, bool list)
{
	json_t *inner = json_object_get(object, key);

	if (inner == NULL) {
		inner = list ? json_array() : json_object();
		json_object_set_new_nocheck(object, key, inner);
	}
	if (list ? json_is_array(inner) : json_is_object(inner))
		return inner;
	return NULL;
}

/* A name that comes again makes a list. */
static bool
set_text(json_t *object, const char *key, const char *value)
{
	json_t *there = json_object_get(object, key);
	json_t *text = json_string_nocheck(value), *list;

	if (there == NULL) {
		json_object_set_new_nocheck(object, key, text);
		return true;
	}
	if (json_is_object(there)) {
		json_decref(text);
		return false;
	}
	if (json_is_array(there)) {
		json_array_append_new(there, text);
		return true;
	}
	list = json_array();
	json_array_append(list, there);
	json_array_append_new(list, text);
	json_object_set_new_nocheck(object, key, list);
	return true;
}

/* Puts a value where "name[a][b]" says; the text of the name is cut up. */
static bool
put_nested(json_t *object, char *name, const char *value, int *depth)
{
	char *next = strchr(name, '[');

	*next++ = '\0';
	for (*depth = 1;; (*depth)++) {
		char *end = strchr(next, ']');
		bool list = end == next, last = end[1] == '\0';
		json_t *inner;

		if (*depth == JSON_DEPTH_LIMIT - 1)
			return false;
		*end = '\0';
		if (list && last) {
			inner = inner_of(object, name, true);
			if (inner != NULL)
				json_array_append_new(
					inner, json_string_nocheck(value));
			return inner != NULL;
		}
		/* "[]" in the middle is a member without a name. */
		inner = inner_of(object, name, false);
		if (inner == NULL)
			return false;
		if (last)
			return set_text(inner, next, value);
		object = inner;
		name = next;
		next = end + 2;
	}
}

static bool
put(json_t *object, const struct form_field *field, size_t number,
	struct err *err)
{
	int depth = 0;
	bool good;

	if (has_brackets(field->name)) {
		char *name = mem_strdup(field->name);

		good = put_nested(object, name, field->value, &depth);
		free(name);
	} else {
		good = set_text(object, field->name, field->value);
	}
	if (good)
		return true;
	if (depth == JSON_DEPTH_LIMIT - 1)
		return err_set(err,
			"field %zu of the form nests deeper than %d levels",
			number, JSON_DEPTH_LIMIT);
	return err_set(err,
		"field %zu of the form contradicts one before it: a text and "
		"brackets by the same name",
		number);
}

json_t *
form_to_json(const struct form *form, struct err *err)
{
	json_t *object = json_object();

	for (size_t i = 0; i < form->count; i++) {
		if (put(object, &form->fields[i], i + 1, err))
			continue;
		json_decref(object);
		return NULL;
	}
	return object;
}
