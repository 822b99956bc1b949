/*
 * scripted_peer - a server on loopback, in a thread, that plays its part from a
 * script and remembers what it heard.
 */
#ifndef NPSD_TESTS_SCRIPTED_PEER_H
#define NPSD_TESTS_SCRIPTED_PEER_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

enum { PEER_HEARD_BYTES = 16 * 1024 };

/* What it does when it has said its part. */
enum peer_after {
	PEER_CLOSES,
	PEER_RESETS,
	PEER_WAITS,	/* until the client closes */
	PEER_FLOODS,	/* lines without end */
	PEER_SERVES_ON, /* the same answer to the next request */
};

struct peer {
	int port;
	int listener;
	int connections;
	pthread_t thread;
	const char *answer;
	enum peer_after after;
	const char *const *answers;
	size_t answers_count;
	char heard[PEER_HEARD_BYTES]; /* to be read after peer_stop */
	size_t heard_length;
};

/* Serves one connection: hears a whole request, answers. */
void peer_start_http(
	struct peer *peer, const char *answer, enum peer_after after);
/* Serves one connection: the first answer is the greeting, the following ones
 * each wait for a line, or for the dot after a 354, or for any byte where they
 * start with "!". "" says nothing more and waits, NULL or the end of the answers
 * closes. */
void peer_start_smtp(
	struct peer *peer, const char *const *answers, size_t count);
/* Waits until it has played to the end. */
void peer_stop(struct peer *peer);

#endif
