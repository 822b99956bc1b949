/*
 * transfer_judge - ends and sentences.
 *
 * SMTP is judged by the code of the reply to the last command, never by
 * libcurl's own verdict: that one takes a stale 250 for a success.
 */
#include "loop/transfer_judge.h"

#include <stdio.h>
#include <string.h>

static enum transfer_end
end_of_http(const struct transfer_facts *facts)
{
	if (facts->http_status != 0)
		return TRANSFER_ANSWERED;
	if (facts->failure == FAILURE_DENIED)
		return TRANSFER_DENIED;
	if (facts->failure == FAILURE_PROXY)
		return facts->proxy_status != 0 ? TRANSFER_REFUSED
						: TRANSFER_NETWORK;
	/* Also where it is told after the request, as TLS 1.3 does: who has
	 * broken it off has not read that. */
	if (facts->failure == FAILURE_TLS)
		return TRANSFER_TLS;
	if (facts->request_went)
		return TRANSFER_UNKNOWN;
	return facts->failure == FAILURE_MISUSE ? TRANSFER_MISUSED
						: TRANSFER_NETWORK;
}

static enum transfer_end
end_of_mail(const struct transfer_facts *facts)
{
	if (smtp_dialogue_is_accepted(facts->mail))
		return TRANSFER_ANSWERED;
	if (facts->failure == FAILURE_DENIED)
		return TRANSFER_DENIED;
	if (facts->failure == FAILURE_TLS)
		return TRANSFER_TLS;
	if (facts->mail->lacks_utf8)
		return TRANSFER_MISUSED;
	if (smtp_dialogue_is_refused(facts->mail) ||
		facts->failure == FAILURE_LOGIN)
		return TRANSFER_REFUSED;
	if (facts->mail->stage == STAGE_SENT)
		return TRANSFER_UNKNOWN;
	return facts->failure == FAILURE_MISUSE ? TRANSFER_MISUSED
						: TRANSFER_NETWORK;
}

static const char *
refused_thing(enum transfer_stage stage)
{
	switch (stage) {
	case STAGE_CONNECT:
		return "the connection";
	case STAGE_AUTH:
		return "the log-in";
	case STAGE_MAIL:
		return "the sender";
	case STAGE_RCPT:
		return "the recipient";
	case STAGE_DATA:
	case STAGE_SENT:
		break;
	}
	return "the mail";
}

static const char *
when_lost(const struct transfer_facts *facts)
{
	if (facts->mail != NULL)
		return facts->mail->stage == STAGE_SENT
			       ? " after the mail was sent"
			       : "";
	return facts->request_went ? " after the request was sent" : "";
}

static void
say_failure(const struct transfer_facts *facts, char *out, size_t room)
{
	const char *host = facts->host;
	const char *detail = facts->detail != NULL ? facts->detail : "";
	const char *colon = *detail != '\0' ? ": " : "";
	const char *way = facts->via_proxy ? " by the proxy" : "";
	switch (facts->failure) {
	case FAILURE_NAME:
		snprintf(out, room, "cannot find the address of %s%s%s", host,
			colon, detail);
		break;
	case FAILURE_CONNECT:
		snprintf(out, room, "cannot connect to %s%s%s%s", host, way,
			colon, detail);
		break;
	case FAILURE_TIMEOUT:
		snprintf(out, room, "%s did not answer within %g s%s", host,
			(double)facts->timeout_ms / 1000, when_lost(facts));
		break;
	case FAILURE_TLS:
		snprintf(out, room, "no TLS with %s%s%s", host, colon, detail);
		break;
	case FAILURE_LOGIN:
		snprintf(out, room, "%s offers no way to log in that is known",
			host);
		break;
	case FAILURE_PROXY:
		if (facts->proxy_status != 0)
			snprintf(out, room,
				"the proxy opens no way to %s: it answered %d",
				host, facts->proxy_status);
		else
			snprintf(out, room, "no way to %s by the proxy%s%s",
				host, colon, detail);
		break;
	case FAILURE_DENIED:
		snprintf(out, room, "the address of %s is denied%s%s",
			facts->via_proxy ? "the proxy" : host, colon, detail);
		break;
	case FAILURE_MISUSE:
		snprintf(out, room, "cannot be sent%s%s", colon, detail);
		break;
	case FAILURE_NONE:
	case FAILURE_LOST:
		snprintf(out, room, "lost the connection to %s%s%s%s", host,
			when_lost(facts), colon, detail);
		break;
	}
}

/* Text from a certificate or a library may hold anything. */
static void
make_printable(char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			*text = ' ';
}

void
transfer_judge(
	const struct transfer_facts *facts, struct transfer_result *result)
{
	const struct smtp_dialogue *mail = facts->mail;
	const char *enhanced = mail != NULL ? mail->enhanced : "";
	char *out = result->reason;
	size_t room = sizeof result->reason;
	result->end = mail != NULL ? end_of_mail(facts) : end_of_http(facts);
	result->status = mail != NULL ? mail->status : facts->http_status;
	if (result->end == TRANSFER_REFUSED && mail == NULL)
		result->status = facts->proxy_status;
	result->stage = mail != NULL ? mail->stage : STAGE_CONNECT;
	if (result->end == TRANSFER_ANSWERED)
		snprintf(out, room, "%s answered %d", facts->host,
			result->status);
	else if (result->end == TRANSFER_REFUSED && mail != NULL &&
		 result->status >= 400)
		snprintf(out, room, "%s refused %s with %d%s%s", facts->host,
			refused_thing(result->stage), result->status,
			*enhanced != '\0' ? " " : "", enhanced);
	else if (mail != NULL && mail->lacks_utf8)
		snprintf(out, room,
			"%s takes no address with a character outside ASCII "
			"(it does not offer SMTPUTF8)",
			facts->host);
	else
		say_failure(facts, out, room);
	result->enhanced[0] = '\0';
	if (result->end == TRANSFER_REFUSED)
		snprintf(result->enhanced, sizeof result->enhanced, "%s",
			enhanced);
	/* A good reply to an earlier step says nothing about how it ended. */
	if (mail != NULL && result->end != TRANSFER_ANSWERED &&
		result->status < 400)
		result->status = 0;
	make_printable(out);
}
