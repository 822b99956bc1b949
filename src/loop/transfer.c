/*
 * transfer - the life of a request to others, from start to result.
 *
 *   transfer_start -> wire -> [ mail: pump ] -> finish -> on_done
 *
 * A transfer is kept after use with its line, and taken again for a request of
 * the same plan: then only headers and body are new.
 */
#include "loop/transfer.h"

#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/time.h"
#include "loop/exchange.h"
#include "loop/http_answer.h"
#include "loop/smtp_dialogue.h"
#include "loop/transfer_check.h"
#include "loop/transfer_judge.h"
#include "loop/transfer_plan.h"
#include "loop/wire.h"
#include "loop/wire_url.h"

enum {
	IDLE_LIMIT = 64, /* transfers kept after use */
	MAIL_READ_BYTES = 4 * 1024,
	MAIL_ROUNDS = 16, /* of sending and reading before others get a turn */
};

struct transfer {
	struct transfer_pool *pool;
	struct transfer *previous, *next; /* among the running or the idle */
	struct wire_line *line;
	struct transfer_plan plan; /* empty where the line is not set up */
	transfer_done_fn on_done;
	void *context;
	int64_t started_us;
	int64_t timeout_ms;
	int64_t dot_timeout_ms;
	bool awaits_verdict; /* and the longer limit runs */
	const char *misuse;  /* it never got to the wire, and why */
	struct http_answer answer;
	struct exchange *exchange; /* of this request, or NULL */
	void (*on_bytes)(const char *bytes, size_t length, void *context);

	struct smtp_dialogue mail;
	char *mail_from, *mail_to;
	struct event *mail_ready; /* this and the next: once it is logged in */
	struct event *mail_deadline;
};

struct transfer_pool {
	struct loop *loop;
	struct wire *wire;
	struct event *refusals; /* tells the misused */
	struct transfer *running;
	struct transfer *idle; /* the latest first */
	size_t idle_count;
};

static void
list_add(struct transfer **list, struct transfer *transfer)
{
	transfer->previous = NULL;
	transfer->next = *list;
	if (*list != NULL)
		(*list)->previous = transfer;
	*list = transfer;
}

static void
list_remove(struct transfer **list, struct transfer *transfer)
{
	if (transfer->previous != NULL)
		transfer->previous->next = transfer->next;
	else
		*list = transfer->next;
	if (transfer->next != NULL)
		transfer->next->previous = transfer->previous;
}

static int64_t
now_us(void)
{
	return clock_monotonic_us(&clock_system);
}

/* --- ends --- */

static void
end_mail(struct transfer *transfer)
{
	if (transfer->mail_ready != NULL)
		event_free(transfer->mail_ready);
	if (transfer->mail_deadline != NULL)
		event_free(transfer->mail_deadline);
	transfer->mail_ready = transfer->mail_deadline = NULL;
	smtp_dialogue_done(&transfer->mail);
	free(transfer->mail_from);
	free(transfer->mail_to);
	transfer->mail_from = transfer->mail_to = NULL;
}

/* Takes it off the wire. */
static void
detach(struct transfer *transfer)
{
	wire_line_stop(transfer->line);
	list_remove(&transfer->pool->running, transfer);
	end_mail(transfer);
}

static void
destroy(struct transfer *transfer)
{
	wire_line_free(transfer->line);
	http_answer_done(&transfer->answer);
	transfer_plan_done(&transfer->plan);
	free(transfer);
}

/* Keeps a detached one for the next request. */
static void
lay_by(struct transfer *transfer)
{
	struct transfer_pool *pool = transfer->pool;
	if (pool->idle_count == IDLE_LIMIT || transfer->plan.host == NULL) {
		destroy(transfer);
		return;
	}
	http_answer_clear(&transfer->answer);
	list_add(&pool->idle, transfer);
	pool->idle_count++;
}

static void
tell(struct transfer *transfer, const struct transfer_facts *facts)
{
	struct transfer_result result = {
		.retry_after_ms = http_answer_retry_after_ms(
			&transfer->answer, clock_wall_ms(&clock_system)),
		.body = transfer->answer.body.data,
		.body_length = transfer->answer.body.length,
		.elapsed_us = now_us() - transfer->started_us,
	};
	transfer_judge(facts, &result);
	detach(transfer);
	transfer->on_done(&result, transfer->context);
	lay_by(transfer);
}

static void
finish(struct transfer *transfer, const struct wire_end *end)
{
	bool is_mail = transfer->plan.is_mail;
	struct transfer_facts facts = {
		.host = transfer->plan.host,
		.failure = end->failure,
		.detail = end->detail,
		.timeout_ms = transfer->awaits_verdict
				      ? transfer->dot_timeout_ms
				      : transfer->timeout_ms,
		.http_status = http_answer_status(&transfer->answer),
		.request_went = end->request_went,
		.via_proxy = transfer->plan.proxy != NULL,
		.proxy_status = end->proxy_status,
		.mail = is_mail ? &transfer->mail : NULL,
	};
	if (is_mail && transfer->mail.is_garbled)
		facts.detail = "its reply was no SMTP";
	else if (http_answer_is_endless(&transfer->answer))
		facts.detail = "its headers did not end";
	tell(transfer, &facts);
}

static void
finish_mail(struct transfer *transfer, enum transfer_failure failure)
{
	struct wire_end end = {.failure = failure};
	finish(transfer, &end);
}

/* --- the mail's own part --- */

static void on_mail_ready(evutil_socket_t fd, short what, void *context);

static void
wait_for_mail(struct transfer *transfer, short what)
{
	struct event *ready = transfer->mail_ready;
	if (event_get_events(ready) != (what | EV_PERSIST)) {
		event_del(ready);
		event_assign(ready, loop_base(transfer->pool->loop),
			event_get_fd(ready), (short)(what | EV_PERSIST),
			on_mail_ready, transfer);
	}
	event_add(ready, NULL);
}

static enum wire_io
send_mail(struct transfer *transfer, bool *progress)
{
	size_t length, sent;
	const char *bytes = smtp_dialogue_output(&transfer->mail, &length);
	if (bytes == NULL)
		return WIRE_DONE;
	enum wire_io io = wire_line_send(transfer->line, bytes, length, &sent);
	if (io == WIRE_DONE) {
		if (!transfer->mail.is_telling)
			exchange_said(transfer->exchange, bytes, sent);
		smtp_dialogue_sent(&transfer->mail, sent);
		*progress = true;
	}
	return io;
}

static enum wire_io
read_mail(struct transfer *transfer, bool *progress)
{
	char bytes[MAIL_READ_BYTES];
	size_t length;
	enum wire_io io =
		wire_line_read(transfer->line, bytes, sizeof bytes, &length);
	if (io == WIRE_DONE) {
		exchange_heard(transfer->exchange, bytes, length);
		smtp_dialogue_input(&transfer->mail, bytes, length);
		*progress = true;
	}
	return io;
}

/* The dialogue has come to its own end. QUIT is politeness: nobody waits for
 * its answer. */
static void
end_dialogue(struct transfer *transfer)
{
	static const char quit[] = "QUIT\r\n";
	size_t sent;
	if (smtp_dialogue_may_quit(&transfer->mail))
		(void)wire_line_send(
			transfer->line, quit, sizeof quit - 1, &sent);
	finish_mail(transfer,
		transfer->mail.is_garbled ? FAILURE_LOST : FAILURE_NONE);
}

static void
set_deadline(struct transfer *transfer, int64_t left_us)
{
	if (left_us < 0)
		left_us = 0;
	struct timeval left = {.tv_sec = left_us / 1000000,
		.tv_usec = (suseconds_t)(left_us % 1000000)};
	event_add(transfer->mail_deadline, &left);
}

/* From the moment that the dot has gone, another patience counts. */
static void
look_at_dot(struct transfer *transfer)
{
	if (transfer->awaits_verdict ||
		!smtp_dialogue_awaits_verdict(&transfer->mail))
		return;
	transfer->awaits_verdict = true;
	set_deadline(transfer, transfer->dot_timeout_ms * 1000);
}

/* Reads before it sends, so that a refusal is seen although the server has
 * closed its end. */
static void
pump_mail(struct transfer *transfer)
{
	bool progress = true;
	enum wire_io reading, sending = WIRE_DONE;
	for (int round = 0; progress && round < MAIL_ROUNDS; round++) {
		progress = false;
		reading = read_mail(transfer, &progress);
		if (transfer->mail.is_over) {
			end_dialogue(transfer);
			return;
		}
		if (reading != WIRE_LOST)
			sending = send_mail(transfer, &progress);
		if (reading == WIRE_LOST || sending == WIRE_LOST) {
			finish_mail(transfer, FAILURE_LOST);
			return;
		}
	}
	look_at_dot(transfer);
	wait_for_mail(
		transfer, sending == WIRE_AGAIN ? EV_READ | EV_WRITE : EV_READ);
	if (progress) /* TLS may hold what the socket no longer shows */
		event_active(transfer->mail_ready, EV_READ, 0);
}

static void
on_mail_ready(evutil_socket_t fd, short what, void *context)
{
	(void)fd;
	(void)what;
	pump_mail(context);
}

static void
on_mail_deadline(evutil_socket_t fd, short what, void *context)
{
	(void)fd;
	(void)what;
	finish_mail(context, FAILURE_TIMEOUT);
}

/* It is connected and logged in. */
static void
begin_mail(struct transfer *transfer)
{
	struct event_base *base = loop_base(transfer->pool->loop);
	int fd = wire_line_fd(transfer->line);
	if (fd < 0) {
		finish_mail(transfer, FAILURE_LOST);
		return;
	}
	transfer->mail_ready = event_new(
		base, fd, EV_READ | EV_PERSIST, on_mail_ready, transfer);
	transfer->mail_deadline =
		event_new(base, -1, 0, on_mail_deadline, transfer);
	if (transfer->mail_ready == NULL || transfer->mail_deadline == NULL)
		abort();
	set_deadline(transfer, transfer->timeout_ms * 1000 -
				       (now_us() - transfer->started_us));
	smtp_dialogue_begin(&transfer->mail);
	pump_mail(transfer);
}

/* --- what the wire tells --- */

static bool
on_header(void *owner, const char *line, size_t length)
{
	struct transfer *transfer = owner;
	exchange_heard(transfer->exchange, line, length);
	return http_answer_header(&transfer->answer, line, length);
}

static bool
on_body(void *owner, const char *bytes, size_t length)
{
	struct transfer *transfer = owner;
	exchange_heard_body(transfer->exchange, bytes, length);
	if (transfer->on_bytes != NULL && transfer->answer.status / 100 == 2) {
		transfer->on_bytes(bytes, length, transfer->context);
		return true;
	}
	return http_answer_body(&transfer->answer, bytes, length);
}

static void
on_talk(void *owner, bool is_reply, const char *line, size_t length)
{
	struct transfer *transfer = owner;
	if (is_reply)
		exchange_heard(transfer->exchange, line, length);
	else
		exchange_said(transfer->exchange, line, length);
	if (is_reply)
		smtp_dialogue_overhear_reply(&transfer->mail, line, length);
	else
		smtp_dialogue_overhear_command(&transfer->mail, line, length);
}

static void
on_end(void *owner, const struct wire_end *end)
{
	struct transfer *transfer = owner;
	if (transfer->plan.is_mail && end->failure == FAILURE_NONE)
		begin_mail(transfer);
	else
		finish(transfer, end);
}

static const struct wire_calls wire_calls = {
	.on_header = on_header,
	.on_body = on_body,
	.on_talk = on_talk,
	.on_end = on_end,
};

static void
on_refusals(evutil_socket_t fd, short what, void *context)
{
	(void)fd;
	(void)what;
	struct transfer_pool *pool = context;
	for (;;) { /* on_done may change the list in any way */
		struct transfer *transfer = pool->running;
		while (transfer != NULL && transfer->misuse == NULL)
			transfer = transfer->next;
		if (transfer == NULL)
			return;
		struct transfer_facts facts = {
			.host = "",
			.failure = FAILURE_MISUSE,
			.detail = transfer->misuse,
		};
		tell(transfer, &facts);
	}
}

/* --- starts --- */

/* One whose plan fits, else any that is not needed, else a new one. */
static struct transfer *
take_transfer(
	struct transfer_pool *pool, const struct transfer_request *request)
{
	struct transfer *transfer = pool->idle, *last = NULL;
	while (transfer != NULL &&
		!transfer_plan_fits(&transfer->plan, request)) {
		last = transfer;
		transfer = transfer->next;
	}
	if (transfer == NULL && pool->idle_count == IDLE_LIMIT)
		transfer = last;
	if (transfer != NULL) {
		list_remove(&pool->idle, transfer);
		pool->idle_count--;
		return transfer;
	}
	transfer = mem_new(1, sizeof *transfer);
	transfer->pool = pool;
	transfer->line = wire_line_new(pool->wire, transfer);
	return transfer;
}

static bool
set_up(struct transfer *transfer, const struct transfer_request *request,
	struct err *err)
{
	struct transfer_plan *plan = &transfer->plan;
	struct wire_url parts = {NULL, NULL, NULL};
	if (transfer_plan_fits(plan, request))
		return true;
	transfer_plan_done(plan);
	if (!wire_url_read(request->url, &parts, NULL))
		return true; /* misused: the plan has no host */
	bool is_mail = strcmp(parts.scheme, "smtp") == 0 ||
		       strcmp(parts.scheme, "smtps") == 0;
	free(parts.scheme);
	transfer_plan_init(plan, request, parts.host, parts.ascii, is_mail);
	transfer->answer.body_limit = request->body_limit;
	return wire_line_set_up(transfer->line, plan, err);
}

static void
prepare_mail(struct transfer *transfer, const struct transfer_request *request)
{
	transfer->mail_from = mem_strdup(
		request->mail_from != NULL ? request->mail_from : "");
	transfer->mail_to = mem_strdup(request->mail_to);
	smtp_dialogue_init(&transfer->mail, transfer->mail_from,
		transfer->mail_to, request->body, request->body_length);
}

static bool
launch(struct transfer *transfer, const struct transfer_request *request,
	struct err *err)
{
	struct transfer_plan *plan = &transfer->plan;
	if (!set_up(transfer, request, err))
		return false;
	transfer->misuse = plan->host == NULL
				   ? "the URL cannot be used"
				   : transfer_check(request, plan->is_mail);
	if (transfer->misuse != NULL) {
		event_active(transfer->pool->refusals, EV_TIMEOUT, 0);
		return true;
	}
	if (plan->is_mail)
		prepare_mail(transfer, request);
	else
		exchange_request(transfer->exchange, request);
	return wire_line_start(transfer->line, request, err);
}

struct transfer *
transfer_start(struct transfer_pool *pool,
	const struct transfer_request *request, transfer_done_fn on_done,
	void *context, struct err *err)
{
	struct transfer *transfer = take_transfer(pool, request);
	transfer->on_done = on_done;
	transfer->context = context;
	transfer->started_us = now_us();
	transfer->timeout_ms = request->timeout_ms;
	transfer->dot_timeout_ms = request->dot_timeout_ms > 0
					   ? request->dot_timeout_ms
					   : TRANSFER_DOT_TIMEOUT_MS;
	transfer->awaits_verdict = false;
	transfer->exchange = request->exchange;
	transfer->on_bytes = request->on_bytes;
	list_add(&pool->running, transfer);
	if (launch(transfer, request, err))
		return transfer;
	detach(transfer);
	destroy(transfer);
	return NULL;
}

void
transfer_cancel(struct transfer *transfer)
{
	detach(transfer);
	lay_by(transfer);
}

struct transfer_pool *
transfer_pool_new(struct loop *loop, long per_host, struct err *err)
{
	struct wire *wire = wire_new(loop, per_host, &wire_calls, err);
	if (wire == NULL)
		return NULL;
	struct transfer_pool *pool = mem_new(1, sizeof *pool);
	pool->loop = loop;
	pool->wire = wire;
	pool->refusals = event_new(loop_base(loop), -1, 0, on_refusals, pool);
	if (pool->refusals == NULL)
		abort();
	return pool;
}

void
transfer_pool_set_policy(
	struct transfer_pool *pool, const struct address_policy *policy)
{
	wire_set_policy(pool->wire, policy);
}

void
transfer_pool_free(struct transfer_pool *pool)
{
	if (pool == NULL)
		return;
	while (pool->running != NULL) {
		struct transfer *transfer = pool->running;
		detach(transfer);
		destroy(transfer);
	}
	while (pool->idle != NULL) {
		struct transfer *transfer = pool->idle;
		list_remove(&pool->idle, transfer);
		destroy(transfer);
	}
	wire_free(pool->wire);
	event_free(pool->refusals);
	free(pool);
}
