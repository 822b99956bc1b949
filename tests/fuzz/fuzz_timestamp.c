/*
 * Instants, durations and Retry-After as others write them: one line each. What
 * is taken is written and read back as the same.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/time.h"
#include "loop/retry_after.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool holds)
{
	if (!holds)
		abort();
}

static void
try_instant(const char *text, size_t length)
{
	char again[TIME_TEXT_BYTES], mail[48];
	int64_t instant_ms, back_ms;
	struct err err = {""};

	if (!time_from_rfc3339(text, length, &instant_ms, &err)) {
		must(err.text[0] != '\0');
		return;
	}
	time_to_rfc3339(instant_ms, again);
	must(time_from_rfc3339(again, strlen(again), &back_ms, &err));
	must(back_ms == instant_ms);
	time_to_rfc5322(instant_ms, mail);
	must(civil_to_utc_ms(civil_from_utc_ms(instant_ms)) <= instant_ms);
	must(civil_from_utc_ms(instant_ms).year <= 9999);
}

static void
try_duration(const char *text)
{
	char again[TIME_TEXT_BYTES];
	int64_t duration_ms, back_ms;
	struct err err = {""};

	if (!duration_from_text(text, &duration_ms, &err)) {
		must(err.text[0] != '\0');
		return;
	}
	must(duration_ms >= 0);
	duration_to_text(duration_ms, again);
	must(duration_from_text(again, &back_ms, &err));
	must(back_ms == duration_ms);
}

static void
try_retry_after(const char *text, size_t length)
{
	const int64_t now_ms = INT64_C(1795255200000), limit_ms = MS_PER_DAY;
	int64_t wait_ms = retry_after_read(text, length, now_ms, limit_ms);

	must(wait_ms >= -1 && wait_ms <= limit_ms);
	/* It depends on the clock only where it is a date. */
	if (wait_ms >= 0 && text[0] >= '0' && text[0] <= '9')
		must(retry_after_read(text, length, 0, limit_ms) == wait_ms);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* One copy with an end, for what reads strings. */
	char *text = mem_copy(data, size);

	try_instant((const char *)data, size);
	try_retry_after((const char *)data, size);
	if (memchr(data, '\0', size) == NULL)
		try_duration(text);
	free(text);
	return 0;
}
