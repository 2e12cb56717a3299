#!/usr/bin/env python3
"""Plants a violation of each rule in a small tree and sees that its checker names it, and nothing in a clean tree."""
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
CLEAN = "/* A room. */\n#ifndef X_H\n#define X_H\n\n#include <stdint.h>\n\n/* Says what. */\nint base_do(int n);\n\n#endif\n"
BODY = "".join("\tn++;\n" for _ in range(70))
LONG = "/* A room. */\nint\nlong_one(int n,\n\t int m)\n{\n" + BODY + "\treturn n + m;\n}\n"
SEEN = "/* Seen by others. */\n"

# Headers that planted includes name; all are there, so that only the layer is wrong.
TREE = {name: SEEN for name in (
    "pce/base/status.h", "pce/ted/ted.h", "pce/ted/ted_internal.h", "pce/path/path.h", "pce/segment/compile.h",
    "pce/segment/replay.h", "pce/policy/ledger.h", "pce/service/service.h", "pce/service/internal.h",
    "pce/store/store.h", "pce/daemon/daemon.h", "models/codec/codec.h", "models/import/import.h",
    "southbound/driver.h", "southbound/bgp/session.h", "southbound/bgp/shell.h", "northbound/http/http.h",
    "northbound/cli/cli.h")}
TREE["tests/tools/size_waivers"] = "# none\n"
TREE["pce/base/room.h"] = CLEAN


def include(target):
    return f'#include "{target}"\n' if not target.startswith("<") else f"#include {target}\n"


# checker, file, content, what the checker must say of it
PLANTED = [("check_layers.py", path, include(target), target.strip("<>")) for path, target in (
    ("pce/base/x.c", "pce/ted/ted_internal.h"),
    ("pce/ted/x.c", "pce/path/path.h"),
    ("pce/path/x.c", "pce/segment/compile.h"),
    ("pce/policy/x.c", "pce/service/internal.h"),
    ("pce/service/x.c", "pce/store/store.h"),
    ("pce/service/x.c", "models/codec/codec.h"),
    ("pce/service/x.c", "southbound/driver.h"),
    ("pce/service/x.c", "northbound/http/http.h"),
    ("pce/segment/replay_walk.c", "pce/segment/compile.h"),
    ("pce/segment/replay_walk.c", "pce/path/path.h"),
    ("pce/store/x.c", "models/codec/codec.h"),
    ("pce/store/x.c", "pce/daemon/daemon.h"),
    ("pce/daemon/x.c", "northbound/cli/cli.h"),
    ("models/codec/x.c", "models/import/import.h"),
    ("models/codec/x.c", "southbound/driver.h"),
    ("models/import/x.c", "pce/path/path.h"),
    ("southbound/bgp/x.c", "northbound/http/http.h"),
    ("southbound/bgp/x.c", "pce/store/store.h"),
    ("southbound/bgp/x.c", "pce/service/internal.h"),
    ("southbound/bgp/session.c", "southbound/bgp/shell.h"),
    ("southbound/bgp/session.c", "<event2/event.h>"),
    ("southbound/bgp/session.c", "<time.h>"),
    ("northbound/http/x.c", "southbound/driver.h"),
    ("northbound/http/x.c", "pce/store/store.h"),
    ("northbound/http/x.c", "pce/daemon/daemon.h"),
    ("northbound/cli/x.c", "pce/daemon/daemon.h"),
    ("northbound/cli/x.c", "pce/store/store.h"),
    ("pce/ted/x.h", "<pthread.h>"),
    ("pce/policy/x.c", "<stdatomic.h>"),
    ("pce/path/x.c", "<unistd.h>"),
    ("pce/path/x.c", "<sys/random.h>"),
    ("pce/path/x.c", "<igraph/igraph.h>"),
    ("pce/service/x.c", "<dirent.h>"),
    ("northbound/http/x.c", "<sqlite3.h>"),
    ("southbound/bgp/x.c", "<libssh/libssh.h>"),
    ("northbound/restconf/x.c", "<libyang/libyang.h>"),
    ("models/codec/x.c", "<event2/event.h>"),
    ("models/codec/x.c", "<pthread.h>"),
    ("pce/path/x.c", "room.h"),
    ("pce/path/x.c", "../base/room.h"),
)] + [
    ("check_layers.py", "pce/path/x.c", "#include HEADER\n", "HEADER"),
    ("check_layers.py", "pce/path/x.c", "int\nf(void)\n{\n\treturn rand();\n}\n", "rand"),
    ("check_layers.py", "pce/path/x.c", "int\nf(void)\n{\n\tprintf(\"x\");\n}\n", "printf"),
    ("check_layers.py", "pce/service/x.c", "int\nf(void)\n{\n\treturn (int)time(NULL);\n}\n", "time"),
    ("check_layers.py", "southbound/bgp/session.c", "int\nf(void)\n{\n\treturn !getenv(\"X\");\n}\n", "getenv"),
    ("check_docs.py", "pce/base/x.h", "#ifndef A\n#define A\n/* f. */\nint f(void);\n#endif\n", "does not open"),
    ("check_docs.py", "pce/base/x.h", "/* A room. */\n#ifndef A\n#define A\n\nint f(void);\n#endif\n", "int f(void)"),
    ("check_docs.py", "pce/base/x.h", "/* A room. */\n\n/* f. */\nint f(void);\n\nint g(int,\n\tint);\n", "int g(int"),
    ("check_docs.py", "pce/base/x.h", "/* A room. */\n\n/* s. */\nstruct s {\n\tint a;\n};\nint g(void);\n", "int g(void)"),
    ("check_docs.py", "pce/base/x.h", "/* A room. */\n\nstatic inline int\ng(void)\n{\n\treturn 1;\n}\n", "inline int g"),
    ("check_docs.py", "northbound/http/x.h", "/* A room. */\n\nstruct s *g(struct s *s);\n", "struct s *g("),
    ("check_sizes.py", "pce/base/x.c", LONG, "long_one"),
    ("check_sizes.py", "tests/base/x.c", LONG.replace("int\nlong_one(int n,\n\t int m)", "START_TEST(long_one)"), "long_one"),
    ("check_sizes.py", "pce/base/x.c", "/* x */\n" + "int a;\n" * 800, "802 lines"),
    ("check_sizes.py", "tests/tools/size_waivers", "pce/base/gone.c 900 it was long once\n", "not needed"),
    ("check_format.sh", "pce/base/x.c", "int  f (void) { return 1; }\n", "pce/base/x.c: not formatted"),
]


def plant(root, path, content):
    full = os.path.join(root, path)
    os.makedirs(os.path.dirname(full), exist_ok=True)
    with open(full, "w", encoding="utf-8") as f:
        f.write(content)


def run(checker, path=None, content=None):
    """Exit status and output of a checker on the clean tree with one file more."""
    with tempfile.TemporaryDirectory(prefix="karst-checkers-") as root:
        for name, text in TREE.items():
            plant(root, name, text)
        with open(os.path.join(HERE, "..", "..", ".clang-format"), encoding="utf-8") as f:
            plant(root, ".clang-format", f.read())
        if path:
            plant(root, path, content)
        done = subprocess.run([os.path.join(HERE, checker)], env=dict(os.environ, KARST_SRCDIR=root), text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        return done.returncode, done.stdout


def main():
    bad = 0
    lacking = set()
    for checker in ("check_layers.py", "check_docs.py", "check_sizes.py", "check_format.sh"):
        status, out = run(checker)
        if status == 77:
            lacking.add(checker)
        elif status:
            bad += 1
            print(f"{checker} finds fault with a clean tree:\n{out}")
    for checker, path, content, wanted in PLANTED:
        if checker in lacking:
            continue
        status, out = run(checker, path, content)
        if status != 1 or wanted not in out:
            bad += 1
            print(f"{checker} does not see in {path}:\n{content[:200]}\n… it says {status}: {out}")
    print(f"checkers: {len(PLANTED)} violations planted, {bad} faults")
    return 1 if bad else 0


sys.exit(main())
