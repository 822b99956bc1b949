/* Growing runs of bytes and the allocation below them. */
#include <criterion/criterion.h>
#include <jansson.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json_memory.h"
#include "base/memory.h"

TestSuite(buf);

Test(buf, grows_and_stays_a_string)
{
	struct buf buf = {0};

	for (int i = 0; i < 1000; i++) {
		buf_append_char(&buf, (char)('a' + i % 26));
		cr_assert_eq(buf.data[buf.length], '\0', "NUL after %d", i);
	}
	cr_assert_eq(buf.length, 1000, "all bytes");
	for (int i = 0; i < 1000; i++)
		cr_assert_eq(buf.data[i], 'a' + i % 26, "byte %d", i);
	buf_append(&buf, "\0x", 2);
	cr_assert_eq(buf.length, 1002, "a NUL is a byte like any other");
	buf_append(&buf, NULL, 0);
	cr_assert_eq(buf.length, 1002, "nothing is appended");
	buf_done(&buf);
	cr_assert_null(buf.data, "empty again");
	buf_append_text(&buf, "again");
	cr_assert_str_eq(buf.data, "again", "usable after done");
	buf_done(&buf);
}

Test(buf, prints_short_and_long)
{
	struct buf buf = {0};
	char longer[5000];

	memset(longer, 'y', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	buf_printf(&buf, "%d-", 7);
	buf_printf(&buf, "%s", "");
	buf_printf(&buf, "%s", longer);
	cr_assert_eq(buf.length, 2 + strlen(longer), "length");
	cr_assert_str_eq(buf.data + 2, longer, "text");
	/* Every length around the first capacity. */
	for (int width = 55; width < 70; width++) {
		buf_done(&buf);
		buf_printf(&buf, "%*d", width, 1);
		cr_assert_eq(buf.length, (size_t)width, "width %d", width);
		cr_assert_eq(buf.data[width - 1], '1', "width %d", width);
	}
	buf_done(&buf);
}

Test(buf, consumes_clears_and_hands_over)
{
	struct buf buf = {0};

	buf_consume(&buf, 5);
	buf_clear(&buf);
	cr_assert_eq(buf.length, 0, "still empty");
	buf_append_text(&buf, "one two");
	buf_consume(&buf, 4);
	cr_assert_str_eq(buf.data, "two", "moved up");
	buf_consume(&buf, 100);
	cr_assert_str_eq(buf.data, "", "not past the end");
	buf_append_text(&buf, "three");
	buf_clear(&buf);
	cr_assert_str_eq(buf.data, "", "cleared");
	cr_assert_gt(buf.capacity, 0, "memory kept");
	buf_append_text(&buf, "four");
	char *taken = buf_take(&buf);

	cr_assert_str_eq(taken, "four", "taken");
	cr_assert_null(buf.data, "handed over");
	free(taken);
	taken = buf_take(&buf);
	cr_assert_str_eq(taken, "", "an empty buffer gives an empty string");
	free(taken);
}

Test(buf, memory_copies)
{
	char *copy = mem_copy("a\0b", 3);

	cr_assert_eq(memcmp(copy, "a\0b", 4), 0, "bytes and a NUL");
	free(copy);
	copy = mem_strdup("text");
	cr_assert_str_eq(copy, "text", "strdup");
	free(copy);
	cr_assert_null(mem_strdup(NULL), "NULL stays NULL");
	copy = mem_printf("%s=%d", "a", 1);
	cr_assert_str_eq(copy, "a=1", "printf");
	free(copy);
	int *numbers = mem_new(4, sizeof(*numbers));

	for (int i = 0; i < 4; i++)
		cr_assert_eq(numbers[i], 0, "zeroed");
	numbers[3] = 9;
	numbers = mem_grow(numbers, 400, sizeof(*numbers));
	cr_assert_eq(numbers[3], 9, "kept");
	free(numbers);
	free(mem_new(0, 8)); /* and none of them is NULL */
	free(mem_grow(NULL, 0, 8));
}

Test(buf, too_much_ends_the_process, .signal = SIGABRT)
{
	free(mem_grow(NULL, SIZE_MAX / 2, 4));
}

Test(buf, jansson_allocates_through_us)
{
	json_malloc_t allocate;
	json_free_t release;

	json_memory_init();
	json_get_alloc_funcs(&allocate, &release);
	cr_assert_neq(allocate, malloc, "not plain malloc");
	json_t *value = json_pack("{s:i}", "score", 6);

	cr_assert_eq(json_integer_value(json_object_get(value, "score")), 6,
		"works");
	json_decref(value);
}
