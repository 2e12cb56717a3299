#!/usr/bin/env python3
"""Rejects a public prototype without a comment above it, and a header without an opening comment.

A comment covers a group: prototypes that follow each other without a blank line share the one above the first.
"""
import os
import re
import sys

ROOT = os.environ.get("KARST_SRCDIR", os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))


def statements(text):
    """Yields (line number, statement, documented) for each top-level statement that ends in ; or {."""
    depth = 0
    documented = False
    start = None
    buf = ""
    i = 0
    line = 1
    blank = 0
    while i < len(text):
        if text.startswith("/*", i):
            end = text.find("*/", i)
            if depth == 0 and not buf.strip():
                documented = True
                blank = 0
            line += text.count("\n", i, end)
            i = end + 2
            continue
        c = text[i]
        if c == "#" and depth == 0 and not buf.strip():
            while i < len(text):
                end = text.find("\n", i)
                cont = text[end - 1] == "\\"
                i = end + 1
                line += 1
                if not cont:
                    break
            continue
        if c == "\n":
            line += 1
            blank += 1
            if depth == 0 and not buf.strip() and blank > 1:
                documented = False
        elif not c.isspace():
            blank = 0
            if start is None:
                start = line
        if c == "{":
            depth += 1
        elif c == "}":
            depth -= 1
        if depth == 0 and (c == ";" or (c == "}" and ")" in buf.split("{")[0])):
            yield start, buf.strip() + c, documented
            # What a struct's comment says covers no prototype below it.
            documented = documented and not re.match(r"(struct|union|enum)\b[^(]*\{", buf.strip())
            buf = ""
            start = None
            i += 1
            continue
        buf += c
        i += 1


def main():
    bad = protos = 0
    for top in ("pce", "southbound", "northbound", "models"):
        for folder, _, names in os.walk(os.path.join(ROOT, top)):
            for name in names:
                if not name.endswith(".h") or ".pb-c." in name:
                    continue
                full = os.path.join(folder, name)
                path = os.path.relpath(full, ROOT)
                text = open(full, encoding="utf-8").read()
                if not text.startswith("/*"):
                    bad += 1
                    print(f"{path}:1: the header does not open with a comment that says what it is for")
                for line, stmt, documented in statements(text):
                    head = stmt.split("{")[0]
                    if not re.search(r"\w\s*\(", head) or head.startswith(("typedef", "struct {", "enum")):
                        continue
                    if re.match(r"(struct|union)\s+\w+\s*$", head.strip()):
                        continue
                    if "=" in head.split("(")[0] or re.match(r"[A-Z_]+\(", head):
                        continue
                    protos += 1
                    if not documented:
                        bad += 1
                        print(f"{path}:{line}: undocumented prototype: {' '.join(head.split())[:90]}")
    print(f"docs: {protos} prototypes read, {bad} faults")
    return 1 if bad or protos == 0 else 0


sys.exit(main())
