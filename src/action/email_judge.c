/* email_judge - what the end of an SMTP transaction means for a delivery. */
#include "action/email_judge.h"

#include <string.h>

#include "action/outcome.h"

/* RFC 5321 4.5.3.1.10: some servers say 552 to a recipient where they mean 452,
 * that these are too many for now. Whoever names another cause means it. */
static bool
is_too_many_recipients(const struct transfer_result *result)
{
	return result->status == 552 && result->stage == STAGE_RCPT &&
	       (result->enhanced[0] == '\0' ||
		       strcmp(result->enhanced, "5.5.3") == 0);
}

static enum outcome_end
end_of_refusal(const struct transfer_result *result)
{
	int status = result->status;

	/* 454 at the log-in, 421 after too many: whoever goes on trying is
	 * locked out, so all of the action waits. */
	if (result->stage == STAGE_AUTH)
		return OUTCOME_ENDPOINT_DOWN;
	if (status >= 400 && status < 500)
		return OUTCOME_TRY_LATER;
	/* 0: it offers no way to log in. */
	if (status == 0 || status == 530 || status == 535 ||
		result->stage < STAGE_RCPT)
		return OUTCOME_ENDPOINT_DOWN;
	if (is_too_many_recipients(result))
		return OUTCOME_TRY_LATER;
	return OUTCOME_GIVE_UP;
}

static enum outcome_end
end_of(const struct transfer_result *result)
{
	switch (result->end) {
	case TRANSFER_ANSWERED:
		return OUTCOME_DELIVERED;
	case TRANSFER_REFUSED:
		return end_of_refusal(result);
	case TRANSFER_NETWORK:
	case TRANSFER_UNKNOWN:
		return OUTCOME_TRY_LATER;
	case TRANSFER_TLS:
	case TRANSFER_DENIED:
		return OUTCOME_ENDPOINT_DOWN;
	case TRANSFER_MISUSED:
		break;
	}
	return OUTCOME_GIVE_UP;
}

static const char *
advice_on(const struct transfer_result *result)
{
	if (result->end == TRANSFER_UNKNOWN)
		return "; the outcome is unknown: the mail may have arrived, "
		       "and goes again under the same Message-ID";
	if (result->end == TRANSFER_TLS)
		return "; no mail goes without TLS";
	if (result->end == TRANSFER_DENIED)
		return "; see \"allow\" and \"deny\"";
	if (result->end == TRANSFER_REFUSED &&
		(result->stage == STAGE_AUTH || result->status == 530 ||
			result->status == 535))
		return "; see the action's \"auth\"";
	return "";
}

void
email_judge(const struct transfer_result *result, struct outcome *outcome)
{
	outcome_set(outcome, end_of(result), result->status, "%s%s",
		result->reason, advice_on(result));
}
