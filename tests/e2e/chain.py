"""What the end-to-end tests share: a running chain (feed, karstd, routers) on the triangle, raw requests to its API, and
what it shows, by short names.
"""
import http.client
import json
import os
import shutil
import ssl
import sys
import tempfile
import time
import traceback
import xml.etree.ElementTree as ET

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "lab"))
import emulation

SOURCE = os.path.abspath(os.environ.get("KARST_SRCDIR", os.path.join(HERE, "..", "..")))
BUILD = os.path.abspath(os.environ.get("KARST_BUILDDIR", os.path.join(SOURCE, "build")))
TRIANGLE = os.path.join(SOURCE, "examples", "triangle", "topology.yaml")
NS = "{urn:karst:yang:karst-device}"


class Skip(Exception):
    """Something is lacking; the text says what."""


def require(capability, there, text):
    """Skips the test when something is lacking, unless KARST_REQUIRE names it: then it fails."""
    if there:
        return
    if capability in os.environ.get("KARST_REQUIRE", "").split(","):
        raise emulation.Fault(f"{capability} is required: {text}")
    raise Skip(text)


def check(condition, text):
    if not condition:
        raise emulation.Fault(text)


def equal(got, wanted, what):
    check(got == wanted, f"{what}: {got!r}, not {wanted!r}")


class Chain(emulation.Emulation):
    """The emulation with the words that tests need."""

    def __init__(self, name, topology=TRIANGLE, **options):
        super().__init__(topology, tempfile.mkdtemp(prefix=f"karst-{name}-"), BUILD, SOURCE, **options)

    def start(self):
        self.start_routers()
        self.start_speaker()
        self.write_config()
        self.start_karstd()
        self.wait_ready()
        return self

    # --- what it shows ---

    def status(self):
        return self.karst("status", "-o", "json")["karst-operations:operations"]

    def feed(self, name="lab"):
        return next((f for f in self.status().get("feed", []) if f["name"] == name), {})

    def device(self, name):
        return next(d for d in self.status()["device"] if d["name"] == name)

    def alarms(self):
        return {(a["object"], a["type"]): a for a in self.status().get("alarm", [])}

    def policies(self):
        answer = self.karst("policy", "list", "-o", "json")
        return {p["id"]: p for p in answer.get("karst-policy:policies", {}).get("policy", [])}

    def intents(self):
        answer = self.karst("intent", "list", "-o", "json")
        return {i["id"]: i for i in answer.get("karst-intent:intents", {}).get("intent", [])}

    def links_of(self, policy_id):
        """The links of a policy's first candidate path."""
        return self.policies()[policy_id]["candidate-path"][0].get("link", [])

    def policy_of(self, intent):
        found = [p for p in self.policies().values() if p["intent"] == intent]
        check(len(found) == 1, f"{len(found)} policies for {intent}")
        return found[0]

    # --- waiting ---

    def is_ready(self):
        s = self.status()
        feeds = [f for f in s.get("feed", []) if f["name"].startswith("lab")]
        return (all(d.get("connected") for d in s.get("device", [])) and feeds and
                all(f.get("synced") for f in feeds))

    def wait_ready(self):
        self.wait("feed and routers", self.is_ready, 30)

    def wait_state(self, intent, state, seconds=20):
        return self.wait(f"{intent} {state}", lambda: self.policy_of(intent)["state"] == state and
                         self.policy_of(intent), seconds)

    def wait_path(self, intent, links, seconds=20):
        def there():
            p = self.policy_of(intent)
            return p["state"] == "active" and p["candidate-path"][0].get("link") == links
        try:
            self.wait(f"{intent} over {links}", there, seconds)
        except emulation.Fault as fault:
            p = self.policy_of(intent)
            raise emulation.Fault(f"{fault} (it is {p['state']}, {p.get('reason')}, over {p['candidate-path'][0].get('link')})")

    # --- asking ---

    def connection(self, timeout=120):
        context = ssl.create_default_context(cafile=os.path.join(self.state, "api-cert.pem"))
        return http.client.HTTPSConnection("127.0.0.1", self.api_port, timeout=timeout, context=context)

    def token(self):
        with open(os.path.join(self.state, "first-token"), encoding="ascii") as f:
            return f.read().strip()

    def request(self, method, path, body=None, headers=None, token=None):
        """One request; (status, headers, body as JSON or text)."""
        c = self.connection()
        sent = {"Authorization": f"Bearer {token or self.token()}", "Content-Type": "application/yang-data+json"}
        sent.update(headers or {})
        try:
            c.request(method, path, json.dumps(body) if isinstance(body, dict) else body, sent)
            answer = c.getresponse()
            text = answer.read().decode()
            kept = {k.lower(): v for k, v in answer.getheaders()}
            return answer.status, kept, json.loads(text) if text and "json" in kept.get("content-type", "") else text
        finally:
            c.close()

    def put(self, name, query="", headers=None, **leaves):
        intent = {"id": name, **leaves}
        return self.request("PUT", f"/restconf/data/karst-intent:intents/intent={name}{query}",
                            {"karst-intent:intent": [intent]}, headers)

    def put_good(self, name, **leaves):
        status, _, body = self.put(name, **leaves)
        check(status in (201, 204, 200), f"PUT {name}: {status} {body}")

    def delete(self, name):
        return self.request("DELETE", f"/restconf/data/karst-intent:intents/intent={name}")

    # --- the other ends ---

    def say(self, line):
        """One control line of the BGP-LS speaker; the microseconds when it acted."""
        self.speaker.drain()
        self.speaker.tell(line)
        words = line.split()
        _, answer = self.speaker.expect(lambda l: " ".join(words[:2]) in l or " error " in l, 5)
        check(" error " not in answer, answer)
        return int(answer.split()[0])

    def order(self, line):
        """One control line of the routers; its answer."""
        self.routers.tell(line)
        head = " ".join(line.split()[:2])
        _, answer = self.routers.expect(lambda l: l.startswith((f"ok {head}", "error")), 10)
        check(not answer.startswith("error"), f"{line}: {answer}")
        return answer

    def held(self, router, store="running"):
        """What a router holds, asked past NETCONF: list of (is it Karst's, bytes)."""
        answer = self.order(f"show {router} {store}")
        root = ET.fromstring("<all>" + answer[answer.index("<"):] + "</all>") if "<" in answer else ET.Element("all")
        return [((p.findtext(NS + "name") or "").startswith("karst-"), ET.tostring(p)) for p in root.iter(NS + "policy")]

    def foreign(self):
        return {n: [b for ours, b in self.held(n) if not ours] for n in self.nodes}

    def ours(self):
        return {n: [b for ours, b in self.held(n) if ours] for n in self.nodes}


def error_of(body):
    """The first error of an RFC 8040 error body."""
    return body["ietf-restconf:errors"]["error"][0]


def run(name, steps, prepare=None, kind=Chain, **options):
    """Runs the steps one after the other on one chain; the exit status of a test. prepare sees it before its start."""
    net = None
    try:
        net = kind(name, **options)
        if prepare:
            prepare(net)
        net.start()
        others = net.foreign()
        check(all(others.values()), "each router should begin with a policy that is not Karst's")
        for step in steps:
            at = time.monotonic()
            step(net)
            print(f"ok {step.__name__.replace('_', ' ')} ({time.monotonic() - at:.1f} s)", flush=True)
        equal(net.foreign(), others, "policies that are not Karst's")
        equal(net.stop(), 0, "karstd's exit status")
        shutil.rmtree(net.folder, ignore_errors=True)  # what is mounted inside goes with the test
        return 0
    except Skip as skip:
        print(f"skipped: {skip}")
        return 77
    except (emulation.Fault, OSError, KeyError, ValueError) as fault:
        traceback.print_exc()
        print(f"FAILED: {fault}; files in {net.folder if net else 'no folder'}")
        return 1
    finally:
        if net and (net.karstd or net.routers):
            net.stop()
