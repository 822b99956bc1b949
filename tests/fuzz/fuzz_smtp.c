/*
 * What a mail server may say. The first byte chooses the recipient and how the
 * rest is cut; up to a NUL it is said before the mail, from there on in it.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "loop/smtp_dialogue.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char text[] = "Subject: x\r\n\r\n.\r\n..\r\nHello";
static const char told[] = "Subject: x\r\n\r\n..\r\n...\r\nHello\r\n.\r\n";

static void
must(bool holds)
{
	if (!holds)
		abort();
}

static void
overhear(struct smtp_dialogue *dialogue, const char *data, size_t size)
{
	while (size > 0) {
		const char *end = memchr(data, '\n', size);
		size_t line = end != NULL ? (size_t)(end - data) + 1 : size;

		smtp_dialogue_overhear_reply(dialogue, data, line);
		data += line;
		size -= line;
	}
}

static void
speak(struct smtp_dialogue *dialogue, struct buf *said)
{
	const char *bytes;
	size_t length;

	while ((bytes = smtp_dialogue_output(dialogue, &length)) != NULL) {
		must(length > 0);
		buf_append(said, bytes, length);
		smtp_dialogue_sent(dialogue, length);
	}
}

static void
check(const struct smtp_dialogue *dialogue, const struct buf *said)
{
	bool accepted = smtp_dialogue_is_accepted(dialogue);
	bool whole = said->length >= sizeof(told) - 1 &&
		     memcmp(said->data + said->length - (sizeof(told) - 1),
			     told, sizeof(told) - 1) == 0;

	must(!accepted || (whole && !smtp_dialogue_is_refused(dialogue)));
	must(!accepted || dialogue->stage == STAGE_SENT);
	must(!whole || dialogue->stage == STAGE_SENT);
	must(!dialogue->lacks_utf8 || said->length == 0);
	must(!dialogue->is_garbled || dialogue->status == 0);
	must(strlen(dialogue->enhanced) < sizeof(dialogue->enhanced));
	must(strspn(dialogue->enhanced, "0123456789.") ==
		strlen(dialogue->enhanced));
	must(!smtp_dialogue_awaits_verdict(dialogue) || whole);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct smtp_dialogue dialogue;
	struct buf said = {0};

	if (size == 0)
		return 0;
	const char *to = data[0] % 2 ? "j\xC3\xA4n@x" : "jan@x";
	size_t step = data[0] / 2 + 1;
	const char *at = (const char *)data + 1,
		   *end = (const char *)data + size;
	const char *nul = memchr(at, '\0', size - 1);

	smtp_dialogue_init(&dialogue, "nps@x", to, text, sizeof(text) - 1);
	smtp_dialogue_overhear_command(&dialogue, "EHLO x\r\n", 8);
	overhear(&dialogue, at, (size_t)((nul != NULL ? nul : end) - at));
	smtp_dialogue_begin(&dialogue);
	speak(&dialogue, &said);
	for (at = nul != NULL ? nul + 1 : end; at < end && !dialogue.is_over;) {
		size_t left = (size_t)(end - at);

		smtp_dialogue_input(&dialogue, at, left < step ? left : step);
		at += left < step ? left : step;
		speak(&dialogue, &said);
	}
	check(&dialogue, &said);
	buf_done(&said);
	smtp_dialogue_done(&dialogue);
	return 0;
}
