/*
 * verdict_texts - how rules judged an answer, as the text that its row keeps.
 * Most answers were judged like others just before, so the last texts are
 * remembered. Store thread.
 */
#ifndef NPSD_FLOW_VERDICT_TEXTS_H
#define NPSD_FLOW_VERDICT_TEXTS_H

#include "nps/rule.h"

struct verdict_texts;
/* Of these rules, lent. */
struct verdict_texts *verdict_texts_new(const struct rules *rules);
void verdict_texts_free(struct verdict_texts *texts);
/* The same as verdicts_text; lent until the next call. */
const char *verdict_texts_of(
	struct verdict_texts *texts, const struct verdict *verdicts);

#endif
