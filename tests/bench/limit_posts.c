/*
 * limit_posts - how fast libcurl alone posts detractors' answers to a sink.
 *
 *	limit_posts -p PORT [-c CONNECTIONS] [-n ANSWERS] [-s SEED]
 *
 * One thread, a curl multi handle, CONNECTIONS (16) transfers at a time; those
 * of ANSWERS that are a detractor's are posted, one a request. Prints one
 * line of JSON.
 */
#include <curl/curl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "answers.h"
#include "base/memory.h"
#include "stopwatch.h"

enum { EVENTS = 64 };

struct posts {
	struct answers answers;
	int64_t next;
	int port;
	int connections;
	CURLM *multi;
	struct curl_slist *headers;
	int64_t taken, failed;
	int epoll, timeout_ms;
	int under_way;
};

static size_t
on_body(char *bytes, size_t size, size_t count, void *context)
{
	(void)bytes;
	(void)context;
	return size * count;
}

/* The next detractor's answer; false: there is none. */
static bool
next_body(struct posts *posts, struct buf *body)
{
	bool detractor = false;

	while (!detractor && posts->next < posts->answers.count) {
		buf_clear(body);
		detractor = answer_write(&posts->answers, posts->next++, body);
	}
	return detractor;
}

static void
post_next(struct posts *posts, CURL *easy, struct buf *body)
{
	if (!next_body(posts, body))
		return;
	curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body->data);
	curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, (long)body->length);
	curl_multi_add_handle(posts->multi, easy);
	posts->under_way++;
}

static CURL *
new_handle(struct posts *posts, struct buf *body)
{
	char url[64];
	CURL *easy = curl_easy_init();

	snprintf(url, sizeof(url), "http://127.0.0.1:%d/", posts->port);
	curl_easy_setopt(easy, CURLOPT_URL, url);
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, posts->headers);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(easy, CURLOPT_PRIVATE, body);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	return easy;
}

static void
on_end(struct posts *posts, CURL *easy, CURLcode result)
{
	struct buf *body;
	long status = 0;

	curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(easy, CURLINFO_PRIVATE, &body);
	curl_multi_remove_handle(posts->multi, easy);
	posts->under_way--;
	if (result == CURLE_OK && status == 200)
		posts->taken++;
	else
		posts->failed++;
	post_next(posts, easy, body);
}

/* ---- libcurl's wishes, kept with epoll ---- */

static int
on_socket_wanted(
	CURL *easy, curl_socket_t fd, int what, void *context, void *known)
{
	struct posts *posts = context;
	struct epoll_event event = {.data.fd = fd};

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		epoll_ctl(posts->epoll, EPOLL_CTL_DEL, fd, NULL);
		return 0;
	}
	if (what != CURL_POLL_OUT)
		event.events |= EPOLLIN;
	if (what != CURL_POLL_IN)
		event.events |= EPOLLOUT;
	epoll_ctl(posts->epoll, known != NULL ? EPOLL_CTL_MOD : EPOLL_CTL_ADD,
		fd, &event);
	curl_multi_assign(posts->multi, fd, posts);
	return 0;
}

static int
on_timer_wanted(CURLM *multi, long timeout_ms, void *context)
{
	struct posts *posts = context;

	(void)multi;
	posts->timeout_ms = (int)timeout_ms;
	return 0;
}

static void
reap(struct posts *posts)
{
	CURLMsg *message;
	int left;

	while ((message = curl_multi_info_read(posts->multi, &left)) != NULL)
		on_end(posts, message->easy_handle, message->data.result);
}

static void
act(struct posts *posts, curl_socket_t fd, uint32_t events)
{
	int what = 0;
	int running;

	if (events & EPOLLIN)
		what |= CURL_CSELECT_IN;
	if (events & EPOLLOUT)
		what |= CURL_CSELECT_OUT;
	if (events & (EPOLLERR | EPOLLHUP))
		what |= CURL_CSELECT_ERR;
	curl_multi_socket_action(posts->multi, fd, what, &running);
	reap(posts);
}

static void
run(struct posts *posts)
{
	struct epoll_event events[EVENTS];

	while (posts->under_way > 0) {
		int ready = epoll_wait(
			posts->epoll, events, EVENTS, posts->timeout_ms);

		for (int i = 0; i < ready; i++)
			act(posts, events[i].data.fd, events[i].events);
		if (ready == 0) {
			posts->timeout_ms = -1;
			act(posts, CURL_SOCKET_TIMEOUT, 0);
		}
	}
}

static void
measure(struct posts *posts)
{
	size_t count = (size_t)posts->connections;
	CURL **handles = mem_new(count, sizeof(CURL *));
	struct buf *bodies = mem_new(count, sizeof(*bodies));
	double cpu = stopwatch_cpu();
	int64_t start = stopwatch_ns();
	double seconds;

	for (size_t i = 0; i < count; i++) {
		handles[i] = new_handle(posts, &bodies[i]);
		post_next(posts, handles[i], &bodies[i]);
	}
	run(posts);
	seconds = (double)(stopwatch_ns() - start) / 1e9;
	printf("{\"taken\":%" PRId64 ",\"failed\":%" PRId64
	       ",\"rate\":%.1f,\"seconds\":%.4f,\"cpu_s\":%.3f}\n",
		posts->taken, posts->failed, (double)posts->taken / seconds,
		seconds, stopwatch_cpu() - cpu);
	for (size_t i = 0; i < count; i++) {
		curl_easy_cleanup(handles[i]);
		buf_done(&bodies[i]);
	}
	free(handles);
	free(bodies);
}

static void
start_multi(struct posts *posts)
{
	posts->timeout_ms = -1;
	posts->epoll = epoll_create1(EPOLL_CLOEXEC);
	posts->multi = curl_multi_init();
	curl_multi_setopt(
		posts->multi, CURLMOPT_SOCKETFUNCTION, on_socket_wanted);
	curl_multi_setopt(posts->multi, CURLMOPT_SOCKETDATA, posts);
	curl_multi_setopt(
		posts->multi, CURLMOPT_TIMERFUNCTION, on_timer_wanted);
	curl_multi_setopt(posts->multi, CURLMOPT_TIMERDATA, posts);
}

int
main(int argc, char **argv)
{
	struct posts posts = {
		.answers = {.seed = 1, .count = 200000, .last = time(NULL)},
		.connections = 16,
	};
	int option;

	while ((option = getopt(argc, argv, "p:c:n:s:")) != -1) {
		if (option == 'p')
			posts.port = atoi(optarg);
		else if (option == 'c')
			posts.connections = atoi(optarg);
		else if (option == 'n')
			posts.answers.count = atoll(optarg);
		else if (option == 's')
			posts.answers.seed = strtoull(optarg, NULL, 10);
		else
			return 2;
	}
	if (posts.port <= 0 || posts.connections <= 0)
		return 2;
	curl_global_init(CURL_GLOBAL_DEFAULT);
	start_multi(&posts);
	posts.headers =
		curl_slist_append(NULL, "Content-Type: application/json");
	measure(&posts);
	curl_slist_free_all(posts.headers);
	curl_multi_cleanup(posts.multi);
	curl_global_cleanup();
	return 0;
}
