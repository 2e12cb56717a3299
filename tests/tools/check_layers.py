#!/usr/bin/env python3
"""Rejects an include that the layering table of ARCHITECTURE.md forbids.

Folders are layers. Seam headers are plain data that everybody may see. Generated code and tests are not read.
"""
import os
import re
import sys

ROOT = os.environ.get("KARST_SRCDIR", os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))

SEAM = {
    "pce/ted/delta.h", "pce/path/request.h", "pce/path/answer.h", "pce/segment/list.h",
    "pce/policy/intent.h", "pce/policy/policy.h", "pce/deploy/transaction.h", "pce/operate/alarm.h",
    "pce/service/event.h", "pce/service/effect.h", "pce/service/config.h",
    # ted.h is what the seam headers' row numbers mean; it is read-only data to those who see it.
    "pce/ted/ted.h",
}
PURE = ["base", "ted", "path", "segment", "policy", "deploy", "assure", "plan", "operate", "service"]

IO_HEADERS = re.compile(
    r"^(event2/|libyang/|libssh/|grpc/|igraph|sqlite3|openssl/|libxml/|libfyaml|pthread|unistd|fcntl|time\.h|"
    r"sys/(?!types)|poll\.h|signal\.h|netdb|netinet/|threads|stdatomic|errno_io)")
# The TED counts the holders of what its forks share: they live and die on other threads.
PURE_ALLOWED = {"ted": r"^stdatomic"}
ALLOWED_SYSTEM = {
    "store": r"^(sqlite3|pthread|unistd|sys/|fcntl|time\.h|poll|errno|stdatomic|signal)",
    "codec": r"^(libyang/|libfyaml|sys/stat|sys/types|fcntl|unistd|dirent|time\.h)",
    "import": r"^(libyang/|libfyaml|libxml/|igraph|sys/stat|sys/types|fcntl|unistd|dirent)",
}


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
        return here == "daemon" and target != "northbound/cli"
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


def system_ok(path, header):
    here = room(path)
    pure = path.startswith("pce/") and here in PURE
    # A protocol session does no I/O and reads no clock either.
    if path.startswith("southbound/") and os.path.basename(path).split(".")[0].split("_")[0] in ("session",):
        pure = True
    if pure:
        return not IO_HEADERS.match(header) or re.match(PURE_ALLOWED.get(here, r"^$"), header) is not None
    if here in ALLOWED_SYSTEM and IO_HEADERS.match(header):
        return re.match(ALLOWED_SYSTEM[here], header) is not None
    return True


def extra_rules(path, target):
    """Replay must stay an independent second opinion."""
    if path.startswith("pce/segment/replay"):
        return target not in ("pce/segment/compile.h",) and not target.startswith("pce/path/")
    return True


def main():
    bad = 0
    files = 0
    for top in ("pce", "southbound", "northbound", "models"):
        for folder, _, names in os.walk(os.path.join(ROOT, top)):
            for name in names:
                if not name.endswith((".c", ".h")) or ".pb-c." in name:
                    continue
                full = os.path.join(folder, name)
                path = os.path.relpath(full, ROOT)
                files += 1
                with open(full, encoding="utf-8") as f:
                    for number, line in enumerate(f, 1):
                        m = re.match(r'\s*#\s*include\s+(?:"([^"]+)"|<([^>]+)>)', line)
                        if not m:
                            continue
                        if m.group(1):
                            target = m.group(1)
                            if target == "config.h":
                                continue
                            ok = os.path.exists(os.path.join(ROOT, target))
                            why = "is not a path from the top folder"
                            if ok:
                                ok = allowed_project(path, target) and extra_rules(path, target)
                                why = "is not for this layer"
                        else:
                            target = m.group(2)
                            ok = system_ok(path, target)
                            why = "does I/O, reads a clock, or belongs to another layer"
                        if not ok:
                            bad += 1
                            print(f"{path}:{number}: {target} {why}")
    print(f"layers: {files} files read, {bad} forbidden includes")
    if files == 0:
        print("layers: nothing was read: wrong folder?")
        return 1
    return 1 if bad else 0


sys.exit(main())
