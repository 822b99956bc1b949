/*
 * reload - a new configuration in place of the old one, without losing what is
 * in flight.
 *
 *	load and check -> listeners, senders -> store thread compiles and uses it
 *	-> lanes, tokens, hooks -> spools close -> their places are read ->
 *	spools open -> done
 *
 * A bad one leaves the old running and says why. What still borrows from the
 * old configuration keeps it alive.
 */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "top/config_warnings.h"
#include "top/npsd.h"

struct waiter {
	reload_done_fn on_done;
	void *to;
};

enum stage { STAGE_COMPILING, STAGE_CLOSING, STAGE_PLACES };

struct reload {
	struct npsd *npsd;
	struct config *config;
	enum stage stage;
	bool in_force;		/* the store thread uses it */
	struct err trouble;	/* what did not go well all the same */
	json_t *warnings;	/* about what is read now */
	struct waiter *waiters; /* of this one */
	size_t waiter_count;
	bool again;	      /* another one was asked for meanwhile */
	struct waiter *later; /* of that one */
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
waiter_add(
	struct waiter **list, size_t *count, reload_done_fn on_done, void *to)
{
	if (on_done == NULL)
		return;
	*list = mem_grow(*list, *count + 1, sizeof(struct waiter));
	(*list)[(*count)++] = (struct waiter){on_done, to};
}

static void
tell_waiters(struct waiter **list, size_t *count, const char *errors,
	json_t *warnings)
{
	struct waiter *waiters = *list;
	size_t waiter_count = *count;

	*list = NULL;
	*count = 0;
	for (size_t i = 0; i < waiter_count; i++)
		waiters[i].on_done(errors, warnings, waiters[i].to);
	free(waiters);
}

static void start(struct npsd *npsd, struct waiter *waiters, size_t count);

/* The end of a reload; the next one that was asked for meanwhile starts. */
static void
finish(struct reload *reload, const char *errors)
{
	struct npsd *npsd = reload->npsd;
	struct waiter *later = reload->later;
	size_t later_count = reload->later_count;
	bool again = reload->again;

	reload_tell_metrics(npsd, errors == NULL);
	npsd->reload_ms = clock_wall_ms(&clock_system);
	free(npsd->reload_refused);
	npsd->reload_refused =
		errors != NULL ? mem_copy(errors, strcspn(errors, "\n")) : NULL;
	if (errors == NULL)
		log_notice("the configuration was reloaded (%s)",
			npsd->config->hash);
	else if (reload->in_force)
		log_error("the configuration was reloaded (%s), but: %s",
			npsd->config->hash, errors);
	else
		log_error("reload refused, the old configuration stays: %s",
			errors);
	if (!npsd->stopping)
		notify_ready();
	npsd->reload = NULL;
	tell_waiters(&reload->waiters, &reload->waiter_count, errors,
		reload->warnings);
	json_decref(reload->warnings);
	free(reload);
	npsd_free_old_configs(npsd);
	if (again)
		start(npsd, later, later_count);
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
	struct err err = reload->trouble;
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
	/* Without places every spool would be read from its first byte. */
	if (good && !npsd->stopping)
		good = npsd_open_sources(npsd, false, &err);
	intake_forget_places(npsd->intake);
	finish(reload, err.text[0] == '\0' ? NULL : err.text);
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

	npsd->config = reload->config;
	keep_old(npsd, old);
	listeners_trim(npsd, npsd->config);
	listeners_apply(npsd, npsd->config);
	transfer_pool_set_policy(npsd->transfers, &npsd->config->outgoing);
	api_set_access(npsd->api, &npsd->config->access);
	tap_tell_reload(npsd->tap, npsd->config->hash);
	digesting_set(npsd->digesting, &npsd->config->digest_set.plans);
	intake_set_contact_default(
		npsd->intake, npsd->config->privacy.contact_default);
	/* Known to be good by their checks; what fails all the same is told. */
	if (!npsd_open_sources(npsd, true, &reload->trouble))
		log_error("%s", reload->trouble.text);
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
	struct err err = job->err;

	reload->in_force = job->good;
	free(policy);
	if (!reload->in_force) {
		dispatch_abandon(npsd->dispatch);
		listeners_trim(npsd, npsd->config);
		config_free(reload->config);
		finish(reload, err.text);
		return;
	}
	dispatch_switch(npsd->dispatch);
	due_recompute(npsd->due);
	if (!npsd->stopping) {
		switch_over(reload);
		return;
	}
	/* The store thread uses it to the end. */
	keep_old(npsd, reload->config);
	finish(reload, NPSD_STOPPING);
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
	reload->warnings = config_warnings_json(errors);
	config_log_warnings(errors);
	conf_errors_free(errors);
	if (reload->config == NULL || !same_store(npsd, reload->config, &err) ||
		!listeners_open(npsd, reload->config, &err) ||
		!dispatch_prepare(
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

/* Takes the list. */
static void
start(struct npsd *npsd, struct waiter *waiters, size_t count)
{
	struct reload *reload = mem_new(1, sizeof(*reload));

	reload->npsd = npsd;
	reload->waiters = waiters;
	reload->waiter_count = count;
	npsd->reload = reload;
	notify_reloading();
	begin(reload);
}

void
reload_start(struct npsd *npsd, reload_done_fn on_done, void *to)
{
	struct reload *reload = npsd->reload;
	struct waiter *waiters = NULL;
	size_t count = 0;

	if (npsd->stopping) {
		if (on_done != NULL)
			on_done(NPSD_STOPPING, NULL, to);
	} else if (reload != NULL) {
		/* One more after this one, however often it is asked for. */
		reload->again = true;
		waiter_add(&reload->later, &reload->later_count, on_done, to);
	} else {
		waiter_add(&waiters, &count, on_done, to);
		start(npsd, waiters, count);
	}
}

void
reload_stop(struct npsd *npsd)
{
	struct reload *reload = npsd->reload;

	if (reload == NULL)
		return;
	reload->again = false;
	tell_waiters(
		&reload->waiters, &reload->waiter_count, NPSD_STOPPING, NULL);
	tell_waiters(&reload->later, &reload->later_count, NPSD_STOPPING, NULL);
}

void
reload_drop(struct npsd *npsd)
{
	if (npsd->reload != NULL)
		json_decref(npsd->reload->warnings);
	free(npsd->reload);
	npsd->reload = NULL;
}
