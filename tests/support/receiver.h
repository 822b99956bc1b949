/*
 * receiver - a receiver on loopback inside the test's own loop, without a
 * thread: it takes HTTP requests or mails, keeps them as they came, and
 * answers as it is told.
 */
#ifndef NPSD_TESTS_RECEIVER_H
#define NPSD_TESTS_RECEIVER_H

#include <stddef.h>

#include "base/buf.h"
#include "loop/loop.h"

enum receiver_kind { RECEIVER_HTTP, RECEIVER_SMTP };

struct receiver;
/* Listens at 127.0.0.1, port 0. Aborts the test if it cannot. */
struct receiver *receiver_open(struct loop *loop, enum receiver_kind kind);
void receiver_close(struct receiver *receiver);
int receiver_port(const struct receiver *receiver);

/*
 * What it answers from now on. HTTP: at "" stands the whole answer. SMTP: at
 * "greeting", "EHLO", "AUTH", "MAIL", "RCPT", "DATA", "." the reply line.
 * NULL: as a good receiver does; "" hangs up; "-" says nothing. The text is
 * lent.
 */
void receiver_answer(
	struct receiver *receiver, const char *at, const char *reply);

/* How many requests or mails came whole. */
int receiver_count(const struct receiver *receiver);
/* The one of this number (from 0): an HTTP request with its headers, or the
 * mail without the dots that SMTP put before lines. */
const struct buf *receiver_seen(const struct receiver *receiver, int number);
/* All that clients said in SMTP outside of mails. */
const char *receiver_commands(const struct receiver *receiver);

#endif
