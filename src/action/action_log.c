/*
 * action_log - an alert as a line of a file or of the standard output: for
 * trying npsd out, and for programs that follow a file. The line is the alert
 * document; personal data goes only where the operator asked for it.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "action/action.h"
#include "action/later.h"
#include "action/outcome.h"
#include "base/json.h"
#include "base/memory.h"
#include "conf/conf_file.h"
#include "crypt/link_token.h"

enum { PATIENCE_MS = 50 }; /* with a reader who is slow, in the loop */

struct log_settings {
	struct action_settings common;
	char *path;
};

struct log_sender {
	struct sender base;
	const char *path; /* "-": standard output */
	int fd;		  /* -1: not open */
	dev_t device;	  /* of what is open */
	ino_t inode;
	bool is_file; /* a regular one */
	bool torn;    /* the last line was left without its end */
	struct later *later;
};

struct send {
	struct later_item item;
	struct log_sender *sender;
	struct outcome outcome;
	send_done_fn on_done;
	void *context;
};

/* ---- rendering ---- */

static struct renderer *
renderer_open(const char *name, const void *settings, struct err *err)
{
	struct renderer *renderer = mem_new(1, sizeof(*renderer));

	(void)name;
	(void)settings;
	(void)err;
	renderer->kind = &action_log;
	return renderer;
}

static void
renderer_close(struct renderer *renderer)
{
	free(renderer);
}

/* A link is as good as a password, and lines of a log are read by many: tokens
 * are left out, wherever they stand. */
static bool
render(struct renderer *renderer, const struct alert *alert, struct buf *body,
	struct err *err)
{
	(void)renderer;
	(void)err;
	action_append_document(body, alert);
	body->length = link_token_hide(body->data, body->length);
	buf_append_char(body, '\n');
	return true;
}

/* ---- writing ---- */

static bool
is_stdout(const struct log_sender *sender)
{
	return strcmp(sender->path, "-") == 0;
}

static void
close_file(struct log_sender *sender)
{
	if (sender->fd >= 0 && !is_stdout(sender))
		close(sender->fd);
	sender->fd = -1;
	sender->torn = false;
}

/* True if the name still leads to what is open: it may have been rotated. */
static bool
is_in_place(const struct log_sender *sender)
{
	struct stat now;

	if (sender->fd < 0)
		return false;
	if (is_stdout(sender))
		return true;
	return stat(sender->path, &now) == 0 && now.st_dev == sender->device &&
	       now.st_ino == sender->inode;
}

/* False with errno set. */
static bool
open_file(struct log_sender *sender)
{
	struct stat now;

	close_file(sender);
	/* Without O_NONBLOCK a pipe that nobody reads would stop the loop. */
	sender->fd = is_stdout(sender) ? STDOUT_FILENO
				       : open(sender->path,
						 O_WRONLY | O_APPEND | O_CREAT |
							 O_CLOEXEC | O_NOCTTY |
							 O_NONBLOCK,
						 0640);
	if (sender->fd < 0)
		return false;
	if (fstat(sender->fd, &now) != 0) {
		close_file(sender);
		return false;
	}
	sender->device = now.st_dev;
	sender->inode = now.st_ino;
	sender->is_file = S_ISREG(now.st_mode);
	return true;
}

/* Writes what a pipe takes at once; 0 if nothing goes for a while. */
static size_t
write_some(const struct log_sender *sender, const char *bytes, size_t length)
{
	struct pollfd ready = {sender->fd, POLLOUT, 0};
	ssize_t written;

	if (!sender->is_file) {
		if (poll(&ready, 1, PATIENCE_MS) <= 0) {
			errno = EAGAIN;
			return 0;
		}
		length = length < PIPE_BUF ? length : PIPE_BUF;
	}
	do
		written = write(sender->fd, bytes, length);
	while (written < 0 && errno == EINTR);
	return written > 0 ? (size_t)written : 0;
}

/* A part of a line is taken back where that can be done, and else ended before
 * the next one. */
static void
undo(struct log_sender *sender, size_t written)
{
	off_t end = lseek(sender->fd, 0, SEEK_CUR);

	if (written == 0)
		return;
	if (!sender->is_file || end < (off_t)written ||
		ftruncate(sender->fd, end - (off_t)written) != 0)
		sender->torn = true;
}

/* False with errno set. */
static bool
write_line(struct log_sender *sender, const char *line, size_t length)
{
	size_t written = 0;
	int why;

	if (sender->torn && write_some(sender, "\n", 1) == 0)
		return false;
	sender->torn = false;
	while (written < length) {
		size_t more =
			write_some(sender, line + written, length - written);

		if (more == 0) {
			why = errno;
			undo(sender, written);
			errno = why;
			return false;
		}
		written += more;
	}
	return true;
}

static void
deliver(struct log_sender *sender, const struct parcel *parcel,
	struct outcome *outcome)
{
	if (!is_in_place(sender) && !open_file(sender))
		outcome_set(outcome, OUTCOME_ENDPOINT_DOWN, 0,
			"cannot open the file of the action: %s",
			strerror(errno));
	else if (!write_line(sender, parcel->body, parcel->body_length))
		outcome_set(outcome, OUTCOME_TRY_LATER, 0,
			"cannot write to the file of the action: %s",
			strerror(errno));
	else
		outcome_set(outcome, OUTCOME_DELIVERED, 0, "written");
}

/* ---- sending ---- */

static void
on_turn(struct later_item *item)
{
	struct send *send = (struct send *)item;
	struct outcome outcome = send->outcome;
	send_done_fn on_done = send->on_done;
	void *context = send->context;

	free(send);
	on_done(&outcome, context);
}

static struct sender *
sender_open(const char *name, const void *settings,
	const struct action_host *host, struct err *err)
{
	const struct log_settings *log = settings;
	struct log_sender *sender = mem_new(1, sizeof(*sender));

	(void)name;
	(void)err;
	sender->base.kind = &action_log;
	sender->path = log->path;
	sender->fd = -1;
	sender->later = later_new(host->loop, on_turn);
	return &sender->base;
}

static void
sender_close(struct sender *sender)
{
	struct log_sender *log = (struct log_sender *)sender;

	if (log == NULL)
		return;
	later_free(log->later);
	close_file(log);
	free(log);
}

static struct send *
send_parcel(struct sender *sender, const struct parcel *parcel,
	send_done_fn on_done, void *context)
{
	struct log_sender *log = (struct log_sender *)sender;
	struct send *send = mem_new(1, sizeof(*send));

	send->sender = log;
	send->on_done = on_done;
	send->context = context;
	deliver(log, parcel, &send->outcome);
	later_add(log->later, &send->item);
	return send;
}

static void
cancel(struct send *send)
{
	later_remove(send->sender->later, &send->item);
	free(send);
}

/* ---- settings ---- */

static bool
read_path(struct setting_reader *reader, const struct conf_node *node,
	const char *path, void *where)
{
	char **file = where;
	char *seen;

	(void)node;
	(void)path;
	if (strcmp(*file, "-") == 0)
		return true;
	seen = conf_file_path(reader->folder, *file);
	free(*file);
	*file = seen;
	return true;
}

static const struct setting log_rows[] = {
	{"path", SETTING_TEXT, offsetof(struct log_settings, path),
		.fallback = "\"-\"", .low = 1, .high = 4096, .read = read_path,
		.help = "The file that lines are appended to; - is the "
			"standard output. It is made where it is missing, and "
			"opened again after it was moved away."},
	{.key = NULL},
};

const struct action_kind action_log = {
	.setting = {"log", log_rows, sizeof(struct log_settings),
		"Writes each alert as one line of JSON to a file or to the "
		"standard output, with all that the customer said."},
	.renderer_open = renderer_open,
	.renderer_close = renderer_close,
	.render = render,
	.sender_open = sender_open,
	.sender_close = sender_close,
	.send = send_parcel,
	.cancel = cancel,
};
