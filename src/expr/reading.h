/*
 * reading - what `.` is at one level of a jq text, and the value that is
 * being read there; see scan.c for what a level is.
 *
 *	.response | .customer .name == $x
 *	^ here      ^ here, after the pipe
 *	            |---- value --|
 */
#ifndef NPSD_EXPR_READING_H
#define NPSD_EXPR_READING_H

#include <stdbool.h>
#include <stddef.h>

enum { PATH_LIMIT_BYTES = 256 };

struct path {
	bool known;
	size_t length;
	char text[PATH_LIMIT_BYTES];
};

/* Who is told of paths. */
struct reader {
	void (*on_path)(const char *path, size_t length, void *context);
	void *context;
};

enum value_kind {
	VALUE_NONE,  /* a value may begin here */
	VALUE_PATH,  /* a path from `.`, which fields may follow */
	VALUE_OTHER, /* any other value */
};

struct reading {
	struct path start;     /* what `.` is where the level begins */
	struct path here;      /* and here */
	enum value_kind value; /* that is being read */
	struct path path;      /* of a VALUE_PATH */
	bool exact;	       /* no index has been applied to it */
	bool reads;	       /* it has a field of its own */
	bool simple;	       /* nothing but that value since the last | */
	bool binding;	       /* after `as` or `label`: the next | keeps `.` */
	bool pattern;	       /* between `as` and what ends its pattern */
	bool blind_next;       /* the next value is not read from here */
	bool blind;	       /* nor is any up to the next | or , */
};

/* A level in which `.` is `start`. */
struct reading reading_of(const struct path *start);

/* A value begins that is `.` or starts from it, or another. */
void reading_begin_path(struct reading *reading);
void reading_begin_other(struct reading *reading);
/* The value is that of an inner level in round brackets, a VALUE_PATH. */
void reading_take(struct reading *reading, const struct reading *inner);
/* A field of the value is asked for; nothing if it is no exact path. */
void reading_add_field(
	struct reading *reading, const char *name, size_t length);
/* The value is indexed or iterated: what follows is beyond names. */
void reading_blur(struct reading *reading);
/* The value ends, and the reader is told if it is a path. */
void reading_end(struct reading *reading, const struct reader *reader);

/* It ends at an operator, at a pipe, or where `.` is as it was at first. */
void reading_operator(struct reading *reading, const struct reader *reader);
void reading_pipe(struct reading *reading, const struct reader *reader);
void reading_restart(struct reading *reading, const struct reader *reader);

/* Tells of one field of `.`. */
void reading_tell_field(const struct reading *reading,
	const struct reader *reader, const char *name, size_t length);

#endif
