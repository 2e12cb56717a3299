#!/usr/bin/env python3
"""The online verbs of karst against the API over the real service: results, exit status, JSON."""
import json
import os
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from probe import BUILD, SOURCE, WAIT, Probe, Stream  # noqa: E402

KARST = os.path.join(BUILD, "karst")


THREE = """
karst-intent:intents:
  intent:
  - {id: video, from: r1, to: r5, objective: bandwidth, bandwidth-bps: 4000000000}
  - {id: agency, from: r1, to: r5, objective: availability, bandwidth-bps: 50000000, priority: 1,
     constraints: {disjoint: node}}
  - {id: conference, from: r1, to: r5, objective: delay, bandwidth-bps: 200000000, bidirectional: true}
"""


class Cli(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.p = Probe("tls", "auth")

    @classmethod
    def tearDownClass(cls):
        assert cls.p.end() == 0, "the server did not end cleanly"

    def environment(self, **changes):
        environment = dict(os.environ, KARST_SERVER=self.p.url(),
                           KARST_TOKEN_FILE=os.path.join(self.p.folder, "first-token"),
                           KARST_CA=self.p.certificate())
        environment.setdefault("KARST_YANG_PATH", os.path.join(SOURCE, "models/yang"))
        environment.update(changes)
        return environment

    def karst(self, *words, stdin=None, **changes):
        done = subprocess.run([KARST] + list(words), input=stdin, capture_output=True, text=True,
                              timeout=WAIT, env=self.environment(**changes))
        return done.returncode, done.stdout, done.stderr

    def ok(self, *words, **more):
        status, out, err = self.karst(*words, **more)
        self.assertEqual(status, 0, err)
        return out

    def fails(self, want, *words, **more):
        status, out, err = self.karst(*words, **more)
        self.assertEqual(status, want, (words, out, err))
        self.assertTrue(err or want == 1, words)
        return out, err

    def setUp(self):
        self.addCleanup(self.remove_all)

    def remove_all(self):
        listed = json.loads(self.ok("intent", "list", "-o", "json"))
        for intent in listed["karst-intent:intents"].get("intent", []):
            self.karst("intent", "delete", intent["id"])

    def put(self, text, *more):
        return self.karst("intent", "put", "-", *more, stdin=text)

    def test_status_shows_feeds(self):
        out = self.ok("status")
        self.assertRegex(out, r"nodes +5")
        self.assertRegex(out, r"file +synced")
        self.assertEqual(json.loads(self.ok("status", "-o", "json"))["karst-operations:operations"]["status"]["nodes"], 5)

    def test_intents_of_a_file_are_put_shown_and_deleted(self):
        out = self.ok("intent", "put", "-", stdin=THREE)
        self.assertEqual(out, "video created\nagency created\nconference created\n")
        out = self.ok("intent", "list")
        self.assertEqual([line.split()[0] for line in out.splitlines()],
                         ["intent", "agency", "conference", "video"])
        self.assertRegex(self.ok("intent", "get", "video"), r"video +r1 +r5 +bandwidth +4 Gbit/s")
        one = json.loads(self.ok("intent", "get", "video", "-o", "json"))["karst-intent:intent"]
        self.assertEqual(one[0]["bandwidth-bps"], "4000000000")
        out = self.ok("policy", "list")
        self.assertEqual([line.split()[0] for line in out.splitlines()],
                         ["policy", "agency", "conference", "conference~", "video"])
        self.assertRegex(out, r"r1 > r2 > r4 > r5")
        out = self.ok("policy", "get", "agency")
        self.assertRegex(out, r"headend +r1")
        self.assertEqual(out.count("r1 > "), 2)  # primary and backup
        self.assertRegex(out, r"stored +\S+ (us|ms)")
        self.assertEqual(len(json.loads(self.ok("policy", "list", "-o", "json"))["karst-policy:policies"]["policy"]), 4)
        out = self.ok("intent", "put", "-", stdin=THREE.replace("4000", "3000"))
        self.assertEqual(out.splitlines()[0], "video changed")
        self.assertEqual(self.ok("intent", "delete", "video"), "video deleted\n")
        self.fails(2, "intent", "delete", "video")
        self.fails(2, "intent", "get", "video")

    def test_put_with_json_shows_what_was_made(self):
        status, out, _ = self.put("karst-intent:intents:\n  intent:\n  - {id: j, from: r1, to: r5}\n",
                                  "-o", "json")
        self.assertEqual(status, 0)
        self.assertEqual(json.loads(out)["karst-intent:intent"][0]["policy"], ["j"])

    def test_refused_intent_is_1_and_the_others_are_put(self):
        status, out, err = self.put("karst-intent:intents:\n  intent:\n"
                                    "  - {id: a, from: r1, to: r5}\n"
                                    "  - {id: b, from: r1, to: r5, bandwidth-bps: 900000000000}\n"
                                    "  - {id: c, from: r1, to: r5}\n")
        self.assertEqual(status, 1)
        self.assertEqual(out, "a created\nc created\n")
        self.assertIn("b: ", err)

    def test_dry_run_puts_nothing(self):
        text = "karst-intent:intents:\n  intent:\n  - {id: d, from: r1, to: r5}\n"
        self.assertEqual(self.put(text, "--dry-run")[:2], (0, "d could be done\n"))
        out = self.put(text, "-n", "-o", "json")[1]
        self.assertTrue(json.loads(out)["karst-path:output"]["path"][0]["link"])
        self.fails(2, "intent", "get", "d")

    def test_bad_input_is_2_and_says_where(self):
        _, err = self.fails(2, "intent", "put", "-", stdin="karst-intent:intents:\n  intent:\n  - {id: a, from: r1}\n")
        self.assertIn("to", err)
        _, err = self.fails(2, "intent", "put", "-",
                            stdin="karst-intent:intents:\n  intent:\n  - id: a\n    from: r1\n    to: r5\n    priority: 12\n")
        self.assertIn("line 6", err)
        _, err = self.fails(2, "intent", "put", "-", stdin="karst-intent:intents:\n  intent:\n  - {id: a, from: r1, to: rX}\n")
        self.assertIn("rX", err)
        huge = "karst-intent:intents: {intent: [{id: a, from: r1, to: r5, description: \"%s\"}]}"
        _, err = self.fails(2, "intent", "put", "-", stdin=" " * 100000000)
        self.assertIn("longer", err)
        self.fails(2, "intent", "put", "-", stdin=huge % ("x" * 9000000))
        for words in [["intent"], ["intent", "put"], ["intent", "frob", "x"], ["policy"], ["policy", "get"],
                      ["status", "x"], ["intent", "put", "/nonexistent"], ["events", "--count", "0"],
                      ["path"], ["path", "--from", "r1", "--to", "r1"], ["path", "--from", "r1", "--to", "rX"],
                      ["topology", "-o", "xml"], ["frobnicate"],
                      ["status", "--server", "ftp://x"], ["status", "--token-file", "/nonexistent"],
                      ["status", "--ca", "/nonexistent"]]:
            self.fails(2, *words)

    def test_topology_is_shown(self):
        out = self.ok("topology")
        self.assertRegex(out, r"r1--r2 +r1 +r2 +10 +30 +3 ms +10 Gbit/s")
        self.assertEqual(len(json.loads(self.ok("topology", "-o", "json"))["karst-topology:topology"]["link"]), 16)

    def test_path_is_the_same_as_offline(self):
        for demand in [["--objective", "delay"], ["--objective", "bandwidth"], ["--objective", "availability"],
                       ["--objective", "te", "--avoid-link", "r1,r3"], ["--disjoint", "node"], ["--avoid-link", "r1--r3,r3--r5"], ["--avoid-node", "r3"], ["--bandwidth", "5G"]]:
            words = ["path", "--from", "r1", "--to", "r5", "-o", "json"] + demand
            online = json.loads(self.ok(*words))
            offline = json.loads(self.ok(*(words + [os.path.join(SOURCE, "examples/triangle/topology.yaml")])))
            self.assertEqual(online, offline, demand)
        self.assertRegex(self.ok("path", "--from", "r1", "--to", "r5", "--objective", "delay"), r"r1 > r3 > r5")
        for demand in [["--bandwidth", "1G", "--guarantee", "6nines", "--lists", "4"], ["--k", "4"],
                       ["--k", "3", "--diverse"], ["--via", "r4"], ["--via", "r4", "--via", "r2", "--k", "2"],
                       ["--co-routed"], ["--co-routed", "--bandwidth", "2G", "--k", "3"],
                       ["--disjoint", "link"], ["--disjoint", "srlg"], ["--disjoint", "availability"],
                       ["--objective", "te", "--max-te", "75"], ["--max-hops", "2"], ["--budget", "100"],
                       ["--bandwidth", "2G", "--guarantee", "0.99", "--lists", "2", "--via", "r2"]]:
            words = ["path", "--from", "r1", "--to", "r5", "-o", "json"] + demand
            online = json.loads(self.ok(*words))
            offline = json.loads(self.ok(*(words + [os.path.join(SOURCE, "examples/triangle/topology.yaml")])))
            for output in online, offline:  # the daemon's lists end at a node, where a service may follow
                for path in output["karst-path:output"]["path"]:
                    self.assertTrue(path.pop("segment"))
            self.assertEqual(online, offline, demand)
        for demand, words in [(["--guarantee", "6nines", "--lists", "4"], "gamma 3"), (["--lists", "2"], "--guarantee"),
                              (["--guarantee", "0.9", "--k", "2"], "--k"), (["--guarantee", "6nines"], "3 lists")]:
            status, out, err = self.karst("path", "--from", "r1", "--to", "r5", "--bandwidth", "1G", *demand)
            self.assertIn(words, out + err)
            self.assertEqual(status, {"gamma 3": 0, "3 lists": 1}.get(words, 2))

    def test_intent_with_a_guarantee_has_a_row_for_each_list(self):
        text = ("karst-intent:intents:\n  intent:\n"
                "  - {id: g, from: r1, to: r5, bandwidth-bps: 2000000000, guarantee: 0.999, max-lists: 3}\n")
        self.ok("intent", "put", "-", stdin=text)
        shown = self.ok("policy", "get", "g")
        for word in "share-1", "share-2", "share-3", "1 Gbit/s":
            self.assertIn(word, shown)
        self.ok("intent", "delete", "g")

    def test_many_intents_are_applied_as_one(self):
        one = "  - {id: %s, from: r1, to: %s, bandwidth-bps: %s}\n"
        head = "karst-intent:intents:\n  intent:\n"
        good = one % ("m1", "r5", "1000000") + one % ("m2", "r4", "2000000")
        huge = one % ("m3", "r5", "900000000000") + one % ("m4", "nowhere", "1")
        status, out, err = self.karst("intent", "apply", "-", stdin=head + good + huge)
        self.assertIn(status, [1, 2])
        for word in "m3", "900 Gbit/s", "m4", "nowhere":
            self.assertIn(word, err)
        self.assertNotIn("m1", self.ok("intent", "list"))
        self.assertIn("2 of 2 could be", self.ok("intent", "apply", "-", "--dry-run", stdin=head + good))
        self.assertNotIn("m1", self.ok("intent", "list"))
        status, out, err = self.karst("intent", "apply", "-", "--partly", "--best-first", stdin=head + huge + good)
        self.assertEqual((status, out), (1, "2 of 4 applied\n"), err)
        self.assertIn("m4", err)
        self.assertIn("2 of 2 applied", self.ok("intent", "apply", "-", stdin=head + good))
        listed = self.ok("intent", "list")
        for intent in "m1", "m2":
            self.assertIn(intent, listed)
            self.ok("intent", "delete", intent)
        self.fails(2, "intent", "apply", "-", stdin=head + good + good)

    def test_path_that_is_not_there_is_1(self):
        status, out, _ = self.karst("path", "--from", "r1", "--to", "r5", "--bandwidth", "900G")
        self.assertEqual(status, 1)
        self.assertTrue(out.strip())
        status, out, _ = self.karst("path", "--from", "r1", "--to", "r5", "--bandwidth", "900G", "-o", "json")
        self.assertEqual(status, 1)
        self.assertEqual(json.loads(out)["karst-path:output"]["no-path"]["reason"], "bandwidth")

    def test_daemon_out_of_reach_is_3_and_says_why(self):
        for changes, word in [({"KARST_SERVER": "https://localhost:1"}, "connect"),
                              ({"KARST_SERVER": "https://no.such.host.invalid:1"}, "connect"),
                              ({"KARST_SERVER": self.p.url().replace("https", "http")}, ""),
                              ({"KARST_CA": os.path.join(SOURCE, "tests/northbound/other-ca.pem")}, "trusted")]:
            _, err = self.fails(3, "status", **changes)
            self.assertIn(word, err)
        with tempfile.NamedTemporaryFile("w") as f:
            f.write("wrong\n")
            f.flush()
            _, err = self.fails(3, "status", KARST_TOKEN_FILE=f.name)
            self.assertIn("token", err)

    def test_events_are_followed(self):
        child = subprocess.Popen([KARST, "events", "--count", "2", "-o", "json"], stdout=subprocess.PIPE,
                                 env=self.environment(), text=True)
        self.p.until("the stream", lambda: b"karst_event_streams 1" in self.p.ask("GET", "/metrics").body)
        self.put("karst-intent:intents:\n  intent:\n  - {id: e, from: r1, to: r5}\n")
        out, _ = child.communicate(timeout=WAIT)
        self.assertEqual(child.returncode, 0)
        notes = [json.loads(line)["ietf-restconf:notification"] for line in out.splitlines()]
        self.assertEqual(len(notes), 2)
        self.assertTrue(any("karst-events:intent-state" in n for n in notes))
        out = self.ok("events", "--after", "0", "--count", "2")
        self.assertEqual(len(out.splitlines()), 2)
        self.assertRegex(out, r"^\d{4}-\d\d-\d\dT")
        out = self.ok("events", "--after", "0", "--count", str(len(self.stream())))
        self.assertRegex(out, r"intent-state +e +(admitted|degraded)")
        self.assertRegex(out, r"policy-change +e +pending")

    def stream(self):
        """All events that are kept."""
        s = Stream(self.p, Last_Event_ID="0")
        number = lambda: int([x for x in self.p.ask("GET", "/metrics").body.decode().splitlines()
                              if x.startswith("karst_events_total ")][0].split()[1])
        self.p.until("all events", lambda: len(s.events) >= number())
        s.close()
        return s.events


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0]] + sys.argv[1:])
