/*
 * follow_up_style - how the page of a follow-up looks: the one style sheet that
 * its policy allows, by its hash.
 */
#ifndef NPSD_API_FOLLOW_UP_STYLE_H
#define NPSD_API_FOLLOW_UP_STYLE_H

extern const char follow_up_style[];

#endif
