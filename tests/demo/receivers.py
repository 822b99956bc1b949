#!/usr/bin/env python3
"""Receivers for npsd's demonstration and tests: a CRM and a mail server.

HttpReceiver and SmtpReceiver listen on loopback, do what they are told to each
request (take it, refuse it, drop it, never answer), and keep a log of all that
reached them. They run in threads of their own; whoever waits for something to
arrive calls wait().

By itself: receivers.py [--http PORT] [--smtp PORT] prints what arrives.
"""
import argparse
import base64
import collections
import hashlib
import json
import os
import random
import socket
import ssl
import struct
import subprocess
import sys
import threading
import time


class Gone(Exception):
    """The peer closed, or this connection was told to end."""


class Receiver:
    """What both have: a listening socket, threads, a log to wait on."""

    def __init__(self, port=0, address="127.0.0.1"):
        self.address = address
        self.port = port
        self.changed = threading.Condition()
        self.stopping = threading.Event()
        self.released = threading.Event()
        self.connections = set()
        self.peers = collections.deque(maxlen=64)  # the last that came
        self.listener = None
        self.open()

    def open(self):
        """Listens; after close() again, on the same port."""
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((self.address, self.port))
        listener.listen(256)
        self.port = listener.getsockname()[1]
        self.listener = listener
        threading.Thread(target=self._accept, args=(listener,),
                         daemon=True).start()

    def close(self):
        """Hears nothing any more: connections are refused."""
        if self.listener is not None:
            # Without it a thread in accept() would take one more.
            try:
                self.listener.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            self.listener.close()
            self.listener = None
        for connection in list(self.connections):
            abort(connection)

    def stop(self):
        self.stopping.set()
        self.released.set()
        self.close()

    def release(self):
        """Ends every "hang" there is; later ones hang anew."""
        self.released.set()
        self.released = threading.Event()

    def hang(self):
        self.released.wait()
        raise Gone

    def note(self, change):
        with self.changed:
            change()
            self.changed.notify_all()

    def wait(self, condition, seconds=30, what=None):
        """Waits until condition() is true and returns what it gave."""
        until = time.monotonic() + seconds
        with self.changed:
            while True:
                result = condition()
                if result:
                    return result
                left = until - time.monotonic()
                if left <= 0:
                    raise TimeoutError("waited %g s for %s" % (
                        seconds, what or "something at a receiver"))
                self.changed.wait(left)

    def is_left(self, probe):
        """All who came before the probe, a fresh connection to here, are gone.

        Who connected and sent before it died may still stand in the listener's
        queue, which keeps its order.
        """
        return probe.getsockname() in self.peers and \
            len(self.connections) <= 1

    def _accept(self, listener):
        while True:
            try:
                connection, peer = listener.accept()
            except OSError:
                return
            self.connections.add(connection)
            self.peers.append(peer)
            threading.Thread(target=self._serve, args=(connection,),
                             daemon=True).start()

    def _serve(self, connection):
        try:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.serve(connection)
        except (Gone, OSError, ValueError):
            pass
        finally:
            self.connections.discard(connection)
            connection.close()


def reset(connection):
    """Closes so that the peer sees a reset."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                          struct.pack("ii", 1, 0))
    connection.close()
    raise Gone


def abort(connection):
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass


# HTTP ------------------------------------------------------------------------

class HttpRequest:
    """One request as it came, and what was done to it."""

    def __init__(self, method, target, headers, body):
        self.at = time.monotonic()
        self.method = method
        self.target = target
        self.path = target.split("?")[0]
        self.headers = headers           # pairs, in their order
        self.body = body
        self.sha256 = hashlib.sha256(body).hexdigest()
        self.did = None                  # the behaviour
        self.status = None               # that was sent, None: none was

    def header(self, name):
        for key, value in self.headers:
            if key.lower() == name.lower():
                return value
        return None

    @property
    def id(self):
        return self.header("Idempotency-Key") or self.header("webhook-id")

    def json(self):
        return json.loads(self.body)

    def as_json(self):
        return {"method": self.method, "target": self.target, "id": self.id,
                "headers": self.headers, "sha256": self.sha256,
                "body": self.body.decode("utf-8", "replace"),
                "status": self.status}


class HttpReceiver(Receiver):
    """A scriptable HTTP server.

    A behaviour is a dict:
      status   200 by default; headers: a dict; body: text
      delay    seconds before the answer
      do       "answer" (default)
               "reset"  resets the connection before the body is read
               "drop"   reads all of it, closes without an answer
               "hang"   reads all of it, never answers (until release())
               "raw"    sends `bytes` and closes
               "endless" a 200 whose body does not end
               "trickle" a header that comes a byte each 50 ms
               "flood"  headers without an end
               "deaf"   reads nothing behind the headers, says nothing
    Requests to a path take what script() lined up for it, one each, then what
    mix() draws, then the default().

    The same over HTTP, for shells: POST /control/script
    {"path": "/crm", "behaviours": [...]}, POST /control/default {...},
    POST /control/mix {"percent": 20, "seed": 1, "of": [...]},
    GET /control/requests, POST /control/release.
    """

    def __init__(self, port=0, address="127.0.0.1", certificate=None):
        self.requests = []
        self.scripts = collections.defaultdict(collections.deque)
        self.usual = {}
        self.chance = None
        self.tls = None
        if certificate is not None:
            self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.tls.load_cert_chain(*certificate)
        super().__init__(port, address)

    def url(self, path="/"):
        return "%s://%s:%d%s" % ("https" if self.tls else "http",
                                 self.address, self.port, path)

    def script(self, path, *behaviours):
        with self.changed:
            self.scripts[path].extend(behaviours)

    def default(self, path=None, **behaviour):
        with self.changed:
            if path is None:
                self.usual = {None: behaviour}
            else:
                self.usual[path] = behaviour

    def mix(self, percent, of, seed=0):
        """This many in a hundred get one of these behaviours."""
        with self.changed:
            self.chance = (percent, list(of), random.Random(seed))

    def at(self, path):
        """The requests to a path so far."""
        with self.changed:
            return [one for one in self.requests if one.path == path]

    def all(self):
        """All requests so far."""
        with self.changed:
            return list(self.requests)

    def wait_for(self, path, count, seconds=30):
        """The requests to a path once there are so many."""
        def enough():
            found = [one for one in self.requests if one.path == path]
            return found if len(found) >= count else None
        return self.wait(enough, seconds,
                         "%d requests at %s" % (count, path))

    def _behaviour(self, path):
        with self.changed:
            if self.scripts[path]:
                return self.scripts[path].popleft()
            if self.chance is not None:
                percent, of, chance = self.chance
                if chance.random() * 100 < percent:
                    return chance.choice(of)
            return self.usual.get(path, self.usual.get(None, {}))

    def serve(self, connection):
        if self.tls is not None:
            connection = self.tls.wrap_socket(connection, server_side=True)
        file = connection.makefile("rb")
        while not self.stopping.is_set():
            if not self._serve_one(connection, file):
                return

    def _serve_one(self, connection, file):
        line = file.readline(65536).decode("latin-1").split()
        if len(line) < 2:
            return False
        headers = []
        while True:
            header = file.readline(65536).decode("latin-1").rstrip("\r\n")
            if not header:
                break
            name, _, value = header.partition(":")
            headers.append((name, value.strip()))
        known = {name.lower(): value for name, value in headers}
        control = line[1].startswith("/control/")
        did = {} if control else self._behaviour(line[1].split("?")[0])
        if did.get("do") == "reset":
            request = HttpRequest(line[0], line[1], headers, b"")
            request.did = did
            self.note(lambda: self.requests.append(request))
            reset(connection)
        if did.get("do") == "deaf":
            request = HttpRequest(line[0], line[1], headers, b"")
            request.did = did
            self.note(lambda: self.requests.append(request))
            self.hang()
        if known.get("expect", "").lower() == "100-continue":
            connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        body = read_body(file, known)
        request = HttpRequest(line[0], line[1], headers, body)
        if control:
            self._control(connection, request)
            return True
        request.did = did
        if did.get("do", "answer") == "answer" and not did.get("delay"):
            request.status = did.get("status", 200)
        self.note(lambda: self.requests.append(request))
        self._answer(connection, request, did)
        return known.get("connection", "").lower() != "close"

    def _answer(self, connection, request, did):
        do = did.get("do", "answer")
        if do == "drop":
            raise Gone
        if do == "hang":
            self.hang()
        if do == "raw":
            data = did["bytes"]
            connection.sendall(data.encode() if isinstance(data, str)
                               else data)
            raise Gone
        if did.get("delay") and self.stopping.wait(did["delay"]):
            raise Gone
        if do == "trickle":
            connection.sendall(b"HTTP/1.1 200 OK\r\nX: ")
            while not self.stopping.wait(0.05):
                connection.sendall(b"x")
            raise Gone
        if do == "flood":
            connection.sendall(b"HTTP/1.1 200 OK\r\n")
            while not self.stopping.is_set():
                connection.sendall(b"X-Filling: xxxxxxxxxxxxxxxxxxxx\r\n" * 99)
        if do == "endless":
            connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            while not self.stopping.is_set():
                connection.sendall(b"x" * 65536)
        status = did.get("status", 200)
        reply(connection, status, did.get("body", "ok\n"),
              did.get("headers", {}))
        if request.status is None:
            request.status = status
            self.note(lambda: None)

    def _control(self, connection, request):
        verb = request.path[len("/control/"):]
        said = json.loads(request.body) if request.body else {}
        answer = {}
        if verb == "script":
            self.script(said["path"], *said["behaviours"])
        elif verb == "default":
            self.default(**said)
        elif verb == "mix":
            self.mix(said["percent"], said["of"], said.get("seed", 0))
        elif verb == "release":
            self.release()
        elif verb == "requests":
            with self.changed:
                answer = [one.as_json() for one in self.requests]
        else:
            reply(connection, 404, "{}\n", {})
            return
        reply(connection, 200, json.dumps(answer) + "\n",
              {"Content-Type": "application/json"})


def read_body(file, headers):
    if headers.get("transfer-encoding", "").lower() == "chunked":
        parts = []
        while True:
            size = int(file.readline(100).split(b";")[0], 16)
            parts.append(read_exactly(file, size))
            file.readline(100)
            if size == 0:
                return b"".join(parts)
    return read_exactly(file, int(headers.get("content-length", "0")))


def read_exactly(file, size):
    data = file.read(size)
    if len(data) < size:
        raise Gone
    return data


def reply(connection, status, body, headers):
    data = body.encode() if isinstance(body, str) else body
    lines = ["HTTP/1.1 %d As told" % status, "Content-Length: %d" % len(data)]
    lines += ["%s: %s" % pair for pair in headers.items()]
    connection.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + data)


# SMTP ------------------------------------------------------------------------

class Mail:
    """One mail as it came."""

    def __init__(self, session, sender, recipients, raw):
        self.at = time.monotonic()
        self.session = session
        self.sender = sender
        self.recipients = recipients
        self.raw = raw                    # as on the wire, with its dots
        self.data = undot(raw)
        self.taken = False                # a 250 was sent for it

    def parsed(self):
        """An email.message.EmailMessage."""
        import email
        import email.policy
        return email.message_from_bytes(self.data, policy=email.policy.SMTP)


class Session:
    """One connection: what was said, and by which means."""

    def __init__(self, script):
        self.script = script
        self.commands = []
        self.tls = False
        self.user = None
        self.stage = "greeting"


def undot(raw):
    lines = raw.split(b"\r\n")
    return b"\r\n".join(line[1:] if line.startswith(b".") else line
                        for line in lines)


class SmtpReceiver(Receiver):
    """A scriptable mail server.

    tls: "off", "starttls" (offered) or "implicit". auth: (user, password),
    wanted before MAIL. script() lines up what the next sessions do: each a dict
    from a step to what happens there instead of taking it:
      "421 4.3.2 text"  that reply; after 221 and 421 the session ends
      "drop" "reset" "hang"
      "flood"           lines that promise another one, without an end
      "late"            the usual, after half a second
    Steps: connect ehlo starttls auth mail rcpt data dot reply quit. "dot" is
    after the mail has come whole; "reply" takes the mail and loses the answer.
    rcpt may be a dict by address.
    """

    def __init__(self, port=0, address="127.0.0.1", tls="off",
                 certificate=None, auth=None, extensions=("8BITMIME",)):
        self.mails = []
        self.sessions = []
        self.lined_up = collections.deque()
        self.usual = {}
        self.how = tls
        self.auth = auth
        self.extensions = list(extensions)
        self.context = None
        if certificate is not None:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain(*certificate)
        super().__init__(port, address)

    def url(self, host=None):
        return "%s://%s:%d" % ("smtps" if self.how == "implicit" else "smtp",
                               host or self.address, self.port)

    def script(self, *sessions):
        with self.changed:
            self.lined_up.extend(sessions)

    def default(self, **steps):
        with self.changed:
            self.usual = steps

    def taken(self):
        with self.changed:
            return [mail for mail in self.mails if mail.taken]

    def wait_for(self, count, seconds=30):
        """The mails that were taken, once there are so many."""
        def enough():
            found = [mail for mail in self.mails if mail.taken]
            return found if len(found) >= count else None
        return self.wait(enough, seconds, "%d mails" % count)

    def serve(self, connection):
        with self.changed:
            script = (self.lined_up.popleft() if self.lined_up
                      else self.usual)
        session = Session(script)
        self.note(lambda: self.sessions.append(session))
        if self.how == "implicit":
            connection = self.context.wrap_socket(connection,
                                                  server_side=True)
            session.tls = True
        SmtpDialogue(self, connection, session).run()


class SmtpDialogue:
    """One session, line by line."""

    def __init__(self, receiver, connection, session):
        self.receiver = receiver
        self.connection = connection
        self.file = connection.makefile("rb")
        self.session = session
        self.sender = None
        self.recipients = []

    def say(self, text):
        self.connection.sendall(text.encode() + b"\r\n")
        if text[:3] in ("221", "421"):
            raise Gone

    def step(self, name, usual, key=None):
        """Does what the script says here, else says the usual. True: the
        usual was said."""
        self.session.stage = name
        told = self.session.script.get(name)
        if isinstance(told, dict):
            told = told.get(key)
        if told is None:
            if usual:
                self.say(usual)
            return True
        if told == "drop":
            raise Gone
        if told == "reset":
            reset(self.connection)
        if told == "hang":
            self.receiver.hang()
        if told == "flood":
            while not self.receiver.stopping.is_set():
                self.connection.sendall(b"220-wait for it\r\n" * 100)
            raise Gone
        if told == "late":
            if self.receiver.stopping.wait(0.5):
                raise Gone
            self.say(usual)
            return True
        self.say(told)
        return told[0] in "23"

    def line(self):
        line = self.file.readline(65536)
        if not line.endswith(b"\n"):
            raise Gone
        text = line.decode("utf-8", "surrogateescape").rstrip("\r\n")
        self.receiver.note(lambda: self.session.commands.append(text))
        return text

    def run(self):
        self.step("connect", "220 localhost receiver of npsd's tests")
        while True:
            text = self.line()
            verb = text.split(" ")[0].upper()
            handler = getattr(self, "on_" + verb.lower(), None)
            if handler is None or not verb.isalpha():
                self.say("500 5.5.1 what?")
            else:
                handler(text)

    def on_ehlo(self, _):
        lines = ["localhost"] + self.receiver.extensions
        if self.receiver.how == "starttls" and not self.session.tls:
            lines.append("STARTTLS")
        if self.receiver.auth is not None:
            lines.append("AUTH PLAIN LOGIN")
        self.step("ehlo", "\r\n".join(
            "250%s%s" % ("-" if i + 1 < len(lines) else " ", line)
            for i, line in enumerate(lines)))

    def on_helo(self, _):
        self.step("ehlo", "250 localhost")

    def on_starttls(self, _):
        if not self.step("starttls", "220 go ahead"):
            return
        self.connection = self.receiver.context.wrap_socket(
            self.connection, server_side=True)
        self.file = self.connection.makefile("rb")
        self.session.tls = True

    def on_auth(self, text):
        words = text.split(" ")
        if words[1].upper() == "PLAIN":
            given = words[2] if len(words) > 2 else self.ask("")
            _, user, password = base64.b64decode(given).decode().split("\0")
        else:
            user = base64.b64decode(self.ask("VXNlcm5hbWU6")).decode()
            password = base64.b64decode(self.ask("UGFzc3dvcmQ6")).decode()
        if (user, password) != self.receiver.auth:
            self.say("535 5.7.8 wrong user or password")
        elif self.step("auth", "235 2.7.0 welcome"):
            self.session.user = user

    def ask(self, prompt):
        self.say("334 " + prompt)
        return self.line()

    def on_mail(self, text):
        if self.receiver.auth is not None and self.session.user is None:
            self.say("530 5.7.0 log in first")
        elif self.step("mail", "250 2.1.0 ok"):
            self.sender = address_in(text)
            self.recipients = []

    def on_rcpt(self, text):
        address = address_in(text)
        if self.step("rcpt", "250 2.1.5 ok", address):
            self.recipients.append(address)

    def on_data(self, _):
        if not self.recipients:
            self.say("503 5.5.1 for whom?")
        elif self.step("data", "354 end with a dot"):
            self.take(self.read_mail())

    def read_mail(self):
        lines = []
        while True:
            line = self.file.readline()
            if not line.endswith(b"\n"):
                raise Gone
            if line == b".\r\n":
                return b"".join(lines)
            lines.append(line)

    def take(self, raw):
        mail = Mail(self.session, self.sender, list(self.recipients), raw)
        script = self.session.script
        if "dot" not in script and "reply" not in script:
            mail.taken = True
        elif "dot" not in script:
            mail.taken = not str(script["reply"])[0].isdigit() or \
                str(script["reply"])[0] == "2"
        self.receiver.note(lambda: self.receiver.mails.append(mail))
        if self.step("dot", None):
            self.step("reply", "250 2.0.0 taken")
        self.sender, self.recipients = None, []

    def on_rset(self, _):
        self.sender, self.recipients = None, []
        self.say("250 2.0.0 ok")

    def on_noop(self, _):
        self.say("250 2.0.0 ok")

    def on_quit(self, _):
        self.step("quit", "221 2.0.0 bye")


def address_in(text):
    return text[text.index("<") + 1:text.index(">")]


# Certificates ----------------------------------------------------------------

def make_certificate(folder, name="localhost", days=2):
    """A self-made certificate for a name and 127.0.0.1: (file, key)."""
    certificate = os.path.join(folder, name + ".crt")
    key = os.path.join(folder, name + ".key")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
         "ec_paramgen_curve:prime256v1", "-nodes", "-days", str(days),
         "-subj", "/CN=" + name, "-addext",
         "subjectAltName=DNS:%s,IP:127.0.0.1" % name,
         "-keyout", key, "-out", certificate],
        check=True, capture_output=True)
    return certificate, key


# By itself -------------------------------------------------------------------

def tell_requests(receiver, http):
    shown = 0
    while True:
        receiver.wait(lambda: len(receiver.requests if http
                                  else receiver.mails) > shown, 1e9)
        if http:
            one = receiver.requests[shown]
            print("%s %s id %s -> %s\n%s\n" % (
                one.method, one.target, one.id, one.status,
                one.body.decode("utf-8", "replace")), flush=True)
        else:
            one = receiver.mails[shown]
            print("mail from <%s> to %s\n%s\n" % (
                one.sender, ", ".join(one.recipients),
                one.data.decode("utf-8", "replace")), flush=True)
        shown += 1


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--http", type=int, metavar="PORT")
    parser.add_argument("--smtp", type=int, metavar="PORT")
    options = parser.parse_args()
    if options.http is None and options.smtp is None:
        parser.error("nothing to listen on: say --http or --smtp")
    threads = []
    if options.http is not None:
        http = HttpReceiver(options.http)
        print("hears HTTP at " + http.url(), flush=True)
        threads.append((http, True))
    if options.smtp is not None:
        smtp = SmtpReceiver(options.smtp)
        print("hears SMTP at " + smtp.url(), flush=True)
        threads.append((smtp, False))
    for which in threads:
        threading.Thread(target=tell_requests, args=which,
                         daemon=True).start()
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        return 0


if __name__ == "__main__":
    sys.exit(main())
