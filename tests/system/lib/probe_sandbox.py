"""probe_sandbox - run in npsd's place: which of these does the unit allow?
Prints {name: {"allowed": BOOL, "got": "done" or an error}}."""
import ctypes
import errno
import json
import mmap
import os
import signal
import socket

libc = ctypes.CDLL(None, use_errno=True)
RESULTS = {}
CLONE_NEWUSER, CLONE_NEWNS, CLONE_NEWNET = 0x10000000, 0x20000, 0x40000000


def tries(name, function, allowed=False):
    try:
        function()
        got = "done"
    except OSError as error:
        got = errno.errorcode.get(error.errno, str(error))
    RESULTS[name] = {"allowed": allowed, "got": got}


def call(name, *arguments):
    if getattr(libc, name)(*arguments) == -1:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def write(path):
    with open(path, "w", encoding="utf-8") as file:
        file.write("x")
    os.unlink(path)


def write_executable():
    page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE
                     | mmap.PROT_EXEC)
    page.close()


def make_setuid():
    path = "/var/lib/npsd/probe"
    with open(path, "w", encoding="utf-8"):
        pass
    try:
        os.chmod(path, 0o4755)
    finally:
        os.unlink(path)


def sockets():
    for name in ("INET", "INET6", "UNIX", "NETLINK", "PACKET", "BLUETOOTH",
                 "VSOCK", "ALG"):
        family = getattr(socket, "AF_" + name)
        kind = (socket.SOCK_RAW if name in ("NETLINK", "PACKET")
                else socket.SOCK_SEQPACKET if name in ("BLUETOOTH", "ALG")
                else socket.SOCK_STREAM)
        tries("socket " + name,
              lambda: socket.socket(family, kind).close(),
              name in ("INET", "INET6", "UNIX"))


def files():
    for path in ("/var/lib/npsd/x", "/var/spool/npsd/x",
                 "/var/spool/npsd/incoming/x", "/run/npsd-probe/x", "/tmp/x"):
        tries("write " + path, lambda: write(path), True)
    for path in ("/srv/open/x", "/etc/npsd/x", "/usr/x", "/var/x", "/run/x",
                 "/sys/x", "/x"):
        tries("write " + path, lambda: write(path))
    for path in ("/tmp/of-others", "/proc/1/environ", "/proc/kmsg",
                 "/proc/sys/kernel/hostname", "/dev/kmsg", "/dev/mem",
                 "/root/x", "/etc/shadow"):
        tries("read " + path, lambda: open(path, "rb").close())
    tries("read /etc/npsd/npsd.yaml",
          lambda: open("/etc/npsd/npsd.yaml", "rb").close(), True)


def calls():
    tries("mount", lambda: call("mount", b"none", b"/tmp", b"tmpfs", 0, None))
    tries("a user namespace", lambda: call("unshare", CLONE_NEWUSER))
    tries("a mount namespace", lambda: call("unshare", CLONE_NEWNS))
    tries("a network namespace", lambda: call("unshare", CLONE_NEWNET))
    tries("ptrace", lambda: call("ptrace", 0x4206, os.getppid(), None, None))
    tries("chroot", lambda: os.chroot("/var/lib/npsd"))
    tries("set the clock", lambda: call(
        "clock_settime", 0, (ctypes.c_long * 2)(1, 0)))
    tries("sethostname", lambda: socket.sethostname("x"))
    tries("real time", lambda: os.sched_setscheduler(
        0, os.SCHED_FIFO, os.sched_param(1)))
    tries("personality", lambda: call("personality", 0x0008))
    tries("kill another", lambda: os.kill(1, signal.SIGCONT))
    tries("setuid", lambda: os.setuid(0))
    tries("memory to write and execute", write_executable)
    tries("a setuid file", make_setuid)
    tries("a device", lambda: os.mknod("/var/lib/npsd/dev", 0o020600,
                                       os.makedev(1, 1)))
    tries("memory locked", lambda: call("mlockall", 1))
    tries("another nice", lambda: os.nice(-5))


sockets()
files()
calls()
print(json.dumps(RESULTS, indent=1))
