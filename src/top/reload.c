/*
 * reload - a new configuration in place of the old one, without losing what is
 * in flight.
 *
 *	load and check -> lanes -> store thread compiles -> listeners, tokens,
 *	hooks -> spools close -> their places are read -> spools open -> done
 *
 * A bad one leaves the old running and says why. What still borrows from the
 * old configuration keeps it alive.
 */
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>

#include "base/log.h"
#include "base/memory.h"
#include "top/npsd.h"

struct waiter {
	void (*on_done)(const char *errors, void *to);
	void *to;
};

enum stage { STAGE_COMPILING, STAGE_CLOSING, STAGE_PLACES };

struct reload {
	struct npsd *npsd;
	struct config *config;
	enum stage stage;
	struct waiter *waiters; /* of this one */
	size_t waiter_count;
	struct waiter *later; /* of the next one */
	size_t later_count;
};

static const char *const no_labels[] = {NULL};

static void
make_metrics(struct npsd *npsd)
{
	npsd->reload_successful = metrics_family(npsd->metrics, METRIC_GAUGE,
		"npsd_config_last_reload_successful",
		"1 if the last configuration that was read is in force.",
		no_labels, NULL);
	npsd->reload_stamp = metrics_family(npsd->metrics, METRIC_GAUGE,
		"npsd_config_last_reload_success_timestamp_seconds",
		"When the configuration in force was read.", no_labels, NULL);
}

void
reload_tell_metrics(struct npsd *npsd, bool good)
{
	if (npsd->reload_successful == NULL)
		make_metrics(npsd);
	metric_set(metric_at(npsd->reload_successful, no_labels), good);
	if (good)
		metric_set(metric_at(npsd->reload_stamp, no_labels),
			(double)clock_wall_ms(&clock_system) / 1e3);
}

static void
tell_systemd_reloading(void)
{
	sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%lld",
		(long long)clock_monotonic_us(&clock_system));
}

static void
waiter_add(struct waiter **list, size_t *count,
	void (*on_done)(const char *errors, void *to), void *to)
{
	if (on_done == NULL)
		return;
	*list = mem_grow(*list, *count + 1, sizeof(struct waiter));
	(*list)[(*count)++] = (struct waiter){on_done, to};
}

/* Stands for a signal, which hears no answer. */
static void
ignore(const char *errors, void *to)
{
	(void)errors;
	(void)to;
}

/* The end of a reload; the next one that was asked for meanwhile starts. */
static void
finish(struct reload *reload, const char *errors)
{
	struct npsd *npsd = reload->npsd;
	struct waiter *later = reload->later;
	size_t later_count = reload->later_count;

	reload_tell_metrics(npsd, errors == NULL);
	if (errors == NULL)
		log_notice("the configuration was reloaded (%s)",
			npsd->config->hash);
	else
		log_error("reload refused, the old configuration stays: %s",
			errors);
	sd_notify(0, "READY=1");
	npsd->reload = NULL;
	for (size_t i = 0; i < reload->waiter_count; i++)
		reload->waiters[i].on_done(errors, reload->waiters[i].to);
	free(reload->waiters);
	free(reload);
	npsd_free_old_configs(npsd);
	if (later_count == 0)
		return;
	for (size_t i = 0; i < later_count; i++)
		reload_start(npsd, later[i].on_done, later[i].to);
	free(later);
}

static void
keep_old(struct npsd *npsd, struct config *config)
{
	npsd->old_configs = mem_grow(npsd->old_configs, npsd->old_count + 1,
		sizeof(struct config *));
	npsd->old_configs[npsd->old_count++] = config;
}

/* ---- the spools' places ---- */

struct places_errand {
	struct errand errand;
	struct reload *reload;
	json_t *places; /* [source, key, place] ... */
	const char *source;
};

static void
on_place(const char *key, const char *place, void *context)
{
	struct places_errand *errand = context;

	json_array_append_new(errand->places,
		json_pack("[s, s, s]", errand->source, key, place));
}

static bool
read_places(struct errand *base, struct store_writer *store,
	struct tally *tally, int64_t now_ms, struct err *err)
{
	struct places_errand *errand = (struct places_errand *)base;
	const struct config *config = errand->reload->config;

	(void)tally;
	(void)now_ms;
	for (size_t i = 0; i < config->sources.count; i++) {
		errand->source = config->sources.items[i].name;
		if (!store_each_place(
			    store, errand->source, on_place, errand, err))
			return false;
	}
	return true;
}

static void
on_places(struct job *job)
{
	struct places_errand *errand = (struct places_errand *)job;
	struct reload *reload = errand->reload;
	struct npsd *npsd = reload->npsd;
	struct err err = {""};
	json_t *place;
	size_t i;
	bool good = job->good;

	if (!good)
		err = job->err;
	json_array_foreach(errand->places, i, place) intake_add_place(
		npsd->intake, json_string_value(json_array_get(place, 0)),
		json_string_value(json_array_get(place, 1)),
		json_string_value(json_array_get(place, 2)));
	json_decref(errand->places);
	free(errand);
	if (good)
		good = npsd_open_sources(npsd, false, &err);
	intake_forget_places(npsd->intake);
	finish(reload, good ? NULL : err.text);
}

static void
ask_places(struct reload *reload)
{
	struct places_errand *errand = mem_new(1, sizeof(*errand));

	reload->stage = STAGE_PLACES;
	errand->errand.job.type = JOB_ERRAND;
	errand->errand.job.done = on_places;
	errand->errand.run = read_places;
	errand->reload = reload;
	errand->places = json_array();
	keeper_submit(reload->npsd->keeper, &errand->errand.job, 0);
}

void
reload_step(struct npsd *npsd)
{
	struct reload *reload = npsd->reload;

	if (reload != NULL && reload->stage == STAGE_CLOSING &&
		!npsd_sources_closing(npsd))
		ask_places(reload);
}

/* ---- the switch ---- */

/* The store thread has compiled it and uses it: everything else follows. */
static void
switch_over(struct reload *reload)
{
	struct npsd *npsd = reload->npsd;
	struct config *old = npsd->config;
	struct err err;

	npsd->config = reload->config;
	keep_old(npsd, old);
	listeners_trim(npsd, npsd->config);
	api_set_access(npsd->api, &npsd->config->access);
	intake_set_contact_default(
		npsd->intake, npsd->config->privacy.contact_default);
	if (!npsd_open_sources(npsd, true, &err))
		log_error("%s", err.text);
	npsd_close_sources(npsd, old);
	reload->stage = STAGE_CLOSING;
	reload_step(npsd);
}

static void
on_policy(struct job *job)
{
	struct policy_job *policy = (struct policy_job *)job;
	struct reload *reload = job->context;
	struct npsd *npsd = reload->npsd;
	struct err err = job->err, again;
	bool good = job->good;

	free(policy);
	if (good) {
		switch_over(reload);
		return;
	}
	if (!dispatch_set_policy(npsd->dispatch, &npsd->config->policy, &again))
		log_error("actions: %s", again.text);
	listeners_trim(npsd, npsd->config);
	keep_old(npsd, reload->config);
	finish(reload, err.text);
}

static bool
same_store(
	const struct npsd *npsd, const struct config *config, struct err *err)
{
	if (strcmp(npsd->config->store, config->store) != 0)
		return err_set(err,
			"store: is \"%s\" now; it changes only by "
			"a restart",
			npsd->config->store);
	if (strcmp(npsd->config->server.control, config->server.control) != 0)
		return err_set(err,
			"server.control: is \"%s\" now; it changes "
			"only by a restart",
			npsd->config->server.control);
	return true;
}

static void
begin(struct reload *reload)
{
	struct npsd *npsd = reload->npsd;
	struct conf_errors *errors = conf_errors_new();
	struct buf text = {0};
	struct err err = {""};
	struct policy_job *job;

	reload->config = config_load(npsd->config_path, false, errors);
	conf_errors_write(errors, &text);
	conf_errors_free(errors);
	if (reload->config == NULL || !same_store(npsd, reload->config, &err) ||
		!listeners_open(npsd, reload->config, &err) ||
		!dispatch_set_policy(
			npsd->dispatch, &reload->config->policy, &err)) {
		listeners_trim(npsd, npsd->config);
		config_free(reload->config);
		finish(reload, err.text[0] != '\0' ? err.text
			       : text.data != NULL ? text.data
						   : "");
		buf_done(&text);
		return;
	}
	buf_done(&text);
	job = mem_new(1, sizeof(*job));
	job->job.type = JOB_POLICY;
	job->job.done = on_policy;
	job->job.context = reload;
	job->policy = &reload->config->policy;
	keeper_submit(npsd->keeper, &job->job, 0);
}

void
reload_start(struct npsd *npsd, void (*on_done)(const char *errors, void *to),
	void *to)
{
	struct reload *reload = npsd->reload;

	if (npsd->stopping) {
		if (on_done != NULL)
			on_done("the daemon is stopping", to);
		return;
	}
	if (reload != NULL) {
		/* One more after this one, however often it is asked for. */
		waiter_add(&reload->later, &reload->later_count, on_done, to);
		if (on_done == NULL && reload->later_count == 0)
			waiter_add(&reload->later, &reload->later_count, ignore,
				NULL);
		return;
	}
	reload = mem_new(1, sizeof(*reload));
	reload->npsd = npsd;
	npsd->reload = reload;
	waiter_add(&reload->waiters, &reload->waiter_count, on_done, to);
	tell_systemd_reloading();
	begin(reload);
}
