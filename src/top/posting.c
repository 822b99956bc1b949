/* posting - a request to a webhook source that nobody sent (posting.h). */
#include "top/posting.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/time.h"
#include "loop/http_server.h"
#include "loop/loop.h"
#include "nps/response.h"

/* The house in which the source hears it. */
struct house {
	struct posting *posting;
	char folder[32];
	struct loop *loop;
	struct http_server *server;
	struct source_host host;
	struct source *source;
	struct batch *batch; /* to be settled */
	int client;
};

/* ---- what the source asks of its host ---- */

static json_t *
rejected_json(const struct record *record)
{
	const struct rejection *why = &record->rejection;

	return json_pack("{s:{s:s, s:s, s:s}}", "rejected", "reason",
		rejection_reason_name(why->reason), "pointer", why->pointer,
		"text", why->text);
}

static json_t *
record_json(const struct house *house, const struct batch *batch,
	struct record *record)
{
	const struct response_defaults defaults = {
		.survey = batch_survey(batch),
		.missing_ms = batch->missing_ms,
		.contact_ok = house->posting->contact_ok,
		.mapped = batch->mapped,
		.now_ms = clock_wall_ms(&clock_system),
	};
	struct response *response = NULL;
	json_t *json;

	if (!record->refused && record->value != NULL)
		response = response_from_json(json_incref(record->value),
			&defaults, &record->rejection);
	else if (!record->refused)
		response = response_decode(batch->bytes.data + record->offset,
			record->length, &defaults, &record->rejection);
	record->settled_rejected = response == NULL;
	if (response == NULL)
		return rejected_json(record);
	json = json_pack("{s:o}", "response", response_tree(response));
	response_free(response);
	return json;
}

static bool
on_offer(void *context, struct batch *batch)
{
	struct house *house = context;

	house->posting->records = json_array();
	for (size_t i = 0; i < batch->count; i++)
		json_array_append_new(house->posting->records,
			record_json(house, batch, &batch->records[i]));
	batch->kept = true;
	house->batch = batch;
	return true;
}

static bool
on_has_room(void *context)
{
	(void)context;
	return true;
}

static void
on_unverified(void *context, const char *source, const char *reason)
{
	struct house *house = context;

	(void)source;
	house->posting->unverified = true;
	(void)err_set(&house->posting->why, "%s", reason);
}

static void
on_ignored(void *context, const char *source)
{
	struct house *house = context;

	(void)source;
	house->posting->records = json_array();
}

static void
on_closed(void *context, struct source *source)
{
	(void)context;
	(void)source;
}

static void
on_health(void *context, const char *source, bool good, const char *reason)
{
	(void)context;
	(void)source;
	(void)good;
	(void)reason;
}

/* ---- the house ---- */

static void
on_request(struct http_request *request, void *context)
{
	struct house *house = context;

	source_webhook.request(house->source, request);
}

static bool
open_house(struct house *house, char path[64], struct err *err)
{
	const struct posting *posting = house->posting;

	strcpy(house->folder, "/tmp/npsd-map-XXXXXX");
	if (mkdtemp(house->folder) == NULL) {
		house->folder[0] = '\0';
		return err_errno(err, "cannot make a folder in /tmp");
	}
	snprintf(path, 64, "%s/socket", house->folder);
	house->loop = loop_new(err);
	if (house->loop == NULL)
		return false;
	house->host = (struct source_host){
		.context = house,
		.loop = house->loop,
		.clock = &clock_system,
		.offer = on_offer,
		.has_room = on_has_room,
		.closed = on_closed,
		.unverified = on_unverified,
		.ignored = on_ignored,
		.health = on_health,
	};
	house->source = source_webhook.open(
		posting->name, posting->settings, &house->host, err);
	if (house->source == NULL)
		return false;
	house->server = http_server_new(house->loop, on_request, house);
	return http_listen_unix(house->server, path, 0600, NULL, NULL, err) !=
	       NULL;
}

static void
close_house(struct house *house, const char *path)
{
	if (house->client >= 0)
		close(house->client);
	if (house->source != NULL)
		source_webhook.close(house->source);
	if (house->server != NULL)
		http_server_free(house->server);
	loop_free(house->loop);
	if (house->folder[0] == '\0')
		return;
	unlink(path);
	rmdir(house->folder);
}

/* ---- the one who posts ---- */

/* What is said of the body's length and the connection is ours. */
static bool
is_ours(const char *header)
{
	static const char *const names[] = {
		"Content-Length:", "Transfer-Encoding:", "Connection:"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strncasecmp(header, names[i], strlen(names[i])) == 0)
			return true;
	return false;
}

static void
make_request(const struct posting *posting, struct buf *out)
{
	bool has_host = false;

	buf_printf(out, "POST %s HTTP/1.1\r\n",
		source_webhook.path(posting->settings));
	for (size_t i = 0; posting->headers[i] != NULL; i++) {
		if (is_ours(posting->headers[i]))
			continue;
		has_host |= strncasecmp(posting->headers[i], "Host:", 5) == 0;
		buf_printf(out, "%s\r\n", posting->headers[i]);
	}
	if (!has_host)
		buf_append_text(out, "Host: localhost\r\n");
	buf_printf(out, "Connection: close\r\nContent-Length: %zu\r\n\r\n",
		posting->body->length);
	buf_append(out, posting->body->data, posting->body->length);
}

static bool
knock(struct house *house, const char *path, struct err *err)
{
	struct sockaddr_un name = {.sun_family = AF_UNIX};

	memcpy(name.sun_path, path, strlen(path));
	house->client = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (house->client < 0 ||
		connect(house->client, (const struct sockaddr *)&name,
			sizeof(name)) != 0)
		return err_errno(err, "cannot connect to %s", path);
	fcntl(house->client, F_SETFL, O_NONBLOCK);
	return true;
}

static void
turn(struct house *house)
{
	struct batch *batch;

	loop_step(house->loop, 10);
	batch = house->batch;
	house->batch = NULL;
	if (batch != NULL)
		source_webhook.settled(house->source, batch);
}

/* Sends and reads until the source hangs up. */
static bool
talk(struct house *house, const struct buf *request, struct err *err)
{
	struct buf *answer = &house->posting->answer;
	int64_t end_us = clock_monotonic_us(&clock_system) +
			 (int64_t)POSTING_LIMIT_S * 1000000;
	size_t sent = 0;

	while (clock_monotonic_us(&clock_system) < end_us) {
		char piece[4096];
		ssize_t n;

		if (sent < request->length) {
			n = send(house->client, request->data + sent,
				request->length - sent, MSG_NOSIGNAL);
			sent += n > 0 ? (size_t)n : 0;
		}
		turn(house);
		n = recv(house->client, piece, sizeof(piece), 0);
		if (n > 0)
			buf_append(answer, piece, (size_t)n);
		else if (n == 0 || errno != EAGAIN)
			return true;
	}
	return err_set(err, "the source gave no answer");
}

bool
posting_try(struct posting *posting, struct err *err)
{
	struct house house = {.posting = posting, .client = -1};
	struct buf request = {0};
	char path[64] = "";
	bool good;

	make_request(posting, &request);
	good = open_house(&house, path, err) && knock(&house, path, err) &&
	       talk(&house, &request, err);
	buf_append_char(&posting->answer, '\0');
	if (good && sscanf(posting->answer.data, "HTTP/1.1 %d",
			    &posting->status) != 1)
		good = err_set(err, "the source gave no answer");
	close_house(&house, path);
	buf_done(&request);
	return good;
}

void
posting_done(struct posting *posting)
{
	json_decref(posting->records);
	buf_done(&posting->answer);
}
