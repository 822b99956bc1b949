/*
 * lane_private - what the files of a lane share: lane.c (its life, claims, what
 * a person does), lane_room.c (tokens), lane_try.c (one try from start to end),
 * lane_errands.c (leases, due times), lane_news.c (what is stored and told of how
 * it stands).
 */
#ifndef NPSD_FLOW_LANE_PRIVATE_H
#define NPSD_FLOW_LANE_PRIVATE_H

#include "flow/lane.h"
#include "flow/rate_bucket.h"

enum { LANE_RECORD_AGAIN_MS = 1000 }; /* after one that failed */

/* One try under way. */
struct flight {
	struct flight *next, **here;
	struct lane *lane;
	struct claimed *claimed;
	struct send *send;
};

struct lane {
	struct lane_host *host;
	struct policy_action *action;
	const struct policy *policy;
	struct sender *sender;

	struct claimed *ready, **ready_end;
	int ready_count;
	struct flight *flights;
	int in_flight;
	int granted;   /* tokens out */
	bool claiming; /* a claim is with the store thread */
	int asked;     /* for how many */
	bool backlog;  /* due deliveries wait in the store */
	int64_t next_due_ms;

	struct rate_bucket bucket;
	struct lane_stand stand;
	bool recording;		 /* its stand is on its way to the store */
	int64_t record_after_us; /* and not before, after one that failed */
	int frozen;		 /* by how many */
	int lent;		 /* how often its sender is */
	bool telling;		 /* a notice is on its way to the store */
	int64_t tell_after_us;	 /* and not before, after one that failed */
	bool retired, probing;
	bool replaced; /* retired, and another lane serves the action */

	/* Found once, when first needed. */
	struct metric *attempts[OUTCOMES], *ends[DELIVERY_STATES];
};

/* lane_room.c */
/* Takes back the tokens that are not used. */
void lane_revoke(struct lane *lane);
/* How many more may be claimed or come claimed. */
int lane_room(const struct lane *lane);
void lane_grant(struct lane *lane);

/* lane_errands.c */
/* Of one that is held or behind a breaker: what failed is tried again now. */
void lane_probe_now(struct lane *lane);

/* lane_news.c */
/* Stores how it stands, if that has changed. */
void lane_record_stand(struct lane *lane);
/* Has on_failure told what is news. Milliseconds until there may be any. */
int64_t lane_tell_news(struct lane *lane, const struct lane_now *now);

/* lane_try.c */
void lane_flight_free(struct flight *flight);
/* What the store thread could not make. */
void lane_count_born_dead(struct lane *lane);
/* Sends the first that is ready. */
void lane_send_next(struct lane *lane);

#endif
