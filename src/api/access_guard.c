/* access_guard - who was wrong how often, and the answers that wait. */
#include "api/access_guard.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "loop/problem.h"

enum { CLIENT_BYTES = INET6_ADDRSTRLEN + 3, LOG_EVERY_US = 1000000 };

struct client {
	char address[CLIENT_BYTES];
	int64_t since_us, last_us;
	int wrong;
};

struct held {
	struct http_request *request;
	access_guard_fn on_answer;
	void *context;
	int64_t due_us;
};

struct access_guard {
	const struct clock *clock;
	struct loop_timer *timer;
	struct client clients[GUARD_CLIENTS_LIMIT];
	struct held held[GUARD_HELD_LIMIT]; /* by due_us */
	size_t held_count;
	struct log_limit log;
};

static int64_t
now_us(const struct access_guard *guard)
{
	return clock_monotonic_us(guard->clock);
}

static void
answer(const struct held *held)
{
	struct http_request *request = held->request;
	char seconds[8];

	snprintf(seconds, sizeof(seconds), "%d", GUARD_WINDOW_S);
	http_reply_header(request, "Retry-After", seconds);
	if (held->on_answer != NULL) {
		held->on_answer(request, held->context);
		return;
	}
	http_problem(request, 429, "too-many-tries", "Too many wrong tokens",
		"Look whether the token is the one that the configuration "
		"names under server.tokens.",
		NULL);
}

static void
on_time(void *context)
{
	struct access_guard *guard = context;
	int64_t now = now_us(guard);
	size_t due = 0;

	while (due < guard->held_count && guard->held[due].due_us <= now)
		answer(&guard->held[due++]);
	guard->held_count -= due;
	memmove(guard->held, guard->held + due,
		guard->held_count * sizeof(struct held));
	if (guard->held_count > 0)
		loop_timer_set(
			guard->timer, (guard->held[0].due_us - now) / 1000 + 1);
}

struct access_guard *
access_guard_new(struct loop *loop, const struct clock *clock)
{
	struct access_guard *guard = mem_new(1, sizeof(*guard));

	guard->clock = clock;
	guard->timer = loop_timer_new(loop, on_time, guard);
	return guard;
}

void
access_guard_free(struct access_guard *guard)
{
	if (guard == NULL)
		return;
	for (size_t i = 0; i < guard->held_count; i++)
		answer(&guard->held[i]);
	loop_timer_free(guard->timer);
	free(guard);
}

/* Whoever has one address of IPv6 has 2^64 of them: the network is the client.
 */
static void
name_client(const char *address, char name[CLIENT_BYTES])
{
	char network[INET6_ADDRSTRLEN];
	struct in6_addr in;

	snprintf(name, CLIENT_BYTES, "%s", address);
	if (inet_pton(AF_INET6, address, &in) != 1 || IN6_IS_ADDR_V4MAPPED(&in))
		return;
	memset(in.s6_addr + 8, 0, 8);
	if (inet_ntop(AF_INET6, &in, network, sizeof(network)) != NULL)
		snprintf(name, CLIENT_BYTES, "%s/64", network);
}

/* It, or the place of the one that has been silent longest. */
static struct client *
client_at(struct access_guard *guard, const char *address)
{
	char name[CLIENT_BYTES];
	struct client *oldest = &guard->clients[0];

	name_client(address, name);
	for (size_t i = 0; i < GUARD_CLIENTS_LIMIT; i++) {
		struct client *client = &guard->clients[i];

		if (strcmp(client->address, name) == 0)
			return client;
		if (client->last_us < oldest->last_us)
			oldest = client;
	}
	memset(oldest, 0, sizeof(*oldest));
	memcpy(oldest->address, name, sizeof(name));
	return oldest;
}

static bool
is_too_often(struct access_guard *guard, struct client *client)
{
	int64_t now = now_us(guard), held = 0;

	if (now - client->since_us >= (int64_t)GUARD_WINDOW_S * 1000000 ||
		client->wrong == 0) {
		client->since_us = now;
		client->wrong = 0;
	}
	client->last_us = now;
	if (client->wrong < GUARD_FREE_TRIES) {
		client->wrong++;
		return false;
	}
	if (log_limit_passes(&guard->log, now, LOG_EVERY_US, &held))
		log_warning("API: %s sent %d wrong tokens within a minute and "
			    "goes on; it is slowed down",
			client->address, GUARD_FREE_TRIES);
	return true;
}

bool
access_guard_blame(struct access_guard *guard, struct http_request *request,
	access_guard_fn on_answer, void *context)
{
	const struct held held = {request, on_answer, context,
		now_us(guard) + (int64_t)GUARD_DELAY_MS * 1000};
	struct client *client = client_at(guard, http_request_client(request));

	if (!is_too_often(guard, client))
		return false;
	if (guard->held_count == GUARD_HELD_LIMIT) {
		answer(&held);
		return true;
	}
	guard->held[guard->held_count++] = held;
	if (!loop_timer_is_set(guard->timer))
		loop_timer_set(guard->timer, GUARD_DELAY_MS);
	return true;
}
