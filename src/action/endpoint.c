/* endpoint - small questions about the URL of a receiver. */
#include "action/endpoint.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/text.h"
#include "conf/conf_file.h"

bool
endpoint_has_scheme(const char *url, const char *scheme)
{
	size_t length = strlen(scheme);

	return strncasecmp(url, scheme, length) == 0 &&
	       strncmp(url + length, "://", 3) == 0;
}

static bool
is_loopback_address(const char *host, size_t length)
{
	return length > 4 && strncmp(host, "127.", 4) == 0 &&
	       strspn(host, "0123456789.") >= length;
}

bool
endpoint_is_loopback(const char *url)
{
	const char *host = strstr(url, "://");
	size_t length;

	if (host == NULL)
		return false;
	host += 3;
	if (*host == '[')
		return text_starts(host, "[::1]");
	length = strcspn(host, ":/?#");
	return (length == 9 && strncasecmp(host, "localhost", 9) == 0) ||
	       is_loopback_address(host, length);
}

const char endpoint_text_schema[] =
	"{\"oneOf\":[{\"type\":\"string\"},{\"type\":\"object\","
	"\"minProperties\":1,\"maxProperties\":1,\"properties\":{"
	"\"file\":{\"type\":\"string\"},\"credential\":{\"type\":\"string\"},"
	"\"env\":{\"type\":\"string\"}},\"additionalProperties\":false}]}";

bool
endpoint_read_text(struct setting_reader *reader, const struct conf_node *node,
	const char *path, void *where)
{
	if (node->type == CONF_MAP)
		return setting_read_secret(reader, node, path, where);
	setting_warn_of_url(reader, node, path);
	return setting_read_text(reader, node, path, where);
}

void
endpoint_text_done(void *where)
{
	char **text = where;

	if (*text != NULL)
		explicit_bzero(*text, strlen(*text));
	free(*text);
	*text = NULL;
}

bool
endpoint_read_file(struct setting_reader *reader, const struct conf_node *node,
	const char *path, void *where)
{
	char **file = where;
	char *seen = conf_file_path(reader->folder, *file);

	free(*file);
	*file = seen;
	if (reader->offline || access(seen, R_OK) == 0)
		return true;
	return conf_error(reader->errors, node, path, "cannot read %s: %s",
		seen, strerror(errno));
}

bool
endpoint_check_line(const char *text, const struct conf_node *node,
	const char *path, struct conf_errors *errors)
{
	for (const char *at = text; at != NULL && *at != '\0'; at++)
		if ((unsigned char)*at < ' ' || *at == 0x7f)
			return conf_error(errors, node, path,
				"it holds a line break or another control "
				"character");
	return true;
}
