/*
 * follow_up_parts - what the parts of a follow-up's page share: text that is
 * escaped, and what stands in the view.
 */
#ifndef NPSD_API_FOLLOW_UP_PARTS_H
#define NPSD_API_FOLLOW_UP_PARTS_H

#include <jansson.h>
#include <stdbool.h>

#include "api/follow_up_page.h"

/* As the text of an element or between the quotes of an attribute. Signs that
 * turn or hide what stands around them become blanks. */
void page_escape(struct buf *out, const char *text);
/* A text of the language, with its words, escaped. */
void page_say(struct buf *out, const struct language *language, const char *key,
	const struct language_word *words);
/* "2026-11-23T17:30:00+01:00" as the language writes it. Appends nothing where
 * there is none. Not escaped. */
void page_append_time(
	struct buf *out, const struct language *language, const char *text);
/* In the reader's words where npsd gave it; escaped. */
void page_add_reason(
	struct buf *out, const struct language *language, const char *reason);

/* A member of an object of the view, or NULL. Lent. */
const json_t *page_part(const struct follow_up_page *page, const char *object,
	const char *member);
const char *page_of_follow_up(
	const struct follow_up_page *page, const char *member);
bool page_is_state(const struct follow_up_page *page, const char *state);
bool page_is_finished(const struct follow_up_page *page);

/* follow_up_page.c: the frame of every page. */
void page_begin(
	struct buf *out, const struct language *language, const char *title);
/* In a language by its name, with a style of its own. */
void page_begin_styled(struct buf *out, const char *language, const char *title,
	const char *style);
void page_end(struct buf *out);
/* What a browser may do with a page of that style, and where its forms may
 * lead: the value of Content-Security-Policy. */
void page_append_policy(
	struct buf *out, const char *style, const char *form_action);
/* follow_up_facts.c */
void page_add_answer(struct buf *out, const struct follow_up_page *page);
void page_add_customer(struct buf *out, const struct follow_up_page *page);
void page_add_standing(struct buf *out, const struct follow_up_page *page);
void page_add_history(struct buf *out, const struct follow_up_page *page);
/* follow_up_form.c */
void page_add_form(struct buf *out, const struct follow_up_page *page);
void page_add_tracked(struct buf *out, const struct follow_up_page *page);

#endif
