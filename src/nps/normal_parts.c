/* normal_parts - the members that are objects, one function each. */
#include "nps/normal_parts.h"

#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "nps/rejection.h"
#include "nps/response_record.h"

enum { NAME_SHOWN_BYTES = 40 }; /* of a name in a sentence */

/* The member as an object; NULL in *object where it is missing. */
static bool
take_object(struct normal_work *work, enum normal_member member,
	const char *name, struct flat **object)
{
	struct flat *value = work->members[member];

	*object = NULL;
	if (flat_is_missing(value))
		return true;
	if (value->type != JSON_OBJECT)
		return normal_refuse_type(work, NULL, name, value, "an object");
	*object = value;
	return true;
}

/* The member of that name, to be changed. */
static struct flat *
member_in(struct flat *object, const char *name)
{
	const struct flat *found = flat_member(object, name);

	return found ? object + (found - object) : NULL;
}

/* An address with a control character could write lines of its own into a
 * mail's header. */
static bool
check_email(struct normal_work *work, const char *email)
{
	size_t length = strlen(email);
	uint32_t code = 0;

	for (size_t i = 0; i < length;) {
		if (email[i] >= 0x20 && email[i] < 0x7F) {
			i++;
			continue;
		}
		size_t bytes = text_sequence(email + i, length - i, &code);

		if (!bytes || text_moves(code))
			return rejection_fill(work->why, REJECTED_FIELD,
				"customer", "email",
				"customer.email must not hold control "
				"characters");
		i += bytes;
	}
	return true;
}

/* The address as a key: equal however its ASCII letters are written. */
static const char *
lowered(struct response *response, const char *email)
{
	for (const char *c = email; *c; c++) {
		if (*c < 'A' || *c > 'Z')
			continue;
		char *lower = record_keep_text(response, email);

		text_lower(lower);
		return lower;
	}
	return email;
}

static bool
take_customer(struct normal_work *work)
{
	struct flat *customer;
	const char *id;
	const char *email;
	const char *phone;

	if (!take_object(work, MEMBER_CUSTOMER, "customer", &customer))
		return false;
	if (!customer)
		return true;
	if (!normal_take_key(
		    work, member_in(customer, "id"), "customer", "id", &id) ||
		!normal_take_key(work, member_in(customer, "email"), "customer",
			"email", &email) ||
		!normal_take_key(work, member_in(customer, "phone"), "customer",
			"phone", &phone) ||
		(email && !check_email(work, email)))
		return false;
	/* Empty texts are what forms and tables send for "none". */
	if (id && *id)
		work->response->customer = id;
	else if (email && *email)
		work->response->customer = lowered(work->response, email);
	else if (phone && *phone)
		work->response->customer = phone;
	return true;
}

static bool
take_account(struct normal_work *work)
{
	struct flat *account;
	const char *id;

	if (!take_object(work, MEMBER_ACCOUNT, "account", &account))
		return false;
	if (!account)
		return true;
	if (!normal_take_key(
		    work, member_in(account, "id"), "account", "id", &id))
		return false;
	if (id && *id)
		work->response->account = id;
	return true;
}

static bool
check_count(
	struct normal_work *work, const char *parent, const struct flat *object)
{
	size_t count = 0;

	if (!object)
		return true;
	for (const struct flat *at = object + 1; at < object + object->span;
		at += at->span)
		count++;
	return count <= RESPONSE_SEGMENTS_LIMIT ||
	       rejection_fill(work->why, REJECTED_FIELD, NULL, parent,
		       "%s has %zu members; at most %d are taken", parent,
		       count, RESPONSE_SEGMENTS_LIMIT);
}

static bool
check_name(
	struct normal_work *work, const char *parent, const struct flat *member)
{
	if (member->key_length > 0 &&
		member->key_length <= RESPONSE_NAME_LIMIT_BYTES)
		return true;
	return rejection_fill(work->why, REJECTED_FIELD, NULL, parent,
		"a name in %s must be 1 to %d bytes long", parent,
		RESPONSE_NAME_LIMIT_BYTES);
}

/* Names of segments are those of a setting or a map, and may be told. */
static bool
check_segment_value(struct normal_work *work, const struct flat *value)
{
	bool nested = value->type == JSON_OBJECT || value->type == JSON_ARRAY;
	size_t length = normal_is_text(value) ? value->text_length : 0;
	struct buf shown = {0};

	if (!nested && length <= RESPONSE_NAME_LIMIT_BYTES)
		return true;
	text_append_escaped(
		&shown, value->key, value->key_length, NAME_SHOWN_BYTES);
	if (nested)
		rejection_fill(work->why, REJECTED_FIELD, "segment", value->key,
			"\"%s\" of segment must be text, a number, true or "
			"false; this is %s",
			shown.data, normal_describe(value));
	else
		rejection_fill(work->why, REJECTED_FIELD, "segment", value->key,
			"\"%s\" of segment is %zu bytes long; at most %d are "
			"taken",
			shown.data, length, RESPONSE_NAME_LIMIT_BYTES);
	buf_done(&shown);
	return false;
}

static bool
check_segment(struct normal_work *work)
{
	struct flat *segment;

	if (!take_object(work, MEMBER_SEGMENT, "segment", &segment) ||
		!check_count(work, "segment", segment))
		return false;
	if (!segment)
		return true;
	for (const struct flat *at = segment + 1; at < segment + segment->span;
		at += at->span)
		if (!check_name(work, "segment", at) ||
			!check_segment_value(work, at))
			return false;
	return true;
}

static bool
check_answer(struct normal_work *work, const struct flat *value)
{
	if (!check_name(work, "answers", value))
		return false;
	if (flat_is_missing(value) || flat_is_number(value) ||
		normal_is_text(value))
		return true;
	return rejection_fill(work->why, REJECTED_FIELD, "answers", value->key,
		"a value of answers must be a number or text; this is %s",
		normal_describe(value));
}

static bool
check_answers(struct normal_work *work)
{
	struct flat *answers;

	if (!take_object(work, MEMBER_ANSWERS, "answers", &answers) ||
		!check_count(work, "answers", answers))
		return false;
	if (!answers)
		return true;
	for (const struct flat *at = answers + 1; at < answers + answers->span;
		at += at->span)
		if (!check_answer(work, at))
			return false;
	return true;
}

bool
normal_take_parts(struct normal_work *work)
{
	return take_customer(work) && take_account(work) &&
	       check_segment(work) && check_answers(work);
}
