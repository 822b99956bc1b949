"""load - answers in numbers, and a ledger of what became of each.

Every answer is made from its id alone, so that a checker can tell what must
have been counted. What was acknowledged, what may have arrived and what was
only made stands in the Ledger.
"""
import http.client
import json
import os
import random
import threading
import zlib


def score_of(name):
    """One in ten is a detractor, so that a receiver in Python keeps up."""
    number = zlib.crc32(name.encode())
    if number % 10 == 0:
        return number // 10 % 7
    return 7 + number // 10 % 4


def category_of(score):
    return ("detractor" if score <= 6 else
            "passive" if score <= 8 else "promoter")


def answer(name):
    return {"id": name, "survey": "kill", "score": score_of(name),
            "comment": "answer " + name}


class Ledger:
    """Who said what, outside of the daemon."""

    def __init__(self):
        self.lock = threading.Lock()
        self.made = set()       # ids that were sent, or written, or may be
        self.taken = set()      # ids that were acknowledged
        self.written = set()    # ids in the spool
        self.known = []         # ids to repeat
        self.refused = []
        self.again = 0

    def make(self, name):
        with self.lock:
            self.made.add(name)
            self.known.append(name)

    def old(self, chance):
        """An id that was made before, to come again; None: there is none."""
        with self.lock:
            if not self.known:
                return None
            self.again += 1
            return chance.choice(self.known)

    def take(self, names):
        with self.lock:
            self.taken.update(names)

    def progress(self):
        with self.lock:
            return len(self.taken)


class Poster(threading.Thread):
    """A client. Requests whose fate is unknown go again, most of them."""

    def __init__(self, daemon, ledger, name, seed, again=0.1, give_up=0.3,
                 make=answer):
        super().__init__(daemon=True)
        self.make = make
        self.daemon_under_test = daemon
        self.ledger = ledger
        self.prefix = name
        self.chance = random.Random("%s %s" % (seed, name))
        self.again = again
        self.give_up = give_up
        self.count = 0
        self.ending = threading.Event()
        self.connection = None

    def run(self):
        while not self.ending.is_set():
            names = []
            for _ in range(self.chance.choice((1, 1, 1, 3, 10))):
                old = None
                if self.chance.random() < self.again:
                    old = self.ledger.old(self.chance)
                if old is None:
                    old = "%s-%d" % (self.prefix, self.count)
                    self.count += 1
                    self.ledger.make(old)
                names.append(old)
            self.send(names)
        if self.connection is not None:
            self.connection.close()

    def send(self, names):
        body = json.dumps([self.make(name) for name in names])
        while not self.ending.is_set():
            status = self.post(body)
            if status in (200, 202):
                self.ledger.take(names)
                return
            if status not in (None, 503):
                self.ledger.refused.append(status)
                return
            if status is None and self.chance.random() < self.give_up:
                return
            self.ending.wait(0.02)

    def post(self, body):
        """The status, or None where it is not known."""
        try:
            if self.connection is None:
                self.connection = http.client.HTTPConnection(
                    "127.0.0.1", self.daemon_under_test.port or 1,
                    timeout=60)
            self.connection.request("POST", "/api/v1/responses", body,
                                    {"Content-Type": "application/json"})
            got = self.connection.getresponse()
            got.read()
            return got.status
        except (OSError, http.client.HTTPException):
            if self.connection is not None:
                self.connection.close()
            self.connection = None
            return None

    def end(self):
        self.ending.set()


class Spooler(threading.Thread):
    """A program that writes a spool, and renames it from time to time."""

    def __init__(self, path, ledger, seed, again=0.1, rotate=0.02,
                 pause=0.05, make=answer):
        super().__init__(daemon=True)
        self.make = make
        self.path = path
        self.ledger = ledger
        self.chance = random.Random("%s spool" % seed)
        self.again = again
        self.rotate = rotate
        self.pause = pause
        self.count = 0
        self.turns = 0
        self.ending = threading.Event()

    def run(self):
        file = open(self.path, "a")
        while not self.ending.wait(self.pause):
            for _ in range(self.chance.randrange(20)):
                self.write(file)
            file.flush()
            if self.chance.random() < self.rotate:
                self.turns += 1
                os.rename(self.path, "%s-%06d" % (self.path, self.turns))
                file.close()
                file = open(self.path, "a")
        file.close()

    def write(self, file):
        name = None
        if self.chance.random() < self.again:
            name = self.ledger.old(self.chance)
        if name is None:
            name = "s-%d" % self.count
            self.count += 1
            self.ledger.make(name)
        self.ledger.written.add(name)
        file.write(json.dumps(self.make(name)) + "\n")

    def end(self):
        self.ending.set()
        self.join()
