/* sources - opening and closing the configured sources, and the built-in api. */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "top/kinds.h"
#include "top/npsd.h"

static void
remember(struct npsd *npsd, struct source *source, struct config *config)
{
	npsd->sources = mem_grow(npsd->sources, npsd->source_count + 1,
		sizeof(struct open_source));
	npsd->sources[npsd->source_count++] =
		(struct open_source){source, config, false};
	intake_source_opened(npsd->intake, source->name);
}

/* The built-in source `api` and the configured ones that hear HTTP come before
 * the spools, so that no request finds its path missing. */
static bool
open_one(struct npsd *npsd, const struct source_kind *kind, const char *name,
	const void *settings, struct err *err)
{
	struct source *source =
		kind->open(name, settings, intake_host(npsd->intake), err);

	if (source == NULL)
		return err_prefix(err, "source %s", name);
	remember(npsd, source, npsd->config);
	return true;
}

bool
npsd_open_sources(struct npsd *npsd, bool with_path, struct err *err)
{
	const struct setting_items *items = &npsd->config->sources;
	bool good =
		!with_path ||
		(open_one(npsd, &source_webhook, "api",
			 source_webhook_api_settings(), err) &&
			open_one(npsd, &source_import, "import", NULL, err));

	for (size_t i = 0; i < items->count; i++) {
		const struct setting_item *item = &items->items[i];
		const struct source_kind *kind = source_kind_of(item->kind);

		if ((kind->path != NULL) != with_path)
			continue;
		good &= open_one(npsd, kind, item->name, item->record, err);
	}
	return good;
}

void
npsd_close_sources(struct npsd *npsd, const struct config *config)
{
	/* Closing may free at once and so move the list: begin anew each time. */
	for (size_t i = 0; i < npsd->source_count; i++) {
		struct open_source *open = &npsd->sources[i];

		if (open->config != config || open->closing)
			continue;
		open->closing = true;
		intake_close_source(npsd->intake, open->source);
		i = (size_t)-1;
	}
}

bool
npsd_sources_closing(const struct npsd *npsd)
{
	for (size_t i = 0; i < npsd->source_count; i++)
		if (npsd->sources[i].closing)
			return true;
	return false;
}

void
npsd_look_soon(struct npsd *npsd)
{
	if (!loop_timer_is_set(npsd->stop_timer) &&
		(npsd->stopping || npsd->old_count > 0))
		loop_timer_set(npsd->stop_timer, 0);
}

void
npsd_on_source_closed(void *context, struct source *source)
{
	struct npsd *npsd = context;

	for (size_t i = 0; i < npsd->source_count; i++)
		if (npsd->sources[i].source == source) {
			npsd->sources[i] = npsd->sources[--npsd->source_count];
			break;
		}
	npsd_look_soon(npsd);
}

const struct source *
npsd_source_named(void *context, const char *name)
{
	const struct npsd *npsd = context;

	for (size_t i = 0; i < npsd->source_count; i++)
		if (!npsd->sources[i].closing &&
			strcmp(npsd->sources[i].source->name, name) == 0)
			return npsd->sources[i].source;
	return NULL;
}

struct source *
npsd_source_at(void *context, const char *path)
{
	struct npsd *npsd = context;

	for (size_t i = 0; i < npsd->source_count; i++) {
		const struct open_source *open = &npsd->sources[i];
		const struct source *source = open->source;

		if (open->closing || source->kind->path == NULL)
			continue;
		if (strcmp(source->kind->path(source->settings), path) == 0)
			return open->source;
	}
	return NULL;
}

bool
npsd_source_is_open(
	void *context, const struct source *source, const char **token)
{
	struct source_webhook_access access;

	(void)context;
	*token = NULL;
	if (source->kind != &source_webhook)
		return false;
	access = source_webhook_access(source->settings);
	*token = access.token;
	return access.open;
}

static bool
is_lent(const struct npsd *npsd, const struct config *config)
{
	for (size_t i = 0; i < npsd->source_count; i++)
		if (npsd->sources[i].config == config)
			return true;
	return !dispatch_is_free_of(npsd->dispatch, &config->policy);
}

void
npsd_free_old_configs(struct npsd *npsd)
{
	size_t kept = 0;

	/* Until it is over, the store thread may work on what was asked under
	 * the old one. */
	if (npsd->reload != NULL)
		return;
	for (size_t i = 0; i < npsd->old_count; i++) {
		if (is_lent(npsd, npsd->old_configs[i]))
			npsd->old_configs[kept++] = npsd->old_configs[i];
		else
			config_free(npsd->old_configs[i]);
	}
	npsd->old_count = kept;
}
