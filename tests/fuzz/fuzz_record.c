/*
 * One record as it arrives. What is taken must be read back as the same, what
 * is refused must be drawn on two lines, with no character that moves a
 * terminal.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "nps/response.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool holds)
{
	if (!holds)
		abort();
}

static void
check_line(const char *line, size_t length)
{
	for (size_t at = 0; at < length;) {
		uint32_t code = 0;
		size_t bytes = text_sequence(line + at, length - at, &code);

		must(bytes && !text_moves(code));
		at += bytes;
	}
}

static void
check_refused(const struct rejection *why, const char *bytes, size_t size)
{
	struct buf drawn = {0};

	must(why->text[0] && rejection_reason_name(why->reason));
	must(!why->offset_known || why->offset <= size);
	rejection_draw(why, bytes, size, 72, &drawn);
	char *second = strchr(drawn.data, '\n');

	must(second && drawn.data[drawn.length - 1] == '\n');
	check_line(drawn.data, (size_t)(second - drawn.data));
	second++;
	check_line(second, (size_t)(drawn.data + drawn.length - second - 1));
	buf_done(&drawn);
}

static void
check_taken(struct response *response)
{
	if (!response->id)
		response_set_id(response, "made-by-the-source");
	must(response->score >= SCORE_LOW && response->score <= SCORE_HIGH);
	must(!memchr(response->content, '\n', response->content_length));
	must(strlen(response->content) == response->content_length);
	struct response *again = response_restore(
		response->content, response->content_length, true, NULL);

	must(again != NULL);
	must(response_same_content(response, again) &&
		response_same_content(again, response));
	must(again->answered_ms == response->answered_ms &&
		again->revision == response->revision &&
		again->category == response->category &&
		text_same(again->customer, response->customer) &&
		text_same(again->account, response->account));
	must(!strcmp(again->content, response->content));
	response_free(again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct response_defaults defaults = {.survey = "spool",
		.contact_ok = true,
		.now_ms = INT64_C(1795255200000)};
	const char *bytes = (const char *)data;
	struct rejection why;
	struct response *response =
		response_decode(bytes, size, &defaults, &why);

	if (response)
		check_taken(response);
	else
		check_refused(&why, bytes, size);
	response_free(response);
	return 0;
}
