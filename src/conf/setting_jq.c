/* setting_jq - a jq text, or the file that it stands in (setting.h). */
#include <stdlib.h>
#include <string.h>

#include "conf/conf_file.h"
#include "conf/errors.h"
#include "conf/setting.h"

static bool
read_file(struct setting_reader *reader, const struct conf_node *node,
	const char *path, size_t limit, struct setting_jq *jq)
{
	const struct conf_node *name = conf_node_at(node, "file");
	struct buf text = {0};
	struct err err;
	bool good;

	if (node->count != 1 || name == NULL || name->type != CONF_SCALAR ||
		*name->text == '\0')
		return conf_error(reader->errors, node, path,
			"expected a jq text or {file: PATH}");
	jq->file = conf_file_path(reader->folder, name->text);
	good = conf_file_read(jq->file, limit, &text, NULL, NULL, &err);
	if (!good)
		conf_error(reader->errors, name, path, "cannot read %s: %s",
			jq->file, err.text);
	else if (text.length > 0 &&
		 memchr(text.data, '\0', text.length) != NULL)
		good = conf_error(reader->errors, name, path,
			"%s has a NUL, expected a jq text", jq->file);
	else
		jq->text = buf_take(&text);
	buf_done(&text);
	return good;
}

bool
setting_read_jq(struct setting_reader *reader, const struct conf_node *node,
	const char *path, size_t limit, struct setting_jq *jq)
{
	if (node->type == CONF_MAP)
		return read_file(reader, node, path, limit, jq);
	return setting_read_text(reader, node, path, &jq->text);
}

void
setting_jq_done(struct setting_jq *jq)
{
	free(jq->text);
	free(jq->file);
	*jq = (struct setting_jq){NULL, NULL};
}
