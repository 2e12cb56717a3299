#!/usr/bin/env python3
"""Odd but legal forms of a topology file, and those that are refused: what is read, and the exit status."""
import json
import os
import select
import subprocess
import tempfile
import unittest

KARST = os.path.join(os.environ.get("KARST_BUILDDIR", "build"), "karst")
BLOCK = """karst-topology:topology:
  node: [{name: a}, {name: c}]
  link: [{name: ac, from: a, to: c, igp-metric: 10}]
"""
GRAPHML = '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">%s</graphml>'


def karst(text, *words):
    """Runs `karst path -` with text on standard input; status, answer (JSON) or None, messages."""
    run = subprocess.run([KARST, "path", "-", *words, "-o", "json"], input=text.encode(), capture_output=True,
                         timeout=60)
    out = run.stdout.decode()
    return run.returncode, json.loads(out)["karst-path:output"] if out else None, run.stderr.decode()


class Forms(unittest.TestCase):
    def check_path(self, text, nodes=("a", "c")):
        status, output, messages = karst(text, "--from", nodes[0], "--to", nodes[-1])
        self.assertEqual(status, 0, messages)
        self.assertEqual(output["path"][0]["node"], list(nodes))

    def check_refused(self, text, words, *options):
        status, output, messages = karst(text, *(options or ("--from", "a", "--to", "c")))
        self.assertEqual((status, output), (2, None), messages)
        self.assertIn(words, messages)

    def test_forms_of_one_text_are_one_network(self):
        flow = "{karst-topology:topology: {node: [{name: a}, {name: c}], link: [{name: ac, from: a, to: c}]}}"
        for text in (BLOCK, BLOCK.replace("\n", "\r\n"), "\ufeff" + BLOCK, "# words\n---\n" + BLOCK + "...\n", flow,
                     "\n  " + flow, BLOCK + "---\n", BLOCK + "...\n# the end\n"):
            self.check_path(text)

    def test_second_document_is_refused_not_dropped(self):
        self.check_refused(BLOCK + "---\n" + BLOCK, "line 5: a second YAML document")
        self.check_refused("---\n" + BLOCK + "...\n" + BLOCK, "a second YAML document")

    def test_names_beyond_the_basic_plane_are_read_from_escapes(self):
        far = "c\U0001f600\\u\U0001f600"
        topology = {"node": [{"name": "a\\ud83d\\ude00"}, {"name": far}],
                    "link": [{"name": "l", "from": "a\\ud83d\\ude00", "to": far}]}
        text = json.dumps({"karst-topology:topology": topology})
        self.assertIn("\\ud83d\\ude00", text)
        self.check_path(text, ("a\\ud83d\\ude00", far))

    def test_half_a_pair_is_refused(self):
        for name in ("\\ud83d", "\\ude00", "\\ude00\\ud83d", "\\ud83dx"):
            self.check_refused('{"karst-topology:topology": {"node": [{"name": "a%s"}]}}' % name, "node")

    def test_foreign_format_is_bad_input_not_no_answer(self):
        self.check_refused("<gexf/>", "of XML formats GraphML and SNDlib's network are read")
        self.check_refused("<!DOCTYPE graphml>" + GRAPHML % "<graph/>", "DTD")
        self.check_refused(GRAPHML % "<graph/><graph/>", "one graph")

    def test_intents_of_a_foreign_format_are_bad_input(self):
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
            file.write(BLOCK)
            file.flush()
            run = subprocess.run([KARST, "whatif", file.name, "--intents", "-", "--fail", "node:a"], input=b"<gexf/>",
                                 capture_output=True, timeout=60)
        self.assertEqual((run.returncode, run.stdout), (2, b""), run.stderr)

    def test_label_of_two_nodes_is_told(self):
        nodes = "".join(f'<node id="{i}"><data key="l">Paris</data></node>' for i in range(2))
        key = '<key id="l" for="node" attr.name="label" attr.type="string"/>'
        self.check_refused(GRAPHML % f"{key}<graph>{nodes}</graph>", "label of several nodes", "--from", "Paris",
                           "--to", "1")


class Words(unittest.TestCase):
    def test_file_may_stand_behind_two_dashes(self):
        for words in (["--from", "a", "--to", "c", "--", "-"], ["--from=a", "--to=c", "-ojson", "--", "-"]):
            run = subprocess.run([KARST, "path", *words], input=BLOCK.encode(), capture_output=True, timeout=60)
            self.assertEqual(run.returncode, 0, run.stderr)

    def test_version_and_help_are_answers(self):
        for word, start in (("--version", b"karst "), ("--help", b"usage:"), ("help", b"usage:")):
            run = subprocess.run([KARST, word], capture_output=True, timeout=60)
            self.assertEqual((run.returncode, run.stderr), (0, b""))
            self.assertTrue(run.stdout.startswith(start), run.stdout)


class Reasons(unittest.TestCase):
    def reason(self, links, *options):
        topology = {"node": [{"name": n} for n in "abc"],
                    "link": [{"name": n, "from": n[0], "to": n[1], **leaves} for n, leaves in links.items()]}
        status, output, messages = karst(json.dumps({"karst-topology:topology": topology}), "--from", "a", "--to", "c",
                                         *options)
        self.assertEqual(status, 1, messages)
        return output["no-path"]

    def test_links_without_te_metric_are_not_blamed_on_overload(self):
        none = {"te-metric": 0xFFFFFFFF, "capacity-bps": "1000"}
        links = {"ab": {"capacity-bps": "1000"}, "bc": {"capacity-bps": "1000"}, "ac": none}
        answer = self.reason({"ac": none}, "--objective", "te")
        self.assertEqual(answer["reason"], "disconnected")
        self.assertIn("with a TE metric", answer["text"])
        answer = self.reason(links, "--objective", "te", "--max-hops", "1")
        self.assertEqual((answer["reason"], answer["best"]), ("hops", "2"))
        # ac is wide enough, but cannot be had for this objective
        links["ac"] = dict(none, **{"capacity-bps": "9000"})
        answer = self.reason(links, "--objective", "te", "--bandwidth", "5000")
        self.assertEqual((answer["reason"], answer["best"]), ("bandwidth", "1000"))


class Decoder(unittest.TestCase):
    def test_answer_comes_before_the_next_question(self):
        with subprocess.Popen([KARST, "bgpls", "decode", "--kind", "attr"], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE) as run:
            run.stdin.write(b"0447000300000a\n")
            run.stdin.flush()
            ready, _, _ = select.select([run.stdout], [], [], 30)
            self.assertTrue(ready, "the answer waits for the end of the input")
            self.assertEqual(json.loads(run.stdout.readline())["attr"], {"igp_metric": 10})
            run.stdin.close()
            self.assertEqual(run.wait(), 0)


if __name__ == "__main__":
    unittest.main()
