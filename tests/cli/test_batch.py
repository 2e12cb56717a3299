#!/usr/bin/env python3
"""karst path FILE --batch: the answers of single calls, in order, for any number of threads and any form of the requests."""
import json
import os
import random
import subprocess
import tempfile
import unittest

BUILD = os.environ.get("KARST_BUILDDIR", "build")
KARST = os.path.join(BUILD, "karst")
SOURCE = os.environ.get("KARST_SRCDIR", ".")
TRIANGLE = os.path.join(SOURCE, "examples", "triangle", "topology.yaml")
PROVINCE = os.path.join(SOURCE, "examples", "guangxi", "topology.yaml")


def karst(*words, stdin=""):
    run = subprocess.run([KARST, "path", *words], input=stdin, capture_output=True, text=True, timeout=120)
    return run.returncode, run.stdout, run.stderr


def options(request):
    """The options of a single call that mean the same."""
    out = ["--from", request["from"], "--to", request["to"], "--objective", request["objective"]]
    if "bandwidth-bps" in request:
        out += ["--bandwidth", request["bandwidth-bps"]]
    if "disjoint" in request.get("constraints", {}):
        out += ["--disjoint", request["constraints"]["disjoint"]]
    if "count" in request:
        out += ["--k", str(request["count"])]
    return out


def draw(nodes, n, seed):
    """Requests of which many share a target, a source, or both."""
    rng = random.Random(seed)
    hubs = rng.sample(nodes, 2)
    out = []
    while len(out) < n:
        ends = [rng.choice(nodes), rng.choice(hubs) if rng.random() < 0.6 else rng.choice(nodes)]
        if rng.random() < 0.3:
            ends.reverse()
        request = {"from": ends[0], "to": ends[1],
                   "objective": rng.choice(["igp", "igp", "igp", "te", "delay", "bandwidth", "availability"])}
        if rng.random() < 0.2:
            request["bandwidth-bps"] = str(rng.choice([1, 5, 50]) * 10**9)
        if rng.random() < 0.1:
            request["constraints"] = {"disjoint": rng.choice(["link", "node", "srlg"])}
        elif rng.random() < 0.1:
            request["count"] = rng.choice([2, 3])
        if ends[0] != ends[1]:
            out.append(request)
    return out


def node_names(file):
    out = subprocess.run([KARST, "topology", file, "-o", "json"], capture_output=True, text=True, check=True).stdout
    return [n["name"] for n in json.loads(out)["karst-topology:topology"]["node"]]


class Batch(unittest.TestCase):
    def batch(self, file, text, *words):
        status, out, messages = karst(file, "--batch", "-", "-o", "json", *words, stdin=text)
        self.assertIn(status, (0, 1), messages)
        return status, out

    def test_answers_are_those_of_single_calls(self):
        requests = draw(node_names(TRIANGLE), 60, 1)
        single = [karst(TRIANGLE, "-o", "json", *options(r)) for r in requests]
        status, out = self.batch(TRIANGLE, "\n".join(map(json.dumps, requests)))
        self.assertEqual(out.splitlines(), [s[1].strip() for s in single])
        self.assertEqual(status, max(s[0] for s in single))

    def test_threads_order_and_form_do_not_matter(self):
        requests = draw(node_names(PROVINCE), 1500, 2)
        status, out = self.batch(PROVINCE, json.dumps(requests), "--threads", "1")
        answers = out.splitlines()
        self.assertEqual(len(answers), len(requests))
        place = list(range(len(requests)))
        random.Random(3).shuffle(place)
        shuffled = "\n".join(json.dumps({"karst-path:input": requests[i]}, indent=1) for i in place)
        for threads in ("2", "3"):
            self.assertEqual(self.batch(PROVINCE, json.dumps(requests), "--threads", threads), (status, out))
            self.assertEqual(self.batch(PROVINCE, shuffled, "--threads", threads),
                             (status, "".join(answers[i] + "\n" for i in place)))

    def test_table_has_a_row_for_each_route_and_reason(self):
        requests = [{"from": "r1", "to": "r5", "count": 2}, {"from": "r1", "to": "r5", "bandwidth-bps": "20000000000"}]
        status, out, messages = karst(TRIANGLE, "--batch", "-", stdin=json.dumps(requests))
        self.assertEqual(status, 1, messages)
        self.assertEqual([line.split()[0] for line in out.splitlines()], ["request", "1", "1", "2"])
        self.assertIn("the widest has 10 Gbit/s", out.splitlines()[3])

    def test_nothing_is_asked(self):
        self.assertEqual(self.batch(TRIANGLE, "[]"), (0, ""))
        self.assertEqual(self.batch(TRIANGLE, " [ ] \n"), (0, ""))

    def test_requests_come_from_a_file_too(self):
        with tempfile.NamedTemporaryFile("w", suffix=".json") as f:
            f.write('{"from": "r1", "to": "r5"}')
            f.flush()
            status, out, messages = karst(TRIANGLE, "--batch", f.name, "-o", "json")
            self.assertEqual(status, 0, messages)
            with open(TRIANGLE, encoding="utf-8") as network:
                self.assertEqual(karst("-", "--batch", f.name, "-o", "json", stdin=network.read())[1], out)

    def refused(self, text, words, *more, file=TRIANGLE):
        status, out, messages = karst(file, *(more or ("--batch", "-")), stdin=text)
        self.assertEqual((status, out), (2, ""), messages)
        self.assertIn(words, messages)

    def test_faults_name_the_request_and_nothing_is_printed(self):
        good = '{"from": "r1", "to": "r5"}'
        self.refused(f"{good}\n\n{good}\n{{\"from\": \"r1\", \"to\": \"r9\"}}\n", 'request 3 (line 4): no node is called "r9"')
        self.refused(f"[{good}, {{\"from\": \"r1\"}}]", "request 2 (line 1): ")
        self.refused(f"[{good}, {{\"from\": \"r1\", \"to\": \"r1\"}}]", "request 2 (line 1): ")
        self.refused(f'{good} {{"from": "r1", "way": "r5"}}', "request 2 (line 1): ")
        self.refused(good + "{", "request 2 (line 1): the object does not end")
        self.refused('{"from": "r1", "to": "\\"}', "request 1 (line 1): the object does not end")
        self.refused(f"[{good}\n{good}]", "line 2: '{' where a comma or the end of the list should be")
        self.refused(f"[{good},]", "request 2 (line 1): ']' where an object should begin")
        self.refused(f"[{good}", "line 1: the list does not end")
        self.refused(f"[{good}] 7", "'7' behind the end of the list")
        self.refused("from r1 to r5", "request 1 (line 1): 'f' where an object should begin")
        self.refused(" \n ", "there is no request")

    def test_words_that_contradict_are_refused(self):
        self.refused("[]", "stand in the requests", "--batch", "-", "--from", "r1")
        self.refused("[]", "no number from 1 to", "--batch", "-", "--threads", "0")
        self.refused("[]", "no number from 1 to", "--batch", "-", "--threads", "two")
        self.refused("", "--threads goes with --batch", "--from", "r1", "--to", "r5", "--threads", "2")
        self.refused("", "cannot both be standard input", "--batch", "-", file="-")
        status, out, messages = karst("--batch", "-")
        self.assertEqual((status, out), (2, ""))
        self.assertIn("FILE", messages)


if __name__ == "__main__":
    unittest.main()
