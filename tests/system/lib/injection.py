"""injection - faults from outside: small disks, failing system calls.

What a machine does not allow (mounting, tracing) skips the case with the
reason.
"""
import os
import shutil
import subprocess

from harness import SANITIZED, Skip, until


def small_disk(place, name, size, inodes=None):
    """A file system of its own, unmounted when the case is over."""
    folder = place.path(name)
    os.mkdir(folder)
    options = "size=%d" % size
    if inodes:
        options += ",nr_inodes=%d" % inodes
    got = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "npsd-test",
                          folder], capture_output=True, text=True)
    if got.returncode != 0:
        raise Skip("nothing can be mounted here: " + got.stderr.strip())
    place.things.insert(0, lambda: subprocess.run(
        ["umount", "-l", folder], check=False))
    return folder


def fill(path, leave=0):
    """Writes a file until the disk is full, but for `leave` bytes."""
    with open(path, "wb", buffering=0) as file:
        disk = os.statvfs(os.path.dirname(path))
        left = disk.f_bavail * disk.f_frsize - leave
        block = b"\0" * 65536
        try:
            while left > 0:
                left -= file.write(block[:min(left, len(block))])
        except OSError:
            pass


class Trace:
    """System calls of a running daemon that fail or are slow, until end()."""

    def __init__(self, place, daemon, *injections):
        if not shutil.which("strace"):
            raise Skip("strace is missing")
        if SANITIZED:
            raise Skip("a sanitizer and strace do not go together")
        calls = ",".join(one.split(":")[0] for one in injections)
        command = ["strace", "-f", "-qq", "-o", "/dev/null", "-e",
                   "trace=" + calls, "-p", str(daemon.process.pid)]
        for one in injections:
            command += ["-e", "inject=" + one]
        self.process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE, text=True)
        place.things.append(self.end)
        until(lambda: self.process.poll() is not None or
              all_traced(daemon.process.pid, self.process.pid),
              "strace to attach")
        if self.process.poll() is not None:
            raise Skip("strace may not attach: " +
                       self.process.stderr.read().strip())

    def end(self):
        if self.process.poll() is None:
            self.process.terminate()
        self.process.wait()
        self.process.stderr.close()


def all_traced(process, tracer):
    """Whether each thread is."""
    tasks = "/proc/%d/task" % process
    for task in os.listdir(tasks):
        with open("%s/%s/status" % (tasks, task), encoding="ascii") as file:
            if "TracerPid:\t%d\n" % tracer not in file.read():
                return False
    return True
