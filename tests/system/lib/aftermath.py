"""aftermath - all that comes of answers later: follow-ups and what falls due of
them, storms, silences, watches, digests. What it configures, who does
something meanwhile, and what must be true in the end.

	aftermath = Aftermath(place, receiver, whole)
	daemon = place.prepare(**aftermath.sections(...))
	daemon.start(); aftermath.begin(daemon)
	...
	aftermath.settle(); daemon.stop(); aftermath.check()

Nothing of it may be lost, or happen twice, however often the daemon dies. whole:
the minutes are waited for in which watches look and digests fall due.
"""
import collections
import contextlib
import json
import random
import sqlite3
import threading
import time
import zlib

from harness import PATIENCE_S, QUICK, STATE_DELIVERED, equal, until
import load

STATE_FOLDED = 6    # see enum delivery_state: it is stored
SHOPS = ("s0", "s1", "s2", "shut", "closed")
OWNERS = ("anna", "jan")
DIGESTS = 20        # one a minute
STEPS = {"reminded": "remind", "escalated": "escalate"}
SEVERAL = ("fold", "note")      # a note: it waits for a silence's end
SHUT_S = 4
WATCHED = 30        # answers of a shop before its watch says something
SLACK_MS = 10000    # from an answer's arrival to its commit, at most


def answer(name):
    """As load.answer, of customers who come again and of shops."""
    number = zlib.crc32(name.encode()) // 70
    whole = load.answer(name)
    whole["segment"] = {"shop": SHOPS[min(number % 10 // 2, 3)
                                      if number % 10 < 9 else 4]}
    if number // 10 % 2:
        whole["customer"] = {"id": "c-%d" % (number // 20 % 60)}
    return whole


class People(threading.Thread):
    """They call customers and close follow-ups, as long as npsd answers."""

    def __init__(self, daemon, seed):
        super().__init__(daemon=True)
        self.daemon_under_test = daemon
        self.chance = random.Random("%s people" % seed)
        self.asked, self.done = set(), set()
        self.ending = threading.Event()

    def run(self):
        while not self.ending.wait(0.05):
            try:
                self.act()
            except (OSError, ValueError, AssertionError):
                pass    # it is being killed
            except Exception as error:      # http.client's
                if type(error).__module__ != "http.client":
                    raise

    def act(self):
        listed = self.daemon_under_test.get(
            "/api/v1/follow-ups?state=open&limit=50", unix=True)
        rows = listed.json()["items"]
        if not rows:
            return
        row = self.chance.choice(rows)["row"]
        state = self.chance.choice(("contacted", "resolved"))
        self.asked.add((int(row), state))
        got = self.daemon_under_test.post(
            "/api/v1/follow-ups/" + row,
            {"state": state, "reason": "price"}, unix=True)
        if got.status == 200:
            self.done.add((int(row), state))

    def end(self):
        self.ending.set()
        self.join()


class Aftermath:
    def __init__(self, place, receiver, seed, whole):
        self.receiver = receiver
        self.whole = whole
        self.seed = seed
        self.mails = place.smtp()
        # The second a digest is due, by its name.
        first = int(time.time()) // 60 * 60 + 60
        self.digests = {"at-%d" % i: first + 60 * i for i in range(DIGESTS)}
        self.daemon = self.people = None

    def sections(self, actions, rule):
        """Sections with all of it; `rule` is what opens follow-ups."""
        hook = {"type": "webhook", "retry": QUICK,
                "limit": {"concurrent": 8}}
        return {
            "score": {"segments": ["shop"]},
            "reasons": ["price"],
            "owners": {name: {"email": name + "@example.com"}
                       for name in OWNERS},
            "actions": dict(
                actions,
                due=dict(hook, url=self.receiver.url("/due")),
                # One of its own: steps that fall due together are one
                # message an action, on a machine that is slow today.
                late=dict(hook, url=self.receiver.url("/late")),
                flood=dict(hook, url=self.receiver.url("/flood"),
                           storm={"more_than": 3, "within": "1s"}),
                watch=dict(hook, url=self.receiver.url("/watch")),
                post={"type": "email", "url": self.mails.url(),
                      "from": "nps@example.com", "to": "x@example.com",
                      "retry": QUICK}),
            "rules": [dict(
                rule, do=rule["do"] + ["flood"], owner=list(OWNERS),
                follow_up={"contact_within": "2s", "remind_before": "1s",
                           "escalate": [{"overdue": "1s", "do": ["late"]}],
                           "do": ["due"]})],
            # Who is watched is below it, and stays there: told once.
            "watches": [{"name": "low", "below": 95, "window": "1h",
                         "by": "shop", "min_responses": WATCHED,
                         "rearm": "0s", "do": ["watch"]}],
            "digests": [{"name": name, "to": ["cx@example.com"],
                         "every": time.strftime("daily %H:%M",
                                                time.gmtime(at))}
                        for name, at in self.digests.items()]}

    def begin(self, daemon):
        self.daemon = daemon
        self.silence("closed", "2h")
        self.silence("shut", "%ds" % (SHUT_S * (10 if self.whole else 1)))
        self.people = People(daemon, self.seed)
        self.people.start()

    def silence(self, shop, how_long):
        got = self.daemon.post(
            "/api/v1/silences", {"match": {"segment.shop": shop},
                                 "for": how_long, "why": shop}, unix=True)
        equal(got.status // 100, 2, "a silence: %r" % got)

    # ---- to its end ----

    def ask(self, query):
        # One that only reads disturbs nobody, and needs somebody who writes.
        mode = "ro" if self.daemon.alive() else "rw"
        with contextlib.closing(sqlite3.connect(
                "file:%s?mode=%s" % (self.daemon.database, mode), uri=True,
                timeout=PATIENCE_S)) as file:
            return file.execute(query).fetchall()

    def count(self, query):
        return self.ask("SELECT count(*) FROM " + query)[0][0]

    def settle(self):
        """Nothing more falls due; the daemon lives."""
        self.people.end()
        # What fell due under a silence waits for its end.
        for row in self.ask("SELECT row FROM silence WHERE ended_ms = 0"):
            self.daemon.post("/api/v1/silences/%d/end" % row, "", unix=True)
        until(lambda: self.count("follow_up WHERE next_due_ms > 0") == 0,
              "what falls due of follow-ups", 2 * PATIENCE_S)
        if self.whole:
            until(lambda: self.count("delivery WHERE cause = 'watch'") >=
                  len(SHOPS), "the looks of a watch", 60 + PATIENCE_S)
        until(lambda: self.count("delivery WHERE state < 3") == 0,
              "what waits", 2 * PATIENCE_S)

    # ---- what must hold ----

    def check(self):
        """Of a daemon that was stopped."""
        self.deliveries = [
            dict(zip(("row", "id", "cause", "rule", "action", "answer",
                      "state", "message"), row))
            for row in self.ask(
                "SELECT row, lower(hex(id)), cause, rule, action, answer, "
                "state, message FROM delivery LEFT JOIN folded "
                "ON folded.delivery = row ORDER BY row")]
        self.judge()
        self.check_silences()
        self.check_openings()
        self.check_acts()
        self.check_turns()
        self.check_due()
        self.check_storms()
        self.check_watches()
        self.check_digests()

    def judge(self):
        self.fired, self.silenced, shops = {}, {}, {}
        for row, name, verdicts, arrived in self.ask(
                "SELECT row, id, verdicts, arrived_ms FROM answer "
                "WHERE score <= 6"):
            verdict = json.loads(verdicts)[0]["verdict"]
            shops[row] = answer(name)["segment"]["shop"], arrived
            if verdict == "fired":
                self.fired[row] = name
            else:
                equal(verdict, "silenced", name)
                self.silenced[row] = shops[row]
        self.shops = shops

    def check_silences(self):
        rows = self.ask("SELECT why, since_ms, until_ms, silenced "
                        "FROM silence ORDER BY row")
        equal([row[0] for row in rows], ["closed", "shut"], "silences")
        hushed = collections.Counter(
            shop for shop, _ in self.silenced.values())
        equal(hushed, {why: count for why, _, _, count in rows if count},
              "answers that silences say they silenced")
        until_ms = {row[0]: row[2] for row in rows}
        for row, (shop, arrived) in self.shops.items():
            late = arrived - until_ms.get(shop, 0)
            if row in self.silenced and late > 0:
                raise AssertionError("silenced %d ms late" % late)
            if row in self.fired and late < -SLACK_MS:
                raise AssertionError("%s: not silenced" % shop)

    def check_openings(self):
        """Each opened one or was folded into one, once; silenced or not."""
        events = self.ask("SELECT answer, follow_up FROM follow_up_event "
                          "WHERE act IN ('opened', 'fold')")
        equal(sorted(row for row, _ in events), sorted(self.shops),
              "answers that opened a follow-up or were folded into one")
        equal(self.ask(
            "SELECT answer FROM follow_up_event WHERE act = 'opened' "
            "ORDER BY answer"), self.ask(
            "SELECT answer FROM follow_up ORDER BY answer"), "opened")
        closed = {}
        for scope, opened, ended in self.ask(
                "SELECT scope, opened_ms, closed_ms FROM follow_up "
                "ORDER BY row"):
            if opened < closed.get(scope, 0) or closed.get(scope) == 0:
                raise AssertionError("%s: two at a time" % scope)
            closed[scope] = ended

    def check_acts(self):
        acts = collections.defaultdict(list)
        for row, act in self.ask("SELECT follow_up, act FROM "
                                 "follow_up_event ORDER BY follow_up, n"):
            acts[row].append(act)
        counts = {(row, act): found.count(act)
                  for row, found in acts.items() for act in found}
        equal([key for key, count in counts.items()
               if count > 1 and key[1] not in SEVERAL][:5], [], "done twice")
        equal(sorted(self.people.done - set(counts))[:5], [],
              "said and lost")
        touched = {row for row, _ in self.people.asked}
        equal({(row, act) for row, act in counts
               if act in ("contacted", "resolved")} - self.people.asked,
              set(), "done by nobody")
        equal([(row, found) for row, found in acts.items()
               if row not in touched and
               [act for act in found if act not in SEVERAL] !=
               ["opened", "reminded", "escalated"]][:5], [],
              "what was done to follow-ups")
        self.told = {(str(row), STEPS[act]) for row, act in counts
                     if act in STEPS}

    def check_turns(self):
        owners = [row[0] for row in self.ask(
            "SELECT owner FROM follow_up ORDER BY row")]
        equal(owners, [OWNERS[i % 2] for i in range(len(owners))],
              "whose turn it was")

    def check_states(self, rows, *states):
        equal({row["state"] for row in rows} - set(states), set(),
              "states of deliveries")

    def taken(self, *paths):
        """What was taken, by id."""
        return {one.id.replace("-", ""): one.json()
                for path in paths for one in self.receiver.at(path)
                if one.status == 200}

    def check_due(self):
        rows = [row for row in self.deliveries if row["cause"] == "due"]
        self.check_states(rows, STATE_DELIVERED)
        taken = self.taken("/due", "/late")
        equal(sorted(taken), sorted(row["id"] for row in rows), "due")
        equal(sorted((one["follow_up"]["id"], one["due"]["step"])
                     for one in taken.values()), sorted(self.told),
              "steps that were told, each under one id")

    def check_storms(self):
        rows = [row for row in self.deliveries if row["action"] == "flood"]
        alerts = [row for row in rows if row["cause"] == "alert"]
        messages = {row["row"]: row for row in rows
                    if row["cause"] == "storm"}
        equal(len(alerts) + len(messages), len(rows), "alerts and messages")
        self.check_states(alerts, STATE_DELIVERED, STATE_FOLDED)
        self.check_states(messages.values(), STATE_DELIVERED)
        equal(sorted(row["answer"] for row in alerts), sorted(self.fired),
              "alerts, folded or not")
        folded = collections.Counter(
            row["message"] for row in alerts if row["state"] == STATE_FOLDED)
        equal(sorted(folded), sorted(messages), "messages of storms")
        taken = self.taken("/flood")
        equal(sorted(taken), sorted(
            row["id"] for row in rows if row["state"] == STATE_DELIVERED),
            "told of storms")
        equal({row: taken[one["id"]]["storm"]["count"]
               for row, one in messages.items()}, dict(folded),
              "how many a message tells of")
        self.folded = sum(folded.values())

    def check_watches(self):
        rows = [row for row in self.deliveries if row["cause"] == "watch"]
        self.check_states(rows, STATE_DELIVERED)
        taken = self.taken("/watch")
        equal(sorted(taken), sorted(row["id"] for row in rows), "watches")
        values = [one["watch"]["value"] for one in taken.values()]
        equal(sorted(values), sorted(SHOPS) if self.whole
              else sorted(set(values)), "alarms, one a shop")
        self.alarms = len(values)

    def check_digests(self):
        """Of each that fell due one mail; of the others none."""
        rows = [row for row in self.deliveries if row["cause"] == "digest"]
        self.check_states(rows, STATE_DELIVERED)
        now = time.time()
        fell = [name for name, at in self.digests.items() if at < now]
        # One that falls due now may be on its way, and is not waited for.
        sure = [name for name in fell if self.digests[name] < now - 30]
        names = sorted(row["rule"] for row in rows)
        equal(names, sorted(set(names)), "digests sent twice")
        equal(sorted(set(sure) - set(names)), [], "digests not sent")
        equal(sorted(set(names) - set(fell)), [], "digests not due")
        ids = collections.Counter(
            mail.parsed()["Message-ID"] for mail in self.mails.taken())
        equal(len(ids), len(rows), "mails: %s" % ids)
        self.mailed = len(ids)

    def tell(self):
        print("%d detractors fired, %d were silenced; %d follow-ups, %d "
              "steps told, %d acts of people;\n%d alerts folded, %d alarms "
              "of a watch, %d digests" % (
                  len(self.fired), len(self.silenced),
                  self.count("follow_up"), len(self.told),
                  len(self.people.done), self.folded, self.alarms,
                  self.mailed))
