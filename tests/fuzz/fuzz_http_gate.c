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

static void
scan_by(const char *bytes, size_t size, size_t step, struct http_scan *scan)
{
	http_scan_init(scan, HEAD_LIMIT, BODY_LIMIT);
	for (size_t at = 0; at < size && scan->state < HTTP_SCAN_DONE;) {
		size_t length = size - at < step ? size - at : step;
		size_t fed = http_scan_feed(scan, bytes + at, length);

		must(fed == length || scan->state >= HTTP_SCAN_DONE);
		at += fed;
	}
}

static void
compare_cuts(const char *bytes, size_t size)
{
	struct http_scan whole, cut;

	scan_by(bytes, size, size, &whole);
	for (size_t step = 1; step < 8; step += 3) {
		scan_by(bytes, size, step, &cut);
		must(cut.state == whole.state);
		must(cut.refusal.detail == whole.refusal.detail);
		must(cut.body_bytes == whole.body_bytes ||
			whole.refusal.status);
		http_scan_done(&cut);
	}
	must(whole.body_bytes <= BODY_LIMIT);
	http_scan_done(&whole);
}

static void
on_request(struct http_request *request, void *context)
{
	size_t length;

	(void)context;
	must(http_request_path(request) != NULL);
	(void)http_request_body(request, &length);
	(void)http_request_query(request, "a");
	(void)http_request_client(request);
	http_reply(request, 200, "text/plain", "taken", 5);
}

static void
ask_server(struct loop *loop, const struct sockaddr_un *name, const char *bytes,
	size_t size)
{
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	struct buf in = {0};
	char part[4096];
	ssize_t got = -1;

	must(connect(fd, (const struct sockaddr *)name, sizeof(*name)) == 0);
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

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct loop *loop;
	static struct sockaddr_un name = {.sun_family = AF_UNIX};
	char folder[] = "/tmp/npsd-fuzz-XXXXXX";
	struct err err;

	if (loop == NULL) {
		struct http_server *server;

		must((loop = loop_new(&err)) != NULL && mkdtemp(folder));
		server = http_server_new(loop, on_request, NULL);
		strcat(strcpy(name.sun_path, folder), "/s");
		must(http_listen_unix(
			server, name.sun_path, 0600, NULL, NULL, &err));
	}
	compare_cuts((const char *)data, size);
	ask_server(loop, &name, (const char *)data, size);
	return 0;
}
