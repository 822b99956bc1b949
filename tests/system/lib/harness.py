"""harness - the real daemon in a folder of its own, and tests as TAP.

	from harness import case, main

	@case("S07: half a line waits for its rest")
	def half_a_line(place):
	    daemon = place.daemon(sources={...})
	    ...

	main()

Each case gets a Place: a temporary folder, daemons, receivers, all of them
stopped and removed after it. Nothing here sleeps for a fixed time: what is
waited for is asked for again and again until a deadline.
"""
import contextlib
import http.client
import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import traceback

LIB = os.path.dirname(os.path.abspath(__file__))
TOP = os.environ.get("top_srcdir") or os.path.join(LIB, "..", "..", "..")
NPSD = os.environ.get("NPSD") or os.path.join(TOP, "src", "npsd")
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(TOP, "tests", "demo"))
from receivers import HttpReceiver, SmtpReceiver, make_certificate  # noqa

# The daemon is several times slower with them, so work is cut and patience
# is not.
SANITIZED = os.environ.get("SANITIZERS", "no") not in ("", "no", "none")
PATIENCE_S = float(os.environ.get("PATIENCE", "120" if SANITIZED else "60"))


def scaled(count):
    """As much work as this build can do in the same time."""
    return max(1, count // 4) if SANITIZED else count


# Waiting ---------------------------------------------------------------------

def until(condition, what, seconds=PATIENCE_S):
    """Asks condition() until it is true; gives what it gave."""
    end = time.monotonic() + seconds
    pause, pause_s = threading.Event(), 0.005
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > end:
            raise AssertionError("waited %g s for %s" % (
                seconds, what() if callable(what) else what))
        pause.wait(pause_s)
        pause_s = min(1.2 * pause_s, 0.05)


# The daemon ------------------------------------------------------------------

class Answer:
    """An HTTP answer."""

    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers
        self.body = body

    @property
    def type(self):
        return (self.headers.get("Content-Type") or "").split(";")[0]

    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return "%d %r" % (self.status, self.body[:300])


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path, timeout):
        super().__init__("localhost", timeout=timeout)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class Daemon:
    """npsd run, with all it says."""

    def __init__(self, folder, config, environment=None):
        self.folder = folder
        self.path = os.path.join(folder, "npsd.yaml")
        self.control = os.path.join(folder, "control.sock")
        self.database = os.path.join(folder, "npsd.db")
        self.environment = dict(os.environ, **(environment or {}))
        self.config = {}
        self.lines = []
        self.said = threading.Condition()
        self.process = None
        self.reader = None
        self.port = None
        self.write_config(config)

    def write_config(self, config):
        """The configuration: a dict (JSON is YAML too) or text. Beside what it
        says, everything lies in the folder."""
        if isinstance(config, dict):
            whole = {
                "server": {"listen": ["127.0.0.1:0"],
                           "control": self.control},
                "store": "sqlite:" + self.database,
            }
            whole.update(config)
            self.config = whole
            config = json.dumps(whole, indent=1, ensure_ascii=False)
        # In one step, so that a reload never meets half of it.
        with open(self.path + ".new", "w", encoding="utf-8") as file:
            file.write(config)
        os.replace(self.path + ".new", self.path)

    def launch(self):
        """Starts it, without waiting for anything."""
        with self.said:
            self.lines = []
        self.port = None
        self.process = subprocess.Popen(
            [NPSD, "run", "--config", self.path], cwd=self.folder,
            env=self.environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.reader = threading.Thread(
            target=self._read, args=(self.process.stdout,), daemon=True)
        self.reader.start()

    def start(self):
        self.launch()
        self.wait_said(" runs, configuration ")
        found = [re.search(r"hears HTTP at .*port (\d+)", line)
                 for line in self.lines]
        ports = [int(one.group(1)) for one in found if one]
        self.port = ports[0] if ports else None
        return self

    def _read(self, pipe):
        log = open(os.path.join(self.folder, "log"), "ab")
        with pipe, log:
            for line in pipe:
                log.write(line)
                log.flush()
                with self.said:
                    self.lines.append(line.decode("utf-8", "replace"))
                    self.said.notify_all()
        with self.said:
            self.said.notify_all()

    def wait_said(self, text, count=1, seconds=PATIENCE_S):
        """Waits until it has said something so many times since its start."""
        end = time.monotonic() + seconds
        with self.said:
            while True:
                found = [line for line in self.lines if text in line]
                if len(found) >= count:
                    return found
                if not self.reader.is_alive():
                    raise AssertionError(
                        "npsd ended (%s) before it said %r:\n%s" % (
                            self.process.poll(), text, "".join(self.lines)))
                if time.monotonic() > end:
                    raise AssertionError("npsd never said %r:\n%s" % (
                        text, "".join(self.lines[-20:])))
                self.said.wait(0.1)

    def has_said(self, text):
        with self.said:
            return any(text in line for line in self.lines)

    def alive(self):
        return self.process is not None and self.process.poll() is None

    def signal(self, number):
        self.process.send_signal(number)

    def wait_end(self, seconds=PATIENCE_S):
        try:
            code = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise AssertionError("npsd did not end in %g s:\n%s" % (
                seconds, "".join(self.lines[-20:]))) from None
        self.reader.join()
        return code

    def stop(self, seconds=PATIENCE_S):
        """SIGTERM; it must end well."""
        self.signal(signal.SIGTERM)
        code = self.wait_end(seconds)
        if code != 0:
            raise AssertionError("npsd ended with %s:\n%s" % (
                code, "".join(self.lines[-40:])))

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.reader.join()

    def end(self):
        """Whatever it does, it does it no longer."""
        if self.alive():
            self.kill()

    # Asking

    def ask(self, method, path, body=None, headers=None, unix=False,
            seconds=PATIENCE_S):
        if unix:
            connection = UnixConnection(self.control, seconds)
        else:
            connection = http.client.HTTPConnection("127.0.0.1", self.port,
                                                    timeout=seconds)
        headers = dict(headers or {})
        if isinstance(body, (dict, list)):
            body = json.dumps(body)
            headers.setdefault("Content-Type", "application/json")
        with contextlib.closing(connection):
            connection.request(method, path,
                               body.encode() if isinstance(body, str)
                               else body, headers)
            answer = connection.getresponse()
            return Answer(answer.status, answer.headers, answer.read())

    def get(self, path, **more):
        return self.ask("GET", path, **more)

    def post(self, path, body, **more):
        return self.ask("POST", path, body, **more)

    def accept(self, answer, **more):
        """Posts answers in npsd's own form; they must be taken."""
        got = self.post("/api/v1/responses", answer, **more)
        if got.status not in (200, 202):
            raise AssertionError("an answer was not taken: %r" % got)
        return got.json()

    def rows(self, what, **filters):
        """All rows of a list, over all pages, newest first."""
        rows, cursor = [], None
        while True:
            query = ["limit=1000"]
            query += ["%s=%s" % pair for pair in filters.items()]
            if cursor:
                query.append("cursor=" + cursor)
            answer = self.get("/api/v1/%s?%s" % (what, "&".join(query)),
                              unix=True)
            if answer.status != 200:
                raise AssertionError("%s: %r" % (what, answer))
            page = answer.json()
            rows += page["items"]
            cursor = page["next"]
            if not cursor:
                return rows

    def status(self):
        return self.get("/api/v1/status", unix=True).json()

    def score(self, window="30d"):
        answer = self.get("/api/v1/score?window=" + window, unix=True)
        return answer.json()["total"]

    def count(self):
        """How many answers are counted."""
        return self.score()["responses"]

    def wait_count(self, count, seconds=PATIENCE_S):
        """Waits until so many are counted, and sees that it are no more."""
        until(lambda: self.count() >= count,
              lambda: "%d answers, there are %d" % (count, self.count()),
              seconds)
        if self.count() != count:
            raise AssertionError("%d answers are counted, not %d" % (
                self.count(), count))

    def metric(self, name, **labels):
        """The sum of a metric's series that have these labels; 0: none."""
        text = self.get("/metrics", unix=True).body.decode()
        total = 0.0
        for line in text.splitlines():
            found = re.match(r"(\w+)(?:\{(.*)\})? (\S+)$", line)
            if not found or found.group(1) != name:
                continue
            has = dict(re.findall(r'(\w+)="([^"]*)"', found.group(2) or ""))
            if all(has.get(key) == value for key, value in labels.items()):
                total += float(found.group(3))
        return total

    def deliveries(self, **filters):
        return self.rows("deliveries", **filters)

    def wait_deliveries(self, count, seconds=PATIENCE_S, **filters):
        return until(
            lambda: (lambda rows: rows if len(rows) >= count else None)(
                self.deliveries(**filters)),
            lambda: "%d deliveries %s, there are %s" % (
                count, filters, self.deliveries()), seconds)

    def reload(self):
        """Over the control socket: (good, what it said)."""
        answer = self.post("/api/v1/reload", None, unix=True)
        return answer.status == 200, answer.body.decode()


def npsd(*arguments, seconds=PATIENCE_S, environment=None, folder=None):
    """A command of npsd: a CompletedProcess with text."""
    return subprocess.run([NPSD, *arguments], capture_output=True, text=True,
                          timeout=seconds, cwd=folder,
                          env=dict(os.environ, **(environment or {})))


def npsd_begun(*arguments):
    """A command that goes on by itself: a Popen with text."""
    return subprocess.Popen([NPSD, *arguments], stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, text=True)


# The books -------------------------------------------------------------------

class Books:
    """What a database file holds, read from a copy of it. Not whole: only
    what became of the deliveries."""

    def __init__(self, database, whole=True):
        self.folder = tempfile.mkdtemp(prefix="npsd-books-")
        try:
            for ending in ("", "-wal"):
                if os.path.exists(database + ending):
                    shutil.copy(database + ending,
                                os.path.join(self.folder, "db" + ending))
            with contextlib.closing(sqlite3.connect(
                    os.path.join(self.folder, "db"))) as file:
                self._read_deliveries(file)
                if whole:
                    self._read(file)
        finally:
            shutil.rmtree(self.folder)

    def _read_deliveries(self, file):
        self.states = {uuid_text(row[0]): row[1] for row in
                       file.execute("SELECT id, state FROM delivery")}

    def _read(self, file):
        self.integrity = file.execute("PRAGMA integrity_check").fetchall()
        self.foreign_keys = file.execute(
            "PRAGMA foreign_key_check").fetchall()
        # {(survey, id): score}, of answers, not invitations
        rows = file.execute("SELECT survey, id, score FROM answer "
                            "WHERE kind = 0").fetchall()
        self.answers = {(row[0], row[1]): row[2] for row in rows}
        self.doubles = len(rows) - len(self.answers)
        # {row: row of the answer}, {row: [act]}, how many steps are to come
        self.follow_ups = dict(file.execute(
            "SELECT row, answer FROM follow_up"))
        self.acts = {row: [] for row in self.follow_ups}
        for row, act in file.execute("SELECT follow_up, act FROM "
                                     "follow_up_event ORDER BY follow_up, n"):
            self.acts[row].append(act)
        self.waiting = file.execute("SELECT count(next_due_ms) FROM follow_up"
                                    ).fetchone()[0]

    def delivered(self):
        return {one for one, state in self.states.items()
                if state == STATE_DELIVERED}

    def claimed(self):
        """Of which bytes may have left."""
        return {one for one, state in self.states.items()
                if state not in STATES_UNSENT}

    def check(self):
        """What holds of any file."""
        assert self.integrity == [("ok",)], self.integrity
        assert not self.foreign_keys, self.foreign_keys
        assert self.doubles == 0, "%d rows twice" % self.doubles


# See enum delivery_state: it is stored.
STATE_DELIVERED = 3
STATES_UNSENT = (0, 5, 6)   # pending, cancelled, folded


def bucket_row(width, bucket, counts):
    """A row of table bucket: counts by slot of one chunk, in order:
    (slot, detractors, passives, promoters), each below 64."""
    key = ((int(width == 60) << 36 | bucket + (1 << 35)) << 26
           | counts[0][0] // 64)
    return key, b"".join(bytes((one[0] % 64, *(2 * n for n in one[1:]), 0))
                         for one in counts)


def uuid_text(data):
    digits = data.hex()
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20],
                     digits[20:]))


# Cases -----------------------------------------------------------------------

class Place:
    """Where one case happens."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="npsd-system-")
        self.things = []

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def write(self, name, data, mode="w"):
        """Writes a file, or appends with mode "a"."""
        if isinstance(data, bytes):
            mode += "b"
        path = self.path(name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, mode) as file:
            file.write(data)
        return path

    def prepare(self, environment=None, config=None, name=None, **sections):
        """A daemon that was not started."""
        folder = self.path(name) if name else self.folder
        os.makedirs(folder, exist_ok=True)
        daemon = Daemon(folder, config if config is not None else sections,
                        environment)
        self.things.append(daemon.end)
        return daemon

    def daemon(self, **more):
        return self.prepare(**more).start()

    def receiver(self, **more):
        receiver = HttpReceiver(**more)
        self.things.append(receiver.stop)
        return receiver

    def smtp(self, **more):
        receiver = SmtpReceiver(**more)
        self.things.append(receiver.stop)
        return receiver

    def leave(self, failed):
        for stop in reversed(self.things):
            stop()
        if failed:
            self._tell_log()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _tell_log(self):
        log = self.path("log")
        if os.path.exists(log):
            with open(log, encoding="utf-8", errors="replace") as file:
                comment("".join(file.readlines()[-40:]))


def detractors(receiver_url, **action):
    """Sections: each detractor goes to this webhook, with quick retries."""
    crm = {"type": "webhook", "url": receiver_url, "retry": QUICK}
    crm.update(action)
    return {"actions": {"crm": crm}, "rules": [DETRACTOR]}


QUICK = {"first": "100ms", "factor": 1.5, "ceiling": "1s", "give_up": "10m"}
DETRACTOR = {"name": "detractor", "match": {"category": "detractor"},
             "do": ["crm"]}


def line(number, score=None, **more):
    """An answer as a line of a spool."""
    answer = {"id": "r-%s" % number,
              "score": number % 11 if score is None else score}
    answer.update(more)
    return json.dumps(answer) + "\n"


def equal(got, wanted, what="it"):
    if got != wanted:
        raise AssertionError("%s: %s, not %s" % (
            what, short(got), short(wanted)))


def short(value):
    text = repr(value)
    return text if len(text) < 2000 else text[:2000] + "..."


CASES = []


class Skip(Exception):
    """The reason why a case cannot be tried here."""


def case(name, sanitized=True):
    """sanitized=False: a long wait, of which sanitizers learn nothing that they
    don't see elsewhere. The plain build runs it."""
    def keep(function):
        if sanitized or not SANITIZED:
            CASES.append((name, function))
        return function
    return keep


def comment(text):
    for one in str(text).rstrip("\n").split("\n"):
        print("# " + one)


def run_case(number, name, function):
    place = Place()
    started = time.monotonic()
    failed = True
    try:
        function(place)
        failed = False
        print("ok %d - %s" % (number, name))
    except Skip as reason:
        failed = False
        print("ok %d - %s # SKIP %s" % (number, name, reason))
    except Exception:
        print("not ok %d - %s" % (number, name))
        comment(traceback.format_exc())
    place.leave(failed)
    comment("%.1f s" % (time.monotonic() - started))
    sys.stdout.flush()
    return not failed


def main():
    """Runs all cases, or those whose names begin with an argument."""
    if not os.access(NPSD, os.X_OK):
        print("there is no npsd at " + NPSD)
        sys.exit(1)
    chosen = [(name, function) for name, function in CASES
              if len(sys.argv) < 2
              or any(name.startswith(one) for one in sys.argv[1:])]
    print("1..%d" % len(chosen), flush=True)
    results = [run_case(i + 1, name, function)
               for i, (name, function) in enumerate(chosen)]
    sys.exit(0 if all(results) else 1)
