"""boot_inside - what tests/system/boot tries, as root of the booted container.
"""
import json
import os
import pwd
import re
import shutil
import subprocess
import time

from harness import (NPSD, Books, Daemon, case, equal, line, main, until)
from manager import StoppedThread

SPOOL = "/var/spool/npsd/responses.jsonl"
CONFIG = "/etc/npsd/npsd.yaml"
WATCHDOG_S = 1


def run(*words, good=True, **more):
    got = subprocess.run(words, capture_output=True, text=True, timeout=60,
                         **more)
    if good and got.returncode != 0:
        raise AssertionError("%s: %d: %s%s" % (
            " ".join(words), got.returncode, got.stdout, got.stderr))
    return got


def show(name, unit="npsd"):
    return run("systemctl", "show", "--value", "-p", name, unit).stdout.strip()


def journal():
    return run("journalctl", "-u", "npsd", "-o", "cat", "--no-pager").stdout


def installed():
    """The daemon of the unit, to be asked."""
    daemon = object.__new__(Daemon)
    daemon.control = "/run/npsd/control.sock"
    daemon.database = "/var/lib/npsd/npsd.db"
    daemon.port = 8677
    return daemon


def drop_in(name, text):
    folder = "/etc/systemd/system/npsd.service.d"
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
        file.write(text)
    run("systemctl", "daemon-reload")


def as_shop(data):
    """What a member of the group appends to the spool, with the usual umask."""
    group = pwd.getpwnam("npsd").pw_gid
    run("python3", "-c", "import os, sys; os.umask(0o022); "
        "open(sys.argv[1], 'a').write(sys.argv[2])", SPOOL, data,
        user=1234, group=1234, extra_groups=[group])


def change_config(old, new):
    with open(CONFIG, encoding="utf-8") as file:
        text = file.read()
    if old not in text:
        raise AssertionError("%s does not say %r" % (CONFIG, old))
    with open(CONFIG, "w", encoding="utf-8") as file:
        file.write(text.replace(old, new))


@case("X10: installed as the README says, it starts and takes answers")
def starts(_):
    # The boot itself has made the user and the folders already; again.
    run("systemd-sysusers", "npsd.conf")
    run("systemd-tmpfiles", "--create", "npsd.conf")
    for path, mode in (("/etc/npsd", 0o750), (CONFIG, 0o640)):
        shutil.chown(path, "root", "npsd")
        os.chmod(path, mode)
    run("systemctl", "daemon-reload")
    run("systemctl", "enable", "--now", "npsd")
    equal(show("ActiveState"), "active")
    equal(os.stat("/etc/npsd").st_mode & 0o777, 0o750, "/etc/npsd")
    daemon = installed()
    as_shop("".join(line(i, 0) for i in range(3)))
    daemon.accept({"id": "r-api", "score": 10})
    daemon.wait_count(4)
    until(lambda: journal().count('"npsd.alert"') == 3
          or journal().count("r-") >= 3, "alerts in the journal")
    run(NPSD, "status")
    equal(run(NPSD, "check").stdout.startswith(CONFIG + " is good"), True)


@case("a reload is waited for, and a bad one changes nothing")
def reloads(_):
    daemon = installed()
    before = daemon.status()["config_hash"]
    change_config("timezone: UTC", "timezone: Europe/Amsterdam")
    run("systemctl", "reload", "npsd")
    after = daemon.status()["config_hash"]
    equal(after == before, False, "the same configuration")
    change_config("timezone: Europe/Amsterdam", "timezone: Nowhere")
    got = run("systemctl", "reload", "npsd", good=False)
    equal(got.returncode == 0, False, "a bad reload")
    equal("score.timezone" in journal(), True, "the reason in the journal")
    equal(show("ActiveState"), "active")
    equal(daemon.status()["config_hash"], after)
    change_config("timezone: Nowhere", "timezone: UTC")
    run("systemctl", "reload", "npsd")
    equal(show("NRestarts"), "0")
    # Last, since a new one is told every few seconds only.
    until(lambda: show("StatusText") == "NPS -50 (30d, 4 answers)",
          lambda: "a status: " + show("StatusText"))


def hang(name):
    daemon = installed()
    process = int(show("MainPID"))
    restarts = int(show("NRestarts"))
    count = daemon.count()
    thread = StoppedThread(process, name)
    since = time.monotonic()
    as_shop(line("hung-" + name, 0))
    until(lambda: int(show("NRestarts")) > restarts
          or not os.path.exists("/proc/%d/cmdline" % process)
          or thread.is_gone(), "systemd to end it")
    thread.bury()
    until(lambda: int(show("NRestarts")) > restarts
          and show("ActiveState") == "active", "a new start")
    took = time.monotonic() - since
    print("# %s: healthy again after %.1f s" % (name, took))
    if took > WATCHDOG_S + 5:
        raise AssertionError("healthy again only after %.1f s" % took)
    daemon.wait_count(count + 1)
    books = Books(daemon.database)
    books.check()
    until(lambda: all(row["state"] == "delivered"
                      for row in daemon.deliveries()), "all alerts")


@case("P13: a hung thread is noticed, npsd started anew, the books balance")
def watchdog(_):
    drop_in("watchdog.conf", "[Service]\nWatchdogSec=%d\n" % WATCHDOG_S)
    run("systemctl", "restart", "npsd")
    for name in ("store", "loop"):
        hang(name)
    equal("Watchdog timeout" in run(
        "journalctl", "--no-pager", "_PID=1").stdout, True, "the reason")


@case("X10: no core, whatever the system does with cores")
def no_core(_):
    with open("/proc/%s/limits" % show("MainPID"), encoding="ascii") as file:
        [limit] = re.findall(r"Max core file size +(\S+) +(\S+)", file.read())
    equal(limit, ("0", "0"))
    found = [os.path.join(base, name)
             for top in ("/var", "/run/npsd", "/tmp")
             for base, _, names in os.walk(top) for name in names
             if re.match(r"core($|\.)", name)]
    equal(found + [name for name in os.listdir("/")
                   if name.startswith("core")], [])


@case("X10: what the unit forbids is forbidden, what npsd needs is not")
def sandbox(_):
    path = os.path.join(os.path.dirname(NPSD), "..", "lib", "systemd",
                        "system", "npsd.service")
    path = path if os.path.exists(path) else "/lib/systemd/system/npsd.service"
    with open(path, encoding="utf-8") as file:
        unit = file.read()
    for key, value in (
            ("Type", "oneshot"), ("Restart", "no"), ("ExecReload", None),
            ("WatchdogSec", None), ("RuntimeDirectory", "npsd-probe"),
            ("ExecStart", "/usr/bin/python3 "
             "/tests/system/lib/probe_sandbox.py")):
        unit, changed = re.subn(
            r"^%s=.*\n" % key, "%s=%s\n" % (key, value) if value else "",
            unit, flags=re.M)
        equal(changed, 1, key)
    unit = unit.replace("[Install]", "StandardOutput=file:/trial/probe\n"
                        "[Install]")
    # Where only the unit stands between the user and writing.
    os.makedirs("/srv/open", exist_ok=True)
    os.chmod("/srv/open", 0o777)
    with open("/tmp/of-others", "w", encoding="utf-8") as file:
        file.write("secret")
    with open("/etc/systemd/system/npsd-probe.service", "w",
              encoding="utf-8") as file:
        file.write(unit)
    run("systemctl", "daemon-reload")
    run("systemctl", "start", "npsd-probe")
    with open("/trial/probe", encoding="utf-8") as file:
        results = json.load(file)
    wrong = {name: one for name, one in results.items()
             if (one["got"] == "done") != one["allowed"]}
    equal(wrong, {}, "the probe")
    equal(len(results) > 20, True, "probes")


@case("G07: a credential is renewed by a restart, not by a reload")
def credentials(_):
    def put(secret):
        with open("/etc/npsd/ops.token", "w", encoding="utf-8") as file:
            file.write(secret + "\n")
        os.chmod("/etc/npsd/ops.token", 0o600)

    def status(secret):
        return installed().get("/api/v1/responses", headers={
            "Authorization": "Bearer " + secret}).status

    put("the-first-token-of-ops")
    drop_in("credential.conf",
            "[Service]\nLoadCredential=ops:/etc/npsd/ops.token\n")
    change_config("server:\n", "server:\n  tokens: {ops: {role: admin, "
                  "secret: {credential: ops}}}\n")
    run("systemctl", "restart", "npsd")
    equal(status("the-first-token-of-ops"), 200)
    put("the-second-token-of-ops")
    run("systemctl", "reload", "npsd")
    equal(status("the-second-token-of-ops"), 401, "after a reload")
    run("systemctl", "restart", "npsd")
    equal(status("the-second-token-of-ops"), 200, "after a restart")
    equal(status("the-first-token-of-ops"), 401)
    change_config("  tokens: {ops: {role: admin, "
                  "secret: {credential: ops}}}\n", "")
    os.unlink("/etc/systemd/system/npsd.service.d/credential.conf")
    run("systemctl", "daemon-reload")
    run("systemctl", "restart", "npsd")


@case("a backup, and a restore by root, in the unit's folders")
def backups(_):
    daemon = installed()
    count = daemon.count()
    run(NPSD, "backup", "--force", "/var/lib/npsd/npsd.backup")
    daemon.accept({"id": "after-the-backup", "score": 9})
    run("systemctl", "stop", "npsd")
    run(NPSD, "restore", "/var/lib/npsd/npsd.backup")
    run("systemctl", "start", "npsd")
    equal(daemon.count(), count, "as of the backup")
    daemon.accept({"id": "after-the-restore", "score": 9})


@case("the socket unit starts it at the first request")
def on_demand(_):
    run("systemctl", "stop", "npsd")
    run("systemctl", "start", "npsd.socket")
    equal(show("ActiveState"), "inactive")
    daemon = installed()
    equal(daemon.get("/readyz").status, 200)
    equal(show("ActiveState"), "active")
    run("systemctl", "reload", "npsd")
    equal(daemon.get("/readyz").status, 200, "after a reload")


@case("it stops clean")
def stops(_):
    daemon = installed()
    count = daemon.count()
    run("systemctl", "stop", "npsd.socket")
    run("systemctl", "stop", "npsd")
    equal((show("ActiveState"), show("Result"), show("ExecMainStatus")),
          ("inactive", "success", "0"))
    equal("npsd has stopped" in journal(), True, "its last word")
    books = Books(daemon.database)
    books.check()
    equal(len(books.answers), count)
    equal(os.path.exists("/run/npsd"), False, "its runtime folder is left")


@case("a bad configuration is told once, and not tried again")
def bad_configuration(_):
    change_config("timezone: UTC", "timezone: Nowhere")
    got = run("systemctl", "start", "npsd", good=False)
    equal(got.returncode == 0, False, "a start")
    until(lambda: show("ActiveState") == "failed", "the end")
    equal(show("ExecMainStatus"), "78")
    change_config("timezone: Nowhere", "timezone: UTC")
    run("systemctl", "start", "npsd")
    run("systemctl", "stop", "npsd")


try:
    main()
finally:
    with open("/trial/journal", "w", encoding="utf-8") as out:
        out.write(journal())
