/* mail_address - which addresses mail may go to, and names with addresses. */
#include "action/mail_address.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/memory.h"
#include "base/text.h"
#include "loop/idn.h"

enum { LABEL_LIMIT_BYTES = 63 };

static bool
is_alphanumeric(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9');
}

/* RFC 5322 3.2.3 */
static bool
is_atom_character(char c)
{
	return is_alphanumeric(c) ||
	       (c != '\0' && strchr("!#$%&'*+-/=?^_`{|}~", c) != NULL);
}

static bool
check_local(const char *local, size_t length, struct err *err)
{
	if (length == 0)
		return err_set(err, "it has nothing before the @");
	if (length > MAIL_LOCAL_LIMIT_BYTES)
		return err_set(err,
			"it has more than %d characters before "
			"the @",
			MAIL_LOCAL_LIMIT_BYTES);
	if (local[0] == '.' || local[length - 1] == '.')
		return err_set(err, "it has a dot at the start or just before "
				    "the @");
	for (size_t i = 0; i < length; i++) {
		if (local[i] == '.' && local[i + 1] == '.')
			return err_set(err, "it has two dots in a row");
		if (local[i] != '.' && (unsigned char)local[i] < 0x80 &&
			!is_atom_character(local[i]))
			return err_set(err, "it has a character before the @ "
					    "that an address cannot have");
	}
	return true;
}

static bool
check_label(const char *label, size_t length, struct err *err)
{
	if (length == 0)
		return err_set(err, "its domain has an empty part");
	if (length > LABEL_LIMIT_BYTES)
		return err_set(err,
			"its domain has a part of more than %d "
			"characters",
			LABEL_LIMIT_BYTES);
	if (label[0] == '-' || label[length - 1] == '-')
		return err_set(err, "its domain has a hyphen where none may "
				    "be");
	for (size_t i = 0; i < length; i++)
		if (!is_alphanumeric(label[i]) && label[i] != '-')
			return err_set(err, "its domain has a character that "
					    "a domain cannot have");
	return true;
}

static bool
check_ascii_domain(const char *domain, struct err *err)
{
	if (*domain == '\0')
		return err_set(err, "it has no domain behind the @");
	for (const char *label = domain;;) {
		size_t length = strcspn(label, ".");

		if (!check_label(label, length, err))
			return false;
		if (label[length] == '\0')
			return true;
		label += length + 1;
	}
}

/* Controls of ISO 8859, line and paragraph ends, and what turns the direction of
 * writing or shows nothing: an address that looks like another one. */
static bool
is_control(uint32_t code)
{
	return code < ' ' || (code >= 0x7f && code < 0xa0) || code == 0xad ||
	       (code >= 0x200b && code <= 0x200f) ||
	       (code >= 0x2028 && code <= 0x202e) ||
	       (code >= 0x2060 && code <= 0x206f) || code == 0xfeff;
}

/* What is told first, since it says more than what follows from it. */
static bool
check_characters(const char *address, struct err *err)
{
	size_t length = strlen(address), bytes;

	for (size_t i = 0; i < length; i += bytes) {
		uint32_t code = 0;

		bytes = text_sequence(address + i, length - i, &code);
		if (bytes == 0)
			return err_set(err, "it is no valid UTF-8");
		if (is_control(code))
			return err_set(err, "it has a line break or another "
					    "control character");
		if (code == ' ' || code == 0xa0 || code == 0x3000)
			return err_set(err, "it has a space");
	}
	return true;
}

static bool
check_length(const char *address, struct err *err)
{
	if (*address == '\0')
		return err_set(err, "it is empty");
	if (strlen(address) > MAIL_ADDRESS_LIMIT_BYTES)
		return err_set(err, "it has more than %d characters",
			MAIL_ADDRESS_LIMIT_BYTES);
	return true;
}

char *
mail_address_for_wire(const char *address, struct err *err)
{
	const char *at = strrchr(address, '@');
	char *domain, *whole = NULL;

	if (!check_length(address, err) || !check_characters(address, err))
		return NULL;
	if (at == NULL) {
		err_set(err, "it has no @");
		return NULL;
	}
	if (!check_local(address, (size_t)(at - address), err))
		return NULL;
	domain = idn_to_ascii(at + 1, err);
	if (domain == NULL) {
		err_prefix(err, "its domain is none");
		return NULL;
	}
	if (check_ascii_domain(domain, err)) {
		whole = mem_printf(
			"%.*s@%s", (int)(at - address), address, domain);
		if (!check_length(whole, err)) {
			free(whole);
			whole = NULL;
		}
	}
	free(domain);
	return whole;
}

bool
mail_address_is_good(const char *address, struct err *err)
{
	char *whole = mail_address_for_wire(address, err);

	free(whole);
	return whole != NULL;
}

const char *
mail_address_domain(const char *address)
{
	const char *at = strrchr(address, '@');

	return at != NULL ? at + 1 : "";
}

/* "A \"quoted\" name" without its quotes; false if they do not match. */
static bool
unquote(struct text name, struct buf *out)
{
	for (size_t i = 1; i + 1 < name.length; i++) {
		if (name.data[i] == '"')
			return false;
		if (name.data[i] == '\\' && ++i + 1 == name.length)
			return false;
		buf_append_char(out, name.data[i]);
	}
	return name.length >= 2 && name.data[name.length - 1] == '"';
}

static bool
take_name(struct text name, char **out, struct err *err)
{
	struct buf plain = {0};
	size_t bad;

	if (!text_is_utf8(name.data, name.length, &bad))
		return err_set(err, "the name is no valid UTF-8");
	for (size_t i = 0; i < name.length; i++)
		if ((unsigned char)name.data[i] < ' ' || name.data[i] == 0x7f)
			return err_set(err, "the name has a control "
					    "character");
	if (name.length > 0 && name.data[0] == '"') {
		if (!unquote(name, &plain)) {
			buf_done(&plain);
			return err_set(err, "the quotes of the name do not "
					    "match");
		}
	} else {
		buf_append(&plain, name.data, name.length);
	}
	buf_append(&plain, "", 0);
	*out = buf_take(&plain);
	return true;
}

static bool
take_address(struct text address, char **out, struct err *err)
{
	char *given = mem_copy(address.data, address.length);

	*out = mail_address_for_wire(given, err);
	free(given);
	return *out != NULL &&
	       (!idn_is_needed(*out) ||
		       err_set(err, "it has a character outside ASCII before "
				    "the @, which not every server takes"));
}

bool
mailbox_parse(struct mailbox *mailbox, const char *text, struct err *err)
{
	const char *open = strrchr(text, '<');
	struct text whole = text_trim(text_of(text));
	struct text name = {"", 0}, address = whole;

	*mailbox = (struct mailbox){NULL, NULL};
	if (open != NULL) {
		const char *end = whole.data + whole.length;

		if (end[-1] != '>')
			return err_set(err, "what stands behind the name is "
					    "no address in < >");
		name = text_trim(
			(struct text){whole.data, (size_t)(open - whole.data)});
		address = (struct text){open + 1, (size_t)(end - open) - 2};
	}
	if (take_address(address, &mailbox->address, err) &&
		take_name(name, &mailbox->name, err))
		return true;
	mailbox_done(mailbox);
	return false;
}

void
mailbox_done(struct mailbox *mailbox)
{
	free(mailbox->name);
	free(mailbox->address);
	*mailbox = (struct mailbox){NULL, NULL};
}
