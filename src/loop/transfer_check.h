/*
 * transfer_check - looks at a request before libcurl sees it: what must not be
 * in it because it would become a header, a command or a second mail.
 */
#ifndef NPSD_LOOP_TRANSFER_CHECK_H
#define NPSD_LOOP_TRANSFER_CHECK_H

#include "loop/transfer.h"

/* NULL if it is good, else what is wrong, as the end of a sentence that never
 * holds the value itself. The URL is not looked at here. */
const char *transfer_check(
	const struct transfer_request *request, bool is_mail);

#endif
