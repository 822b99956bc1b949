"""preload - a library of the test's own in front of those that npsd uses."""
import os
import subprocess

from harness import Skip


def preload(place, source):
    """The environment that does it. source: the path of a C file."""
    name = os.path.splitext(os.path.basename(source))[0]
    library = place.path(name + ".so")
    try:
        made = subprocess.run(
            os.environ.get("CC", "cc").split() + [
                "-O1", "-shared", "-fPIC", "-o", library, source, "-ldl",
                "-pthread"], capture_output=True, text=True)
    except OSError as error:
        raise Skip("no compiler: %s" % error) from error
    if made.returncode != 0:
        raise Skip("no compiler: " + made.stderr.strip()[:200])
    options = os.environ.get("ASAN_OPTIONS", "")
    return {"LD_PRELOAD": library,
            "ASAN_OPTIONS": (options + ":" if options else "")
            + "verify_asan_link_order=0"}
