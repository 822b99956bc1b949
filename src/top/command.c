/* command - the table of subcommands, their options and their help. */
#include "top/command.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_memory.h"
#include "base/memory.h"
#include "base/text.h"
#include "top/completion.h"
#include "top/config.h"

#define TO(member) offsetof(struct command_options, member)

static const struct option_row option_rows[] = {
	{'c', "config", "FILE", TO(config),
		"the configuration (default " CONFIG_PATH ")"},
	{'s', "control", "PATH", TO(control),
		"the daemon's control socket (default: from the "
		"configuration)"},
	{'S', "server", "URL", TO(server), "ask a daemon over HTTP"},
	{'t', "token-file", "FILE", TO(token_file),
		"the bearer token for --server"},
	{'j', "json", NULL, TO(json), "JSON on stdout"},
	{'C', "csv", NULL, TO(csv), "CSV on stdout"},
	{'q', "owners", NULL, TO(owners), "with --csv: the owners"},
	{'d', "dry-run", NULL, TO(dry_run), "print it; send nothing"},
	{'k', "html", NULL, TO(html), "its HTML instead of its text"},
	{'o', "offline", NULL, TO(offline),
		"secrets need not be on this machine"},
	{'F', "force", NULL, TO(force), "replace an older backup"},
	{'x', "strict", NULL, TO(strict), "warnings are errors"},
	{'l', "log-level", "LEVEL", TO(log_level),
		"error, warning, notice, info (default) or debug"},
	{'f', "log-form", "FORM", TO(log_form),
		"plain, journal or json (default: journal under systemd, else "
		"plain)"},
	{'v', "survey", "NAME", TO(survey), "only this survey"},
	{'w', "window", "WINDOW", TO(window), "as in 24h, 30d or month"},
	{'g', "segment", "NAME", TO(segment), "figures by its values"},
	{'i', "id", "ID", TO(id), "only this id"},
	{'A', "state", "STATE", TO(state), "open, contacted, resolved or lost"},
	{'M', "owner", "NAME", TO(owner), "only of this owner"},
	{'B', "overdue", NULL, TO(overdue), "only what is past a deadline"},
	{'b', "as", "OWNER", TO(as), "for this owner (default: who you are)"},
	{'I', "contacted", NULL, TO(contacted), "the customer was spoken with"},
	{'J', "not-reached", NULL, TO(not_reached),
		"tried in vain; the third time it is lost"},
	{'K', "reopen", NULL, TO(reopen), "it is open again"},
	{'p', "assign", "OWNER", TO(assign), "give it to an owner"},
	{'E', "resolved", NULL, TO(resolved), "the customer is content"},
	{'G', "lost", NULL, TO(lost), "the customer is not; wants a note"},
	{'N', "reason", "REASON", TO(reason),
		"why: one of reasons: where these are configured"},
	{'z', "note", "TEXT", TO(note), "a few words, kept and shown"},
	{'y', "category", "NAME", TO(category),
		"detractor, passive or promoter"},
	{'a', "state", "STATE", TO(state),
		"pending, claimed, retrying, delivered, dead, cancelled or "
		"folded"},
	{'r', "source", "NAME", TO(source), "only of this source"},
	{'n', "action", "NAME", TO(action), "only of this action"},
	{'R', "reason", "REASON", TO(reason), "only with this reason"},
	{'e', "since", "TIME", TO(since),
		"RFC 3339, or a duration such as 24h before now"},
	{'m', "limit", "NUMBER", TO(limit), "most rows (default 50)"},
	{'U', "rule", "NAME", TO(rule), "only of this rule"},
	{'T', "status", "NUMBER", TO(status), "only with this last status"},
	{'L', "response", "ROW", TO(response), "only of this answer"},
	{'Q', "storm", "ROW", TO(storm),
		"only what was folded into this delivery"},
	{'O', "to", "ADDRESS", TO(to), "whom to send it to"},
	{'W', "why", "TEXT", TO(why), "a reason, kept and shown"},
	{'D', "dead", NULL, TO(dead), "those that are dead"},
	{'P', "all-pending", NULL, TO(all_pending), "every one that waits"},
	{'Y', "yes", NULL, TO(yes), "do not ask"},
	{'X', "customer", "ID", TO(customer),
		"by the customer's id alone, exactly as it is"},
	{'9', "response", "ROW", TO(response), "this one answer alone"},
	{'V', "mentions", NULL, TO(mentions),
		"also answers of others that name the person"},
	{'Z', "dry-run", NULL, TO(dry_run),
		"tell what would be erased, and erase nothing"},
	{'u', "cursor", "CURSOR", TO(cursor), "the page behind a former one"},
	{'0', "fire", NULL, TO(fire),
		"rules fire, as for answers that come just now"},
	{'1', "column", "MEMBER=NAME", TO(columns),
		"which column of a table holds what; may be repeated"},
	{'2', "delimiter", "CHARACTER", TO(delimiter),
		"of a table (default: found)"},
	{'3', "encoding", "NAME", TO(encoding),
		"utf-8 (default) or windows-1252"},
	{'4', "timezone", "ZONE", TO(timezone),
		"of dates without one (default UTC)"},
	{'5', "date-format", "FORMAT", TO(date_format),
		"as in \"%d-%m-%Y %H:%M\""},
	{'6', "no-header", NULL, TO(no_header),
		"the first row is an answer; columns are numbers"},
	{'7', "answered-at", "TIME", TO(answered_at),
		"when answers that do not say so were given"},
	{'H', "header", "HEADER", TO(headers),
		"of the request, as in \"X-Signature: 5f2c\"; may be repeated"},
	{'+', "match", "FIELD=VALUE", TO(matches),
		"answers that are like this, as in segment.region=NL,BE; may "
		"be repeated, then all must hold"},
	{'=', "for", "DURATION", TO(span), "how long, as in 2h; 31d at most"},
	{'<', "until", "TIME", TO(until), "until then (RFC 3339)"},
	{'>', "end", "ROW", TO(end), "end this one now"},
	{'~', "list", NULL, TO(list), "list them"},
	{'^', "state", "STATE", TO(state), "in_force or ended"},
	{'%', "event", "KIND", TO(event), "answer, rejected or delivery"},
	{'#', "count", "NUMBER", TO(number), "end after so many"},
	{'@', "for", "DURATION", TO(span), "end after that time, as in 10m"},
	{'!', "all", NULL, TO(all), "all of them"},
	{'*', "dry-run", NULL, TO(dry_run),
		"show what would follow; change nothing"},
	{'?', "rule", "NAME", TO(rule),
		"judge by this rule alone; others are left as they were"},
	{'&', "state", "STATE", TO(state), "delivered, retrying or dead"},
	{'8', "format", "FORMAT", TO(format),
		"csv, jsonl or json (default: by the file's name)"},
};
enum { OPTION_ROWS = sizeof(option_rows) / sizeof(option_rows[0]) };

#define ASK "csStj" /* what every command takes that asks the daemon */

static const struct command commands[] = {
	{"run", "run the daemon in the foreground", "[--config FILE]", "clf",
		"  npsd run --config ./npsd.yaml\n\n"
		"SIGTERM ends it cleanly, SIGHUP reloads the configuration.\n",
		0, 0, command_run},
	{"check", "tell whether a configuration is good",
		"[--config FILE] [--offline] [--strict]", "coxj",
		"  npsd check --config ./npsd.yaml\n"
		"  npsd check --offline --config ./npsd.yaml   on another "
		"machine\n\n"
		"Tells all errors at once, and warns of what is probably not "
		"meant. Binds\nnothing, connects nowhere. Exit code 78 if it "
		"is bad, with --strict also if\nthere is a warning.\n",
		0, 0, command_check},
	{"test", "try a configuration on answers that you suppose",
		"[--config FILE] [FILE...]", "cj",
		"  npsd test                    *.test.yaml beside the "
		"configuration\n"
		"  npsd test --config ./npsd.yaml ./rules.test.yaml\n\n"
		"A test names an answer and what is to follow: its class, the "
		"rules, the actions,\nwhat is sent. Nothing is kept or sent. "
		"Exit code 1 if one does not hold.\n",
		0, 1000, command_test},
	{"render", "print what an action would send",
		"[--config FILE] ACTION [FILE | -]", "cj",
		"  npsd render call\n"
		"  npsd render crm answer.json\n\n"
		"Of the answer in FILE, or of a sample. Nothing is kept or "
		"sent.\n",
		1, 2, command_render},
	{"map", "print what a webhook source would make of a request",
		"[--config FILE] [--header HEADER]... SOURCE FILE | -", "cjH",
		"  npsd map typeform body.json\n"
		"  npsd map --header 'X-Signature: 5f2c' hook body.json\n\n"
		"Of the body in FILE: the answers, one a line, and what would "
		"be refused. Without\nthe headers that were signed it says "
		"so, and tries the map all the same. Nothing\nis kept or "
		"sent. Exit code 1 if something would be refused.\n",
		2, 2, command_map},
	{"config", "print the effective configuration",
		"[--config FILE] [schema | manual]", "cj",
		"  npsd config                  every key, secrets masked, "
		"where "
		"it was set\n"
		"  npsd config schema           a JSON Schema for editors\n"
		"  npsd config manual           the keys as mdoc, for "
		"npsd.yaml(5)\n",
		0, 1, command_config},
	{"status", "show how the daemon does", "", ASK,
		"  npsd status\n\n"
		"Exit code 1 if something needs attention.\n",
		0, 0, command_status},
	{"score", "show the Net Promoter Score",
		"[--survey NAME] "
		"[--window 30d] [--segment NAME] [--csv]",
		ASK "vwgC",
		"  npsd score\n"
		"  npsd score --survey relationship --window 7d --segment "
		"region\n",
		0, 0, command_score},
	{"recovery", "show what became of customers who answered again",
		"[--survey NAME] [--window 90d] [--csv [--owners]]", ASK "vwCq",
		"  npsd recovery\n"
		"  npsd recovery --survey relationship --window 30d --csv\n\n"
		"New and returning customers, who moved up or down a class, "
		"and "
		"of detractors\nhow many gave a better score within 90 days. "
		"What stands on fewer than 10 cases\nis not shown.\n",
		0, 0, command_recovery},
	{"watches", "show how watches stand", "[--csv]", ASK "C",
		"  npsd watches\n\n"
		"Armed, or firing and since when, for each survey or value.\n",
		0, 0, command_watches},
	{"digest", "list digests, print one, or send one more",
		"[NAME [--dry-run [--html]]]", ASK "Cdk",
		"  npsd digest                    which there are, and when "
		"they "
		"go out\n"
		"  npsd digest weekly --dry-run   what it would say now\n"
		"  npsd digest weekly             one more of it, to its "
		"readers\n\n"
		"It tells of the period before the last time that it was due. "
		"An extra one says\nthat it is, and the next one comes as "
		"ever.\n",
		0, 1, command_digest},
	{"responses", "list answers, newest first",
		"[--survey NAME] "
		"[--category detractor] [--since 24h] [--csv]",
		ASK "viyremuC",
		"  npsd responses --category detractor --since 24h\n"
		"  npsd responses --survey relationship --id r-1001\n"
		"  npsd responses --since 90d --csv   all of them, page by "
		"page\n",
		0, 0, command_responses},
	{"tap", "follow what the daemon does, as it does it",
		"[--survey NAME] [--category detractor] [--rule NAME]\n"
		"       [--event KIND] [--count NUMBER] [--for DURATION]",
		ASK "%viyrRUn&#@",
		"  npsd tap\n"
		"  npsd tap --category detractor\n"
		"  npsd tap --event delivery --state dead --action crm\n"
		"  npsd tap --survey relationship --count 1 --for 10m --json\n"
		"\n"
		"Each answer as it is kept, each record that is refused, each "
		"try to deliver. Ends\nby Ctrl-C, after --count or --for. Who "
		"reads too slowly is told how many events\nwere missed. Exit "
		"code 69 if the daemon ends first.\n",
		0, 0, command_tap},
	{"explain", "tell why an answer did what it did", "ROW | ID | -",
		ASK "v",
		"  npsd explain 42\n"
		"  npsd explain --survey relationship r-1001\n"
		"  echo '{\"score\":3}' | npsd explain -\n\n"
		"The verdict of every rule as it was decided then, and what "
		"became of each\ndelivery. Of an answer on standard input: "
		"what "
		"the configuration (--config)\nwould do with it; nothing is "
		"kept or sent.\n",
		1, 1, command_explain},
	{"rejected", "list what was refused, with the reason",
		"[ROW] [--source NAME] [--reason json] [--csv]", ASK "rRemuC",
		"  npsd rejected\n"
		"  npsd rejected 7                one, with a caret under the "
		"fault\n",
		0, 1, command_rejected},
	{"deliveries", "list deliveries and what became of them",
		"[ROW] [--state dead] [--action NAME] [--storm ROW] [--csv]",
		ASK "anemuCQ",
		"  npsd deliveries --state dead\n"
		"  npsd deliveries --storm 17     what its message tells of\n"
		"  npsd deliveries 12             one, with its body and every "
		"try\n",
		0, 1, command_deliveries},
	{"follow-ups", "list follow-ups, or say what became of one",
		"[--state open] [--owner NAME] [--overdue] [--csv] | ROW\n"
		"       [--contacted | --not-reached | --reopen | --assign "
		"OWNER] [--note TEXT]",
		ASK "AMBvUemuCIJKpz",
		"  npsd follow-ups --overdue\n"
		"  npsd follow-ups --owner anna --state open\n"
		"  npsd follow-ups 7               one, with all that was done "
		"to it\n"
		"  npsd follow-ups 7 --contacted --note 'will be called on "
		"Monday'\n"
		"  npsd follow-ups 7 --not-reached\n",
		0, 1, command_follow_ups},
	{"claim", "take a follow-up", "ROW [--as OWNER] [--note TEXT]",
		ASK "bz",
		"  npsd claim 7\n"
		"  npsd claim 7 --as anna\n\n"
		"It stays open: who claims it calls the customer in time, or "
		"it comes back.\n",
		1, 1, command_claim},
	{"close", "end a follow-up",
		"ROW --resolved | --lost --reason REASON [--note TEXT]",
		ASK "EGNz",
		"  npsd close 7 --resolved --reason price\n"
		"  npsd close 7 --lost --reason service --note 'went to a "
		"competitor'\n\n"
		"Lost asks for a note. npsd follow-ups 7 --reopen takes it "
		"back.\n",
		1, 1, command_close},
	{"silence", "keep alerts about some answers quiet for a while",
		"[--match FIELD=VALUE]... [--rule NAME] --for 2h | --until "
		"TIME\n"
		"       --why TEXT | --end ROW | [--list] [--state in_force] "
		"[--csv]",
		ASK "+=<>~^UWemuC",
		"  npsd silence --match category=detractor --match "
		"segment.region=NL,BE \\\n"
		"      --for 2h --why 'mail migration'\n"
		"  npsd silence --rule unhappy --until 2026-11-21T18:00:00Z "
		"--why 'drill'\n"
		"  npsd silence                    those in force and lately "
		"ended\n"
		"  npsd silence --end 3\n\n"
		"Nothing is sent of what it matches; answers are kept, "
		"counted and followed up,\nand explain and audit tell why. "
		"What falls due of follow-ups waits for its end.\n",
		0, 0, command_silence},
	{"replay", "judge kept answers anew, by the rules of today",
		"ROW... | [--survey NAME] [--category detractor] [--since 7d] "
		"| "
		"--all\n"
		"       [--rule NAME] [--dry-run | --yes]",
		ASK "viyre!?*Y",
		"  npsd replay 42 --dry-run\n"
		"  npsd replay --category detractor --since 3d\n"
		"  npsd replay --survey relationship --since 7d --rule unhappy "
		"--yes\n\n"
		"Shows what would fire and be sent now, and asks, unless --yes "
		"is said. Sends what\nis new, at 50 a second: nothing for an "
		"action that has had an alert about the\nanswer. max_age, "
		"silences and cooldowns hold as for an answer of now. Figures "
		"do\nnot change; explain tells of the replay. Exit code 1 if "
		"nothing would change.\n",
		0, 1000, command_replay},
	{"audit", "prove what became of every detractor",
		"[--survey NAME] [--since 7d] [--csv]", ASK "veC",
		"  npsd audit\n"
		"  npsd audit --survey relationship --since 30d --csv\n\n"
		"A line for each: which rule, the alert, the follow-up, or "
		"why there is none. Exit\ncode 1 if one hangs: an alert that "
		"is dead or has waited for an hour, a follow-up\nthat is "
		"overdue.\n",
		0, 0, command_audit},
	{"retry", "try dead deliveries again",
		"ROW... | --dead [--action NAME] [--since 24h]",
		ASK "nReaLUTDQ",
		"  npsd retry 12 13\n"
		"  npsd retry --dead --action crm --since 24h\n"
		"  npsd retry --dead --status 422 --rule unhappy\n"
		"  npsd retry --state cancelled --rule unhappy\n"
		"  npsd retry --state folded --storm 17\n\n"
		"Each keeps its id, and its body if it was ever sent. Many "
		"become due at 50 a\nsecond. One that was folded is sent by "
		"itself.\n",
		0, 1000, command_retry},
	{"cancel", "give up deliveries that wait",
		"ROW... | [--rule NAME] [--action NAME] [--since 24h] | "
		"--all-pending",
		ASK "nReULTPWY",
		"  npsd cancel --rule unhappy --why 'wrong rule'\n"
		"  npsd cancel --action crm --since 2h --yes\n"
		"  npsd cancel --all-pending\n\n"
		"Shows how many and asks, unless --yes is said. What is being "
		"sent right now runs\nto its end. npsd retry --state "
		"cancelled brings back what was cancelled.\n",
		0, 1000, command_cancel},
	{"send", "try an action with one marked alert", "ACTION [--to ADDRESS]",
		ASK "O",
		"  npsd send crm\n"
		"  npsd send ops-mail --to me@example.com\n\n"
		"Makes an alert of a sample answer, sends it at once, and "
		"shows what was said, with\nsecrets masked. Exit code 1 if it "
		"was not taken.\n",
		1, 1, command_send},
	{"pause", "stop an action for now", "ACTION [--why TEXT]", ASK "W",
		"  npsd pause crm --why 'the CRM is moving'\n\n"
		"What is due waits, over reloads and restarts, until npsd "
		"resume.\n",
		1, 1, command_pause},
	{"resume", "let a paused action go on", "ACTION", ASK,
		"  npsd resume crm\n", 1, 1, command_resume},
	{"import", "bring in answers from files",
		"FILE... [--survey NAME] [--source NAME] [--fire]",
		ASK "vr012345678",
		"  npsd import --survey relationship 2025.csv\n"
		"  npsd import --column score=\"How likely?\" --column "
		"answered_at=Completed \\\n"
		"      --timezone Europe/Amsterdam --date-format \"%d-%m-%Y "
		"%H:%M\" export.csv\n"
		"  zcat old.jsonl.gz | npsd import --format jsonl -\n\n"
		"Tables (.csv), lines of JSON (.jsonl) and JSON (.json). "
		"Answers count in their\n"
		"own time and fire nothing, unless --fire says so. What is "
		"known already is a\n"
		"duplicate, so that an import which was interrupted is simply "
		"run again. Exit\n"
		"code 1 if something was refused.\n",
		1, 1000, command_import},
	{"backup", "copy the database while the daemon runs", "[--force] FILE",
		"csjF",
		"  npsd backup /var/lib/npsd/npsd.backup\n"
		"  npsd backup --force /var/lib/npsd/npsd.backup   over an "
		"older one\n\n"
		"The daemon writes the file, compares it, and puts it in its "
		"place when it is\nwhole. Exit code 0 only then.\n",
		1, 1, command_backup},
	{"restore", "make a backup the database, while no daemon runs",
		"[--config FILE] FILE", "cj",
		"  npsd restore /var/lib/npsd/npsd.backup\n"
		"  npsd restore /var/lib/npsd/npsd.db   accept the database as "
		"it is\n\n"
		"What was there before is moved aside.\n",
		1, 1, command_restore},
	{"forget", "erase what is kept of a person",
		"WHO | --customer ID | --response ROW [--mentions] "
		"[--why TEXT]\n"
		"       [--dry-run | --yes] | --list",
		ASK "X9VWZY~",
		"  npsd forget anna@example.com --dry-run\n"
		"  npsd forget anna@example.com --why 'request 2026-014'\n"
		"  npsd forget --customer c-77 --yes --json\n"
		"  npsd forget --response 42       one answer, whose ever it "
		"is\n"
		"  npsd forget --list              erasures, and how far they "
		"are\n\n"
		"WHO is an address, a telephone number or a customer's id. "
		"Shows what would go and\nasks, unless --yes is said. What "
		"waits to be sent is cancelled, open follow-ups are\nclosed; "
		"scores and their times stay, so that no figure changes. It "
		"goes on over\nrestarts, and tells what was erased. Exit code "
		"1 if nothing is known.\n",
		0, 1, command_forget},
	{"reload", "read the configuration anew", "", ASK,
		"  npsd reload\n\n"
		"Waits for the answer: exit code 0 if the new one is in force, "
		"78 with the\nerrors if it is bad and the old one stays.\n",
		0, 0, command_reload},
	{"completion", "print a script by which a shell completes commands",
		"bash", "",
		"  source <(npsd completion bash)       in this shell\n\n"
		"An installed npsd has it in the folder of bash-completion "
		"already.\n",
		1, 1, command_completion},
	{"version", "print the version", "", "", "  npsd version\n", 0, 0,
		command_version},
};
enum { COMMANDS = sizeof(commands) / sizeof(commands[0]) };

static void
print_usage(FILE *to)
{
	fputs("npsd - alerts for low Net Promoter Score answers\n\n"
	      "usage: npsd COMMAND [OPTION...]\n\n",
		to);
	for (size_t i = 0; i < COMMANDS; i++)
		fprintf(to, "  %-11s %s\n", commands[i].name,
			commands[i].summary);
	fputs("\n  npsd COMMAND --help   examples and options of a command\n"
	      "  man npsd              all of it\n",
		to);
}

static void
print_help(const struct command *command)
{
	printf("npsd %s - %s\n\n%s\nusage: npsd %s %s\n", command->name,
		command->summary, command->help, command->name, command->usage);
	for (size_t i = 0; i < OPTION_ROWS; i++) {
		const struct option_row *row = &option_rows[i];
		char *name;

		if (strchr(command->options, row->letter) == NULL)
			continue;
		name = mem_printf("--%s%s%s", row->name,
			row->value != NULL ? " " : "",
			row->value != NULL ? row->value : "");
		printf("  %-21s %s\n", name, row->help);
		free(name);
	}
}

static const struct command *
find_command(const char *name)
{
	const char *names[COMMANDS + 1] = {NULL};
	const char *nearest;

	for (size_t i = 0; i < COMMANDS; i++) {
		names[i] = commands[i].name;
		if (strcmp(name, names[i]) == 0)
			return &commands[i];
	}
	nearest = text_nearest(name, names);
	fprintf(stderr,
		"npsd: there is no command \"%s\"%s%s%s; try npsd "
		"--help\n",
		name, nearest != NULL ? "; did you mean \"" : "",
		nearest != NULL ? nearest : "", nearest != NULL ? "\"?" : "");
	return NULL;
}

/* False: it was given too often. */
static bool
store_option(struct command_options *options, const struct option_row *row,
	char *value)
{
	char *at = (char *)options + row->where;
	size_t count = 0;

	if (row->where == TO(columns) || row->where == TO(headers) ||
		row->where == TO(matches)) {
		const char **list = (const char **)(void *)at;

		while (list[count] != NULL)
			count++;
		if (count == COMMAND_COLUMNS_LIMIT)
			return false;
		list[count] = value;
		return true;
	}
	if (row->value == NULL)
		*(bool *)at = true;
	else
		*(const char **)(void *)at = value;
	return true;
}

/* The exit code, or -1 to go on. */
static int
parse(const struct command *command, int argc, char **argv,
	struct command_options *options)
{
	struct option known[OPTION_ROWS + 2] = {{NULL, 0, NULL, 0}};
	size_t count = 0;
	int found;

	for (int i = 0; i < OPTION_ROWS; i++)
		if (strchr(command->options, option_rows[i].letter) != NULL)
			known[count++] = (struct option){option_rows[i].name,
				option_rows[i].value != NULL, NULL, i + 256};
	known[count] = (struct option){"help", 0, NULL, 'h'};
	argv[0] = program_invocation_short_name; /* in getopt's messages */
	while ((found = getopt_long(argc, argv, "h", known, NULL)) != -1) {
		if (found == 'h') {
			print_help(command);
			return COMMAND_OK;
		}
		if (found < 256) {
			fprintf(stderr, "npsd: try npsd %s --help\n",
				command->name);
			return COMMAND_USAGE;
		}
		if (!store_option(options, &option_rows[found - 256], optarg)) {
			fprintf(stderr, "npsd: at most %d times --%s\n",
				COMMAND_COLUMNS_LIMIT,
				option_rows[found - 256].name);
			return COMMAND_USAGE;
		}
	}
	options->count = argc - optind;
	options->words = argv + optind;
	if (options->count >= command->least && options->count <= command->most)
		return -1;
	fprintf(stderr, "usage: npsd %s %s\n", command->name, command->usage);
	return COMMAND_USAGE;
}

int
command_version(const struct command_options *options)
{
	(void)options;
	printf("npsd %s\n", PACKAGE_VERSION);
	return COMMAND_OK;
}

int
command_completion(const struct command_options *options)
{
	if (strcmp(options->words[0], "bash") != 0) {
		fprintf(stderr, "npsd: completion knows bash, not \"%s\"\n",
			options->words[0]);
		return COMMAND_USAGE;
	}
	completion_bash(commands, COMMANDS, option_rows, OPTION_ROWS);
	return COMMAND_OK;
}

static int
run_named(int argc, char **argv)
{
	struct command_options options = {0};
	const struct command *command;
	int code;

	if (argc < 2) {
		print_usage(stderr);
		return COMMAND_USAGE;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
		strcmp(argv[1], "help") == 0) {
		print_usage(stdout);
		return COMMAND_OK;
	}
	if (strcmp(argv[1], "--version") == 0)
		return command_version(&options);
	command = find_command(argv[1]);
	if (command == NULL)
		return COMMAND_USAGE;
	code = parse(command, argc - 1, argv + 1, &options);
	return code >= 0 ? code : command->run(&options);
}

/* What a full disk cut off must not look like the whole. */
static int
check_output(int code)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return code;
	fprintf(stderr, "npsd: the output could not be written: %s\n",
		strerror(errno));
	return code == COMMAND_OK ? COMMAND_NEGATIVE : code;
}

int
command_main(int argc, char **argv)
{
	json_memory_init();
	return check_output(run_named(argc, argv));
}
