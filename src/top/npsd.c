/* npsd - the daemon's one context: start, run, stop. */
#include "top/npsd.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sysexits.h>

#include "base/log.h"
#include "base/memory.h"
#include "crypt/digest.h"
#include "top/config_warnings.h"

/* ---- what the rooms below call ---- */

static void
on_wake_in(int64_t delay_ms, void *context)
{
	struct npsd *npsd = context;

	loop_timer_set(npsd->dispatch_timer, delay_ms);
}

static void
on_due_in(int64_t delay_ms, void *context)
{
	struct npsd *npsd = context;

	loop_timer_set(npsd->due_timer, delay_ms);
}

static void
on_due_time(void *context)
{
	due_look(((struct npsd *)context)->due);
}

static double
on_chance(void *context)
{
	uint32_t bits;

	(void)context;
	random_bytes(&bits, sizeof(bits));
	return (double)bits / 4294967296.0;
}

static void
on_dispatch_time(void *context)
{
	struct npsd *npsd = context;

	dispatch_tick(npsd->dispatch);
	npsd_look_soon(npsd);
	notify_look_soon(npsd->notify);
}

static void
on_digest_wake(int64_t delay_ms, void *context)
{
	struct npsd *npsd = context;

	loop_timer_set(npsd->digest_timer, delay_ms);
}

static void
on_digest_time(void *context)
{
	digesting_tick(((struct npsd *)context)->digesting);
}

/* A batch of jobs came back from the store thread. */
static void
on_turn(void *context)
{
	struct npsd *npsd = context;

	dispatch_tick(npsd->dispatch);
	due_look(npsd->due);
	intake_room(npsd->intake);
	reload_step(npsd);
	notify_look_soon(npsd->notify);
}

/* The first job of this turn: what the rest of it brings goes along. */
static void
on_gather(void *context)
{
	struct npsd *npsd = context;

	loop_timer_set(npsd->gather_timer, 0);
}

static void
on_turn_over(void *context)
{
	struct npsd *npsd = context;

	keeper_flush(npsd->keeper);
}

static void
on_progress(void *context)
{
	notify_progress(&((struct npsd *)context)->progress_us);
}

static void
on_broken(const char *reason, void *context)
{
	struct npsd *npsd = context;

	if (npsd->exit_code != EX_IOERR)
		log_error("the store cannot be used any more (%s): ending, so "
			  "that the next start reads what is on disk",
			reason);
	npsd->exit_code = EX_IOERR;
	loop_stop(npsd->loop);
}

static void
on_keeper(void *context)
{
	keeper_collect(((struct npsd *)context)->keeper);
}

static void
on_reader(void *context)
{
	reader_collect(((struct npsd *)context)->reader);
}

static bool
on_is_stopping(void *context)
{
	return ((const struct npsd *)context)->stopping;
}

static const char *
on_http_trouble(void *context)
{
	return http_server_trouble(((const struct npsd *)context)->http);
}

static void
on_reload(void *context, reload_done_fn on_done, void *to)
{
	reload_start(context, on_done, to);
}

static json_t *
on_about(void *context)
{
	const struct npsd *npsd = context;
	char started[TIME_TEXT_BYTES], reloaded[TIME_TEXT_BYTES];
	json_t *about;

	time_to_rfc3339(npsd->started_ms, started);
	about = json_pack("{s:s, s:s, s:s, s:s, s:b}", "version",
		PACKAGE_VERSION, "started_at", started, "config",
		npsd->config_path, "config_hash", npsd->config->hash,
		"stopping", npsd->stopping);
	if (npsd->reload_ms == 0)
		return about;
	time_to_rfc3339(npsd->reload_ms, reloaded);
	json_object_set_new(about, "reload",
		json_pack("{s:s, s:s?}", "at", reloaded, "refused",
			npsd->reload_refused));
	return about;
}

static const char *const *
on_metric_segments(void *context, size_t *max_series)
{
	const struct npsd *npsd = context;

	*max_series = (size_t)npsd->config->metrics.max_series;
	return npsd->config->metric_segments;
}

static const struct languages *
on_languages(void *context)
{
	return ((const struct npsd *)context)->config->languages;
}

static const struct owners *
on_owners(void *context)
{
	return ((const struct npsd *)context)->config->policy.rules->owners;
}

static bool
on_due_waits(void *context)
{
	return due_waits(((const struct npsd *)context)->due);
}

static const struct due_orphans *
on_orphans(void *context)
{
	return due_orphans(((const struct npsd *)context)->due);
}

static void
on_reload_signal(void *context)
{
	reload_start(context, NULL, NULL);
}

/* ---- starting ---- */

static bool
open_store(struct npsd *npsd, struct err *err)
{
	struct store_settings store = {
		.where = npsd->config->store,
		.node = CONFIG_NODE,
	};
	struct keeper_settings settings = {
		.store = &store,
		.clock = &clock_system,
		.metrics = npsd->metrics,
		.policy = &npsd->config->policy,
		.on_turn = on_turn,
		.on_gather = on_gather,
		.on_progress = on_progress,
		.on_broken = on_broken,
		.context = npsd,
	};

	npsd->keeper = keeper_open(&settings, err);
	if (npsd->keeper == NULL)
		return false;
	store.writer = keeper_store(npsd->keeper);
	npsd->reader = reader_open(&store, err);
	return npsd->reader != NULL;
}

static void
make_flow(struct npsd *npsd)
{
	struct dispatch_settings dispatch = {
		.keeper = npsd->keeper,
		.clock = &clock_system,
		.metrics = npsd->metrics,
		.host = {npsd->loop, npsd->transfers, &clock_system},
		.node = CONFIG_NODE,
		.wake_in = on_wake_in,
		.chance = on_chance,
		.context = npsd,
	};
	struct due_settings due = {
		.keeper = npsd->keeper,
		.metrics = npsd->metrics,
		.clock = &clock_system,
		.wake_in = on_due_in,
		.context = npsd,
	};
	struct digesting_settings digesting = {
		.keeper = npsd->keeper,
		.metrics = npsd->metrics,
		.reader = npsd->reader,
		.clock = &clock_system,
		.wake_in = on_digest_wake,
		.context = npsd,
	};
	struct intake_settings intake = {
		.keeper = npsd->keeper,
		.loop = npsd->loop,
		.clock = &clock_system,
		.metrics = npsd->metrics,
		.contact_default = npsd->config->privacy.contact_default,
		.on_closed = npsd_on_source_closed,
		.find = npsd_source_named,
		.context = npsd,
	};

	npsd->tap = tap_new(&clock_system, npsd->metrics);
	intake.tap = dispatch.tap = npsd->tap;
	npsd->dispatch = dispatch_new(&dispatch);
	npsd->due = due_new(&due);
	npsd->digesting = digesting_new(&digesting);
	intake.dispatch = npsd->dispatch;
	npsd->intake = intake_new(&intake);
}

static void
make_api(struct npsd *npsd)
{
	struct api_host host = {
		.loop = npsd->loop,
		.keeper = npsd->keeper,
		.reader = npsd->reader,
		.dispatch = npsd->dispatch,
		.digesting = npsd->digesting,
		.intake = npsd->intake,
		.tap = npsd->tap,
		.metrics = npsd->metrics,
		.clock = &clock_system,
		.context = npsd,
		.source_at = npsd_source_at,
		.source_is_open = npsd_source_is_open,
		.is_stopping = on_is_stopping,
		.http_trouble = on_http_trouble,
		.reload = on_reload,
		.about = on_about,
		.metric_segments = on_metric_segments,
		.languages = on_languages,
		.owners = on_owners,
		.orphans = on_orphans,
		.due_waits = on_due_waits,
	};

	npsd->api = api_new(&host, &npsd->config->access);
	npsd->http = http_server_new(npsd->loop, api_handle, npsd->api);
	http_server_set_metrics(npsd->http, npsd->metrics);
}

struct placing {
	struct npsd *npsd;
	const char *source;
};

static void
on_place(const char *key, const char *place, void *context)
{
	struct placing *placing = context;

	intake_add_place(placing->npsd->intake, placing->source, key, place);
}

static bool
read_places(struct npsd *npsd, struct err *err)
{
	const struct setting_items *items = &npsd->config->sources;

	for (size_t i = 0; i < items->count; i++) {
		struct placing placing = {npsd, items->items[i].name};

		if (!keeper_each_place(npsd->keeper, placing.source, on_place,
			    &placing, err))
			return false;
	}
	return true;
}

static void
watch_everything(struct npsd *npsd)
{
	npsd->keeper_watch = loop_watch_new(
		npsd->loop, keeper_fd(npsd->keeper), on_keeper, npsd);
	npsd->reader_watch = loop_watch_new(
		npsd->loop, reader_fd(npsd->reader), on_reader, npsd);
	npsd->on_term =
		loop_signal_new(npsd->loop, SIGTERM, npsd_on_stop_signal, npsd);
	npsd->on_int =
		loop_signal_new(npsd->loop, SIGINT, npsd_on_stop_signal, npsd);
	npsd->on_hup =
		loop_signal_new(npsd->loop, SIGHUP, on_reload_signal, npsd);
}

/* ---- who watches ---- */

static void
wake_keeper(void *thread)
{
	keeper_wake(thread);
}

static int64_t
keeper_life_us(const void *thread)
{
	return keeper_alive_us(thread);
}

static void
wake_reader(void *thread)
{
	reader_wake(thread);
}

static int64_t
reader_life_us(const void *thread)
{
	return reader_alive_us(thread);
}

static void
on_all_alive(void *context)
{
	(void)context;
	notify_alive();
}

static void
watch_threads(struct npsd *npsd)
{
	struct watchdog_thread threads[] = {
		{"store", wake_keeper, keeper_life_us, npsd->keeper},
		{"reader", wake_reader, reader_life_us, npsd->reader},
	};
	struct watchdog_settings settings = {
		.loop = npsd->loop,
		.clock = &clock_system,
		.threads = threads,
		.count = sizeof(threads) / sizeof(threads[0]),
		.limit_ms = notify_watchdog_ms(),
		.feed = notify_watchdog_ms() > 0 ? on_all_alive : NULL,
	};

	npsd->watchdog = watchdog_new(&settings);
}

static void
tell_build(struct npsd *npsd)
{
	static const char *const labels[] = {"version", NULL};
	static const char *const version[] = {PACKAGE_VERSION};

	metric_set(metric_at(metrics_family(npsd->metrics, METRIC_GAUGE,
				     "npsd_build_info",
				     "1, with the version that runs.", labels,
				     NULL),
			   version),
		1);
}

static void
on_lane(const struct lane_row *row, void *context)
{
	dispatch_restore(context, row);
}

static bool
start(struct npsd *npsd, struct err *err)
{
	npsd->loop = loop_new(err);
	if (npsd->loop == NULL)
		return false;
	npsd->metrics = metrics_new();
	tell_build(npsd);
	npsd->dispatch_timer =
		loop_timer_new(npsd->loop, on_dispatch_time, npsd);
	npsd->due_timer = loop_timer_new(npsd->loop, on_due_time, npsd);
	npsd->gather_timer = loop_timer_new(npsd->loop, on_turn_over, npsd);
	npsd->stop_timer = loop_timer_new(npsd->loop, npsd_on_stop_look, npsd);
	npsd->digest_timer = loop_timer_new(npsd->loop, on_digest_time, npsd);
	npsd->transfers = transfer_pool_new(npsd->loop, NPSD_PER_HOST, err);
	if (npsd->transfers == NULL || !open_store(npsd, err))
		return false;
	transfer_pool_set_policy(npsd->transfers, &npsd->config->outgoing);
	make_flow(npsd);
	npsd->notify = notify_new(
		npsd->loop, npsd->keeper, npsd->reader, npsd->dispatch);
	make_api(npsd);
	if (!keeper_each_lane(npsd->keeper, on_lane, npsd->dispatch, err) ||
		!dispatch_set_policy(
			npsd->dispatch, &npsd->config->policy, err) ||
		!read_places(npsd, err) ||
		!listeners_open(npsd, npsd->config, err) ||
		!npsd_open_sources(npsd, true, err) ||
		!npsd_open_sources(npsd, false, err))
		return false;
	intake_forget_places(npsd->intake);
	if (!keeper_start(npsd->keeper, err) ||
		!reader_start(npsd->reader, err))
		return false;
	watch_everything(npsd);
	watch_threads(npsd);
	due_look(npsd->due);
	digesting_set(npsd->digesting, &npsd->config->digest_set.plans);
	reload_tell_metrics(npsd, true);
	return true;
}

/* Connections and spools need more open files than a shell gives. */
static void
raise_open_files(const struct config *config)
{
	struct rlimit limit;
	rlim_t wanted =
		(rlim_t)config->server.limits.connections + NPSD_OPEN_FILES;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= wanted)
		return;
	limit.rlim_cur = wanted < limit.rlim_max ? wanted : limit.rlim_max;
	(void)!setrlimit(RLIMIT_NOFILE, &limit);
}

static struct config *
load(const char *path)
{
	struct conf_errors *errors = conf_errors_new();
	struct config *config = config_load(path, false, errors);

	config_log(errors);
	conf_errors_free(errors);
	return config;
}

int
npsd_run(const char *config_path)
{
	struct npsd npsd = {.config_path = config_path};
	struct err err = {""};

	signal(SIGPIPE, SIG_IGN);
	notify_starting();
	npsd.started_ms = clock_wall_ms(&clock_system);
	npsd.config = load(config_path);
	if (npsd.config == NULL)
		return EX_CONFIG;
	raise_open_files(npsd.config);
	if (start(&npsd, &err)) {
		log_notice("npsd %s runs, configuration %s", PACKAGE_VERSION,
			npsd.config->hash);
		notify_ready();
		loop_run(npsd.loop);
		log_notice("npsd has stopped");
	} else {
		log_error("cannot start: %s", err.text);
		notify_failed(err.text);
		npsd.exit_code = EXIT_FAILURE;
	}
	npsd_tear_down(&npsd);
	return npsd.exit_code;
}
