/* mail - a whole mail as bytes. */
#include "action/mail.h"

#include <string.h>

#include "action/mail_body.h"
#include "action/mail_header.h"
#include "base/text.h"
#include "base/time.h"

enum { SUBJECT_LIMIT_BYTES = 250 };

static void
append_subject(struct buf *out, const char *subject)
{
	size_t length = strlen(subject);
	struct buf cut = {0};

	buf_append(
		&cut, subject, text_cut(subject, length, SUBJECT_LIMIT_BYTES));
	if (cut.length < length)
		buf_append_text(&cut, "\xE2\x80\xA6"); /* ... */
	mail_header_text(out, "Subject", cut.data);
	buf_done(&cut);
}

static void
append_mailbox(struct buf *out, const char *name, const struct mailbox *mailbox)
{
	if (mailbox != NULL && mailbox->address != NULL)
		mail_header_mailbox(out, name, mailbox->name, mailbox->address);
}

static void
append_headers(struct buf *out, const struct mail *mail)
{
	char date[48];

	time_to_rfc5322(mail->date_ms, date);
	append_mailbox(out, "From", mail->from);
	mail_header_mailbox(out, "To", "", mail->to);
	append_mailbox(out, "Reply-To", mail->reply_to);
	append_subject(out, mail->subject);
	mail_header_plain(out, "Date", date);
	buf_printf(out, "Message-ID: <%s@%s>\r\n", mail->id,
		mail_address_domain(mail->from->address));
	/* RFC 3834: no holiday notice comes back. */
	mail_header_plain(out, "Auto-Submitted", "auto-generated");
	for (size_t i = 0; mail->headers != NULL && i < mail->headers->count;
		i++)
		mail_header_text(
			out, mail->headers->names[i], mail->headers->values[i]);
	mail_header_plain(out, "Content-Language", mail->language);
	mail_header_plain(out, "MIME-Version", "1.0");
}

/* No line of quoted-printable can hold "=_", so that no text can hold the
 * boundary. */
static void
append_boundary(struct buf *out, const struct mail *mail)
{
	buf_printf(out, "=_npsd_%s", mail->id);
}

static void
append_part(struct buf *out, const struct mail *mail, const char *type,
	const char *text)
{
	buf_append_text(out, "--");
	append_boundary(out, mail);
	buf_printf(out,
		"\r\nContent-Type: %s; charset=utf-8\r\n"
		"Content-Transfer-Encoding: quoted-printable\r\n\r\n",
		type);
	mail_body_append(out, text, strlen(text));
}

void
mail_append(struct buf *out, const struct mail *mail)
{
	append_headers(out, mail);
	buf_append_text(
		out, "Content-Type: multipart/alternative;\r\n boundary=\"");
	append_boundary(out, mail);
	buf_append_text(out, "\"\r\n\r\n");
	append_part(out, mail, "text/plain", mail->text);
	append_part(out, mail, "text/html", mail->html);
	buf_append_text(out, "--");
	append_boundary(out, mail);
	buf_append_text(out, "--\r\n");
}
