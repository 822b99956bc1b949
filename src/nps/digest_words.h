/*
 * digest_words - a digest's sentences in a reader's language, and what both its
 * parts are made of: the text and the HTML.
 */
#ifndef NPSD_NPS_DIGEST_WORDS_H
#define NPSD_NPS_DIGEST_WORDS_H

#include <stdbool.h>

#include "base/buf.h"
#include "conf/language.h"
#include "nps/digest_report.h"

enum { DIGEST_FINDINGS_LIMIT = 24 };

/* Each a sentence or a figure; empty where there is nothing to say. */
struct digest_words {
	struct buf subject, title, period, answers, nps, band, range;
	struct buf change; /* with whether it is more than chance */
	struct buf benchmark, mix_shift, movement, recovered, footer;
	/* Over the groups, and how many are left out after the first
	 * groups_shown. */
	struct buf groups, more_groups;
	size_t groups_shown;
	/* What wants attention, in order: it is late, it is silent. */
	struct buf notes[DIGEST_FINDINGS_LIMIT];
	size_t note_count;
	bool alarming; /* something should have happened */
};
void digest_words_init(struct digest_words *words,
	const struct digest_report *report, const struct language *language);
void digest_words_done(struct digest_words *words);

/* A score to a tenth, or a dash without answers. */
void digest_words_score(const struct counts *counts,
	const struct language *language, struct buf *out);
/* "+3.2" or a dash. */
void digest_words_change(const struct digest_group *group,
	const struct language *language, struct buf *out);
/* A share of a class: "30%". */
void digest_words_share(const struct counts *counts, enum category category,
	const struct language *language, struct buf *out);

/* The part of text, and that of HTML: a whole document. */
void digest_text_append(struct buf *out, const struct digest_report *report,
	const struct digest_words *words, const struct language *language);
void digest_html_append(struct buf *out, const struct digest_report *report,
	const struct digest_words *words, const struct language *language);

#endif
