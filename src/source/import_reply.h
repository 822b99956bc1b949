/*
 * import_reply - what `npsd import` hears of the piece that it sent.
 */
#ifndef NPSD_SOURCE_IMPORT_REPLY_H
#define NPSD_SOURCE_IMPORT_REPLY_H

#include "loop/http_server.h"
#include "source/import_body.h"
#include "source/source.h"

/*
 * Answers the request, with 200:
 *	{"used","lines","head","delimiter","skip","ended",
 *	 "accepted","amended","duplicates","late","conflicts","rejected",
 *	 "items":[{"line","status","reason","pointer","detail","row",
 *		   "drawing"}]}
 * items are those only that were refused, or in conflict.
 */
void import_reply(struct http_request *request, const struct batch *batch,
	const struct import_body *body);

#endif
