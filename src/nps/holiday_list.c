/* holiday_list - days off that come back each year, as rules. */
#include "nps/holiday_list.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "base/time.h"
#include "nps/weekday.h"

enum { YEAR_LOW = 1583, YEAR_HIGH = 9999, WORD_LIMIT_BYTES = 32 };

enum holiday_kind {
	HOLIDAY_DATE,	/* each year on month-day */
	HOLIDAY_ONCE,	/* in `year` only */
	HOLIDAY_EASTER, /* days from Easter Sunday */
	HOLIDAY_NTH,	/* the nth weekday of a month; -1: the last */
	HOLIDAY_AFTER,	/* the first such weekday on or after month-day */
	HOLIDAY_BEFORE, /* the last one on or before it */
};

struct holiday_rule {
	enum holiday_kind kind;
	int year, month, day, nth, weekday, days;
	int from, until, every;
	int except[HOLIDAY_EXCEPT_LIMIT];
	size_t except_count;
	/* By the weekday that it falls on; 0: it stays. */
	int moved[7], also[7];
	char *name;
};

struct holiday_list {
	struct holiday_rule *rules;
	size_t count;
};

/* ---- reading ---- */

/* The words of one line, and where the reading is. */
struct words {
	const char *at;
	char word[WORD_LIMIT_BYTES + 1]; /* "" behind the last */
	struct err *err;
};

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == ',' || c == '\r';
}

static void
next_word(struct words *words)
{
	size_t length = 0;

	while (is_blank(*words->at))
		words->at++;
	while (words->at[length] != '\0' && !is_blank(words->at[length]))
		length++;
	/* One that is too long is none that is known either. */
	(void)snprintf(words->word, sizeof(words->word), "%.*s",
		(int)(length <= WORD_LIMIT_BYTES ? length : WORD_LIMIT_BYTES),
		words->at);
	words->at += length;
}

static bool
is_word(struct words *words, const char *word)
{
	return strcmp(words->word, word) == 0;
}

static bool
refuse(struct words *words, const char *expected)
{
	return err_set(
		words->err, "found \"%s\", expected %s", words->word, expected);
}

/* A number of exactly so many digits. */
static bool
read_digits(const char **at, int count, int *out)
{
	*out = 0;
	for (int i = 0; i < count; i++, (*at)++) {
		if (**at < '0' || **at > '9')
			return false;
		*out = *out * 10 + (**at - '0');
	}
	return true;
}

/* "06-20" to the end of the word. */
static bool
read_month_day(const char *at, int *month, int *day)
{
	struct civil civil = {.year = 2000}; /* a leap year */

	if (!read_digits(&at, 2, month) || *at++ != '-' ||
		!read_digits(&at, 2, day) || *at != '\0')
		return false;
	civil.month = *month;
	civil.day = *day;
	return civil_check(&civil, NULL);
}

static bool
read_date(struct words *words, struct holiday_rule *rule)
{
	const char *at = words->word;
	struct civil civil = {0};

	if (strlen(at) == 5 && read_month_day(at, &rule->month, &rule->day)) {
		rule->kind = HOLIDAY_DATE;
		return true;
	}
	rule->kind = HOLIDAY_ONCE;
	if (!read_digits(&at, 4, &rule->year) || *at++ != '-' ||
		!read_month_day(at, &rule->month, &rule->day))
		return refuse(words, "a day such as 12-25 or 2026-12-24");
	civil.year = rule->year;
	civil.month = rule->month;
	civil.day = rule->day;
	return (rule->year >= YEAR_LOW && civil_check(&civil, NULL)) ||
	       refuse(words, "a day that there is");
}

/* "+2" or "-1" to the end. */
static bool
read_shift(const char *text, int *days)
{
	int64_t number;

	if ((*text != '+' && *text != '-') ||
		!text_to_integer(
			text + 1, 0, HOLIDAY_SHIFT_LIMIT_DAYS, &number))
		return false;
	*days = *text == '-' ? -(int)number : (int)number;
	return true;
}

static bool
read_easter(struct words *words, struct holiday_rule *rule)
{
	const char *shift = words->word + strlen("easter");

	rule->kind = HOLIDAY_EASTER;
	return *shift == '\0' || read_shift(shift, &rule->days) ||
	       refuse(words, "easter, easter+1, easter-2, ...");
}

static int
index_of(const char *word, const char *const *words)
{
	for (int i = 0; words[i] != NULL; i++)
		if (strcmp(word, words[i]) == 0)
			return i;
	return -1;
}

/* "first mon in may": the number has been read. */
static bool
read_nth(struct words *words, struct holiday_rule *rule)
{
	static const char *const months[] = {"jan", "feb", "mar", "apr", "may",
		"jun", "jul", "aug", "sep", "oct", "nov", "dec", NULL};

	rule->kind = HOLIDAY_NTH;
	next_word(words);
	rule->weekday = weekday_from_text(words->word);
	if (rule->weekday < 0)
		return refuse(words, "a weekday: mon, tue, ... sun");
	next_word(words);
	if (!is_word(words, "in"))
		return refuse(words, "in, as in \"first mon in may\"");
	next_word(words);
	rule->month = index_of(words->word, months) + 1;
	return rule->month > 0 || refuse(words, "a month: jan, feb, ... dec");
}

/* "sat on-or-after 06-20": the weekday has been read. */
static bool
read_near(struct words *words, struct holiday_rule *rule)
{
	next_word(words);
	if (is_word(words, "on-or-after"))
		rule->kind = HOLIDAY_AFTER;
	else if (is_word(words, "on-or-before"))
		rule->kind = HOLIDAY_BEFORE;
	else
		return refuse(words, "on-or-after or on-or-before");
	next_word(words);
	return read_month_day(words->word, &rule->month, &rule->day) ||
	       refuse(words, "a day such as 06-20");
}

static bool
read_day(struct words *words, struct holiday_rule *rule)
{
	static const char *const nths[] = {
		"last", "first", "second", "third", "fourth", NULL};
	int nth;

	next_word(words);
	nth = index_of(words->word, nths);
	if (nth >= 0) {
		rule->nth = nth == 0 ? -1 : nth;
		return read_nth(words, rule);
	}
	if (text_starts(words->word, "easter"))
		return read_easter(words, rule);
	rule->weekday = weekday_from_text(words->word);
	return rule->weekday >= 0 ? read_near(words, rule)
				  : read_date(words, rule);
}

/* "sun -1" */
static bool
read_if(struct words *words, int shifts[7])
{
	int weekday;

	next_word(words);
	weekday = weekday_from_text(words->word);
	if (weekday < 0)
		return refuse(words, "a weekday: mon, tue, ... sun");
	next_word(words);
	return read_shift(words->word, &shifts[weekday]) ||
	       refuse(words, "days to move by, such as +1 or -1");
}

static bool
read_year(struct words *words, int *year)
{
	int64_t number;

	next_word(words);
	if (!text_to_integer(words->word, YEAR_LOW, YEAR_HIGH, &number))
		return refuse(words, "a year");
	*year = (int)number;
	return true;
}

static bool
read_every(struct words *words, struct holiday_rule *rule)
{
	int64_t number;

	next_word(words);
	if (!text_to_integer(words->word, 1, 1000, &number))
		return refuse(words, "a number of years, as in \"every 5\"");
	rule->every = (int)number;
	return true;
}

static bool
read_except(struct words *words, struct holiday_rule *rule)
{
	if (rule->except_count == HOLIDAY_EXCEPT_LIMIT)
		return err_set(words->err, "at most %d years of except",
			HOLIDAY_EXCEPT_LIMIT);
	return read_year(words, &rule->except[rule->except_count++]);
}

static bool
read_condition(struct words *words, struct holiday_rule *rule)
{
	if (is_word(words, "if"))
		return read_if(words, rule->moved);
	if (is_word(words, "from"))
		return read_year(words, &rule->from);
	if (is_word(words, "until"))
		return read_year(words, &rule->until);
	if (is_word(words, "every"))
		return read_every(words, rule);
	if (is_word(words, "except"))
		return read_except(words, rule);
	if (!is_word(words, "also"))
		return refuse(words,
			"if, also if, from, until, every, except, or a colon "
			"and a name");
	next_word(words);
	return is_word(words, "if") ? read_if(words, rule->also)
				    : refuse(words, "if, as in also if sat +2");
}

/* A line that is not empty; it is cut up. */
static bool
read_rule(char *line, struct holiday_rule *rule, struct err *err)
{
	char *name = strchr(line, ':');
	struct words words = {line, "", err};

	*rule = (struct holiday_rule){.until = YEAR_HIGH, .every = 1};
	if (name != NULL)
		*name++ = '\0';
	if (!read_day(&words, rule))
		return false;
	for (next_word(&words); *words.word != '\0'; next_word(&words))
		if (!read_condition(&words, rule))
			return false;
	struct text trimmed = text_trim(text_of(name));

	rule->name =
		mem_copy(trimmed.length ? trimmed.data : "", trimmed.length);
	return true;
}

static bool
read_line(struct holiday_list *list, struct text line, struct err *err)
{
	const char *comment = memchr(line.data, '#', line.length);
	char copy[HOLIDAY_LINE_LIMIT_BYTES + 1];
	struct holiday_rule rule;

	if (comment != NULL)
		line.length = (size_t)(comment - line.data);
	line = text_trim(line);
	if (line.length == 0)
		return true;
	if (line.length > HOLIDAY_LINE_LIMIT_BYTES)
		return err_set(err, "the line is longer than %d bytes",
			HOLIDAY_LINE_LIMIT_BYTES);
	if (list->count == HOLIDAY_RULES_LIMIT)
		return err_set(err, "there are more than %d rules",
			HOLIDAY_RULES_LIMIT);
	if (!text_is_utf8(line.data, line.length, NULL) ||
		memchr(line.data, '\0', line.length) != NULL)
		return err_set(err, "the line is no UTF-8 text");
	memcpy(copy, line.data, line.length);
	copy[line.length] = '\0';
	if (!read_rule(copy, &rule, err))
		return false;
	list->rules =
		mem_grow(list->rules, list->count + 1, sizeof(*list->rules));
	list->rules[list->count++] = rule;
	return true;
}

struct holiday_list *
holiday_list_read(const char *data, size_t length, struct err *err)
{
	struct holiday_list *list = mem_new(1, sizeof(*list));
	const char *at = data, *end = data + length;

	for (int number = 1; at < end; number++) {
		const char *next = memchr(at, '\n', (size_t)(end - at));
		struct text line = {
			at, (size_t)((next != NULL ? next : end) - at)};

		if (!read_line(list, line, err)) {
			err_prefix(err, "line %d", number);
			holiday_list_free(list);
			return NULL;
		}
		at = next != NULL ? next + 1 : end;
	}
	return list;
}

void
holiday_list_free(struct holiday_list *list)
{
	if (list == NULL)
		return;
	for (size_t i = 0; i < list->count; i++)
		free(list->rules[i].name);
	free(list->rules);
	free(list);
}

/* ---- days ---- */

static int
day_number(int year, int month, int day)
{
	return (int)(civil_to_utc_ms(
			     (struct civil){year, month, day, 0, 0, 0}) /
		     MS_PER_DAY);
}

/* Easter Sunday of the Gregorian calendar, by the algorithm of Meeus, Jones
 * and Butcher (J. Meeus, Astronomical Algorithms, chapter 8). */
static int
easter(int year)
{
	int a = year % 19, b = year / 100, c = year % 100;
	int d = b / 4, e = b % 4, f = (b + 8) / 25;
	int g = (b - f + 1) / 3, h = (19 * a + b - d - g + 15) % 30;
	int i = c / 4, k = c % 4, l = (32 + 2 * e + 2 * i - h - k) % 7;
	int m = (a + 11 * h + 22 * l) / 451, n = h + l - 7 * m + 114;

	return day_number(year, n / 31, n % 31 + 1);
}

static int
nth_weekday(const struct holiday_rule *rule, int year)
{
	int first = day_number(year, rule->month, 1);
	int last = day_number(year, rule->month + 1, 1) - 1;

	if (rule->nth < 0)
		return last - (weekday_of_day(last) - rule->weekday + 7) % 7;
	return first + (rule->weekday - weekday_of_day(first) + 7) % 7 +
	       7 * (rule->nth - 1);
}

static bool
is_in_force(const struct holiday_rule *rule, int year)
{
	struct civil civil = {year, rule->month, rule->day, 0, 0, 0};

	if (year < rule->from || year > rule->until || year % rule->every != 0)
		return false;
	for (size_t i = 0; i < rule->except_count; i++)
		if (rule->except[i] == year)
			return false;
	if (rule->kind == HOLIDAY_ONCE)
		return rule->year == year;
	return rule->kind == HOLIDAY_EASTER || rule->kind == HOLIDAY_NTH ||
	       civil_check(&civil, NULL); /* 29 February */
}

static int
day_of(const struct holiday_rule *rule, int year)
{
	int day;

	switch (rule->kind) {
	case HOLIDAY_EASTER:
		return easter(year) + rule->days;
	case HOLIDAY_NTH:
		return nth_weekday(rule, year);
	case HOLIDAY_AFTER:
		day = day_number(year, rule->month, rule->day);
		return day + (rule->weekday - weekday_of_day(day) + 7) % 7;
	case HOLIDAY_BEFORE:
		day = day_number(year, rule->month, rule->day);
		return day - (weekday_of_day(day) - rule->weekday + 7) % 7;
	case HOLIDAY_DATE:
	case HOLIDAY_ONCE:
		break;
	}
	return day_number(year, rule->month, rule->day);
}

void
holiday_list_year(const struct holiday_list *list, int year,
	void (*on_day)(int day, const char *name, void *context), void *context)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct holiday_rule *rule = &list->rules[i];
		int day, weekday;

		if (!is_in_force(rule, year))
			continue;
		day = day_of(rule, year);
		weekday = weekday_of_day(day);
		on_day(day + rule->moved[weekday], rule->name, context);
		if (rule->also[weekday] != 0)
			on_day(day + rule->also[weekday], rule->name, context);
	}
}
