/* Where the HTTP server listens: addresses, socket files, given sockets. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "http_house.h"

TestSuite(listen_socket, .timeout = 60);

Test(listen_socket, wants_an_address_with_numbers)
{
	static const char *const bad[] = {"", "8677", ":8677", "127.0.0.1",
		"127.0.0.1:", "127.0.0.1:x", "127.0.0.1:99999", "::1:80",
		"[::1]", "[]:80", "localhost:80", "1.2.3.4.5:80", "unix:/tmp/x",
		NULL};
	struct house house;
	house_open(&house);
	for (int i = 0; bad[i] != NULL; i++) {
		struct err err = {""};
		cr_expect_null(
			http_listen_tcp(house.server, bad[i], NULL, &err),
			"\"%s\" is no address", bad[i]);
		cr_expect_neq(err.text[0], '\0', "\"%s\": why?", bad[i]);
	}
	house_close(&house);
}

struct folder {
	char path[64];
	char socket[96];
};

static void
make_folder(struct folder *folder)
{
	strcpy(folder->path, "/tmp/npsd-test-XXXXXX");
	cr_assert_not_null(mkdtemp(folder->path), "mkdtemp");
	snprintf(folder->socket, sizeof folder->socket, "%s/socket",
		folder->path);
}

static int
connect_unix(const char *path)
{
	struct sockaddr_un name = {.sun_family = AF_UNIX};
	strncpy(name.sun_path, path, sizeof name.sun_path - 1);
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	if (connect(fd, (struct sockaddr *)&name, sizeof name) == 0)
		return fd;
	close(fd);
	return -1;
}

static int
stale_socket(const char *path)
{
	struct sockaddr_un name = {.sun_family = AF_UNIX};
	strncpy(name.sun_path, path, sizeof name.sun_path - 1);
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	cr_assert_eq(bind(fd, (struct sockaddr *)&name, sizeof name), 0,
		"bind: %s", strerror(errno));
	return fd;
}

Test(listen_socket, listens_on_a_unix_socket)
{
	struct house house;
	struct folder folder;
	struct buf in = {0};
	struct err err = {""};
	struct stat info;
	make_folder(&folder);
	house_open(&house);
	close(stale_socket(folder.socket));
	struct http_listener *listener = http_listen_unix(
		house.server, folder.socket, 0620, NULL, &house, &err);
	cr_assert_not_null(listener, "a stale one is replaced: %s", err.text);
	cr_expect_eq(stat(folder.socket, &info), 0, "it is there");
	cr_expect_eq(info.st_mode & 07777, 0620, "mode %o", info.st_mode);
	cr_expect_eq(http_listener_port(listener), 0, "no port");
	cr_expect_null(http_listen_unix(house.server, folder.socket, 0600, NULL,
			       NULL, &err),
		"a live one is not");
	cr_expect_not_null(strstr(err.text, "another process"), "%s", err.text);

	int fd = connect_unix(folder.socket);
	cr_assert_geq(fd, 0, "connect");
	house_send_text(&house, fd, "GET /x HTTP/1.1\r\n" HOST CLOSE "\r\n");
	cr_assert(house_receive(&house, fd, &in, NULL), "closed");
	cr_expect_not_null(strstr(in.data, "peer=unix tagged"), "%s", in.data);
	close(fd);

	http_listener_close(listener);
	cr_expect_neq(access(folder.socket, F_OK), 0, "the file goes with it");
	cr_expect_eq(rmdir(folder.path), 0, "nothing is left");
	buf_done(&in);
	house_close(&house);
}

Test(listen_socket, leaves_what_is_not_its_own_alone)
{
	struct house house;
	struct folder folder;
	struct err err = {""};
	char long_path[200];
	make_folder(&folder);
	house_open(&house);
	FILE *file = fopen(folder.socket, "w");
	cr_assert_not_null(file, "fopen");
	fclose(file);
	cr_expect_null(http_listen_unix(house.server, folder.socket, 0600, NULL,
			       NULL, &err),
		"a file is no socket");
	cr_expect_eq(access(folder.socket, F_OK), 0, "the file stays");
	unlink(folder.socket);

	cr_expect_null(http_listen_unix(house.server, folder.socket, 0600,
			       "no-such-group", NULL, &err),
		"an unknown group");
	cr_expect_not_null(strstr(err.text, "no-such-group"), "%s", err.text);
	cr_expect_neq(access(folder.socket, F_OK), 0, "and no file is left");
	memset(long_path, 'x', sizeof long_path - 1);
	long_path[0] = '/';
	long_path[sizeof long_path - 1] = '\0';
	cr_expect_null(http_listen_unix(
			       house.server, long_path, 0600, NULL, NULL, &err),
		"a path that no address holds");

	struct http_listener *listener = http_listen_unix(
		house.server, folder.socket, 0600, NULL, NULL, &err);
	cr_assert_not_null(listener, "%s", err.text);
	unlink(folder.socket);
	int other = stale_socket(folder.socket);
	http_listener_close(listener);
	cr_expect_eq(access(folder.socket, F_OK), 0,
		"another one's socket in its place stays");
	close(other);
	unlink(folder.socket);
	rmdir(folder.path);
	house_close(&house);
}

Test(listen_socket, takes_a_socket_that_listens_already)
{
	struct house house;
	struct folder folder;
	struct err err = {""};
	struct buf in = {0};
	make_folder(&folder);
	house_open(&house);
	int fd = stale_socket(folder.socket);
	cr_expect_null(http_listen_fd(house.server, fd, NULL, &err),
		"it does not listen yet");
	cr_assert_eq(listen(fd, 4), 0, "listen");
	cr_assert_not_null(
		http_listen_fd(house.server, fd, &house, &err), "%s", err.text);
	int client = connect_unix(folder.socket);
	house_send_text(
		&house, client, "GET /x HTTP/1.1\r\n" HOST CLOSE "\r\n");
	cr_assert(house_receive(&house, client, &in, NULL), "closed");
	cr_expect_not_null(strstr(in.data, "peer=unix tagged"), "%s", in.data);
	close(client);
	house_close(&house);
	cr_expect_eq(access(folder.socket, F_OK), 0,
		"the file belongs to who made it");
	unlink(folder.socket);
	rmdir(folder.path);
	buf_done(&in);
}
