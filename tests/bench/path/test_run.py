#!/usr/bin/env python3
"""./dev bench path: what it prints for programs, and that differing costs end it."""
import importlib.machinery
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import unittest

BUILD = os.path.abspath(os.environ.get("KARST_BUILDDIR", "build"))
HERE = os.path.dirname(os.path.abspath(__file__))
RUN = os.path.join(HERE, "run")


def load():
    """The script as a module."""
    sys.dont_write_bytecode = True
    loader = importlib.machinery.SourceFileLoader("bench_run", RUN)
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("bench_run", loader))
    loader.exec_module(module)
    return module


def run(*words):
    return subprocess.run([RUN, *words], capture_output=True, text=True, timeout=300,
                          env=dict(os.environ, KARST_BUILDDIR=BUILD))


class Run(unittest.TestCase):
    def test_json_is_a_list_of_figures_beside_peers(self):
        done = run("-o", "json", "--graphs", "T1", "--peers", "igraph", "--questions", "12", "--seconds", "0.2", "--seed", "7")
        self.assertEqual(done.returncode, 0, done.stderr)
        rows = json.loads(done.stdout)
        self.assertEqual([r["query"] for r in rows], load().QUERIES)
        for row in rows:
            self.assertEqual(set(row), {"graph", "query", "karst", "unit", "peers"})
            self.assertEqual(row["graph"], "T1")
            self.assertEqual(row["unit"], "ms" if row["query"] == "n-1" else "us")
            self.assertGreater(row["karst"], 0)
            with_igraph = row["query"] not in ("bounded", "disjoint", "update")
            self.assertEqual(list(row["peers"]), ["igraph"] if with_igraph else [])
            self.assertTrue(all(figure > 0 for figure in row["peers"].values()))

    def test_costs_that_differ_are_told_with_both_sums(self):
        module = load()
        with tempfile.TemporaryDirectory() as folder:
            for who, lines in (("karst", "10 1\nnone\n30 2\n"), ("lemon", "10 1\nnone\n31 2\n"), ("boost", "10 1\nnone\n")):
                with open(os.path.join(folder, f"widest.{who}"), "w", encoding="ascii") as f:
                    f.write(lines)
            self.assertIsNone(module.compare("T2", "widest", folder, "boost"))
            told = module.compare("T2", "widest", folder, "lemon")
        self.assertIn("T2, widest: the sum of costs is 40 / 3 over 2 answers for karst and 41 / 3 over 2 answers for lemon", told)
        self.assertIn("number 2: 30 2 and 31 2", told)

    def test_names_that_are_none_are_refused(self):
        for words in (("--graphs", "T9"), ("--queries", "longest"), ("--peers", "networkx")):
            done = run(*words)
            self.assertEqual((done.returncode, done.stdout), (2, ""), done.stderr)
            self.assertIn(words[1], done.stderr)


if __name__ == "__main__":
    unittest.main()
