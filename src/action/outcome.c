/* outcome - how one try ended, filled in. */
#include "action/outcome.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

void
outcome_say(struct outcome *outcome, enum outcome_end end, int status,
	const char *reason)
{
	size_t length =
		text_cut(reason, strlen(reason), sizeof(outcome->reason) - 1);

	outcome->end = end;
	outcome->status = status;
	outcome->retry_after_ms = -1;
	memcpy(outcome->reason, reason, length);
	outcome->reason[length] = '\0';
}

void
outcome_set(struct outcome *outcome, enum outcome_end end, int status,
	const char *format, ...)
{
	char text[2 * sizeof(outcome->reason)];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	outcome_say(outcome, end, status, text);
}
