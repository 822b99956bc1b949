/*
 * store_fault - a store that fails when it is told to, for the paths that only a
 * full or broken disk reaches. A program that uses it is linked with
 * -Wl,--wrap=store_begin and so on, for each verb below (see FAULTS in
 * Makefile.am); the verbs of the real store stand behind these.
 */
#ifndef NPSD_TESTS_STORE_FAULT_H
#define NPSD_TESTS_STORE_FAULT_H

enum fault {
	FAULT_NONE,
	FAULT_BEGIN,
	FAULT_COMMIT,
	FAULT_SAVEPOINT,
	FAULT_KEEP,
	FAULT_PUT_ANSWER,
	FAULT_PUT_REJECTED,
	FAULT_PUT_DELIVERY,
	FAULT_PUT_PLACE,
	FAULT_ADD_COUNT,
	FAULT_CLAIM,
	FAULT_SET_BODY,
	FAULT_SETTLE,
	FAULT_RETRY,
	FAULT_CHECKPOINT,
	FAULT_SYNC,
	FAULT_BROKEN, /* commit fails, and the store is broken from then on */
};

/* The verb fails `times` times, after it went well `after` times; times -1: for
 * ever. FAULT_NONE mends all. Other verbs are not touched. */
void store_fault_set(enum fault fault, int after, int times);
/* How often it has failed since. */
int store_fault_hits(void);
/* From now on a sync of what was committed ahead waits until it is let go. */
void store_fault_hold_sync(void);
void store_fault_let_sync_go(void);

#endif
