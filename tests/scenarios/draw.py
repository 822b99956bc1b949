"""Draws a scenario by chance: a configuration, what answers and people do, what
receivers and clocks do; then rest, and what must hold.

Usage: draw.py SEED [STEPS]

A seed whose number is odd has no kills, and its end is compared with that of
the store in memory.
"""
import datetime
import json
import random
import sys

ACTIONS = ("crm", "mail", "desk")
OWNERS = ("anna", "eva", "jan")
START = datetime.datetime(2026, 11, 21, 10, tzinfo=datetime.timezone.utc)


class Scenario:
    def __init__(self, seed, steps):
        self.chance = random.Random(seed)
        self.kills = seed % 2 == 0
        self.answers = []       # [id, highest revision, customer, account]
        self.silences = 0
        self.actions = ACTIONS
        print(f"Scenario: chance {seed}\nRules:")
        self.configure(whole=True)
        print(f"At {START:%Y-%m-%dT%H:%M:%SZ}")
        self.answer()           # the stage opens with these rules
        for _ in range(steps):
            self.step()
        print("New rules:")
        self.configure(whole=True)
        print("The daemon reloads\nAll comes to rest\nAll holds")
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
        lines.append(f"timezone: {pick('UTC', 'Europe/Amsterdam')}")
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
        # No when: it has a deadline by the clock of the machine, and a test
        # must end alike on a busy one.
        if one_in(2):
            parts.append(f"follow_up: {{{self.follow_up()}}}")
            if one_in(2):
                parts.append("owner: " + pick(
                    "anna", "[anna, eva]", "[jan, anna, eva]",
                    "x@example.com"))
        parts.append(f"do: [{self.some_actions()}]")
        return "{" + ", ".join(parts) + "}"

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
                 (3, self.reload), (2, self.clock), (3, self.kill))
        self.chance.choices([step for _, step in steps],
                            [weight for weight, _ in steps])[0]()

    def say(self, answer, revision, score, past=False):
        name, _, customer, account = answer
        record = {"id": name, "score": score}
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
        if self.one_in(8):
            record.pop("revision", None)
            how = "By arrivals answer"
        else:
            how = "Of the past" if past else "Answer"
        print(how, json.dumps(record, separators=(",", ":")))

    def score(self):
        return self.pick(0, 1, 2, 3, 3, 5, 7, 9, 9)

    def answer(self):
        customer = self.pick("c1", "c2", "c3", None)
        account = self.pick("a1", "a2", None)
        past = self.one_in(20)
        # Some come by the dozen, worse than others.
        for _ in range(self.pick(1, 1, 1, 1, 1, 2, 3, 6)):
            answer = [f"x-{len(self.answers) + 1}", 0, customer, account]
            self.answers.append(answer)
            self.say(answer, 0, self.score(), past)

    def some_answer(self):
        if self.one_in(2):
            return self.pick(*self.answers[-4:])
        return self.pick(*self.answers)

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
        print(self.pick("1s", "1s", "1m", "1m", "1m", "10m", "10m", "1h",
                        "4h", "1d", "1d", "14d"), "passes")

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
        print("The clock is set", self.pick("1m", "1h", "1d"),
              self.pick("back", "ahead"))

    def kill(self):
        if self.kills:
            print(self.pick("The daemon is killed and starts again",
                            "The daemon is down for 5m",
                            "The daemon is down for 8h"))


if __name__ == "__main__":
    Scenario(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 200)
