#!/usr/bin/env python3
"""karst path FILE: why this path, why none, and what a pair shares, as people and programs read it."""
import json
import os
import subprocess
import tempfile
import unittest

KARST = os.path.join(os.environ.get("KARST_BUILDDIR", "build"), "karst")

# a-b-d is quick and narrow, a-c-d slow and wide; d-e is a bridge, and c offers a firewall.
NETWORK = """
topology:
  node: [{name: a}, {name: b}, {name: c, service: [firewall]}, {name: d}, {name: e}]
  link:
"""
FIBRES = [("a", "b", 5000, 1), ("b", "d", 5000, 1), ("a", "c", 12000, 4), ("c", "d", 12000, 4), ("d", "e", 1000, 9)]


def network():
    links = []
    for one, other, delay, gbps in FIBRES:
        for x, y in ((one, other), (other, one)):
            links.append(f"    - {{name: {x}-{y}, from: {x}, to: {y}, reverse: {y}-{x}, igp-metric: 10, te-metric: 10, "
                         f"delay-us: {delay}, capacity-bps: {gbps}000000000, availability: 0.999}}\n")
    return NETWORK + "".join(links)


class Explain(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.file = os.path.join(cls.folder.name, "net.yaml")
        with open(cls.file, "w", encoding="utf-8") as out:
            out.write(network())

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def run_karst(self, *words):
        return subprocess.run([KARST, "path", self.file, *words], capture_output=True, text=True, timeout=60)

    def text(self, *words, status=0):
        run = self.run_karst(*words)
        self.assertEqual(run.returncode, status, run.stderr)
        return run.stdout

    def output(self, *words, status=0):
        return json.loads(self.text(*words, "-o", "json", status=status))["karst-path:output"]

    def test_explain_names_the_runner_up_and_what_binds(self):
        words = ("--from", "a", "--to", "e", "--objective", "delay", "--bandwidth", "2G", "--max-delay", "30ms",
                 "--explain")
        text = self.text(*words)
        self.assertIn("path 1: least delay, 25 ms; there is no other path that holds what was asked for; without "
                      "2 Gbit/s another one would win, with 11 ms; to spare: 2 Gbit/s above the 2 Gbit/s, 5 ms delay "
                      "below the 30 ms delay", text)
        path = self.output(*words)["path"][0]
        self.assertEqual(path["explanation"]["decided-by"], "alone")
        self.assertEqual(path["explanation"]["constraint"],
                         [{"name": "bandwidth", "asked": "2000000000", "has": "4000000000", "slack": "2000000000",
                           "binds": True, "without": "11000"},
                          {"name": "delay", "asked": "30000", "has": "25000", "slack": "5000", "binds": False}])

    def test_explain_tells_the_tie_that_decided(self):
        words = ("--from", "a", "--to", "d", "--explain")
        text = self.text(*words)
        self.assertIn("path 1: least IGP metric, 20, the same as the runner-up, from which the lower delay tells it; they "
                      "part at a, where this one takes a-b and the runner-up a-c\nrunner-up of path 1: a > c > d\n", text)
        explanation = self.output(*words)["path"][0]["explanation"]
        self.assertEqual(explanation["decided-by"], "delay")
        self.assertEqual(explanation["runner-up"], {"node": ["a", "c", "d"], "link": ["a-c", "c-d"], "value": "20",
                                                    "common-links": 0, "proven": True})
        self.assertNotIn("explanation", self.output(*words[:-1])["path"][0])

    def test_a_pair_over_a_bridge_tells_what_it_shares(self):
        words = ("--from", "a", "--to", "e", "--disjoint", "srlg-node")
        text = self.text(*words)
        self.assertIn("given up: disjoint srlg-node, got availability\n", text)
        self.assertIn("both paths share: link d-e node d\n", text)
        output = self.output(*words)
        self.assertEqual(output["shared"], {"link": ["d-e"], "node": ["d"]})
        self.assertEqual([p["node"] for p in output["path"]], [["a", "b", "d", "e"], ["a", "c", "d", "e"]])

    def test_a_pair_by_the_worse_path(self):
        output = self.output("--from", "a", "--to", "d", "--disjoint", "link", "--pair-objective", "maximum",
                             "--objective", "delay")
        self.assertEqual([p["delay-us"] for p in output["path"]], ["10000", "24000"])

    def test_no_path_names_the_conflict_and_what_would_help(self):
        none = self.output("--from", "a", "--to", "e", "--bandwidth", "2G", "--max-delay", "20ms", status=1)["no-path"]
        self.assertEqual(none["conflict"], ["bandwidth", "delay"])
        self.assertEqual([(r["constraint"], r["asked"], r["best"]) for r in none["relaxation"]],
                         [("bandwidth", "2000000000", "1000000000"), ("delay", "20000", "25000")])
        self.assertEqual(none["text"], "no path from a to e with 2 Gbit/s and 20 ms delay: the widest has 1 Gbit/s, limited "
                                       "by a→b; with 25 ms delay instead of 20 ms delay there is one with 4 Gbit/s")

    def test_no_path_names_the_one_thing_in_the_way(self):
        none = self.output("--from", "a", "--to", "e", "--avoid-node", "b,d", status=1)["no-path"]
        self.assertEqual(none["text"], "no path from a to e around what is to be avoided: without avoiding d there is one")
        text = self.text("--from", "a", "--to", "e", "--via-service", "firewall", "--max-delay", "20ms", status=1)
        self.assertIn("no path from a to e through the service firewall with 20 ms delay: with 25 ms delay", text)
        self.assertIn("without the way through the service firewall there is one", text)

    def test_no_second_path_names_what_every_path_crosses(self):
        text = self.text("--from", "a", "--to", "e", "--disjoint", "link", "--max-delay", "20ms", status=1)
        self.assertEqual(text, "no second path from a to e with 20 ms delay: every path crosses d→e; with 25 ms delay "
                               "instead of 20 ms delay there is one\n")

    def test_alternatives_and_pairs_pass_the_vias(self):
        paths = self.output("--from", "a", "--to", "e", "--via", "c", "--k", "3")["path"]
        self.assertEqual(paths[0]["node"], ["a", "c", "d", "e"])
        self.assertTrue(all("c" in p["node"] and p["exact"] for p in paths))
        pair = self.output("--from", "a", "--to", "d", "--via", "c", "--disjoint", "availability",
                           "--objective", "availability")
        self.assertEqual(len(pair["path"]), 2)


if __name__ == "__main__":
    unittest.main()
