/*
 * transfer_desk - a loop with a pool of transfers, and the last result.
 */
#ifndef NPSD_TESTS_TRANSFER_DESK_H
#define NPSD_TESTS_TRANSFER_DESK_H

#include "base/buf.h"
#include "loop/transfer.h"

struct transfer_desk {
	struct loop *loop;
	struct transfer_pool *pool;
	struct transfer_result result; /* of the last one that ended */
	struct buf body;	       /* kept of it */
	int done;
};

void transfer_desk_open(struct transfer_desk *desk);
void transfer_desk_close(struct transfer_desk *desk);
/* One transfer, to its end. */
void transfer_desk_run(
	struct transfer_desk *desk, const struct transfer_request *request);

#endif
