/*
 * email_judge - what the end of an SMTP transaction means for a delivery.
 */
#ifndef NPSD_ACTION_EMAIL_JUDGE_H
#define NPSD_ACTION_EMAIL_JUDGE_H

#include "action/action.h"

/*
 * By the three digits and where the dialogue stood (RFC 5321 4.2):
 *
 *	250 after the text	delivered
 *	4xx			try later
 *	530, 5xx before the	endpoint down: it does not want us
 *	    recipient, TLS, and
 *	    any no to the log-in
 *	552 to the recipient	try later, if it means "too many"
 *				(RFC 5321 4.5.3.1.10)
 *	5xx from there on	give up: it does not want this mail
 *	lost after the text	try later: whether it arrived is unknown
 */
void email_judge(const struct transfer_result *result, struct outcome *outcome);

#endif
