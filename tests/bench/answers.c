/* answers - made-up answers that look like real ones. */
#include "answers.h"

#include <inttypes.h>
#include <stddef.h>
#include <string.h>

enum { SPREAD_SECONDS = 30 * 24 * 3600, DETRACTORS = 25, PASSIVES = 35 };

static const char *const unhappy[] = {
	"Drie weken gewacht op een antwoord en toen was het het verkeerde.",
	"Nobody called me back although I was promised a call twice.",
	"Die Lieferung kam zu spät und die Hotline war überlastet.",
	"Le prix a augmenté de 20 % sans prévenir, très déçu.",
	"Ordren ble borte, og ingen visste hvor den var. Skuffende service!",
	"配送が遅れて、連絡もありませんでした。",
	"I explained my problem to \\\"four\\\" people;\\nnone wrote it down.",
};

static const char *const content[] = {
	"Prima.",
	"Good product, the manual could be shorter.",
	"Alles in Ordnung, gerne wieder. Schöne Grüße aus Köln!",
	"Très bon accueil, conseil clair et rapide à l’agence.",
	"Rask levering og hyggelig kontakt, tusen takk 👍",
	"とても満足しています。",
	"",
};

static const char *const languages[] = {
	"nl", "en", "de", "fr", "nb", "ja", "en"};
static const char *const regions[] = {"NL", "BE", "DE", "FR", "NO", "JP"};
static const char *const departments[] = {
	"claims", "sales", "support", "billing", "delivery"};
static const char *const channels[] = {"email", "web", "phone", "kiosk"};
static const char *const steps[] = {
	"purchase", "delivery", "renewal", "support", "onboarding"};

#define LENGTH(list) (sizeof(list) / sizeof((list)[0]))
#define PICK(list, bits) ((list)[(bits) % LENGTH(list)])

/* The mixing step of SplitMix64 (Steele, Lea, Flood 2014). */
static uint64_t
mixed(uint64_t x)
{
	x += UINT64_C(0x9E3779B97F4A7C15);
	x = (x ^ (x >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
	x = (x ^ (x >> 27)) * UINT64_C(0x94D049BB133111EB);
	return x ^ (x >> 31);
}

static uint64_t
bits_of(const struct answers *answers, int64_t n)
{
	return mixed(mixed(answers->seed) ^ (uint64_t)n);
}

static int
score_of(uint64_t bits)
{
	int percent = (int)(bits % 100);
	int within = (int)(bits / 100 % 7);

	if (percent < DETRACTORS)
		return within;
	if (percent < DETRACTORS + PASSIVES)
		return 7 + within % 2;
	return 9 + within % 2;
}

static void
write_time(const struct answers *answers, int64_t n, struct buf *out)
{
	int64_t left = answers->count > n ? answers->count - n : 0;
	time_t at = answers->last;
	struct tm parts;
	char text[40];

	if (answers->count > 0)
		at -= (time_t)(left * SPREAD_SECONDS / answers->count);
	gmtime_r(&at, &parts);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &parts);
	buf_printf(out, ",\"answered_at\":\"%s\"", text);
}

static void
write_people(uint64_t bits, struct buf *out)
{
	unsigned customer = (unsigned)(bits % 50000);
	unsigned account = customer % 4000;

	buf_printf(out,
		",\"customer\":{\"id\":\"c-%u\",\"name\":\"Zoë Müller-%u\","
		"\"email\":\"zoe.%u@example.com\"}",
		customer, customer, customer);
	buf_printf(out,
		",\"account\":{\"id\":\"a-%u\",\"name\":\"Acme %u\","
		"\"value\":%u}",
		account, account, account * 10);
}

bool
answer_write(const struct answers *answers, int64_t n, struct buf *out)
{
	uint64_t bits = bits_of(answers, n);
	uint64_t more = mixed(bits);
	int score = score_of(bits);
	size_t voice = more % LENGTH(unhappy);

	_Static_assert(LENGTH(unhappy) == LENGTH(languages) &&
			       LENGTH(content) == LENGTH(languages),
		"each comment has its language");
	buf_printf(out,
		"{\"id\":\"" ANSWER_ID_PREFIX "%010" PRId64
		"\",\"survey\":\"relationship\",\"score\":%d",
		n, score);
	buf_printf(out, ",\"comment\":\"%s\",\"language\":\"%s\"",
		(score < 7 ? unhappy : content)[voice], languages[voice]);
	write_time(answers, n, out);
	write_people(more >> 8, out);
	buf_printf(out,
		",\"segment\":{\"region\":\"%s\",\"department\":\"%s\","
		"\"agent\":\"agent-%02u\",\"channel\":\"%s\","
		"\"journey_step\":\"%s\"}}",
		PICK(regions, more >> 20), PICK(departments, more >> 28),
		(unsigned)(more >> 36) % 40, PICK(channels, more >> 44),
		PICK(steps, more >> 52));
	return score < 7;
}

int64_t
answer_detractors(const struct answers *answers, int64_t first, int64_t end)
{
	int64_t count = 0;

	for (int64_t n = first; n < end; n++)
		count += score_of(bits_of(answers, n)) < 7;
	return count;
}

int64_t
answer_number_in(const char *text, size_t length)
{
	size_t prefix = strlen(ANSWER_ID_PREFIX);
	const char *at = memmem(text, length, ANSWER_ID_PREFIX, prefix);
	int64_t number = 0;

	if (at == NULL ||
		(size_t)(text + length - at) < prefix + ANSWER_ID_DIGITS)
		return -1;
	at += prefix;
	for (int i = 0; i < ANSWER_ID_DIGITS; i++) {
		if (at[i] < '0' || at[i] > '9')
			return -1;
		number = number * 10 + (at[i] - '0');
	}
	return number;
}
