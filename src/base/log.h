/*
 * log - one line an event on stderr.
 *
 * In the journal form each line starts with its priority ("<4>", sd-daemon(3));
 * the JSON form is one object a line. Text is escaped, so that nothing from
 * outside makes a second line or moves a terminal. Ids only: never a name, an
 * address, a comment. Any thread may call; a line is one write(2).
 */
#ifndef NPSD_BASE_LOG_H
#define NPSD_BASE_LOG_H

#include <stdbool.h>
#include <stdint.h>

enum log_level {
	LOG_LEVEL_ERROR,
	LOG_LEVEL_WARNING,
	LOG_LEVEL_NOTICE,
	LOG_LEVEL_INFO,
	LOG_LEVEL_DEBUG
};
enum log_form { LOG_FORM_PLAIN, LOG_FORM_JOURNAL, LOG_FORM_JSON };

/* The one mutable global of the program. Set before threads start. */
void log_setup(enum log_level level, enum log_form form);
void log_set_level(enum log_level level); /* any time */
enum log_form log_form_in_force(void);
bool log_level_from_text(const char *text, enum log_level *level);

void log_write(enum log_level level, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
#define log_error(...) log_write(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warning(...) log_write(LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_notice(...) log_write(LOG_LEVEL_NOTICE, __VA_ARGS__)
#define log_info(...) log_write(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...) log_write(LOG_LEVEL_DEBUG, __VA_ARGS__)

/*
 * At most one line per interval for one kind of event: true if a line may be
 * written now; *held then says how many were held back since the last one.
 * Owned by one thread.
 */
struct log_limit {
	int64_t last_us;
	int64_t held;
};
bool log_limit_passes(struct log_limit *limit, int64_t now_us,
	int64_t interval_us, int64_t *held);

#endif
