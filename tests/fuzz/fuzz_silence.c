/*
 * A silence as somebody asks for it: what is refused has a reason; what is taken
 * is kept, read back, and holds for the same answers.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "nps/silence.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char answer_text[] =
	"{\"id\":\"r\",\"score\":3,\"comment\":\"We wait.\",\"segment\":"
	"{\"region\":\"NL\"},\"account\":{\"value\":12000}}";

static void
must(bool holds)
{
	if (!holds)
		abort();
}

static bool
holds(const struct silence *silence, const struct subject *subject)
{
	struct silence *one = (struct silence *)(uintptr_t)silence;
	const struct silences silences = {&one, 1, false};
	const char *rule = silence->rule != NULL ? silence->rule : "rule";

	must(silences_find(&silences, rule, subject, silence->until_ms) ==
		NULL);
	return silences_find(&silences, rule, subject, silence->since_ms) !=
	       NULL;
}

static void
try_silence(const struct silence *silence, const struct subject *subject)
{
	struct err err = {""};
	struct silence *again = silence_restore(silence, &err);

	must(silence->rule != NULL || silence->match != NULL);
	must(silence->until_ms > silence->since_ms);
	must(silence->until_ms - silence->since_ms <= SILENCE_LONGEST_MS);
	must(strlen(silence->why) <= SILENCE_WHY_LIMIT_BYTES);
	must(strpbrk(silence->why, "\n\r\x1b") == NULL);
	must(again != NULL);
	must(again->matchers.count == silence->matchers.count);
	must(holds(again, subject) == holds(silence, subject));
	silence_free(again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct response_defaults defaults = {.survey = "survey",
		.contact_ok = true,
		.now_ms = INT64_C(1795255200000)};
	struct rejection why;
	struct response *response = response_decode(
		answer_text, strlen(answer_text), &defaults, &why);
	struct previous previous = {.known = false};
	const struct subject subject = {response, &previous};
	struct json_fault fault;
	json_t *asked = json_read((const char *)data, size, &fault);
	const char *pointer = NULL;
	struct err err = {""};
	struct silence *silence;

	if (json_is_object(asked)) {
		silence = silence_read(asked, defaults.now_ms, &pointer, &err);
		must(pointer != NULL);
		must(silence != NULL || err.text[0] != '\0');
		if (silence != NULL)
			try_silence(silence, &subject);
		silence_free(silence);
	}
	json_decref(asked);
	response_free(response);
	return 0;
}
