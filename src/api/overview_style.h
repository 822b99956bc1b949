/* overview_style - what the page adds to the look of follow-ups' pages. */
#ifndef NPSD_API_OVERVIEW_STYLE_H
#define NPSD_API_OVERVIEW_STYLE_H

extern const char overview_style[];

#endif
