/*
 * What a client sends: raw bytes of one connection. What the scan says does not
 * depend on how they are cut; and through a whole server nothing comes back but
 * the handler's answers and problems as JSON: evhttp itself never has to refuse,
 * and never reads a request otherwise than the scan did.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/buf.h"
#include "loop/http_scan.h"
#include "loop/http_server.h"

enum { HEAD_LIMIT = 1024, BODY_LIMIT = 4096, TURNS_LIMIT = 1000 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool holds)
{
	if (!holds)
		abort();
}

static struct http_scan
scan_by(const char *bytes, size_t size, size_t step)
{
	struct http_scan scan;

	http_scan_init(&scan, HEAD_LIMIT, BODY_LIMIT);
	for (size_t at = 0; at < size && scan.state < HTTP_SCAN_DONE;)
		at += http_scan_feed(
			&scan, bytes + at, size - at < step ? size - at : step);
	http_scan_done(&scan);
	must(scan.body_bytes <= BODY_LIMIT);
	return scan;
}

static void
compare_cuts(const char *bytes, size_t size)
{
	struct http_scan whole = scan_by(bytes, size, size);

	for (size_t step = 1; step < 8; step += 3) {
		struct http_scan cut = scan_by(bytes, size, step);

		must(cut.state == whole.state &&
			cut.refusal.detail == whole.refusal.detail &&
			cut.body_bytes == whole.body_bytes);
	}
}

static void
on_request(struct http_request *request, void *context)
{
	(void)context;
	must(http_request_path(request) && http_request_client(request));
	(void)http_request_query(request, "a");
	http_reply(request, 200, "text/plain", "taken", 5);
}

static void
ask_server(struct loop *loop, const struct sockaddr_un *name, socklen_t length,
	const char *bytes, size_t size)
{
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	struct buf in = {0};
	char part[4096];
	ssize_t got = -1;

	must(connect(fd, (const struct sockaddr *)name, length) == 0);
	if (size > 0)
		(void)!send(fd, bytes, size, MSG_DONTWAIT | MSG_NOSIGNAL);
	shutdown(fd, SHUT_WR);
	for (int i = 0; i < TURNS_LIMIT && got != 0; i++) {
		loop_step(loop, 0);
		got = recv(fd, part, sizeof(part), MSG_DONTWAIT);
		if (got > 0)
			buf_append(&in, part, (size_t)got);
	}
	must(got == 0);
	must(in.length == 0 || (strstr(in.data, "<HTML>") == NULL &&
				       strstr(in.data, "two ways") == NULL));
	close(fd);
	loop_step(loop, 0);
	buf_done(&in);
}

/* At an address that the kernel chooses, and no file. */
static struct loop *
serve(struct sockaddr_un *name, socklen_t *length)
{
	struct err err;
	struct loop *loop = loop_new(&err);
	struct http_server *server = http_server_new(loop, on_request, NULL);
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	must(bind(fd, (struct sockaddr *)name, sizeof(sa_family_t)) == 0 &&
		listen(fd, 8) == 0 &&
		getsockname(fd, (struct sockaddr *)name, length) == 0 &&
		http_listen_fd(server, fd, NULL, &err) != NULL);
	return loop;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct sockaddr_un name = {.sun_family = AF_UNIX};
	static socklen_t length = sizeof(name);
	static struct loop *loop;

	if (loop == NULL)
		loop = serve(&name, &length);
	compare_cuts((const char *)data, size);
	ask_server(loop, &name, length, (const char *)data, size);
	return 0;
}
