/* Whose an answer is, and which texts name somebody. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nps/person.h"
#include "nps/response.h"

TestSuite(person);

static struct person
person_of(const char *who)
{
	struct person person = {.words = NULL};

	person_add(&person, PERSON_ASKED, who, NULL);
	person_add(&person, PERSON_EMAIL, who, NULL);
	person_add(&person, PERSON_PHONE, who, NULL);
	return person;
}

static struct response *
response_of(const char *text)
{
	const struct response_defaults defaults = {
		.survey = "s", .contact_ok = true, .now_ms = 1000};
	struct rejection why;
	struct response *response =
		response_decode(text, strlen(text), &defaults, &why);

	cr_assert_not_null(response, "%s: %s", text, why.text);
	return response;
}

Test(person, owns_answers_by_key_address_and_number)
{
	static const struct {
		const char *who, *answer;
		bool owns;
	} rows[] = {
		{"anna@example.com",
			"{\"score\":1,\"customer\":{\"id\":\"c\","
			"\"email\":\"Anna@Example.com\"}}",
			true},
		{"ANNA@example.com",
			"{\"score\":1,\"customer\":{\"email\":"
			"\"anna@example.com\"}}",
			true},
		{"anna@example.com",
			"{\"score\":1,\"customer\":{\"email\":"
			"\"joanna@example.com\"}}",
			false},
		{"anna@example.com",
			"{\"score\":1,\"comment\":"
			"\"anna@example.com\"}",
			false},
		{"c-77", "{\"score\":1,\"customer\":{\"id\":\"c-77\"}}", true},
		{"c-7", "{\"score\":1,\"customer\":{\"id\":\"c-77\"}}", false},
		{"+31 20 123-4567",
			"{\"score\":1,\"customer\":{\"phone\":"
			"\"+31201234567\"}}",
			true},
		{"+31 20 123-4568",
			"{\"score\":1,\"customer\":{\"phone\":"
			"\"+31201234567\"}}",
			false},
		{"anna@example.com", "{\"score\":1}", false},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct person person = person_of(rows[i].who);
		struct response *response = response_of(rows[i].answer);

		cr_assert_eq(person_owns(&person, response->customer,
				     response->record),
			rows[i].owns, "%zu: %s, %s", i, rows[i].who,
			rows[i].answer);
		response_free(response);
		person_done(&person);
	}
}

Test(person, learns_keys_and_addresses_of_what_it_owns)
{
	struct person person = person_of("anna@example.com");
	struct response *first = response_of(
		"{\"score\":1,\"customer\":{\"id\":\"c-77\",\"email\":"
		"\"Anna@Example.com\",\"phone\":\"+31201234567\"}}");
	struct response *by_key = response_of(
		"{\"score\":1,\"customer\":{\"id\":\"c-77\",\"email\":"
		"\"a.other@example.net\"}}");
	struct response *by_address = response_of(
		"{\"score\":1,\"customer\":{\"email\":\"A.Other@example.net\"}"
		"}");
	struct response *shares = response_of(
		"{\"score\":1,\"customer\":{\"id\":\"c-78\",\"email\":"
		"\"a.other@example.net\"}}");
	const char *mark;

	cr_assert(person_owns(&person, first->customer, first->record), "hers");
	cr_assert_not(person_owns(&person, by_key->customer, by_key->record),
		"not known yet");
	cr_assert(person_learn(&person, first->customer, first->record), "new");
	cr_assert_not(person_learn(&person, first->customer, first->record),
		"nothing new");
	cr_assert(
		person_owns(&person, by_key->customer, by_key->record), "key");
	cr_assert(
		person_learn(&person, by_key->customer, by_key->record), "new");
	cr_assert(person_owns(&person, by_address->customer, NULL), "address");
	/* One who has a key of their own is somebody else. */
	cr_assert_not(person_owns(&person, shares->customer, shares->record),
		"another customer");
	mark = person_mark(&person, "c-77");
	cr_assert(mark != NULL && strlen(mark) == UUID_TEXT_BYTES - 1, "mark");
	cr_assert_str_neq(
		mark, person_mark(&person, "a.other@example.net"), "one each");
	cr_assert_null(person_mark(&person, "c-78"), "none");
	response_free(first);
	response_free(by_key);
	response_free(by_address);
	response_free(shares);
	person_done(&person);
}

Test(person, is_named_by_words_of_their_own)
{
	static const struct {
		const char *who, *text;
		bool named;
	} rows[] = {
		{"anna@example.com", "write to anna@example.com.", true},
		{"anna@example.com", "<ANNA@example.com>", true},
		{"anna@example.com", "{\"a\":\"x\\nanna@example.com\"}", true},
		{"anna@example.com", "to=anna%40example.com&x", true},
		{"anna@example.com", "%20anna%40example.com", true},
		{"anna@example.com", "anna\\u0040example.com", true},
		{"anna@example.com", "joanna@example.com", false},
		{"anna@example.com", "jo.anna@example.com", false},
		{"anna@example.com", "anna@example.com.au", false},
		{"anna@example.com", "anna@example.community", false},
		{"anna@example.com", "anna@example.co", false},
		{"anna@example.com", "", false},
		{"+31201234567", "call +31201234567!", true},
		{"+31201234567", "call +312012345678", false},
		{"c-77", "c-77", false}, /* too short to be told */
		{"customer-77", "of customer-77, today", true},
		{"customer-77", "of customer-778", false},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct person person = person_of(rows[i].who);

		cr_assert_eq(person_is_named(&person, rows[i].text,
				     strlen(rows[i].text)),
			rows[i].named, "%zu: %s in %s", i, rows[i].who,
			rows[i].text);
		person_done(&person);
	}
}

Test(person, is_counted_in_bytes)
{
	struct person person = person_of("anna@example.com");
	static const char bytes[] = "\0xanna@example.comy\0anna@example.com";

	cr_assert_eq(person_count_in(
			     &person, bytes, sizeof(bytes) - 1, sizeof(bytes)),
		2, "both");
	cr_assert_eq(person_count_in(&person, bytes, sizeof(bytes) - 1, 5), 1,
		"what begins before");
	cr_assert_eq(person_count_in(&person, bytes, 10, 10), 0, "cut");
	cr_assert_eq(person_longest(&person), 16, "its length");
	for (int i = 0; i < 2 * PERSON_WORDS_LIMIT; i++) {
		char key[20];

		snprintf(key, sizeof(key), "key %d", i);
		person_add(&person, PERSON_KEY, key, NULL);
	}
	cr_assert_eq(person.count, PERSON_WORDS_LIMIT, "not without end");
	cr_assert(person.full, "and it says so");
	person_done(&person);
}

/* JSON writes some signs otherwise. */
Test(person, may_stand_in_whatever_can_be_hers)
{
	static const struct {
		const char *who, *text;
		bool may;
	} rows[] = {
		{"anna@example.com", "{\"email\":\"Anna@example.com\"}", true},
		{"anna@example.com", "{\"email\":\"berta@example.com\"}",
			false},
		{"\"an na\"@example.com",
			"{\"email\":\"\\\"an na\\\"@example.com\"}", true},
		{"a\\b", "{\"id\":\"a\\\\b\"}", true},
		{"+31 20 1234567", "{\"phone\":\"0031\"}", true},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct person person = person_of(rows[i].who);

		cr_assert_eq(person_may_stand_in(&person, rows[i].text,
				     strlen(rows[i].text)),
			rows[i].may, "%s in %s", rows[i].who, rows[i].text);
		person_done(&person);
	}
}
