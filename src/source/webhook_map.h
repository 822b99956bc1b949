/*
 * webhook_map - a jq program that makes answers of what a survey tool sends.
 *
 * It sees the body as `.` and the request as $request; each value that it gives
 * is one answer in npsd's own format, none means that there is none. On the
 * loop's thread, where it has 50 ms.
 */
#ifndef NPSD_SOURCE_WEBHOOK_MAP_H
#define NPSD_SOURCE_WEBHOOK_MAP_H

#include <stdbool.h>

#include "base/err.h"
#include "conf/setting.h"
#include "source/webhook_body.h"

struct map_settings {
	struct setting_jq jq; /* text NULL: there is no map */
	char *date_format, *timezone;
};

/* The keys of a map, at the offset of a struct map_settings. */
extern const char map_schema[];
bool map_read(struct setting_reader *reader, const struct conf_node *node,
	const char *path, void *where);
void map_done(void *where);
bool map_read_date_format(struct setting_reader *reader,
	const struct conf_node *node, const char *path, void *where);
bool map_read_timezone(struct setting_reader *reader,
	const struct conf_node *node, const char *path, void *where);
/* Compiles the map for what is wrong with it, and looks at what stands beside
 * it. node is the source's. */
bool map_check(const struct map_settings *settings,
	const struct conf_node *node, const char *path,
	struct conf_errors *errors);

struct webhook_map;
/* The settings are lent. */
struct webhook_map *webhook_map_open(
	const struct map_settings *settings, struct err *err) must_check;
void webhook_map_close(struct webhook_map *map); /* NULL is fine */
/* What a body holds; empty where the map gave nothing. A body that cannot be
 * read, or for which the map failed, is one refused record with all of it. */
struct batch *webhook_map_run(struct webhook_map *map, struct source *source,
	struct webhook_body *body);

#endif
