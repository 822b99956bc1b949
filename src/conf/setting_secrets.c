/* setting_secrets - a list of secrets, any of which will do (setting.h). */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "conf/errors.h"
#include "conf/setting.h"
#include "conf/setting_path.h"

bool
setting_read_secrets(struct setting_reader *reader,
	const struct conf_node *node, const char *path, size_t most,
	struct setting_texts *out)
{
	bool ok = true;

	if (node->type != CONF_LIST || node->count == 0 || node->count > most) {
		conf_errors_hide(reader->errors, node);
		return conf_error(reader->errors, node, path,
			"expected a list of 1 to %zu secrets", most);
	}
	out->items = mem_new(node->count, sizeof(*out->items));
	for (size_t i = 0; i < node->count; i++) {
		char *inner = setting_path_index(path, i);

		if (setting_read_secret(reader, node->values[i], inner,
			    &out->items[out->count]))
			out->count++;
		else
			ok = false;
		free(inner);
	}
	return ok;
}

void
setting_secrets_done(struct setting_texts *secrets)
{
	for (size_t i = 0; i < secrets->count; i++)
		explicit_bzero(secrets->items[i], strlen(secrets->items[i]));
	setting_texts_done(secrets);
}
