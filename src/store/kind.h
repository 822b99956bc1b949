/*
 * kind - what a kind of store fills in; only files of this room include it.
 * Each function does what the verb of the same name in store.h says.
 */
#ifndef NPSD_STORE_KIND_H
#define NPSD_STORE_KIND_H

#include "store/store.h"

struct store_writer {
	const struct store_kind *kind;
	/* the kind's own fields follow in its own struct */
};
struct store_reader {
	const struct store_kind *kind;
};

struct store_kind {
	const char *scheme; /* "sqlite", "memory": before ':' in `store:` */
	struct store_writer *(*open)(const char *path,
		const struct store_settings *settings, struct err *err);
	void (*close)(struct store_writer *store);
	/* one member for each verb, named without the prefix store_ */
};

extern const struct store_kind store_sqlite;
extern const struct store_kind store_memory;

#endif
