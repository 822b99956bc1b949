/*
 * setting_secret - secrets and where they are kept (setting.h). A secret goes
 * from its file to its owner: what is told about it never holds a part of it.
 */
#include "conf/setting_secret.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "base/text.h"
#include "conf/conf_file.h"
#include "conf/errors.h"
#include "conf/setting.h"
#include "conf/setting_path.h"

static const char *const places[] = {"file", "credential", "env", NULL};

struct secret {
	struct setting_reader *reader;
	const struct conf_node *node; /* the name of the file, ... */
	const char *path;
	struct buf bytes;
};

bool
setting_secret_is_elsewhere(const struct conf_node *node)
{
	if (!node || node->type != CONF_MAP || node->count != 1 ||
		node->values[0]->type != CONF_SCALAR)
		return false;
	for (const char *const *place = places; *place; place++)
		if (strcmp(node->keys[0]->text, *place) == 0)
			return true;
	return false;
}

/* Where the rest of the address is the secret. */
static const char *const hook_places[] = {"://hooks.slack.com/",
	"://hooks.zapier.com/", "://discord.com/api/webhooks/",
	".webhook.office.com/", "://hooks.airtable.com/", NULL};

/* "name" of "?name=value" or "&name=value". */
static bool
is_secret_parameter(const char *name, size_t length)
{
	static const char *const words[] = {"key", "sig", "signature", NULL};
	char *copy = mem_copy(name, length);
	bool secret = conf_key_is_secret(copy);

	for (const char *const *word = words; *word; word++)
		secret |= strcasecmp(copy, *word) == 0;
	free(copy);
	return secret;
}

bool
setting_secret_is_url(const struct conf_node *node)
{
	const char *text = node && node->type == CONF_SCALAR ? node->text : "";
	const char *at = strchr(text, '?');

	if (!strstr(text, "://"))
		return false;
	for (const char *const *place = hook_places; *place; place++)
		if (strcasestr(text, *place))
			return true;
	while (at) {
		size_t length = strcspn(at + 1, "=&#");

		if (at[1 + length] == '=' &&
			is_secret_parameter(at + 1, length))
			return true;
		at = strchr(at + 1, '&');
	}
	return false;
}

void
setting_warn_of_url(struct setting_reader *reader, const struct conf_node *node,
	const char *path)
{
	if (!setting_secret_is_url(node))
		return;
	conf_errors_hide(reader->errors, node);
	conf_warning(reader->errors, node, path,
		"whoever knows this address may use it; keep it in a file that "
		"only the daemon can read, and write {file: PATH}");
}

bool
setting_secret_hides(
	bool hidden, const char *key, const struct conf_node *value)
{
	if (setting_secret_is_elsewhere(value))
		return false;
	return hidden || setting_secret_is_url(value) ||
	       (value->type != CONF_MAP && key && conf_key_is_secret(key));
}

/* Takes the bytes over, without a newline at their end. */
static bool
finish(struct secret *secret, char **out)
{
	struct buf *bytes = &secret->bytes;
	const char *why = NULL;

	if (bytes->length > 0 && bytes->data[bytes->length - 1] == '\n') {
		bytes->length--;
		if (bytes->length > 0 && bytes->data[bytes->length - 1] == '\r')
			bytes->length--;
	}
	if (bytes->length == 0)
		why = "the secret is empty";
	else if (memchr(bytes->data, '\0', bytes->length))
		why = "the secret holds a NUL, expected a text";
	if (why) {
		buf_done(bytes);
		return conf_error(secret->reader->errors, secret->node,
			secret->path, "%s", why);
	}
	bytes->data[bytes->length] = '\0';
	*out = buf_take(bytes);
	return true;
}

/* A secret that is not there: an error, but on another machine. */
static bool
is_missing(struct secret *secret, char **out, const char *why)
{
	if (secret->reader->offline) {
		*out = mem_strdup("");
		return true;
	}
	return conf_error(
		secret->reader->errors, secret->node, secret->path, "%s", why);
}

static bool
read_secret_file(
	struct secret *secret, const char *file, bool guarded, char **out)
{
	struct conf_file_identity identity = {0};
	struct err err = {0};
	bool missing = false;

	if (!conf_file_read(file, SECRET_LIMIT_BYTES, &secret->bytes, &identity,
		    &missing, &err)) {
		char *why = mem_printf(
			"cannot read the secret in %s: %s", file, err.text);
		bool ok = missing ? is_missing(secret, out, why)
				  : conf_error(secret->reader->errors,
					    secret->node, secret->path, "%s",
					    why);

		free(why);
		buf_done(&secret->bytes);
		return ok;
	}
	if (!guarded && (identity.mode & S_IROTH))
		conf_warning(secret->reader->errors, secret->node, secret->path,
			"everybody on this machine can read %s; chmod o-rwx",
			file);
	return finish(secret, out);
}

static bool
read_file(struct secret *secret, char **out)
{
	char *file = conf_file_path(secret->reader->folder, secret->node->text);
	bool ok = read_secret_file(secret, file, false, out);

	free(file);
	return ok;
}

/* A name that is none may be the secret itself. Always false. */
static bool
refuse_name(struct secret *secret, const char *what)
{
	conf_errors_hide(secret->reader->errors, secret->node);
	return conf_error(secret->reader->errors, secret->node, secret->path,
		"expected the name of %s", what);
}

static bool
read_credential(struct secret *secret, char **out)
{
	const char *folder = getenv("CREDENTIALS_DIRECTORY");
	const char *name = secret->node->text;

	if (strchr(name, '/') || *name == '.')
		return refuse_name(
			secret, "a credential of the unit, without a folder");
	if (!folder || !*folder)
		return is_missing(secret, out,
			"there are no credentials: $CREDENTIALS_DIRECTORY is "
			"not set; see LoadCredential= in systemd.exec(5)");
	char *file = conf_file_path(folder, name);
	bool ok = read_secret_file(secret, file, true, out);

	free(file);
	return ok;
}

static bool
read_environment(struct secret *secret, char **out)
{
	const char *name = secret->node->text;

	if (strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
			 "0123456789_") != strlen(name))
		return refuse_name(secret, "an environment variable");
	const char *value = getenv(name);

	if (!value) {
		char *why = mem_printf(
			"the environment variable %s is not set", name);
		bool ok = is_missing(secret, out, why);

		free(why);
		return ok;
	}
	buf_append_text(&secret->bytes, value);
	return finish(secret, out);
}

static bool
read_inline(struct setting_reader *reader, const struct conf_node *node,
	const char *path, char **out)
{
	if (!*node->text)
		return conf_error(
			reader->errors, node, path, "the secret is empty");
	conf_warning(reader->errors, node, path,
		"the secret itself stands here; keep it in a file that only "
		"the daemon can read, and write {file: PATH}");
	*out = mem_strdup(node->text);
	return true;
}

/* What is wrong with a map that says where. Its keys may be the secret too. */
static bool
refuse_map(struct setting_reader *reader, const struct conf_node *node,
	const char *path)
{
	const char *near = NULL;

	if (node->partial)
		return false; /* told before */
	if (node->count == 1)
		near = text_nearest(node->keys[0]->text, places);
	for (size_t i = 0; i < node->count && !near; i++)
		conf_errors_hide(reader->errors, node->keys[i]);
	return conf_error(reader->errors, node, path,
		"expected a secret: exactly one of {file: PATH}, "
		"{credential: NAME}, {env: NAME}%s%s%s",
		near ? "; did you mean \"" : "", near ? near : "",
		near ? "\"?" : "");
}

bool
setting_read_secret(struct setting_reader *reader, const struct conf_node *node,
	const char *path, char **out)
{
	if (conf_node_is_null(node))
		return conf_error(reader->errors, node, path,
			"found nothing, expected a secret: {file: PATH}, "
			"{credential: NAME} or {env: NAME}");
	if (node->type == CONF_SCALAR) {
		conf_errors_hide(reader->errors, node);
		return read_inline(reader, node, path, out);
	}
	if (!setting_secret_is_elsewhere(node) || !*node->values[0]->text) {
		conf_errors_hide(reader->errors, node);
		if (node->type == CONF_MAP)
			return refuse_map(reader, node, path);
		return conf_error(reader->errors, node, path,
			"found a list, expected a secret: {file: PATH}, "
			"{credential: NAME} or {env: NAME}");
	}
	const char *place = node->keys[0]->text;
	char *inner = setting_path(path, place);
	struct secret secret = {reader, node->values[0], inner, {0}};
	bool ok;

	if (*place == 'f')
		ok = read_file(&secret, out);
	else if (*place == 'c')
		ok = read_credential(&secret, out);
	else
		ok = read_environment(&secret, out);
	free(inner);
	return ok;
}
