/* email_settings - what is set for an action of type email. */
#include "action/email_settings.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "action/endpoint.h"
#include "action/mail_header.h"
#include "action/message.h"
#include "base/memory.h"
#include "conf/language.h"
#include "conf/setting_path.h"

#define AT(member) offsetof(struct email_settings, member)
#define IN_AUTH(member) (AT(auth.member) - AT(auth))

static bool
read_mailbox(struct setting_reader *reader, const struct conf_node *node,
	const char *path, void *where)
{
	struct err err;
	char *text = NULL;
	bool good = setting_read_text(reader, node, path, &text);

	if (good && !mailbox_parse(where, text, &err))
		good = conf_error(reader->errors, node, path,
			"expected an address such as nps@example.com or \"NPS "
			"alerts <nps@example.com>\", but %s",
			err.text);
	free(text);
	return good;
}

static void
free_mailbox(void *where)
{
	mailbox_done(where);
}

static bool
check_message_name(struct setting_reader *reader, const struct conf_node *node,
	const char *path, void *where)
{
	char **message = where;

	if (message_name_is_good(*message))
		return true;
	return conf_error(reader->errors, node, path,
		"expected the name of a "
		"message, such as detractor: letters, digits, _ and -");
}

/* The name of a message; and where it may be found, the folder. */
static bool
read_message(struct setting_reader *reader, const struct conf_node *node,
	const char *path, void *where)
{
	char **message = where;
	struct email_settings *settings = (void *)((char *)where - AT(message));

	if (!setting_read_text(reader, node, path, message))
		return false;
	settings->folder = mem_strdup(reader->folder);
	return check_message_name(reader, node, path, where);
}

static void
free_message(void *where)
{
	char **message = where;
	struct email_settings *settings = (void *)((char *)where - AT(message));

	free(*message);
	free(settings->folder);
	*message = settings->folder = NULL;
}

static const struct setting auth_rows[] = {
	{"user", SETTING_CUSTOM, IN_AUTH(user), .required = true,
		.read = endpoint_read_text, .done = endpoint_text_done,
		.schema = endpoint_text_schema, .help = "Whom to log in as."},
	{"password", SETTING_SECRET, IN_AUTH(password), .required = true,
		.help = "The password."},
	{.key = NULL},
};

static const char *const starttls_choices[] = {
	"auto", "required", "optional", "off", NULL};

const struct setting email_settings_rows[] = {
	{"url", SETTING_TEXT, AT(url), .required = true, .low = 8, .high = 1024,
		.help = "The mail server: smtp://HOST:PORT (587 with a log-in, "
			"25 without), or smtps://HOST for TLS from the first "
			"byte."},
	{"starttls", SETTING_CHOICE, AT(starttls), .fallback = "auto",
		.choices = starttls_choices,
		.help = "Whether smtp:// turns to TLS before anything is said: "
			"required fails where the server cannot, optional goes "
			"on in the clear, off never tries. auto is required, "
			"but for a server on this machine optional."},
	{"auth", SETTING_RECORD, AT(auth), .fields = auth_rows,
		.help = "The log-in, where the server wants one."},
	{"from", SETTING_CUSTOM, AT(from), .required = true,
		.read = read_mailbox, .done = free_mailbox,
		.schema = "{\"type\":\"string\"}",
		.help = "The sender, as in \"NPS alerts <nps@example.com>\"."},
	{"to", SETTING_CUSTOM, AT(to), .required = true, .read = email_to_read,
		.done = email_to_done, .schema = email_to_schema,
		.help = "Who gets the mail: an address, a list of them, or "
			"{field: PATH} for one that stands in the answer, as "
			"in {field: segment.agent, map: {jan: "
			"jan@example.com}, default: cx@example.com}. The "
			"default counts where the field is missing, has no "
			"line in the map, or is no address. Each address gets "
			"a mail of its own."},
	{"reply_to", SETTING_CUSTOM, AT(reply_to), .read = read_mailbox,
		.done = free_mailbox, .schema = "{\"type\":\"string\"}",
		.help = "Where answers to the mail go."},
	{"message", SETTING_CUSTOM, AT(message), .fallback = "detractor",
		.read = read_message, .done = free_message,
		.schema = "{\"type\":\"string\"}",
		.help = "What the mail says: NAME of the files "
			"NAME.LANGUAGE.txt and NAME.LANGUAGE.html. They are "
			"looked for in messages/ beside the configuration, in "
			"/etc/npsd/messages, and among those that came with "
			"npsd."},
	{"reminder", SETTING_TEXT, AT(reminder), .fallback = "reminder",
		.low = 1, .high = 64, .read = check_message_name,
		.help = "The message of a mail that reminds of a follow-up: "
			"its deadline comes near, its claim was forgotten, or "
			"it is time to try again."},
	{"escalation", SETTING_TEXT, AT(escalation), .fallback = "escalation",
		.low = 1, .high = 64, .read = check_message_name,
		.help = "The message of a mail that escalates one that is "
			"overdue."},
	{"language", SETTING_TEXT, AT(language), .fallback = "en", .low = 2,
		.high = LANGUAGE_NAME_LIMIT_BYTES, .read = language_name_check,
		.help = "The language of the mail, where who gets it has none "
			"of their own."},
	{"headers", SETTING_TEXT_MAP, AT(headers), .high = 800,
		.help = "Further headers with fixed text, such as List-Id."},
	{"timeout_after_data", SETTING_DURATION, AT(timeout_after_data_ms),
		.fallback = "10m", .low = 100, .high = 60 * 60 * 1000,
		.help = "How long the server may think about a mail that it "
			"has read to its end; up to there \"timeout\" holds. "
			"Who hangs up too early sends the mail twice."},
	CONNECTION_ROWS(AT(connection)),
	{.key = NULL},
};

enum transfer_tls
email_settings_tls(const struct email_settings *settings)
{
	switch ((enum email_starttls)settings->starttls) {
	case STARTTLS_OFF:
		return TRANSFER_TLS_OFF;
	case STARTTLS_OPTIONAL:
		return TRANSFER_TLS_OPTIONAL;
	case STARTTLS_REQUIRED:
		return TRANSFER_TLS_REQUIRED;
	case STARTTLS_AUTO:
		break;
	}
	return endpoint_is_loopback(settings->url) ? TRANSFER_TLS_OPTIONAL
						   : TRANSFER_TLS_REQUIRED;
}

/* ---- checks beyond the rows ---- */

struct checker {
	const struct email_settings *settings;
	const struct conf_node *node;
	const char *path;
	struct conf_errors *errors;
};

static bool
fault(const struct checker *checker, const char *key, const char *text)
{
	char *path = setting_path(checker->path, key);

	conf_error(checker->errors, conf_node_at(checker->node, key), path,
		"%s", text);
	free(path);
	return false;
}

static bool
check_url(const struct checker *checker)
{
	static const char *const schemes[] = {"smtp", "smtps", NULL};
	const struct email_settings *settings = checker->settings;
	struct err err;
	const char *rest;

	if (!transfer_url_is_good(settings->url, schemes, &err)) {
		err_prefix(&err, "expected smtp://HOST:PORT or smtps://HOST");
		return fault(checker, "url", err.text);
	}
	rest = strstr(settings->url, "://") + 3;
	rest += strcspn(rest, "/?#");
	if (*rest != '\0' && strcmp(rest, "/") != 0)
		return fault(checker, "url",
			"expected nothing behind the "
			"host and the port");
	return true;
}

static void
warn_of_plain_text(const struct checker *checker)
{
	const struct email_settings *settings = checker->settings;
	enum transfer_tls tls = email_settings_tls(settings);

	if (endpoint_is_loopback(settings->url) ||
		endpoint_has_scheme(settings->url, "smtps") ||
		tls == TRANSFER_TLS_REQUIRED)
		return;
	conf_warning(checker->errors, conf_node_at(checker->node, "starttls"),
		checker->path,
		"mails%s may go over the network in the clear; "
		"write starttls: required",
		settings->auth.user != NULL ? " and the password" : "");
}

static const char *const own_headers[] = {"From", "To", "Cc", "Bcc", "Sender",
	"Reply-To", "Subject", "Date", "Message-ID", "In-Reply-To",
	"References", "MIME-Version", "Auto-Submitted", "Content-Type",
	"Content-Transfer-Encoding", "Content-Language", "Return-Path",
	"Received", NULL};

static bool
check_header(const struct checker *checker, const char *name, const char *value)
{
	char text[160];

	for (size_t i = 0; own_headers[i] != NULL; i++)
		if (strcasecmp(own_headers[i], name) == 0) {
			snprintf(text, sizeof(text),
				"%s is a header that npsd "
				"writes itself",
				own_headers[i]);
			return fault(checker, "headers", text);
		}
	if (!mail_header_name_is_good(name))
		return fault(checker, "headers",
			"a name has a character that "
			"a header's name cannot have, or too many");
	return endpoint_check_line(value,
		conf_node_at(conf_node_at(checker->node, "headers"), name),
		checker->path, checker->errors);
}

static bool
check_headers(const struct checker *checker)
{
	const struct setting_pairs *headers = &checker->settings->headers;
	bool good = true;

	for (size_t i = 0; i < headers->count; i++)
		good &= check_header(
			checker, headers->names[i], headers->values[i]);
	return good;
}

static bool
check_auth(const struct checker *checker)
{
	const struct email_settings *settings = checker->settings;
	const struct conf_node *auth = conf_node_at(checker->node, "auth");

	return endpoint_check_line(settings->auth.user,
		       conf_node_at(auth, "user"), checker->path,
		       checker->errors) &&
	       endpoint_check_line(settings->auth.password,
		       conf_node_at(auth, "password"), checker->path,
		       checker->errors);
}

static bool
check_languages(const struct checker *checker, const struct message *message,
	const char *name)
{
	const char *language = checker->settings->language;
	char *languages, *text;

	if (message_has(message, language))
		return true;
	languages = message_languages(message);
	text = mem_printf("there is no message \"%s\" in this language; there "
			  "is one in %s",
		name, languages);
	fault(checker, "language", text);
	free(text);
	free(languages);
	return false;
}

static bool
check_message(const struct checker *checker, const char *key, const char *name)
{
	char *path = setting_path(checker->path, key);
	struct program_place place = {
		.node = conf_node_at(checker->node, key),
		.path = path,
		.file = name,
		.sees_alert = true,
	};
	struct setting_texts folders;
	struct err err;
	bool good = false;

	message_folders(checker->settings->folder, &folders);
	struct message *message = message_open(name, &folders, &err);

	if (message == NULL || !message_check(message, &err)) {
		conf_error(checker->errors,
			place.node != NULL ? place.node : checker->node, path,
			"%s", err.text);
	} else {
		message_check_names(message, &place, checker->errors);
		good = check_languages(checker, message, name);
	}
	message_free(message);
	setting_texts_done(&folders);
	free(path);
	return good;
}

/* Messages that may never be sent are looked at where they are chosen. */
static bool
check_chosen(const struct checker *checker, const char *key, const char *name)
{
	return conf_node_at(checker->node, key) == NULL ||
	       check_message(checker, key, name);
}

bool
email_settings_check(const void *settings, const struct conf_node *node,
	const char *path, struct conf_errors *errors)
{
	const struct email_settings *email = settings;
	struct checker checker = {settings, node, path, errors};
	bool good = check_url(&checker);

	if (good)
		warn_of_plain_text(&checker);
	good &= check_auth(&checker);
	good &= connection_check(&email->connection, node, path, errors);
	good &= check_headers(&checker);
	good &= check_message(&checker, "message", email->message);
	good &= check_chosen(&checker, "reminder", email->reminder);
	good &= check_chosen(&checker, "escalation", email->escalation);
	if (email->common.storm.more_than > 0)
		good &= check_message(&checker, "storm", "storm");
	return good;
}
