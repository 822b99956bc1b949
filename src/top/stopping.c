/* stopping - brings what is under way to its end; then takes all down. */
#include <stdlib.h>

#include "base/log.h"
#include "top/npsd.h"

static bool
is_done(const struct npsd *npsd)
{
	return npsd->source_count == 0 && intake_under_way(npsd->intake) == 0 &&
	       dispatch_is_idle(npsd->dispatch) &&
	       keeper_under_way(npsd->keeper) == 0 &&
	       http_server_pending(npsd->http) == 0;
}

void
npsd_on_stop_look(void *context)
{
	struct npsd *npsd = context;
	bool late = clock_monotonic_us(&clock_system) >= npsd->stop_by_us;
	bool done, was_done = npsd->was_done;

	npsd_free_old_configs(npsd);
	if (!npsd->stopping)
		return;
	/* Twice, so that the last answers have left. */
	done = is_done(npsd);
	npsd->was_done = done;
	if (late && !done)
		log_warning("not everything ended in time: what was in flight "
			    "is tried again at the next start");
	if (late || (done && was_done))
		loop_stop(npsd->loop);
	else
		loop_timer_set(npsd->stop_timer, NPSD_STOP_LOOK_MS);
}

void
npsd_on_stop_signal(void *context)
{
	struct npsd *npsd = context;

	if (npsd->stopping) {
		log_notice("told to stop again: stopping at once");
		loop_stop(npsd->loop);
		return;
	}
	log_notice("stopping: what is under way is brought to its end");
	npsd->stopping = true;
	npsd->stop_by_us = clock_monotonic_us(&clock_system) +
			   (int64_t)NPSD_STOP_LIMIT_MS * 1000;
	notify_stopping(npsd->notify, NPSD_STOP_LIMIT_MS + NPSD_STOP_WRITE_MS);
	listeners_close(npsd);
	intake_drain(npsd->intake);
	api_stop(npsd->api);
	reload_stop(npsd);
	keeper_stop_backup(npsd->keeper);
	npsd_close_sources(npsd, npsd->config);
	due_stop(npsd->due);
	digesting_stop(npsd->digesting);
	dispatch_drain(npsd->dispatch);
	loop_timer_set(npsd->stop_timer, 0);
}

void
npsd_tear_down(struct npsd *npsd)
{
	npsd->stopping = true;
	if (npsd->notify != NULL)
		notify_stopping(npsd->notify, NPSD_STOP_WRITE_MS);
	watchdog_free(npsd->watchdog);
	reload_stop(npsd);
	if (npsd->due != NULL)
		due_stop(npsd->due);
	digesting_stop(npsd->digesting);
	if (npsd->keeper != NULL)
		keeper_stop(npsd->keeper);
	if (npsd->reader != NULL)
		reader_stop(npsd->reader);
	dispatch_free(npsd->dispatch);
	digesting_free(npsd->digesting);
	if (npsd->config != NULL && npsd->intake != NULL) {
		npsd_close_sources(npsd, npsd->config);
		for (size_t i = 0; i < npsd->old_count; i++)
			npsd_close_sources(npsd, npsd->old_configs[i]);
	}
	reload_drop(npsd);
	listeners_close(npsd);
	if (npsd->http != NULL)
		http_server_free(npsd->http);
	api_free(npsd->api);
	intake_free(npsd->intake);
	tap_free(npsd->tap);
	reader_close(npsd->reader);
	keeper_close(npsd->keeper);
	due_free(npsd->due);
	transfer_pool_free(npsd->transfers);
	notify_free(npsd->notify);
	loop_watch_free(npsd->keeper_watch);
	loop_watch_free(npsd->reader_watch);
	loop_watch_free(npsd->on_term);
	loop_watch_free(npsd->on_int);
	loop_watch_free(npsd->on_hup);
	loop_timer_free(npsd->dispatch_timer);
	loop_timer_free(npsd->due_timer);
	loop_timer_free(npsd->gather_timer);
	loop_timer_free(npsd->stop_timer);
	loop_timer_free(npsd->digest_timer);
	loop_free(npsd->loop);
	metrics_free(npsd->metrics);
	for (size_t i = 0; i < npsd->old_count; i++)
		config_free(npsd->old_configs[i]);
	free(npsd->old_configs);
	free(npsd->sources);
	free(npsd->reload_refused);
	config_free(npsd->config);
}
