/*
 * notice - that an action fails, or delivers again, told by other actions
 * (on_failure): deliveries of cause "failure", made and put on the store thread
 * in the same transaction as the lane's row that says so.
 */
#ifndef NPSD_FLOW_NOTICE_H
#define NPSD_FLOW_NOTICE_H

#include <stdbool.h>

#include "flow/keep.h"
#include "flow/job.h"
#include "flow/lane_stand.h"

struct keeper;

struct notice_job {
	struct job job; /* first */
	enum lane_news news;
	char *action;		 /* that it is about; owned */
	struct lane_stand stand; /* when it became news */
	struct lane_stand after; /* as it is to be stored */
	struct setting_texts to; /* actions that tell it; owned */
};

/* Sends it to the store thread; done hears of it and calls notice_free. */
void notice_send(struct keeper *keeper, struct notice_job *notice);
struct notice_job *notice_new(
	const char *action, const struct setting_texts *to);
void notice_free(struct notice_job *notice);

/* Store thread, inside the transaction. */
bool notice_write(struct keeping *keeping, struct notice_job *notice,
	struct err *err) must_check;

#endif
