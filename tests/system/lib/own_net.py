"""own_net - a network and a name server that only this test has.

enter() starts the script again in a network namespace of its own, where
nothing is reached but its own loopback and names come from a FakeDns. It needs
root; without it enter() gives False and the cases skip.
"""
import fcntl
import os
import socket
import struct
import subprocess
import sys
import tempfile
import threading

INSIDE = "NPSD_TEST_OWN_NET"
DNS_ADDRESS = "127.0.0.1"
A, AAAA = 1, 28
NXDOMAIN, SERVFAIL = 3, 2


def enter():
    """True inside. Outside: starts anew inside and does not come back, or
    False where that cannot be."""
    if os.environ.get(INSIDE):
        raise_loopback()
        bind_files()
        return True
    probe = subprocess.run(["unshare", "-m", "-n", "true"],
                           capture_output=True, check=False)
    if probe.returncode != 0:
        return False
    os.environ[INSIDE] = "1"
    os.execvp("unshare", ["unshare", "-m", "-n", sys.executable] + sys.argv)


def raise_loopback():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        up = struct.pack("16sh14x", b"lo", 1)  # IFF_UP
        fcntl.ioctl(any_socket, 0x8914, up)    # SIOCSIFFLAGS


def bind_files():
    """The C library looks for names at our server, and nowhere else."""
    folder = tempfile.mkdtemp(prefix="npsd-own-net-")
    for path, text in (
            ("/etc/resolv.conf", "nameserver %s\n" % DNS_ADDRESS),
            ("/etc/nsswitch.conf", "hosts: files dns\n")):
        if not os.path.exists(path):
            continue
        own = os.path.join(folder, os.path.basename(path))
        with open(own, "w", encoding="ascii") as file:
            file.write(text)
        subprocess.run(["mount", "--bind", own, path], check=True)
        os.unlink(own)  # the mount keeps it
    os.rmdir(folder)


class FakeDns:
    """Answers A and AAAA from `names`: a list of addresses, "nxdomain",
    "servfail" or "silent" by name; other names do not exist."""

    def __init__(self):
        self.names = {}
        self.asked = []
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((DNS_ADDRESS, 53))
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def stop(self):
        self.socket.sendto(b"", self.socket.getsockname())
        self.thread.join()
        self.socket.close()

    def _serve(self):
        while True:
            query, peer = self.socket.recvfrom(1500)
            if not query:
                return
            answer = self._answer(query)
            if answer is not None:
                self.socket.sendto(answer, peer)

    def _answer(self, query):
        at, labels = 12, []
        while query[at]:
            labels.append(query[at + 1:at + 1 + query[at]].decode())
            at += 1 + query[at]
        question = query[12:at + 5]
        kind = struct.unpack("!H", query[at + 1:at + 3])[0]
        name = ".".join(labels).lower()
        self.asked.append(name)
        told = self.names.get(name, "nxdomain")
        if told == "silent":
            return None
        code, records = 0, []
        if isinstance(told, str):
            code = {"nxdomain": NXDOMAIN, "servfail": SERVFAIL}[told]
        elif kind in (A, AAAA):
            records = [pack_address(one) for one in told
                       if (":" in one) == (kind == AAAA)]
        head = struct.pack("!2sHHHHH", query[:2], 0x8180 | code, 1,
                           len(records), 0, 0)
        return head + question + b"".join(
            struct.pack("!HHHIH", 0xc00c, kind, 1, 0, len(one)) + one
            for one in records)


def pack_address(text):
    return socket.inet_pton(
        socket.AF_INET6 if ":" in text else socket.AF_INET, text)
