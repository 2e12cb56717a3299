#!/usr/bin/env python3
"""`karst path FILE --guarantee`: what is told is true (every state of every risk), and what is refused how."""
import itertools
import json
import os
import subprocess
import tempfile
import unittest

KARST = os.path.join(os.environ.get("KARST_BUILDDIR", "build"), "karst")
LINKS = {"sa": (0.001, 3, 7), "at": (0.002, 3, None), "sb": (0.004, 2, 7), "bt": (0.0005, 2, None),
         "sc": (0.003, 5, None), "ct": (0.001, 5, None)}  # fails, Gbit/s left, SRLG
NODES = {"a": 0.0001, "b": 0.0002, "c": 0.00005, "s": 0.5, "t": 0.5}
SRLG = 0.0003


def topology():
    node = [{"name": n, "availability": "%.12f" % (1 - p)} for n, p in NODES.items()]
    link = []
    for name, (p, rate, srlg) in LINKS.items():
        leaves = {"igp-metric": 1, "capacity-bps": str(rate * 10**9), "availability": "%.12f" % (1 - p)}
        if srlg:
            leaves["srlg"] = [srlg]
        back = name[::-1]
        link.append({"name": name, "from": name[0], "to": name[1], "reverse": back, **leaves})
        link.append({"name": back, "from": name[1], "to": name[0], "reverse": name, **leaves})
    return {"karst-topology:topology": {"node": node, "link": link,
                                        "srlg": [{"number": 7, "name": "duct", "availability": "%.12f" % (1 - SRLG)}]}}


def run(*words, form="json"):
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(topology(), file)
        file.flush()
        done = subprocess.run([KARST, "path", file.name, "--from", "s", "--to", "t", *words, "-o", form],
                              capture_output=True, timeout=60, text=True)
    return done.returncode, done.stdout, done.stderr


def answer(*words):
    status, out, messages = run(*words)
    return status, json.loads(out)["karst-path:output"], messages


def probability(output):
    """By all states of all risks that the lists meet."""
    bandwidth = int(output["guarantee"]["bandwidth-bps"])
    met = []
    for path in output["path"]:
        mine = {("link", link): LINKS[link][0] for link in path["link"]}
        mine.update({("node", n): NODES[n] for n in path["node"][1:-1]})
        mine.update({("srlg", 7): SRLG for link in path["link"] if LINKS[link][2]})
        met.append(mine)
    risks = sorted({risk for mine in met for risk in mine})
    price = {risk: p for mine in met for risk, p in mine.items()}
    total = 0
    for state in itertools.product([False, True], repeat=len(risks)):
        p = 1
        for risk, fails in zip(risks, state):
            p *= price[risk] if fails else 1 - price[risk]
        failed = {risk for risk, fails in zip(risks, state) if fails}
        alive = [path for path, mine in zip(output["path"], met) if not failed & set(mine)]
        weights = sum(path["weight"] for path in alive)
        if alive and all(bandwidth * path["weight"] <= int(path["reserved-bps"]) * weights for path in alive):
            total += p
    return total


class Guarantee(unittest.TestCase):
    def check(self, gamma, n, *words):
        status, output, messages = answer(*words)
        self.assertEqual(status, 0, messages)
        told = output["guarantee"]
        self.assertEqual((float(told["gamma"]), len(output["path"])), (gamma, n), output)
        self.assertAlmostEqual(float(told["probability"]), probability(output), delta=2e-12)
        self.assertEqual(sum(int(p["reserved-bps"]) for p in output["path"]), int(told["reserved-bps"]))
        self.assertEqual(told["bound-bps"], told["reserved-bps"])
        self.assertTrue(told["all-candidates"] and all(p["exact"] for p in output["path"]))
        return output

    def test_one_list_is_enough(self):
        self.check(1.0, 1, "--bandwidth", "1G", "--guarantee", "0.99", "--lists", "3")

    def test_two_of_three_carry_it(self):
        output = self.check(1.5, 3, "--bandwidth", "2G", "--guarantee", "0.999", "--lists", "3")
        self.assertEqual([p["weight"] for p in output["path"]], [1, 1, 1])

    def test_two_lists_reserve_it_twice(self):
        self.check(2.0, 2, "--bandwidth", "2G", "--guarantee", "0.9999", "--lists", "2")

    def test_bandwidth_is_split_where_no_path_has_it(self):
        self.check(1.0, 2, "--bandwidth", "8G", "--guarantee", "0.98", "--lists", "2")
        self.check(1.0, 3, "--bandwidth", "10G", "--guarantee", "0.98", "--lists", "8")

    def test_probability_is_read_as_people_say_it(self):
        told = {json.dumps(answer("--bandwidth", "1G", "--lists", "2", "--guarantee", p)[1])
                for p in ("0.9999", "99.99%", "4nines", "4 nines")}
        self.assertEqual(len(told), 1)

    def test_table_tells_weights_and_gamma(self):
        status, out, _ = run("--bandwidth", "2G", "--guarantee", "3nines", "--lists", "3", form="table")
        self.assertEqual(status, 0)
        for words in ("weight", "reserved", "1 Gbit/s", "reserved 3 Gbit/s, gamma 1.5, the least there is"):
            self.assertIn(words, out)

    def test_impossible_is_told_with_what_is_possible(self):
        status, output, _ = answer("--bandwidth", "4G", "--guarantee", "0.99999", "--lists", "3")
        none = output["no-path"]
        self.assertEqual((status, none["reason"]), (1, "guarantee"))
        self.assertLess(float(none["best-probability"]), 0.99999)
        most = int(none["best"])
        status, output, _ = answer("--bandwidth", str(most), "--guarantee", "0.99999", "--lists", "3")
        self.assertEqual(status, 0, output)
        status, output, _ = answer("--bandwidth", str(most + 1000), "--guarantee", "0.99999", "--lists", "3")
        self.assertEqual(status, 1, output)
        text = answer("--bandwidth", "2G", "--guarantee", "0.999")[1]["no-path"]["text"]
        self.assertIn("2 lists can do it", text)

    def test_what_makes_no_sense_is_bad_input(self):
        ask = ["--bandwidth", "1G", "--guarantee", "0.99"]
        for words, sentence in [(["--bandwidth", "1G", "--guarantee", "1.5"], "not a probability"),
                                (["--bandwidth", "1G", "--guarantee", "99.9"], "not a probability"),
                                (["--bandwidth", "1G", "--guarantee", "-1"], "not a probability"),
                                (["--bandwidth", "1G", "--guarantee", "0"], "asks for nothing"),
                                (["--guarantee", "0.9"], "needs the --bandwidth"), (["--lists", "2"], "--guarantee"),
                                (ask + ["--lists", "0"], "1 to 8"), (ask + ["--lists", "9"], "1 to 8"),
                                (ask + ["--lists", "two"], "not a number"),
                                (ask + ["--disjoint", "link"], "--disjoint"), (ask + ["--k", "2"], "--k"),
                                (["--diverse"], "--k"), (["--max-delay", "0"], "never be met"),
                                (["--k", "0"], "never be met"), (["--budget", "0"], "never be met")]:
            status, out, messages = run(*words)
            self.assertEqual((status, out), (2, ""), words)
            self.assertIn(sentence, messages.splitlines()[0])
            self.assertNotIn("internal", messages)


if __name__ == "__main__":
    unittest.main()
