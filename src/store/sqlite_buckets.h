/*
 * sqlite_buckets - counts by time: the step of the schema that packed them. The
 * store's verbs of them stand in sqlite_kind.h.
 */
#ifndef NPSD_STORE_SQLITE_BUCKETS_H
#define NPSD_STORE_SQLITE_BUCKETS_H

#include "base/err.h"
#include "store/sql.h"

/* Fills table bucket with what stands in bucket_by_slot, a row a slot, which is
 * how version 2 had them. */
bool sqlite_regroup_buckets(struct sql *sql, struct err *err) must_check;

#endif
