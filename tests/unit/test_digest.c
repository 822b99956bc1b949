/* Hashes and base64 against published vectors. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "crypt/digest.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define BYTES(literal) literal, sizeof(literal) - 1

TestSuite(digest);

static const char *
hex(const uint8_t bytes[SHA256_BYTES])
{
	static char text[SHA256_HEX_BYTES];

	digest_hex(bytes, SHA256_BYTES, text);
	return text;
}

/* FIPS 180-4's examples. */
Test(digest, sha256)
{
	static const struct {
		const char *data, *hex;
	} rows[] = {
		{"", "e3b0c44298fc1c149afbf4c8996fb924"
		     "27ae41e4649b934ca495991b7852b855"},
		{"abc", "ba7816bf8f01cfea414140de5dae2223"
			"b00361a396177a9cb410ff61f20015ad"},
		{"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
			"248d6a61d20638b8e5c026930c3e6039"
			"a33ce45964ff2167f6ecedd419db06c1"},
	};
	uint8_t bytes[SHA256_BYTES];

	for (size_t i = 0; i < COUNT(rows); i++) {
		size_t length = strlen(rows[i].data);

		digest_sha256(rows[i].data, length, bytes);
		cr_assert_str_eq(hex(bytes), rows[i].hex, "row %zu", i);
		/* The same in two parts, wherever they are cut. */
		for (size_t cut = 0; cut <= length; cut++) {
			struct digest *digest = digest_new();

			digest_add(digest, rows[i].data, cut);
			digest_add(digest, rows[i].data + cut, length - cut);
			digest_end(digest, bytes);
			cr_assert_str_eq(hex(bytes), rows[i].hex,
				"row %zu cut at %zu", i, cut);
		}
	}
	digest_sha256(NULL, 0, bytes);
	cr_assert_str_eq(hex(bytes), rows[0].hex, "nothing at all");
}

/* RFC 4231, test cases 1, 2, 3, 6 and 7. */
Test(digest, hmac)
{
	char key_b[20];
	char key_aa[131];
	char data_dd[50];

	memset(key_b, 0x0b, sizeof(key_b));
	memset(key_aa, 0xaa, sizeof(key_aa));
	memset(data_dd, 0xdd, sizeof(data_dd));
	const struct {
		const char *key;
		size_t key_length;
		const char *data;
		size_t length;
		const char *hex;
	} rows[] = {
		{key_b, 20, BYTES("Hi There"),
			"b0344c61d8db38535ca8afceaf0bf12b"
			"881dc200c9833da726e9376c2e32cff7"},
		{"Jefe", 4, BYTES("what do ya want for nothing?"),
			"5bdcc146bf60754e6a042426089575c7"
			"5a003f089d2739839dec58b964ec3843"},
		{key_aa, 20, data_dd, 50,
			"773ea91e36800e46854db8ebd09181a7"
			"2959098b3ef8c122d9635514ced565fe"},
		{key_aa, 131,
			BYTES("Test Using Larger Than Block-Size Key - "
			      "Hash Key First"),
			"60e431591ee0b67f0d8a26aacbf5b77f"
			"8e0bc6213728c5140546040f0ee37f54"},
		{key_aa, 131,
			BYTES("This is a test using a larger than block-size "
			      "key and a larger than block-size data. The key "
			      "needs to be hashed before being used by the "
			      "HMAC algorithm."),
			"9b09ffa71b942fcb27635fbcd5b0e944"
			"bfdc63644f0713938a7f51535c3a35e2"},
		/* an empty key is a key */
		{NULL, 0, BYTES(""),
			"b613679a0814d9ec772f95d778c35fc5"
			"ff1697c493715653c6c712144292c5ad"},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct hmac *hmac = hmac_new(rows[i].key, rows[i].key_length);
		uint8_t bytes[SHA256_BYTES];

		/* Again and again with the one prepared key, also after a
		 * message that was never ended. */
		for (size_t cut = 0; cut <= rows[i].length; cut += 3) {
			hmac_begin(hmac);
			hmac_add(hmac, "never mind", 10);
			hmac_begin(hmac);
			hmac_add(hmac, rows[i].data, cut);
			hmac_add(
				hmac, rows[i].data + cut, rows[i].length - cut);
			hmac_end(hmac, bytes);
			cr_assert_str_eq(hex(bytes), rows[i].hex,
				"row %zu cut at %zu: %s", i, cut, hex(bytes));
		}
		hmac_free(hmac);
	}
	hmac_free(NULL);
}

/* RFC 2202 and RFC 4231, test case 2. */
Test(digest, hmac_of_other_kinds)
{
	static const struct {
		enum digest_kind kind;
		size_t bytes;
		const char *hex;
	} rows[] = {
		{DIGEST_SHA1, 20, "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"},
		{DIGEST_SHA256, 32,
			"5bdcc146bf60754e6a042426089575c7"
			"5a003f089d2739839dec58b964ec3843"},
		{DIGEST_SHA512, 64,
			"164b7a7bfcf819e2e395fbe73b56e0a3"
			"87bd64222e831fd610270cd7ea250554"
			"9758bf75c05a994a6d034f65f8f0e6fd"
			"caeab1a34d4a6b4b636e070a38bce737"},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct hmac *hmac = hmac_new_of(rows[i].kind, "Jefe", 4);
		uint8_t bytes[DIGEST_LIMIT_BYTES];
		char text[2 * DIGEST_LIMIT_BYTES + 1];

		cr_assert_eq(hmac_bytes(hmac), rows[i].bytes, "row %zu", i);
		hmac_begin(hmac);
		hmac_add(hmac, BYTES("what do ya want for nothing?"));
		hmac_end(hmac, bytes);
		digest_hex(bytes, rows[i].bytes, text);
		cr_assert_str_eq(text, rows[i].hex, "row %zu: %s", i, text);
		hmac_free(hmac);
	}
	cr_assert(digest_equal("ab", "ab", 2), "the same");
	cr_assert_not(digest_equal("ab", "ac", 2), "not the same");
	cr_assert(digest_equal("ab", "ac", 1), "as far as asked");
}

Test(digest, base64)
{
	/* RFC 4648 section 10, and bytes that use the whole alphabet. */
	static const struct {
		const char *data;
		size_t length;
		const char *text;
	} rows[] = {
		{BYTES(""), ""},
		{BYTES("f"), "Zg=="},
		{BYTES("fo"), "Zm8="},
		{BYTES("foo"), "Zm9v"},
		{BYTES("foob"), "Zm9vYg=="},
		{BYTES("fooba"), "Zm9vYmE="},
		{BYTES("foobar"), "Zm9vYmFy"},
		{BYTES("\xFB\xFF\xBF\0"), "+/+/AA=="},
	};
	static const char *const bad[] = {"Z", "Zg", "Zg=", "Zg===", "Zh==",
		"Zm9=", "Zm9v=", "=Zg=", "Z===", "====", "Zg==Zg==", "Zm9v\n",
		"Zm 9", "-_-_", "Zm9\xFF", "Zg=A", "Zm8=Zm8="};
	struct buf out = {0};
	struct err err;

	for (size_t i = 0; i < COUNT(rows); i++) {
		buf_clear(&out);
		buf_append_text(&out, "x");
		base64_append(&out, rows[i].data, rows[i].length);
		cr_assert_str_eq(
			out.data + 1, rows[i].text, "row %zu: %s", i, out.data);
		buf_clear(&out);
		cr_assert(base64_decode(rows[i].text, strlen(rows[i].text),
				  &out, &err),
			"row %zu", i);
		cr_assert_eq(out.length, rows[i].length, "row %zu", i);
		cr_assert_eq(memcmp(out.data, rows[i].data, out.length), 0,
			"row %zu", i);
	}
	for (size_t i = 0; i < COUNT(bad); i++) {
		buf_clear(&out);
		buf_append_text(&out, "x");
		cr_assert_not(base64_decode(bad[i], strlen(bad[i]), &out, &err),
			"%s", bad[i]);
		cr_assert_str_eq(out.data, "x", "%s: nothing half", bad[i]);
	}
	cr_assert_not(base64_decode("Zm9\0", 4, &out, &err), "NUL");
	buf_done(&out);
}

Test(digest, base64_there_and_back)
{
	struct buf text = {0};
	struct buf back = {0};
	char bytes[200];

	for (size_t length = 0; length <= sizeof(bytes); length++) {
		random_bytes(bytes, length);
		buf_clear(&text);
		buf_clear(&back);
		base64_append(&text, bytes, length);
		cr_assert(base64_decode(text.data ? text.data : "", text.length,
				  &back, NULL),
			"%zu bytes", length);
		cr_assert_eq(back.length, length, "%zu bytes", length);
		cr_assert(!length || !memcmp(back.data, bytes, length),
			"%zu bytes", length);
	}
	buf_done(&text);
	buf_done(&back);
}

Test(digest, random_and_secrets)
{
	static const struct {
		const char *a, *b;
		bool equal;
	} rows[] = {
		{"", "", true},
		{"secret", "secret", true},
		{"secret", "secreT", false},
		{"Secret", "secret", false},
		{"secret", "secret ", false},
		{"", "secret", false},
	};
	size_t big = (1 << 20) + 100;
	uint8_t *bytes = calloc(big, 1);
	unsigned seen[256] = {0};

	for (size_t i = 0; i < COUNT(rows); i++)
		cr_assert_eq(secret_equal(rows[i].a, strlen(rows[i].a),
				     rows[i].b, strlen(rows[i].b)),
			rows[i].equal, "row %zu", i);
	cr_assert(secret_equal("a\0b", 3, "a\0b", 3), "NUL is a byte");
	cr_assert_not(secret_equal("a\0b", 3, "a\0c", 3), "and no end");

	/* All of it is filled, past the piece that goes at once too. */
	random_bytes(bytes, big);
	for (size_t i = 0; i < big; i++)
		seen[bytes[i]]++;
	for (size_t i = 0; i < 256; i++)
		cr_assert(seen[i] > 3000 && seen[i] < 5500, "byte %zu: %u", i,
			seen[i]);
	bool filled = false;

	for (size_t i = big - 100; i < big; i++)
		filled = filled || bytes[i];
	cr_assert(filled, "the rest");
	free(bytes);
}
