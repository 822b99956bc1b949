/*
 * retry_after - reads the value of a Retry-After header (RFC 9110, 10.2.3).
 */
#ifndef NPSD_LOOP_RETRY_AFTER_H
#define NPSD_LOOP_RETRY_AFTER_H

#include <stddef.h>
#include <stdint.h>

/*
 * Milliseconds to wait from now_ms (the wall clock), within 0 and limit_ms: a
 * date that has passed gives 0. The value is seconds, or a date in any of the
 * three forms of RFC 9110, 5.6.7, whose day of the week must be right.
 * -1 if it is neither.
 */
int64_t retry_after_read(
	const char *value, size_t length, int64_t now_ms, int64_t limit_ms);

#endif
