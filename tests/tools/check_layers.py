#!/usr/bin/env python3
"""Rejects an include that the layering table of ARCHITECTURE.md forbids, and impure calls in pure rooms.

Folders are layers. Seam headers are plain data that everybody may see. Generated code and tests are not read.
"""
import os
import re
import sys

ROOT = os.environ.get("KARST_SRCDIR", os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))

SEAM = {
    "pce/ted/delta.h", "pce/path/request.h", "pce/path/answer.h", "pce/segment/list.h",
    "pce/policy/intent.h", "pce/policy/policy.h", "pce/policy/differ.h", "pce/deploy/transaction.h", "pce/operate/alarm.h",
    "pce/operate/mode.h", "pce/operate/guard.h", "pce/operate/history.h", "pce/operate/damping.h",
    "pce/operate/change.h", "pce/assure/limits.h", "pce/operate/reoptimise.h",
    "pce/service/event.h", "pce/service/effect.h", "pce/service/config.h",
    # ted.h is what the seam headers' row numbers mean; it is read-only data to those who see it.
    "pce/ted/ted.h",
}
PURE = ["base", "ted", "path", "segment", "policy", "deploy", "assure", "plan", "operate", "service"]

# What pure code may see of the C library. None of it opens, waits, or asks the time by itself; the calls that would are
# in PURE_CALLS.
PURE_HEADERS = {
    "assert.h", "ctype.h", "errno.h", "float.h", "inttypes.h", "limits.h", "math.h", "stdalign.h", "stdarg.h",
    "stdbool.h", "stddef.h", "stdint.h", "stdio.h", "stdlib.h", "string.h",
}
PURE_ALLOWED = {
    # The TED counts the holders of what its forks share: they live and die on other threads.
    "ted": {"stdatomic.h"},
    "path": {"stdatomic.h", "immintrin.h"},  # and so do forks of an engine; sweeps of many trees are vectors
    "base": {"arpa/inet.h"},  # inet_pton and inet_ntop
}
PURE_CALLS = re.compile(
    r"(?<![\w.>])(?:fopen|freopen|tmpfile|fputs|puts|putchar|printf|fprintf|vprintf|vfprintf|fwrite|perror|scanf|fscanf|"
    r"remove|rename|time|clock|clock_gettime|gettimeofday|localtime|gmtime|rand|srand|random|getenv|setenv|system|"
    r"exit|_exit|abort|strtok|setlocale)\s*\(")
# Each library has its rooms.
LIBRARIES = [
    (r"sqlite3", {"store"}),
    (r"pthread|threads\.h", {"store", "northbound/restconf", "northbound/cli", "daemon", "southbound/gnmi"}),
    (r"grpc/", {"southbound/gnmi"}),
    (r"protobuf-c/", {"southbound/gnmi"}),
    (r"libyang/", {"codec", "import"}),
    (r"libfyaml", {"codec", "import", "northbound/cli"}),
    (r"libxml/", {"import"}),
    (r"igraph", {"import"}),
    (r"libssh/", {"southbound/netconf"}),
    (r"openssl/", {"southbound/netconf", "northbound/http", "northbound/auth", "northbound/cli"}),
    (r"event2/", {"southbound/bgp", "southbound/netconf", "southbound/gnmi", "southbound/telemetry", "northbound/http",
                  "northbound/events", "northbound/restconf", "northbound/cli", "daemon"}),
]
# Files do I/O here, and nothing else does.
FILES_ONLY = {
    "codec": r"^(sys/(stat|types)|fcntl|unistd|dirent|time\.h)",
    "import": r"^(sys/(stat|types)|fcntl|unistd|dirent)",
}
OTHER_IO = re.compile(r"^(unistd|fcntl|time\.h|sys/|poll\.h|signal\.h|netdb|netinet/|arpa/|spawn|dirent)")


def room(path):
    parts = path.split("/")
    if parts[0] == "pce":
        return parts[1]
    if parts[0] == "models":
        return parts[1]
    return "/".join(parts[:2])


def allowed_project(path, target):
    """True if the file at path may include the project's header target."""
    here = room(path)
    there = room(target)
    if here == there or there == "base" or target in SEAM:
        return True
    if path.startswith("pce/"):
        if here in PURE:
            return there in PURE and PURE.index(there) < PURE.index(here)
        if here == "store":
            return False
        return here == "daemon" and there != "northbound/cli"
    if here == "codec":
        return False
    if here == "import":
        return there in ("ted", "codec")
    if path.startswith("southbound/"):
        if target == "pce/service/service.h" or target.startswith("models/"):
            return True
        return target.startswith("southbound/")
    if here == "northbound/cli":
        return there not in ("daemon", "store")
    if path.startswith("northbound/"):
        if target == "pce/service/service.h" or target.startswith("models/"):
            return True
        return target.startswith("northbound/") or target == "pce/path/path.h"
    return False


def is_pure(path):
    """The rooms from base to service, and what a protocol's session is made of."""
    if path.startswith("southbound/"):
        return os.path.basename(path).split(".")[0] == "session"
    return path.startswith("pce/") and room(path) in PURE


def system_ok(path, header):
    here = room(path)
    if is_pure(path):
        return header in PURE_HEADERS or header in PURE_ALLOWED.get(here, ())
    for library, rooms in LIBRARIES:
        if re.match(library, header):
            return here in rooms
    if here in FILES_ONLY and OTHER_IO.match(header):
        return re.match(FILES_ONLY[here], header) is not None
    return True


def extra_rules(path, target):
    """Rules for single files."""
    # Replay must stay an independent second opinion.
    if path.startswith("pce/segment/replay"):
        own = ("pce/segment/replay.h", "pce/segment/replay_internal.h", "pce/segment/list.h")
        return not target.startswith(("pce/path/", "pce/segment/")) or target in own
    # A session does not know the loop that turns it.
    if path.startswith("southbound/") and is_pure(path):
        return os.path.basename(target) not in ("shell.h", "device.h", "driver.h")
    return True


def include_fault(path, line):
    """What is wrong with an include, or None."""
    m = re.match(r'\s*#\s*include\s+(?:"([^"]+)"|<([^>]+)>|(.+))', line)
    if not m or m.group(1) == "config.h":
        return None
    if m.group(3):
        return f"{m.group(3).strip()} hides what is included"
    if m.group(2):
        return None if system_ok(path, m.group(2)) else f"{m.group(2)} is not for this layer"
    target = m.group(1)
    # protoc-c makes a header of each .proto, in the build folder.
    source = re.sub(r"\.pb-c\.h$", ".proto", target)
    if ".." in target.split("/") or not os.path.exists(os.path.join(ROOT, source)):
        return f"{target} is not a path from the top folder"
    if not allowed_project(path, target) or not extra_rules(path, target):
        return f"{target} is not for this layer"
    return None


def without_comments(text):
    """The text with comments and strings blanked; lines stay lines."""
    return re.sub(r'/\*.*?\*/|"(?:\\.|[^"\\\n])*"', lambda m: re.sub(r"[^\n]", " ", m.group(0)), text, flags=re.S)


def faults(path, text):
    """Yields (line number, fault) for each fault of a file."""
    for number, line in enumerate(text.split("\n"), 1):
        fault = include_fault(path, line)
        if fault:
            yield number, fault
    if not is_pure(path):
        return
    for number, line in enumerate(without_comments(text).split("\n"), 1):
        call = PURE_CALLS.search(line)
        if call and not line.lstrip().startswith("#") and "__attribute__" not in line:
            yield number, f"{call.group(0).rstrip('( ')} does I/O, asks the clock or the environment: not in pure code"


def main():
    bad = files = 0
    for top in ("pce", "southbound", "northbound", "models"):
        for folder, _, names in os.walk(os.path.join(ROOT, top)):
            for name in sorted(names):
                if not name.endswith((".c", ".h")) or ".pb-c." in name:
                    continue
                full = os.path.join(folder, name)
                path = os.path.relpath(full, ROOT)
                files += 1
                with open(full, encoding="utf-8") as f:
                    for number, fault in faults(path, f.read()):
                        bad += 1
                        print(f"{path}:{number}: {fault}")
    print(f"layers: {files} files read, {bad} faults")
    if files == 0:
        print("layers: nothing was read: wrong folder?")
    return 1 if bad or files == 0 else 0


sys.exit(main())
