/*
 * schema - the tables of the SQLite file.
 *
 * Checklist for a change: a new step at the end, never an edit of one that was
 * released; STRICT; what a query of the hot path needs as an index, and no
 * more (each index that is not in order of arrival costs a page a row); a test
 * that takes the version before to it.
 */
#include "store/schema.h"

#include "store/sqlite_buckets.h"

/* clang-format off */
static const char version_1[] =
/* store_id; identity_key, of the hashes in known and seen; link_key: see
 * store_link_key; change: the number of
 * the last transaction; delivery_row, seen_row: see delivery and seen. */
"CREATE TABLE meta(\n"
"	key TEXT NOT NULL PRIMARY KEY,\n"
"	value ANY NOT NULL\n"
") STRICT, WITHOUT ROWID;\n"

/*
 * Answers and invitations. row is the number of arrival. It is never used
 * again, because rows are never deleted: one that was forgotten stays, bare
 * (id, customer, account, content are NULL), so that the counts can be
 * proved for ever.
 */
"CREATE TABLE answer(\n"
"	row INTEGER PRIMARY KEY,\n"
"	kind INTEGER NOT NULL,\n"
"	survey TEXT NOT NULL,\n"
"	id TEXT,\n"
"	revision INTEGER NOT NULL,\n"
"	source TEXT NOT NULL,\n"
"	score INTEGER NOT NULL,\n"
"	category INTEGER NOT NULL,\n"
"	answered_ms INTEGER NOT NULL,\n"
"	arrived_ms INTEGER NOT NULL,\n"
"	customer TEXT,\n"
"	account TEXT,\n"
"	slots BLOB NOT NULL,\n"
"	verdicts TEXT,\n"
"	rules_hash TEXT,\n"
"	content TEXT\n"
") STRICT;\n"
/* id first: ids that rise are added at the end, whatever their survey. */
"CREATE UNIQUE INDEX answer_identity ON answer(id, survey, kind)\n"
"	WHERE id IS NOT NULL;\n"
"CREATE INDEX answer_kept ON answer(arrived_ms) WHERE id IS NOT NULL;\n"

/* Answers by customer: see sqlite_customers.h. */
"CREATE TABLE seen(\n"
"	key INTEGER NOT NULL,\n"
"	answered_ms INTEGER NOT NULL,\n"
"	row INTEGER NOT NULL,\n"
"	PRIMARY KEY(key, answered_ms, row)\n"
") STRICT, WITHOUT ROWID;\n"

/* What stood in an answer's row before it was amended. */
"CREATE TABLE answer_past(\n"
"	answer INTEGER NOT NULL REFERENCES answer(row),\n"
"	revision INTEGER NOT NULL,\n"
"	source TEXT NOT NULL,\n"
"	score INTEGER NOT NULL,\n"
"	category INTEGER NOT NULL,\n"
"	answered_ms INTEGER NOT NULL,\n"
"	arrived_ms INTEGER NOT NULL,\n"
"	customer TEXT,\n"
"	account TEXT,\n"
"	verdicts TEXT,\n"
"	rules_hash TEXT,\n"
"	content TEXT,\n"
"	PRIMARY KEY(answer, revision)\n"
") STRICT, WITHOUT ROWID;\n"

/* Keyed hashes of the identities of forgotten answers. */
"CREATE TABLE known(\n"
"	hash BLOB NOT NULL PRIMARY KEY\n"
") STRICT, WITHOUT ROWID;\n"

/* What was refused. */
"CREATE TABLE rejected(\n"
"	row INTEGER PRIMARY KEY AUTOINCREMENT,\n"
"	source TEXT NOT NULL,\n"
"	place TEXT,\n"
"	reason TEXT NOT NULL,\n"
"	pointer TEXT,\n"
"	offset INTEGER NOT NULL,\n"
"	text TEXT,\n"
"	arrived_ms INTEGER NOT NULL,\n"
"	bytes BLOB NOT NULL,\n"
"	full_length INTEGER NOT NULL\n"
") STRICT;\n"
"CREATE INDEX rejected_arrived ON rejected(arrived_ms);\n"

/*
 * Alerts and all else that is sent. state: see enum delivery_state. claimed: it
 * was once, so bytes may have left. due_ms: of a pending or retrying one when it
 * is due, of a claimed one when its lease ends. row is never used again: the
 * highest that was purged stands in meta (delivery_row).
 *
 * An id is made of its cause, so that it belongs to one answer for ever; the
 * unique index starts with the answer, because ids alone are in random order,
 * which would cost a page of the WAL for each.
 *
 * Bodies stand apart, so that a change of state writes little.
 */
"CREATE TABLE delivery(\n"
"	row INTEGER PRIMARY KEY,\n"
"	id BLOB NOT NULL,\n"
"	cause TEXT NOT NULL,\n"
"	answer INTEGER REFERENCES answer(row),\n"
"	rule TEXT,\n"
"	action TEXT NOT NULL,\n"
"	recipient TEXT NOT NULL,\n"
"	state INTEGER NOT NULL,\n"
"	claimed INTEGER NOT NULL,\n"
"	created_ms INTEGER NOT NULL,\n"
"	due_ms INTEGER NOT NULL,\n"
"	first_try_ms INTEGER NOT NULL,\n"
"	settled_ms INTEGER NOT NULL,\n"
"	tries INTEGER NOT NULL,\n"
"	status INTEGER NOT NULL,\n"
"	reason TEXT,\n"
"	node TEXT\n"
") STRICT;\n"
"CREATE UNIQUE INDEX delivery_answer ON delivery(answer, id)\n"
"	WHERE answer IS NOT NULL;\n"
"CREATE UNIQUE INDEX delivery_id ON delivery(id) WHERE answer IS NULL;\n"
"CREATE INDEX delivery_due ON delivery(action, due_ms, created_ms)\n"
"	WHERE state < 3;\n"
"CREATE INDEX delivery_dead ON delivery(action) WHERE state = 4;\n"
"CREATE TABLE body(\n"
"	delivery INTEGER PRIMARY KEY,\n"
"	bytes BLOB NOT NULL\n"
") STRICT;\n"

/* Tries, but for a first one that delivered: the delivery tells that. */
"CREATE TABLE attempt(\n"
"	delivery INTEGER NOT NULL REFERENCES delivery(row),\n"
"	n INTEGER NOT NULL,\n"
"	at_ms INTEGER NOT NULL,\n"
"	outcome TEXT NOT NULL,\n"
"	status INTEGER NOT NULL,\n"
"	reason TEXT,\n"
"	PRIMARY KEY(delivery, n)\n"
") STRICT, WITHOUT ROWID;\n"

/* What answers are counted in, and the counts by minute and by hour. */
"CREATE TABLE slot(\n"
"	id INTEGER PRIMARY KEY,\n"
"	survey TEXT NOT NULL,\n"
"	segment TEXT NOT NULL,\n"
"	value TEXT NOT NULL,\n"
"	UNIQUE(survey, segment, value)\n"
") STRICT;\n"
"CREATE TABLE bucket(\n"
"	width INTEGER NOT NULL,\n"
"	bucket INTEGER NOT NULL,\n"
"	slot INTEGER NOT NULL,\n"
"	promoters INTEGER NOT NULL,\n"
"	passives INTEGER NOT NULL,\n"
"	detractors INTEGER NOT NULL,\n"
"	change INTEGER NOT NULL,\n"
"	PRIMARY KEY(width, bucket, slot)\n"
") STRICT, WITHOUT ROWID;\n"

/* Where sources stand. */
"CREATE TABLE place(\n"
"	source TEXT NOT NULL,\n"
"	key TEXT NOT NULL,\n"
"	place TEXT NOT NULL,\n"
"	PRIMARY KEY(source, key)\n"
") STRICT, WITHOUT ROWID;\n";

static const char version_2[] =
/* How lanes stand: see struct lane_row. */
"CREATE TABLE lane(\n"
"	action TEXT NOT NULL PRIMARY KEY,\n"
"	state INTEGER NOT NULL,\n"
"	failures INTEGER NOT NULL,\n"
"	since_ms INTEGER NOT NULL,\n"
"	pause_ms INTEGER NOT NULL,\n"
"	until_ms INTEGER NOT NULL,\n"
"	reason TEXT,\n"
"	paused_ms INTEGER NOT NULL,\n"
"	paused_by TEXT,\n"
"	paused_why TEXT,\n"
"	failing_ms INTEGER NOT NULL,\n"
"	told_ms INTEGER NOT NULL\n"
") STRICT, WITHOUT ROWID;\n"
/* Settled deliveries that no answer takes along when it is purged: few. */
"CREATE INDEX delivery_alone ON delivery(settled_ms)\n"
"	WHERE answer IS NULL AND state > 2;\n";

static const char version_3[] =
/*
 * Follow-ups: see struct follow_up. row is never used again: links and ids of
 * deliveries are made of it. At most one under a scope is unfinished.
 */
"CREATE TABLE follow_up(\n"
"	row INTEGER PRIMARY KEY AUTOINCREMENT,\n"
"	scope TEXT NOT NULL,\n"
"	survey TEXT NOT NULL,\n"
"	customer TEXT,\n"
"	account TEXT,\n"
"	answer INTEGER NOT NULL REFERENCES answer(row),\n"
"	rule TEXT NOT NULL,\n"
"	last_answer INTEGER NOT NULL,\n"
"	folds INTEGER NOT NULL,\n"
"	state INTEGER NOT NULL,\n"
"	owner TEXT,\n"
"	claimed_ms INTEGER NOT NULL,\n"
"	claimed_by TEXT,\n"
"	opened_ms INTEGER NOT NULL,\n"
"	clock_ms INTEGER NOT NULL,\n"
"	contact_by_ms INTEGER NOT NULL,\n"
"	resolve_by_ms INTEGER NOT NULL,\n"
"	contacted_ms INTEGER NOT NULL,\n"
"	closed_ms INTEGER NOT NULL,\n"
"	attempts INTEGER NOT NULL,\n"
"	try_again_ms INTEGER NOT NULL,\n"
"	reason TEXT,\n"
"	note TEXT,\n"
"	improved INTEGER NOT NULL,\n"
"	tracked_in TEXT,\n"
"	fired INTEGER NOT NULL,\n"
"	fires INTEGER NOT NULL,\n"
"	next_due_ms INTEGER,\n"
"	last_act TEXT NOT NULL,\n"
"	last_by TEXT,\n"
"	last_ms INTEGER NOT NULL\n"
") STRICT;\n"
"CREATE UNIQUE INDEX follow_up_scope ON follow_up(scope) WHERE state < 2;\n"
"CREATE INDEX follow_up_due ON follow_up(next_due_ms)\n"
"	WHERE next_due_ms IS NOT NULL;\n"
"CREATE INDEX follow_up_answer ON follow_up(answer);\n"
"CREATE INDEX follow_up_state ON follow_up(state);\n"

/* What was done to them, by whom, how. answer: what opened it, or was folded
 * in. */
"CREATE TABLE follow_up_event(\n"
"	follow_up INTEGER NOT NULL REFERENCES follow_up(row),\n"
"	n INTEGER NOT NULL,\n"
"	at_ms INTEGER NOT NULL,\n"
"	act TEXT NOT NULL,\n"
"	who TEXT,\n"
"	how TEXT,\n"
"	owner TEXT,\n"
"	reason TEXT,\n"
"	note TEXT,\n"
"	answer INTEGER,\n"
"	PRIMARY KEY(follow_up, n)\n"
") STRICT, WITHOUT ROWID;\n"
"CREATE INDEX follow_up_event_answer ON follow_up_event(answer)\n"
"	WHERE answer IS NOT NULL;\n"

/* Whose turn it is, where a rule's owners take turns. */
"CREATE TABLE turn(\n"
"	rule TEXT NOT NULL PRIMARY KEY,\n"
"	next INTEGER NOT NULL\n"
") STRICT, WITHOUT ROWID;\n";

static const char version_4[] =
/* Counts by chunks of slots: see sqlite_buckets.c. */
"ALTER TABLE bucket RENAME TO bucket_by_slot;\n"
"CREATE TABLE bucket(\n"
"	key INTEGER PRIMARY KEY,\n"
"	counts BLOB NOT NULL,\n"
"	change INTEGER NOT NULL\n"
") STRICT;\n";

static const char version_4_end[] =
"DROP TABLE bucket_by_slot;\n";

static const char version_5[] =
/* How watches stand: see struct watch_row; level in thousandths of a point. */
"CREATE TABLE watch(\n"
"	watch TEXT NOT NULL,\n"
"	slot INTEGER NOT NULL,\n"
"	since_ms INTEGER NOT NULL,\n"
"	alarm_ms INTEGER NOT NULL,\n"
"	quiet INTEGER NOT NULL,\n"
"	level INTEGER NOT NULL,\n"
"	seen_ms INTEGER NOT NULL,\n"
"	PRIMARY KEY(watch, slot)\n"
") STRICT, WITHOUT ROWID;\n";

static const char version_6[] =
/* Answers by arrival, with the rows that came together: see
 * sqlite_arrivals.h. */
"CREATE TABLE arrival(\n"
"	arrived_ms INTEGER NOT NULL,\n"
"	first INTEGER NOT NULL,\n"
"	last INTEGER NOT NULL,\n"
"	PRIMARY KEY(arrived_ms, first)\n"
") STRICT, WITHOUT ROWID;\n"
"INSERT INTO arrival SELECT arrived_ms, row, row FROM answer\n"
"	WHERE id IS NOT NULL ORDER BY arrived_ms, row;\n"
"DROP INDEX answer_kept;\n";

static const char version_7[] =
/* Which answer's alert began a cooldown, and which answers it silenced: see
 * store_cooldown.h. */
"CREATE TABLE cooldown(\n"
"	rule TEXT NOT NULL,\n"
"	key TEXT NOT NULL,\n"
"	answer INTEGER NOT NULL REFERENCES answer(row),\n"
"	since_ms INTEGER NOT NULL,\n"
"	PRIMARY KEY(rule, key)\n"
") STRICT, WITHOUT ROWID;\n"
"CREATE INDEX cooldown_answer ON cooldown(answer);\n"
"CREATE TABLE suppressed(\n"
"	by INTEGER NOT NULL REFERENCES answer(row),\n"
"	answer INTEGER NOT NULL REFERENCES answer(row),\n"
"	PRIMARY KEY(by, answer)\n"
") STRICT, WITHOUT ROWID;\n";

static const char version_8[] =
/* Silences: see struct silence_row. row is never used again. */
"CREATE TABLE silence(\n"
"	row INTEGER PRIMARY KEY AUTOINCREMENT,\n"
"	rule TEXT,\n"
"	match TEXT,\n"
"	since_ms INTEGER NOT NULL,\n"
"	until_ms INTEGER NOT NULL,\n"
"	ended_ms INTEGER NOT NULL,\n"
"	ended_by TEXT,\n"
"	by TEXT,\n"
"	why TEXT NOT NULL,\n"
"	silenced INTEGER NOT NULL\n"
") STRICT;\n"
"CREATE INDEX silence_held ON silence(row) WHERE ended_ms = 0;\n";

static const char version_9[] =
/* Storms: the windows that count alerts, and which alerts were folded into
 * which message: see store_storm.h. */
"CREATE TABLE storm(\n"
"	action TEXT NOT NULL,\n"
"	recipient TEXT NOT NULL,\n"
"	since_ms INTEGER NOT NULL,\n"
"	until_ms INTEGER NOT NULL,\n"
"	alerts INTEGER NOT NULL,\n"
"	lasting INTEGER NOT NULL,\n"
"	message INTEGER NOT NULL,\n"
"	PRIMARY KEY(action, recipient)\n"
") STRICT, WITHOUT ROWID;\n"
"CREATE TABLE folded(\n"
"	delivery INTEGER PRIMARY KEY REFERENCES delivery(row),\n"
"	message INTEGER NOT NULL REFERENCES delivery(row)\n"
") STRICT;\n"
"CREATE INDEX folded_message ON folded(message);\n";

static const char version_10[] =
/* Persons who were forgotten: see store_erasures.h. A word lies under a pad of
 * its own, so that it is not found in the file. */
"CREATE TABLE erasure(\n"
"	row INTEGER PRIMARY KEY AUTOINCREMENT,\n"
"	asked_ms INTEGER NOT NULL,\n"
"	by TEXT,\n"
"	why TEXT,\n"
"	scope INTEGER NOT NULL,\n"
"	mentions INTEGER NOT NULL,\n"
"	phase INTEGER NOT NULL,\n"
"	upto INTEGER NOT NULL,\n"
"	report TEXT NOT NULL,\n"
"	ended_ms INTEGER NOT NULL\n"
") STRICT;\n"
"CREATE INDEX erasure_left ON erasure(row) WHERE phase < 5;\n"
"CREATE TABLE erasure_word(\n"
"	row INTEGER PRIMARY KEY,\n"
"	erasure INTEGER NOT NULL REFERENCES erasure(row),\n"
"	kind INTEGER NOT NULL,\n"
"	pad BLOB NOT NULL,\n"
"	word BLOB NOT NULL,\n"
"	mark TEXT\n"
") STRICT;\n"
"CREATE TABLE erased(\n"
"	answer INTEGER PRIMARY KEY REFERENCES answer(row),\n"
"	erasure INTEGER NOT NULL REFERENCES erasure(row),\n"
"	erased_ms INTEGER NOT NULL\n"
") STRICT;\n"
"CREATE INDEX erased_erasure ON erased(erasure, answer);\n";

static const char version_11[] =
/* Answers whose verdicts are those of a replay: see struct replayed_row. */
"CREATE TABLE replayed(\n"
"	answer INTEGER PRIMARY KEY REFERENCES answer(row),\n"
"	revision INTEGER NOT NULL,\n"
"	replayed_ms INTEGER NOT NULL,\n"
"	by TEXT,\n"
"	rule TEXT\n"
") STRICT;\n";
/* clang-format on */

const struct schema_step schema_steps[] = {
	{.version = 1, .text = version_1},
	{.version = 2, .text = version_2},
	{.version = 3, .text = version_3},
	{
		.version = 4,
		.text = version_4,
		.move = sqlite_regroup_buckets,
		.end = version_4_end,
	},
	{.version = 5, .text = version_5},
	{.version = 6, .text = version_6},
	{.version = 7, .text = version_7},
	{.version = 8, .text = version_8},
	{.version = 9, .text = version_9},
	{.version = 10, .text = version_10},
	{.version = 11, .text = version_11},
};
const size_t schema_step_count = sizeof(schema_steps) / sizeof(schema_steps[0]);
