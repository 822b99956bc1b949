/* Signatures: the standard's own example, keys of all kinds. */
#include <criterion/criterion.h>
#include <string.h>

#include "action/webhook_sign.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define SECRET "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

TestSuite(webhook_sign);

Test(webhook_sign, signatures)
{
	/* The first row is an example of the standard's public libraries, the
	 * others were computed with openssl dgst -hmac. */
	static const struct {
		const char *secret, *next, *id;
		int64_t time;
		const char *body, *expected;
	} rows[] = {
		{SECRET, NULL, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330,
			"{\"test\": 2432232314}",
			"v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="},
		{"plain words as a key, long", NULL, "a", 1, "",
			"v1,P9r8szDBuoqlZSOVsnFDQ/p5dEstT/LehPWu5bFpvkc="},
		{"plain words as a key, long", SECRET,
			"msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330,
			"{\"test\": 2432232314}",
			"v1,515hSLv64n08jbAVqCPux9oX2/zdZ86qapRfvN4RclU= "
			"v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct err err = {""};
		struct buf out = {0};
		const char *secrets[] = {rows[i].secret, rows[i].next};
		struct webhook_sign *sign = webhook_sign_open(
			secrets, rows[i].next != NULL ? 2 : 1, &err);

		cr_assert_not_null(sign, "%s", err.text);
		/* twice: nothing of one message is left in the next */
		for (int round = 0; round < 2; round++) {
			buf_clear(&out);
			webhook_sign_append(sign, &out, rows[i].id,
				rows[i].time, rows[i].body,
				strlen(rows[i].body));
			cr_assert_str_eq(out.data, rows[i].expected,
				"row %zu: %s", i, out.data);
		}
		buf_done(&out);
		webhook_sign_close(sign);
	}
}

Test(webhook_sign, keys)
{
	static const struct {
		const char *secret;
		const char *key; /* NULL: refused */
	} rows[] = {
		{"whsec_YWJj", "abc"},
		{"abc", "abc"},
		{"WHSEC_YWJj", "WHSEC_YWJj"},
		{"whsec_", NULL},
		{"whsec_YWJ", NULL},
		{"whsec_YW Jj", NULL},
		{"whsec_YWJj\n", NULL},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct err err = {""};
		struct buf key = {0};
		bool good = webhook_key(rows[i].secret, &key, &err);

		cr_assert_eq(good, rows[i].key != NULL, "row %zu", i);
		if (good)
			cr_assert_str_eq(key.data, rows[i].key, "row %zu", i);
		else
			cr_assert_null(strstr(err.text, "YW"),
				"the reason has the secret");
		buf_done(&key);
	}
}

Test(webhook_sign, a_bad_secret_opens_nothing)
{
	struct err err = {""};

	const char *first[] = {"whsec_*"}, *second[] = {"abc", "whsec_*"};

	cr_assert_null(webhook_sign_open(first, 1, &err), "first");
	cr_assert_null(webhook_sign_open(second, 2, &err), "second");
	cr_assert_not_null(strstr(err.text, "base64"), "%s", err.text);
	webhook_sign_close(NULL);
}
