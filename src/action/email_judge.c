/* email_judge - what the end of an SMTP transaction means for a delivery. */
#include "action/email_judge.h"

#include "action/outcome.h"

static enum outcome_end
end_of_refusal(const struct transfer_result *result)
{
	int status = result->status;

	if (status >= 400 && status < 500)
		return OUTCOME_TRY_LATER;
	/* 0: it offers no way to log in. */
	if (status == 0 || status == 530 || status == 535 ||
		result->stage < STAGE_RCPT)
		return OUTCOME_ENDPOINT_DOWN;
	if (status == 552 && result->stage == STAGE_RCPT)
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
