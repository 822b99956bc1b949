/* An array as lines, cut at every byte. */
#include <criterion/criterion.h>
#include <string.h>

#include "top/json_elements.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

TestSuite(json_elements);

Test(json_elements, arrays_and_values)
{
	static const char *const rows[][2] = {
		{"[]", ""},
		{" [ ] ", ""},
		{"[1,2]", "1\n2\n"},
		{"\xEF\xBB\xBF[{\"a\":[1,2]},\n{\"b\":\"x\"}]\n",
			"{\"a\":[1,2]}\n{\"b\":\"x\"}\n"},
		{"[{\n\"a\":\r\n1}]", "{ \"a\":  1}\n"},
		{"[\"]\\\",[\",3]", "\"]\\\",[\"\n3\n"},
		{"{\"a\":\n1}\n{\"b\":2}", "{\"a\": 1}\n{\"b\":2}\n"},
		/* what is no JSON comes to nobody's harm */
		{"[{\"a\":1", "{\"a\":1\n"},
		{"[\"a\nb\"]", "\"a\x01"
			       "b\"\n"},
		{"[1]]2", "1\n2\n"},
		{"", ""},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct json_elements elements = {0};
		struct buf out = {0};

		for (const char *c = rows[i][0]; *c != '\0'; c++)
			json_elements_add(&elements, c, 1, &out);
		json_elements_end(&elements, &out);
		buf_append_text(&out, "");
		cr_assert_str_eq(
			out.data, rows[i][1], "row %zu: %s", i, out.data);
		buf_done(&out);
	}
}
