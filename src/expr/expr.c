/*
 * The only file that knows libjq. A set holds some programs, each with a
 * group of its expressions (see jq_program.h); a run is one jq_next() of the
 * one that has the expression, whose values leave through the callback that
 * jq has for `debug`.
 */
#include "expr/expr.h"

#include <assert.h>
#include <float.h>
#include <jq.h>
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/memory.h"
#include "base/text.h"
#include "expr/deadline.h"
#include "expr/fault.h"
#include "expr/fence.h"
#include "expr/jq_program.h"

enum {
	VALUE_DEPTH_LIMIT = 256,
	REASON_LIMIT_BYTES = 300,
	SHOWN_LIMIT_BYTES = 40,
};

struct expression {
	char *name;
	char *text;
	bool is_map;
	struct buf fenced; /* the text as it stands in a program */
	jq_state *jq;	   /* of the program it is in; lent */
	size_t function;   /* its number there */
};

struct expr_set {
	struct expression *expressions;
	size_t count;
	jq_state **programs;
	size_t programs_count;

	struct deadline deadline;
	/* Of the run that is on. */
	jq_state *running;
	jv values; /* an array */
	size_t values_limit;
	bool too_many;
};

struct expr_input {
	jv document;
};

static void
stop_running(void *context)
{
	struct expr_set *set = context;
	/* Constants only: libjq frees both twice. */
	jq_halt(set->running, jv_null(), jv_null());
}

struct expr_set *
expr_set_new(void)
{
	struct expr_set *set = mem_new(1, sizeof(*set));
	set->values = jv_null();
	deadline_init(&set->deadline, stop_running, set);
	return set;
}

void
expr_set_free(struct expr_set *set)
{
	if (!set)
		return;
	for (size_t i = 0; i < set->count; i++) {
		free(set->expressions[i].name);
		free(set->expressions[i].text);
		buf_done(&set->expressions[i].fenced);
	}
	for (size_t i = 0; i < set->programs_count; i++)
		jq_teardown(&set->programs[i]);
	deadline_done(&set->deadline);
	free(set->expressions);
	free(set->programs);
	free(set);
}

static size_t
add(struct expr_set *set, const char *name, const char *text, bool is_map)
{
	set->expressions = mem_grow(
		set->expressions, set->count + 1, sizeof(*set->expressions));
	struct expression *expression = &set->expressions[set->count];
	*expression = (struct expression){
		.name = mem_strdup(name),
		.text = mem_strdup(text),
		.is_map = is_map,
	};
	return set->count++;
}

size_t
expr_set_add(struct expr_set *set, const char *name, const char *text)
{
	return add(set, name, text, false);
}

size_t
expr_set_add_map(struct expr_set *set, const char *name, const char *text)
{
	return add(set, name, text, true);
}

/* ------------------------------------------------------------ compiling -- */

/* What jq says while it compiles one text; of a group nobody listens. */
struct listener {
	struct buf faults;
	const char *text;
};

static void
on_message(void *context, jv message)
{
	struct listener *listener = context;
	message = jq_format_error(message);
	if (listener && listener->text &&
		jv_get_kind(message) == JV_KIND_STRING)
		fault_append(&listener->faults, jv_string_value(message),
			listener->text, JQ_PROGRAM_LINES_BEFORE);
	jv_free(message);
}

/* A value of the run that is on. */
static void
on_value(void *context, jv value)
{
	struct expr_set *set = context;
	size_t count = (size_t)jv_array_length(jv_copy(set->values));
	if (count < set->values_limit) {
		set->values = jv_array_append(set->values, value);
		return;
	}
	jv_free(value);
	set->too_many = true;
	if (deadline_claim(&set->deadline))
		stop_running(set);
}

/*
 * The regular expressions' library makes itself ready at its first use, and two
 * threads must not do that at the same time. Of a process the first programs use
 * it when they are compiled, one after the other: each set is compiled before it
 * runs, and a program of its own for that would take as long as all of theirs.
 */
static struct {
	pthread_mutex_t alone;
	atomic_bool ready;
} regex = {PTHREAD_MUTEX_INITIALIZER, false};

static const char regex_use[] = "test(\"a\")";

static void
use_regex(struct expr_set *set, jq_state *jq, size_t function)
{
	jv call = jv_array_sized(2);
	call = jv_array_set(call, 0, jv_number((double)function));
	call = jv_array_set(call, 1, jv_string("a"));
	set->values = jv_array();
	set->values_limit = 1;
	pthread_mutex_lock(&regex.alone);
	jq_start(jq, call, 0);
	jv_free(jq_next(jq));
	atomic_store(&regex.ready, true);
	pthread_mutex_unlock(&regex.alone);
	jv_free(set->values);
	set->values = jv_null();
}

/* With uses_regex, the function behind those of the expressions is its use. */
static char *
program_text(const struct expr_set *set, const size_t *numbers, size_t count,
	bool uses_regex)
{
	struct jq_function functions[EXPR_GROUP_LIMIT + 1];
	assert(count <= EXPR_GROUP_LIMIT);
	for (size_t i = 0; i < count; i++) {
		const struct expression *expression =
			&set->expressions[numbers[i]];
		const struct buf *text = &expression->fenced;
		functions[i] = (struct jq_function){
			{text->data, text->length}, expression->is_map};
	}
	functions[count] = (struct jq_function){text_of(regex_use), false};
	return jq_program(functions, count + (uses_regex ? 1 : 0));
}

static jq_state *
new_state(struct expr_set *set, struct listener *listener)
{
	jq_state *jq = jq_init();
	if (!jq)
		abort();
	jq_set_error_cb(jq, on_message, listener);
	jq_set_debug_cb(jq, on_value, set);
	jq_set_input_cb(jq, NULL, NULL); /* not initialised otherwise */
	jq_set_nomem_handler(jq, NULL, NULL);
	/* Without one an import aborts; the fence refuses it before. */
	jq_set_attr(jq, jv_string("JQ_LIBRARY_PATH"), jv_array());
	return jq;
}

static bool
compile_program(struct expr_set *set, const size_t *numbers, size_t count,
	struct listener *listener)
{
	bool uses_regex = !atomic_load(&regex.ready);
	jq_state *jq = new_state(set, listener);
	char *text = program_text(set, numbers, count, uses_regex);
	bool compiled = jq_compile(jq, text) != 0;
	free(text);
	jq_set_error_cb(jq, on_message, NULL);
	if (!compiled) {
		jq_teardown(&jq);
		return false;
	}
	if (uses_regex)
		use_regex(set, jq, count);
	set->programs = mem_grow(
		set->programs, set->programs_count + 1, sizeof(*set->programs));
	set->programs[set->programs_count++] = jq;
	for (size_t i = 0; i < count; i++) {
		set->expressions[numbers[i]].jq = jq;
		set->expressions[numbers[i]].function = i;
	}
	return true;
}

struct report {
	void (*on_error)(size_t number, const char *message, void *context);
	void *context;
	bool failed;
};

static void
report(struct report *report, size_t number, const char *message)
{
	report->failed = true;
	if (report->on_error)
		report->on_error(number, message, report->context);
}

static void
compile_one(struct expr_set *set, size_t number, struct report *errors)
{
	struct listener listener = {.text = set->expressions[number].text};
	if (!compile_program(set, &number, 1, &listener)) {
		bool told = listener.faults.length > 0;
		report(errors, number,
			told ? listener.faults.data : "jq gives no reason");
	}
	buf_done(&listener.faults);
}

/* Halves what does not compile until each culprit stands alone. */
static void
compile_some(struct expr_set *set, const size_t *numbers, size_t count,
	struct report *errors)
{
	if (count == 1) {
		compile_one(set, *numbers, errors);
		return;
	}
	struct listener deaf = {0};
	if (count == 0 || compile_program(set, numbers, count, &deaf))
		return;
	compile_some(set, numbers, count / 2, errors);
	compile_some(set, numbers + count / 2, count - count / 2, errors);
}

static bool
fence_one(struct expression *expression, struct err *err)
{
	if (strlen(expression->text) > EXPR_TEXT_LIMIT_BYTES)
		return err_set(err, "longer than %d KiB",
			EXPR_TEXT_LIMIT_BYTES / 1024);
	return fence_text(expression->text, &expression->fenced, err);
}

bool
expr_set_compile(struct expr_set *set,
	void (*on_error)(size_t number, const char *message, void *context),
	void *context)
{
	assert(set->programs_count == 0);
	struct report errors = {on_error, context, false};
	size_t *numbers = mem_new(set->count + 1, sizeof(*numbers));
	size_t count = 0;
	for (size_t i = 0; i < set->count; i++) {
		struct err err;
		if (fence_one(&set->expressions[i], &err))
			numbers[count++] = i;
		else
			report(&errors, i, err.text);
	}
	for (size_t at = 0; at < count; at += EXPR_GROUP_LIMIT) {
		size_t left = count - at;
		compile_some(set, numbers + at,
			left < EXPR_GROUP_LIMIT ? left : EXPR_GROUP_LIMIT,
			&errors);
	}
	free(numbers);
	return !errors.failed;
}

/* --------------------------------------------------------------- values -- */

static jv from_json(const json_t *value);

static jv
object_from_json(const json_t *value)
{
	/* jansson walks no const object, and changes nothing in it. */
	json_t *object = (json_t *)(uintptr_t)value;
	jv result = jv_object();
	for (void *at = json_object_iter(object); at;
		at = json_object_iter_next(object, at))
		result = jv_object_set(result,
			jv_string(json_object_iter_key(at)),
			from_json(json_object_iter_value(at)));
	return result;
}

static jv
array_from_json(const json_t *value)
{
	jv result = jv_array();
	for (size_t i = 0; i < json_array_size(value); i++)
		result = jv_array_append(
			result, from_json(json_array_get(value, i)));
	return result;
}

static jv
from_json(const json_t *value)
{
	if (!value)
		return jv_null();
	switch (json_typeof(value)) {
	case JSON_OBJECT:
		return object_from_json(value);
	case JSON_ARRAY:
		return array_from_json(value);
	case JSON_STRING:
		return jv_string_sized(json_string_value(value),
			(int)json_string_length(value));
	case JSON_INTEGER:
	case JSON_REAL:
		return jv_number(json_number_value(value));
	case JSON_TRUE:
		return jv_true();
	case JSON_FALSE:
		return jv_false();
	case JSON_NULL:
		break;
	}
	return jv_null();
}

/* All of these take their value. NULL if it cannot be said in JSON. */
static json_t *to_json(jv value, int depth);

static json_t *
object_to_json(jv value, int depth)
{
	json_t *object = json_object();
	jv_object_foreach(value, key, member)
	{
		json_t *json = to_json(member, depth);
		if (object && json_object_set_new(
				      object, jv_string_value(key), json)) {
			json_decref(object);
			object = NULL;
		}
		jv_free(key);
	}
	jv_free(value);
	return object;
}

static json_t *
array_to_json(jv value, int depth)
{
	json_t *array = json_array();
	jv_array_foreach(value, i, item)
	{
		json_t *json = to_json(item, depth);
		if (array && json_array_append_new(array, json)) {
			json_decref(array);
			array = NULL;
		}
	}
	jv_free(value);
	return array;
}

static json_t *
string_to_json(jv value)
{
	json_t *json = json_stringn(jv_string_value(value),
		(size_t)jv_string_length_bytes(jv_copy(value)));
	jv_free(value);
	return json;
}

/* As jq prints them: NaN is null, and infinite the greatest there is. */
static json_t *
number_to_json(jv value)
{
	static const double limit = 9223372036854775808.0; /* 2^63 */
	double number = jv_number_value(value);
	jv_free(value);
	if (isnan(number))
		return json_null();
	if (isinf(number))
		return json_real(number < 0 ? -DBL_MAX : DBL_MAX);
	if (number >= -limit && number < limit && number == trunc(number))
		return json_integer((json_int_t)number);
	return json_real(number);
}

static json_t *
to_json(jv value, int depth)
{
	if (depth == VALUE_DEPTH_LIMIT) {
		jv_free(value);
		return NULL;
	}
	switch (jv_get_kind(value)) {
	case JV_KIND_OBJECT:
		return object_to_json(value, depth + 1);
	case JV_KIND_ARRAY:
		return array_to_json(value, depth + 1);
	case JV_KIND_STRING:
		return string_to_json(value);
	case JV_KIND_NUMBER:
		return number_to_json(value);
	case JV_KIND_TRUE:
		return json_true();
	case JV_KIND_FALSE:
		return json_false();
	case JV_KIND_NULL:
	case JV_KIND_INVALID:
		break;
	}
	jv_free(value);
	return json_null();
}

struct expr_input *
expr_input_new(const json_t *value)
{
	struct expr_input *input = mem_new(1, sizeof(*input));
	input->document = from_json(value);
	return input;
}

void
expr_input_free(struct expr_input *input)
{
	if (!input)
		return;
	jv_free(input->document);
	free(input);
}

/* -------------------------------------------------------------- running -- */

/* Takes the value; a short one-line text of it. */
static void
append_shown(struct buf *out, jv value, size_t limit)
{
	jv text = jv_get_kind(value) == JV_KIND_STRING
			  ? value
			  : jv_dump_string(value, 0);
	text_append_escaped(out, jv_string_value(text),
		(size_t)jv_string_length_bytes(jv_copy(text)), limit);
	jv_free(text);
}

/* Takes what the run ended with; true if that is an error, told in err. */
static bool
raised(jv end, const struct expression *expression, struct err *err)
{
	if (jv_is_valid(end) || !jv_invalid_has_msg(jv_copy(end))) {
		jv_free(end);
		return false;
	}
	struct buf reason = {0};
	append_shown(&reason, jv_invalid_get_msg(end), REASON_LIMIT_BYTES);
	err_set(err, "%s: %s", expression->name, reason.data);
	buf_done(&reason);
	return true;
}

/* Leaves the run's values in set->values, which the caller takes. */
static enum expr_end
run(struct expr_set *set, const struct expression *expression,
	const struct expr_input *input, struct err *err)
{
	jv call = jv_array_sized(2);
	call = jv_array_set(call, 0, jv_number((double)expression->function));
	call = jv_array_set(call, 1, jv_copy(input->document));
	set->running = expression->jq;
	jq_start(expression->jq, call, 0);
	if (!deadline_start(&set->deadline, EXPR_DEADLINE_MS, err)) {
		err_prefix(err, "%s", expression->name);
		return EXPR_ERROR;
	}
	jv end = jq_next(expression->jq);
	if (deadline_stop(&set->deadline)) {
		jv_free(end);
		err_set(err, "%s: stopped after %d ms", expression->name,
			EXPR_DEADLINE_MS);
		return EXPR_DEADLINE;
	}
	return raised(end, expression, err) ? EXPR_ERROR : EXPR_OK;
}

/*
 * Runs and gives at most `limit` values as an array, which the caller frees
 * whatever the end.
 */
static enum expr_end
collect(struct expr_set *set, size_t number, const struct expr_input *input,
	size_t limit, jv *values, struct err *err)
{
	*values = jv_null();
	assert(number < set->count);
	const struct expression *expression = &set->expressions[number];
	if (!expression->jq) {
		err_set(err, "%s: not compiled", expression->name);
		return EXPR_ERROR;
	}
	set->values = jv_array();
	set->values_limit = limit;
	set->too_many = false;
	enum expr_end end = run(set, expression, input, err);
	*values = set->values;
	set->values = jv_null();
	/* One that did not come to its end still holds the document. */
	if (end != EXPR_OK || set->too_many)
		jq_start(expression->jq, jv_null(), 0);
	return end;
}

/* Exactly one value, which the caller frees; `wanted` says of what kind. */
static enum expr_end
collect_one(struct expr_set *set, size_t number, const struct expr_input *input,
	const char *wanted, jv *value, struct err *err)
{
	jv values;
	*value = jv_null();
	enum expr_end end = collect(set, number, input, 1, &values, err);
	const char *name = set->expressions[number].name;
	int count = end == EXPR_OK ? jv_array_length(jv_copy(values)) : 0;
	if (end == EXPR_OK && count == 0) {
		err_set(err, "%s: gave no value instead of %s", name, wanted);
		end = EXPR_ERROR;
	} else if (end == EXPR_OK && set->too_many) {
		err_set(err, "%s: gave more than one value instead of %s", name,
			wanted);
		end = EXPR_ERROR;
	}
	if (end == EXPR_OK)
		*value = jv_array_get(jv_copy(values), 0);
	jv_free(values);
	return end;
}

/* Takes the value. */
static enum expr_end
wrong_kind(const struct expr_set *set, size_t number, const char *wanted,
	jv value, struct err *err)
{
	const char *name = set->expressions[number].name;
	const char *kind = jv_kind_name(jv_get_kind(value));
	if (jv_get_kind(value) == JV_KIND_NULL) {
		err_set(err, "%s: gave null instead of %s", name, wanted);
		return EXPR_ERROR;
	}
	struct buf shown = {0};
	append_shown(&shown, value, SHOWN_LIMIT_BYTES);
	err_set(err, "%s: gave the %s %s instead of %s", name, kind, shown.data,
		wanted);
	buf_done(&shown);
	return EXPR_ERROR;
}

enum expr_end
expr_run_boolean(struct expr_set *set, size_t number, struct expr_input *input,
	bool *value, struct err *err)
{
	static const char wanted[] = "exactly one true or false";
	jv got;
	enum expr_end end = collect_one(set, number, input, wanted, &got, err);
	if (end != EXPR_OK)
		return end;
	jv_kind kind = jv_get_kind(got);
	if (kind != JV_KIND_TRUE && kind != JV_KIND_FALSE)
		return wrong_kind(set, number, wanted, got, err);
	*value = kind == JV_KIND_TRUE;
	return EXPR_OK;
}

static enum expr_end
no_json(const struct expr_set *set, size_t number, struct err *err)
{
	err_set(err,
		"%s: gave a value that JSON cannot hold: nested deeper "
		"than %d, or with broken characters",
		set->expressions[number].name, VALUE_DEPTH_LIMIT);
	return EXPR_ERROR;
}

enum expr_end
expr_run_value(struct expr_set *set, size_t number, struct expr_input *input,
	json_t **value, struct err *err)
{
	jv got;
	enum expr_end end =
		collect_one(set, number, input, "exactly one value", &got, err);
	if (end != EXPR_OK)
		return end;
	*value = to_json(got, 0);
	return *value ? EXPR_OK : no_json(set, number, err);
}

enum expr_end
expr_run_text(struct expr_set *set, size_t number, struct expr_input *input,
	char **value, struct err *err)
{
	static const char wanted[] = "exactly one text";
	jv got;
	enum expr_end end = collect_one(set, number, input, wanted, &got, err);
	if (end != EXPR_OK)
		return end;
	if (jv_get_kind(got) != JV_KIND_STRING)
		return wrong_kind(set, number, wanted, got, err);
	size_t length = (size_t)jv_string_length_bytes(jv_copy(got));
	const char *bytes = jv_string_value(got);
	if (memchr(bytes, '\0', length)) {
		jv_free(got);
		err_set(err, "%s: gave a text with a NUL character",
			set->expressions[number].name);
		return EXPR_ERROR;
	}
	*value = mem_copy(bytes, length);
	jv_free(got);
	return EXPR_OK;
}

enum expr_end
expr_run_values(struct expr_set *set, size_t number, struct expr_input *input,
	size_t limit, json_t **values, struct err *err)
{
	jv got;
	enum expr_end end = collect(set, number, input, limit, &got, err);
	if (end == EXPR_OK && set->too_many) {
		err_set(err, "%s: gave more than %zu values",
			set->expressions[number].name, limit);
		end = EXPR_ERROR;
	}
	if (end != EXPR_OK) {
		jv_free(got);
		return end;
	}
	*values = to_json(got, 0);
	return *values ? EXPR_OK : no_json(set, number, err);
}
