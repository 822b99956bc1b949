/* copies - backups: POST starts one, GET tells how the last one does. */
#include <stdlib.h>
#include <string.h>

#include "api/private.h"
#include "base/json_value.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"
#include "loop/problem.h"

void
api_backup_free(struct api *api)
{
	if (api->backup == NULL)
		return;
	free(api->backup->path);
	free(api->backup);
	api->backup = NULL;
}

/* ---- telling ---- */

static void
add_books(json_t *state, const struct backup_job *backup)
{
	const struct store_books *books = &backup->books;

	json_object_set_new(
		state, "commit", json_integer((json_int_t)books->change));
	json_object_set_new(
		state, "answers", json_integer((json_int_t)books->answers));
	json_object_set_new(state, "deliveries",
		json_integer((json_int_t)books->deliveries));
	json_object_set_new(
		state, "rejected", json_integer((json_int_t)books->rejected));
	json_object_set_new(
		state, "bytes", json_integer((json_int_t)books->bytes));
}

/* The job is over only when it was handed back. */
static json_t *
state_of(const struct api *api)
{
	const struct backup_job *backup = api->backup;
	json_t *state = json_object();

	if (backup == NULL) {
		json_object_set_new(state, "state", json_string("none"));
		return state;
	}
	json_object_set_new(state, "state",
		json_string(api->backup_runs   ? "running"
			    : backup->job.good ? "done"
					       : "failed"));
	json_object_set_new(state, "file", json_string(backup->path));
	json_object_set_new(state, "started_at", json_time(api->backup_ms));
	json_object_set_new(state, "pages",
		json_integer((json_int_t)atomic_load(&backup->total_pages)));
	json_object_set_new(state, "pages_left",
		json_integer((json_int_t)atomic_load(&backup->left_pages)));
	if (!api->backup_runs && backup->job.good)
		add_books(state, backup);
	if (!api->backup_runs && !backup->job.good)
		json_object_set_new(
			state, "reason", json_string(backup->job.err.text));
	return state;
}

void
api_backup_state(
	struct api *api, struct http_request *request, const char *rest)
{
	(void)rest;
	api_reply_json(request, 200, state_of(api));
}

/* ---- starting ---- */

static void
on_backup(struct job *job)
{
	struct api *api = job->context;
	const struct backup_job *backup = api->backup;

	api->backup_runs = false;
	if (job->good)
		log_notice("backup %s: %lld %s, up to commit %lld",
			backup->path, (long long)backup->books.answers,
			text_plural(backup->books.answers, "answer", "answers"),
			(long long)backup->books.change);
	else
		log_error("backup %s failed: %s", backup->path, job->err.text);
	if (job->good)
		metric_set(metric_at(api->backup_stamp,
				   (const char *const[]){NULL}),
			(double)clock_wall_ms(api->host.clock) / 1e3);
}

static bool
may_start(const struct api *api, struct http_request *request, const char *path)
{
	if (!http_request_is_unix(request))
		http_problem(request, 403, "forbidden", "Not over the network",
			"A backup writes a file on npsd's machine: ask over "
			"the control socket there.",
			NULL);
	else if (path == NULL || path[0] != '/')
		http_problem(request, 400, "bad-query",
			"A query parameter cannot be read",
			"Expected an absolute path.", "file");
	else if (api->backup_runs)
		http_problem(request, 409, "backup-runs",
			"A backup is under way", "Wait until it is over.",
			NULL);
	else
		return true;
	return false;
}

void
api_backup(struct api *api, struct http_request *request, const char *rest)
{
	const char *path = http_request_query(request, "file");
	struct backup_job *backup;

	(void)rest;
	if (!may_start(api, request, path))
		return;
	api_backup_free(api);
	backup = mem_new(1, sizeof(*backup));
	backup->job.type = JOB_BACKUP;
	backup->job.done = on_backup;
	backup->job.context = api;
	backup->path = mem_strdup(path);
	backup->replace = http_request_query(request, "force") != NULL;
	api->backup = backup;
	api->backup_ms = clock_wall_ms(api->host.clock);
	api->backup_runs = true;
	keeper_submit(api->host.keeper, &backup->job, 0);
	api_reply_json(request, 202, state_of(api));
}
