/*
 * Addresses, and names with addresses: what is taken can stand in a command and
 * in a header as it is.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "action/mail_address.h"
#include "action/mail_header.h"
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
try_address(const char *text)
{
	struct err err = {""};
	char *used = mail_address_for_wire(text, &err), *twice = NULL;

	must((used != NULL) == mail_address_is_good(text, NULL));
	must((used != NULL) == (err.text[0] == '\0'));
	must(used == NULL || strpbrk(used, " \t\r\n<>\"(),:;") == NULL);
	if (used != NULL)
		twice = mail_address_for_wire(used, &err);
	must(text_same(used, twice));
	free(twice);
	free(used);
}

/* Lines are folded, and none of them is another header. */
static void
check_field(const struct buf *field)
{
	const char *at = field->data;

	while ((at = strchr(at, '\n')) != NULL) {
		must(at[-1] == '\r' && (at[1] == ' ' || at[1] == '\0'));
		at++;
	}
	must(strlen(field->data) == field->length);
	for (at = field->data; *at != '\0'; at++)
		must(*at == '\r' ? at[1] == '\n' : *at == '\n' || *at >= ' ');
}

static void
try_mailbox(const char *text)
{
	struct mailbox mailbox;
	struct err err = {""};
	struct buf field = {0};

	if (!mailbox_parse(&mailbox, text, &err)) {
		must(err.text[0] != '\0');
		return;
	}
	mail_header_mailbox(&field, "From", mailbox.name, mailbox.address);
	check_field(&field);
	must(strstr(field.data, mailbox.address) != NULL);
	buf_done(&field);
	mailbox_done(&mailbox);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = mem_copy(data, size);

	try_address(text);
	try_mailbox(text);
	free(text);
	return 0;
}
