/* normal_member - see there. */
#include "nps/normal_member.h"

#include <stdio.h>
#include <string.h>

#include "nps/rejection.h"
#include "nps/response_record.h"

/* Which member has this name, of so many bytes; MEMBERS if none. */
static enum normal_member
member_of(const char *name, size_t length)
{
	static const struct {
		const char *name;
		enum normal_member member;
	} rows[] = {
		{"id", MEMBER_ID},
		{"kind", MEMBER_KIND},
		{"score", MEMBER_SCORE},
		{"survey", MEMBER_SURVEY},
		{"weight", MEMBER_WEIGHT},
		{"account", MEMBER_ACCOUNT},
		{"segment", MEMBER_SEGMENT},
		{"answers", MEMBER_ANSWERS},
		{"revision", MEMBER_REVISION},
		{"customer", MEMBER_CUSTOMER},
		{"contact_ok", MEMBER_CONTACT_OK},
		{"answered_at", MEMBER_ANSWERED_AT},
	};
	/* Of each length, where the names begin. */
	static const unsigned char first[] = {
		0, 0, 0, 1, 1, 2, 3, 5, 8, 10, 10, 11, 12};

	if (length + 1 >= sizeof(first))
		return MEMBERS;
	for (size_t i = first[length]; i < first[length + 1]; i++)
		if (memcmp(name, rows[i].name, length) == 0)
			return rows[i].member;
	return MEMBERS;
}

void
normal_find_members(struct normal_work *work)
{
	struct flat *record = work->response->record;

	for (struct flat *at = record + 1; at < record + record->span;
		at += at->span) {
		enum normal_member member = member_of(at->key, at->key_length);

		if (member != MEMBERS)
			work->members[member] = at;
	}
}

bool
normal_is_text(const struct flat *value)
{
	return value && value->type == JSON_STRING;
}

const char *
normal_describe(const struct flat *value)
{
	switch (value->type) {
	case JSON_OBJECT:
		return "an object";
	case JSON_ARRAY:
		return "a list";
	case JSON_STRING:
		return value->text_length ? "text" : "empty text";
	case JSON_INTEGER:
	case JSON_REAL:
		return "a number";
	case JSON_TRUE:
		return "true";
	case JSON_FALSE:
		return "false";
	case JSON_NULL:
		break;
	}
	return "null";
}

bool
normal_refuse_type(struct normal_work *work, const char *parent,
	const char *name, const struct flat *value, const char *expected)
{
	return rejection_fill(work->why, REJECTED_FIELD, parent, name,
		"%s%s%s must be %s; this is %s", parent ? parent : "",
		parent ? "." : "", name, expected, normal_describe(value));
}

void
normal_rewrite_text(
	struct normal_work *work, struct flat *value, const char *text)
{
	record_set_text(work->response, value, text);
	work->normal->rewritten = true;
}

bool
normal_take_key(struct normal_work *work, struct flat *value,
	const char *parent, const char *name, const char **text)
{
	*text = NULL;
	if (flat_is_missing(value))
		return true;
	if (value->type == JSON_INTEGER) {
		char digits[24];

		(void)snprintf(digits, sizeof(digits), "%lld",
			(long long)value->integer);
		normal_rewrite_text(work, value, digits);
	}
	if (!normal_is_text(value))
		return normal_refuse_type(work, parent, name, value, "text");
	if (value->text_length > RESPONSE_ID_LIMIT_BYTES)
		return rejection_fill(work->why, REJECTED_FIELD, parent, name,
			"%s%s%s is %zu bytes long; at most %d are taken",
			parent ? parent : "", parent ? "." : "", name,
			(size_t)value->text_length, RESPONSE_ID_LIMIT_BYTES);
	*text = value->text;
	return true;
}
