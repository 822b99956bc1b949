/*
 * err - keeps one sentence on why something failed. It does not log.
 */
#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

/*
 * printf into `limit` bytes with the NUL. What is longer ends in "...", cut
 * between characters, so that a reason stays valid UTF-8.
 */
__attribute__((format(printf, 3, 0))) static void
format_cut(char *out, size_t limit, const char *format, va_list arguments)
{
	static const char mark[] = "...";
	int wanted = vsnprintf(out, limit, format, arguments);

	if (wanted < 0) {
		out[0] = '\0';
		return;
	}
	if ((size_t)wanted < limit || limit <= sizeof(mark))
		return;
	memcpy(out + text_cut(out, limit - 1, limit - sizeof(mark)), mark,
		sizeof(mark));
}

bool
err_set(struct err *err, const char *format, ...)
{
	char text[ERR_LIMIT_BYTES]; /* an argument may be err->text itself */
	va_list arguments;

	if (!err)
		return false;
	va_start(arguments, format);
	format_cut(text, sizeof(text), format, arguments);
	va_end(arguments);
	memcpy(err->text, text, sizeof(text));
	return false;
}

bool
err_errno(struct err *err, const char *format, ...)
{
	int number = errno;
	char text[ERR_LIMIT_BYTES];
	char space[128];
	va_list arguments;

	if (!err)
		return false;
	const char *reason = strerror_r(number, space, sizeof(space));
	size_t length = strnlen(reason, ERR_LIMIT_BYTES / 4);

	va_start(arguments, format);
	format_cut(text, sizeof(text) - length - 2, format, arguments);
	va_end(arguments);
	err_set(err, "%s: %.*s", text, (int)length, reason);
	errno = number;
	return false;
}

bool
err_prefix(struct err *err, const char *format, ...)
{
	char context[ERR_LIMIT_BYTES / 2];
	va_list arguments;

	if (!err)
		return false;
	va_start(arguments, format);
	format_cut(context, sizeof(context), format, arguments);
	va_end(arguments);
	return err_set(err, "%s: %s", context, err->text);
}
