/*
 * log - one line an event on stderr.
 */
#include "base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/text.h"
#include "base/time.h"

enum { LOG_LINE_BYTES = 4096 };

/* Read by all threads, so the level may change while they run. */
static struct {
	_Atomic int level;
	enum log_form form;
} log_state = {LOG_LEVEL_INFO, LOG_FORM_PLAIN};

static const struct {
	const char *name;
	int priority; /* of syslog(3), for sd-daemon(3) */
} levels[] = {
	[LOG_LEVEL_ERROR] = {"error", 3},
	[LOG_LEVEL_WARNING] = {"warning", 4},
	[LOG_LEVEL_NOTICE] = {"notice", 5},
	[LOG_LEVEL_INFO] = {"info", 6},
	[LOG_LEVEL_DEBUG] = {"debug", 7},
};

void
log_setup(enum log_level level, enum log_form form)
{
	log_state.level = (int)level;
	log_state.form = form;
}

void
log_set_level(enum log_level level)
{
	log_state.level = (int)level;
}

enum log_form
log_form_in_force(void)
{
	return log_state.form;
}

bool
log_level_from_text(const char *text, enum log_level *level)
{
	for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
		if (text_same(text, levels[i].name)) {
			*level = (enum log_level)i;
			return true;
		}
	}
	return false;
}

/* The message without what is past `limit` bytes, as a member of an object. */
static void
append_json(struct buf *line, enum log_level level, const char *text,
	size_t length, size_t limit)
{
	char time[TIME_TEXT_BYTES];
	struct buf message = {0};
	size_t end = text_cut(text, length, limit);

	time_to_rfc3339(clock_wall_ms(&clock_system), time);
	buf_append(&message, text, end);
	if (end < length)
		buf_append_text(&message, "...");
	buf_printf(line, "{\"time\":\"%s\",\"level\":\"%s\",\"message\":", time,
		levels[level].name);
	json_append_string(line, message.data, message.length);
	buf_append_char(line, '}');
	buf_done(&message);
}

static void
append_line(struct buf *line, enum log_level level, const char *text,
	size_t length, size_t limit)
{
	switch (log_state.form) {
	case LOG_FORM_JSON:
		append_json(line, level, text, length, limit);
		break;
	case LOG_FORM_JOURNAL:
		buf_printf(line, "<%d>", levels[level].priority);
		text_append_escaped(line, text, length, limit);
		break;
	case LOG_FORM_PLAIN:
		buf_printf(line, "npsd: %s: ", levels[level].name);
		text_append_escaped(line, text, length, limit);
		break;
	}
	buf_append_char(line, '\n');
}

void
log_write(enum log_level level, const char *format, ...)
{
	char text[LOG_LINE_BYTES];
	int number = errno;
	struct buf line = {0};
	ssize_t written;
	va_list arguments;

	if ((int)level > log_state.level)
		return;
	va_start(arguments, format);
	int wanted = vsnprintf(text, sizeof(text), format, arguments);

	va_end(arguments);
	if (wanted < 0)
		text[0] = '\0';
	size_t length = strnlen(text, sizeof(text) - 1);

	/* Escapes can make a line several times longer than its text; then it
	 * is made anew of less text. */
	for (size_t limit = LOG_LINE_BYTES - 128;; limit -= limit / 4) {
		buf_clear(&line);
		append_line(&line, level, text, length, limit);
		if (line.length <= LOG_LINE_BYTES)
			break;
	}
	do
		written = write(STDERR_FILENO, line.data, line.length);
	while (written < 0 && errno == EINTR);
	buf_done(&line);
	errno = number;
}

bool
log_limit_passes(struct log_limit *limit, int64_t now_us, int64_t interval_us,
	int64_t *held)
{
	/* A zero stamp is a limit that has not been used yet. */
	if (limit->last_us && now_us - limit->last_us < interval_us) {
		limit->held++;
		return false;
	}
	if (held)
		*held = limit->held;
	limit->last_us = now_us ? now_us : 1;
	limit->held = 0;
	return true;
}
