/*
 * smtp_dialogue - one mail told to an SMTP server: MAIL, RCPT, DATA, the text,
 * the dot (RFC 5321). Bytes in, bytes out: it knows no socket and no clock.
 *
 * libcurl has connected, negotiated TLS and logged in before; those steps are
 * only overheard here, to know what was refused. The mail itself is not left
 * to libcurl, because 7.88 stops the whole loop until the server has answered
 * the final dot.
 */
#ifndef NPSD_LOOP_SMTP_DIALOGUE_H
#define NPSD_LOOP_SMTP_DIALOGUE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "loop/transfer.h"

/* Longest start of a reply line that is looked at. */
enum { SMTP_LINE_BYTES = 64, SMTP_ENHANCED_BYTES = 12 };

struct smtp_dialogue {
	enum transfer_stage stage;
	int status;	 /* last complete reply to the last command; 0: none */
	bool is_over;	 /* accepted, refused or garbled: nothing more to do */
	bool is_garbled; /* a reply that fits no rule */
	bool lacks_utf8; /* an address needs SMTPUTF8, the server has none:
	                  * over before a byte of the mail left */
	struct buf out;	 /* to be sent */
	size_t out_sent;
	const char *from; /* lent, as the two below */
	const char *to;
	const char *text;
	size_t text_length;
	size_t text_told;
	bool at_line_start;
	bool is_telling; /* between 354 and the dot */
	bool has_utf8;	 /* SMTPUTF8 stands in the last answer to EHLO */
	char enhanced[SMTP_ENHANCED_BYTES]; /* of the last reply; "" */
	char line[SMTP_LINE_BYTES];
	size_t line_length;
	size_t heard_bytes;
};

/* from may be "" (no return path). text has CRLF line ends and is not yet
 * dot-stuffed. All are lent until done. */
void smtp_dialogue_init(struct smtp_dialogue *dialogue, const char *from,
	const char *to, const void *text, size_t length);
void smtp_dialogue_done(struct smtp_dialogue *dialogue);

/* What libcurl said and heard before the mail: whole lines. */
void smtp_dialogue_overhear_command(
	struct smtp_dialogue *dialogue, const char *line, size_t length);
void smtp_dialogue_overhear_reply(
	struct smtp_dialogue *dialogue, const char *line, size_t length);

/* The connection is ready for the mail. */
void smtp_dialogue_begin(struct smtp_dialogue *dialogue);
/* What to send next; NULL while an answer is awaited. */
const char *smtp_dialogue_output(
	struct smtp_dialogue *dialogue, size_t *length);
void smtp_dialogue_sent(struct smtp_dialogue *dialogue, size_t length);
/* What the server sent. */
void smtp_dialogue_input(
	struct smtp_dialogue *dialogue, const char *data, size_t length);

/* The server took the mail over. */
bool smtp_dialogue_is_accepted(const struct smtp_dialogue *dialogue);
/* The server said no: status is 400 or more. */
bool smtp_dialogue_is_refused(const struct smtp_dialogue *dialogue);
/* The dot has gone, and nothing is left to do but to wait. */
bool smtp_dialogue_awaits_verdict(const struct smtp_dialogue *dialogue);
/* A QUIT may be sent now that it is over. */
bool smtp_dialogue_may_quit(const struct smtp_dialogue *dialogue);

#endif
