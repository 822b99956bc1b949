"""flood - very many files dropped at once, so that inotify overflows (S18)."""
import os
import signal
import threading

from harness import SANITIZED, equal, until

SLOTS = 64              # of source_directory.c: files on their way
QUEUE = "/proc/sys/fs/inotify/max_queued_events"


class Watcher(threading.Thread):
    """The most open files that a process ever has."""

    def __init__(self, process):
        super().__init__(daemon=True)
        self.folder = "/proc/%d/fd" % process
        self.most = 0
        self.ended = threading.Event()

    def run(self):
        while not self.ended.wait(0.005):
            try:
                self.most = max(self.most, len(os.listdir(self.folder)))
            except OSError:
                return

    def stop(self):
        self.ended.set()
        self.join()
        return self.most


def events_held():
    with open(QUEUE, encoding="ascii") as file:
        return int(file.read())


def status(process, key):
    with open("/proc/%d/status" % process, encoding="ascii") as file:
        for text in file:
            if text.startswith(key + ":"):
                return int(text.split()[1])
    return 0


def flood(place, count, seconds):
    """Drops so many files while the daemon stands still: it hears of few."""
    folder = place.path("incoming")
    os.makedirs(folder)
    daemon = place.daemon(sources={
        "drop": {"type": "directory", "path": folder}})
    daemon.wait_count(0)
    process = daemon.process.pid
    before = len(os.listdir("/proc/%d/fd" % process))
    daemon.signal(signal.SIGSTOP)
    watcher = Watcher(process)
    watcher.start()
    for i in range(count):
        # Made here, then renamed: five events each.
        name = os.path.join(folder, "f%06d.json" % i)
        with open(os.path.join(folder, ".new"), "w",
                  encoding="ascii") as file:
            file.write('{"id":"r-%d","score":%d}' % (i, i % 11))
        os.rename(os.path.join(folder, ".new"), name)
    daemon.signal(signal.SIGCONT)
    daemon.wait_count(count, seconds)
    until(lambda: len(os.listdir(os.path.join(folder, "done"))) == count,
          "all files in done/", seconds)
    most = watcher.stop()
    if most > before + SLOTS + 16:
        raise AssertionError("%d files open at once, %d before" % (
            most, before))
    grown = status(process, "VmHWM")
    if not SANITIZED and grown > 64 * 1024:
        raise AssertionError("%d KiB of memory" % grown)
    equal(daemon.metric("npsd_duplicates_total"), 0.0, "taken twice")
    equal(daemon.status()["sources"][0].get("reason"), None, "health")
    until(lambda: daemon.metric("npsd_spool_bytes_behind",
                                source="drop") == 0, "nothing behind")
    daemon.stop()
