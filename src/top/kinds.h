/*
 * kinds - the tables of kinds: a new source or action is one line here.
 */
#ifndef NPSD_TOP_KINDS_H
#define NPSD_TOP_KINDS_H

#include "action/action.h"
#include "source/source.h"

extern const struct source_kind *const source_kinds[]; /* ended by NULL */
extern const struct action_kind *const action_kinds[]; /* ended by NULL */
/* Their settings, in the same order: for the settings tables. */
extern const struct setting_kind *const source_setting_kinds[];
extern const struct setting_kind *const action_setting_kinds[];

/* The kind whose settings these are. */
const struct source_kind *source_kind_of(const struct setting_kind *setting);
const struct action_kind *action_kind_of(const struct setting_kind *setting);

#endif
