/*
 * test_case - a test of the configuration: an answer at a time, and what is to
 * follow from it.
 *
 *	tests:
 *	  - name: an unhappy customer is called
 *	    at: 2026-11-22T10:00:00Z
 *	    answer: {score: 3, customer: {email: maria@example.com}}
 *	    expect: {category: detractor, rules: [unhappy], actions: [call]}
 */
#ifndef NPSD_TOP_TEST_CASE_H
#define NPSD_TOP_TEST_CASE_H

#include <jansson.h>
#include <stdbool.h>

#include "conf/setting.h"
#include "flow/trial.h"

struct test_file {
	struct setting_items tests;
};
extern const struct setting test_file_settings[];

/*
 * Runs one test. An array of sentences, each a thing that is not as expected;
 * an empty one: it holds. New reference.
 */
json_t *test_case_run(
	const struct setting_item *item, struct trial *trial, int64_t now_ms);

#endif
