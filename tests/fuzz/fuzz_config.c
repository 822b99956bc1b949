/*
 * A configuration as somebody wrote it: it is read to an end; what is refused
 * has a reason that fits on terminals and in JSON; what is taken can be printed.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "conf/setting.h"
#include "top/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool holds)
{
	if (!holds)
		abort();
}

/* Nothing that moves a terminal but the ends of lines. */
static void
check_text(const struct buf *text)
{
	for (size_t at = 0; at < text->length;) {
		uint32_t code = 0;
		size_t bytes = text_sequence(
			text->data + at, text->length - at, &code);

		must(bytes && (code == '\n' || !text_moves(code)));
		at += bytes;
	}
}

static void
check_json(const struct buf *text)
{
	struct json_fault fault;
	json_t *value = json_read(text->data, text->length, &fault);

	must(value);
	json_decref(value);
}

static void
check_errors(const struct conf_errors *errors, bool good)
{
	struct buf text = {0}, json = {0};

	must(good == (conf_errors_count(errors) == 0));
	conf_errors_write(errors, &text);
	conf_errors_write_json(errors, &json);
	must(good || text.length > 0);
	check_text(&text);
	check_json(&json);
	buf_done(&text);
	buf_done(&json);
}

static void
check_prints(const struct conf_node *root)
{
	struct buf text = {0}, json = {0};

	setting_print(config_settings, root, &text);
	setting_print_json(config_settings, root, &json);
	check_text(&text);
	check_json(&json);
	buf_done(&text);
	buf_done(&json);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct conf_errors *errors = conf_errors_new();
	struct setting_reader reader = {errors, "/nonexistent", true};
	struct conf_document *document = conf_document_read(
		"fuzz.yaml", (const char *)data, size, errors);
	const struct conf_node *root =
		document != NULL ? conf_document_root(document) : NULL;
	bool good = conf_errors_count(errors) == 0;
	struct config config = {0};

	if (root != NULL && root->type == CONF_MAP) {
		good &= setting_read(
			&reader, config_settings, root, "", &config);
		setting_done(config_settings, &config);
		if (good)
			check_prints(root);
	}
	check_errors(errors, good);
	conf_document_free(document);
	conf_errors_free(errors);
	return 0;
}
