"""manager - stands in for systemd: hears sd_notify(3), watches, and can stop
one thread of a process."""
import ctypes
import os
import socket
import threading
import time

from harness import PATIENCE_S, until

PTRACE_DETACH, PTRACE_SEIZE, PTRACE_INTERRUPT = 17, 0x4206, 0x4207
WALL = 0x40000000  # waitpid: threads too


class Manager:
    """A socket for NOTIFY_SOCKET, and all that is said to it."""

    def __init__(self, place, watchdog_s=0):
        self.path = place.path("notify.sock")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)
        self.watchdog_s = watchdog_s
        self.said = []  # (monotonic time, {key: value})
        thread = threading.Thread(target=self._hear, daemon=True)
        thread.start()
        place.things.append(self.socket.close)

    def environment(self):
        told = {"NOTIFY_SOCKET": self.path}
        if self.watchdog_s:
            told["WATCHDOG_USEC"] = str(int(self.watchdog_s * 1e6))
        return told

    def _hear(self):
        while True:
            try:
                data = self.socket.recv(65536)
            except OSError:
                return
            pairs = dict(line.partition("=")[::2]
                         for line in data.decode().splitlines())
            self.said.append((time.monotonic(), pairs))

    def values(self, key):
        return [pairs[key] for _, pairs in list(self.said) if key in pairs]

    def times(self, key, since=0.0):
        return [at for at, pairs in list(self.said)
                if key in pairs and at >= since]

    def wait(self, key, wanted, seconds=PATIENCE_S):
        """Waits until a value of the key is there for which wanted(value)."""
        return until(lambda: [one for one in self.values(key) if wanted(one)],
                     lambda: "%s, it was told %r" % (key, self.said[-10:]),
                     seconds)

    def wait_fed(self, times, seconds=PATIENCE_S):
        """Waits until it has been fed so many times from now on."""
        start = time.monotonic()
        until(lambda: len(self.times("WATCHDOG", start)) >= times,
              "%d feeds" % times, seconds)

    def longest_hunger(self, start, end):
        """The longest time without food between two moments."""
        fed = [start] + self.times("WATCHDOG", start) + [end]
        return max(after - before for before, after in zip(fed, fed[1:])
                   if before <= end)

    def wait_hunger(self, since, seconds=PATIENCE_S):
        """Waits, as systemd does, until it was not fed for watchdog_s; gives
        the time since `since`."""
        def hungry():
            last = max(self.times("WATCHDOG", 0.0))
            return time.monotonic() - last >= self.watchdog_s
        until(hungry, "a missing sign of life", seconds)
        return time.monotonic() - since


class StoppedThread:
    """One thread of a process, held by a debugger's stop."""

    def __init__(self, process, name):
        self.libc = ctypes.CDLL(None, use_errno=True)
        self.tid = thread_of(process, name)
        self._ask(PTRACE_SEIZE)
        self._ask(PTRACE_INTERRUPT)
        os.waitpid(self.tid, WALL)

    def _ask(self, request):
        result = self.libc.ptrace(request, self.tid, None, None)
        if result != 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number), "ptrace")

    def release(self):
        """Lets it go on; it may be gone."""
        try:
            self._ask(PTRACE_DETACH)
        except OSError:
            pass

    def is_gone(self):
        """Whether it has died; then it is buried too."""
        try:
            return os.waitpid(self.tid, WALL | os.WNOHANG)[0] != 0
        except ChildProcessError:
            return True

    def bury(self):
        """Its process was killed: only the debugger can see it off."""
        try:
            os.waitpid(self.tid, WALL)
        except ChildProcessError:
            pass


def thread_of(process, name):
    """A thread by its name; "loop" is the first."""
    if name == "loop":
        return process
    folder = "/proc/%d/task" % process
    for tid in os.listdir(folder):
        with open(os.path.join(folder, tid, "comm"),
                  encoding="utf-8") as file:
            if file.read().strip() == "npsd-" + name:
                return int(tid)
    raise AssertionError("there is no thread " + name)
