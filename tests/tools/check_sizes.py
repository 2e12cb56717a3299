#!/usr/bin/env python3
"""Lists functions over 60 lines and files over 800 lines that have no waiver with a reason.

The waiver file has a line each: PATH[:FUNCTION] LIMIT REASON. A waiver that is not needed any more is an error too.
"""
import os
import re
import sys

ROOT = os.environ.get("KARST_SRCDIR", os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
FUNCTION_LIMIT = 60
FILE_LIMIT = 800


def functions(lines):
    """Yields (name, first line, length) of each function definition; the return type stands on its own line."""
    name = start = None
    for number, line in enumerate(lines, 1):
        if line.startswith("{") and name:
            start = start or number
        elif line.startswith("}") and name and start:
            yield name, start, number - start + 1
            name = start = None
        elif re.match(r"^[A-Za-z_]\w*\(", line):
            name = line.split("(")[0]
            start = None
            if line.startswith(("START_TEST(",)):
                name = line.split("(")[1].split(")")[0]
        elif line.startswith("#") or line.startswith("struct ") and line.rstrip().endswith("{"):
            name = None


def main():
    waivers = {}
    path = os.path.join(ROOT, "tests/tools/size_waivers")
    for line in open(path, encoding="utf-8"):
        line = line.strip()
        if line and not line.startswith("#"):
            key, limit, reason = line.split(None, 2)
            waivers[key] = (int(limit), reason)
    bad = read = 0
    used = set()
    for top in ("pce", "southbound", "northbound", "models", "tests"):
        for folder, _, names in os.walk(os.path.join(ROOT, top)):
            for name in sorted(names):
                if not name.endswith((".c", ".h")) or ".pb-c." in name:
                    continue
                full = os.path.join(folder, name)
                rel = os.path.relpath(full, ROOT)
                lines = open(full, encoding="utf-8").read().split("\n")
                read += 1
                checks = [(rel, len(lines), FILE_LIMIT, 1, "file")]
                checks += [(f"{rel}:{f}", n, FUNCTION_LIMIT, at, "function") for f, at, n in functions(lines)]
                for key, length, limit, at, what in checks:
                    if length <= limit:
                        continue
                    if key in waivers and length <= waivers[key][0]:
                        used.add(key)
                        continue
                    bad += 1
                    print(f"{rel}:{at}: {what} {key.split(':')[-1]} has {length} lines, more than {limit}")
    for key in sorted(set(waivers) - used):
        bad += 1
        print(f"size_waivers: {key} is not needed (or is exceeded)")
    print(f"sizes: {read} files read, {bad} faults")
    return 1 if bad or read == 0 else 0


sys.exit(main())
