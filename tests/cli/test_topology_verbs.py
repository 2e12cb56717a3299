#!/usr/bin/env python3
"""karst topology check, convert and analyse: what they print, and the exit status."""
import json
import os
import subprocess
import tempfile
import unittest

KARST = os.path.join(os.environ.get("KARST_BUILDDIR", "build"), "karst")
CSV = """from,to,name,directed,igp-metric,delay-us,srlg
A,B,ab,false,10,100,duct
B,C,bc,false,10,200,
C,A,ca,false,10,300,duct
C,D,cd,false,10,400,
"""
GML = """graph [
  node [ id 0 label "one" ]
  node [ id 1 label "two" ]
  edge [ source 0 target 1 LinkSpeedRaw 1000000000.0 ]
]
"""


def karst(text, *words):
    run = subprocess.run([KARST, *words], input=text.encode(), capture_output=True, timeout=60)
    return run.returncode, run.stdout.decode(), run.stderr.decode()


class Check(unittest.TestCase):
    def test_good_file(self):
        status, out, _ = karst(GML, "topology", "check", "-")
        self.assertEqual(status, 0)
        self.assertIn("-: gml, 2 nodes, 2 links, 1 island", out)
        self.assertIn("igp-metric: 1 is assumed", out)

    def test_json_holds_all_names(self):
        status, out, err = karst(GML, "topology", "check", "-", "-o", "json")
        answer = json.loads(out)
        self.assertEqual((status, err), (0, ""))
        self.assertEqual((answer["valid"], answer["format"], answer["errors"]), (True, "gml", []))
        metric = [a for a in answer["assumed"] if a["leaf"] == "igp-metric"][0]
        self.assertEqual((metric["object"], metric["count"], metric["names"]), ("link", 2, ["0-1", "0-1~"]))

    def test_bad_file_is_status_1_with_line(self):
        bad = GML.replace("target 1", "target 7")
        status, out, err = karst(bad, "topology", "check", "-")
        self.assertEqual((status, err), (1, ""))
        self.assertIn("error: line 4: edge: there is no node 7", out)
        status, out, _ = karst(bad, "topology", "check", "-", "-o", "json")
        self.assertEqual((status, json.loads(out)["valid"]), (1, False))
        self.assertEqual(json.loads(out)["errors"], [{"what": "edge: there is no node 7", "line": 4}])

    def test_file_that_is_not_there_is_status_2(self):
        self.assertEqual(karst("", "topology", "check", "no/such/file")[0], 2)

    def test_format_can_be_forced(self):
        status, out, _ = karst(GML, "topology", "check", "-", "--format", "csv")
        self.assertEqual(status, 1)
        self.assertIn("header", out)
        self.assertEqual(karst(GML, "topology", "check", "-", "--format", "tla")[0], 2)

    def test_warnings(self):
        answer = json.loads(karst("from,to\nA,B\nC,\n", "topology", "check", "-", "-o", "json")[1])
        said = {w["what"]: w["names"] for w in answer["warnings"]}
        self.assertEqual(answer["islands"], 2)
        self.assertEqual(said["one way only: no link leads back"], ["A-B"])
        self.assertEqual(said["cut off from the largest of 2 islands: no path leads there"], ["C"])


class Convert(unittest.TestCase):
    def test_every_format_is_the_same_network_for_path(self):
        wanted = None
        for name in ("yaml", "json", "graphml", "csv", "rfc8345"):
            status, out, err = karst(CSV, "topology", "convert", "-", "-o", name)
            self.assertEqual(status, 0, err)
            status, path, err = karst(out, "path", "-", "--from", "A", "--to", "D", "--objective", "delay", "-o",
                                      "json")
            self.assertEqual(status, 0, err)
            links = json.loads(path)["karst-path:output"]["path"][0]["link"]
            wanted = wanted or links
            self.assertEqual((name, links), (name, wanted))
            status, out, err = karst(out, "whatif", "-", "--intents", self.intents, "--fail", "link:ab")
            self.assertEqual(status, 0, err)

    def setUp(self):
        handle, self.intents = tempfile.mkstemp()
        os.write(handle, b"intents:\n  intent: [{id: i, from: A, to: D, objective: delay}]\n")
        os.close(handle)

    def tearDown(self):
        os.remove(self.intents)

    def test_losses_go_to_standard_error(self):
        status, out, err = karst(GML, "topology", "convert", "-", "-o", "csv")
        self.assertEqual(status, 0)
        self.assertIn("lost: label of 2 nodes: csv has no place for it", err)
        self.assertIn("assumed: igp-metric", err)
        self.assertNotIn("assumed", out)

    def test_format_that_is_only_read(self):
        status, out, err = karst(GML, "topology", "convert", "-", "-o", "gml")
        self.assertEqual((status, out), (2, ""))
        self.assertIn("read and not written", err)

    def test_bad_file_is_status_2(self):
        self.assertEqual(karst("graph [", "topology", "convert", "-")[:2], (2, ""))
        self.assertEqual(karst("<svg/>", "topology", "convert", "-")[:2], (2, ""))


class Analyse(unittest.TestCase):
    def test_json(self):
        status, out, err = karst(CSV, "topology", "analyse", "-", "-o", "json")
        answer = json.loads(out)
        self.assertEqual(status, 0, err)
        self.assertEqual([b["links"] for b in answer["bridges"]], [["cd", "cd~"]])
        self.assertEqual(answer["bridges"][0]["cuts-off"], 1)
        self.assertEqual([p["node"] for p in answer["articulation-points"]], ["C"])
        self.assertEqual(answer["two-edge-cut-pairs"], 3)
        self.assertEqual(len(answer["two-edge-cuts"]), 3)
        self.assertEqual([(r["name"], r["cuts-off"]) for r in answer["shared-risks"]], [("duct", 1)])
        self.assertEqual(answer["diameter"]["delay-us"], 700)
        self.assertEqual(answer["betweenness"]["nodes"][0]["node"], "C")

    def test_table(self):
        status, out, _ = karst(CSV, "topology", "analyse", "-", "--top", "1")
        self.assertEqual(status, 0)
        for words in ("bridges: 1", "articulation points: 1", "two-edge cuts: 3", "duct", "diameter in delay: 700 us"):
            self.assertIn(words, out)

    def test_nothing(self):
        status, out, _ = karst("topology: {}", "topology", "analyse", "-", "-o", "json")
        self.assertEqual((status, json.loads(out)["diameter"]), (0, None))


if __name__ == "__main__":
    unittest.main()
