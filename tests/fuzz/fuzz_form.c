/*
 * Forms as strangers post them: a first line that begins with "multipart/" is
 * the Content-Type of the rest; all else is urlencoded. What is taken makes an
 * object that the strict reader takes as well, and fields that can be written
 * and read back.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/form.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool holds)
{
	if (!holds)
		abort();
}

static void
append_encoded(struct buf *out, const char *text)
{
	for (; *text != '\0'; text++)
		buf_printf(out, "%%%02X", (unsigned char)*text);
}

static void
try_again(const struct form *form)
{
	struct form back = {NULL, 0};
	struct buf text = {0};
	struct err err;

	/* A pair without anything is none. */
	for (size_t i = 0; i < form->count; i++) {
		append_encoded(&text, form->fields[i].name);
		buf_append_char(&text, '=');
		append_encoded(&text, form->fields[i].value);
		buf_append_char(&text, '&');
	}
	must(form_read_urlencoded(&back, text.data, text.length, &err));
	must(back.count == form->count);
	for (size_t i = 0; i < form->count; i++) {
		must(text_same(back.fields[i].name, form->fields[i].name));
		must(text_same(back.fields[i].value, form->fields[i].value));
	}
	form_done(&back);
	buf_done(&text);
}

static void
try_object(const struct form *form)
{
	struct err err = {""};
	json_t *object = form_to_json(form, &err), *back;
	struct json_fault fault;
	char *text;

	if (object == NULL) {
		must(err.text[0] != '\0');
		return;
	}
	text = json_text(object);
	back = json_read(text, strlen(text), &fault);
	must(back != NULL && json_equal(object, back));
	json_decref(back);
	free(text);
	json_decref(object);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct text text = {(const char *)data, size};
	const char *end = memchr(text.data, '\n', size);
	size_t line = end != NULL ? (size_t)(end - text.data) : size;
	char *type = mem_copy(text.data, line);
	struct form form = {NULL, 0};
	struct err err = {""};
	bool good;

	if (text_starts(type, "multipart/") && end != NULL)
		good = form_read_multipart(
			&form, type, end + 1, size - line - 1, &err);
	else
		good = form_read_urlencoded(&form, text.data, size, &err);
	must(good || err.text[0] != '\0');
	if (good && form.count > 0)
		try_again(&form);
	if (good)
		try_object(&form);
	form_done(&form);
	free(type);
	return 0;
}
