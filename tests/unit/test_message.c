/* Messages: templates become jq, files are found by language, values are
 * escaped. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "action/message.h"
#include "action/template.h"
#include "base/json.h"
#include "base/memory.h"
#include "conf_folder.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct conf_folder folder;

static void
init(void)
{
	conf_folder_init(&folder);
	mkdir("a", 0700);
	mkdir("b", 0700);
}

static void
done(void)
{
	conf_folder_done(&folder);
}

TestSuite(message, .init = init, .fini = done);

static struct message *
open_here(const char *name, struct err *err)
{
	static char missing[] = "missing", a[] = "a", b[] = "b";
	char *items[] = {missing, a, b};
	struct setting_texts folders = {3, items};

	*err->text = '\0';

	struct message *message = message_open(name, &folders, err);

	if (message == NULL || message_check(message, err))
		return message;
	message_free(message);
	return NULL;
}

static json_t *
document(const char *text)
{
	struct json_fault fault;
	json_t *value = json_read(text, strlen(text), &fault);

	cr_assert_not_null(value, "%s", text);
	return value;
}

Test(message, templates_become_jq)
{
	static const struct {
		const char *template;
		enum template_form form;
		const char *jq; /* or the start of the reason */
	} rows[] = {
		{"", TEMPLATE_TEXT, "\"\""},
		{"a \"b\" \\ c\\n", TEMPLATE_TEXT,
			"\"a \\\"b\\\" \\\\ c\\\\n\""},
		{"x \\(.a) y", TEMPLATE_TEXT, "\"x \\(.a) y\""},
		{"x \\\\(.a) y", TEMPLATE_TEXT, "\"x \\\\(.a) y\""},
		{"\\(f(\")\"; \"\\(1)\"))!", TEMPLATE_TEXT,
			"\"\\(f(\")\"; \"\\(1)\"))!\""},
		{"\\(.a\n# )\n)\"", TEMPLATE_TEXT, "\"\\(.a\n# )\n)\\\"\""},
		{"<b>\\(.a)</b>", TEMPLATE_HTML, "@html \"<b>\\(.a)</b>\""},
		{"<&\"\\", TEMPLATE_AS_HTML, "@html \"&lt;&amp;&quot;\\\\\""},
		{"see http://a.b/c?d=1&e.", TEMPLATE_AS_HTML,
			"@html \"see <a href=\\\"http://a.b/c?d=1&amp;e\\\">"
			"http://a.b/c?d=1&amp;e</a>.\""},
		/* where it leads would be the value's to say */
		{"https://a.b/\\(.x) ftp://a http://", TEMPLATE_AS_HTML,
			"@html \"https://a.b/\\(.x) ftp://a http://\""},
		{"a\n\nb \\(.x", TEMPLATE_TEXT, "line 3: the bracket"},
		{"\\(.x])", TEMPLATE_TEXT, "line 1: the bracket"},
		{"\\(\"abc)", TEMPLATE_TEXT, "line 1: the bracket"},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buf out = {0};
		struct err err = {""};
		bool good = template_to_jq(
			text_of(rows[i].template), rows[i].form, &out, &err);

		if (good)
			cr_assert_str_eq(out.data, rows[i].jq, "row %zu: %s", i,
				out.data);
		else
			cr_assert_eq(strncmp(err.text, rows[i].jq, 19), 0,
				"row %zu: %s", i, err.text);
		cr_assert_eq(good, strncmp(rows[i].jq, "line", 4) != 0,
			"row %zu", i);
		buf_done(&out);
	}
}

static void
check_write(struct message *message, const char *wanted, const char *alert,
	const char *subject, const char *text, const char *html)
{
	struct message_text out;
	struct err err = {""};
	json_t *value = document(alert);

	cr_assert(message_write(message, wanted, "", value, &out, &err), "%s",
		err.text);
	cr_assert_str_eq(out.subject, subject, "%s", out.subject);
	cr_assert_str_eq(out.text, text, "%s", out.text);
	if (html != NULL)
		cr_assert_not_null(strstr(out.html, html), "%s", out.html);
	message_text_done(&out);
	json_decref(value);
}

Test(message, values_are_filled_in_and_escaped)
{
	struct err err;
	struct message *message;

	conf_folder_write_text("a/m.en.txt",
		"Subject:  \\(.name) \"said\" \\ \r\n\r\n"
		"Hi,\r\n\\(.text)\n\nhttps://us.example/x bye\n");
	conf_folder_write_text("a/h.en.txt", "subject: s\n \t\nt");
	conf_folder_write_text("a/h.en.html", "<p a=\"1\">\\(.text)</p>");

	message = open_here("m", &err);
	cr_assert_not_null(message, "%s", err.text);
	check_write(message, "",
		"{\"name\":\"A\",\"text\":\"\\\"x\\\" \\\\(1)\"}",
		"A \"said\" \\",
		"Hi,\n\"x\" \\(1)\n\nhttps://us.example/x bye\n",
		"<p>Hi,<br>\n&quot;x&quot; \\(1)</p>\n<p><a "
		"href=\"https://us.example/x\">https://us.example/x</a> "
		"bye</p>");
	/* what a customer writes is never markup, nor a link */
	check_write(message, "",
		"{\"name\":\"\",\"text\":\"<img src=x> & "
		"https://evil.example\\n\\nend\"}",
		" \"said\" \\",
		"Hi,\n<img src=x> & https://evil.example\n\nend\n\n"
		"https://us.example/x bye\n",
		"&lt;img src=x&gt; &amp; https://evil.example</p>"
		"\n<p>end</p>");
	message_free(message);

	message = open_here("h", &err);
	cr_assert_not_null(message, "%s", err.text);
	check_write(message, "", "{\"text\":\"<b>\"}", "s", "t",
		"<p a=\"1\">&lt;b&gt;</p>");
	message_free(message);
}

/* As the files were when it was opened: what comes later waits for a reload. A
 * language that is wrong hinders none of the others. */
Test(message, is_made_ready_a_language_at_a_time)
{
	struct message_text out;
	struct err err;
	struct message *message;
	json_t *alert = document("{}");
	char here[] = "a", *items[] = {here};
	struct setting_texts folders = {1, items};

	conf_folder_write_text("a/r.en.txt", "Subject: before\n\n");
	conf_folder_write_text("a/r.nl.txt", "Subject: \\(.x | nothing)\n\n");
	message = message_open("r", &folders, &err);
	cr_assert_not_null(message, "%s", err.text);
	cr_assert_not(message_check(message, &err), "nl is wrong");
	cr_assert_not_null(strstr(err.text, "r.nl.txt"), "%s", err.text);
	conf_folder_write_text("a/r.en.txt", "Subject: after\n\n");
	for (int i = 0; i < 2; i++) {
		cr_assert_not(
			message_write(message, "nl", "", alert, &out, &err),
			"still wrong");
		cr_assert_not_null(strstr(err.text, "nothing"), "%s", err.text);
		cr_assert(message_write(message, "en", "", alert, &out, &err),
			"%s", err.text);
		cr_assert_str_eq(out.subject, "before", "%s", out.subject);
		message_text_done(&out);
	}
	message_free(message);
	json_decref(alert);
}

Test(message, languages)
{
	static const struct {
		const char *wanted, *fallback, *subject;
	} rows[] = {
		{"nl", "", "a-nl"},
		{"NL", "", "a-nl"},
		{"nl-BE", "", "a-nl"},
		{"pt-BR", "", "b-pt-BR"},
		{"pt", "", "a-en"},
		{"", "nl", "a-nl"},
		{"xx", "nl", "a-nl"},
		{"xx", "yy", "a-en"},
		{"", "", "a-en"},
	};
	struct err err;
	struct message *message;
	json_t *alert = document("{}");
	char *languages;

	conf_folder_write_text("a/m.en.txt", "Subject: a-en\n\n");
	conf_folder_write_text("b/m.en.txt", "Subject: b-en\n\n");
	conf_folder_write_text("a/m.nl.txt", "Subject: a-nl\n\n");
	conf_folder_write_text("b/m.pt-BR.txt", "Subject: b-pt-BR\n\n");
	conf_folder_write_text("a/m.x.txt", "no language");
	conf_folder_write_text("a/mm.en.txt", "another");
	conf_folder_write_text("a/m.en.txt~", "junk");
	message = open_here("m", &err);
	cr_assert_not_null(message, "%s", err.text);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct message_text out;

		cr_assert(message_write(message, rows[i].wanted,
				  rows[i].fallback, alert, &out, &err),
			"%s", err.text);
		cr_assert_str_eq(out.subject, rows[i].subject, "row %zu: %s", i,
			out.subject);
		message_text_done(&out);
	}
	languages = message_languages(message);
	cr_assert_str_eq(languages, "en, nl, pt-BR", "%s", languages);
	cr_assert(message_has(message, "nl-NL"), "nl for nl-NL");
	cr_assert_not(message_has(message, "de"), "no de");
	free(languages);
	message_free(message);
	json_decref(alert);
}

Test(message, what_is_wrong_is_told)
{
	static const struct {
		const char *txt, *html, *why;
	} rows[] = {
		{"", NULL, "a/m.en.txt: line 1: expected \"Subject: \""},
		{"Hello\n\nx", NULL, "a/m.en.txt: line 1: expected"},
		{"Subject: x", NULL, "a/m.en.txt: line 1: expected"},
		{"Subject: \n\nx", NULL, "a/m.en.txt: line 1: the subject is"},
		{"Subject: x\ny\n", NULL, "a/m.en.txt: line 2: expected an"},
		{"Subject: \\(.x\n\ny", NULL, "a/m.en.txt: line 1: the brac"},
		{"Subject: x\n\n\na \\($no)\n", NULL,
			"a/m.en.txt: line 4: $no is not defined"},
		{"Subject: \\(nosuch)\n\na", NULL,
			"a/m.en.txt: line 1: nosuch/0 is not defined"},
		{"Subject: x\n\ny", "\n\\(nosuch)",
			"a/m.en.html: line 2: nosuch/0 is not defined"},
		{"Subject: x\n\ny", "\xFF", "a/m.en.html: it is no text"},
		{"Subject: x\n\n\xFFy", NULL, "a/m.en.txt: it is no text"},
	};
	struct err err;

	cr_assert_null(open_here("m", &err), "no file");
	cr_assert_not_null(
		strstr(err.text, "no file m.LANGUAGE.txt"), "%s", err.text);
	for (size_t i = 0; i < COUNT(rows); i++) {
		conf_folder_write_text("a/m.en.txt", rows[i].txt);
		remove("a/m.en.html");
		if (rows[i].html != NULL)
			conf_folder_write_text("a/m.en.html", rows[i].html);
		cr_assert_null(open_here("m", &err), "row %zu", i);
		cr_assert_eq(
			strncmp(err.text, rows[i].why, strlen(rows[i].why)), 0,
			"row %zu: %s", i, err.text);
	}
}

/* What jq tells of a value is a customer's: it stays out of the reason. */
Test(message, a_fault_quotes_no_value)
{
	static const struct {
		const char *template, *comment, *left;
	} rows[] = {
		{".comment + 1", "secret (words", "m.en.txt: string "},
		{".comment + 1", "a) secret", "m.en.txt: string "},
		{".comment | tonumber", "secret", "m.en.txt: Invalid numeric"},
		{".comment | strptime(\"%Y\")", "secret", "m.en.txt: date"},
		{".comment | .name", "secret", "string with string \"name\""},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct err err;
		struct message_text out;
		char *file =
			mem_printf("Subject: \\(%s)\n\nx", rows[i].template);
		json_t *alert = json_pack("{s:s}", "comment", rows[i].comment);

		conf_folder_write_text("a/m.en.txt", file);
		struct message *message = open_here("m", &err);

		cr_assert_not_null(message, "%s", err.text);
		cr_assert_not(message_write(message, "", "", alert, &out, &err),
			"row %zu", i);
		cr_assert_null(strstr(err.text, "secret"), "%s", err.text);
		cr_assert_not_null(
			strstr(err.text, rows[i].left), "%s", err.text);
		message_free(message);
		json_decref(alert);
		free(file);
	}
}

/* ---- those that come with npsd ---- */

static struct message *
open_ours(const char *name)
{
	struct setting_texts folders;
	struct err err = {""};
	struct message *message;

	message_folders(NULL, &folders);
	message = message_open(name, &folders, &err);
	cr_assert_not_null(message, "%s", err.text);
	setting_texts_done(&folders);
	return message;
}

static const char full[] =
	"{\"response\":{\"id\":\"r-1\",\"survey\":\"relationship\",\"score\":3,"
	"\"comment\":\"Waited three weeks.\\nNo call.\","
	"\"answered_at\":\"2026-11-21T10:00:00+01:00\",\"customer\":{\"name\":"
	"\"Anna\",\"phone\":\"+31201234567\",\"email\":\"anna@example.com\"},"
	"\"account\":{\"id\":\"a-9\",\"name\":\"Acme\"}},\"category\":"
	"\"detractor\",\"previous\":{\"score\":9,\"category\":\"promoter\"},"
	"\"rule\":\"unhappy\",\"nps\":{\"30d\":{\"nps\":12.3,\"responses\":100}"
	","
	"\"7d\":{\"nps\":null,\"responses\":0}},\"delivery\":{\"id\":\"x\"}}";
static const char bare[] =
	"{\"response\":{\"id\":\"r-1\",\"survey\":\"s\",\"score\":0},"
	"\"category\":\"detractor\",\"previous\":null,\"rule\":\"r\","
	"\"nps\":{},\"delivery\":{\"id\":\"x\"}}";

Test(message, ours_say_what_there_is)
{
	static const char *const languages[] = {"en", "nl", "nb"};
	static const char *const dates[] = {
		"2026-11-21 10:00", "21-11-2026 10:00", "21.11.2026 10:00"};
	static const char *const figures[] = {
		"12.3 (30d)", "12,3 (30d)", "12,3 (30d)"};
	struct message *message = open_ours("detractor");
	struct message_text out;
	struct err err = {""};
	json_t *alert = document(full);

	for (size_t i = 0; i < COUNT(languages); i++) {
		cr_assert(message_write(
				  message, languages[i], "", alert, &out, &err),
			"%s", err.text);
		cr_assert_str_eq(out.language, languages[i], "language");
		cr_assert_not_null(
			strstr(out.subject, "Anna g"), "%s", out.subject);
		const char *const facts[] = {"Anna", "+31201234567",
			"anna@example.com", ": Acme\n", "relationship",
			dates[i], ": 9\n", figures[i], "unhappy"};

		for (size_t j = 0; j < COUNT(facts); j++) {
			cr_assert_not_null(strstr(out.text, facts[j]), "%s: %s",
				facts[j], out.text);
			cr_assert_not_null(strstr(out.html, facts[j]), "%s: %s",
				facts[j], out.html);
		}
		cr_assert_not_null(
			strstr(out.text, "> Waited three weeks.\n> No call."),
			"%s", out.text);
		cr_assert_null(strstr(out.text, "null"), "%s", out.text);
		message_text_done(&out);
	}
	json_decref(alert);
	message_free(message);
}

Test(message, ours_never_say_null)
{
	static const char *const languages[] = {"en", "nl", "nb"};
	struct message *message = open_ours("detractor");
	struct message_text out;
	struct err err = {""};
	json_t *alert = document(bare);

	for (size_t i = 0; i < COUNT(languages); i++) {
		cr_assert(message_write(
				  message, languages[i], "", alert, &out, &err),
			"%s", err.text);
		cr_assert_null(strstr(out.subject, "null"), "%s", out.subject);
		cr_assert_null(strstr(out.text, "null"), "%s", out.text);
		cr_assert_null(strstr(out.html, "null"), "%s", out.html);
		cr_assert_null(strstr(out.text, ": \n"), "an empty line: %s",
			out.text);
		message_text_done(&out);
	}
	json_decref(alert);
	message_free(message);
}

Test(message, ours_tell_of_an_action_that_fails)
{
	static const char *const languages[] = {"en", "nl", "nb"};
	static const char format[] =
		"{\"response\":null,\"failure\":{\"action\":\"crm\",\"state\":"
		"\"%s\",\"since\":\"2026-11-21T10:00:00Z\",\"reason\":\"%s\","
		"\"waiting\":12,\"dead\":3,\"recovered\":%s}}";
	struct message *message = open_ours("failure");
	struct err err = {""};

	for (size_t i = 0; i < COUNT(languages) * 2; i++) {
		bool over = i % 2 == 1;
		char *text = mem_printf(format, over ? "open" : "held",
			over ? "" : "answered 401", over ? "true" : "false");
		json_t *notice = document(text);
		struct message_text out;

		cr_assert(message_write(message, languages[i / 2], "", notice,
				  &out, &err),
			"%s", err.text);
		cr_assert_not_null(
			strstr(out.subject, "crm"), "%s", out.subject);
		cr_assert_not_null(strstr(out.text, "2026-11-21T10:00:00Z"),
			"%s", out.text);
		cr_assert_not_null(strstr(out.text, ": 12\n"), "%s", out.text);
		cr_assert_eq(strstr(out.text, "answered 401") != NULL, !over,
			"%s", out.text);
		cr_assert_eq(strstr(out.text, "npsd retry --dead --action "
					      "crm") != NULL,
			over, "%s", out.text);
		cr_assert_null(strstr(out.text, "null"), "%s", out.text);
		message_text_done(&out);
		json_decref(notice);
		free(text);
	}
	message_free(message);
}

Test(message, ours_tell_what_was_amended)
{
	static const char *const languages[] = {"en", "nl", "nb"};
	static const char format[] =
		"{\"response\":{\"score\":%d,\"survey\":\"s\",\"comment\":"
		"\"Waited.\\nLong.\",\"customer\":{\"name\":\"Anna\"}},"
		"\"category\":\"%s\",\"rule\":\"unhappy\",\"amended\":{"
		"\"before\":{\"revision\":0,\"score\":3,\"category\":"
		"\"detractor\",\"comment\":\"\"},\"score_changed\":%s,"
		"\"comment_came\":true}}";
	struct message *message = open_ours("amended");
	struct err err = {""};

	for (size_t i = 0; i < COUNT(languages) * 2; i++) {
		bool up = i % 2 == 1;
		char *text = mem_printf(format, up ? 9 : 3,
			up ? "promoter" : "detractor", up ? "true" : "false");
		json_t *amended = document(text);
		struct message_text out;

		cr_assert(message_write(message, languages[i / 2], "", amended,
				  &out, &err),
			"%s", err.text);
		cr_assert_not_null(
			strstr(out.subject, "Anna"), "%s", out.subject);
		cr_assert_eq(strstr(out.subject, "9") != NULL, up, "%s",
			out.subject);
		cr_assert_eq(
			strstr(out.text, " 3)") != NULL, up, "%s", out.text);
		cr_assert_not_null(strstr(out.text, "> Waited.\n> Long.\n"),
			"%s", out.text);
		cr_assert_null(strstr(out.text, "null"), "%s", out.text);
		message_text_done(&out);
		json_decref(amended);
		free(text);
	}
	message_free(message);
}

/* Whatever is known: nothing reads as a hole. */
Test(message, ours_tell_what_falls_due)
{
	static const struct {
		const char *message, *due, *more, *subject, *text;
	} rows[] = {
		{"reminder",
			"\"step\":\"remind\",\"deadline\":\"2026-11-23T16:00:00"
			"+01:00\",\"contact_by\":\"2026-11-23T16:00:00+01:00\"",
			"", "Anna", "16:00"},
		{"reminder",
			"\"step\":\"remind\",\"deadline\":\"2026-11-23T16:00:00"
			"+01:00\",\"at\":\"2026-11-23T14:07:00+01:00\","
			"\"late\":true",
			"", "Anna", "14:07"},
		{"reminder", "\"step\":\"forgotten\"", "", "Anna", "> No."},
		{"reminder", "\"step\":\"try_again\"",
			",\"follow_up\":{\"attempts\":2}", "Anna", ": 2\n"},
		{"escalation",
			"\"step\":\"escalate\",\"clock\":\"contact\","
			"\"deadline\":\"2026-11-23T16:00:00+01:00\","
			"\"overdue\":\"4h\",\"level\":2",
			",\"owner\":{\"name\":\"jan\",\"display\":\"Jan de "
			"Boer\"}",
			"Anna", ": Jan de Boer\n"},
		{"escalation",
			"\"step\":\"escalate\",\"clock\":\"resolve\","
			"\"deadline\":\"2026-11-23T16:00:00+01:00\","
			"\"overdue\":null,\"level\":1",
			",\"follow_up\":{\"links\":{\"page\":"
			"\"https://nps.example.com/f/x\"}}",
			"Anna", ": https://nps.example.com/f/x"},
		{"escalation",
			"\"step\":\"escalate\",\"clock\":\"contact\","
			"\"deadline\":\"2026-11-23T16:00:00+01:00\","
			"\"overdue\":\"0m\",\"level\":1",
			"", "Anna", " 16:00.\n"},
	};
	static const char *const languages[] = {"en", "nl", "nb"};
	struct message *messages[] = {
		open_ours("reminder"), open_ours("escalation")};

	for (size_t i = 0; i < COUNT(rows) * COUNT(languages) * 2; i++) {
		bool known = i % 2 == 0;
		const char *language = languages[i / 2 % COUNT(languages)];
		size_t row = i / 2 / COUNT(languages);
		struct message *message =
			messages[strcmp(rows[row].message, "escalation") == 0];
		struct err err = {""};
		char *text = mem_printf("{\"response\":%s,\"due\":{%s}%s}",
			known ? "{\"score\":3,\"comment\":\"No.\",\"customer\":"
				"{\"name\":\"Anna\",\"phone\":\"+31\"}}"
			      : "{\"survey\":\"s\"}",
			rows[row].due, rows[row].more);
		json_t *alert = document(text);
		struct message_text out;

		cr_assert(
			message_write(message, language, "", alert, &out, &err),
			"%s: %s", text, err.text);
		if (known) {
			cr_assert_not_null(
				strstr(out.subject, rows[row].subject), "%s",
				out.subject);
			cr_assert_not_null(strstr(out.text, rows[row].text),
				"%s: %s", text, out.text);
			cr_assert_not_null(
				strstr(out.text, ": +31\n"), "%s", out.text);
		}
		cr_assert_null(strstr(out.subject, "null"), "%s", out.subject);
		cr_assert_null(strstr(out.text, "null"), "%s", out.text);
		cr_assert_null(strstr(out.text, ": \n"), "%s", out.text);
		cr_assert_null(strstr(out.text, "\n\n\n"), "%s", out.text);
		message_text_done(&out);
		json_decref(alert);
		free(text);
	}
	message_free(messages[0]);
	message_free(messages[1]);
}

/* A watch: what stands in each is what its kind is about. */
Test(message, ours_tell_of_watches)
{
#define NOW                                                                    \
	"\"now\":{\"nps\":-20.5,\"responses\":200,\"low\":-30.1,\"high\":-11," \
	"\"invitations\":900}"
#define THEN "\"then\":{\"nps\":40.1,\"responses\":150}"
#define MIX                                                                    \
	"\"mix\":{\"now\":{\"promoters\":0.3,\"passives\":0.2,\"detractors\":" \
	"0.5},\"then\":{\"promoters\":0.607,\"passives\":0.2,\"detractors\":"  \
	"0.193},\"lost\":\"promoters\",\"gained\":\"detractors\",\"by\":0.3}"
#define HEAD                                                               \
	"{\"response\":null,\"watch\":{\"name\":\"drop\",\"survey\":"      \
	"\"relationship\",\"value\":\"claims\",\"source\":null,\"since\":" \
	"\"2026-11-21T10:00:00Z\",\"window\":\"7d\",\"baseline\":\"30d\","
	static const char *const languages[] = {"en", "nl", "nb"};
	static const struct {
		const char *json, *facts[9];
	} rows[] = {
		{HEAD NOW
			"," THEN "," MIX ",\"kind\":\"fall\",\"recovered\":"
			"false,\"change\":{\"points\":-60.6,\"margin\":9.5}}}",
			{"relationship, claims", "60.6", "9.5", "40.1", "-20.5",
				"60.7 % -> 30 %", "150", "drop"}},
		{HEAD NOW "," THEN "," MIX ",\"kind\":\"fall\",\"recovered\":"
			  "false,\"change\":{\"points\":-1,\"margin\":0.5}}}",
			{" 1 ", "drop"}},
		{HEAD NOW "," THEN "," MIX ",\"kind\":\"fall\",\"recovered\":"
			  "true,\"change\":{\"points\":-0.6,\"margin\":9.5}}}",
			{"relationship, claims", "2026-11-21T10:00:00Z",
				"drop"}},
		{HEAD NOW ",\"then\":null,\"mix\":null,\"kind\":\"below\","
			  "\"below\":12.5,\"recovered\":false}}",
			{"-20.5", "12.5", "-30.1", "200"}},
		{HEAD "\"now\":null,\"then\":null,\"mix\":null,\"kind\":"
		      "\"silence\",\"silent_for\":\"2d\",\"recovered\":false,"
		      "\"last_answer\":\"2026-11-19T10:00:00Z\"}}",
			{"2d", "2026-11-19T10:00:00Z"}},
		{HEAD NOW ",\"then\":null,\"mix\":null,\"kind\":"
			  "\"response_rate\",\"target\":0.2,\"recovered\":"
			  "false}}",
			{"900", "200", "20 %"}},
	};
	struct message *message = open_ours("watch");

	for (size_t i = 0; i < COUNT(rows); i++)
		for (size_t l = 0; l < COUNT(languages); l++) {
			struct message_text out;
			struct err err = {""};
			json_t *alert = document(rows[i].json);

			cr_assert(message_write(message, languages[l], "",
					  alert, &out, &err),
				"%zu %s: %s", i, languages[l], err.text);
			cr_assert_str_eq(out.language, languages[l], "%zu", i);
			if (l > 0) /* decimals as they are written there */
				for (char *at = out.text; *at != '\0'; at++)
					if (*at == ',' && at[1] != ' ')
						*at = '.';
			for (size_t f = 0; rows[i].facts[f] != NULL; f++)
				cr_assert_not_null(
					strstr(out.text, rows[i].facts[f]),
					"%zu %s: %s in %s", i, languages[l],
					rows[i].facts[f], out.text);
			cr_assert_null(
				strstr(out.text, "null"), "%s", out.text);
			cr_assert_null(
				strstr(out.text, " 1 points"), "%s", out.text);
			cr_assert_null(
				strstr(out.text, " 1 punten"), "%s", out.text);
			cr_assert_not_null(strstr(out.subject, "relationship"),
				"%s", out.subject);
			message_text_done(&out);
			json_decref(alert);
		}
	message_free(message);
}

/* A storm: of how many, and of the first ones who they were and what they said. */
Test(message, ours_tell_of_storms)
{
#define STORM(count, more, link, follow_up)                                 \
	"{\"response\":null,\"storm\":{\"count\":" count ",\"looked_at\":"  \
	"20000,\"from\":\"2026-11-21T10:00:00Z\",\"until\":"                \
	"\"2026-11-21T10:09:58Z\",\"rules\":[{\"rule\":\"unhappy\","        \
	"\"count\":7}],\"categories\":[],\"surveys\":[{\"survey\":\"rel\"," \
	"\"count\":7}],\"segments\":[{\"segment\":\"region\",\"value\":"    \
	"\"NL\",\"count\":5},{\"segment\":\"agent\",\"value\":"             \
	"\"jan@example.com\",\"display\":\"Jan de Vries\",\"count\":2}],"   \
	"\"first\":[{\"response\":{\"score\":3,"                            \
	"\"comment\":\"Waited\\nlong.\",\"customer\":{\"name\":\"Anna\"},"  \
	"\"account\":{\"name\":\"Acme\"}},\"follow_up\":" follow_up         \
	"},{\"response\":{\"score\":0,\"customer\":{},\"account\":{\"id\":" \
	"\"a-9\"}},"                                                        \
	"\"follow_up\":null}],\"more\":" more ",\"links\":{\"page\":" link  \
	"},\"command\":\"npsd deliveries --storm 17\"},\"delivery\":{}}"
	static const char *const languages[] = {"en", "nl", "nb"};
	static const struct {
		const char *json, *facts[12], *subject;
	} rows[] = {
		{STORM("30004", "30002", "\"https://n.example/s/tok\"",
			 "{\"links\":{\"page\":\"https://n.example/f/one\"}}"),
			{"unhappy 7", "rel 7", "region NL 5",
				"3/10  Anna, Acme\n", "Waited long.\n",
				"https://n.example/f/one",
				"agent Jan de Vries 2",
				"https://n.example/s/tok", "--storm 17",
				"30002", "20000"},
			"30004"},
		{STORM("1", "0", "null", "{\"links\":{\"page\":null}}"),
			{"unhappy 7", "--storm 17"}, "1"},
	};
	struct message *message = open_ours("storm");

	for (size_t i = 0; i < COUNT(rows); i++)
		for (size_t l = 0; l < COUNT(languages); l++) {
			struct message_text out;
			struct err err = {""};
			json_t *alert = document(rows[i].json);

			cr_assert(message_write(message, languages[l], "",
					  alert, &out, &err),
				"%zu %s: %s", i, languages[l], err.text);
			cr_assert_str_eq(out.language, languages[l], "%zu", i);
			for (size_t f = 0; rows[i].facts[f] != NULL; f++) {
				cr_assert_not_null(
					strstr(out.text, rows[i].facts[f]),
					"%zu %s: %s in %s", i, languages[l],
					rows[i].facts[f], out.text);
				cr_assert_not_null(
					strstr(out.html, rows[i].facts[f]),
					"%zu %s: %s in %s", i, languages[l],
					rows[i].facts[f], out.html);
			}
			cr_assert_null(
				strstr(out.text, "null"), "%s", out.text);
			cr_assert_not_null(strstr(out.subject, rows[i].subject),
				"%s", out.subject);
			message_text_done(&out);
			json_decref(alert);
		}
	message_free(message);
}

/* What one line holds stays one line, so that nobody who answers can write what
 * looks like ours: a link, above all. */
Test(message, ours_keep_to_their_lines)
{
#define FORGED "x\\r\\nClaim it: https://evil.example\\nEvil"
#define WHO                                                                  \
	"{\"id\":\"r-1\",\"survey\":\"" FORGED "\",\"score\":3,\"comment\":" \
	"\"" FORGED "\",\"answered_at\":\"2026-11-21T10:00:00Z\","           \
	"\"customer\":{\"name\":\"" FORGED "\",\"phone\":\"" FORGED          \
	"\",\"email\":\"" FORGED                                             \
	"\"},\"account\":{\"id\":\"a\",\"name\":\"" FORGED "\"}}"
	static const char whole[] =
		"{\"response\":" WHO ",\"category\":\"detractor\",\"previous\":"
		"null,\"rule\":\"r\",\"nps\":{},\"delivery\":{\"id\":\"x\"},"
		"\"owner\":{\"name\":\"anna\",\"display\":\"Anna\"},"
		"\"follow_up\":{\"links\":{\"page\":\"https://n.example\"}},"
		"\"amended\":{\"score_changed\":false,\"before\":{\"score\":1,"
		"\"category\":\"detractor\"}},"
		"\"due\":{\"step\":\"try_again\",\"clock\":\"contact\"},"
		"\"storm\":{\"count\":7,\"looked_at\":7,\"from\":"
		"\"2026-11-21T10:00:00Z\",\"until\":\"2026-11-21T10:00:00Z\","
		"\"rules\":[{\"rule\":\"r\",\"count\":7}],\"surveys\":"
		"[{\"survey\":\"" FORGED "\",\"count\":7}],\"segments\":"
		"[{\"segment\":\"s\",\"value\":\"" FORGED "\",\"count\":7}],"
		"\"first\":[{\"response\":" WHO ",\"follow_up\":null}],"
		"\"more\":6,\"links\":{\"page\":null},\"command\":\"npsd\"}}";
	static const char *const languages[] = {"en", "nl", "nb"};
	static const char *const names[] = {
		"detractor", "escalation", "reminder", "amended", "storm"};

	for (size_t i = 0; i < COUNT(names); i++) {
		struct message *message = open_ours(names[i]);
		json_t *alert = document(whole);

		for (size_t l = 0; l < COUNT(languages); l++) {
			struct message_text out;
			struct err err = {""};

			cr_assert(message_write(message, languages[l], "",
					  alert, &out, &err),
				"%s %s: %s", names[i], languages[l], err.text);
			cr_assert_not_null(
				strstr(out.text, "evil"), "%s", out.text);
			cr_assert_null(strstr(out.text, "\nClaim it"),
				"%s %s: %s", names[i], languages[l], out.text);
			cr_assert_null(strstr(out.text, "\nEvil"), "%s %s: %s",
				names[i], languages[l], out.text);
			message_text_done(&out);
		}
		json_decref(alert);
		message_free(message);
	}
}
