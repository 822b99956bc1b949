/*
 * digest_plan - the setting `digests:`: which mails of figures go out, when, to
 * whom.
 *
 *	digests:
 *	  - {name: weekly, every: "mon 08:00", timezone: Europe/Amsterdam,
 *	     to: [anna, cx@example.com], language: nl, benchmark: 45,
 *	     by: region, readers: {NL: [nl@example.com]}}
 */
#ifndef NPSD_NPS_DIGEST_PLAN_H
#define NPSD_NPS_DIGEST_PLAN_H

#include <stdbool.h>
#include <stdint.h>

#include "conf/setting.h"
#include "nps/schedule.h"

enum {
	DIGESTS_LIMIT = 100,
	DIGEST_READERS_LIMIT = 200, /* values of a segment with their own */
	DIGEST_COMMENTS_LIMIT = 20,
};

/* Who reads of one value of the segment. */
struct digest_readers {
	size_t count;
	char **values;
	struct setting_texts *to;
};

struct digest_plan {
	char *name;
	struct {
		char *text; /* as written */
		struct schedule schedule;
	} every;
	char *timezone;		 /* NULL: that of score */
	char *action;		 /* NULL: the only one of type email */
	struct setting_texts to; /* names of owners too, until it is put
				  * together; then addresses only */
	char *language;
	char *survey; /* NULL: all */
	char *by;     /* a segment, or NULL */
	struct digest_readers readers;
	struct {
		bool given;
		double points;
	} benchmark;
	int64_t comments; /* at most */
	/* Made of it, by whoever puts the configuration together. */
	struct zone *zone;   /* lent */
	const char *through; /* name of the action; lent */
};
/* The rows of one, over struct digest_plan. */
extern const struct setting digest_plan_settings[];

#endif
