/*
 * sqlite_highest - the highest identity of all kept answers.
 */
#include "store/sqlite_highest.h"

#include <string.h>

static void
take(struct highest *highest, enum response_kind kind, const char *survey,
	const char *id)
{
	highest->any = true;
	highest->kind = kind;
	highest->id.length = 0;
	buf_append(&highest->id, id, strlen(id) + 1);
	highest->survey.length = 0;
	buf_append(&highest->survey, survey, strlen(survey) + 1);
}

bool
highest_load(struct highest *highest, struct sql *sql, struct err *err)
{
	static const char text[] =
		"SELECT kind, survey, id FROM answer WHERE id IS NOT NULL "
		"ORDER BY id DESC, survey DESC, kind DESC LIMIT 1";
	struct sql_statement *find = sql_use(sql, text);
	enum sql_step step = sql_step(find, err);

	highest->any = false;
	if (step == SQL_ROW)
		take(highest, (enum response_kind)sql_number_at(find, 0),
			sql_text_at(find, 1), sql_text_at(find, 2));
	sql_end(find);
	return step != SQL_FAILED;
}

void
highest_done(struct highest *highest)
{
	buf_done(&highest->id);
	buf_done(&highest->survey);
}

bool
highest_is_below(const struct highest *highest, enum response_kind kind,
	const char *survey, const char *id)
{
	int order;

	if (!highest->any)
		return true;
	order = strcmp(highest->id.data, id);
	if (order == 0)
		order = strcmp(highest->survey.data, survey);
	return order < 0 || (order == 0 && highest->kind < kind);
}

void
highest_raise(struct highest *highest, enum response_kind kind,
	const char *survey, const char *id)
{
	if (highest_is_below(highest, kind, survey, id))
		take(highest, kind, survey, id);
}
