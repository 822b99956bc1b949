"""Draws a scenario by chance: a configuration, what answers and people do, what
receivers and clocks do; then rest, and what must hold.

Usage: draw.py SEED [STEPS]

A seed whose number is odd has no kills, and its end is compared with that of
the store in memory.

What the rules say of an answer is also found here, by reading the same drawn
rules again (class Model), and when the digest `steady` must have gone out; the
scenario asks npsd for the same.
"""
import datetime
import json
import random
import sys
import zoneinfo

ACTIONS = ("crm", "mail", "desk")
OWNERS = ("anna", "eva", "jan")
START = datetime.datetime(2026, 11, 21, 10, tzinfo=datetime.timezone.utc)
DAY = datetime.timedelta(days=1)
MINUTE = datetime.timedelta(minutes=1)
UNITS = {"s": datetime.timedelta(seconds=1), "m": MINUTE,
         "h": 60 * MINUTE, "d": DAY}
MAX_AGE = 7 * DAY       # a rule's, where it says nothing
FUTURE = DAY            # further ahead an answer is refused
KEPT = 25 * DAY         # nothing is removed for its age so soon


def score_of(document):
    return document["response"]["score"]


def earlier(document, member, otherwise=None):
    return (document["previous"] or {}).get(member, otherwise)


def comment(document):
    return document["response"].get("comment") or ""


def above(one, other):
    """As jq orders them: null is below every number."""
    return one is not None and (other is None or one > other)


# Conditions, with the same in Python.
WHENS = (
    (".response.score <= 2", lambda one: score_of(one) <= 2),
    (".category == \"detractor\" and .response.score > 1",
     lambda one: 1 < score_of(one) <= 6),
    ("(.response.comment // \"\") | contains(\"l\")",
     lambda one: "l" in comment(one)),
    (".response.comment == null",
     lambda one: one["response"].get("comment") is None),
    (".response.segment.region == \"NL\"",
     lambda one: one["response"].get("segment", {}).get("region") == "NL"),
    (".response.account.id == \"a1\" or .response.score == 0",
     lambda one: one["response"].get("account", {}).get("id") == "a1"
     or score_of(one) == 0),
    (".previous == null", lambda one: one["previous"] is None),
    (".previous.score > 4", lambda one: above(earlier(one, "score"), 4)),
    (".previous.category != .category",
     lambda one: earlier(one, "category") != one["category"]),
    ("(.previous.score // 10) - .response.score >= 2",
     lambda one: earlier(one, "score", 10) - score_of(one) >= 2),
    ("[.response.score, .previous.score] | min == null or (.[0] < 3)",
     lambda one: earlier(one, "score") is None or score_of(one) < 3),
)

REPLAYS = 0.06  # behind how many of the steps


def instant(at):
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def span(text):
    return int(text[:-1]) * UNITS[text[-1]]


def category_of(score):
    return ("detractor" if score <= 6 else
            "passive" if score <= 8 else "promoter")


class Model:
    """What npsd knows of answers, and what the rules say of one."""

    def __init__(self):
        self.standing = {}      # id: (revision, record)

    def take(self, record, now, by_arrival):
        """Whether it stands now."""
        if answered(record) > now + FUTURE:
            return False
        revision = record.get("revision", 0)
        before = self.standing.get(record["id"])
        if before is not None and by_arrival:
            revision = before[0] + 1
            # The same again is no amendment.
            if same(record, before[1]):
                return False
        elif before is not None and revision <= before[0]:
            return False
        self.standing[record["id"]] = (revision, record)
        return True

    def previous(self, record, now):
        """The customer's answer before this one; or False: who knows."""
        customer = record.get("customer")
        others = [other for _, other in self.standing.values()
                  if customer and other.get("customer") == customer
                  and other["id"] != record["id"]
                  and answered(other) < answered(record)]
        if not others:
            return None
        if any(now - answered(other) > KEPT for other in others):
            return False
        last = max(others, key=answered)
        return {"score": last["score"],
                "category": category_of(last["score"])}

    def verdicts(self, rules, record, now):
        """What each rule says; None: that depends on what may be removed."""
        previous = self.previous(record, now)
        age = now - answered(record)
        if abs(age - MAX_AGE) < MINUTE or age > KEPT:
            return None
        document = {"response": record, "previous": previous,
                    "category": category_of(record["score"])}
        said, over = [], False
        for rule in rules:
            if rule["when"] and ".previous" in rule["when"][0] \
                    and previous is False:
                return None
            said.append("not_asked" if over else
                        judge(rule, document, age))
            over |= said[-1] == "fired" and not rule["continue"]
        return [(rule["name"], one) for rule, one in zip(rules, said)]


def same(one, other):
    return ({key: value for key, value in one.items() if key != "revision"} ==
            {key: value for key, value in other.items() if key != "revision"})


def answered(record):
    return datetime.datetime.fromisoformat(
        record["answered_at"].replace("Z", "+00:00"))


def judge(rule, document, age):
    record = document["response"]
    if not rule["match"](document):
        return "no_match"
    if age >= MAX_AGE:
        return "too_old"
    if rule["when"] and not rule["when"][1](document):
        return "when_false"
    if rule["opens"] and record.get("contact_ok") is False \
            and not rule["any"]:
        return "contact_not_ok"
    return "shadow" if rule["shadow"] else "fired"


MATCHES = {
    "category: detractor": lambda one: one["category"] == "detractor",
    "score: 0-3": lambda one: score_of(one) <= 3,
    "category: [detractor, passive]":
        lambda one: one["category"] != "promoter",
    "category: detractor, segment.region: NL":
        lambda one: one["category"] == "detractor" and
        one["response"].get("segment", {}).get("region") == "NL",
}


# Each always on the same terms: how it stands is kept under its name.
WATCHES = {
    "low": "below: 60, window: 2d, min_responses: 3, rearm: 6d",
    "fell": "drop: 5, window: 2d, baseline: 7d, min_responses: 3, "
            "confidence: 0.5, rearm: 9d",
    "regions": "below: 80, by: region, window: 2d, min_responses: 2, "
               "confidence: 0.5, rearm: 4d",
    "silent": "silent_for: 1d, baseline: 7d, min_responses: 3, "
              "confidence: 0.5, rearm: 4d",
    "spool": "source: spool, silent_for: 1d, rearm: 4d",
}


class Scenario:
    def __init__(self, seed, steps):
        self.chance = random.Random(seed)
        self.kills = seed % 2 == 0
        self.answers = []       # [id, highest revision, customer, account]
        self.silences = 0
        self.actions = ACTIONS
        self.now = self.steady = START
        self.model = Model()
        self.rules = []
        self.zone = None
        print(f"Scenario: chance {seed}\nRules:")
        self.configure(whole=True)
        print(f"At {START:%Y-%m-%dT%H:%M:%SZ}")
        self.answer()           # the stage opens with these rules
        # By a chance of their own: all else is drawn as it is without them.
        replays = random.Random(-1 - seed)
        for _ in range(steps):
            self.step()
            if replays.random() < REPLAYS:
                print("All is replayed")
        print("New rules:")
        self.configure(whole=True)
        print("The daemon reloads\nAll comes to rest")
        self.move(20 * DAY)
        print("All holds")
        if not self.kills:
            print("Both stores end alike")

    def one_in(self, number):
        return self.chance.random() < 1 / number

    def pick(self, *choices):
        return self.chance.choice(choices)

    # ---- configurations ----

    def configure(self, whole=False):
        pick, one_in = self.pick, self.one_in
        lines = []
        self.actions = ACTIONS
        if not whole and one_in(4):
            self.actions = pick(("crm", "mail"), ("crm", "desk"), ("mail",))
        lines.append(f"actions: [{', '.join(self.actions)}]")
        if one_in(2):
            lines.append(f"addressed: [{self.some_actions()}]")
        zone = pick("UTC", "Europe/Amsterdam")
        self.zone = zoneinfo.ZoneInfo(zone)
        self.steady = max(self.steady, self.now)
        lines.append(f"timezone: {zone}")
        lines += ["segments: [region]", "public_url: https://n.example",
                  f"links_valid: {pick('6h', '2d', '7d')}", "digests:",
                  "  - {name: steady, every: \"daily 08:00\", "
                  "to: [cx@example.com]}"]
        if one_in(3):
            lines.append("  - {name: weekly, every: \"mon 17:30\", by: region,"
                         " to: [cx@example.com], readers: {NL: "
                         "[nl@example.com]}}")
        lines.append("watches:")
        for name, terms in WATCHES.items():
            if whole or one_in(1.2):
                lines.append(f"  - {{name: {name}, {terms}, "
                             f"do: [{self.some_actions()}]}}")
        if lines[-1] == "watches:":
            lines[-1] = "watches: []"
        lines.append(f"retry_first: {pick('5s', '1m')}")
        if one_in(2):
            lines.append(f"storm: {{more_than: {pick(1, 2, 3)}, "
                         f"within: {pick('1m', '10m', '1h')}}}")
        if one_in(4) and len(self.actions) > 1:
            lines.append(f"on_failure: [{self.actions[1]}]")
        if not whole and one_in(4):
            lines.append(f"keep_responses: {pick('30d', '90d')}")
        if one_in(8):
            lines.append("rate: 1/s")
        lines += [
            "owners:", "  anna: {email: anna@example.com, manager: jan, "
            "cover: eva, away: [{from: 2026-11-25, to: 2026-11-29}]}",
            "  eva: {email: eva@example.com}",
            "  jan: {email: jan@example.com}",
            "hours:",
            "  office: {days: mon-fri, from: \"09:00\", to: \"17:00\"}",
            "rules:"]
        names = self.chance.sample(range(5), pick(1, 2, 3, 4))
        self.rules = []
        for number in names:
            lines.append(f"  - {self.rule(number)}")
        print("\n".join("  " + line for line in lines))

    def rule(self, number):
        pick, one_in = self.pick, self.one_in
        match = pick("category: detractor", "category: detractor",
                     "score: 0-3", "category: [detractor, passive]",
                     "category: detractor, segment.region: NL")
        parts = [f"name: r{number}", f"match: {{{match}}}"]
        if one_in(2):
            parts.append(f"wait: {pick('1m', '10m', '1h')}")
        if one_in(3):
            parts.append(f"cooldown: {{for: {pick('1h', '1d', '30d')}, "
                         f"per: {pick('customer', 'account')}}}")
        if one_in(3):
            parts.append(f"on_amend: [{self.some_actions()}]")
        if one_in(6):
            parts.append("shadow: true")
        if one_in(2):
            parts.append("continue: true")
        when = pick(*WHENS) if one_in(2) else None
        if when:
            parts.append("when: " + json.dumps(when[0]))
        if one_in(2):
            parts.append(f"follow_up: {{{self.follow_up()}}}")
            if one_in(2):
                parts.append("owner: " + pick(
                    "anna", "[anna, eva]", "[jan, anna, eva]",
                    "x@example.com"))
        parts.append(f"do: [{self.some_actions()}]")
        text = "{" + ", ".join(parts) + "}"
        self.rules.append({
            "name": f"r{number}", "match": MATCHES[match], "when": when,
            "continue": "continue: true" in parts,
            "shadow": "shadow: true" in parts, "opens": "follow_up:" in text,
            "any": "contact: any" in text})
        return text

    def some_actions(self):
        count = self.chance.randrange(1, len(self.actions) + 1)
        return ", ".join(self.chance.sample(self.actions, count))

    def follow_up(self):
        pick, one_in = self.pick, self.one_in
        parts = [f"per: {pick('customer', 'account')}"]
        contact = one_in(1.5)
        if contact:
            parts.append(f"contact_within: {pick('8h', '2h')}")
        if contact and one_in(2):
            parts.append(f"remind_before: {pick('1h', '30m')}")
        resolve = one_in(2)
        if resolve:
            parts.append(f"resolve_within: {pick('2wd', '20h')}")
        if contact and one_in(3):
            parts.append("claimed_within: 1h")
        steps = []
        for clock in (["contact"] if contact else []) + (
                ["resolve"] if resolve else []):
            if one_in(2):
                steps.append(f"{{overdue: {pick('1h', '4h')}, clock: {clock},"
                             f" do: [{self.some_actions()}]}}")
        if steps:
            parts.append(f"escalate: [{', '.join(steps)}]")
        # wd asks for hours.
        if any("wd" in part for part in parts) or one_in(3):
            parts.append("hours: office")
        if one_in(4):
            parts.append(f"do: [{self.some_actions()}]")
        if one_in(8):
            parts.append("contact: any")
        if one_in(12):
            parts.append(f"tracked_in: {self.actions[0]}")
        return ", ".join(parts)

    # ---- steps ----

    def step(self):
        steps = ((30, self.answer), (14, self.amend), (4, self.repeat),
                 (14, self.wait), (4, self.silence), (3, self.end_silence),
                 (10, self.act), (7, self.receiver), (5, self.pause),
                 (3, self.resume), (2, self.cancel), (2, self.retry),
                 (3, self.reload), (2, self.clock), (3, self.kill),
                 (8, self.link), (4, self.crowd))
        self.chance.choices([step for _, step in steps],
                            [weight for weight, _ in steps])[0]()

    def say(self, answer, revision, score, past=False):
        name, _, customer, account, at = answer
        record = {"id": name, "score": score, "answered_at": at}
        if revision:
            record["revision"] = revision
        if customer:
            record["customer"] = {"id": customer}
        if account:
            record["account"] = {"id": account}
        if self.one_in(3):
            record["comment"] = self.pick("slow", "late", "why")
        if self.one_in(2):
            record["segment"] = {"region": self.pick("NL", "BE")}
        if self.one_in(15):
            record["contact_ok"] = False
        by_arrival = self.one_in(8)
        if by_arrival:
            record.pop("revision", None)
            how = "By arrivals answer"
        else:
            how = "Of the past" if past else "Answer"
        print(how, json.dumps(record, separators=(",", ":")))
        if self.model.take(record, self.now, by_arrival) and how[0] != "O":
            self.judge(record)

    def judge(self, record):
        said = self.model.verdicts(self.rules, record, self.now)
        if said:
            print(f"Of {record['id']} the rules say "
                  f"{', '.join(' '.join(one) for one in said)}")

    def score(self):
        return self.pick(0, 1, 2, 3, 3, 5, 7, 9, 9)

    def answer(self):
        customer = self.pick("c1", "c2", "c3", None)
        account = self.pick("a1", "a2", None)
        past = self.one_in(20)
        # Some come by the dozen, worse than others.
        for _ in range(self.pick(1, 1, 1, 1, 1, 2, 3, 6)):
            number = len(self.answers) + 1
            # No two were given at the same moment.
            at = instant(self.now - datetime.timedelta(
                milliseconds=1000 - number % 1000))
            answer = [f"x-{number}", 0, customer, account, at]
            self.answers.append(answer)
            self.say(answer, 0, self.score(), past)

    def some_answer(self):
        if self.one_in(2):
            return self.pick(*self.answers[-4:])
        return self.pick(*self.answers)

    def crowd(self):
        """Many at once, so that figures move."""
        of = self.pick("", " of segment region=NL", " of segment region=BE")
        print(f"{self.pick(5, 15)} answers{of} with score "
              f"{self.pick(1, 9, 10)} arrive")

    def amend(self):
        if not self.answers:
            return
        answer = self.some_answer()
        # Better, and worse again, before anybody was told.
        for _ in range(self.pick(1, 1, 2, 3)):
            answer[1] += 1
            if self.one_in(10):
                answer[2] = self.pick("c1", "c2", "c3", None)
            self.say(answer, answer[1], self.score(), self.one_in(20))

    def repeat(self):
        if self.answers:
            answer = self.some_answer()
            self.say(answer, self.chance.randrange(answer[1] + 1),
                     self.score())

    def wait(self):
        how_long = self.pick("1s", "1s", "1m", "1m", "1m", "10m", "10m", "1h",
                             "4h", "1d", "1d", "14d")
        print(how_long, "passes")
        self.move(span(how_long))

    def move(self, by, runs=True):
        """Time passes; what of the digest must have gone out by then. It looks
        at least each five minutes; what a clock skipped may be left out."""
        begin, self.now = self.now, self.now + by
        upto = self.now - 5 * MINUTE if runs else self.now
        due = [at for at in self.eights(begin, upto)
               if at > (self.steady if runs else begin)]
        if not runs:
            due = [at for at in due[-1:] if at > self.steady]
        due = [at for at in due if self.now - at < KEPT]
        if due:
            print("Digest steady went out for",
                  ", ".join(instant(at) for at in due))
        self.steady = max(self.steady, upto)

    def eights(self, begin, upto):
        """Eight o'clock of each day around, up to then."""
        day = min(begin, self.steady).astimezone(self.zone).date()
        found = []
        while True:
            at = datetime.datetime.combine(
                day, datetime.time(8), self.zone).astimezone(
                    datetime.timezone.utc)
            if at > upto:
                return found
            found.append(at)
            day += DAY

    def link(self):
        number = self.chance.randrange(1000)
        if self.one_in(6):
            print("Link", number, "is spoilt")
            return
        act = self.pick("claim", "contacted", "not_reached", "resolved",
                        "lost", "reopen", "note")
        why = " because price" if act in ("resolved", "lost", "note") else ""
        print(f"Link {number} says {act}{why}")

    def silence(self):
        asked = {"for": self.pick("10m", "2h", "2d"), "why": "works"}
        if self.one_in(2):
            asked["rule"] = self.pick("r0", "r1")
        if "rule" not in asked or self.one_in(2):
            asked["match"] = self.pick(
                {"category": "detractor"}, {"segment.region": "NL"},
                {"customer.id": "c1"})
        self.silences += 1
        print("ops silences", json.dumps(asked, separators=(",", ":")))

    def end_silence(self):
        if self.silences:
            print("ops tries to end silence",
                  self.chance.randrange(self.silences) + 1)

    def act(self):
        if self.answers:
            act = self.pick("claim", "claim", "contacted", "not_reached",
                            "resolved", "lost", "reopen")
            why = " because price" if act in ("resolved", "lost") else ""
            print(self.pick(*OWNERS), "tries", act, "of",
                  self.some_answer()[0] + why)

    def receiver(self):
        action = self.pick(*ACTIONS)
        print(action, self.pick(
            "answers 200", "answers 200", "answers 503", "answers 400",
            "answers 404", "answers 429 and asks to wait 1h", "is silent",
            "answers 503 once", "answers 400 once"))

    def pause(self):
        print(self.pick(*self.actions), "is paused")

    def resume(self):
        print(self.pick(*self.actions), "is resumed")

    def cancel(self):
        print("What is", self.pick("pending", "retrying"), "of",
              self.pick(*ACTIONS), "is cancelled by hand")

    def retry(self):
        print("What is", self.pick("dead", "cancelled", "folded"), "of",
              self.pick(*ACTIONS), "is retried by hand")

    def reload(self):
        print("New rules:")
        self.configure()
        if self.kills and self.one_in(2):
            print("The daemon is killed and starts again with them")
        else:
            print("The daemon reloads")

    def clock(self):
        by, way = self.pick("1m", "1h", "1d"), self.pick("back", "ahead")
        print("The clock is set", by, way)
        self.now += span(by) if way == "ahead" else -span(by)
        self.steady = max(self.steady, self.now)

    def kill(self):
        if not self.kills:
            return
        down = self.pick(None, "5m", "8h")
        if down is None:
            print("The daemon is killed and starts again")
            return
        print("The daemon is down for", down)
        self.move(span(down), runs=False)


if __name__ == "__main__":
    Scenario(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 200)
